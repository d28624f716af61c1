/**
 * The 101 that all responses among the vectors are made of, one line changed or several. Knows neither what is right nor what is
 * wrong.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { ACCEPT, type Changes, fieldLines } from './request-bytes.ts'
import { latin1Bytes } from './vector-bytes.ts'

/** The whole response, its empty line included, and what goes before its status line. */
export function responseBytes({ line = 'HTTP/1.1 101 Switching Protocols', before = '', ...changes }: Changes): Bytes {
  const lines = fieldLines({
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': ACCEPT,
    ...changes,
  })
  return latin1Bytes(`${before}${line}\r\n${lines}\r\n`)
}

/** What the request offers that a response answers: a subprotocol only where the response speaks of one, for browsers miss it else. */
export function offeredSubprotocols(changes: Changes): readonly 'chat'[] {
  return Object.freeze(changes['Sec-WebSocket-Protocol'] === undefined ? [] : ['chat'])
}
