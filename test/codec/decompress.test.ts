/**
 * What every codec's decompressor must do, and that all do the same for valid data, invalid data and too much data.
 *
 * @module
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zlibOneShot } from '../../src/codec/zlib-one-shot.ts'
import { columns, long, runs } from '../share.ts'
import { codecs, concat, cutTail, deflate, END, noise, none, readMessage, same, textAt, usual } from './codecs.ts'

const LIMIT = 1_000_000
const text = textAt(20_000, 700)
const compressed = cutTail(deflate(text))

describe.each(codecs)('%s', (_, codec) => {
  const begin = (window: Uint8Array = none, windowBits = 15) => {
    const decompressor = codec.createDecompressor(windowBits)
    decompressor.start(window)
    return decompressor
  }

  test('reads consecutive messages of zlib, and reports their end', () => {
    const decompressor = begin()
    for (const size of [1, 2, 100, 1024, 16_384, 16_385, 65_536, 500_000])
      for (const message of [textAt(1000, size), noise(size), new Uint8Array(size)]) {
        decompressor.start(none)
        const { status, consumed, output } = readMessage(decompressor, [cutTail(deflate(message))], LIMIT)
        expect({ status, consumed }).toEqual({ status: 'ended', consumed: END })
        expect(same(output, message)).toBe(true)
        expect(output.buffer.byteLength).toBe(output.length)
      }
  })

  test('an empty message, an empty input', () => {
    const decompressor = begin()
    expect(decompressor.decompress(none, 0)).toEqual({ status: 'more', consumed: 0, output: new Uint8Array(0) })
    expect(readMessage(decompressor, [Uint8Array.of(0)], 0)).toMatchObject({ status: 'ended', consumed: 9 })
  })

  test('after a window of any size', () => {
    for (const windowBits of [8, 9, 12, 15])
      for (const size of [1, 255, 256, 2 ** windowBits, 2 ** windowBits + 1]) {
        const window = textAt(90_000, size)
        const message = window.slice(-200)
        const last = window.subarray(-Math.min(size, 2 ** windowBits))
        const decompressor = begin(noise(100), windowBits)
        decompressor.start(window)
        const { status, output } = readMessage(decompressor, [cutTail(deflate(message, false, last))], LIMIT)
        expect(status).toBe('ended')
        expect(output).toEqual(message)
      }
  })

  test('a reference to before the window is corrupt, even if there was an earlier window', () => {
    const data = deflate(text, false, text)
    const decompressor = begin(text)
    expect(readMessage(decompressor, [cutTail(data)], LIMIT).output).toEqual(text)
    for (const window of [none, text.subarray(-200)]) {
      decompressor.start(window)
      expect(decompressor.decompress(data, LIMIT)).toMatchObject({ status: 'corrupt', output: none })
    }
  })

  test('split anywhere, in two and in many pieces', () => {
    const decompressor = begin()
    for (const cut of columns(0, compressed.length + 1, 4)) {
      decompressor.start(none)
      const { status, output } = readMessage(
        decompressor,
        [compressed.subarray(0, cut), compressed.subarray(cut)],
        LIMIT,
      )
      expect(status).toBe('ended')
      expect(output).toEqual(text)
    }
    decompressor.start(none)
    expect(
      readMessage(
        decompressor,
        [...compressed].map((byte) => Uint8Array.of(byte)),
        LIMIT,
      ).output,
    ).toEqual(text)
  })

  test('truncated anywhere, it does not end properly', () => {
    const decompressor = begin()
    for (const size of columns(1, compressed.length, 4)) {
      if (size === 0) continue
      decompressor.start(none)
      const { status, consumed, output } = readMessage(decompressor, [compressed.subarray(0, size)], LIMIT)
      // A clean end is possible only at a block's boundary.
      const sound = status === 'ended' && consumed === END
      if (sound) expect(output).toEqual(text.subarray(0, output.length))
      expect(sound).toBe(false)
    }
  })

  test('final blocks: what follows is not read, and the end is reported with the next input at the latest', () => {
    const data = deflate(text, true)
    const junk = noise(50)
    for (const input of [concat(data, junk), data]) {
      const decompressor = begin()
      const step = decompressor.decompress(input, LIMIT)
      expect(step.consumed).toBe(data.length)
      expect(step.output).toEqual(text)
      if (input !== data) expect(step.status).toBe('ended')
      expect(decompressor.decompress(junk, LIMIT)).toMatchObject({ status: 'ended', consumed: 0, output: none })
    }
    const decompressor = begin()
    decompressor.decompress(data.subarray(0, 100), LIMIT)
    expect(decompressor.decompress(concat(data.subarray(100), junk), LIMIT)).toMatchObject({
      status: 'ended',
      consumed: data.length - 100,
    })
  })

  test('the limit: exactly enough, and one byte too little', () => {
    for (const size of [1, 1024, 5000, 16_383, 16_384, 16_385, 40_000, 100_000])
      for (const message of [textAt(0, size), new Uint8Array(size)]) {
        const data = deflate(message)
        const step = begin().decompress(data, size)
        expect(step.status).toBe('more')
        expect(same(step.output, message)).toBe(true)
        expect(begin().decompress(data, size - 1)).toMatchObject({ status: 'limit', output: none })
        expect(same(begin(message).decompress(data, size).output, message)).toBe(true)
      }
  })

  test('pauses at the wanted size, if it can, and continues with the unconsumed input', () => {
    const message = textAt(30_000, 50_000)
    const data = deflate(message)
    for (const wanted of [0, 1, 100, 5000, 16_384, 20_000, 49_999, 50_000, 60_000]) {
      const decompressor = begin()
      const outputs: Uint8Array[] = []
      let rest = data
      for (let most = wanted; ; most = Math.max(wanted, 1000)) {
        const step = decompressor.decompress(rest, LIMIT, most)
        outputs.push(step.output)
        if (step.status !== 'paused') {
          expect(step.status).toBe('more')
          break
        }
        expect(step.output.length).toBe(most)
        rest = rest.subarray(step.consumed)
      }
      expect(same(concat(...outputs), message)).toBe(true)
      const paused = wanted < message.length && codec !== zlibOneShot
      expect(outputs.length > 1).toBe(paused)
    }
  })

  test('`start` forgets the window and the byte read ahead of a pause', () => {
    const decompressor = begin()
    decompressor.decompress(deflate(text), LIMIT, 10)
    decompressor.start(none)
    expect(readMessage(decompressor, [compressed], LIMIT)).toMatchObject({ status: 'ended', output: text })
    decompressor.start(none)
    decompressor.decompress(deflate(text), LIMIT, 10)
    decompressor.close()
    decompressor.start(none)
    expect(readMessage(decompressor, [compressed], LIMIT)).toMatchObject({ status: 'ended', output: text })
  })

  test('stops a bomb at the limit', () => {
    const bomb = deflate(new Uint8Array(long ? 200_000_000 : 50_000_000))
    const before = process.memoryUsage()
    const step = begin().decompress(bomb, 1_000_000)
    const after = process.memoryUsage()
    expect(step).toMatchObject({ status: 'limit', output: none })
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8_000_000)
  })

  test('works again after every error', () => {
    const decompressor = begin()
    for (const [input, remaining] of [
      [Uint8Array.of(7), LIMIT],
      [deflate(text), 10],
      [compressed.subarray(0, 50), LIMIT],
      [deflate(text, true), LIMIT],
    ] as const) {
      decompressor.start(none)
      decompressor.decompress(input, remaining)
      decompressor.start(none)
      expect(readMessage(decompressor, [compressed], LIMIT)).toMatchObject({ status: 'ended', output: text })
    }
    decompressor.close()
    decompressor.close()
    decompressor.start(none)
    expect(readMessage(decompressor, [compressed], LIMIT)).toMatchObject({ status: 'ended', output: text })
  })

  test('changes neither input nor window, and keeps neither', () => {
    const backing = concat(noise(7), text, compressed, noise(7))
    const window = backing.subarray(7, 7 + text.length)
    const input = backing.subarray(7 + text.length, -7)
    const copy = backing.slice()
    const decompressor = begin(window)
    const first = decompressor.decompress(input.subarray(0, 60), LIMIT)
    expect(backing).toEqual(copy)
    const rest = input.slice(60)
    backing.fill(0)
    expect(concat(first.output, readMessage(decompressor, [rest], LIMIT).output)).toEqual(text)
  })
})

describe('all codecs agree', () => {
  test('on damaged data', () => {
    const long = cutTail(deflate(textAt(40_000, 3000)))
    fc.assert(
      fc.property(fc.nat(long.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, whole) => {
        const damaged = long.slice()
        damaged[at] = (damaged[at] ?? 0) ^ flip
        const results = codecs.map(([, codec]) => {
          const decompressor = codec.createDecompressor(15)
          decompressor.start(none)
          const pieces = whole ? [damaged] : [damaged.subarray(0, at), damaged.subarray(at)]
          // Not `consumed`: an end that coincides with the input's may be reported by the next call.
          const { status, output } = readMessage(decompressor, pieces, 20_000)
          decompressor.close()
          return status === 'corrupt' || status === 'limit' ? { status } : { status, output }
        })
        expect(results[1]).toEqual(results[0])
        expect(results[2]).toEqual(results[0])
      }),
      { numRuns: runs(25, 300) },
    )
  })

  test('on streams that other codecs compressed, continued or restarted in any order', () => {
    const message = fc.tuple(fc.nat(9000), fc.integer({ min: 0, max: 3000 }), fc.boolean(), fc.nat(2))
    fc.assert(
      fc.property(fc.array(message, { minLength: 50, maxLength: 50 }), (list) => {
        const compressors = codecs.map(([, codec]) => codec.createCompressor(usual))
        const decompressors = codecs.map(([, codec]) => codec.createDecompressor(15))
        let window = none
        let last: number | undefined
        for (const [at, size, goesOn, by] of list) {
          const input = textAt(80_000 + at, size)
          const continues = goesOn && last === by
          const output = cutTail(compressors[by]?.compress(input, window, continues) ?? none)
          for (const decompressor of decompressors) {
            decompressor.start(window)
            const { status, output: read } = readMessage(decompressor, [output], LIMIT)
            expect(status).toBe('ended')
            expect(same(read, input)).toBe(true)
          }
          window = concat(window, input).subarray(-32_768)
          last = by
        }
        for (const one of [...compressors, ...decompressors]) one.close()
      }),
      { numRuns: runs(2, 5) },
    )
  })
})
