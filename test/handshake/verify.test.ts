/** Tests a client's check of a 101: each rule of RFC 6455 §4.1, all errors in order, and all sources of a response. */

import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { computeAccept } from '../../src/handshake/key.ts'
import { type Offer, offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { formatResponse } from '../../src/http/head-format.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { verifyUpgrade } from '../../src/http/upgrade-client.ts'
import { latin1 } from '../http/head.ts'
import { ACCEPT, answer, KEY } from './opening.ts'

const offer = offerHandshake('ws://a.example/chat', { key: KEY, subprotocols: ['chat', 'v2'] })
const verify = (headers: HeaderRecord) => verifyHandshake(answer(headers), offer)

describe('a valid 101', () => {
  it('is an agreement', () => {
    expect(verify({})).toEqual({ ok: true, version: 13, subprotocol: undefined, extensions: [] })
    expect(verify({ 'sec-websocket-protocol': 'v2' })).toEqual({
      ok: true,
      version: 13,
      subprotocol: 'v2',
      extensions: [],
    })
  })
  it.each<[string, HeaderRecord]>([
    ['names in any case', { Upgrade: 'WebSocket', Connection: 'UPGRADE' }],
    ['other connection options', { Connection: 'keep-alive, Upgrade' }],
    ['several Connection lines', { Connection: ['keep-alive', 'upgrade'] }],
    ['empty list elements', { Upgrade: ',websocket,', Connection: ',upgrade' }],
    ['a Content-Length, which has no meaning in a 1xx', { 'Content-Length': '5' }],
    ['a version, which an agreeing server does not send', { 'Sec-WebSocket-Version': '13' }],
    ['unknown fields', { constructor: 'x', server: 'y' }],
  ])('may have %s', (_, headers) => {
    expect(verify(headers)).toMatchObject({ ok: true })
  })
})

describe('native', () => {
  it('checks the accept value with the hash of the offer', () => {
    const options = { key: KEY, native: { sha1: (text: string) => `hash of ${text.slice(0, KEY.length)}` } }
    const hashed = offerHandshake('ws://a.example/chat', options)
    options.native.sha1 = () => ''
    const right = answer({ 'Sec-WebSocket-Accept': `hash of ${KEY}` })
    expect(verifyHandshake(right, hashed)).toMatchObject({ ok: true })
    expect(verifyHandshake(answer(), hashed)).toMatchObject({ ok: false, errors: [{ code: 'accept' }] })
  })
})

describe('an invalid 101', () => {
  it.each<[string, HeaderRecord, string]>([
    ['no Upgrade', { Upgrade: undefined }, 'upgrade-missing'],
    ['an empty Upgrade', { Upgrade: '' }, 'upgrade-missing'],
    ['another protocol', { Upgrade: 'h2c' }, 'upgrade-not-offered'],
    ['another protocol beside websocket', { Upgrade: 'websocket, foo' }, 'upgrade-not-offered'],
    ['websocket twice', { Upgrade: ['websocket', 'websocket'] }, 'upgrade-not-offered'],
    ['websocket with a version', { Upgrade: 'websocket/13' }, 'upgrade-not-offered'],
    ['too many empty elements', { Upgrade: `websocket${','.repeat(101)}` }, 'head-syntax'],
    ['no Connection', { Connection: undefined }, 'connection-missing'],
    ['another Connection', { Connection: 'keep-alive, x-upgrade' }, 'connection-missing'],
    ['no Accept', { 'Sec-WebSocket-Accept': undefined }, 'accept'],
    ['an empty Accept', { 'Sec-WebSocket-Accept': '' }, 'accept'],
    ['the key as Accept', { 'Sec-WebSocket-Accept': KEY }, 'accept'],
    ['an Accept in other letter case', { 'Sec-WebSocket-Accept': ACCEPT.toLowerCase() }, 'accept'],
    ['two Accepts', { 'Sec-WebSocket-Accept': [ACCEPT, ACCEPT] }, 'accept'],
    ['two Accepts, joined', { 'Sec-WebSocket-Accept': `${ACCEPT}, ${ACCEPT}` }, 'accept'],
    ['an extension', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, 'extension'],
    ['an extension list of empty elements', { 'Sec-WebSocket-Extensions': ' , ' }, 'extension-syntax'],
    ['a subprotocol that was not offered', { 'Sec-WebSocket-Protocol': 'other' }, 'subprotocol'],
    ['a subprotocol in other letter case', { 'Sec-WebSocket-Protocol': 'Chat' }, 'subprotocol'],
    ['an inherited name', { 'Sec-WebSocket-Protocol': 'constructor' }, 'subprotocol'],
    ['an empty subprotocol', { 'Sec-WebSocket-Protocol': '' }, 'subprotocol'],
    ['a list of subprotocols', { 'Sec-WebSocket-Protocol': 'chat, v2' }, 'subprotocol'],
    ['a list of too many empty elements', { 'Sec-WebSocket-Protocol': `chat${','.repeat(101)}` }, 'head-syntax'],
    ['a repeated subprotocol', { 'Sec-WebSocket-Protocol': ['chat', 'chat'] }, 'subprotocol'],
  ])('%s', (_, headers, code) => {
    expect(verify(headers)).toMatchObject({ ok: false, kind: 'invalid', status: 101, errors: [{ code }] })
    const { errors = [] } = verify(headers) as { errors?: { message: string }[] }
    expect(errors).toHaveLength(1)
    expect(errors[0]?.message).toMatch(/^[ -~]+$/)
  })

  const errors: [string, HeaderRecord][] = [
    ['upgrade-missing', { Upgrade: undefined }],
    ['connection-missing', { Connection: undefined }],
    ['accept', { 'Sec-WebSocket-Accept': 'x' }],
    ['extension', { 'Sec-WebSocket-Extensions': 'x' }],
    ['subprotocol', { 'Sec-WebSocket-Protocol': 'x' }],
  ]
  it('has every combination of errors reported, in the order of RFC 6455 §4.1', () => {
    for (let bits = 1; bits < 2 ** errors.length; bits++) {
      const some = errors.filter((_, i) => (bits >> i) & 1)
      const found = verify(Object.assign({}, ...some.map(([, headers]) => headers)))
      expect(found.ok ? [] : found.errors.map((error) => error.code)).toEqual(some.map(([code]) => code))
      expect(found.ok ? [] : found.errors.map((error) => error.reference)).toEqual(some.map(() => 'RFC 6455 §4.1'))
    }
  })
  it('is repeated only in part in an error, in visible ASCII', () => {
    const long = `\x1b[2J\x9b\u202e${'x'.repeat(60_000)}`
    const found = verify({
      Upgrade: long,
      'Sec-WebSocket-Accept': long,
      'Sec-WebSocket-Extensions': long,
      'Sec-WebSocket-Protocol': long,
    })
    if (found.ok) throw new Error('accepted')
    expect(found.errors.map(({ message }) => message.length < 300 && /^[ -~]+$/.test(message))).toEqual([
      true,
      true,
      true,
      true,
    ])
  })
})

describe('a subprotocol', () => {
  it('is an error without an offer', () => {
    const found = verifyHandshake(answer({ 'Sec-WebSocket-Protocol': 'chat' }), offerHandshake('ws://a/', { key: KEY }))
    expect(found).toMatchObject({ ok: false, errors: [{ code: 'subprotocol' }] })
  })
  it('can be required if some were offered', () => {
    const required = { key: KEY, requireSubprotocol: true }
    const choosy = offerHandshake('ws://a/', { ...required, subprotocols: ['chat'] })
    expect(verifyHandshake(answer(), choosy)).toMatchObject({
      ok: false,
      errors: [{ code: 'subprotocol', reference: 'RFC 6455 §4.1' }],
    })
    expect(verifyHandshake(answer({ 'Sec-WebSocket-Protocol': 'chat' }), choosy)).toMatchObject({
      ok: true,
      subprotocol: 'chat',
    })
    expect(verifyHandshake(answer(), offerHandshake('ws://a/', required))).toMatchObject({ ok: true })
  })
})

describe('sources of a response', () => {
  it('include our parser’s success', () => {
    const parsed = new ResponseHeadParser().push(Uint8Array.of(...formatResponse(answer()), 0x81))
    expect(parsed && verifyHandshake(parsed, offer)).toMatchObject({ ok: true })
  })
  it('include our parser’s failure, returned unchanged', () => {
    const parsed = new ResponseHeadParser().push(latin1('SSH-2.0-x\r\n'))
    expect(parsed && verifyHandshake(parsed, offer)).toBe(parsed)
  })
  it('include Node’s IncomingMessage', () => {
    const message = new IncomingMessage(new Socket())
    message.statusCode = 101
    message.rawHeaders = Object.entries(answer().headers).flat() as string[]
    expect(verifyHandshake(message, offer)).toMatchObject({ ok: true })
    message.rawHeaders.push('sec-websocket-accept', ACCEPT)
    expect(verifyHandshake(message, offer)).toMatchObject({ ok: false, errors: [{ code: 'accept' }] })
  })
  it('include a Fetch Response, whose `ok` has another meaning', () => {
    const response = new Response('', { status: 503, headers: { 'retry-after': '5' } })
    const found = verifyHandshake(response as unknown as { status: number }, offer)
    expect(found).toMatchObject({ ok: false, kind: 'refused', status: 503, retryAfter: 5 })
  })
})

describe('a head that Node may have truncated', () => {
  const node = (offer: Offer, fields: number) => ({
    statusCode: 101,
    httpVersion: '1.1',
    rawHeaders: [
      ...['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Accept', computeAccept(offer.key)],
      ...Array.from({ length: fields - 3 }, () => ['a', 'b']).flat(),
    ],
  })
  it('is rejected, since an important field may be missing', () => {
    const offer = offerHandshake('ws://a/')
    expect(verifyHandshake(node(offer, 100), offer)).toMatchObject({ ok: true })
    const cut = verifyHandshake(node(offer, 101), offer)
    expect(cut).toMatchObject({ ok: false, kind: 'invalid', errors: [{ code: 'too-many' }], status: undefined })
    expect(cut.ok || cut.errors[0].status).toBeUndefined()
  })
  it('is accepted with a higher limit', () => {
    const limits = { maxHeadFields: 101 }
    const offer = offerHandshake('ws://a/', { limits })
    limits.maxHeadFields = 5
    expect(verifyHandshake(node(offer, 101), offer)).toMatchObject({ ok: true })
    expect(offer.options.limits).toEqual({ maxHeadFields: 101 })
    expect(() => offerHandshake('ws://a/', { maxHeadFields: 5 } as object)).toThrow(/limits\.maxHeadFields/)
    expect(() => offerHandshake('ws://a/', { limits: { maxHeadFields: -1 } })).toThrow(RangeError)
  })
  it('is also rejected for an upgrade to another protocol', () => {
    const answer = node(offerHandshake('ws://a/'), 101)
    expect(verifyUpgrade(answer, ['websocket'])).toMatchObject({ ok: false, errors: [{ code: 'too-many' }] })
    expect(verifyUpgrade(answer, ['websocket'], { maxHeadFields: 101 })).toMatchObject({ ok: true, kind: 'switched' })
  })
})
