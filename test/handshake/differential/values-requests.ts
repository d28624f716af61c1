/** Valid, almost valid and invalid values for each part of an opening request. More frequent values are repeated. */

import { KEY } from '../opening.ts'

/** The subprotocols that all servers support. */
export const supported: readonly string[] = ['chat', 'v2.chat', 'toString']

export const methods: readonly string[] = [
  ...['POST', 'HEAD', 'OPTIONS', 'CONNECT', 'get'],
  ...['Get', 'BREW', 'G(T', '', 'PRI', 'G\xe9T'],
]

export const targets: readonly string[] = [
  ...['/', '//x', '/?a=b', '/%zz', '/a#b', '/"<>\\^`{|}', '*', 'chat', '', '?x', '#', '/a b', '/\xe9', '/\0'],
  ...['/~:@!$', 'http://a.example/chat', 'ws://a.example/', 'HTTP://b.example/', 'https://a.example'],
  ...['wss://a.example:443/?x', 'ftp://a.example/', 'http://', 'http:///x', 'http://user@a.example/'],
  ...['http://a.example:x/', 'a.example:80', 'http://a.example/#x', 'http:/a', 'mailto:a@b', 'http://[::1]/'],
  ...['http://a b/', 'ws:a'],
]

export const versions: readonly string[] = [
  ...['HTTP/1.0', 'HTTP/1.2', 'HTTP/1.9', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'HTTP/1', 'HTTP/1.10', 'HTTP/01.1'],
  ...['HTTP/1.1 ', ' HTTP/1.1', 'HTTP/ 1.1', 'HTTP/+1.1', 'HTTPS/1.1', '', 'HTTP/3.0', 'HTTP/1,1'],
]

export const hosts: readonly string[] = [
  ...['', 'a.example:80', 'a.example:', 'a.example:x', 'A.EXAMPLE', '[::1]:8080', '[::1]', '[::1', 'a b'],
  ...['a.example, b', 'a,b', 'a/b', 'user@a', 'http://a', '*', 'a..b', '.', 'a.', '\xe9', 'xn--mnchen-3ya.de'],
  ...['xn--\xe9', 'xn--x', 'a_b', '127.0.0.1', 'a:99999', '"a"', '%41', '%', 'a:80:80', ':80', 'a^b'],
  ...[`${'a'.repeat(64)}.example`, 'a;b', 'a\\b'],
]

export const upgradeElements: readonly string[] = [
  ...['websocket', 'websocket', 'websocket', 'websocket', 'WebSocket', 'WEBSOCKET', 'foo/2', 'h2c', 'TLS/1.0'],
  ...['websocket/13', '"websocket"', 'websocket;q=1', 'web socket', 'websockets', 'websocket/', '/13'],
  ...['websocket=13', 'foo"', 'foo/1/2', 'w\xe9bsocket'],
]

export const connectionElements: readonly string[] = [
  ...['Upgrade', 'Upgrade', 'Upgrade', 'Upgrade', 'upgrade', 'upgrade', 'UPGRADE', 'keep-alive', 'keep-alive'],
  ...['close', 'TE', 'Upgraded', 'X-Upgrade', '"Upgrade"', 'upgrade;q=1', 'Up grade', 'Upgrade=1', 'foo"'],
  ...['"a, upgrade"', 'Keep-Alive', '\xe9'],
]

export const keys: readonly string[] = [
  ...['', 'dGhlIHNhbXBsZSBub25jZR==', 'dGhlIHNhbXBsZSBub25jZQ', 'dGhlIHNhbXBsZSBub25jZQ='],
  ...['dGhlIHNhbXBsZSBub25jZQ===', `${KEY}, ${KEY}`, `"${KEY}"`, `${KEY},`, `,${KEY}`, 'dGhlIHNhbXBsZSBub25jZ Q=='],
  ...['dGhlIHNhbXBsZSBub25jZUE=', 'dGhlIHNhbXBsZSBub25j', 'dGhlIHNhbXBsZS1ub25j_Q==', '                      =='],
  ...[KEY.toLowerCase(), `${KEY};x`, 'AAAAAAAAAAAAAAAAAAAAAA==', '/+/+/+/+/+/+/+/+/+/+/w==', `${KEY}${KEY}`, 'hello'],
  ...['====='],
]

export const webSocketVersions: readonly string[] = [
  ...['0xd', '13.0', '+13', '013', '8', '14', '7', '0', '255', '256', '13, 8', '8, 13', '13,13', '13,', ',13', ''],
  ...['1.3e1', '-13', '0b1101', '0o15', '13;x', '"13"', '1 3', '\xb9\xb3', 'thirteen', '1300', '00000000013'],
  ...['13\xa0', 'NaN'],
]

export const subprotocols: readonly string[] = [
  ...['chat', 'chat', 'chat', 'v2.chat', 'v2.chat', 'soap', 'soap', 'soap', 'graphql-ws', 'wamp', 'Chat', 'toString'],
  ...['__proto__', 'a b', '"chat"', 'chat;q=1', 'ch/at', 'ch\xe9t', '', 'chat=1', '(chat)', "a'b", '{chat}', 'chat"'],
]

export const lengths: readonly string[] = [
  ...['0', '0', '0\t', '5', '+0', '00', '0, 0', '0,0'],
  ...['0, 5', '-1', '', 'x', '0x0', '1e0', '0,', '0 0', '5\t'],
]

export const codings: readonly string[] = [
  ...['chunked', 'gzip', 'identity', ''],
  ...['gzip, chunked', 'chunked,', 'Chunked', 'chunked, chunked'],
]
