/** Holds that what goes through the shared buffer comes out as the plain way would have it, whatever went through before. */

import { describe, expect, it } from 'vitest'
import { maskOut, readMaskKey } from '../../src/frame/mask.ts'
import { encodeThrough, SCRATCH_SIZE, xorThrough } from '../../src/frame/mask-scratch.ts'
import { KEY, pattern } from './vector.ts'

const key = readMaskKey(KEY, 0)
const sizes = [...Array.from({ length: 300 }, (_, i) => i), 511, 512, 1023, 1024, 1025, SCRATCH_SIZE - 1, SCRATCH_SIZE]

/** What is to be seen of a target of 0xaa after `bytes` were written, XORed, from 3 on. */
function plain(bytes: Uint8Array): Uint8Array {
  const target = new Uint8Array(bytes.length + 6).fill(0xaa)
  for (let i = 0; i < bytes.length; i++) target[3 + i] = (bytes[i] as number) ^ (KEY[i % 4] as number)
  return target
}

describe.each([
  ['xorThrough', xorThrough],
  ['maskOut, which knows when to take it', maskOut],
])('%s', (_, mask) => {
  it.each([0, 1, 5])('masks an array that lies at %i, and reads it only', (start) => {
    for (const size of [...sizes, ...sizes.toReversed()]) {
      const source = pattern(start + size + 9).subarray(start, start + size)
      const target = new Uint8Array(size + 6).fill(0xaa)
      mask(source, target, 3, key)
      expect(Buffer.compare(target, plain(source))).toBe(0)
      expect(Buffer.compare(source, pattern(start + size).subarray(start))).toBe(0)
    }
  })
})

describe('encodeThrough', () => {
  it.each(['a', 'é', '€', '👋', '\ud800'])('masks texts of %j', (character) => {
    for (let count = 0; count <= 500; count += 7) {
      const text = character.repeat(count)
      const bytes = new TextEncoder().encode(text)
      const target = new Uint8Array(bytes.length + 6).fill(0xaa)
      encodeThrough(text, target, 3, bytes.length, key)
      expect(Buffer.compare(target, plain(bytes))).toBe(0)
    }
  })
})
