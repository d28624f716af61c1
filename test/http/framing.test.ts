/** Tests where a body ends, by each rule of RFC 9112 §6.3, and that ambiguous framing is refused. */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { requestFraming, responseFraming } from '../../src/http/framing.ts'
import type { HeaderSource } from '../../src/http/headers.ts'
import type { HttpVersion } from '../../src/http/request.ts'
import { type ResponseHead, responseHeadFrom } from '../../src/http/response.ts'
import { parseResponseHead } from '../../src/http/response-parser.ts'

const request = (headers: HeaderSource, httpVersion: HttpVersion | undefined = '1.1') => ({ httpVersion, headers })

function errorOf(read: () => unknown): unknown {
  try {
    read()
  } catch (error) {
    if (error instanceof ProtocolError) return error.toJSON()
    throw error
  }
  throw new Error('no error')
}

/** Invalid lengths. */
const noLengths = [
  '',
  ' ',
  ',',
  '0,',
  ',0',
  '5,,5',
  '-0',
  '-5',
  '+0',
  '+5',
  '0x0',
  '0x5',
  '0.0',
  '5.0',
  '0e0',
  '5e0',
  '0 0',
  '5 5',
  '"0"',
  'a',
  '5a',
  '5;a',
  '0_0',
  '\u0660',
  '9007199254740992',
  '9007199254740993',
  '9'.repeat(1000),
  `0${','.repeat(200)}`,
]
/** Two different lengths. */
const contradicting: HeaderSource[] = [
  { 'content-length': '5, 6' },
  { 'content-length': ['5', '6'] },
  { 'content-length': ['5', '5', '0'] },
  [
    ['Content-Length', '0'],
    ['content-length', '5'],
  ],
  { 'content-length': ['0', '', '0'] },
]
const lengths: [string | string[], number][] = [
  ['0', 0],
  ['000', 0],
  ['5', 5],
  ['0005', 5],
  ['5, 5', 5],
  ['5 ,\t05', 5],
  [['5', '5'], 5],
  ['9007199254740991', 9_007_199_254_740_991],
  [`${'0'.repeat(1000)}1`, 1],
]

