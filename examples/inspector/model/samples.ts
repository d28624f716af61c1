/**
 * The samples offered first: the examples of the RFCs, and instructive errors.
 *
 * @module
 */

import type { State } from './state.ts'

export interface Sample extends State {
  readonly title: string
  readonly group: 'Frames' | 'Mistakes' | 'Handshake'
}

const request = (...fields: string[]): string =>
  ['GET /chat HTTP/1.1', 'Host: server.example.com', ...fields].join('\n')
const asked = request(
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
)
const answer = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
].join('\n')

const frames = (
  group: Sample['group'],
  title: string,
  input: string,
  role: State['role'] = 'server',
  deflate = false,
): Sample => ({
  group,
  title,
  input,
  role,
  deflate,
})

export const samples: readonly [Sample, ...Sample[]] = [
  frames('Frames', 'Masked “Hello”', '81 85 37 fa 21 3d 7f 9f 4d 51 58'),
  frames('Frames', 'Fragments and a ping', '01 03 48 65 6c 89 00 80 02 6c 6f', 'client'),
  frames('Frames', 'Compressed', 'c1 07 f2 48 cd c9 c9 07 00  c1 05 f2 00 11 00 00', 'client', true),
  frames(
    'Frames',
    '256 bytes',
    `82 7e 01 00 ${Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0')).join(' ')}`,
    'client',
  ),
  frames('Frames', 'Close 1000', '88 86 5d 1c 0a 2f 5e f4 68 56 38 3d', 'server'),
  frames('Mistakes', 'Unmasked', '81 05 48 65 6c 6c 6f'),
  frames('Mistakes', 'Length not minimal', '82 fe 00 03 01 02 03 04 00 00 00', 'server'),
  frames('Mistakes', 'Broken UTF-8', '01 04 ce ba e1 bd  80 06 b9 ed a0 80 65 64', 'client'),
  frames('Mistakes', 'Nested message', '01 03 48 65 6c  81 02 6c 6f', 'client'),
  frames('Mistakes', 'Fragmented ping', '09 02 68 69', 'client'),
  frames('Mistakes', 'Close 1005', '88 02 03 ed', 'client'),
  frames('Handshake', 'Request', asked),
  frames(
    'Handshake',
    'Three errors',
    request(
      'Upgrade: websocket',
      'Connection: keep-alive',
      'Sec-WebSocket-Key: dG9vIHNob3J0',
      'Sec-WebSocket-Version: 12',
    ),
  ),
  frames('Handshake', 'Request and response', `${asked}\n\n${answer}`),
]
