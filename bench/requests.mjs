/** The heads used by the benches, byte for byte: opening requests as clients send them. */

/** The key of RFC 6455 §1.3, used in all heads. */
export const key = 'dGhlIHNhbXBsZSBub25jZQ=='

/** Its `Sec-WebSocket-Accept`. */
export const expectedAccept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** Chromium's fields, in its order. */
const chromiumLines = [
  'GET /chat?room=lobby HTTP/1.1',
  'Host: server.example.com:8080',
  'Connection: Upgrade',
  'Pragma: no-cache',
  'Cache-Control: no-cache',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Upgrade: websocket',
  'Origin: http://server.example.com:8080',
  'Sec-WebSocket-Version: 13',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes; _ga=GA1.1.1234567890.1700000000; tz=Europe%2FBerlin',
  `Sec-WebSocket-Key: ${key}`,
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
]

export const chromiumHead = toBytes(chromiumLines)

/** As sent for `new WebSocket(url, ['superchat', 'chat'])`. */
export const subprotocolHead = toBytes([...chromiumLines, 'Sec-WebSocket-Protocol: superchat, chat'])

/** Only the fields that RFC 6455 §4.2.1 requires. */
export const minimalHead = toBytes([
  'GET / HTTP/1.1',
  'Host: server.example.com',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Key: ${key}`,
  'Sec-WebSocket-Version: 13',
])

function toBytes(lines) {
  return Buffer.from([...lines, '', ''].join('\r\n'), 'latin1')
}
