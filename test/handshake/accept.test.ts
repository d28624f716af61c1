/** Tests the response to an opening request: the exact 101, the choice of a subprotocol, and every source of a request. */

import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { AcceptOptions } from '../../src/handshake/accept-options.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { formatRequestHead, formatResponse, formatResponseHead } from '../../src/http/head-format.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import type { RequestSource } from '../../src/http/request.ts'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { latin1, toText } from '../http/head.ts'
import { ACCEPT, KEY, type Opening, opening } from './opening.ts'

const switched = [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Accept', ACCEPT],
]

describe('a valid request', () => {
  it('gets a 101 (RFC 6455 §1.3)', () => {
    expect(acceptHandshake(opening())).toEqual({
      ok: true,
      version: 13,
      subprotocol: undefined,
      extensions: [],
      response: { status: 101, reason: 'Switching Protocols', headers: switched },
      agreedHeaders: [],
      offeredSubprotocols: [],
      declined: [],
    })
  })
  it.each<[string, HeaderRecord, Partial<Opening>?]>([
    ['names in any case', { Upgrade: 'WebSocket', Connection: 'UPGRADE' }],
    ['several protocols', { Upgrade: 'foo/2, websocket' }],
    ['several protocols on several lines', { Upgrade: ['foo/2', 'h2c', 'websocket'] }],
    ['several connection options', { Connection: ['keep-alive', 'x, Upgrade'] }],
    ['empty list elements', { Upgrade: ',websocket,', Connection: ', ,upgrade' }],
    ['a key with a non-canonical last character (erratum 3150)', { 'Sec-WebSocket-Key': 'AQIDBAUGBwgJCgsMDQ4PEC==' }],
    ['an empty body', { 'Content-Length': '0' }],
    ['an absolute target', {}, { target: 'http://a.example/chat' }],
    ['a Host with a port', { Host: 'a.example:8080' }],
    [
      'extensions that the server does not support',
      { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
    ],
    ['unknown fields', { ['__proto__']: 'x', constructor: 'y', 'Sec-WebSocket-Accept': 'z' }],
  ])('may have %s', (_, headers, changes) => {
    const accepted = acceptHandshake(opening(headers, changes))
    expect(accepted.response.status).toBe(101)
    expect(accepted.response.headers.slice(0, 2)).toEqual(switched.slice(0, 2))
  })
})

describe('a request that waits for a 100', () => {
  const continued = 'HTTP/1.1 100 Continue\r\n\r\n'
  const wire = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`

  it('gets a 100 before the 101 (RFC 9110 §7.8)', () => {
    const accepted = acceptHandshake(opening({ Expect: '100-Continue' }))
    if (!accepted.ok) throw new Error('refused')
    const { response } = accepted
    expect(toText(formatResponse(response))).toBe(continued + wire)
    expect(toText(formatResponseHead(response))).toBe(continued + wire)
    const offer = offerHandshake('ws://a.example/chat', { key: KEY, headers: { Expect: '100-continue' } })
    const answer = new ResponseHeadParser().push(formatResponse(response))
    expect(answer && verifyHandshake(answer, offer)).toMatchObject({ ok: true })
  })
  it.each([undefined, '', '100-continue=1', `100-continue${','.repeat(101)}`])(
    'with Expect: %j gets no 100',
    (Expect) => {
      expect(toText(formatResponse(acceptHandshake(opening({ Expect })).response))).toBe(wire)
    },
  )
  it('gets no 100 with a refusal (RFC 9110 §10.1.1)', () => {
    const { response } = acceptHandshake(opening({ Expect: '100-continue', Host: undefined }))
    expect(toText(formatResponse(response))).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('extra headers', () => {
  it('come after those of the handshake, and are also listed alone', () => {
    const accepted = acceptHandshake(opening({ 'Sec-WebSocket-Protocol': 'chat' }), {
      subprotocols: ['chat'],
      headers: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
    })
    const agreed = [
      ['Sec-WebSocket-Protocol', 'chat'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ]
    expect(accepted).toMatchObject({ ok: true, agreedHeaders: agreed })
    expect(accepted.response.headers).toEqual([...switched, ...agreed])
  })
  it.each([
    'Upgrade',
    'connection',
    'SEC-WebSocket-Accept',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
    'Content-Length',
    'Transfer-Encoding',
  ])('must not contain %s', (name) => {
    expect(() => acceptHandshake(opening(), { headers: { [name]: 'x' } })).toThrow(TypeError)
  })
})

describe('subprotocols', () => {
  const choose = (value: string | string[] | undefined, options: AcceptOptions) =>
    acceptHandshake(opening({ 'Sec-WebSocket-Protocol': value }), options)

  it('are the first supported one of the client’s list', () => {
    expect(choose('a, b,,c', { subprotocols: ['c', 'b'] })).toMatchObject({
      subprotocol: 'b',
      agreedHeaders: [['Sec-WebSocket-Protocol', 'b']],
      offeredSubprotocols: ['a', 'b', 'c'],
    })
    expect(choose(['a', 'b, a'], { subprotocols: ['b', 'a'] })).toMatchObject({
      subprotocol: 'a',
      offeredSubprotocols: ['a', 'b'],
    })
  })
  it('are case-sensitive and do not match inherited names', () => {
    expect(choose('Chat, __proto__', { subprotocols: ['chat', 'constructor'] })).toMatchObject({
      ok: true,
      subprotocol: undefined,
      agreedHeaders: [],
    })
  })
  it('are undefined without an offer or a supported name', () => {
    expect(choose(undefined, { subprotocols: ['a'] })).toMatchObject({
      ok: true,
      subprotocol: undefined,
      offeredSubprotocols: [],
    })
    expect(choose('a', {})).toMatchObject({ ok: true, subprotocol: undefined, offeredSubprotocols: ['a'] })
  })
  it('may be chosen by a function from the offered ones', () => {
    expect(choose('a, b', { subprotocols: (offered) => offered.at(-1) })).toMatchObject({ subprotocol: 'b' })
    expect(choose('a, b', { subprotocols: () => undefined })).toMatchObject({ ok: true, subprotocol: undefined })
    for (const chosen of ['c', 'A', '']) expect(() => choose('a, b', { subprotocols: () => chosen })).toThrow(TypeError)
  })
  it('are chosen by a function only without other errors, and its exceptions are rethrown', () => {
    const failing = () => {
      throw new RangeError('mine')
    }
    expect(() => choose('a', { subprotocols: failing })).toThrow('mine')
    expect(acceptHandshake(opening({ Host: undefined }), { subprotocols: failing }).ok).toBe(false)
  })
  it.each(['', ' ', ',', ' , ,', 'a b', 'a, b c', 'a/b', '"a"', 'a;b', 'é', 'a\u0000', `a${','.repeat(101)}`])(
    'of the invalid list %j are a 400',
    (value) => {
      expect(choose(value, { subprotocols: ['a'] })).toMatchObject({ ok: false, response: { status: 400 } })
    },
  )
})

it('a strict server refuses a key with a non-canonical last character', () => {
  const headers = { 'Sec-WebSocket-Key': 'AQIDBAUGBwgJCgsMDQ4PEC==' }
  expect(acceptHandshake(opening(headers), { strictKey: true })).toMatchObject({ ok: false, errors: [{ code: 'key' }] })
  expect(acceptHandshake(opening(), { strictKey: true }).ok).toBe(true)
})

describe('sources of a request', () => {
  const good = { ok: true, response: { status: 101, headers: switched } }
  it('include our parser’s success', () => {
    const parsed = new RequestHeadParser().push(Uint8Array.of(...formatRequestHead(opening()), 0x81))
    expect(parsed && acceptHandshake(parsed)).toMatchObject(good)
  })
  it('include our parser’s failure, whose refusal is unchanged', () => {
    const parsed = new RequestHeadParser().push(latin1('GET / HTTP/2.0\r\n'))
    expect(parsed && acceptHandshake(parsed)).toBe(parsed)
  })
  it('include Node’s IncomingMessage, and a repeated key is found', () => {
    const message = new IncomingMessage(new Socket())
    Object.assign(message, { method: 'GET', url: '/chat', httpVersion: '1.1' })
    message.rawHeaders = Object.entries(opening().headers).flat() as string[]
    expect(acceptHandshake(message)).toMatchObject(good)
    message.rawHeaders.push('sec-websocket-key', KEY)
    expect(acceptHandshake(message)).toMatchObject({ ok: false, errors: [{ code: 'key' }] })
  })
  it('include Node’s upgrade event, also for HTTP/1.0, which ignores Upgrade', () => {
    const rawHeaders = Object.entries(opening().headers).flat() as string[]
    expect(acceptHandshake({ method: 'GET', url: '/', httpVersion: '1.0', rawHeaders })).toMatchObject({
      ok: false,
      isWebSocketRequest: false,
    })
  })
  it('include a header object of node:http2, whose fields may have any name', () => {
    const fields = { ok: '', target: '/x', url: 'http://b/', head: 'c', rest: 'd', status: '1', fields: 'e' }
    expect(acceptHandshake({ ':method': 'GET', ':path': '/', ...fields } as RequestSource)).toMatchObject({
      ok: false,
      response: { status: 405 },
    })
  })
  it('include a Fetch Request, whose runtime checks hop-by-hop fields', () => {
    const headers = new Headers({
      upgrade: 'websocket',
      'sec-websocket-key': KEY,
      'sec-websocket-version': '13',
      origin: 'http://a.example',
    })
    expect(acceptHandshake(new Request('http://a.example/chat', { headers }))).toMatchObject(good)
    headers.append('sec-websocket-key', KEY)
    expect(acceptHandshake(new Request('http://a.example/chat', { headers }))).toMatchObject({
      ok: false,
      errors: [{ code: 'key' }],
    })
    const shown = { ...opening({ Connection: ','.repeat(101) }), version: undefined }
    expect(acceptHandshake(shown)).toMatchObject({ ok: false, errors: [{ code: 'head-syntax', status: 400 }] })
    headers.delete('upgrade')
    expect(acceptHandshake(new Request('http://a.example/chat', { headers }))).toMatchObject({
      ok: false,
      isWebSocketRequest: false,
    })
  })
})
