/**
 * Shared by the cases: bytes and pseudo-random numbers that are the same everywhere, and both ends of a connection in memory. Needs
 * only the package and the language.
 */

import { parseResponseHead } from '../../../dist/http/index.js'
import {
  acceptHandshake,
  Connection,
  formatRequestHead,
  formatResponse,
  offerHandshake,
  RequestHeadParser,
  ResponseHeadParser,
  verifyHandshake,
} from '../../../dist/index.js'
import { chance } from './values.mjs'

export { chance, pattern } from './values.mjs'

/** The key of RFC 6455 §1.3, so that requests are the same in every run. */
export const key = 'dGhlIHNhbXBsZSBub25jZQ=='
export const acceptOfKey = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** The fields of the opening request. */
export const fields = {
  Host: 'example.test',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': key,
}

/** The opening request, with additional fields; `undefined` omits one. */
export function requestOf(changes = {}, line = 'GET /chat HTTP/1.1') {
  const pairs = Object.entries({ ...fields, ...changes }).filter(([, value]) => value !== undefined)
  return utf8([line, ...pairs.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n'))
}

/** The head of a response. */
export function answerOf(status, ...lines) {
  return parseResponseHead(utf8([`HTTP/1.1 ${status}`, ...lines, '', ''].join('\r\n'))).head
}

/** `'81 05'` as bytes. */
export function bytesOf(text) {
  return Uint8Array.from(text.split(' ').filter(Boolean), (pair) => Number.parseInt(pair, 16))
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** UTF-8, or bytes as they are. */
export function utf8(text) {
  return typeof text === 'string' ? new TextEncoder().encode(text) : text
}

/** Mask keys for a client, a new one for each frame, and the same in every run. */
export function maskKeys() {
  const next = chance(2_463_534_242)
  return () => {
    const number = next()
    return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
  }
}

export function* cut(bytes, size) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

/** A client and a server that have completed the handshake in chunks of three bytes, with the same extensions. */
export function open(extensions = [], options = {}) {
  const offer = offerHandshake('ws://example.test/chat?room=1', { subprotocols: ['v2', 'v1'], extensions, key })
  const request = parse(new RequestHeadParser(), formatRequestHead(offer.request))
  const accepted = acceptHandshake(request, { subprotocols: ['v1'], extensions })
  if (!accepted.ok) throw accepted.errors[0]
  const verified = verifyHandshake(parse(new ResponseHeadParser(), formatResponse(accepted.response)), offer)
  if (!verified.ok) throw verified.errors[0]
  return {
    client: new Connection({ role: 'client', agreement: verified, extensions, maskKeys: maskKeys(), ...options }),
    server: new Connection({ role: 'server', agreement: accepted, extensions, ...options }),
  }
}

/** The result of a head parser for bytes in chunks. */
export function parse(parser, bytes, size = 3) {
  for (const chunk of cut(bytes, size)) {
    const parsed = parser.push(chunk)
    if (parsed !== undefined) return parsed
  }
  throw new Error('the head has no end')
}

/** The events of bytes in chunks of `size`, each answered before the next chunk. */
export function* receiveIn(connection, bytes, size = bytes.length) {
  for (const chunk of cut(bytes, size)) {
    yield* connection.receive(chunk)
    while (connection.hasPending) yield* connection.receive(new Uint8Array(0))
  }
}

/** Carries bytes both ways until neither side has any. The server echoes. Returns what each side saw. */
export function exchange(transcript, client, server, size) {
  const seen = { client: [], server: [] }
  for (let sent = client.takeOutput(); sent !== undefined; sent = client.takeOutput()) {
    transcript.note(sent)
    for (const event of receiveIn(server, sent, size)) {
      seen.server.push(event)
      if (event.type === 'text' || event.type === 'binary') server.send(event)
    }
    const answer = server.takeOutput() ?? new Uint8Array(0)
    transcript.note(answer)
    seen.client.push(...receiveIn(client, answer, size))
  }
  seen.server.push(...server.receiveEnd())
  seen.client.push(...client.receiveEnd())
  return seen
}
