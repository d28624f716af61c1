import { describe, expect, it } from 'vitest'
import { decodeFrameHeader, encodeFrameHeader, type FrameHeader, frameHeaderSize } from '../../src/frame/header.ts'
import { hex, KEY } from './vector.ts'

/** Reads the diagram in §5.2 as plainly as possible, with big integers. */
function reference(bytes: Uint8Array): { header: unknown; size: number; exact: bigint } {
  const first = bytes[0] as number
  const second = bytes[1] as number
  const short = second % 128
  const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0
  const digits = Buffer.from(bytes.subarray(2, 2 + lengthSize)).toString('hex')
  const exact = lengthSize === 0 ? BigInt(short) : BigInt(`0x${digits}`)
  const size = 2 + lengthSize + (second > 127 ? 4 : 0)
  const maskKey = second > 127 ? Uint8Array.from(bytes.subarray(size - 4, size)) : undefined
  const payloadLength = Number(exact)
  const [fin, rsv, opcode] = [first > 127, Math.floor(first / 16) % 8, first % 16]
  return { header: { fin, rsv, opcode, payloadLength, maskKey, lengthSize }, size, exact }
}

describe('decodeFrameHeader and encodeFrameHeader', () => {
  it('read and write every first byte with every second byte', () => {
    const tail = hex('00 00 00 00 01 02 03 04 05 06 07 08')
    for (let pair = 0; pair < 65536; pair++) {
      const bytes = Uint8Array.of(pair >> 8, pair & 255, ...tail)
      const { header, size } = reference(bytes)
      const found = decodeFrameHeader(bytes) as FrameHeader
      if (JSON.stringify(found) !== JSON.stringify(header)) expect(found).toEqual(header)
      const target = new Uint8Array(size)
      const sizes = [encodeFrameHeader(found, target, 0), frameHeaderSize(found)]
      if (sizes.some((found) => found !== size)) expect(sizes).toEqual([size, size])
      if (Buffer.compare(target, bytes.subarray(0, size)) !== 0) expect(target).toEqual(bytes.subarray(0, size))
    }
  })

  it('return undefined until the last byte has arrived, and read no further', () => {
    for (const text of ['81 05', '81 85 37 fa 21 3d', '82 7e 01 00', '82 ff 00 00 00 00 00 01 00 00 01 02 03 04']) {
      const bytes = hex(text)
      for (let size = 0; size < bytes.length; size++) {
        expect(decodeFrameHeader(bytes.subarray(0, size))).toBe(undefined)
        expect(decodeFrameHeader(Buffer.concat([hex('ff ff ff'), bytes.subarray(0, size)]), 3)).toBe(undefined)
      }
      expect(decodeFrameHeader(Buffer.concat([hex('ff ff'), bytes, hex('ff')]), 2)).toEqual(reference(bytes).header)
    }
  })

  it('are exact up to 2^53−1, and round down above, so that 2^63−1 does not reach the top bit', () => {
    const lengths = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 62n]
    for (const length of [...lengths, 2n ** 54n - 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      const bytes = hex(`827f${length.toString(16).padStart(16, '0')}`)
      const found = decodeFrameHeader(bytes)?.payloadLength as number
      expect(BigInt(found) <= length).toBe(true)
      expect(found >= 2 ** 63).toBe(length >= 2n ** 63n)
      if (length < 2n ** 53n) expect(BigInt(found)).toBe(length)
      expect(Number(length - BigInt(found))).toBeLessThan(2048)
      const again = new Uint8Array(10)
      encodeFrameHeader({ opcode: 2, payloadLength: found, lengthSize: 8 }, again, 0)
      expect(decodeFrameHeader(again)?.payloadLength).toBe(found)
    }
  })

  it('return a copy of the key, from a Buffer too', () => {
    const bytes = Buffer.from(hex('81 85 37 fa 21 3d'))
    const key = decodeFrameHeader(bytes)?.maskKey
    bytes.fill(0)
    expect(key).toEqual(KEY)
    expect(key?.constructor).toBe(Uint8Array)
  })

  it('write at an offset, and nothing else', () => {
    const target = new Uint8Array(9).fill(0xaa)
    expect(encodeFrameHeader({ opcode: 1, payloadLength: 5, maskKey: KEY }, target, 2)).toBe(8)
    expect(target).toEqual(hex('aa aa 81 85 37 fa 21 3d aa'))
  })

  it("reject the caller's mistakes", () => {
    const write = (init: object) => () =>
      encodeFrameHeader({ opcode: 1, payloadLength: 0, ...init }, new Uint8Array(20), 0)
    for (const init of [
      { opcode: 16 },
      { opcode: -1 },
      { opcode: 1.5 },
      { rsv: 8 },
      { rsv: Number.NaN },
      { payloadLength: -1 },
      { payloadLength: 0.5 },
      { payloadLength: 2 ** 64 },
      { payloadLength: Infinity },
      { payloadLength: 126, lengthSize: 0 },
      { payloadLength: 65536, lengthSize: 2 },
      { lengthSize: 1 },
      { maskKey: new Uint8Array(3) },
    ])
      expect(write(init), JSON.stringify(init)).toThrow(RangeError)
    for (const member of ['opcode', 'payloadLength']) {
      const error = new RangeError(`\`${member}\` is missing`)
      expect(write({ [member]: undefined })).toThrow(error)
    }
    expect(() => encodeFrameHeader({ opcode: 1, payloadLength: 126 }, new Uint8Array(3), 0)).toThrow(RangeError)
    expect(() => encodeFrameHeader({ opcode: 1, payloadLength: 0 }, new Uint8Array(3), -1)).toThrow(RangeError)
    expect(() => decodeFrameHeader(new Uint8Array(3), 0.5)).toThrow(RangeError)
    expect(() => decodeFrameHeader(new Uint8Array(3), -1)).toThrow(RangeError)
  })
})
