/**
 * Test vectors for servers: requests that must not open a WebSocket, and the required status. They only violate standards: origins,
 * bodies, paths and tokens are a server's own policy.
 *
 * @module
 */

import type { Bytes } from '../../types.ts'
import { type Changes, KEY, requestBytes } from './request-bytes.ts'

/** A request for a WebSocket that must be refused. */
export interface FaultyRequest {
  /** Short description of the error, unique among the vectors. */
  readonly title: string
  /** The whole request. Fresh on each access: you may cut or overwrite it. */
  readonly bytes: Bytes
  /** The required status. Where RFC 6455 says "such as 400", this is the most specific one. */
  readonly status: number
  /** Names of fields that the response must have. */
  readonly fields: readonly string[]
  /** The violated section, e.g. `'RFC 6455 §4.2.1'`. */
  readonly reference: string
}

type Row = readonly [title: string, changes: Changes, status: number, reference: string, ...fields: string[]]

const KEY_FIELD = 'Sec-WebSocket-Key'
const VERSION = 'Sec-WebSocket-Version'
const SUBPROTOCOL = 'Sec-WebSocket-Protocol'
const EXTENSIONS = 'Sec-WebSocket-Extensions'

/** A single pure call, so that bundlers can drop the table without inspecting its rows. */
function table(rows: () => readonly Row[]): readonly FaultyRequest[] {
  return Object.freeze(rows().map(toVector))
}

function toVector([title, changes, status, reference, ...fields]: Row): FaultyRequest {
  return Object.freeze({
    title,
    get bytes(): Bytes {
      return requestBytes(changes)
    },
    status,
    fields: Object.freeze(fields),
    reference,
  })
}

function badKey(title: string, key: string | undefined): Row {
  return [title, { [KEY_FIELD]: key }, 400, 'RFC 6455 §4.2.1']
}

function badVersion(version: string): Row {
  return [`version ${JSON.stringify(version)}`, { [VERSION]: version }, 400, 'RFC 6455 §4.3', VERSION]
}

/**
 * Complete requests with one error each, for `server.example.com`. RFC 9112 §3.2 and §5.1 are HTTP's own rules, so your HTTP
 * library is responsible for them, as for the rest of RFC 9110 and RFC 9112; the others are the WebSocket's. A server may also
 * replace a NUL, a bare CR or a folded line by a space, drop white space before the fields, and prefer the transfer coding to a
 * length (RFC 9110 §5.5, RFC 9112 §2.2, §5.2, §6.3); few do. The list grows with minor versions.
 *
 * @example
 * test.each(faultyRequests)('$title ($reference): $status', async ({ bytes, status, fields }) => {
 *   const answer = await send(bytes)
 *   expect(answer.status).toBe(status)
 *   for (const name of fields) expect(answer.headers.has(name)).toBe(true)
 * })
 */
