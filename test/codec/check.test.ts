/**
 * The test that decides whether `node:zlib`'s streams can be used, and the codecs' checks of their settings.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { passes, streamsWork } from '../../src/codec/zlib-stream.ts'
import type { Compressor, Decompressed, Decompressor, DeflateCodec } from '../../src/deflate/codec.ts'
import { codecs, none, textAt, usual } from './codecs.ts'

test.each(codecs)('%s passes', (name, codec) => {
  expect(passes(codec)).toBe(true)
  expect(name.startsWith(codec.name)).toBe(true)
  expect(codec.minWindowBits).toBe(8)
})

test('every supported Node has the streams', () => {
  expect(streamsWork()).toBe(true)
  expect(zlib.createCompressor(usual).compress(textAt(0, 500), none, false).length).toBeLessThan(500)
  zlib.createDecompressor(15).close()
})

describe.each([
  ['pako', pako],
  ['zlib', zlib],
])('%s refuses', (_, codec) => {
  test.each<[settings: unknown, kind: typeof TypeError, message: string]>([
    [undefined, TypeError, 'the settings of a compressor must be an object, not undefined'],
    [{ level: 6, memLevel: 8 }, TypeError, '`windowBits` must be a whole number from 8 to 15, not undefined'],
    [{ ...usual, windowBits: 16 }, RangeError, '`windowBits` must be a whole number from 8 to 15, not 16'],
    [{ ...usual, level: '6' }, TypeError, '`level` must be a whole number from -1 to 9, not "6"'],
    [{ ...usual, memLevel: 0 }, RangeError, '`memLevel` must be a whole number from 1 to 9, not 0'],
  ])('compressor settings %j', (settings, kind, message) => {
    expect(() => codec.createCompressor(settings as never)).toThrow(kind)
    expect(() => codec.createCompressor(settings as never)).toThrow(message)
  })

  test('a decompressor with an invalid window', () => {
    const message = '`windowBits` must be a whole number from 8 to 15, not undefined'
    expect(() => codec.createDecompressor(undefined as never)).toThrow(new TypeError(message))
    expect(() => codec.createDecompressor(7)).toThrow(RangeError)
  })
})

describe('a broken codec does not pass', () => {
  const [, sound] = codecs[1] ?? []
  if (sound === undefined) throw new Error('there are three')

  /** The codec of kept streams, with one fault. */
  function broken(change: {
    compress?: (own: Compressor) => Compressor['compress']
    decompress?: (own: Decompressor) => Decompressor['decompress']
    start?: (own: Decompressor) => Decompressor['start']
  }): DeflateCodec {
    return {
      ...(sound as DeflateCodec),
      createCompressor(settings) {
        const own = (sound as DeflateCodec).createCompressor(settings)
        const compress = change.compress?.(own) ?? own.compress.bind(own)
        return { compress, close: () => own.close() }
      },
      createDecompressor(windowBits) {
        const own = (sound as DeflateCodec).createDecompressor(windowBits)
        const decompress = change.decompress?.(own) ?? own.decompress.bind(own)
        return { decompress, start: change.start?.(own) ?? own.start.bind(own), close: () => own.close() }
      },
    }
  }
  const answers =
    (change: (step: Decompressed) => Decompressed) =>
    (own: Decompressor) =>
    (input: Uint8Array, remaining: number, wanted?: number) =>
      change(own.decompress(input, remaining, wanted))

  test.each<[string, DeflateCodec]>([
    ['throws', broken({ compress: () => () => expect.fail('as if there were no handle') })],
    [
      'writes wrong bytes',
      broken({
        compress:
          (own) =>
          (...given) =>
            own.compress(...given).map((byte) => byte ^ 1),
      }),
    ],
    ['forgets its window', broken({ start: (own) => () => own.start(none) })],
    ['hides corrupt data', broken({ decompress: answers((step) => ({ ...step, status: 'more' })) })],
    [
      'hides the end',
      broken({ decompress: answers((step) => ({ ...step, status: step.status === 'ended' ? 'more' : step.status })) }),
    ],
    ['miscounts', broken({ decompress: answers((step) => ({ ...step, consumed: step.consumed + 1 })) })],
    ['loses output', broken({ decompress: answers((step) => ({ ...step, output: step.output.slice(1) })) })],
    [
      'loses output where it pauses',
      broken({
        decompress: answers((step) => (step.status === 'paused' ? { ...step, output: step.output.slice(1) } : step)),
      }),
    ],
    ['has no limit', broken({ decompress: (own) => (input) => own.decompress(input, 1e9) })],
  ])('one that %s', (_, codec) => {
    expect(passes(broken({}))).toBe(true)
    expect(passes(codec)).toBe(false)
  })
})
