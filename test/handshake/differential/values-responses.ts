/** Valid, almost valid and invalid values for each part of a response. More frequent values are repeated. */

import { ACCEPT, KEY } from '../opening.ts'

/** The subprotocols that all clients offer. */
export const offered: readonly string[] = ['chat', 'v2.chat']

export const versions: readonly string[] = [
  ...['HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'HTTP/1', 'HTTP/1.10', 'HTTPS/1.1', ''],
  ...[' HTTP/1.1'],
]

export const statuses: readonly string[] = [
  ...['100', '102', '103', '199', '200', '204', '301', '304', '400', '401', '403', '404', '426', '500', '503', '600'],
  ...['999', '099', '001', '1010', '10', '1x1', '', '+101', '101.0', ' 101', '0101', '000'],
]

export const reasons: readonly string[] = [
  ...['', 'OK', 'Web Socket Protocol Handshake', '  ', 'R\xe9ponse', 'a\tb', 'a\0b', 'a\x7fb', 'a\rb', '101'],
  ...['a\x1b[0m', ' '],
]

export const upgradeElements: readonly string[] = [
  ...['websocket', 'websocket', 'websocket', 'websocket', 'WebSocket', 'WEBSOCKET', 'foo/2', 'h2c', 'websocket/13'],
  ...['"websocket"', 'websocket;q=1', 'web socket', 'websockets', '', 'websocket/', 'w\xe9bsocket', 'foo"'],
]

export const connectionElements: readonly string[] = [
  ...['Upgrade', 'Upgrade', 'Upgrade', 'Upgrade', 'upgrade', 'upgrade', 'UPGRADE', 'keep-alive', 'keep-alive'],
  ...['close', 'Upgraded', 'X-Upgrade', '"Upgrade"', 'upgrade;q=1', 'Up grade', '', 'foo"', '"a, upgrade"', '\xe9'],
]

export const accepts: readonly string[] = [
  ...['', ACCEPT.toLowerCase(), ACCEPT.slice(0, -1), `${ACCEPT}=`, `"${ACCEPT}"`, `${ACCEPT},`, `,${ACCEPT}`, KEY],
  ...[`${ACCEPT}, ${ACCEPT}`, `${ACCEPT};x`, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=', `${ACCEPT}\xa0`, ` ${ACCEPT} `],
]

export const subprotocols: readonly string[] = [
  ...['chat', 'chat', 'v2.chat', 'v2.chat', 'Chat', 'soap', '', 'chat, v2.chat', 'chat,', ',chat', '"chat"'],
  ...['ch\xe9t', 'chat;x', 'chat chat', 'toString', '__proto__', ' chat '],
]

export const lengths: readonly string[] = ['0', '5', '+0', '0, 0', '0, 5', '-1', '', 'x', '0,']

export const codings: readonly string[] = ['chunked', 'gzip', '', 'gzip, chunked', 'chunked,']

/** Interim heads before the response. */
export const interims: readonly string[] = [
  ...['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel="preload"\r\n\r\n'],
  ...['HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(9)],
]
