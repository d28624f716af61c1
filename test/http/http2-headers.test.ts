/** Tests the header objects for `node:http2`, and which fields are left out. */

import { describe, expect, it } from 'vitest'
import { toHttp2Headers } from '../../src/http/http2-headers.ts'
import type { RequestLike } from '../../src/http/request.ts'
import { requestHeadFrom } from '../../src/http/request.ts'
import { type ResponseLike, responseHeadFrom } from '../../src/http/response.ts'
import { refuseUpgrade, switchingProtocols, upgradeRequired } from '../../src/http/upgrade-server.ts'
import { extended } from '../handshake/extended.ts'

describe('a request', () => {
  it('becomes pseudo-headers, then fields in lower case, with repeats as arrays', () => {
    const headers = toHttp2Headers(extended({ 'X-A': ['1', '2'], Cookie: ' a=b\t' }))
    expect(Object.entries(headers)).toEqual([
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
      [':scheme', 'https'],
      [':path', '/chat'],
      [':authority', 'a.example'],
      ['sec-websocket-version', '13'],
      ['x-a', ['1', '2']],
      ['cookie', 'a=b'],
    ])
    expect(Object.getPrototypeOf(headers)).toBe(null)
  })
  it('with another method has no :protocol, and a CONNECT without it has only an authority (RFC 9113 §8.5)', () => {
    const plain = {
      httpVersion: '2',
      method: 'GET',
      target: '/',
      scheme: 'https',
      authority: 'a',
      headers: [],
    } as const
    expect(toHttp2Headers(plain)).toEqual({ ':method': 'GET', ':scheme': 'https', ':path': '/', ':authority': 'a' })
    expect(toHttp2Headers({ ...plain, method: 'CONNECT' })).toEqual({ ':method': 'CONNECT', ':authority': 'a' })
  })
  it('with Host and without :authority gets :authority from Host (RFC 9113 §8.3.1)', () => {
    const fields = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':path', '/chat'],
      ['host', 'a.example'],
    ] as const
    const expected = { ':method': 'GET', ':scheme': 'https', ':path': '/chat', ':authority': 'a.example' }
    expect(toHttp2Headers(requestHeadFrom({ httpVersion: '2', fields }))).toEqual(expected)
  })
  it('is read back unchanged', () => {
    const head = requestHeadFrom(extended({ 'x-a': ['1', '2'], ['__proto__']: 'x' }))
    expect(requestHeadFrom(toHttp2Headers(head))).toEqual(head)
  })
  it.each<[string, Partial<RequestLike>]>([
    ['HTTP/1.1', { httpVersion: '1.1' }],
    ['HTTP/1.0', { httpVersion: '1.0' }],
    ['an unknown version', { httpVersion: undefined }],
    ['no scheme', { scheme: undefined }],
    ['an empty scheme', { scheme: '' }],
    ['no authority', { authority: undefined }],
    ['an empty path', { target: '' }],
    ['a space in the path', { target: '/a b' }],
    ['a line break in the authority', { authority: 'a\r\nb' }],
    ['an empty protocol', { protocol: '' }],
    ['an invalid method', { method: 'GET /' }],
    ['an invalid name', { headers: { 'a b': 'c' } }],
    ['an invalid value', { headers: { a: 'b\nc' } }],
  ])('must not have %s', (_, changes) => {
    expect(() => toHttp2Headers({ ...extended(), ...changes })).toThrow(TypeError)
  })
  it('is refused without a secret in the message', () => {
    expect(() => toHttp2Headers(extended({}, { target: '/?token= x' }))).toThrow(/^((?!token).)*$/)
  })
})

describe('a response', () => {
  it('becomes :status, then fields', () => {
    const response: ResponseLike = { status: 200, reason: 'OK', headers: { 'Set-Cookie': ['a=1', 'b=2'] }, body: 'x' }
    expect(Object.entries(toHttp2Headers(response))).toEqual([
      [':status', '200'],
      ['set-cookie', ['a=1', 'b=2']],
    ])
    expect(responseHeadFrom(toHttp2Headers(response))).toMatchObject({
      status: 200,
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    })
    expect(toHttp2Headers({ status: 404 })).toEqual({ ':status': '404' })
  })
  it.each([101, 99, 1000, 200.5, Number.NaN])('must not be %s', (status) => {
    expect(() => toHttp2Headers({ status })).toThrow(TypeError)
  })
  it('must not be 426, because HTTP/2 has no Upgrade (RFC 9110 §15.5.22)', () => {
    expect(() => toHttp2Headers(upgradeRequired('foo'))).toThrow(new TypeError('HTTP/2 has no 426 (RFC 9110 §15.5.22)'))
  })
  it('must not be 101', () => {
    expect(() => toHttp2Headers(switchingProtocols('foo'))).toThrow('HTTP/2 has no 101 (RFC 9113 §8.6)')
  })
})

it('leaves out fields that are specific to one HTTP/1.1 connection (RFC 9113 §8.2.2)', () => {
  expect(toHttp2Headers(refuseUpgrade(403))).toEqual({ ':status': '403', 'content-type': 'text/plain; charset=utf-8' })
  const headers = {
    Host: 'b.example',
    Connection: 'X-Own, close',
    'x-own': '1',
    'Keep-Alive': '5',
    'Proxy-Connection': 'close',
    Upgrade: 'foo',
    'Transfer-Encoding': 'chunked',
    TE: 'gzip',
    'x-other': '2',
  }
  expect(toHttp2Headers({ status: 200, headers })).toEqual({ ':status': '200', 'x-other': '2' })
  expect(toHttp2Headers(extended(headers))).toMatchObject({ ':authority': 'a.example', 'x-other': '2' })
  expect(Object.keys(toHttp2Headers(extended(headers)))).toHaveLength(7)
  expect(toHttp2Headers({ status: 200, headers: { te: 'Trailers' } })).toEqual({ ':status': '200', te: 'Trailers' })
  expect(toHttp2Headers({ status: 200, headers: { connection: `x-a${','.repeat(200)}`, 'x-a': '1' } })).toEqual({
    ':status': '200',
    'x-a': '1',
  })
})
