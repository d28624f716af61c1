/** A valid opening request over HTTP/2 and HTTP/3 and its response, for tests to modify. */

import type { HeaderRecord } from '../../src/http/headers.ts'
import type { RequestHead, RequestLike } from '../../src/http/request.ts'

/** Creates a valid extended CONNECT with changed fields: `undefined` leaves a field out, an array repeats it. */
export function extended(
  headers: HeaderRecord = {},
  changes: Partial<Omit<RequestHead, 'headers'>> = {},
): RequestLike & { httpVersion: '2' | '3' } {
  return {
    method: 'CONNECT',
    protocol: 'websocket',
    scheme: 'https',
    target: '/chat',
    authority: 'a.example',
    headers: { 'sec-websocket-version': '13', ...headers },
    ...changes,
    httpVersion: changes.httpVersion === '3' ? '3' : '2',
  }
}

/** The client's request in RFC 8441 §5.1, in order. RFC 9220 has the same over HTTP/3, without an example. */
export const exampleRequest = [
  [':method', 'CONNECT'],
  [':protocol', 'websocket'],
  [':scheme', 'https'],
  [':path', '/chat'],
  [':authority', 'server.example.com'],
  ['sec-websocket-protocol', 'chat, superchat'],
  ['sec-websocket-extensions', 'permessage-deflate'],
  ['sec-websocket-version', '13'],
  ['origin', 'http://www.example.com'],
] as const

/** The server's response in RFC 8441 §5.1. */
export const exampleResponse = [
  [':status', '200'],
  ['sec-websocket-protocol', 'chat'],
] as const
