// Messages split into frames, and read back by the decoder and the assembler.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { encodeFrame } from '../../src/frame/encode.ts'
import { fragmentMessage, type MessageInit } from '../../src/frame/fragment.ts'
import { MessageAssembler } from '../../src/frame/messages.ts'
import { concat, hex, pattern } from './vector.ts'

const wireOf = (message: MessageInit, max: number) => concat(...[...fragmentMessage(message, max)].map(encodeFrame))

/** All messages in the bytes, and the number of control frames between their frames. */
function read(role: 'client' | 'server', bytes: Uint8Array, rsv: number, step: number) {
  const decoder = new FrameDecoder({ role, rsv })
  const assembler = new MessageAssembler()
  const messages: Uint8Array[] = []
  const heads: [opcode: number, rsv: number, fin: boolean, size: number][] = []
  for (let at = 0; at < bytes.length; at += step) {
    decoder.push(bytes.subarray(at, at + step))
    while (decoder.next()) {
      heads.push([decoder.opcode, decoder.rsv, decoder.fin, decoder.payloadLength])
      if (decoder.opcode < 8 && assembler.push(decoder, decoder.payload())) messages.push(assembler.bytes())
    }
  }
  return { messages, heads }
}

describe('fragmentMessage', () => {
  it('splits between bytes, with opcode and rsv on the first frame and FIN on the last (RFC 6455 §5.4, §5.7)', () => {
    expect(wireOf({ opcode: 1, payload: 'Hello' }, 3)).toEqual(hex('01 03 48 65 6c 80 02 6c 6f'))
    expect(wireOf({ opcode: 1, payload: 'é€' }, 1)).toEqual(hex('01 01 c3 00 01 a9 00 01 e2 00 01 82 80 01 ac'))
    expect(wireOf({ opcode: 2, rsv: 4, payload: hex('01 02 03') }, 2)).toEqual(hex('42 02 01 02 80 01 03'))
    expect(wireOf({ opcode: 2, payload: hex('01 02 03 04') }, 2)).toEqual(hex('02 02 01 02 80 02 03 04'))
  })
  it('keeps a message that fits in one frame', () => {
    expect(wireOf({ opcode: 1, rsv: 4 }, 1)).toEqual(hex('c1 00'))
    expect(wireOf({ opcode: 2, payload: hex('01 02') }, 2)).toEqual(hex('82 02 01 02'))
    expect(wireOf({ opcode: 2, payload: hex('01 02') }, Infinity)).toEqual(hex('82 02 01 02'))
  })
  it('continues a message, and leaves it open', () => {
    expect(wireOf({ opcode: 1, payload: 'abc', fin: false }, 2)).toEqual(hex('01 02 61 62 00 01 63'))
    expect(wireOf({ opcode: 0, payload: 'd' }, 2)).toEqual(hex('80 01 64'))
  })
  it('returns views, created lazily', () => {
    const payload = pattern(1000)
    const frames = fragmentMessage({ opcode: 2, payload }, 400)
    const first = frames.next().value
    expect(first?.payload.buffer).toBe(payload.buffer)
    payload.fill(9)
    expect([...frames].map((frame) => frame.payload.every((byte) => byte === 9))).toEqual([true, true])
  })
  it("gives each frame its own key with maskKey 'random'", () => {
    const wire = wireOf({ opcode: 2, payload: pattern(100), maskKey: 'random' }, 1)
    const keys = new Set(Array.from({ length: 100 }, (_, i) => String(wire.subarray(7 * i + 2, 7 * i + 6))))
    expect(keys.size).toBeGreaterThan(98)
    expect(read('server', wire, 0, 3).messages).toEqual([pattern(100)])
  })
  it('is reversed by the decoder and assembler, for any maximum, control frames and chunks', () => {
    const message = fc.record({
      opcode: fc.constantFrom(1, 2),
      rsv: fc.constantFrom(0, 4),
      payload: fc.string({ unit: 'grapheme', maxLength: 60 }),
      maskKey: fc.constantFrom(undefined, 'random' as const),
    })
    fc.assert(
      fc.property(message, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 50 }), (init, max, step) => {
        const bytes = new TextEncoder().encode(init.payload)
        const ping = encodeFrame({ opcode: 9, payload: '?', maskKey: init.maskKey })
        const frames = [...fragmentMessage(init, max)]
        const wire = concat(...frames.flatMap((frame) => [encodeFrame(frame), ping]))
        const { messages, heads } = read(init.maskKey ? 'server' : 'client', wire, 4, step)
        expect(messages).toEqual([bytes])
        const count = Math.max(1, Math.ceil(bytes.length / max))
        expect(heads.filter(([opcode]) => opcode === 9).length).toBe(count)
        expect(heads.filter(([opcode]) => opcode !== 9)).toEqual(
          Array.from({ length: count }, (_, i) => [
            i === 0 ? init.opcode : 0,
            i === 0 ? init.rsv : 0,
            i === count - 1,
            Math.min(max, bytes.length - i * max),
          ]),
        )
      }),
    )
  })
  it('is reversed for every maximum, and at the limits of the length encodings', () => {
    const payload = pattern(300)
    for (let max = 1; max <= 301; max++)
      expect(read('client', wireOf({ opcode: 2, payload }, max), 0, 4096).messages).toEqual([payload])
    for (const size of [0, 125, 126, 65535, 65536])
      for (const max of [125, 126, 65535, 65536]) {
        const { messages } = read('client', wireOf({ opcode: 2, payload: pattern(size) }, max), 0, 1000)
        expect(messages.map((message) => Buffer.compare(message, pattern(size)))).toEqual([0])
      }
  })
  it("rejects the caller's mistakes at once, not at the first frame", () => {
    for (const max of [0, -1, 0.5, 1.5, Number.NaN, -Infinity])
      expect(() => fragmentMessage({ opcode: 1 }, max)).toThrow(RangeError)
    for (const rsv of [-1, 8, 9, 1.5]) expect(() => fragmentMessage({ opcode: 1, rsv }, 1)).toThrow(RangeError)
    for (const opcode of [8, 9, 10, 15, -1, 1.5, Number.NaN])
      expect(() => fragmentMessage({ opcode }, 1)).toThrow(TypeError)
    expect(() => fragmentMessage({ opcode: 1, payload: [1] as unknown as Uint8Array }, 1)).toThrow(TypeError)
    const lone = { opcode: 1, payload: 'ab\udc00' }
    expect(() => fragmentMessage({ ...lone, loneSurrogates: 'error' }, 1)).toThrow('at index 2')
    expect(wireOf(lone, 9)).toEqual(hex('81 05 61 62 ef bf bd'))
  })
})
