/** Every fast method gives the same bytes as a plain loop, also when repeated, and writes nothing else. */

import { describe, expect, it } from 'vitest'
import { readInt32 } from '../../src/frame/header.ts'
import { maskOut } from '../../src/frame/mask.ts'
import { SCRATCH_SIZE, Words, xorThrough } from '../../src/frame/mask-words.ts'
import { KEY, pattern } from './vector.ts'

const key = readInt32(KEY, 0)

/** A copy, masked by a plain loop from `start` on. */
function plain(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const masked = bytes.slice()
  for (let i = 0; i < length; i++) masked[start + i] = (bytes[start + i] as number) ^ (KEY[i % 4] as number)
  return masked
}

const lengths = [
  ...Array.from({ length: 160 }, (_, i) => 16 + i),
  ...Array.from({ length: 20 }, (_, i) => 1014 + i),
  4099,
  65_537,
]

const ways = [
  ['by 32-bit words', (words: Words, start: number, length: number) => words.xor32(start, length, key)],
  ['by 64-bit words', (words: Words, start: number, length: number) => words.xor64(start, length, key)],
  ['by the fastest method', (words: Words, start: number, length: number) => words.xor(start, length, key)],
] as const

describe.each(ways)('Words XORs %s', (_, xorWords) => {
  const xor = (bytes: Uint8Array, start: number, length: number): void => xorWords(new Words(bytes), start, length)

  it('agrees with a plain loop at every alignment and length', () => {
    for (const length of lengths)
      for (let offset = 0; offset < 8; offset++) {
        // An array that begins anywhere in its buffer, and a payload that begins anywhere in the array.
        const bytes = new Uint8Array(new ArrayBuffer(length + 32), offset, length + 16).map((_, i) => i * 7)
        const view = new Uint8Array(bytes.buffer, bytes.byteOffset)
        const expected = plain(view, offset, length)
        xor(view, offset, length)
        if (Buffer.compare(view, expected) !== 0) expect([length, offset, view]).toEqual([length, offset, expected])
      }
  })
  it('accepts a view of a larger buffer, and leaves the rest of the buffer unchanged', () => {
    for (let start = 0; start < 16; start++) {
      const whole = pattern(2100)
      const expected = plain(whole, start, 2048)
      xor(whole.subarray(start, start + 2048), 0, 2048)
      expect(Buffer.compare(whole, expected)).toBe(0)
    }
  })
  it('reuses its word views', () => {
    const bytes = new Uint8Array(pattern(9000).buffer, 3)
    const expected = bytes.slice()
    const words = new Words(bytes)
    for (let at = 0, length = 16; at + length <= bytes.length; at += length + 6, length += 5) {
      xorWords(words, at, length)
      expected.set(plain(expected, at, length))
    }
    expect(Buffer.compare(bytes, expected)).toBe(0)
  })
})

describe('Words', () => {
  it('XORs any number of bytes, even none', () => {
    for (let length = 0; length < 300; length++) {
      const bytes = pattern(300)
      const expected = plain(bytes, 0, length)
      new Words(bytes).xor(0, length, key)
      expect(Buffer.compare(bytes, expected)).toBe(0)
    }
  })
  it('returns views of its bytes, wherever the array begins in its buffer', () => {
    const bytes = new Uint8Array(pattern(2000).buffer, 5, 1500)
    const view = new Words(bytes).view(7, 100)
    expect([view.buffer === bytes.buffer, view.byteOffset, view.length]).toEqual([true, 12, 100])
  })
})

const sizes = [...Array.from({ length: 300 }, (_, i) => i), 511, 512, 1023, 1024, 1025, SCRATCH_SIZE - 1, SCRATCH_SIZE]

/** A target of 0xaa after `bytes` have been written, XORed, from 3 on. */
function written(bytes: Uint8Array): Uint8Array {
  const target = new Uint8Array(bytes.length + 6).fill(0xaa)
  for (let i = 0; i < bytes.length; i++) target[3 + i] = (bytes[i] as number) ^ (KEY[i % 4] as number)
  return target
}

describe.each([
  ['xorThrough', xorThrough],
  ['maskOut', maskOut],
])('%s', (_, mask) => {
  it.each([0, 1, 5])('masks an array that begins at %i, without writing to it', (start) => {
    for (const size of [...sizes, ...sizes.toReversed()]) {
      const source = pattern(start + size + 9).subarray(start, start + size)
      const target = new Uint8Array(size + 6).fill(0xaa)
      mask(source, target, 3, key)
      expect(Buffer.compare(target, written(source))).toBe(0)
      expect(Buffer.compare(source, pattern(start + size).subarray(start))).toBe(0)
    }
  })
})
