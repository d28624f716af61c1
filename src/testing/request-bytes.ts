/**
 * The opening request that all requests among the vectors are made of, one line changed or several. Knows neither what is
 * right nor what is wrong.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { latin1Bytes } from './vector-bytes.ts'

/** The key of RFC 6455 §1.3. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** What answers it. */
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** What differs from the good message. */
export interface Changes {
  /** The start line. */
  readonly line?: string
  /** Of a response: what goes before it. */
  readonly before?: string
  /** Fields by name: `undefined` leaves one out, a list is a line each, other names come behind. */
  readonly [name: string]: string | undefined | readonly string[]
}

/** The whole request, its empty line included. */
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

/** A line for each value. */
export function fieldLines(fields: Changes): string {
  return Object.entries(fields)
    .flatMap(([name, values = []]) =>
      (typeof values === 'string' ? [values] : values).map((value) => `${name}: ${value}\r\n`),
    )
    .join('')
}
