// A frame that is encoded once: all receivers share it unmasked, or each gets a copy masked with a new key.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../src/frame/encode.ts'
import { frameBytes, prepareFrame } from '../../src/frame/prepare.ts'
import { concat, decodeAll, hex, KEY, pattern } from './vector.ts'

describe('a prepared frame', () => {
  it('is the frame that encodeFrame would return', () => {
    const maskKey = fc.uint8Array({ minLength: 4, maxLength: 4 })
    const frame = fc.record({
      opcode: fc.nat(15),
      fin: fc.boolean(),
      rsv: fc.nat(7),
      payload: fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 200 })),
    })
    fc.assert(
      fc.property(frame, fc.array(maskKey), (init, keys) => {
        const prepared = prepareFrame(init)
        for (const key of [undefined, ...keys])
          expect(Buffer.compare(frameBytes(prepared, key), encodeFrame({ ...init, maskKey: key }))).toBe(0)
      }),
    )
  })
  it('may have any length, even one in more bytes than needed', () => {
    for (const size of [0, 1, 125, 126, 127, 128, 65535, 65536])
      for (const lengthSize of [undefined, 8] as const) {
        const init = { opcode: 2, payload: pattern(size), lengthSize }
        const prepared = prepareFrame(init)
        expect(prepared.headerSize).toBe(prepared.unmasked.length - size)
        expect(Buffer.compare(frameBytes(prepared, KEY), encodeFrame({ ...init, maskKey: KEY }))).toBe(0)
      }
  })
  it('is a new array for each receiver, masked or not', () => {
    const prepared = prepareFrame({ opcode: 1, payload: 'Hello' })
    const own = frameBytes(prepared)
    own.fill(0)
    expect(own.length).toBe(7)
    expect(frameBytes(prepared)).toEqual(hex('81 05 48 65 6c 6c 6f'))
    expect(frameBytes(prepared, KEY)).toEqual(hex('81 85 37 fa 21 3d 7f 9f 4d 51 58'))
    expect(frameBytes(prepared, KEY)).not.toBe(frameBytes(prepared, KEY))
    const [one, other] = [frameBytes(prepared, 'random'), frameBytes(prepared, 'random')]
    expect(
      decodeAll({ role: 'server' }, [concat(one, other)]).map(({ payload }) => String(Buffer.from(payload))),
    ).toEqual(['Hello', 'Hello'])
    expect(prepared.unmasked).toEqual(hex('81 05 48 65 6c 6c 6f'))
    expect(Object.isFrozen(prepared)).toBe(true)
  })
  it('does not change when the caller writes into the payload', () => {
    const payload = hex('01 02')
    const prepared = prepareFrame({ opcode: 2, payload })
    payload.fill(0)
    expect(frameBytes(prepared)).toEqual(hex('82 02 01 02'))
  })
  it("rejects the caller's mistakes", () => {
    const wrong = { opcode: 1, maskKey: KEY } as unknown as { opcode: 1 }
    expect(() => prepareFrame(wrong)).toThrow(TypeError)
    expect(() => prepareFrame({ opcode: 1, payload: '\ud800', loneSurrogates: 'error' })).toThrow(TypeError)
    expect(() => prepareFrame({ opcode: 16 })).toThrow(RangeError)
    const prepared = prepareFrame({ opcode: 1 })
    expect(() => frameBytes(prepared, new Uint8Array(3))).toThrow(RangeError)
    expect(() => frameBytes(prepared, 'abcd' as 'random')).toThrow(TypeError)
  })
})
