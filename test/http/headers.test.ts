/** Tests that fields are the same from every source, and the three functions that look them up. */

import { sensitiveHeaders } from 'node:http2'
import { describe, expect, it } from 'vitest'
import type { ProtocolError } from '../../src/errors.ts'
import {
  findFieldCountError,
  getHeader,
  getHeaderElements,
  getHeaders,
  type HeaderSource,
  toHeaderList,
} from '../../src/http/headers.ts'

describe('toHeaderList', () => {
  it.each<[string, HeaderSource, [string, string][]]>([
    [
      'pairs',
      [
        ['A', '1'],
        ['a', '2'],
        ['B', ''],
      ],
      [
        ['A', '1'],
        ['a', '2'],
        ['B', ''],
      ],
    ],
    [
      'rawHeaders of Node',
      ['A', '1', 'a', '2', 'B', ''],
      [
        ['A', '1'],
        ['a', '2'],
        ['B', ''],
      ],
    ],
    [
      'Fetch Headers, which join values',
      new Headers([
        ['A', '1'],
        ['a', '2'],
        ['B', ''],
      ]),
      [
        ['a', '1, 2'],
        ['b', ''],
      ],
    ],
    [
      'a Map',
      new Map([
        ['A', '1'],
        ['a', '2'],
      ]),
      [
        ['A', '1'],
        ['a', '2'],
      ],
    ],
    [
      'a record',
      { A: '1', a: ['2', '3'], n: 120, none: undefined, no: [] },
      [
        ['A', '1'],
        ['a', '2'],
        ['a', '3'],
        ['n', '120'],
      ],
    ],
    ['a record without prototype', Object.assign(Object.create(null), { A: '1' }), [['A', '1']]],
    [
      'a record with names that objects inherit',
      JSON.parse('{"__proto__":"1","constructor":"2","forEach":"3"}'),
      [
        ['__proto__', '1'],
        ['constructor', '2'],
        ['forEach', '3'],
      ],
    ],
    [
      'a header object of HTTP/2, without its pseudo-headers (RFC 9113 §8.3)',
      Object.assign(Object.create(null), {
        ':status': 200,
        ':method': 'GET',
        ':protocol': 'websocket',
        'set-cookie': ['a=1', 'b=2'],
        [sensitiveHeaders]: ['set-cookie'],
      }),
      [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    ],
    ['rawHeaders of HTTP/2, without its pseudo-headers', [':method', 'GET', 'a', '1', ':path', '/'], [['a', '1']]],
    ['nothing', [], []],
    ['an empty record', {}, []],
  ])('%s', (_, source, list) => {
    expect(toHeaderList(source)).toEqual(list)
  })
  it('returns a new list of new pairs', () => {
    const source: [string, string][] = [['A', '1']]
    const list = toHeaderList(source)
    list.push(['B', '2'])
    const [pair] = list
    if (pair) pair[1] = 'x'
    expect(source).toEqual([['A', '1']])
  })
  it('throws for a flat array that ends with a name', () => {
    expect(() => toHeaderList(['A', '1', 'B'])).toThrow(TypeError)
  })
})

describe('getHeader and getHeaders', () => {
  const source: HeaderSource = [
    ['A', '1'],
    ['b', '2'],
    ['a', '3'],
    ['__proto__', '4'],
    ['C', ''],
  ]
  it('find names in any letter case, in order', () => {
    expect(getHeaders(source, 'A')).toEqual(['1', '3'])
    expect(getHeaders(source, 'B')).toEqual(['2'])
  })
  it('return neither the first nor the last of several as the only one', () => {
    expect(getHeader(source, 'a')).toBeUndefined()
    expect(getHeader(source, 'B')).toBe('2')
    expect(getHeader(source, 'c')).toBe('')
    expect(getHeader(source, 'd')).toBeUndefined()
  })
  it('find no inherited names', () => {
    expect(getHeader(source, '__PROTO__')).toBe('4')
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(getHeaders(source, name)).toEqual([])
      expect(getHeaders({}, name)).toEqual([])
    }
    expect(getHeaders({}, '__proto__')).toEqual([])
  })
  it('fold only A–Z: the Kelvin sign is not a k', () => {
    expect(getHeaders([['\u212aey', '1']], 'key')).toEqual([])
    expect(getHeaders([['\xc4', '1']], '\xe4')).toEqual([])
  })
})

describe('getHeaderElements', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' \t', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [' a \t,\t b ', ['a', 'b']],
    ['a,,b', ['a', 'b']],
    [',a,', ['a']],
    [', ,\t,', []],
    ['a b, c', ['a b', 'c']],
    ['a; x="1,2", b', ['a; x="1,2"', 'b']],
    ['a; x="\\",", b', ['a; x="\\","', 'b']],
    ['a; x="\\\\", b', ['a; x="\\\\"', 'b']],
    ['"a, b', ['"a, b']],
    ['a, "', ['a', '"']],
    ['a, "\\', ['a', '"\\']],
    ['a\\, b', ['a\\', 'b']],
  ])('splits %j into %j', (value, elements) => {
    expect(getHeaderElements([['X', value]], 'x')).toEqual(elements)
  })
  it('joins the lines of a field, and ends a quoted string with its line', () => {
    expect(
      getHeaderElements(
        [
          ['X', 'a, "b'],
          ['y', 'no'],
          ['x', 'c", d'],
        ],
        'X',
      ),
    ).toEqual(['a', '"b', 'c", d'])
  })
  it('returns no elements for an absent field', () => {
    expect(getHeaderElements([], 'x')).toEqual([])
  })
  it('skips 100 empty elements, and throws for 101, over all lines', () => {
    const empties = (count: number) => ','.repeat(count - 1)
    expect(getHeaderElements({ x: `${empties(100)},a` }, 'x')).toEqual(['a'])
    const sources = [{ x: empties(101) }, { x: [empties(50), empties(51)] }]
    for (const source of sources) {
      const expected: Partial<ProtocolError> = { code: 'head-syntax', status: 400, reference: 'RFC 9110 §5.6.1.2' }
      expect(() => getHeaderElements(source, 'x')).toThrow(expect.objectContaining(expected))
    }
  })
  it('reads a value of 64 KiB of commas, quotes or backslashes', () => {
    for (const unit of ['"', '\\', '"\\', 'a,', '"a",']) {
      const value = unit.repeat(65_536 / unit.length)
      expect(getHeaderElements({ x: value }, 'x').join(',').length).toBeGreaterThan(60_000)
    }
  })
})

describe('findFieldCountError (RFC 6585 §5)', () => {
  const fields = (count: number) => Array.from({ length: count }, () => ['a', 'b'] as const)
  it('accepts 100 fields by default, and rejects one more with 431', () => {
    expect(findFieldCountError(fields(100), undefined)).toBeUndefined()
    expect(findFieldCountError(fields(101), undefined)).toMatchObject({
      name: 'ProtocolError',
      code: 'too-many',
      status: 431,
      reference: 'RFC 6585 §5',
    })
  })
  it('follows limits.maxHeadFields', () => {
    expect(findFieldCountError(fields(2000), { maxHeadFields: 2000 })).toBeUndefined()
    expect(findFieldCountError(fields(3), { maxHeadFields: 2 })?.message).toBe(
      '3 fields exceed limits.maxHeadFields (2)',
    )
  })
})
