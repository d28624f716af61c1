/** How connections share compressors, recorded by a codec that compresses nothing. */

import { describe, expect, test } from 'vitest'
import type { CompressorSettings, DeflateCodec } from '../../src/deflate/codec.ts'
import { Compressors } from '../../src/deflate/compress.ts'
import { permessageDeflate } from '../../src/deflate/extension.ts'
import { none, paramsOf, send, utf8 } from './messages.ts'

/** Calls in order: `+1/15` created, `1>` continues (or is new), `1|3` restarts after three bytes, `-1` closed. */
function record(): { codec: DeflateCodec; calls: string[]; settings: CompressorSettings[]; fails: Set<number> } {
  const calls: string[] = []
  const settings: CompressorSettings[] = []
  const fails = new Set<number>()
  const codec: DeflateCodec = {
    name: 'recorder',
    minWindowBits: 8,
    createCompressor: (given) => {
      const id = settings.push(given)
      calls.push(`+${id}/${given.windowBits}`)
      return {
        compress: (_input, window, continues) => {
          calls.push(continues ? `${id}>` : `${id}|${window.length}`)
          if (fails.delete(id)) throw new Error('no memory')
          return Uint8Array.of(0, 0, 0, 0xff, 0xff)
        },
        close: () => void calls.push(`-${id}`),
      }
    },
    createDecompressor: () => {
      throw new Error('nothing is read here')
    },
  }
  return { codec, calls, settings, fails }
}

describe('the pool', () => {
  const input = utf8('input')
  const window = utf8('abc')
  const create = (most: number) => {
    const recorded = record()
    const compressors = new Compressors(recorded.codec, { level: 6, memLevel: 8 }, most)
    const compress = (user: unknown, bits = 15, before = window) => compressors.compress(user, bits, input, before)
    return { ...recorded, compressors, compress }
  }

  test('creates a compressor on demand, with the given settings', () => {
    const { compressors, compress, calls, settings } = create(2)
    expect(calls).toEqual([])
    compress('a', 11, none)
    expect(settings).toEqual([{ windowBits: 11, level: 6, memLevel: 8 }])
    compressors.release('a')
    expect(calls).toEqual(['+1/11', '1>', '-1'])
  })

  test('a compressor continues for the same user, and restarts from the window of another', () => {
    const { compress, calls } = create(1)
    for (const user of ['a', 'a', 'b', 'b', 'a']) compress(user)
    expect(calls).toEqual(['+1/15', '1|3', '1>', '1|3', '1>', '1|3'])
  })

  test('reassigns the least recently used compressor', () => {
    const { compress, calls } = create(2)
    for (const user of ['a', 'b', 'a', 'c', 'a', 'b', 'c']) compress(user)
    // The oldest is b when c comes, c when b comes, a when c comes.
    expect(calls).toEqual(['+1/15', '1|3', '+2/15', '2|3', '1>', '2|3', '1>', '2|3', '1|3'])
  })

  test('closes a compressor with another window size instead of reassigning it', () => {
    const { compress, calls } = create(2)
    compress('a', 15)
    compress('b', 12)
    compress('c', 12)
    compress('d', 12)
    expect(calls).toEqual(['+1/15', '1|3', '+2/12', '2|3', '-1', '+3/12', '3|3', '2|3'])
  })

  test('a disowned compressor restarts, but stays with its user', () => {
    const { compressors, compress, calls } = create(1)
    compress('a')
    compressors.disown('a')
    compress('a')
    compress('a')
    compressors.disown('nobody')
    expect(calls).toEqual(['+1/15', '1|3', '1|3', '1>'])
  })

  test('a compressor restarts after it threw', () => {
    const { compress, calls, fails } = create(1)
    compress('a')
    fails.add(1)
    expect(() => compress('a')).toThrow('no memory')
    compress('a')
    compress('a')
    expect(calls).toEqual(['+1/15', '1|3', '1>', '1|3', '1>'])
  })

  test('a compressor is closed once, by its last user, and frees its place in the pool', () => {
    const { compressors, compress, calls } = create(1)
    compress('a')
    compress('b')
    compressors.release('a')
    compress('b')
    compressors.release('b')
    compressors.release('b')
    compress('c')
    expect(calls).toEqual(['+1/15', '1|3', '1|3', '1>', '-1', '+2/15', '2|3'])
  })
})

describe('connections of one extension', () => {
  const long = utf8('a message that the recorder makes shorter')
  const extend = (maxCompressors: number) => {
    const recorded = record()
    const extension = permessageDeflate({ codec: recorded.codec, maxCompressors, threshold: 0, level: 3, memLevel: 4 })
    return {
      ...recorded,
      open: (bits: number, takesOver: boolean) => extension.open(paramsOf(bits, takesOver), 'server'),
    }
  }

  test('pass level, memLevel and the smaller window to the codec', () => {
    const { open, settings } = extend(1)
    send(open(10, true), [long])
    expect(settings).toEqual([{ windowBits: 10, level: 3, memLevel: 4 }])
  })

  test('share one compressor without context takeover, which starts fresh each time (RFC 7692 §7.1.1)', () => {
    const { open, calls } = extend(9)
    const [one, other] = [open(15, false), open(15, false)]
    for (const transform of [one, one, other, one]) send(transform, [long])
    expect(calls).toEqual(['+1/15', '1>', '1|0', '1|0', '1|0'])
    one.close?.()
    expect(calls.length).toBe(5)
  })

  test('have their own compressor for a message in pieces, and release it afterwards without context takeover', () => {
    const { open, calls } = extend(9)
    const transform = open(15, false)
    send(transform, [long, long, long])
    send(transform, [long, none])
    expect(calls).toEqual(['+1/15', '1>', '1>', '1>', '-1', '+2/15', '2>', '-2'])
  })

  test('restore their windows, without messages sent uncompressed (RFC 7692 §7.2.1)', () => {
    const { open, calls } = extend(1)
    const [one, other] = [open(15, true), open(15, true)]
    send(one, [long])
    send(one, [long], false)
    send(one, [long])
    // One byte does not shrink.
    send(one, [Uint8Array.of(1)])
    send(other, [long])
    send(one, [long])
    const size = long.length
    expect(calls).toEqual(['+1/15', '1>', '1>', '1>', '1|0', `1|${2 * size}`])
    one.close?.()
    other.close?.()
    expect(calls.at(-1)).toBe('-1')
    expect(calls.filter((call) => call.startsWith('-')).length).toBe(1)
  })

  test('restart if another connection compressed between two pieces', () => {
    const { open, calls } = extend(1)
    const [one, other] = [open(15, true), open(15, false)]
    const info = { opcode: 2, remaining: 0, wanted: Infinity }
    one.encode(long, { ...info, first: true, last: false })
    send(other, [long])
    one.encode(long, { ...info, first: false, last: true })
    expect(calls).toEqual(['+1/15', '1>', '1|0', `1|${long.length}`])
  })
})
