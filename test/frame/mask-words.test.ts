/** Holds that both ways of XORing by words do what the plain way does, and write nothing else. */

import { describe, expect, it } from 'vitest'
import { readMaskKey } from '../../src/frame/mask.ts'
import { xorWords, xorWords32, xorWords64 } from '../../src/frame/mask-words.ts'
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

describe.each([
  ['xorWords32', xorWords32],
  ['xorWords64', xorWords64],
  ['xorWords', xorWords],
])('%s', (_, xor) => {
  it('agrees with the plain way at every alignment and length', () => {
    for (const length of lengths)
      for (let offset = 0; offset < 8; offset++) {
        // An array that begins anywhere in its buffer, and a payload that begins anywhere in the array.
        const bytes = new Uint8Array(new ArrayBuffer(length + 32), offset, length + 16).map((_, i) => i * 7)
        const view = new Uint8Array(bytes.buffer, bytes.byteOffset)
        const expected = plain(view, offset, length)
        xor(view, offset, length, key)
        if (Buffer.compare(view, expected) !== 0) expect([length, offset, view]).toEqual([length, offset, expected])
      }
  })
  it('takes a view of a larger buffer, and leaves what is beside it', () => {
    for (let start = 0; start < 16; start++) {
      const whole = pattern(2100)
      const expected = plain(whole, start, 2048)
      xor(whole.subarray(start, start + 2048), 0, 2048, key)
      expect(Buffer.compare(whole, expected)).toBe(0)
    }
  })
})
