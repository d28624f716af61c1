/** A valid opening request and its response, for tests to modify. */

import type { HeaderRecord } from '../../src/http/headers.ts'
import type { HttpVersion } from '../../src/http/request.ts'

/** The key of RFC 6455 §1.3 and what answers it. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

export interface Opening {
  method: string
  target: string
  httpVersion: HttpVersion | undefined
  headers: HeaderRecord
}

/** A request that is to be accepted, with other fields: `undefined` leaves one out, an array repeats it. */
export function opening(headers: HeaderRecord = {}, changes: Partial<Opening> = {}): Opening {
  return {
    method: 'GET',
    target: '/chat',
    httpVersion: '1.1',
    headers: {
      Host: 'a.example',
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Key': KEY,
      'Sec-WebSocket-Version': '13',
      ...headers,
    },
    ...changes,
  }
}

/** The 101 that answers it. */
export function answer(headers: HeaderRecord = {}): { status: number; headers: HeaderRecord } {
  return {
    status: 101,
    headers: { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': ACCEPT, ...headers },
  }
}
