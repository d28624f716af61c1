/**
 * The DEFLATE parser that checks compressors, tested on the examples of RFC 7692 §7.2.3 and the output of zlib.
 *
 * @module
 */

import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { deflate, noise, textAt } from './codecs.ts'
import { readDeflate } from './deflate-reader.ts'

const { Z_FIXED, Z_HUFFMAN_ONLY } = zlib.constants

test.each([
  ['f248cdc9c907 00 0000ffff', { blocks: { stored: 1, fixed: 1, dynamic: 0 }, literals: 5, matches: 0, outputSize: 5 }],
  ['f2001100 00 0000ffff', { literals: 1, matches: 1, largestDistance: 5, outputSize: 5 }],
  ['000500faff48656c6c6f 00 0000ffff', { blocks: { stored: 2, fixed: 0, dynamic: 0 }, outputSize: 5, final: false }],
  ['f348cdc9c90700 ffff', { literals: 5, final: true, consumed: 7 }],
])('%s', (hex, report) => {
  expect(readDeflate(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toMatchObject(report)
})

test.each([1, 9, 6])('what zlib writes at level %i', (level) => {
  for (const windowBits of [9, 12, 15])
    for (const strategy of [0, Z_FIXED, Z_HUFFMAN_ONLY])
      for (const input of [textAt(0, 50_000), noise(50_000), new Uint8Array(50_000)]) {
        const report = readDeflate(zlib.deflateRawSync(input, { level, windowBits, strategy }))
        expect(report).toMatchObject({ outputSize: 50_000, final: true })
        expect(report.largestDistance).toBeLessThanOrEqual(2 ** windowBits)
        expect(report.matches > 0).toBe(report.largestDistance > 0)
      }
})

describe('errors', () => {
  const data = deflate(textAt(0, 2000), true)

  test('cut short', () => {
    for (let size = 1; size < data.length; size++) expect(() => readDeflate(data.subarray(0, size))).toThrow()
  })

  test('invalid block type, mismatched lengths', () => {
    expect(() => readDeflate(Uint8Array.of(7))).toThrow('type 3')
    expect(() => readDeflate(Uint8Array.of(0, 1, 0, 1, 0))).toThrow('differ')
  })
})
