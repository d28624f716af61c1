/** A valid opening request and its response, for tests to modify. */

import type { HeaderRecord } from '../../src/http/headers.ts'
import type { HttpVersion } from '../../src/http/request.ts'

/** The key of RFC 6455 §1.3 and its accept. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

export interface Opening {
  method: string
  target: string
  httpVersion: HttpVersion | undefined
  headers: HeaderRecord
}

/** Creates a valid request with changed fields: `undefined` leaves a field out, an array repeats it. */
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

/** Creates the 101 for this request, with changed fields. */
export function answer(headers: HeaderRecord = {}): { status: number; headers: HeaderRecord } {
  return {
    status: 101,
    headers: { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': ACCEPT, ...headers },
  }
}
