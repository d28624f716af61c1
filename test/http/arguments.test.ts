/** Tests that every function of `http/` rejects an invalid argument with an error that names it. */

import { describe, expect, it } from 'vitest'
import * as http from '../../src/http/index.ts'

const bad: readonly unknown[] = [
  undefined,
  null,
  'text',
  5,
  true,
  Symbol('s'),
  [],
  [5],
  {},
  Promise.resolve({}),
  () => 5,
  new Date(0),
]
/** Messages of JavaScript engines, which do not help a caller. */
const engines =
  /Cannot|undefined \(|is not (a function|iterable|an object)|Invalid (array|string)|read propert|operator|destructure/

/** Throws an error that describes what is wrong with a result. */
function expectTold(call: () => unknown, mayAnswer = false): void {
  let answer: unknown
  try {
    answer = call()
  } catch (error) {
    expect(error instanceof TypeError || error instanceof RangeError, String(error)).toBe(true)
    expect((error as Error).message).toMatch(/must be|must return|is no |expected|must have|must not|names/)
    expect((error as Error).message).not.toMatch(engines)
    return
  }
  if (!mayAnswer) throw new Error(`answered ${String(answer)}`)
}

type Loose = (...args: unknown[]) => unknown
const loose = http as unknown as Record<string, Loose>

describe('an invalid request', () => {
  it.each([
    'findHostError',
    'expectsContinue',
    'forwardableHeaders',
    'formatRequestHead',
    'getExtendedConnect',
    'requestFraming',
    'requestHeadFrom',
    'responseFraming',
  ])('%s', (name) => {
    for (const value of bad) expectTold(() => loose[name]?.(value))
    // Some members may be absent or empty, or are not read.
    for (const value of bad)
      expectTold(() => loose[name]?.({ method: value, target: value, headers: value, status: value }), true)
  })
  it('selectUpgrade', () => {
    for (const value of bad) expectTold(() => loose.selectUpgrade?.(value, ['foo']))
  })
})

describe('invalid members of a request', () => {
  const sources: Record<string, Record<string, unknown>> = {
    'your own head': {
      method: 'GET',
      target: '/',
      headers: {},
      httpVersion: '1.1',
      protocol: 'a',
      authority: 'a',
      scheme: 'a',
    },
    Node: { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: [] },
    Fetch: { method: 'GET', url: 'http://a/', headers: new Headers() },
    'HTTP/2': { ':method': 'GET', ':path': '/', ':authority': 'a', ':scheme': 'https', ':protocol': 'x' },
    'a field section': { httpVersion: '2', fields: [] },
  }
  it.each(Object.entries(sources))('%s', (_, source) => {
    expect(() => loose.requestHeadFrom?.(source)).not.toThrow()
    for (const member of Object.keys(source))
      for (const value of [null, 5, Symbol('s'), {}, Promise.resolve({})]) {
        // The caller does not set Node's version, and an empty record is a valid source of fields.
        if (
          member === 'httpVersion' ||
          (member === 'headers' && typeof value === 'object' && value?.constructor === Object)
        )
          continue
        expectTold(() => loose.requestHeadFrom?.({ ...source, [member]: value }))
      }
  })
  it('a parser’s result of a response, and a Fetch Response', () => {
    const parsed = new http.ResponseHeadParser().push(new TextEncoder().encode('HTTP/1.1 200 OK\r\n\r\n'))
    for (const value of [parsed, new Response('')]) expectTold(() => loose.requestHeadFrom?.(value))
    for (const value of [parsed, new Response('')]) expectTold(() => loose.findHostError?.(value))
  })
})

describe('invalid fields', () => {
  const readers: Record<string, Loose> = {
    toHeaderList: (fields) => loose.toHeaderList?.(fields),
    toHeaderRecord: (fields) => loose.toHeaderRecord?.(fields),
    getHeader: (fields) => loose.getHeader?.(fields, 'a'),
    getHeaders: (fields) => loose.getHeaders?.(fields, 'a'),
    getHeaderElements: (fields) => loose.getHeaderElements?.(fields, 'a'),
    parseUpgrade: (fields) => loose.parseUpgrade?.(fields),
    requestHeadFrom: (headers) => loose.requestHeadFrom?.({ method: 'GET', target: '/', headers }),
    formatRequestHead: (headers) => loose.formatRequestHead?.({ method: 'GET', target: '/', headers }),
    requestFraming: (headers) => loose.requestFraming?.({ headers }),
    responseFraming: (headers) => loose.responseFraming?.({ status: 200, headers }),
  }
  const notFields: [title: string, fields: unknown][] = [
    ['a text', 'Host: a\r\n'],
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a function', () => []],
    ['a promise', Promise.resolve({})],
    ['a Response', new Response('')],
    ['a Date', new Date(0)],
    ['bytes', Uint8Array.of(1)],
    ['a name without a value', ['a']],
    ['invalid names and values', ['a', 5]],
    ['invalid pairs', [['a', 'b'], 'c']],
    ['a pair of three', [['a', 'b', 'c']]],
    ['a pair without a value', [['a']]],
    ['a pair of numbers', [['a', 5]]],
    ['null in pairs', [null]],
    ['a Map of numbers', new Map([['a', 5]])],
    ['a Set', new Set([5])],
    ['null in a record', { a: null }],
    ['a boolean in a record', { a: true }],
    ['a record in a record', { a: { b: 'c' } }],
    ['numbers in an array of a record', { a: [5] }],
    ['a whole head', { method: 'GET', target: '/', headers: [['a', 'b']], protocol: undefined }],
  ]
  for (const [reader, read] of Object.entries(readers))
    it.each(notFields)(`${reader}: %s`, (_, fields) => {
      expectTold(() => read(fields))
    })
  it('are not repeated in a message, since a value may be a secret', () => {
    for (const fields of ['Authorization: Basic c2VjcmV0', [['Authorization', ['c2VjcmV0']]], ['c2VjcmV0'.repeat(2)]])
      expect(() => loose.toHeaderList?.(fields)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('c2Vj') }),
      )
  })
  it('do not include empty ones, which are valid', () => {
    for (const fields of [[], {}, new Headers(), new Map(), Object.create(null)])
      for (const read of Object.values(readers)) read(fields)
  })
})

describe('other arguments', () => {
  it('the name of a field', () => {
    for (const name of ['getHeader', 'getHeaders', 'getHeaderElements'])
      for (const value of [undefined, null, 5, {}, ['a']])
        expect(() => loose[name]?.({ a: 'b' }, value)).toThrow(/^the name of a field must be a string, not /)
  })
  it('protocols', () => {
    for (const value of bad) if (typeof value !== 'string') expectTold(() => loose.upgradeHeaders?.(value))
    for (const value of bad)
      if (typeof value !== 'string' && value !== undefined) expectTold(() => loose.upgradeHeaders?.('a', value))
  })
  it('limits and bytes', () => {
    for (const value of bad) {
      expectTold(() => loose.parseRequestHead?.(value))
      // An object without members is also valid as limits.
      expectTold(
        () => new http.RequestHeadParser(value as http.Limits),
        value === undefined || value?.constructor === Object || value instanceof Date,
      )
    }
    expect(() => new http.RequestHeadParser({ limits: {} } as http.Limits)).toThrow('`limits`: unknown option "limits"')
  })
})
