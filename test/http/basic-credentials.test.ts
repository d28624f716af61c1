/** Tests Basic credentials against the examples of RFC 7617, and with invalid input in both directions. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBasicChallenge,
  formatBasicCredentials,
  parseBasicCredentials,
} from '../../src/http/basic-credentials.ts'

const base64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64')

describe('the examples of RFC 7617', () => {
  it.each([
    ['Aladdin', 'open sesame', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'RFC 7617 §2'],
    ['test', '123£', 'Basic dGVzdDoxMjPCow==', 'RFC 7617 §2.1'],
    ['', '', 'Basic Og==', 'empty'],
    ['a', 'b:c:', 'Basic YTpiOmM6', 'colons in the password'],
    ['Jörg', '密码 👋', `Basic ${base64('Jörg:密码 👋')}`, 'UTF-8'],
  ])('formats %j and %j as %j (%s)', (username, password, value) => {
    expect(formatBasicCredentials({ username, password })).toBe(value)
    expect(parseBasicCredentials(value)).toEqual({ username, password })
  })
})

it('round-trips any text', () => {
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(
      text.map((each) => each.replaceAll(':', '')),
      text,
      (username, password) => {
        expect(parseBasicCredentials(formatBasicCredentials({ username, password }))).toEqual({ username, password })
      },
    ),
  )
})

it.each([
  ['a:b', 'c', '`credentials.username` must not have a colon (RFC 7617 §2)'],
  ['a\n', 'c', '`credentials` must not have control characters (RFC 7617 §2)'],
  ['a', 'secret\0', '`credentials` must not have control characters (RFC 7617 §2)'],
  ['a', '\x7f', '`credentials` must not have control characters (RFC 7617 §2)'],
])('throws for %j and %j, and does not repeat them', (username, password, message) => {
  expect(() => formatBasicCredentials({ username, password })).toThrow(new TypeError(message))
})

describe('reads', () => {
  it.each([
    ['the scheme in any letter case', `bAsIc ${base64('a:b')}`],
    ['several spaces', `Basic   ${base64('a:b')}`],
  ])('%s', (_, value) => {
    expect(parseBasicCredentials(value)).toEqual({ username: 'a', password: 'b' })
  })

  it('a last character whose unused bits are set', () => {
    expect(parseBasicCredentials('Basic YTp=')).toEqual({ username: 'a', password: '' })
  })

  it.each([
    ['nothing', ''],
    ['no credentials', 'Basic'],
    ['empty credentials', 'Basic '],
    ['no space', `Basic${base64('a:b')}`],
    ['a tab', `Basic\t${base64('a:b')}`],
    ['a tab after the space', `Basic \t${base64('a:b')}`],
    ['another scheme', `Bearer ${base64('a:b')}`],
    ['a scheme that begins with Basic', `Basically ${base64('a:b')}`],
    ['letters that only Unicode folds to Basic', `BAſIC ${base64('a:b')}`],
    ['no colon', `Basic ${base64('ab')}`],
    ['text that is not base64', 'Basic a:b!'],
    ['base64 for URLs', 'Basic _-8='],
    ['base64 without its padding', 'Basic YTo'],
    ['too much padding', 'Basic YTpi===='],
    ['padding in the middle', 'Basic YT==YTpi'],
    ['trailing text', `Basic ${base64('a:b')} x`],
    ['no UTF-8', `Basic ${base64('a:\xff', 'latin1')}`],
    ['a control character', `Basic ${base64('a:b\n')}`],
    ['NUL', `Basic ${base64('\0:b')}`],
  ])('not %s', (_, value) => {
    expect(parseBasicCredentials(value)).toBeUndefined()
  })

  it('any text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseBasicCredentials(text)
        parseBasicCredentials(`Basic ${text}`)
      }),
    )
  })

  it('base64 as Node decodes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = parseBasicCredentials(`Basic ${Buffer.from(bytes).toString('base64')}`)
        if (read !== undefined) expect(Buffer.from(`${read.username}:${read.password}`)).toEqual(Buffer.from(bytes))
      }),
    )
  })
})

describe('formatBasicChallenge', () => {
  it.each([
    ['proxy', 'Basic realm="proxy", charset="UTF-8"'],
    ['', 'Basic realm="", charset="UTF-8"'],
    ['a "b" \\ c', 'Basic realm="a \\"b\\" \\\\ c", charset="UTF-8"'],
  ])('formats the realm %j as %j', (realm, value) => {
    expect(formatBasicChallenge(realm)).toBe(value)
  })

  it('throws for a realm that no field value can contain', () => {
    expect(() => formatBasicChallenge('a\r\nb')).toThrow(TypeError)
  })
})
