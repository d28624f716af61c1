/** Short ASCII is decoded as by the plain method, masked or not, and other text is not taken for ASCII. */

import { describe, expect, it } from 'vitest'
import { SHORT_TEXT, unmaskShortAscii } from '../../src/bytes/utf8.ts'

const keys = [
  [0, 0, 0, 0],
  [0x37, 0xfa, 0x21, 0x3d],
  [0xff, 0xff, 0xff, 0xff],
  [0x80, 0, 0, 1],
] as const

function masked(bytes: readonly number[], key: readonly number[]): Uint8Array {
  return Uint8Array.from([1, 2, 3, ...bytes.map((byte, i) => byte ^ (key[i % 4] as number)), 4, 5])
}

describe.each(keys)('a key of %i %i %i %i', (...octets) => {
  const key = Buffer.from(octets).readInt32BE()

  it('decodes every length and every character', () => {
    for (let size = 0; size <= SHORT_TEXT + 9; size++)
      for (let first = 0; first < 128; first += 5) {
        const units = Array.from({ length: size }, (_, i) => (first + i) & 0x7f)
        const text = unmaskShortAscii(masked(units, octets), 3, 3 + size, key)
        expect(text).toBe(String.fromCharCode(...units))
      }
  })
  it('rejects one byte that is not ASCII, at any position', () => {
    for (let size = 1; size <= SHORT_TEXT; size++)
      for (let at = 0; at < size; at++)
        for (const byte of [0x80, 0xc3, 0xff]) {
          const units = Array.from({ length: size }, (_, i) => (i === at ? byte : 0x41 + i))
          expect(unmaskShortAscii(masked(units, octets), 3, 3 + size, key)).toBeUndefined()
        }
  })
})
