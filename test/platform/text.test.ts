/** Tests of the adapter for the platform's UTF-8: a BOM is kept, invalid input becomes U+FFFD, no state remains between calls. */

import { expect, it } from 'vitest'
import { decodeUtf8, decodeUtf8Strictly, encodeUtf8, encodeUtf8Into } from '../../src/platform/text.ts'

it.each(['', 'a', 'é', '€', '\u{1f600}', '\ufeffa', '\0'])('%j survives a round trip', (text) => {
  expect([...encodeUtf8(text)]).toEqual([...Buffer.from(text)])
  expect(decodeUtf8(Buffer.from(text))).toBe(text)
})
it('invalid input becomes U+FFFD', () => {
  expect([...encodeUtf8('\ud800')]).toEqual([0xef, 0xbf, 0xbd])
  expect(decodeUtf8(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\ufffdb')
})
it('a truncated character does not affect the next call', () => {
  expect(decodeUtf8(Uint8Array.of(0xe2, 0x82))).toBe('\ufffd')
  expect(decodeUtf8(Uint8Array.of(0x61))).toBe('a')
})
it('encodeUtf8 returns a new array', () => {
  expect(encodeUtf8('a').buffer).not.toBe(encodeUtf8('a').buffer)
})
it('encodeUtf8Into stops before a character that does not fit', () => {
  const target = new Uint8Array(4)
  expect(encodeUtf8Into('a€€', target)).toBe(4)
  expect([...target]).toEqual([0x61, 0xe2, 0x82, 0xac])
  expect(encodeUtf8Into('€', target.subarray(0, 2))).toBe(0)
  expect(encodeUtf8Into('é', target.subarray(1))).toBe(2)
  expect([...target]).toEqual([0x61, 0xc3, 0xa9, 0xac])
})
it('decodeUtf8Strictly distinguishes a U+FFFD that was sent from invalid bytes', () => {
  for (const text of ['', 'a', '\ufffd', 'a\ufffdb', '\ufeffa', '€'.repeat(400)])
    expect(decodeUtf8Strictly(encodeUtf8(text))).toBe(text)
  for (const bytes of [[0xff], [0x61, 0xc3], [0xef, 0xbf, 0xbd, 0x80], [0xed, 0xa0, 0x80], [0xc0, 0x80]])
    expect(decodeUtf8Strictly(Uint8Array.from(bytes))).toBeUndefined()
  expect(decodeUtf8Strictly(Uint8Array.of(0x61))).toBe('a')
})
