/** Tests a client's request over HTTP/2 and HTTP/3, and its check of the responses. */

import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { defineExtension } from '../../src/extensions/define.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { type OfferOptions, offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { formatRequestHead } from '../../src/http/head-format.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { toHttp2Headers } from '../../src/http/http2-headers.ts'
import type { ResponseSource } from '../../src/http/response.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { latin1 } from '../http/head.ts'
import { exampleRequest, exampleResponse } from './extended.ts'

const extension = defineExtension({
  name: 'permessage-deflate',
  rsv: 4,
  offer: () => [{}],
  accept: () => undefined,
  verify: () => ({}),
  open: () => undefined,
})
const offered = {
  subprotocols: ['chat', 'superchat'],
  extensions: [extension],
  origin: 'http://www.example.com',
} as const

describe('an offer', () => {
  it('is the request of RFC 8441 §5.1, over either version', () => {
    for (const httpVersion of ['2', '3'] as const) {
      const { request, key } = offerHandshake('wss://server.example.com/chat', { ...offered, httpVersion })
      expect(toHttp2Headers(request)).toEqual(Object.fromEntries(exampleRequest))
      expect(
        Object.keys(toHttp2Headers(request))
          .slice(0, 5)
          .every((name) => name.startsWith(':')),
      ).toBe(true)
      expect([request.httpVersion, key]).toEqual([httpVersion, ''])
    }
  })
  it.each<[url: string, scheme: string, authority: string, path: string, OfferOptions?]>([
    ['ws://a', 'http', 'a', '/'],
    ['ws://a:80/b?c', 'http', 'a', '/b?c'],
    ['wss://A.example:8443', 'https', 'a.example:8443', '/'],
    ['wss://[::1]:443/', 'https', '[::1]', '/'],
    ['wss://a/x', 'https', 'a', '/y?z', { target: '/y?z' }],
    ['wss://a/', 'https', 'b:1', '/', { headers: { Host: 'b:1' } }],
  ])('to %s', (url, scheme, authority, path, options) => {
    const { request } = offerHandshake(url, { httpVersion: '2', ...options })
    expect(toHttp2Headers(request)).toEqual({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': scheme,
      ':path': path,
      ':authority': authority,
      'sec-websocket-version': '13',
    })
  })
  it('has the other fields of an HTTP/1.1 offer', () => {
    const options = { headers: { Cookie: 'a=b' }, versions: [8], origin: 'http://a', key: 'dGhlIHNhbXBsZSBub25jZQ==' }
    const old = offerHandshake('wss://u:p@a/', options).request.headers
    const { headers } = offerHandshake('wss://u:p@a/', { ...options, httpVersion: '3' }).request
    expect(headers).toEqual(old.slice(4))
    expect(headers.map(([name]) => name)).toEqual([
      'Sec-WebSocket-Version',
      'Sec-WebSocket-Origin',
      'Authorization',
      'Cookie',
    ])
  })
  it('cannot be formatted as HTTP/1.1', () => {
    expect(() => formatRequestHead(offerHandshake('wss://a/', { httpVersion: '2' }).request)).toThrow(TypeError)
  })
  it.each<[string, object]>([
    ['an invalid version', { httpVersion: '1.0' }],
    ['a number as the version', { version: 2 }],
    ['an invalid key', { httpVersion: '2', key: 'x' }],
    ['the fields of the carrier', { httpVersion: '2', headers: { Upgrade: 'foo' } }],
    [
      'two Hosts',
      {
        httpVersion: '2',
        headers: [
          ['Host', 'a'],
          ['Host', 'a'],
        ],
      },
    ],
  ])('must not have %s', (_, options) => {
    expect(() => offerHandshake('wss://a/', options as OfferOptions)).toThrow(TypeError)
  })
})

/** A header object, as in the `response` event of a client's stream. */
const fromNode: IncomingHttpHeaders & IncomingHttpStatusHeader = { 'sec-websocket-protocol': 'chat' }
fromNode[':status'] = 200

const offer = offerHandshake('wss://server.example.com/chat', { ...offered, httpVersion: '2' })
const verify = (status: number, headers: HeaderRecord = {}) => verifyHandshake({ status, headers }, offer)

describe('a response that opens the connection', () => {
  const sources: [string, ResponseSource][] = [
    ['node:http2', fromNode],
    ['texts', Object.fromEntries(exampleResponse) as ResponseSource],
    ['pairs', { httpVersion: '3', fields: exampleResponse }],
    ['a head', { status: 200, headers: { 'Sec-WebSocket-Protocol': 'chat' } }],
  ]
  it.each(sources)('is that of RFC 8441 §5.1, from %s', (_, source) => {
    expect(verifyHandshake(source, offer)).toEqual({ ok: true, version: 13, subprotocol: 'chat', extensions: [] })
  })
  it.each([200, 201, 204, 299])('is any 2xx: %i (RFC 9110 §9.3.6)', (status) => {
    expect(verify(status).ok).toBe(true)
  })
  it.each<[string, HeaderRecord]>([
    ['an accept, which is ignored', { 'sec-websocket-accept': 'x' }],
    ['a Content-Length, which has no meaning for a tunnel', { 'content-length': '5' }],
    ['an extension that was offered', { 'sec-websocket-extensions': 'permessage-deflate' }],
  ])('may have %s', (_, headers) => {
    expect(verify(200, headers)).toMatchObject({ ok: true })
  })
  it('may have fields of any name', () => {
    const named = { ':status': 200, rest: '', ok: '', status: '500', fields: 'x', rawHeaders: 'y', kind: 'invalid' }
    expect(verifyHandshake(named as ResponseSource, offer)).toMatchObject({ ok: true })
  })
})

