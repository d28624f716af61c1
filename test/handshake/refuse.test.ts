/** Tests the fields that a refusal's status requires, and when a refusal may leave the connection open (RFC 9931). */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { AcceptOptions } from '../../src/handshake/accept-options.ts'
import { formatRequestHead, formatResponse } from '../../src/http/head-format.ts'
import { getHeaderElements, type HeaderRecord } from '../../src/http/headers.ts'
import type { RequestSource } from '../../src/http/request.ts'
import { type ParsedRequest, RequestHeadParser } from '../../src/http/request-parser.ts'
import { latin1, toText } from '../http/head.ts'
import { concat } from '../wire.ts'
import { KEY, type Opening, opening } from './opening.ts'

/** Returns the options of `Connection` in the refusal of a request. */
function connectionOf(request: RequestSource | ParsedRequest, options: AcceptOptions = { keepAlive: true }): string[] {
  const refused = acceptHandshake(request, options)
  if (refused.ok) throw new Error('accepted')
  return getHeaderElements(refused.response.headers, 'connection')
}

function parse(request: Opening, rest = ''): ParsedRequest {
  const parsed = new RequestHeadParser().push(concat(formatRequestHead(request), latin1(rest)))
  if (!parsed?.ok) throw new Error('not read')
  return parsed
}

/** Errors after which the next request can still be found. */
const reliable: [string, HeaderRecord, Partial<Opening>?][] = [
  ['another method', {}, { method: 'POST' }],
  ['HEAD', {}, { method: 'HEAD' }],
  ['no Upgrade', { Upgrade: undefined }],
  ['another Upgrade', { Upgrade: 'foo' }],
  ['no Connection', { Connection: 'keep-alive' }],
  ['another version', { 'Sec-WebSocket-Version': '8' }],
  ['a bad version', { 'Sec-WebSocket-Version': 'x' }],
  ['no key', { 'Sec-WebSocket-Key': undefined }],
  ['two keys', { 'Sec-WebSocket-Key': [KEY, KEY] }],
  ['another origin', { Origin: 'https://b.example' }],
  ['a bad list of subprotocols', { 'Sec-WebSocket-Protocol': 'a b' }],
  ['a bad list of extensions', { 'Sec-WebSocket-Extensions': 'a; =' }],
  ['Content-Length: 0 as well', { 'Content-Length': '0', Origin: 'null' }],
]
/** Errors after which recipients may disagree on where the next request begins, or who sent it. */
const unreliable: [string, HeaderRecord, Partial<Opening>?][] = [
  ['HTTP/1.0', {}, { httpVersion: '1.0' }],
  ['a body', { 'Content-Length': '5' }],
  ['a chunked body', { 'Transfer-Encoding': 'chunked' }],
  ['a body of two lengths', { 'Content-Length': ['5', '6'] }],
  ['a body with a length and a coding', { 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }],
  ['no Host', { Host: undefined }],
  ['two Hosts', { Host: ['a', 'b'] }],
  ['a bad target', {}, { target: '*' }],
  ['an invalid Upgrade', { Upgrade: '@' }],
  ['an invalid Connection', { Connection: ','.repeat(200) }],
  ['a reliable error before an unreliable one', { 'Content-Length': '5', Upgrade: undefined }],
]

describe('with keepAlive, the connection stays open after', () => {
  it.each(reliable)('%s', (_, headers, changes) => {
    const request = opening(headers, changes)
    for (const source of [request, parse(request)]) {
      expect(connectionOf(source)).not.toContain('close')
      expect(connectionOf(source, { keepAlive: false })).toContain('close')
      expect(connectionOf(source, {})).toContain('close')
    }
  })
  it('a 426 and a 403, in exact bytes', () => {
    const required = acceptHandshake(opening({ Upgrade: undefined }), { keepAlive: true })
    expect(toText(formatResponse(required.response))).toMatch(
      /^HTTP\/1\.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nContent-Type: text\/plain; charset=utf-8\r\nContent-Length: \d+\r\n\r\n/,
    )
    const forbidden = acceptHandshake(opening({ Origin: 'null' }), { keepAlive: true })
    expect(toText(formatResponse(forbidden.response))).toMatch(
      /^HTTP\/1\.1 403 Forbidden\r\nContent-Type: text\/plain; charset=utf-8\r\nContent-Length: \d+\r\n\r\n/,
    )
  })
  it('a refused request, and the next one is read', () => {
    const heads = new RequestHeadParser()
    const refused = heads.push(formatRequestHead(opening({ Origin: 'null' })))
    expect(refused && connectionOf(refused)).toEqual([])
    const next = heads.push(formatRequestHead(opening({}, { target: '/next' })))
    expect(next && acceptHandshake(next).ok).toBe(true)
  })
})

