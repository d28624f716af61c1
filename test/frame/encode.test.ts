import { describe, expect, it } from 'vitest'
import { encodeFrame, frameSize, writeFrame, writeTextFrame } from '../../src/frame/encode.ts'
import { readMaskKey } from '../../src/frame/mask.ts'
import { hex, KEY, pattern } from './vector.ts'

describe('encodeFrame', () => {
  it('writes what no peer may send', () => {
    expect(encodeFrame({ opcode: 3, fin: false, rsv: 7 })).toEqual(hex('73 00'))
    expect(encodeFrame({ opcode: 1, payload: 'A', lengthSize: 8 })).toEqual(hex('81 7f 00 00 00 00 00 00 00 01 41'))
    expect(encodeFrame({ opcode: 2, payloadLength: 2 ** 63, payload: hex('41') })).toEqual(
      hex('82 7f 80 00 00 00 00 00 00 00 41'),
    )
  })
  it('takes strings as UTF-8, and bytes without writing to them', () => {
    expect(encodeFrame({ opcode: 1, payload: 'é' })).toEqual(hex('81 02 c3 a9'))
    const payload = hex('48 65 6c 6c 6f')
    expect(encodeFrame({ opcode: 1, payload, maskKey: KEY })).toEqual(hex('81 85 37 fa 21 3d 7f 9f 4d 51 58'))
    expect(payload).toEqual(hex('48 65 6c 6c 6f'))
  })
  it('refuses a key that is not four bytes long', () => {
    expect(() => encodeFrame({ opcode: 1, maskKey: new Uint8Array(5) })).toThrow(RangeError)
  })
})

describe('writeFrame and writeTextFrame', () => {
  it('write what encodeFrame writes, at an offset, and nothing else', () => {
    const key = readMaskKey(KEY, 0)
    for (const size of [0, 1, 5, 31, 32, 33, 64, 65, 125, 126, 127, 128, 300, 65535, 65536]) {
      for (const maskKey of [undefined, KEY]) {
        const masked = maskKey !== undefined
        const text = 'abcdefg'.repeat(size / 7 + 1).slice(0, size)
        const expected = Buffer.concat([hex('aa aa aa'), encodeFrame({ opcode: 1, payload: text, maskKey }), hex('aa')])
        const payload = new TextEncoder().encode(text)
        const target = new Uint8Array(3 + frameSize(size, masked) + 1).fill(0xaa)
        expect(writeFrame(target, 3, 0x81, payload, masked, key)).toBe(target.length - 1)
        expect(Buffer.compare(target, expected)).toBe(0)
        const again = new Uint8Array(target.length).fill(0xaa)
        expect(writeTextFrame(again, 3, 0x81, text, size, masked, key)).toBe(target.length - 1)
        expect(Buffer.compare(again, expected)).toBe(0)
      }
    }
  })
  it('read the payload only', () => {
    const payload = pattern(300)
    writeFrame(new Uint8Array(400), 0, 0x82, payload, true, 0x12345678)
    expect(payload).toEqual(pattern(300))
  })
})
