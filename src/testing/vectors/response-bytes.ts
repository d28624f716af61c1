/**
 * Builds the responses of the test vectors from one valid 101 by changing some of its lines.
 *
 * @module
 */

import type { Bytes } from '../../types.ts'
import { ACCEPT, type Changes, fieldLines } from './request-bytes.ts'
import { latin1Bytes } from './vector-bytes.ts'

/** The whole response, including the empty line, and what precedes its status line. */
export function responseBytes({ line = 'HTTP/1.1 101 Switching Protocols', before = '', ...changes }: Changes): Bytes {
  const lines = fieldLines({
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': ACCEPT,
    ...changes,
  })
  return latin1Bytes(`${before}${line}\r\n${lines}\r\n`)
}

/** The request's offer: a subprotocol only if the response mentions one, because browsers fail if an offered one is missing. */
export function offeredSubprotocols(changes: Changes): readonly 'chat'[] {
  return Object.freeze(changes['Sec-WebSocket-Protocol'] === undefined ? [] : ['chat'])
}
