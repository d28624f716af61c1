/** Holds Basic credentials as a field carries them, there and back (RFC 7617). */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBasicChallenge,
  formatBasicCredentials,
  parseBasicCredentials,
} from '../../src/http/basic-credentials.ts'

const encoded = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('formatBasicCredentials', () => {
  it.each([
    ['Aladdin', 'open sesame', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='], // RFC 7617 §2
    ['test', '123£', 'Basic dGVzdDoxMjPCow=='], // RFC 7617 §2.1
    ['', '', 'Basic Og=='],
    ['a', 'b:c', encoded('a:b:c')],
  ])('writes %j and %j', (username, password, value) => {
    expect(formatBasicCredentials({ username, password })).toBe(value)
    expect(parseBasicCredentials(value)).toEqual({ username, password })
  })

  it.each([
    ['a:b', 'c', 'a user name has no colon (RFC 7617 §2)'],
    ['a\n', 'c', 'a user name or password has no control characters (RFC 7617 §2)'],
    ['a', 'secret\0', 'a user name or password has no control characters (RFC 7617 §2)'],
    ['a', '\x7f', 'a user name or password has no control characters (RFC 7617 §2)'],
  ])('refuses %j and %j, and repeats neither', (username, password, message) => {
    expect(() => formatBasicCredentials({ username, password })).toThrow(new TypeError(message))
  })
})

describe('parseBasicCredentials', () => {
  it.each(['basic Og==', 'BASIC Og==', 'Basic    Og=='])('reads %j', (value) => {
    expect(parseBasicCredentials(value)).toEqual({ username: '', password: '' })
  })

  it.each([
    ['nothing', ''],
    ['the scheme alone', 'Basic'],
    ['no value', 'Basic '],
    ['another scheme', 'Bearer Og=='],
    ['a longer scheme', 'Basically Og=='],
    ['no space', 'BasicOg=='],
    ['a tab', 'Basic\tOg=='],
    ['no padding', 'Basic Og'],
    ['padding within', 'Basic Og==Og=='],
    ['padding alone', 'Basic ===='],
    ['characters of base64url', 'Basic -_8='],
    ['a parameter behind it', 'Basic Og==, x=1'],
    ['no colon', encoded('Aladdin')],
    ['a control character', encoded('a:\n')],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0x3a, 0xff]).toString('base64')}`],
  ])('knows none in %s', (_, value) => {
    expect(parseBasicCredentials(value)).toBeUndefined()
  })

  it('gives back what was written', () => {
    const units = [...'aZ0 "\\,=~\u00a3\u20ac\u{1f44b}']
    const text = fc.array(fc.constantFrom(...units)).map((list) => list.join(''))
    fc.assert(
      fc.property(text, text, (username, password) => {
        const credentials = { username, password: `${password}:${password}` }
        expect(parseBasicCredentials(formatBasicCredentials(credentials))).toEqual(credentials)
      }),
    )
  })

  it('never throws', () => {
    const base64 = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'))
    fc.assert(
      fc.property(fc.oneof(fc.string(), base64), (any) => {
        parseBasicCredentials(any)
        const read = parseBasicCredentials(`Basic ${any}`)
        if (read !== undefined) expect(formatBasicCredentials(read)).toMatch(/^Basic /)
      }),
    )
  })
})

it('formatBasicChallenge names the realm, quoted, and asks for UTF-8 (RFC 7617 §2.1)', () => {
  expect(formatBasicChallenge('proxy')).toBe('Basic realm="proxy", charset="UTF-8"')
  expect(formatBasicChallenge('a "b" \\c')).toBe('Basic realm="a \\"b\\" \\\\c", charset="UTF-8"')
  expect(() => formatBasicChallenge('a\r\nb')).toThrow(TypeError)
})
