/** Tests the handshake over HTTP/2 and HTTP/3: the examples of the RFCs, and each response that they require. */

import type { IncomingHttpHeaders } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { AcceptOptions } from '../../src/handshake/accept-options.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { toHttp2Headers } from '../../src/http/http2-headers.ts'
import type { RequestHead, RequestSource } from '../../src/http/request.ts'
import { selectUpgrade } from '../../src/http/upgrade-server.ts'
import { exampleRequest, exampleResponse, extended } from './extended.ts'
import { KEY, opening } from './opening.ts'

const type = ['Content-Type', 'text/plain; charset=utf-8']

/** Returns the refusal of a request. */
function refuse(headers: HeaderRecord, changes: Partial<RequestHead> = {}, options: AcceptOptions = {}) {
  const refused = acceptHandshake(extended(headers, changes), options)
  if (refused.ok) throw new Error('accepted')
  return refused
}

describe('RFC 8441 §5.1, over HTTP/2 and over HTTP/3', () => {
  const options = { subprotocols: ['chat'], origins: ['http://www.example.com'] }
  const sources: [string, RequestSource][] = [
    ['node:http2', Object.fromEntries(exampleRequest) as IncomingHttpHeaders],
    ['pairs of HTTP/2', { httpVersion: '2', fields: exampleRequest }],
    ['pairs of HTTP/3', { httpVersion: '3', fields: exampleRequest }],
    [
      'a head',
      extended(Object.fromEntries(exampleRequest.slice(5)), { authority: 'server.example.com', httpVersion: '3' }),
    ],
  ]
  it.each(sources)('from %s', (_, source) => {
    const accepted = acceptHandshake(source, options)
    expect(accepted).toEqual({
      ok: true,
      version: 13,
      subprotocol: 'chat',
      extensions: [],
      response: { status: 200, reason: 'OK', headers: [['Sec-WebSocket-Protocol', 'chat']] },
      agreedHeaders: [['Sec-WebSocket-Protocol', 'chat']],
      offeredSubprotocols: ['chat', 'superchat'],
      declined: [],
    })
    expect(Object.entries(toHttp2Headers(accepted.response))).toEqual(exampleResponse)
    expect(selectUpgrade(source, ['foo', 'websocket'])).toBe('websocket')
  })
})

describe('a valid request', () => {
  it.each<[string, HeaderRecord, Partial<RequestHead>?]>([
    ['a key, which is ignored', { 'sec-websocket-key': KEY }],
    ['invalid keys', { 'sec-websocket-key': ['x', ''] }],
    ['an accept', { 'sec-websocket-accept': 'x' }],
    [':protocol in capitals', {}, { protocol: 'WebSocket' }],
    ['an empty body', { 'content-length': '0' }],
    ['an expectation, which the 200 meets', { expect: '100-continue' }],
    ['the origin of the request’s host', { origin: 'https://a.example' }],
    ['the scheme of ws', { origin: 'http://a.example' }, { scheme: 'http' }],
  ])('may have %s', (_, headers, changes) => {
    expect(acceptHandshake(extended(headers, changes), { strictKey: true })).toMatchObject({
      ok: true,
      response: { status: 200, headers: [] },
    })
  })
  it('gets the extra headers', () => {
    const accepted = acceptHandshake(extended(), { headers: { 'X-A': 'b' } })
    expect(toHttp2Headers(accepted.response)).toEqual({ ':status': '200', 'x-a': 'b' })
    accepted.response.headers.push(['X-C', 'd'])
    expect(accepted).toMatchObject({ agreedHeaders: [['X-A', 'b']] })
  })
  it('gets the same response as over HTTP/1.1, except for the carrier’s fields', () => {
    const fields = { 'sec-websocket-protocol': 'b, a', origin: 'https://b.example' }
    const options = { subprotocols: ['a', 'b'], prefer: 'server', origins: ['https://b.example'] } as const
    const { response: old, ...before } = acceptHandshake(opening(fields), options) as { response: unknown }
    const { response, ...now } = acceptHandshake(extended(fields), options) as { response: unknown }
    expect(now).toEqual(before)
    expect([old, response]).toMatchObject([{ status: 101 }, { status: 200 }])
  })
})

describe('`same` compares the origin with :scheme and :authority', () => {
  it.each<[origin: string, changes: Partial<RequestHead>, status: number]>([
    ['https://a.example', {}, 200],
    ['https://a.example', { authority: 'a.example:443' }, 200],
    ['https://a.example:8443', { authority: 'a.example:8443' }, 200],
    ['https://a.example', { authority: 'a.example:8443' }, 403],
    ['https://b.example', {}, 403],
    ['http://a.example', {}, 403],
    ['http://a.example', { scheme: 'http' }, 200],
    // Before a proxy that terminates TLS, it may have been https.
    ['https://a.example', { scheme: 'http' }, 200],
    ['null', {}, 403],
  ])('%s, %j: %i', (origin, changes, status) => {
    expect(acceptHandshake(extended({ origin }, changes)).response.status).toBe(status)
  })
  it('and names both in the message', () => {
    expect(refuse({ origin: 'http://a.example' }).errors[0].message).toBe(
      'origin "http://a.example" is not "https://a.example" and is not in `origins`',
    )
  })
})