describe('requestFraming', () => {
  it.each<[HeaderSource, HttpVersion?]>([[{}], [{ host: 'a' }], [{}, '1.0'], [[]], [new Headers()]])(
    '%j without either field has no body',
    (headers, httpVersion) => {
      expect(requestFraming(request(headers, httpVersion))).toEqual({ kind: 'none' })
    },
  )
  it.each(lengths)('Content-Length: %j is %i bytes', (value, length) => {
    expect(requestFraming(request({ 'Content-Length': value }))).toEqual({ kind: 'length', length })
  })
  it.each([
    'chunked',
    'CHUNKED',
    'gzip, chunked',
    ['gzip', 'chunked'],
    'gzip;q="a,b", chunked',
    ' chunked\t',
    ', chunked ,',
  ])('Transfer-Encoding: %j ends with the last chunk', (value) => {
    expect(requestFraming(request({ 'Transfer-Encoding': value }))).toEqual({ kind: 'chunked' })
  })
  it.each([
    'identity',
    '',
    ',',
    'gzip',
    'chunked, gzip',
    'chunked, identity',
    ['chunked', 'identity'],
    'chunked, chunked',
    ['chunked', 'chunked'],
    'xchunked',
    'chunkedx',
    'chunked;a=b',
    '"chunked"',
    'chunked\x0b',
    '\x0bchunked',
    'chunked chunked',
    'gzip chunked',
    '"a, chunked',
    'cow, "chunked',
    `${','.repeat(101)}chunked`,
  ])('rejects Transfer-Encoding: %j, which does not end in one chunked, with 400', (value) => {
    const faulty = request({ 'Transfer-Encoding': value })
    expect(errorOf(() => requestFraming(faulty))).toMatchObject({
      code: 'request-body',
      status: 400,
      reference: 'RFC 9112 §6.3',
    })
  })
  it.each([
    ['5', 'chunked'],
    ['0', 'chunked'],
    ['', 'chunked'],
    ['5', 'identity'],
    ['5', ''],
  ])('rejects Content-Length: %j beside Transfer-Encoding: %j with 400, in either order', (length, coding) => {
    const pairs: [string, string][] = [
      ['content-length', length],
      ['TRANSFER-encoding', coding],
    ]
    for (const headers of [pairs, pairs.toReversed()])
      expect(errorOf(() => requestFraming(request(headers)))).toMatchObject({
        code: 'request-body',
        status: 400,
        reference: 'RFC 9112 §6.3',
      })
  })
  it('rejects any Transfer-Encoding in HTTP/1.0 with 400 (RFC 9112 §6.1)', () => {
    for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'transfer-encoding': '', 'content-length': '0' }])
      expect(errorOf(() => requestFraming(request(headers, '1.0')))).toMatchObject({
        code: 'request-body',
        status: 400,
        reference: 'RFC 9112 §6.1',
      })
    expect(requestFraming(request({ 'content-length': '5' }, '1.0'))).toEqual({ kind: 'length', length: 5 })
  })
  it.each(noLengths)('rejects Content-Length: %j with 400', (value) => {
    const expected = { code: 'request-body', status: 400, reference: 'RFC 9112 §6.3' }
    expect(errorOf(() => requestFraming(request([['Content-Length', value]])))).toMatchObject(expected)
    expect(errorOf(() => requestFraming(request({ 'Content-Length': ['5', value] })))).toMatchObject(expected)
  })
  it.each(contradicting)('rejects the different lengths of %j with 400', (headers) => {
    expect(errorOf(() => requestFraming(request(headers)))).toMatchObject({ code: 'request-body', status: 400 })
  })
  it('repeats little of the field in an error, in visible ASCII', () => {
    const { message } = errorOf(() =>
      requestFraming(request({ 'content-length': `\x1b\x9b${'x'.repeat(60_000)}` })),
    ) as Error
    expect(message).toMatch(/^[ -~]{20,250}$/)
  })
  it('ignores fields with similar names', () => {
    const headers = { content_length: '5', transfer_encoding: 'chunked', 'x-content-length': '6' }
    expect(requestFraming(request(headers))).toEqual({ kind: 'none' })
  })
})

