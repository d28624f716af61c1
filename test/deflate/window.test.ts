/** The sliding window against a plain model that keeps everything and returns its end (RFC 7692 §7.1.1). */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SlidingWindow } from '../../src/deflate/window.ts'
import { runs } from '../share.ts'
import { concat, pattern } from '../wire.ts'
import { none } from './messages.ts'

describe('a sliding window', () => {
  test('is empty at first and after `clear`', () => {
    const window = new SlidingWindow(8)
    expect(window.view()).toEqual(new Uint8Array(0))
    window.append(none)
    expect(window.view()).toEqual(new Uint8Array(0))
    window.append(pattern(300))
    expect(window.view().length).toBe(256)
    window.clear()
    expect(window.view()).toEqual(new Uint8Array(0))
    window.append(Uint8Array.of(7))
    expect([...window.view()]).toEqual([7])
  })

  test('holds the last 2^bits bytes, in whatever pieces they were appended', () => {
    const sizes = fc.oneof(
      { weight: 6, arbitrary: fc.nat(60) },
      { weight: 2, arbitrary: fc.nat(700) },
      { weight: 1, arbitrary: fc.nat(3000) },
      // Around the size, and around the spare space.
      { weight: 2, arbitrary: fc.constantFrom(0, 31, 32, 33, 255, 256, 257, 287, 288, 289, 511, 512, 513, 1024) },
    )
    const steps = fc.array(
      fc.tuple(
        sizes,
        fc.nat(40).map((n) => n === 0),
      ),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 11 }), steps, (bits, list) => {
        const window = new SlidingWindow(bits)
        let all: Uint8Array = none
        let next = 0
        for (const [size, clears] of list) {
          const bytes = Uint8Array.from({ length: size }, () => (next = (next * 31 + 7) % 251))
          window.append(bytes)
          all = concat(all, bytes).subarray(-(2 ** bits))
          // Copied: later writes have no effect.
          bytes.fill(0)
          expect(Buffer.compare(window.view(), all)).toBe(0)
          if (clears) window.clear()
          if (clears) all = none
        }
      }),
      { numRuns: runs(80, 800) },
    )
  })

  test.each([8, 9, 10, 11, 12, 13, 14, 15])(
    'of %i bits, filled exactly, by one byte too many, and by far too much at once',
    (bits) => {
      const size = 2 ** bits
      for (const total of [size - 1, size, size + 1, size + size / 8, size + size / 8 + 1, 3 * size])
        for (const step of [size >> 3, size - 1, total]) {
          const window = new SlidingWindow(bits)
          const bytes = pattern(total)
          for (let at = 0; at < total; at += step) window.append(bytes.subarray(at, at + step))
          expect(Buffer.compare(window.view(), bytes.subarray(-size))).toBe(0)
        }
    },
  )

  test('uses at most its size and an eighth, and little memory for few bytes', () => {
    const window = new SlidingWindow(15)
    window.append(pattern(10))
    expect(window.view().buffer.byteLength).toBeLessThanOrEqual(256)
    for (let count = 0; count < 9000; count++) {
      window.append(pattern(count % 97))
      expect(window.view().buffer.byteLength).toBeLessThanOrEqual(36_864)
    }
    window.append(pattern(1_000_000))
    expect(window.view().buffer.byteLength).toBeLessThanOrEqual(36_864)
    window.clear()
    expect(window.view().buffer.byteLength).toBe(0)
  })
})
