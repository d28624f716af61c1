/** Validating blocks gives the same result as validating single bytes, with an error at the same byte, wherever a block begins and ends. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scanUtf8, UTF8_START } from '../../src/bytes/utf8.ts'
import { BLOCK, skipBlocks } from '../../src/bytes/utf8-blocks.ts'
import { runs } from '../share.ts'
import { concat, hex } from '../wire.ts'

/** Validates byte by byte, so that no block is ever whole. */
function scanBytes(bytes: Uint8Array): number {
  let state = UTF8_START
  for (let at = 0; at < bytes.length; at++) {
    state = scanUtf8(bytes, at, at + 1, state)
    if (state < 0) return state
  }
  return state
}

/** Throws instead of calling `expect`, because there are many checks. */
function requireSame(bytes: Uint8Array): void {
  const [found, wanted] = [scanUtf8(bytes, 0, bytes.length, UTF8_START), scanBytes(bytes)]
  if (found !== wanted) throw new Error(`${Buffer.from(bytes).toString('hex')}: ${found} instead of ${wanted}`)
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('blocks', () => {
  it('validate every first byte, with a second byte at every border of a range, at every place in a block', () => {
    const seconds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
    const after = ['', '80', 'bf', '41', 'c0', '80 80', '80 7f', 'bf bf'].map(hex)
    for (let place = 0; place <= BLOCK; place++) {
      const before = text(`${'x'.repeat(place % 2)}${'ä'.repeat(place >> 1)}`)
      const bytes = concat(before, hex('00 00 00 00'), text('ä'.repeat(BLOCK)))
      for (const rest of after) {
        const tail = concat(rest, text('ä'.repeat(BLOCK)))
        bytes.set(tail.subarray(0, bytes.length - place - 2), place + 2)
        for (let lead = 0x80; lead < 0x100; lead++)
          for (const second of seconds) {
            bytes[place] = lead
            bytes[place + 1] = second
            requireSame(bytes)
          }
      }
    }
  })

  it('validate characters of all lengths as single bytes do', () => {
    const characters = [
      'a',
      'plain ASCII of more than two blocks',
      'ä',
      'п',
      '世',
      '\ud7ff',
      '\ue000',
      '👋',
      '\u{10ffff}',
    ].map(text)
    const wrong = ['80', 'c0', 'e4 b8', 'e0 9f bf', 'ed a0 80', 'f0 8f bf bf', 'f4 90 80 80', 'ff'].map(hex)
    const part = fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...characters) },
      { weight: 1, arbitrary: fc.constantFrom(...wrong) },
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), fc.nat(3), (parts, cut) => {
        const bytes = concat(...parts)
        requireSame(bytes.subarray(0, bytes.length - cut))
      }),
      { numRuns: runs(500, 10_000) },
    )
  })

  it('stop at the start of a character', () => {
    for (const [value, end] of [
      ['ä'.repeat(16), 32],
      ['ä'.repeat(15), 16],
      [`x${'ä'.repeat(15)}`, 15],
      ['世'.repeat(11), 30],
      [`ä${'👋'.repeat(8)}`, 30],
      [`${'ä'.repeat(8)}${'x'.repeat(64)}`, 48],
      ['ä'.repeat(7), 0],
    ] as const) {
      const bytes = text(value)
      expect(skipBlocks(bytes, 0, bytes.length), value).toBe(end)
    }
  })
})
