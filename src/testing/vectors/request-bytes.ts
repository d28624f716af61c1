/**
 * Builds the requests of the test vectors from one valid opening request by changing some of its lines.
 *
 * @module
 */

import type { Bytes } from '../../types.ts'
import { latin1Bytes } from './vector-bytes.ts'

/** The key of RFC 6455 §1.3. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** Its `Sec-WebSocket-Accept`. */
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** Changes to the valid message. */
export interface Changes {
  /** The start line. */
  readonly line?: string
  /** For a response: bytes before it. */
  readonly before?: string
  /** Fields by name: `undefined` omits one, a list makes a line each, new names are appended. */
  readonly [name: string]: string | undefined | readonly string[]
}

/** The whole request, including the empty line. */
export function requestBytes({ line = 'GET /chat HTTP/1.1', ...changes }: Changes): Bytes {
  const lines = fieldLines({
    Host: 'server.example.com',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...changes,
  })
  return latin1Bytes(`${line}\r\n${lines}\r\n`)
}

/** One line per value. */
export function fieldLines(fields: Changes): string {
  return Object.entries(fields)
    .flatMap(([name, values = []]) =>
      (typeof values === 'string' ? [values] : values).map((value) => `${name}: ${value}\r\n`),
    )
    .join('')
}
