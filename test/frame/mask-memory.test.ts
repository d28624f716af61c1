/** Holds that both ways of XORing by words do what the plain way does, once and again, and write nothing else. */

import { describe, expect, it } from 'vitest'
import { readMaskKey } from '../../src/frame/mask.ts'
import { Memory } from '../../src/frame/mask-memory.ts'
import { KEY, pattern } from './vector.ts'

const key = readMaskKey(KEY, 0)

/** The same array, masked the plain way from `start` on. */
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

const ways = ['xor32', 'xor64', 'xor'] as const

describe.each(ways)('Memory.%s', (way) => {
  const xor = (bytes: Uint8Array, start: number, length: number): void => new Memory(bytes)[way](start, length, key)

  it('agrees with the plain way at every alignment and length', () => {
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
  it('takes a view of a larger buffer, and leaves what is beside it', () => {
    for (let start = 0; start < 16; start++) {
      const whole = pattern(2100)
      const expected = plain(whole, start, 2048)
      xor(whole.subarray(start, start + 2048), 0, 2048)
      expect(Buffer.compare(whole, expected)).toBe(0)
    }
  })
  it('goes on in the words that it made', () => {
    const bytes = new Uint8Array(pattern(9000).buffer, 3)
    const expected = bytes.slice()
    const memory = new Memory(bytes)
    for (let at = 0, length = 16; at + length <= bytes.length; at += length + 6, length += 5) {
      memory[way](at, length, key)
      expected.set(plain(expected, at, length))
    }
    expect(Buffer.compare(bytes, expected)).toBe(0)
  })
})

describe('Memory', () => {
  it('XORs from no bytes on', () => {
    for (let length = 0; length < 300; length++) {
      const bytes = pattern(300)
      const expected = plain(bytes, 0, length)
      new Memory(bytes).xor(0, length, key)
      expect(Buffer.compare(bytes, expected)).toBe(0)
    }
  })
  it('shows its bytes, however the array lies in its buffer', () => {
    const bytes = new Uint8Array(pattern(2000).buffer, 5, 1500)
    const view = new Memory(bytes).view(7, 100)
    expect([view.buffer === bytes.buffer, view.byteOffset, view.length]).toEqual([true, 12, 100])
  })
})
