/** Tests an offer that is never sent over HTTP, and the check of its response: the client side of `offWire`. */

import { describe, expect, it } from 'vitest'
import { connectHttp2Stream, connectSocket } from '../../src/driver/connect.ts'
import { Endpoint } from '../../src/driver/endpoint.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { computeAccept } from '../../src/handshake/key.ts'
import { type OfferOptions, offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { formatRequestHead } from '../../src/http/head-format.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { openStream } from '../../src/streams/open.ts'
import { FakeStream } from '../driver/fakes.ts'
import { KEY } from './opening.ts'

const extension = defineExtension({
  name: 'x',
  rsv: 4,
  offer: () => [{}],
  accept: () => ({ params: {}, response: {} }),
  verify: () => ({}),
  open: () => undefined,
})
const url = 'https://user:pass@object/chat?x=y'
const offer = offerHandshake(url, { offWire: true, subprotocols: ['a', 'b'], extensions: [extension] })
const respond = (headers: HeaderRecord = {}, status = 101) => verifyHandshake({ status, headers }, offer)

describe('an offer that is never sent over HTTP', () => {
  it('has only the fields of the offer', () => {
    expect(offer.request).toEqual({
      method: 'GET',
      target: '',
      path: '/chat',
      query: 'x=y',
      httpVersion: 'unknown',
      headers: [
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Protocol', 'a, b'],
        ['Sec-WebSocket-Extensions', 'x'],
        ['Authorization', 'Basic dXNlcjpwYXNz'],
      ],
      protocol: undefined,
      authority: 'object',
      scheme: 'https',
    })
    expect(offer.key).toBe('')
    expect(offer.offered).toMatchObject({ httpVersion: 'unknown', version: 13, base: 'wss://object/chat?x=y' })
    expect(offerHandshake('ws://object', { offWire: true }).request.headers).toEqual([['Upgrade', 'websocket']])
  })
  it('has the caller’s headers, the origin, and the host from the headers', () => {
    const { request } = offerHandshake('ws://object/', {
      offWire: true,
      origin: 'https://a.example',
      headers: { Cookie: 'a=b', Host: 'chat.example' },
    })
    expect(request).toMatchObject({
      headers: [
        ['Upgrade', 'websocket'],
        ['Origin', 'https://a.example'],
        ['Cookie', 'a=b'],
      ],
      authority: 'chat.example',
      scheme: 'http',
    })
  })
  it('needs `offWire: true`; otherwise it is sent over HTTP', () => {
    expect(offerHandshake('ws://object/', { offWire: false, key: KEY })).toEqual(
      expect.objectContaining({ key: KEY, offered: expect.objectContaining({ httpVersion: '1.1' }) }),
    )
  })
  it.each<OfferOptions>([
    { httpVersion: '1.1' },
    { httpVersion: '2' },
    { versions: [13] },
    { target: '/' },
    { key: KEY },
  ])('must not have %j', (options) => {
    const [name] = Object.keys(options)
    expect(() => offerHandshake(url, { offWire: true, ...options })).toThrow(
      new TypeError(`\`${name}\` must not be set with \`offWire\`, which sends no HTTP`),
    )
    expect(() => offerHandshake(url, { offWire: false, ...options })).not.toThrow()
  })
  it('cannot be formatted', () => {
    expect(() => formatRequestHead(offer.request)).toThrow(TypeError)
    expect(() => formatRequestHead(offer.request)).toThrow('`offWire`')
  })
  it('cannot be opened over a stream', async () => {
    const locked: unknown[] = []
    const side = { getReader: () => locked.push('reader'), getWriter: () => locked.push('writer') }
    const transport = { readable: side, writable: side } as never
    await expect(openStream(transport, offer)).rejects.toThrow('`offWire`')
    expect(locked).toEqual([])
    const endpoint = new Endpoint()
    const socket = new FakeStream()
    await expect(connectSocket(endpoint, socket, offer)).rejects.toThrow('`offWire`')
    await expect(connectHttp2Stream(endpoint, socket as never, offer)).rejects.toThrow(TypeError)
    expect(socket.destroyed).toBe(false)
    await endpoint.close()
  })
})

describe('the response to such an offer', () => {
  it('needs no accept', () => {
    expect(respond()).toEqual({ ok: true, version: 13, subprotocol: undefined, extensions: [] })
    expect(respond({ 'Sec-WebSocket-Protocol': 'b' })).toMatchObject({ ok: true, subprotocol: 'b' })
    expect(respond({ Upgrade: 'WebSocket', Connection: 'keep-alive, upgrade' })).toMatchObject({ ok: true })
  })
  it.each<[code: string, headers: HeaderRecord]>([
    ['upgrade-missing', { Upgrade: '' }],
    ['upgrade-not-offered', { Upgrade: 'h2c' }],
    ['upgrade-not-offered', { Upgrade: 'websocket, h2c' }],
    ['head-syntax', { Upgrade: `websocket${','.repeat(101)}` }],
    ['connection-missing', { Connection: '' }],
    ['connection-missing', { Connection: 'close' }],
    ['accept', { 'Sec-WebSocket-Accept': '' }],
    ['accept', { 'Sec-WebSocket-Accept': computeAccept('') }],
    ['accept', { 'Sec-WebSocket-Accept': computeAccept(KEY) }],
    ['extension', { 'Sec-WebSocket-Extensions': 'other' }],
    ['subprotocol', { 'Sec-WebSocket-Protocol': 'other' }],
  ])('is invalid (%s) with %j, since present fields must be valid', (code, headers) => {
    expect(respond(headers)).toMatchObject({ ok: false, kind: 'invalid', status: 101, errors: [{ code }] })
  })
  it('reports all errors, in order', () => {
    const rejected = respond({
      'Sec-WebSocket-Protocol': 'other',
      'Sec-WebSocket-Accept': 'x',
      Connection: 'close',
      Upgrade: 'h2c',
    })
    expect(rejected.ok || rejected.errors.map(({ code }) => code)).toEqual([
      'upgrade-not-offered',
      'connection-missing',
      'accept',
      'subprotocol',
    ])
  })
  it('is classified as usual for another status', () => {
    expect(respond({}, 200)).toMatchObject({ kind: 'refused', status: 200 })
    expect(respond({ location: '/other' }, 307)).toMatchObject({ kind: 'redirect', location: 'wss://object/other' })
    expect(respond({ 'sec-websocket-version': '8' }, 426)).toMatchObject({ kind: 'version', versions: [8] })
  })
  it('is rejected without a required subprotocol', () => {
    const strict = offerHandshake(url, { offWire: true, subprotocols: ['a'], requireSubprotocol: true })
    expect(verifyHandshake(new Response(null, { status: 200 }), strict)).toMatchObject({ kind: 'refused' })
    expect(verifyHandshake({ status: 101 }, strict)).toMatchObject({
      kind: 'invalid',
      errors: [{ code: 'subprotocol' }],
    })
  })
})

it('a server with `offWire` and such a client agree', () => {
  const request = new Request('https://object/chat', { headers: offer.request.headers })
  const accepted = acceptHandshake(request, { offWire: true, subprotocols: ['b'], extensions: [extension] })
  if (!accepted.ok) throw accepted.errors[0]
  for (const headers of [accepted.agreedHeaders, accepted.response.headers])
    expect(verifyHandshake({ status: 101, headers }, offer)).toEqual({
      ok: true,
      version: 13,
      subprotocol: 'b',
      extensions: [{ name: 'x', params: {} }],
    })
  expect(acceptHandshake(request).ok).toBe(false)
})
