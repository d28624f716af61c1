/**
 * Tests the character classes over every code unit, against the ABNF of RFC 9110 §5.5 and §5.6 in another form, and where each
 * cursor stops.
 */

import { describe, expect, it } from 'vitest'
import {
  BASE64,
  DIGIT,
  isFieldText,
  isToken,
  type Parameter,
  PLAIN_NAME,
  REG_NAME,
  readDecimal,
  readParameters,
  readQuotedString,
  skipClass,
  skipWhitespace,
  splitList,
  TARGET,
  trimWhitespace,
  VCHAR,
} from '../../src/http/grammar.ts'

const units = Array.from({ length: 65_536 }, (_, unit) => String.fromCharCode(unit))
const matching = (pattern: RegExp) => units.filter((unit) => pattern.test(unit))

describe('character classes', () => {
  it('a token contains only tchars (RFC 9110 §5.6.2)', () => {
    expect(units.filter(isToken)).toEqual(matching(/[!#$%&'*+.^_`|~0-9A-Za-z-]/))
    expect(isToken('')).toBe(false)
    expect(isToken('a b')).toBe(false)
    expect(isToken('permessage-deflate')).toBe(true)
  })
  it('a field value may contain visible ASCII, obs-text, space and tab (RFC 9110 §5.5)', () => {
    expect(units.filter(isFieldText)).toEqual(matching(/[\t -~\x80-\xff]/))
    expect(isFieldText('')).toBe(true)
  })
  it.each([
    ['visible ASCII', VCHAR, /[!-~]/],
    ['a digit', DIGIT, /[0-9]/],
    ["a host name's", REG_NAME, /[A-Za-z0-9._~!$&'()*+;=%-]/],
    ['a host name without capitals and the percent sign', PLAIN_NAME, /[a-z0-9._~!$&'()*+;=-]/],
    ['a request target, which has no fragment', TARGET, /[!"$-~]/],
    ['base64 without padding', BASE64, /[A-Za-z0-9+/]/],
  ])('%s', (_, bits, pattern) => {
    expect(units.filter((unit) => skipClass(unit, 0, bits) === 1)).toEqual(matching(pattern))
  })
})

describe('cursors', () => {
  it('stop at the end of the class, or of the text', () => {
    expect(skipClass('abc def', 0, VCHAR)).toBe(3)
    expect(skipClass('abc', 1, VCHAR)).toBe(3)
    expect(skipClass('abc', 3, VCHAR)).toBe(3)
    expect(skipWhitespace('a \t b', 1)).toBe(4)
  })
  it('treat only space and tab as white space, unlike String.trim', () => {
    expect(trimWhitespace(' \ta b\t ')).toBe('a b')
    expect(trimWhitespace('\xa0a\v')).toBe('\xa0a\v')
    expect(trimWhitespace(' \t ')).toBe('')
  })
  it('split a list: count empty elements and append the others', () => {
    const elements = ['before']
    expect(splitList('a,, b,', elements)).toBe(2)
    expect(elements).toEqual(['before', 'a', 'b'])
    expect(splitList('', elements)).toBe(1)
  })
})

describe('readDecimal', () => {
  it('accepts only digits', () => {
    expect(units.filter((unit) => readDecimal(unit) !== undefined)).toEqual(matching(/[0-9]/))
    expect(['0', '007', '426'].map((text) => readDecimal(text))).toEqual([0, 7, 426])
    for (const text of ['', '+1', '-1', '1.0', '0x1', '1e3', ' 1', '1 ']) expect(readDecimal(text)).toBeUndefined()
  })
  it('rejects numbers above the bound, which is at most the largest exact integer', () => {
    expect(readDecimal('255', 255)).toBe(255)
    expect(readDecimal('256', 255)).toBeUndefined()
    expect(readDecimal('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
    expect(readDecimal('9007199254740992')).toBeUndefined()
    expect(readDecimal('9'.repeat(400))).toBeUndefined()
  })
})

describe('readQuotedString (RFC 9110 §5.6.4)', () => {
  it.each<[text: string, value: string, end: number]>([
    ['""', '', 2],
    ['"a"', 'a', 3],
    ['"a b\tc" d', 'a b\tc', 7],
    ['"a,;=\'b"', "a,;='b", 8],
    ['"\\""', '"', 4],
    ['"\\\\"', '\\', 4],
    ['"\\a\\b"', 'ab', 6],
    ['"a\\"b\\\\c"x', 'a"b\\c', 9],
    ['"\\ \\\t"', ' \t', 6],
    ['"é\xff\\\x80"', 'é\xff\x80', 6],
    ['"a""b"', 'a', 3],
  ])('reads %j as %j', (text, value, end) => {
    expect(readQuotedString(text, 0)).toEqual({ value, end })
    expect(readQuotedString(`;${text}`, 1)).toEqual({ value, end: end + 1 })
  })
  it.each([
    '',
    'a',
    'a"b"',
    '"',
    '"a',
    '"a\\',
    '"a\\"',
    '"\\\\\\"',
    '"a\0"',
    '"\\\0"',
    '"\r\n"',
    '"\x7f"',
    '"\\\x7f"',
    '"Ā"',
  ])('%j is not a number', (text) => {
    expect(readQuotedString(text, 0)).toBeUndefined()
  })
  it('does not begin after the end of the text', () => {
    expect(readQuotedString('"a"', 3)).toBeUndefined()
    expect(readQuotedString('"a"', 9)).toBeUndefined()
  })
  it('may contain and escape field characters only', () => {
    const bare = units.filter((unit) => readQuotedString(`"${unit}"`, 0)?.value === unit)
    expect(bare).toEqual(matching(/[\t !#-[\]-~\x80-\xff]/))
    const escaped = units.filter((unit) => readQuotedString(`"\\${unit}"`, 0)?.value === unit)
    expect(escaped).toEqual(matching(/[\t -~\x80-\xff]/))
  })
})

describe('readParameters (RFC 9110 §5.6.6)', () => {
  it.each<[text: string, parameters: Parameter[], end: number]>([
    ['', [], 0],
    [';a', [['a', true]], 2],
    [';a=b', [['a', 'b']], 4],
    [';a="b"', [['a', 'b']], 6],
    [';a=""', [['a', '']], 5],
    [';a="b;c=d,\\"e"', [['a', 'b;c=d,"e']], 14],
    [
      ';A=1;a=2;A',
      [
        ['A', '1'],
        ['a', '2'],
        ['A', true],
      ],
      10,
    ],
    [
      ' \t; \ta \t= \tb \t; \tc',
      [
        ['a', 'b'],
        ['c', true],
      ],
      18,
    ],
    [
      '; a = "b" ; c',
      [
        ['a', 'b'],
        ['c', true],
      ],
      13,
    ],
    [
      ';__proto__=1;constructor',
      [
        ['__proto__', '1'],
        ['constructor', true],
      ],
      24,
    ],
    [';true=true', [['true', 'true']], 10],
  ])('%j', (text, parameters, end) => {
    const found: Parameter[] = []
    expect(readParameters(text, 0, found)).toBe(end)
    expect(found).toEqual(parameters)
    // After a name, and before the next element of a list.
    const later: Parameter[] = [['before', true]]
    expect(readParameters(`name${text}, next`, 4, later)).toBe(4 + end)
    expect(later).toEqual([['before', true], ...parameters])
  })
  it.each<[text: string, parameters: Parameter[]]>([
    [';', []],
    [' ; ;; ', []],
    [
      ';;a;;b=c;',
      [
        ['a', true],
        ['b', 'c'],
      ],
    ],
  ])('skips empty parameters in %j', (text, parameters) => {
    const found: Parameter[] = []
    expect(readParameters(text, 0, found)).toBe(text.length)
    expect(found).toEqual(parameters)
    expect(readParameters(`${text},x`, 0, [])).toBe(text.length)
  })
  it.each<[text: string, end: number]>([
    ['a', 0],
    [' a', 0],
    [' ,', 0],
    [';a b', 2],
    [';a "b"', 2],
    [';a="b"c', 6],
    [';a=b=c', 4],
    [';a=b"c"', 4],
    [';a=b , c', 4],
    [';a/b', 2],
    [';a\0', 2],
  ])('reads %j up to %i, where no parameter begins', (text, end) => {
    expect(readParameters(text, 0, [])).toBe(end)
  })
  it.each<[text: string, index: number]>([
    [';=', 1],
    [';=b', 1],
    [' ; "a"', 3],
    [';\0', 1],
    [';é', 1],
    [';a=', 3],
    [';a= \t', 5],
    [';a=;b', 3],
    [';a=,b', 3],
    [';a==b', 3],
    [';a="b', 3],
    [';a= "b\\"', 4],
    [';a="\0"', 3],
    [';a=é', 3],
    [';b;a=/', 5],
  ])('rejects %j at %i', (text, index) => {
    expect(readParameters(text, 0, [])).toBe(-1 - index)
    expect(readParameters(`xyz${text}`, 3, [])).toBe(-1 - (index + 3))
  })
  it('appends the parameters before an error', () => {
    const found: Parameter[] = []
    readParameters(';a=1;b;c=', 0, found)
    expect(found).toEqual([
      ['a', '1'],
      ['b', true],
    ])
  })
})

it('reads 100 000 spaces, semicolons, quotes, backslashes or escapes in one call', () => {
  const many = 100_000
  expect(readParameters(' '.repeat(many), 0, [])).toBe(0)
  expect(readParameters(';'.repeat(many), 0, [])).toBe(many)
  expect(readParameters(' ;'.repeat(many), 0, [])).toBe(2 * many)
  expect(readParameters(`;a${' '.repeat(many)}`, 0, [])).toBe(2)
  expect(readParameters(`;a=${' '.repeat(many)}`, 0, [])).toBe(-1 - (many + 3))
  expect(readParameters(';a=""'.repeat(many), 0, [])).toBe(5 * many)
  expect(readParameters(`;a="${'\\"'.repeat(many)}`, 0, [])).toBe(-4)
  expect(readQuotedString(`"${'\\"'.repeat(many)}"`, 0)).toEqual({ value: '"'.repeat(many), end: 2 * many + 2 })
  expect(readQuotedString(`"${'\\'.repeat(many)}"`, 0)).toEqual({ value: '\\'.repeat(many / 2), end: many + 2 })
  expect(readQuotedString(`"${' '.repeat(many)}`, 0)).toBeUndefined()
  for (const unit of [' ', ';', '"', '\\', ',']) expect(splitList(unit.repeat(many), [])).toBeGreaterThanOrEqual(0)
})
