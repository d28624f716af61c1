/** Holds the character classes over every code unit, against the ABNF of RFC 9110 §5.5 and §5.6 written another way. */

import { describe, expect, it } from 'vitest'
import {
  isFieldText,
  isToken,
  skipClass,
  skipWhitespace,
  splitList,
  trimWhitespace,
  VCHAR,
} from '../../src/http/grammar.ts'

const units = Array.from({ length: 65_536 }, (_, unit) => String.fromCharCode(unit))
const matching = (pattern: RegExp) => units.filter((unit) => pattern.test(unit))

describe('character classes', () => {
  it('a token is made of tchars (RFC 9110 §5.6.2)', () => {
    expect(units.filter(isToken)).toEqual(matching(/[!#$%&'*+.^_`|~0-9A-Za-z-]/))
    expect(isToken('')).toBe(false)
    expect(isToken('a b')).toBe(false)
    expect(isToken('permessage-deflate')).toBe(true)
  })
  it('a field value holds visible ASCII, obs-text, space and tab (RFC 9110 §5.5)', () => {
    expect(units.filter(isFieldText)).toEqual(matching(/[\t -~\x80-\xff]/))
    expect(isFieldText('')).toBe(true)
  })
  it('VCHAR is visible ASCII', () => {
    expect(units.filter((unit) => skipClass(unit, 0, VCHAR) === 1)).toEqual(matching(/[!-~]/))
  })
})

describe('cursors', () => {
  it('stop where the class ends, or the text', () => {
    expect(skipClass('abc def', 0, VCHAR)).toBe(3)
    expect(skipClass('abc', 1, VCHAR)).toBe(3)
    expect(skipClass('abc', 3, VCHAR)).toBe(3)
    expect(skipWhitespace('a \t b', 1)).toBe(4)
  })
  it('white space is space and tab, not what String.trim takes', () => {
    expect(trimWhitespace(' \ta b\t ')).toBe('a b')
    expect(trimWhitespace('\xa0a\v')).toBe('\xa0a\v')
    expect(trimWhitespace(' \t ')).toBe('')
  })
  it('splitList counts the empty elements and appends the others', () => {
    const elements = ['before']
    expect(splitList('a,, b,', elements)).toBe(2)
    expect(elements).toEqual(['before', 'a', 'b'])
    expect(splitList('', elements)).toBe(1)
  })
})
