/**
 * Test vectors for clients: responses that must not open a WebSocket. They break RFC 6455 §4.1 or are unreadable.
 *
 * @module
 */

import type { Bytes } from '../../types.ts'
import { ACCEPT, type Changes } from './request-bytes.ts'
import { offeredSubprotocols, responseBytes } from './response-bytes.ts'

/** A response that a client must reject. */
export interface FaultyResponse {
  /** Short description of the error, unique among the vectors. */
  readonly title: string
  /** The whole response. Fresh on each access: you may cut or overwrite it. */
  readonly bytes: Bytes
  /** The `subprotocols` that the request must offer: `chat`, or none. */
  readonly subprotocols: readonly 'chat'[]
  /** The violated section, e.g. `'RFC 6455 §4.1'`. */
  readonly reference: string
}

type Row = readonly [title: string, changes: Changes, reference: string]

const CLIENT = 'RFC 6455 §4.1'
const STATUS_LINE = 'RFC 9112 §4'
const ACCEPT_FIELD = 'Sec-WebSocket-Accept'
const SUBPROTOCOL = 'Sec-WebSocket-Protocol'
const EXTENSIONS = 'Sec-WebSocket-Extensions'

/** A single pure call, so that bundlers can drop the table without inspecting its rows. */
function table(rows: () => readonly Row[]): readonly FaultyResponse[] {
  return Object.freeze(rows().map(toVector))
}

function toVector([title, changes, reference]: Row): FaultyResponse {
  return Object.freeze({
    title,
    get bytes(): Bytes {
      return responseBytes(changes)
    },
    subprotocols: offeredSubprotocols(changes),
    reference,
  })
}

/**
 * Complete responses with one error each, to a request with the key of RFC 6455 §1.3, `dGhlIHNhbXBsZSBub25jZQ==`, that offers
 * {@link FaultyResponse.subprotocols} and no extension. If your client generates its own key, replace
 * `s3pPLMBiTxaQ9kYGzzhZRbK+xOo=` by `computeAccept(key)`. A client may also replace a NUL or a bare CR by a space, accept two
 * spaces for one, and drop white space before a colon (RFC 9110 §5.5, RFC 9112 §2.2, §4, §5.1). The list grows with minor versions.
 *
 * @example
 * test.each(faultyResponses)('$title ($reference)', ({ bytes, subprotocols }) => {
 *   const offer = offerHandshake('ws://server.example.com/chat', { key, subprotocols })
 *   const parsed = new ResponseHeadParser().push(bytes)
 *   expect(parsed && verifyHandshake(parsed, offer).ok).toBe(false)
 * })
 */
export const faultyResponses: readonly FaultyResponse[] = /* @__PURE__ */ table(() => [
  ['a 200 with the fields of a 101', { line: 'HTTP/1.1 200 OK' }, CLIENT],
  ['a status line without a version', { line: '101 Switching Protocols' }, 'RFC 9112 §2.3'],
  ['a version in lower case', { line: 'http/1.1 101 Switching Protocols' }, 'RFC 9112 §2.3'],
  ['the status line of another protocol', { line: 'ICY 101 Switching Protocols' }, 'RFC 9112 §2.3'],
  ['HTTP/2 in a status line', { line: 'HTTP/2 101 Switching Protocols' }, 'RFC 9112 §2.3'],
  ['HTTP/2.0 in a status line', { line: 'HTTP/2.0 101 Switching Protocols' }, 'RFC 9110 §15.6.6'],
  ['a 101 in HTTP/1.0', { line: 'HTTP/1.0 101 Switching Protocols' }, 'RFC 9110 §15.2'],
  ['a status of two digits', { line: 'HTTP/1.1 10 Switching Protocols' }, STATUS_LINE],
  ['a status of four digits', { line: 'HTTP/1.1 1010 Switching Protocols' }, STATUS_LINE],
  ['two spaces before the status', { line: 'HTTP/1.1  101 Switching Protocols' }, STATUS_LINE],
  ['a NUL in a value', { 'X-Other': 'a\0b' }, 'RFC 9110 §5.5'],
  ['a bare CR in a value', { 'X-Other': 'a\rb' }, 'RFC 9112 §2.2'],
  ['white space before a colon', { 'X-Other ': 'a' }, 'RFC 9112 §5.1'],
  ['a line without a colon', { 'X-Other': 'a\r\nb' }, 'RFC 9112 §5.1'],
  ['no Upgrade', { Upgrade: undefined }, CLIENT],
  ['Upgrade to another protocol', { Upgrade: 'h2c' }, CLIENT],
  ['Upgrade to two protocols', { Upgrade: 'websocket, h2c' }, CLIENT],
  ['Upgrade to websocket with a version', { Upgrade: 'websocket/13' }, CLIENT],
  ['no Connection', { Connection: undefined }, CLIENT],
  ['Connection without upgrade', { Connection: 'keep-alive' }, CLIENT],
  ['no accept', { [ACCEPT_FIELD]: undefined }, CLIENT],
  ['an empty accept', { [ACCEPT_FIELD]: '' }, CLIENT],
  ['the key for an accept', { [ACCEPT_FIELD]: 'dGhlIHNhbXBsZSBub25jZQ==' }, CLIENT],
  ['the accept of another key', { [ACCEPT_FIELD]: 'ICX+Yqv66kxgM0FcWaLWlFLwTAI=' }, CLIENT],
  ['an accept in lower case', { [ACCEPT_FIELD]: 's3pplmbitxaq9kygzzhzrbk+xoo=' }, CLIENT],
  ['two accepts', { [ACCEPT_FIELD]: [ACCEPT, ACCEPT] }, CLIENT],
  ['a subprotocol that was not offered', { [SUBPROTOCOL]: 'superchat' }, CLIENT],
  ['a subprotocol in another case', { [SUBPROTOCOL]: 'Chat' }, CLIENT],
  ['two subprotocols', { [SUBPROTOCOL]: 'chat, superchat' }, CLIENT],
  ['a subprotocol in two lines', { [SUBPROTOCOL]: ['chat', 'chat'] }, CLIENT],
  ['an extension that was not offered', { [EXTENSIONS]: 'permessage-deflate' }, CLIENT],
  ['an extension without a name', { [EXTENSIONS]: '; a=1' }, 'RFC 6455 §9.1'],
])