describe('a request that does not ask for a WebSocket', () => {
  const noProtocol = { protocol: undefined, scheme: undefined, target: '', authority: 'a:443' }
  it.each<[string, Partial<RequestHead>, number, string, unknown[]]>([
    ['a GET', { method: 'GET', protocol: undefined }, 405, 'method', [['Allow', 'CONNECT'], type]],
    ['a POST', { method: 'POST', protocol: undefined }, 405, 'method', [['Allow', 'CONNECT'], type]],
    ['a CONNECT for a proxy', noProtocol, 501, 'upgrade-missing', [type]],
    ['another :protocol', { protocol: 'connect-udp' }, 501, 'upgrade-missing', [type]],
    ['a websocket protocol with a version', { protocol: 'websocket/13' }, 501, 'upgrade-missing', [type]],
    ['another :protocol with another scheme', { protocol: 'foo', scheme: 'x' }, 501, 'upgrade-missing', [type]],
  ])('%s', (_, changes, status, code, headers) => {
    for (const httpVersion of ['2', '3'] as const)
      expect(refuse({}, { ...changes, httpVersion })).toMatchObject({
        isWebSocketRequest: false,
        errors: [{ code, status }],
        response: { status, headers },
      })
  })
  it('gets a message with the expected value', () => {
    const messages = (changes: Partial<RequestHead>) => refuse({}, changes).errors.map(({ message }) => message)
    expect(messages({ method: 'GET', protocol: undefined })).toEqual(['expected CONNECT, found "GET"'])
    expect(messages({ protocol: 'foo' })).toEqual([':protocol is "foo", expected websocket'])
    expect(messages({ protocol: undefined })).toEqual([':protocol is missing, expected websocket'])
  })
  it('is malformed with the Upgrade of HTTP/1.1', () => {
    const { isWebSocketRequest, errors } = refuse(
      { ...opening().headers, 'sec-websocket-version': undefined },
      { method: 'GET', protocol: undefined },
    )
    expect([isWebSocketRequest, ...errors.map(({ code }) => code)]).toEqual([false, 'head-syntax'])
  })
  it('gets no body if it is a HEAD', () => {
    expect(refuse({}, { method: 'HEAD', protocol: undefined }).response).toMatchObject({ status: 405, body: '' })
  })
})

/** In order of precedence. */
const errors: [code: string, status: number, HeaderRecord, Partial<RequestHead>?][] = [
  ['pseudo-header', 400, {}, { target: 'x' }],
  ['head-syntax', 400, { upgrade: 'websocket' }],
  ['upgrade-missing', 501, {}, { protocol: 'connect-ip' }],
  ['request-body', 400, { 'content-length': '1' }],
  ['version', 400, { 'sec-websocket-version': '8' }],
  ['origin', 403, { origin: 'null' }],
  ['subprotocol', 400, { 'sec-websocket-protocol': ',' }],
  ['extension-syntax', 400, { 'sec-websocket-extensions': 'a; =' }],
]

describe('a refusal', () => {
  it('has the status of the most serious error and lists all, in every combination of eight', () => {
    for (let bits = 1; bits < 2 ** errors.length; bits++) {
      const some = errors.filter((_, i) => (bits >> i) & 1)
      const headers = Object.assign({}, ...some.map(([, , fields]) => fields))
      const refused = refuse(headers, Object.assign({}, ...some.map(([, , , changes]) => changes)))
      const asked = some.every(([code]) => code !== 'upgrade-missing')
      const codes = some.map(([code]) => code).slice(0, asked ? undefined : 1)
      expect(refused.errors.map(({ code }) => code)).toEqual(codes)
      expect(refused.isWebSocketRequest).toBe(asked)
      const { status, body, headers: fields } = refused.response
      expect([status, body.split('\n').length - 1]).toEqual([some[0]?.[1], codes.length])
      expect(fields).toEqual(codes.includes('version') ? [['Sec-WebSocket-Version', '13'], type] : [type])
    }
  })
  it('is never a 426, because HTTP/2 has no Upgrade', () => {
    const { response, errors } = refuse({ 'sec-websocket-version': '14' }, {}, { versions: [13, 8] })
    expect(errors).toMatchObject([{ code: 'version', status: 400 }])
    expect(response).toMatchObject({ status: 400, headers: [['Sec-WebSocket-Version', '13, 8'], type] })
    expect(refuse({ 'sec-websocket-version': undefined }).response.status).toBe(400)
  })
  it('never closes the connection, which carries other streams', () => {
    for (const keepAlive of [false, true])
      expect(refuse({ host: 'b' }, {}, { keepAlive }).response).toMatchObject({ status: 400, headers: [type] })
  })
  it.each<[string, Partial<RequestHead>]>([
    ['another method', { method: 'GET' }],
    ['another scheme', { scheme: 'wss' }],
    ['capitals in the scheme', { scheme: 'HTTPS' }],
  ])('is not plain HTTP with %s', (_, changes) => {
    expect(refuse({}, changes)).toMatchObject({
      isWebSocketRequest: true,
      errors: [{ code: 'pseudo-header', status: 400 }],
    })
  })
  it('answers an invalid field section', () => {
    const refused = acceptHandshake({ httpVersion: '3', fields: [...exampleRequest, [':path', '/']] })
    expect(refused).toMatchObject({
      ok: false,
      isWebSocketRequest: true,
      errors: [{ code: 'pseudo-header', status: 400 }],
      response: { status: 400, headers: [type], body: ':path appears twice\n' },
    })
    expect(acceptHandshake({ httpVersion: '2', fields: [] })).toMatchObject({ ok: false, response: { status: 405 } })
  })
})
