import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { ProtocolError } from '../../src/errors.ts'
import {
  fitCloseReason,
  formatClosePayload,
  isBrowserCloseCode,
  isSendableCloseCode,
  isValidCloseCode,
  parseClosePayload,
  relayCloseCode,
} from '../../src/frame/close.ts'
import { hex } from './vector.ts'

describe('close payloads', () => {
  it('accept codes 1000–1003, 1007–1014 and 3000–4999, and no others', () => {
    for (let code = 0; code <= 65535; code++) {
      const good = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999)
      const payload = Uint8Array.of(code >> 8, code & 255)
      if (isValidCloseCode(code) !== good) expect(code).toBe(good ? 'may travel' : 'may not travel')
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

  it('parse back what was formatted', () => {
    for (const reason of ['', 'bye', 'é€😀', '\ufeffBOM', 'x'.repeat(123)])
      expect(parseClosePayload(formatClosePayload(1000, reason))).toEqual({ code: 1000, reason })
    expect(formatClosePayload(1001, 'restart')).toEqual(hex('03 e9 72 65 73 74 61 72 74'))
    expect(parseClosePayload(Buffer.from('03e8627965', 'hex'))).toEqual({ code: 1000, reason: 'bye' })
  })

  it('may be empty, which means 1005; 1005 is never sent', () => {
    expect(formatClosePayload()).toEqual(new Uint8Array(0))
    expect(formatClosePayload(undefined, '')).toEqual(new Uint8Array(0))
    expect(parseClosePayload(new Uint8Array(0))).toEqual({ code: 1005, reason: '' })
  })

  it('of one byte are rejected', () => {
    const error = { code: 'close-payload', closeCode: 1002, reference: 'RFC 6455 §5.5.1', offset: 0 }
    expect(() => parseClosePayload(hex('03'))).toThrow(expect.objectContaining(error))
  })

  it('with a reason that is not UTF-8 are rejected with 1007 at the bad byte', () => {
    const error = { code: 'utf8', closeCode: 1007, reference: 'RFC 6455 §8.1' }
    expect(() => parseClosePayload(hex('03 e8 61 ff'))).toThrow(expect.objectContaining({ ...error, offset: 3 }))
    expect(() => parseClosePayload(hex('03 e8 61 c3'))).toThrow(expect.objectContaining({ ...error, offset: 4 }))
  })

  it("reject the caller's mistakes", () => {
    expect(() => formatClosePayload(undefined, 'x')).toThrow(TypeError)
    expect(() => formatClosePayload(1000, 'x'.repeat(124))).toThrow(RangeError)
    expect(() => formatClosePayload(1000, 'é'.repeat(62))).toThrow(RangeError)
    expect(() => formatClosePayload(1000, '\ud800'.repeat(42))).toThrow(RangeError)
    for (const code of [1000.5, Number.NaN, -1, 70000]) expect(() => formatClosePayload(code)).toThrow(RangeError)
  })
})

describe('fitCloseReason', () => {
  it('cuts between characters, at 123 bytes or before', () => {
    expect(fitCloseReason('')).toBe('')
    expect(fitCloseReason('x'.repeat(123))).toBe('x'.repeat(123))
    expect(fitCloseReason('x'.repeat(124))).toBe('x'.repeat(123))
    expect(fitCloseReason('é'.repeat(100))).toBe('é'.repeat(61))
    expect(fitCloseReason(`${'x'.repeat(120)}😀`)).toBe('x'.repeat(120))
    expect(fitCloseReason(`${'x'.repeat(119)}😀!`)).toBe(`${'x'.repeat(119)}😀`)
    expect(fitCloseReason('\ud800'.repeat(50))).toBe('\ud800'.repeat(41))
  })
  it('always returns a reason that formatClosePayload accepts', () => {
    for (let size = 100; size < 140; size++)
      for (const character of ['x', 'é', '€', '😀', '\udc00'])
        expect(
          formatClosePayload(1000, fitCloseReason('y'.repeat(size % 7) + character.repeat(size))).length,
        ).toBeLessThan(126)
  })
})

/** Every code from 0 to 65535, in ranges: whether a frame may have it, and whether a client, a server or a page may begin a close with it. */
const table: readonly (readonly [first: number, last: number, answers: readonly boolean[]])[] = [
  [0, 999, [false, false, false, false]],
  [1000, 1000, [true, true, true, true]],
  [1001, 1003, [true, true, true, false]],
  [1004, 1006, [false, false, false, false]],
  [1007, 1009, [true, true, true, false]],
  [1010, 1010, [true, true, false, false]],
  [1011, 1014, [true, true, true, false]],
  [1015, 2999, [false, false, false, false]],
  [3000, 4999, [true, true, true, true]],
  [5000, 65535, [false, false, false, false]],
]

const answersTo = (code: number) => [
  isValidCloseCode(code),
  isSendableCloseCode(code, 'client'),
  isSendableCloseCode(code, 'server'),
  isBrowserCloseCode(code),
]

describe('close codes', () => {
  it('match the table, from 0 to 65535', () => {
    let next = 0
    for (const [first, last, answers] of table) {
      expect(first).toBe(next)
      for (let code = first; code <= last; code++)
        if (String(answersTo(code)) !== String(answers))
          expect({ code, answers: answersTo(code) }).toEqual({ code, answers })
      next = last + 1
    }
    expect(next).toBe(65536)
  })
  it('must be whole numbers', () => {
    for (const code of [-1, 1000.5, 3000.5, 65536, 70000, Number.NaN, Infinity, -Infinity])
      expect(answersTo(code)).toEqual([false, false, false, false])
  })
  it('that may be sent are accepted by Connection.close, in either role', () => {
    for (const role of ['client', 'server'] as const)
      for (let code = 0; code <= 5100; code++) {
        const close = () => new Connection({ role }).close(code)
        if (isValidCloseCode(code)) close()
        else expect(close).toThrow(RangeError)
      }
  })
})

describe('relayCloseCode', () => {
  it('returns an argument for close: the code itself, none for 1005, `lost` for all others', () => {
    for (let code = 0; code <= 65535; code++) {
      const relayed = relayCloseCode({ code, error: undefined }, 1014)
      const expected = code === 1005 ? undefined : isValidCloseCode(code) ? code : 1014
      if (relayed !== expected) expect({ code, relayed }).toEqual({ code, relayed: expected })
    }
    for (const code of [1006, 1015, 1004, 999, 2000, 5000, Number.NaN, 1000.5])
      expect(relayCloseCode({ code }, 1001)).toBe(1001)
  })
  it('returns `lost` after a protocol error, whatever the code', () => {
    const error = new ProtocolError('unmasked', 'no mask', { closeCode: 1002 })
    for (const code of [1000, 1002, 1005, 1006, 1007, 1009]) expect(relayCloseCode({ code, error }, 1001)).toBe(1001)
  })
  it('rejects a `lost` that may not be sent', () => {
    for (const lost of [1006, 1005, 0, 5000, Number.NaN])
      expect(() => relayCloseCode({ code: 1000, error: undefined }, lost)).toThrow(RangeError)
  })
  it('accepts the close event of a connection', () => {
    const ends: readonly (readonly [string | undefined, number | undefined])[] = [
      ['88 02 03 e9', 1001],
      ['88 00', undefined],
      ['88 02 03 ee', 1014],
      ['ff 00', 1014],
      [undefined, 1014],
    ]
    for (const [bytes, expected] of ends) {
      const from = new Connection({ role: 'client' })
      const [event] = bytes === undefined ? from.receiveEnd() : from.receive(hex(bytes))
      if (event?.type !== 'close') throw new Error('no close event')
      const code = relayCloseCode(event, 1014)
      expect(code).toBe(expected)
      expect(new Connection({ role: 'server' }).close(code)).toBe(true)
    }
  })
})
