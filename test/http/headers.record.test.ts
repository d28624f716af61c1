/** Tests fields as a record: for `writeHead`, and without inherited names. */

import { type IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type HeaderSource, toHeaderList, toHeaderRecord } from '../../src/http/headers.ts'

describe('toHeaderRecord', () => {
  const plain = (source: HeaderSource) => Object.entries(toHeaderRecord(source))

  it('has names in lower case, and repeats as arrays in their order', () => {
    expect(
      plain([
        ['X-A', '1'],
        ['Host', 'a'],
        ['x-a', '2'],
        ['x-A', '1'],
        ['Empty', ''],
      ]),
    ).toEqual([
      ['x-a', ['1', '2', '1']],
      ['host', 'a'],
      ['empty', ''],
    ])
    expect(plain([])).toEqual([])
  })
  it('accepts every source, and neither joins nor checks values', () => {
    expect(plain(['A', '1', 'a', '2'])).toEqual([['a', ['1', '2']]])
    expect(plain({ A: 1, b: undefined, ':path': '/' })).toEqual([['a', '1']])
    expect(plain(new Headers({ A: '1, 2' }))).toEqual([['a', '1, 2']])
  })
  it('folds only A–Z: the Kelvin sign is not a k', () => {
    expect(
      plain([
        ['\u212a', '1'],
        ['K', '2'],
      ]),
    ).toEqual([
      ['\u212a', '1'],
      ['k', '2'],
    ])
  })
  it('has no prototype, so that __proto__ and constructor are ordinary names', () => {
    const record = toHeaderRecord([
      ['__proto__', '1'],
      ['__PROTO__', '2'],
      ['constructor', '3'],
      ['toString', '4'],
    ])
    expect(Object.getPrototypeOf(record)).toBeNull()
    expect(Object.entries(record)).toEqual([
      ['__proto__', ['1', '2']],
      ['constructor', '3'],
      ['tostring', '4'],
    ])
    expect(toHeaderList(record)).toEqual([
      ['__proto__', '1'],
      ['__proto__', '2'],
      ['constructor', '3'],
      ['tostring', '4'],
    ])
  })
  it('is a new record with new arrays', () => {
    const source = { a: ['1', '2'] }
    const record = toHeaderRecord(source)
    ;(record.a as string[]).push('3')
    expect(source).toEqual({ a: ['1', '2'] })
  })
  it('is accepted by writeHead of node:http', () => {
    const response = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as IncomingMessage)
    response.sendDate = false
    response.writeHead(
      401,
      toHeaderRecord([
        ['Content-Length', '0'],
        ['Connection', 'close'],
        ['WWW-Authenticate', 'a'],
        ['www-authenticate', 'b'],
        ['__proto__', 'c'],
      ]),
    )
    response.end()
    expect((response as unknown as { _header: string })._header).toBe(
      'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n' +
        'www-authenticate: a\r\nwww-authenticate: b\r\n__proto__: c\r\n\r\n',
    )
  })
})
