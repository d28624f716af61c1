/**
 * What every codec's compressor must do: produce what zlib reads, based on the given window and nothing else.
 *
 * @module
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { long, runs } from '../share.ts'
import { codecs, concat, inflate, noise, none, same, textAt, usual } from './codecs.ts'
import { readDeflate } from './deflate-reader.ts'

const sizes = [1, 2, 3, 4, 100, 1023, 1024, 1025, 4096, 4097, 16_383, 16_384, 16_385, 100_000]
if (long) sizes.push(1_000_000)

describe.each(codecs)('%s', (_, codec) => {
  test.each(sizes)('%i bytes of text and of noise, at every kind of level', (size) => {
    for (const input of [textAt(9999, size), noise(size), new Uint8Array(size)])
      for (const level of size < 100_000 ? [-1, 0, 1, 3, 9] : [-1, 0]) {
        const compressor = codec.createCompressor({ ...usual, level })
        const output = compressor.compress(input, none, false)
        expect([...output.subarray(-4)]).toEqual([0, 0, 0xff, 0xff])
        expect(same(inflate(output), input)).toBe(true)
        compressor.close()
      }
  })

  test('an empty input becomes an empty stored block, whatever came before', () => {
    const compressor = codec.createCompressor(usual)
    const text = textAt(0, 500)
    for (const [input, window, continues] of [
      [none, none, true],
      [text, none, true],
      [none, text, true],
      [none, text, false],
    ] as const) {
      const output = compressor.compress(input, window, continues)
      if (input === none) expect([...output]).toEqual([0, 0, 0, 0xff, 0xff])
    }
    // The window moved on without this compressor: it must not refer to the old one.
    const other = noise(500)
    compressor.compress(none, other, false)
    expect(inflate(compressor.compress(text, other, true), other)).toEqual(text)
  })

  test('returns its own output, changes neither input nor window, and respects view offsets', () => {
    const compressor = codec.createCompressor(usual)
    const backing = textAt(0, 3000)
    const [window, input] = [backing.subarray(100, 900), backing.subarray(901, 1700)]
    const copy = backing.slice()
    for (const continues of [false, true]) {
      const output = compressor.compress(input, window, continues)
      expect(output.byteOffset).toBe(0)
      expect(output.buffer.byteLength).toBe(output.length)
      expect(backing).toEqual(copy)
      output.fill(0)
    }
    // Overwritten after the call: the next message must not depend on it.
    const last = input.slice()
    const before = concat(window, input, input)
    backing.fill(0)
    const output = compressor.compress(last, before, true)
    expect(same(inflate(output, before), last)).toBe(true)
  })

  test('continues from its window, and shrinks by it', () => {
    for (const continues of [true, false]) {
      const compressor = codec.createCompressor(usual)
      const text = textAt(5000, 2000)
      const first = compressor.compress(text, none, true)
      const second = compressor.compress(text, text, continues)
      expect(second.length).toBeLessThan(first.length / 10)
      expect(inflate(second, text)).toEqual(text)
    }
  })

  test.each([8, 9, 10, 11, 12, 13, 14, 15])('references never leave a window of %i bits', (windowBits) => {
    const reach = 2 ** windowBits
    expect(windowBits).toBeGreaterThanOrEqual(codec.minWindowBits)
    const message = fc.record({
      // Parts of a text with gaps, so that there are matches at all distances.
      parts: fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 400 })), { minLength: 1, maxLength: 60 }),
      continues: fc.boolean(),
      empty: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    })
    const messages = fc.array(message, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(messages, fc.constantFrom(1, 6, 9), fc.constantFrom(1, 8, 9), (list, level, memLevel) => {
        const compressor = codec.createCompressor({ windowBits, level, memLevel })
        let all = none
        for (const { parts, continues, empty } of list) {
          const input = concat(...parts.map(([at, size]) => textAt(7000 + 100 * at, size)))
          const window = empty ? none : all.subarray(-reach)
          const output = compressor.compress(input, window, continues && !empty)
          expect(readDeflate(output).largestDistance).toBeLessThanOrEqual(reach)
          expect(same(inflate(output, window), input)).toBe(true)
          // An empty window starts a new stream.
          all = concat(empty ? none : all, input)
        }
        compressor.close()
      }),
      { numRuns: runs(2, 12) },
    )
  })

  test('a long stream of one window', () => {
    for (const windowBits of [8, 9, 12, 15]) {
      const compressor = codec.createCompressor({ windowBits, level: 6, memLevel: 8 })
      let all = none
      for (let index = 0; index < 50; index++) {
        const input = textAt(30_000 + 700 * (index % 20), 4000)
        const output = compressor.compress(input, all, index % 7 !== 3)
        expect(readDeflate(output).largestDistance).toBeLessThanOrEqual(2 ** windowBits)
        if (all.length > 0) expect(same(inflate(output, all), input)).toBe(true)
        all = concat(all, input).subarray(-(2 ** windowBits))
      }
    }
  })
})

describe.each(codecs)('%s leaks nothing', (_, codec) => {
  const secret = textAt(50_000, 3000)

  test('from one compressor to another', () => {
    const [one, other] = [codec.createCompressor(usual), codec.createCompressor(usual)]
    one.compress(secret, none, true)
    const output = other.compress(secret, none, true)
    expect(output).toEqual(codec.createCompressor(usual).compress(secret, none, true))
  })

  test('from earlier input to a message that does not continue it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5000), fc.integer({ min: 1, max: 6000 }), fc.boolean()), {
          minLength: 2,
          maxLength: 5,
        }),
        fc.constantFrom(8, 9, 12, 15),
        fc.constantFrom(0, 1, 3, 6, 9),
        (list, windowBits, level) => {
          const used = codec.createCompressor({ ...usual, windowBits, level })
          for (const [at, size, follows] of list) {
            const input = textAt(60_000 + at, size)
            const window = follows ? textAt(70_000 + at, 3000).subarray(-(2 ** windowBits)) : none
            const fresh = codec.createCompressor({ ...usual, windowBits, level })
            expect(same(used.compress(input, window, false), fresh.compress(input, window, false))).toBe(true)
            fresh.close()
          }
          used.close()
        },
      ),
      { numRuns: runs(4, 40) },
    )
  })

  // zlib's newer hash reads four bytes where three are left; the fourth is left over from before a reset.
  test('not even the byte after the end of the input', () => {
    const input = Buffer.from('zzabcS.0123456789-abc')
    const sizes = ['S', 'T'].map((secretByte) => {
      const compressor = codec.createCompressor(usual)
      const before = new Uint8Array(64).fill(0x2e)
      before[input.length] = secretByte.charCodeAt(0)
      compressor.compress(before, none, false)
      return compressor.compress(input, none, false).length
    })
    expect(new Set(sizes).size).toBe(1)
  })
})
