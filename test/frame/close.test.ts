import { describe, expect, it } from 'vitest'
import { fitCloseReason, formatClosePayload, mayTravel, parseClosePayload } from '../../src/frame/close.ts'
import { hex } from './vector.ts'

describe('close payloads', () => {
  it('carry 1000–1003, 1007–1014 and 3000–4999, and no other code from 0 to 65535', () => {
    for (let code = 0; code <= 65535; code++) {
      const good = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999)
      const payload = Uint8Array.of(code >> 8, code & 255)
      if (mayTravel(code) !== good) expect(code).toBe(good ? 'may travel' : 'may not travel')
      if (good) {
        expect(parseClosePayload(payload)).toEqual({ code, reason: '' })
        expect(formatClosePayload(code)).toEqual(payload)
      } else if (code < 6000 || code % 1000 === 0) {
        expect(() => parseClosePayload(payload)).toThrow(
          expect.objectContaining({ code: 'close-code', closeCode: 1002 }),
        )
        expect(() => formatClosePayload(code)).toThrow(RangeError)
      }
    }
  })

  it('parse what was formatted', () => {
    for (const reason of ['', 'bye', 'é€😀', '\ufeffBOM', 'x'.repeat(123)])
      expect(parseClosePayload(formatClosePayload(1000, reason))).toEqual({ code: 1000, reason })
    expect(formatClosePayload(1001, 'restart')).toEqual(hex('03 e9 72 65 73 74 61 72 74'))
    expect(parseClosePayload(Buffer.from('03e8627965', 'hex'))).toEqual({ code: 1000, reason: 'bye' })
  })

  it('may be empty: 1005, which itself never travels', () => {
    expect(formatClosePayload()).toEqual(new Uint8Array(0))
    expect(formatClosePayload(undefined, '')).toEqual(new Uint8Array(0))
    expect(parseClosePayload(new Uint8Array(0))).toEqual({ code: 1005, reason: '' })
  })

  it('of one byte are an error', () => {
    const error = { code: 'close-payload', closeCode: 1002, reference: 'RFC 6455 §5.5.1', offset: 0 }
    expect(() => parseClosePayload(hex('03'))).toThrow(expect.objectContaining(error))
  })

  it('with a reason that is not UTF-8 are an error, 1007, at the bad byte', () => {
    const error = { code: 'utf8', closeCode: 1007, reference: 'RFC 6455 §8.1' }
    expect(() => parseClosePayload(hex('03 e8 61 ff'))).toThrow(expect.objectContaining({ ...error, offset: 3 }))
    expect(() => parseClosePayload(hex('03 e8 61 c3'))).toThrow(expect.objectContaining({ ...error, offset: 4 }))
  })

  it("refuse the caller's mistakes", () => {
    expect(() => formatClosePayload(undefined, 'x')).toThrow(TypeError)
    expect(() => formatClosePayload(1000, 'x'.repeat(124))).toThrow(RangeError)
    expect(() => formatClosePayload(1000, 'é'.repeat(62))).toThrow(RangeError)
    expect(() => formatClosePayload(1000, '\ud800'.repeat(42))).toThrow(RangeError)
    for (const code of [1000.5, Number.NaN, -1, 70000]) expect(() => formatClosePayload(code)).toThrow(RangeError)
  })
})

describe('fitCloseReason', () => {
  it('cuts between characters, at most at 123 bytes', () => {
    expect(fitCloseReason('')).toBe('')
    expect(fitCloseReason('x'.repeat(123))).toBe('x'.repeat(123))
    expect(fitCloseReason('x'.repeat(124))).toBe('x'.repeat(123))
    expect(fitCloseReason('é'.repeat(100))).toBe('é'.repeat(61))
    expect(fitCloseReason(`${'x'.repeat(120)}😀`)).toBe('x'.repeat(120))
    expect(fitCloseReason(`${'x'.repeat(119)}😀!`)).toBe(`${'x'.repeat(119)}😀`)
    expect(fitCloseReason('\ud800'.repeat(50))).toBe('\ud800'.repeat(41))
  })
  it('always gives what formatClosePayload takes', () => {
    for (let size = 100; size < 140; size++)
      for (const character of ['x', 'é', '€', '😀', '\udc00'])
        expect(
          formatClosePayload(1000, fitCloseReason('y'.repeat(size % 7) + character.repeat(size))).length,
        ).toBeLessThan(126)
  })
})