describe('responseFraming', () => {
  const both = { 'content-length': '5', 'transfer-encoding': 'chunked' }

  it.each([
    [100, 'GET'],
    [101, 'GET'],
    [103, 'GET'],
    [204, 'GET'],
    [304, 'GET'],
    [200, 'HEAD'],
    [426, 'HEAD'],
    [200, 'CONNECT'],
    [299, 'CONNECT'],
    [101, 'CONNECT'],
  ])('a %i response to %s never has a body', (status, method) => {
    for (const headers of [{}, both, { 'content-length': 'x' }, { 'transfer-encoding': 'gzip' }])
      expect(responseFraming({ status, headers }, method)).toEqual({ kind: 'none' })
  })
  it.each([
    [200, 'GET'],
    [205, 'GET'],
    [300, 'CONNECT'],
    [407, 'CONNECT'],
    [200, 'head'],
    [200, 'connect'],
  ])('a %i response to %s has a body', (status, method) => {
    expect(responseFraming({ status, headers: { 'content-length': 5 } }, method)).toEqual({ kind: 'length', length: 5 })
    expect(responseFraming({ status, headers: {} }, method)).toEqual({ kind: 'until-close' })
  })
  it.each(['1.0', '2', '3'])('rejects Transfer-Encoding in HTTP/%s (RFC 9112 §6.1, RFC 9113 §8.2.2)', (httpVersion) => {
    const codings = [{ 'transfer-encoding': 'chunked' }, { 'transfer-encoding': 'gzip' }, both]
    for (const headers of codings) {
      const found = errorOf(() => responseFraming({ status: 200, httpVersion, headers }))
      expect(found).toEqual({
        code: 'head-syntax',
        message: `unreliable framing: Transfer-Encoding in HTTP/${httpVersion}`,
        reference: 'RFC 9112 §6.1',
      })
      expect(errorOf(() => requestFraming({ httpVersion, headers }))).toMatchObject({
        code: 'request-body',
        status: 400,
      })
    }
    const length = { 'content-length': 5 }
    expect(responseFraming({ status: 200, httpVersion, headers: length })).toEqual({ kind: 'length', length: 5 })
    expect(responseFraming({ status: 200, httpVersion, headers: {} })).toEqual({ kind: 'until-close' })
    expect(responseFraming({ status: 200, httpVersion, headers: both }, 'CONNECT')).toEqual({ kind: 'none' })
  })
  it('reads Transfer-Encoding in an unknown or missing version as in HTTP/1.1', () => {
    const headers = { 'transfer-encoding': 'chunked' }
    for (const httpVersion of ['1.1', 'unknown', undefined])
      expect(responseFraming({ status: 200, httpVersion, headers })).toEqual({ kind: 'chunked' })
  })
  it('uses the version of a parsed HTTP/1.0 head', () => {
    const wire = 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    const head = parseResponseHead(new TextEncoder().encode(wire))?.head as ResponseHead
    expect(() => responseFraming(head)).toThrow(ProtocolError)
    const rawHeaders = ['Transfer-Encoding', 'chunked']
    const node = responseHeadFrom({ statusCode: 200, httpVersion: '1.0', rawHeaders })
    expect(() => responseFraming(node)).toThrow(ProtocolError)
  })
  it.each(['chunked', 'gzip, Chunked', ['gzip', 'chunked']])(
    'Transfer-Encoding: %j ends with the last chunk',
    (value) => {
      expect(responseFraming({ status: 200, headers: { 'transfer-encoding': value } })).toEqual({ kind: 'chunked' })
    },
  )
  it.each([
    'gzip',
    'identity',
    'chunked, gzip',
    'chunked, chunked',
    'chunked;a',
    '"chunked"',
    `${','.repeat(101)}chunked`,
  ])('Transfer-Encoding: %j ends with the connection', (value) => {
    expect(responseFraming({ status: 200, headers: { 'transfer-encoding': value } })).toEqual({ kind: 'until-close' })
  })
  it('rejects an empty Transfer-Encoding, alone or with another', () => {
    for (const value of ['', ['', 'chunked'], ['chunked', ''], ['gzip', '']]) {
      const headers = { 'transfer-encoding': value }
      expect(() => responseFraming({ status: 200, headers })).toThrow(expect.objectContaining({ code: 'head-syntax' }))
      expect(() => requestFraming({ headers })).toThrow(expect.objectContaining({ code: 'request-body', status: 400 }))
    }
  })
  it.each(lengths)('Content-Length: %j is %i bytes', (value, length) => {
    expect(responseFraming({ status: 404, headers: { 'content-length': value } })).toEqual({ kind: 'length', length })
  })
  it.each<HeaderSource>([both, ...contradicting, ...noLengths.map((value) => ({ 'content-length': value }))])(
    'rejects %j with an error that has no status',
    (headers) => {
      const error = errorOf(() => responseFraming({ status: 200, headers }))
      expect(error).toMatchObject({ code: 'head-syntax', reference: 'RFC 9112 §6.3' })
      expect(error).not.toHaveProperty('status')
    },
  )
})

it('returns a new object each time', () => {
  Object.assign(requestFraming({ headers: {} }), { kind: 'chunked' })
  Object.assign(responseFraming({ status: 204, headers: {} }), { kind: 'chunked' })
  expect(requestFraming({ headers: {} })).toEqual({ kind: 'none' })
  expect(responseFraming({ status: 304, headers: {} })).toEqual({ kind: 'none' })
})