export const faultyRequests: readonly FaultyRequest[] = /* @__PURE__ */ table(() => [
  ['POST', { line: 'POST /chat HTTP/1.1' }, 405, 'RFC 6455 §4.1', 'Allow'],
  ['a method in lower case', { line: 'get /chat HTTP/1.1' }, 405, 'RFC 6455 §4.1', 'Allow'],
  ['the target *', { line: 'GET * HTTP/1.1' }, 400, 'RFC 9112 §3.2'],
  ['no Host', { Host: undefined }, 400, 'RFC 9112 §3.2'],
  ['two Hosts', { Host: ['server.example.com', 'other.example.com'] }, 400, 'RFC 9112 §3.2'],
  ['a Host with a path', { Host: 'server.example.com/chat' }, 400, 'RFC 9112 §3.2'],
  ['white space before a colon', { 'Origin ': 'http://server.example.com' }, 400, 'RFC 9112 §5.1'],
  ['an empty field name', { '': 'x' }, 400, 'RFC 9112 §5.1'],
  ['a folded line', { 'X-Folded': 'a\r\n b' }, 400, 'RFC 9112 §5.2'],
  ['a line of white space before the fields', { line: 'GET /chat HTTP/1.1\r\n X-Folded: a' }, 400, 'RFC 9112 §2.2'],
  ['a NUL in a value', { 'X-Other': 'a\0b' }, 400, 'RFC 9110 §5.5'],
  ['a control character in a value', { 'X-Other': 'a\x7fb' }, 400, 'RFC 9110 §5.5'],
  ['a bare CR in a value', { 'X-Other': 'a\rb' }, 400, 'RFC 9112 §2.2'],
  ['a bare CR at the end of the request line', { line: 'GET /chat HTTP/1.1\rX-Other: a' }, 400, 'RFC 9112 §2.2'],
  ['a space in the target', { line: 'GET /chat now HTTP/1.1' }, 400, 'RFC 9112 §3'],
  ['a target with a byte that is not ASCII', { line: 'GET /caf\xe9 HTTP/1.1' }, 400, 'RFC 9112 §3'],
  ['a target with a fragment', { line: 'GET /chat#top HTTP/1.1' }, 400, 'RFC 9112 §3'],
  ['another major version of HTTP', { line: 'GET /chat HTTP/2.0' }, 505, 'RFC 9110 §15.6.6'],
  ['an invalid version of HTTP', { line: 'GET /chat HTTP/1.1.1' }, 400, 'RFC 9112 §2.3'],
  ['two lengths', { 'Content-Length': ['0', '5'] }, 400, 'RFC 9112 §6.3'],
  ['two lengths in one line', { 'Content-Length': '0, 5' }, 400, 'RFC 9112 §6.3'],
  ['a length that is not a number', { 'Content-Length': '+0' }, 400, 'RFC 9112 §6.3'],
  ['a length and a transfer coding', { 'Content-Length': '0', 'Transfer-Encoding': 'chunked' }, 400, 'RFC 9112 §6.3'],
  ['a transfer coding that does not end in chunked', { 'Transfer-Encoding': 'chunked, gzip' }, 400, 'RFC 9112 §6.3'],
  ['Connection that is not a list of tokens', { Connection: 'Upgrade, ???' }, 400, 'RFC 9110 §7.6.1'],
  badKey('no key', undefined),
  badKey('an empty key', ''),
  badKey('a key of 5 bytes', 'c2hvcnQ='),
  badKey('a key of 15 bytes', 'dGhlIHNhbXBsZSBub25j'),
  badKey('a key of 17 bytes', 'dGhlIHNhbXBsZSBub25jZSE='),
  badKey('a key that is not base64', 'dGhlIHNhbXBsZSBub25jZ!=='),
  badKey('a key in the alphabet of URLs', 'dGhlIHNhbXBs-SBub25jZQ=='),
  badKey('a key without its padding', 'dGhlIHNhbXBsZSBub25jZQ'),
  ['two keys', { [KEY_FIELD]: [KEY, 'AQIDBAUGBwgJCgsMDQ4PEA=='] }, 400, 'RFC 6455 §11.3.1'],
  ['no version', { [VERSION]: undefined }, 400, 'RFC 6455 §4.2.1', VERSION],
  ['two versions', { [VERSION]: ['13', '8'] }, 400, 'RFC 6455 §11.3.5', VERSION],
  ...['', '0xd', '+13', '013', '13.0', '13, 13', '256', 'thirteen'].map(badVersion),
  ['version 14, which does not exist', { [VERSION]: '14' }, 426, 'RFC 6455 §4.4', 'Upgrade', VERSION],
  ['version 8, a draft', { [VERSION]: '8' }, 426, 'RFC 6455 §4.4', 'Upgrade', VERSION],
  ['version 0, a draft', { [VERSION]: '0' }, 426, 'RFC 6455 §4.4', 'Upgrade', VERSION],
  ['an empty list of subprotocols', { [SUBPROTOCOL]: ', ,' }, 400, 'RFC 6455 §4.3'],
  ['a subprotocol that is not a token', { [SUBPROTOCOL]: 'chat, super chat' }, 400, 'RFC 6455 §4.3'],
  ['an empty list of extensions', { [EXTENSIONS]: ',' }, 400, 'RFC 6455 §9.1'],
  ['an extension without a name', { [EXTENSIONS]: '; a=1' }, 400, 'RFC 6455 §9.1'],
  ['a parameter without a value', { [EXTENSIONS]: 'x-extension; a=' }, 400, 'RFC 6455 §9.1'],
  ['a quoted value that is not a token', { [EXTENSIONS]: 'x-extension; a="b c"' }, 400, 'RFC 6455 §9.1'],
  ['a quoted value that does not end', { [EXTENSIONS]: 'x-extension; a="b' }, 400, 'RFC 6455 §9.1'],
])
