// The internal writers, compared with encodeFrame.
import { describe, expect, it } from 'vitest'
import { encodeFrame, sourceSize, textSource, wireSize, writeFrame } from '../../src/frame/encode.ts'
import { readInt32 } from '../../src/frame/header.ts'
import { hex, KEY, pattern } from './vector.ts'

describe('writeFrame', () => {
  it('writes the same bytes as encodeFrame, at an offset, and nothing else', () => {
    const key = readInt32(KEY, 0)
    for (const size of [0, 1, 5, 31, 32, 33, 64, 65, 125, 126, 127, 128, 300, 65535, 65536]) {
      for (const maskKey of [undefined, KEY]) {
        const masked = maskKey !== undefined
        const text = 'abcdefg'.repeat(size / 7 + 1).slice(0, size)
        const expected = Buffer.concat([hex('aa aa aa'), encodeFrame({ opcode: 1, payload: text, maskKey }), hex('aa')])
        const payload = new TextEncoder().encode(text)
        const target = new Uint8Array(3 + wireSize(size, masked) + 1).fill(0xaa)
        expect(writeFrame(target, 3, 0x81, payload, size, masked, key)).toBe(target.length - 1)
        expect(Buffer.compare(target, expected)).toBe(0)
      }
    }
  })
  it('writes a short text as its bytes', () => {
    for (const text of ['', 'a', 'é'.repeat(32), '\ud800', '€'.repeat(32)])
      for (const maskKey of [undefined, KEY]) {
        const size = sourceSize(text)
        const expected = encodeFrame({ opcode: 1, payload: new TextEncoder().encode(text), maskKey })
        const target = new Uint8Array(expected.length)
        writeFrame(target, 0, 0x81, text, size, maskKey !== undefined, readInt32(KEY, 0))
        expect(target).toEqual(expected)
      }
  })
  it('never writes to the payload', () => {
    const payload = pattern(300)
    writeFrame(new Uint8Array(400), 0, 0x82, payload, 300, true, 0x12345678)
    expect(payload).toEqual(pattern(300))
  })
  it('gets short texts as strings, all others encoded, with the number of UTF-8 bytes', () => {
    const asTexts = ['', 'é'.repeat(32), '\ud800']
    const asBytes = ['a'.repeat(33), 'é'.repeat(33), `${'a'.repeat(40)}\u0080`, `${'a'.repeat(40)}\ud800`]
    for (const text of asTexts) expect(textSource(text)).toBe(text)
    for (const text of asBytes) expect(textSource(text)).toEqual(new TextEncoder().encode(text))
    for (const text of [...asTexts, ...asBytes])
      expect(sourceSize(textSource(text))).toBe(new TextEncoder().encode(text).length)
  })
})
