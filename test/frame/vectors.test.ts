import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../src/frame/encode.ts'
import { concat, expectFrames, type Frame, hex, KEY, pattern } from './vector.ts'

const hello = hex('48 65 6c 6c 6f')
const frame = (opcode: number, payload: Uint8Array, fin = true, rsv = 0): Frame => ({ fin, rsv, opcode, payload })

describe('RFC 6455 §5.7, in every split and setting, and encoded again', () => {
  it('a text in one frame, unmasked: 81 05 48 65 6c 6c 6f', () => {
    expectFrames(hex('81 05 48 65 6c 6c 6f'), [frame(1, hello)])
  })
  it('a text in one frame, masked: 81 85 37 fa 21 3d 7f 9f 4d 51 58', () => {
    expectFrames(hex('81 85 37 fa 21 3d 7f 9f 4d 51 58'), [frame(1, hello)])
  })
  it('a text in two frames: 01 03 48 65 6c · 80 02 6c 6f', () => {
    expectFrames(hex('01 03 48 65 6c 80 02 6c 6f'), [frame(1, hex('48 65 6c'), false), frame(0, hex('6c 6f'))])
  })
  it('a ping, unmasked: 89 05 48 65 6c 6c 6f', () => {
    expectFrames(hex('89 05 48 65 6c 6c 6f'), [frame(9, hello)])
  })
  it('a pong, masked: 8a 85 37 fa 21 3d 7f 9f 4d 51 58', () => {
    expectFrames(hex('8a 85 37 fa 21 3d 7f 9f 4d 51 58'), [frame(10, hello)])
  })
  it('256 bytes in one frame: 82 7e 01 00 …', () => {
    expectFrames(concat(hex('82 7e 01 00'), pattern(256)), [frame(2, pattern(256))])
  })
})

describe('RFC 7692 §7.2.3, frames of compressed messages, RSV1 allowed', () => {
  it('c1 07 f2 48 cd c9 c9 07 00', () => {
    expectFrames(hex('c1 07 f2 48 cd c9 c9 07 00'), [frame(1, hex('f2 48 cd c9 c9 07 00'), true, 4)], 4)
  })
  it('41 03 f2 48 cd · 80 04 c9 c9 07 00', () => {
    const frames = [frame(1, hex('f2 48 cd'), false, 4), frame(0, hex('c9 c9 07 00'))]
    expectFrames(hex('41 03 f2 48 cd 80 04 c9 c9 07 00'), frames, 4)
  })
})

describe('payloads at the limits of the length encodings', () => {
  for (const [size, unmasked] of [
    [0, '82 00'],
    [1, '82 01'],
    [125, '82 7d'],
    [126, '82 7e 00 7e'],
    [127, '82 7e 00 7f'],
    [256, '82 7e 01 00'],
    [65535, '82 7e ff ff'],
    [65536, '82 7f 00 00 00 00 00 01 00 00'],
    [65537, '82 7f 00 00 00 00 00 01 00 01'],
  ] as const) {
    it(`${size} bytes: ${unmasked}`, () => {
      const payload = pattern(size)
      const wire = encodeFrame({ opcode: 2, payload })
      expect(Buffer.compare(wire, concat(hex(unmasked), payload))).toBe(0)
      if (size < 1000) expectFrames(wire, [frame(2, payload)])
      const masked = encodeFrame({ opcode: 2, payload, maskKey: KEY })
      expect(masked.length).toBe(wire.length + 4)
      if (size < 1000) expectFrames(masked, [frame(2, payload)])
    })
  }
  it('65 536 bytes, masked or not, split in the header and in the payload', () => {
    const payload = pattern(65536)
    expectFrames(encodeFrame({ opcode: 2, payload }), [frame(2, payload)])
    expectFrames(encodeFrame({ opcode: 2, payload, maskKey: KEY }), [frame(2, payload)])
  })
})

describe('the events of a connection', () => {
  it('a ping between two fragments', () => {
    const frames = [frame(1, hex('48'), false), frame(9, hello), frame(0, hex('65'))]
    expectFrames(hex('01 01 48 89 05 48 65 6c 6c 6f 80 01 65'), frames)
  })
  it('empty frames, masked', () => {
    const wire = hex('01 80 00 00 00 00 00 80 37 fa 21 3d 80 80 ff ff ff ff 88 80 01 02 03 04')
    expectFrames(wire, [frame(1, hex(''), false), frame(0, hex(''), false), frame(0, hex('')), frame(8, hex(''))])
  })
})
