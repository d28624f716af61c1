/**
 * Test vectors for servers: unusual but valid requests that every server must be able to accept.
 *
 * @module
 */

import type { Bytes } from '../../types.ts'
import { ACCEPT, type Changes, KEY, requestBytes } from './request-bytes.ts'

/** A valid request for a WebSocket. */
export interface GoodRequest {
  /** Short description, unique among the vectors. */
  readonly title: string
  /** The whole request. Fresh on each access: you may cut or overwrite it. */
  readonly bytes: Bytes
  /** The `Sec-WebSocket-Accept` of the 101. */
  readonly accept: string
  /** The section that allows it. */
  readonly reference: string
}

type Row = readonly [title: string, changes: Changes, reference: string]

/** A single pure call, so that bundlers can drop the table without inspecting its rows. */
function table(rows: () => readonly Row[]): readonly GoodRequest[] {
  return Object.freeze(rows().map(toVector))
}

function toVector([title, changes, reference]: Row): GoodRequest {
  return Object.freeze({
    title,
    get bytes(): Bytes {
      return requestBytes(changes)
    },
    accept: ACCEPT,
    reference,
  })
}

/**
 * Valid requests for `server.example.com`. A server may still refuse an origin, a path or the lack of a required subprotocol; any
 * other server answers each with a 101. The list grows with minor versions.
 *
 * @example
 * test.each(goodRequests)('$title ($reference)', async ({ bytes, accept }) => {
 *   expect((await send(bytes)).headers.get('Sec-WebSocket-Accept')).toBe(accept)
 * })
 */
export const goodRequests: readonly GoodRequest[] = /* @__PURE__ */ table(() => [
  ['only required fields', {}, 'RFC 6455 §4.2.1'],
  [
    'the example of the RFC',
    { Origin: 'http://server.example.com', 'Sec-WebSocket-Protocol': 'chat, superchat' },
    'RFC 6455 §1.2',
  ],
  ['Upgrade in mixed case', { Upgrade: 'WebSocket' }, 'RFC 6455 §4.2.1'],
  ['Upgrade that names another protocol first', { Upgrade: 'foo/2, websocket' }, 'RFC 9110 §7.8'],
  ['Connection with more options, in mixed case', { Connection: 'keep-alive, UPGRADE' }, 'RFC 6455 §4.2.1'],
  ['Connection in two lines', { Connection: ['keep-alive', 'Upgrade'] }, 'RFC 9110 §5.3'],
  [
    'field names in lower case',
    {
      'Sec-WebSocket-Key': undefined,
      'Sec-WebSocket-Version': undefined,
      'sec-websocket-key': KEY,
      'sec-websocket-version': '13',
    },
    'RFC 9110 §5.1',
  ],
  ['white space around a value', { 'Sec-WebSocket-Version': ' \t13\t ' }, 'RFC 9112 §5.1'],
  ['a target in absolute form', { line: 'GET http://server.example.com/chat HTTP/1.1' }, 'RFC 9112 §3.2.2'],
  ['an unknown subprotocol', { 'Sec-WebSocket-Protocol': 'x-unheard-of' }, 'RFC 6455 §4.2.2'],
  ['unknown extensions', { 'Sec-WebSocket-Extensions': ['x-one; a=1; b="c"', 'x-two'] }, 'RFC 6455 §9.1'],
  ['empty list elements', { 'Sec-WebSocket-Extensions': ', x-one, ,x-two,' }, 'RFC 9110 §5.6.1.2'],
  ['unknown fields', { 'X-Unheard-Of': 'a, b; c="d' }, 'RFC 9110 §5.1'],
])
