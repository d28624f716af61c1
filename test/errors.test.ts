/** Tests of `ProtocolError`: as an error, as data, and with a peer's text in it. */

import { describe, expect, it } from 'vitest'
import { attempt, ProtocolError, quote } from '../src/errors.ts'

describe('ProtocolError', () => {
  it('is an Error with a code and details', () => {
    const cause = new Error('inner')
    const error = new ProtocolError('close-code', 'bad', {
      reference: 'RFC 6455 §7.4',
      closeCode: 1002,
      offset: 3,
      cause,
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'ProtocolError',
      code: 'close-code',
      message: 'bad',
      reference: 'RFC 6455 §7.4',
      closeCode: 1002,
      status: undefined,
      offset: 3,
      cause,
    })
    expect(String(error)).toBe('ProtocolError: bad')
  })
  it('has an empty reference and no cause without details', () => {
    const error = new ProtocolError('key', 'bad')
    expect(error.reference).toBe('')
    expect('cause' in error).toBe(false)
  })
  it('keeps its message in JSON, and omits unknown details', () => {
    expect(new ProtocolError('key', 'bad').toJSON()).toStrictEqual({ code: 'key', message: 'bad', reference: '' })
    const full = new ProtocolError('key', 'bad', {
      reference: 'r',
      closeCode: 1002,
      status: 400,
      offset: 0,
      cause: 'c',
    })
    expect(JSON.parse(JSON.stringify(full))).toStrictEqual({
      code: 'key',
      message: 'bad',
      reference: 'r',
      closeCode: 1002,
      status: 400,
      offset: 0,
    })
  })
})

describe('attempt', () => {
  it('returns a result, or the error that was thrown', () => {
    const error = new ProtocolError('key', 'bad')
    expect(attempt(() => 1)).toBe(1)
    expect(
      attempt(() => {
        throw error
      }),
    ).toBe(error)
  })
  it('passes on the caller’s mistakes', () => {
    expect(() =>
      attempt(() => {
        throw new TypeError('mine')
      }),
    ).toThrow(TypeError)
  })
})

describe('quote', () => {
  it.each([
    ['', '""'],
    ['a b', '"a b"'],
    ['a"\\', '"a\\"\\\\"'],
    ['\r\n\t\0\x1b', '"\\r\\n\\t\\u0000\\u001b"'],
    ['\x7f\x80\x9b\xff', '"\\u007f\\u0080\\u009b\\u00ff"'],
    ['\u2028\u202e€\ud800\u{1f600}', '"\\u2028\\u202e\\u20ac\\ud800\\ud83d\\ude00"'],
  ])('quotes %j as %s', (text, quoted) => {
    expect(quote(text)).toBe(quoted)
  })
  it('returns visible ASCII for every code unit', () => {
    for (let unit = 0; unit < 65_536; unit++)
      if (!/^"[ -~]+"$/.test(quote(String.fromCharCode(unit)))) expect(unit).toBeUndefined()
  })
  it('truncates after 100 code units', () => {
    expect(quote('x'.repeat(100))).toBe(`"${'x'.repeat(100)}"`)
    expect(quote('x'.repeat(101))).toBe(`"${'x'.repeat(100)}"...`)
  })
})
