/**
 * Test vectors for clients: unusual but valid responses that every client must be able to accept.
 *
 * @module
 */

import type { Bytes } from '../../types.ts'
import { ACCEPT, type Changes } from './request-bytes.ts'
import { offeredSubprotocols, responseBytes } from './response-bytes.ts'

/** A response that opens a WebSocket. */
export interface GoodResponse {
  /** Short description, unique among the vectors. */
  readonly title: string
  /** The whole response. Fresh on each access: you may cut or overwrite it. */
  readonly bytes: Bytes
  /** The `subprotocols` that the request must offer: `chat`, or none. */
  readonly subprotocols: readonly 'chat'[]
  /** The subprotocol that the response selects. */
  readonly subprotocol: 'chat' | undefined
  /** The section that allows it. */
  readonly reference: string
}

type Row = readonly [title: string, changes: Changes, reference: string]

const SUBPROTOCOL = 'Sec-WebSocket-Protocol'

/** A single pure call, so that bundlers can drop the table without inspecting its rows. */
function table(rows: () => readonly Row[]): readonly GoodResponse[] {
  return Object.freeze(rows().map(toVector))
}

function toVector([title, changes, reference]: Row): GoodResponse {
  return Object.freeze({
    title,
    get bytes(): Bytes {
      return responseBytes(changes)
    },
    subprotocols: offeredSubprotocols(changes),
    subprotocol: changes[SUBPROTOCOL] === undefined ? undefined : 'chat',
    reference,
  })
}

/**
 * Valid responses to the request described at `faultyResponses`. The list grows with minor versions.
 *
 * @example
 * test.each(goodResponses)('$title ($reference)', ({ bytes, subprotocols }) => {
 *   const offer = offerHandshake('ws://server.example.com/chat', { key, subprotocols })
 *   const parsed = new ResponseHeadParser().push(bytes)
 *   expect(parsed && verifyHandshake(parsed, offer).ok).toBe(true)
 * })
 */
export const goodResponses: readonly GoodResponse[] = /* @__PURE__ */ table(() => [
  ['only required fields', {}, 'RFC 6455 §4.2.2'],
  ['a subprotocol that was offered', { [SUBPROTOCOL]: 'chat' }, 'RFC 6455 §4.2.2'],
  ['an empty reason phrase', { line: 'HTTP/1.1 101 ' }, 'RFC 9112 §4'],
  ['another reason phrase', { line: 'HTTP/1.1 101 Web Socket Protocol Handshake' }, 'RFC 9112 §4'],
  ['Upgrade in mixed case', { Upgrade: 'WebSocket' }, 'RFC 6455 §4.1'],
  ['Connection with more options, in mixed case', { Connection: 'keep-alive, UPGRADE' }, 'RFC 6455 §4.1'],
  ['Connection in two lines', { Connection: ['keep-alive', 'Upgrade'] }, 'RFC 9110 §5.3'],
  [
    'field names in lower case',
    {
      Upgrade: undefined,
      Connection: undefined,
      'Sec-WebSocket-Accept': undefined,
      upgrade: 'websocket',
      connection: 'upgrade',
      'sec-websocket-accept': ACCEPT,
    },
    'RFC 9110 §5.1',
  ],
  ['white space around a value', { 'Sec-WebSocket-Accept': ` \t${ACCEPT}\t ` }, 'RFC 9112 §5.1'],
  ['a folded line', { Connection: 'keep-alive,\r\n Upgrade' }, 'RFC 9112 §5.2'],
  ['a 100 before it', { before: 'HTTP/1.1 100 Continue\r\n\r\n' }, 'RFC 9110 §15.2'],
  ['a 103 before it', { before: 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n' }, 'RFC 9110 §15.2'],
  ['unknown fields', { 'X-Unheard-Of': ['a, b; c="d', ''] }, 'RFC 9110 §5.1'],
])
