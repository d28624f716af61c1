/** Tests how a field section is read, and each way in which it can be malformed. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { isFieldText, isToken } from '../../src/http/grammar.ts'
import type { HeaderPairs } from '../../src/http/headers.ts'
import { splitFieldSection } from '../../src/http/http2-fields.ts'

const known = [':method', ':path', ':status']
const read = (fields: HeaderPairs) => splitFieldSection({ httpVersion: '3', fields }, known)

describe('a field section', () => {
  it('splits into pseudo-headers and fields', () => {
    const fields = [
      [':path', '/'],
      [':method', 'GET'],
      ['x-a', '1'],
      ['x-a', ''],
      ['__proto__', 'é'],
    ] as const
    const { pseudo, headers } = read(fields)
    expect(Object.entries(pseudo)).toEqual(fields.slice(0, 2))
    expect(headers).toEqual(fields.slice(2))
  })
  it('may lack fields or pseudo-headers', () => {
    expect(read([])).toEqual({ pseudo: {}, headers: [], error: undefined })
    expect(read([['a', 'b']]).headers).toEqual([['a', 'b']])
  })
  it('joins its cookies at the place of the first (RFC 9113 §8.2.3)', () => {
    const fields = [
      ['cookie', 'a=1'],
      ['x', '1'],
      ['cookie', 'b=2'],
      ['cookie', 'c="; "'],
    ] as const
    expect(read(fields).headers).toEqual([
      ['cookie', 'a=1; b=2; c="; "'],
      ['x', '1'],
    ])
    expect(fields[0]).toEqual(['cookie', 'a=1'])
  })
})

describe('is malformed by', () => {
  it.each<[string, HeaderPairs, string, string, number?]>([
    ['an unknown pseudo-header', [[':foo', '']], 'pseudo-header', '§8.3'],
    ['an empty pseudo-header', [[':', '']], 'pseudo-header', '§8.3'],
    ['a pseudo-header in capitals', [[':Method', 'GET']], 'pseudo-header', '§8.3'],
    [
      'a repeated pseudo-header',
      [
        [':method', 'GET'],
        [':method', 'GET'],
      ],
      'pseudo-header',
      '§8.3',
    ],
    [
      'a pseudo-header after a field',
      [
        ['a', 'b'],
        [':method', 'GET'],
      ],
      'pseudo-header',
      '§8.3',
    ],
    [
      'a pseudo-header after a cookie',
      [
        ['cookie', 'b'],
        [':method', 'GET'],
      ],
      'pseudo-header',
      '§8.3',
    ],
    ['a line break in a pseudo-header', [[':path', '/\r\nhost: b']], 'pseudo-header', '§8.2.1', 1],
    ['white space before the value of a pseudo-header', [[':path', ' /']], 'pseudo-header', '§8.2.1', 0],
    ['white space after the value of a pseudo-header', [[':path', '/a\t']], 'pseudo-header', '§8.2.1', 2],
    ['a name in capitals', [['Host', 'a']], 'head-syntax', '§8.2.1'],
    ['an empty name', [['', 'a']], 'head-syntax', '§8.2.1'],
    ['a colon in a name', [['a:b', 'a']], 'head-syntax', '§8.2.1'],
    ['a space in a name', [['a b', 'a']], 'head-syntax', '§8.2.1'],
    ['a name beyond ASCII', [['é', 'a']], 'head-syntax', '§8.2.1'],
    ['NUL in a value', [['a', 'b\0']], 'head-syntax', '§8.2.1', 1],
    ['CR in a value', [['a', '\r']], 'head-syntax', '§8.2.1', 0],
    ['LF in a value', [['a', 'bc\nd']], 'head-syntax', '§8.2.1', 2],
    ['a value beyond U+00FF', [['a', '世']], 'head-syntax', '§8.2.1', 0],
    ['a value of white space', [['a', ' ']], 'head-syntax', '§8.2.1', 0],
  ])('%s', (_, fields, code, section, offset) => {
    const { error } = read(fields)
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code, status: 400, reference: `RFC 9113 ${section}`, offset })
    expect(error?.message).toMatch(/^[ -~]{1,300}$/)
  })
})

it('returns only valid fields for any pairs without an error', () => {
  const text = fc.oneof(
    fc.constantFrom(':method', ':path', 'cookie', 'a', 'A', '', ' a'),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (fields) => {
      const { headers, error } = read(fields)
      if (error === undefined)
        for (const [name, value] of headers)
          expect([isToken(name), /[A-Z]/.test(name), isFieldText(value)]).toEqual([true, false, true])
    }),
  )
})