describe('even with keepAlive, the connection closes', () => {
  it.each(unreliable)('after %s', (_, headers, changes) => {
    expect(connectionOf(opening(headers, changes))).toContain('close')
  })
  it.each(['GET / HTTP/1.1\n', 'GET / HTTP/2.0\r\n', 'GET / HTTP/1.1\r\nA : b\r\n'])(
    'after an unreadable head: %j',
    (wire) => {
      const parsed = new RequestHeadParser().push(latin1(wire))
      expect(parsed && connectionOf(parsed)).toEqual(['close'])
    },
  )
  it('if bytes came after the head: WebSocket bytes would be read as the next request (RFC 9931)', () => {
    for (const [, headers, changes] of reliable) {
      expect(connectionOf(parse(opening(headers, changes), '\x81'))).toContain('close')
      expect(connectionOf(parse(opening(headers, changes), 'GET /admin HTTP/1.1\r\n\r\n'))).toContain('close')
    }
  })
  it('if the client sends `Connection: close` (RFC 9112 §9.6)', () => {
    expect(connectionOf(opening({ Connection: 'Upgrade, Close', Origin: 'null' }))).toEqual(['close'])
    expect(connectionOf(opening({ Connection: ['upgrade', 'close'], Upgrade: 'foo' }))).toEqual(['Upgrade', 'close'])
  })
  it('if the method is CONNECT, as the client may have sent bytes for the tunnel (RFC 9931 §8)', () => {
    expect(connectionOf(opening({}, { method: 'CONNECT' }))).toEqual(['close'])
  })
})

it('takes status and fields from the first error, and lists all errors in the body', () => {
  const refuse = (headers: HeaderRecord, keepAlive: boolean, changes?: Partial<Opening>) => {
    const refused = acceptHandshake(opening(headers, changes), { keepAlive })
    if (refused.ok) throw new Error('accepted')
    return refused
  }
  const bad = { 'Sec-WebSocket-Version': '14', 'Sec-WebSocket-Key': undefined }
  const type = ['Content-Type', 'text/plain; charset=utf-8']
  const required = refuse(bad, true)
  expect(required.response).toMatchObject({
    status: 426,
    headers: [['Upgrade', 'websocket'], ['Connection', 'Upgrade'], ['Sec-WebSocket-Version', '13'], type],
  })
  expect(required.response.body).toBe(required.errors.map((each) => `${each.message} (${each.reference})\n`).join(''))
  expect(refuse(bad, false, { method: 'POST' }).response).toMatchObject({
    status: 405,
    headers: [['Connection', 'close'], ['Sec-WebSocket-Version', '13'], ['Allow', 'GET'], type],
  })
})

describe('plain HTTP', () => {
  it('has an error that is created only when it is read, as that takes longer than a handshake', () => {
    for (const changes of [{}, { method: 'POST' }, { httpVersion: '1.0' as const }]) {
      const refused = acceptHandshake(opening({ Upgrade: undefined }, changes))
      if (refused.ok) throw new Error('accepted')
      expect(Object.getOwnPropertyDescriptor(refused, 'errors')?.get).toBeTypeOf('function')
      const { errors } = refused
      expect(errors[0]).toBeInstanceOf(ProtocolError)
      expect(errors).toHaveLength(1)
      expect(refused.errors).toBe(errors)
      expect({ ...refused }.errors).toBe(errors)
      expect(refused.response.body).toBe(`${errors[0].message} (${errors[0].reference})\n`)
      expect(refused.response.status).toBe(errors[0].status)
    }
  })
  it('closes the connection if the request has a body', () => {
    const withBody = (headers: HeaderRecord) =>
      connectionOf(opening({ Upgrade: undefined, Connection: undefined, ...headers }, { method: 'POST' }))
    expect(withBody({})).toEqual(['Upgrade'])
    expect(withBody({ 'Content-Length': '0' })).toEqual(['Upgrade'])
    expect(withBody({ 'Content-Length': '5' })).toEqual(['Upgrade', 'close'])
    expect(withBody({ 'Transfer-Encoding': 'chunked' })).toEqual(['Upgrade', 'close'])
  })
})