describe('an invalid response', () => {
  it.each<[string, HeaderRecord, string[]]>([
    ['Upgrade and Connection', { upgrade: 'websocket', connection: 'Upgrade' }, ['head-syntax']],
    ['Transfer-Encoding', { 'transfer-encoding': 'chunked' }, ['head-syntax']],
    ['an extension that was not offered', { 'sec-websocket-extensions': 'x' }, ['extension']],
    ['a subprotocol that was not offered', { 'sec-websocket-protocol': 'x' }, ['subprotocol']],
    [
      'all of these errors',
      { te: 'x', 'sec-websocket-extensions': 'x', 'sec-websocket-protocol': 'x' },
      ['head-syntax', 'extension', 'subprotocol'],
    ],
  ])('%s', (_, headers, codes) => {
    const found = verify(200, headers)
    expect(found).toMatchObject({ ok: false, kind: 'invalid', status: 200 })
    expect(found.ok ? [] : found.errors.map(({ code }) => code)).toEqual(codes)
  })
  it('is a 101, which HTTP/2 does not have (RFC 9113 §8.6)', () => {
    const found = verify(101, { upgrade: 'websocket', connection: 'Upgrade' })
    expect(found).toMatchObject({ ok: false, kind: 'invalid', status: 101, errors: [{ code: 'status' }] })
    expect(!found.ok && found.errors[0].message).toBe('expected a 2xx, found 101')
  })
  it.each<[string, ResponseSource]>([
    ['no status', {} as ResponseSource],
    ['an undefined status', { ':status': undefined }],
    ['a status of four digits', { ':status': '2000' }],
    ['a status that is not a number', { ':status': '2e2' }],
    ['pairs without a status', { httpVersion: '2', fields: [] }],
    [
      'pairs with two statuses',
      {
        httpVersion: '2',
        fields: [
          [':status', '200'],
          [':status', '200'],
        ],
      },
    ],
    ['pairs of a request', { httpVersion: '2', fields: exampleRequest }],
  ])('%s', (_, source) => {
    const parsed =
      'httpVersion' in source || ':status' in source
        ? source
        : { httpVersion: '2' as const, fields: [['a', 'b']] as const }
    expect(verifyHandshake(parsed, offer)).toMatchObject({ ok: false, kind: 'invalid' })
  })
  it('is one of HTTP/1.1, valid or not', () => {
    const push = (text: string) => new ResponseHeadParser().push(latin1(text))
    const switched = push('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    expect(switched && verifyHandshake(switched, offer)).toMatchObject({ ok: false, kind: 'invalid', status: 101 })
    const bad = push('SSH-2.0-x\r\n')
    expect(bad && verifyHandshake(bad, offer)).toBe(bad)
  })
})

describe('other responses are classified', () => {
  it('as a redirect', () => {
    expect(verify(307, { location: '/x' })).toMatchObject({
      kind: 'redirect',
      location: 'wss://server.example.com/x',
      sameOrigin: true,
    })
    expect(verify(302, { location: 'http://b/' })).toMatchObject({
      kind: 'redirect',
      location: 'ws://b/',
      sameOrigin: false,
    })
  })
  it('as unauthorized', () => {
    expect(verify(401, { 'www-authenticate': ['Basic', 'Bearer'] })).toMatchObject({
      kind: 'unauthorized',
      challenges: ['Basic', 'Bearer'],
    })
  })
  it('as another version, which the next offer agrees on', () => {
    const asked = offerHandshake('wss://a/', { httpVersion: '2', versions: [14, 13] })
    const refused = acceptHandshake(toHttp2Headers(asked.request))
    expect(verifyHandshake(toHttp2Headers(refused.response), asked)).toMatchObject({
      kind: 'version',
      status: 400,
      versions: [13],
    })
  })
  it.each([300, 400, 403, 404, 405, 421, 501, 503, 100])('%i as a refusal', (status) => {
    const found = verify(status, { 'retry-after': '5' })
    expect(found).toMatchObject({
      ok: false,
      kind: 'refused',
      status,
      retryAfter: 5,
      errors: [{ code: 'status', status }],
    })
    expect(!found.ok && found.errors[0].message).toBe(`expected a 2xx, found ${status}`)
  })
})
