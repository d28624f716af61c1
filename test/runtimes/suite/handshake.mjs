/**
 * What the opening handshake must do in every runtime: both requests and responses by their bytes, every error with its required
 * answer, and the platform's part in it (`URL`, `Headers`, randomness).
 */

import { negotiateDeflate } from '../../../dist/deflate/index.js'
import { formatExtensions, parseExtensions } from '../../../dist/handshake/index.js'
import { parseRequestHead } from '../../../dist/http/index.js'
import {
  acceptHandshake,
  computeAccept,
  formatRequestHead,
  formatResponse,
  generateKey,
  offerHandshake,
  RequestHeadParser,
  verifyHandshake,
} from '../../../dist/index.js'
import { acceptOfKey, answerOf, chance, fields, key, parse, requestOf } from './tools.mjs'

const switched = ['101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
const accepting = `Sec-WebSocket-Accept: ${acceptOfKey}`

/** The refusal of a request: status and first error. */
const refusals = [
  [requestOf({}, 'GET /chat HTTP/1.0'), 426, 'http-version'],
  [requestOf({}, 'POST /chat HTTP/1.1'), 405, 'method'],
  [requestOf({}, 'GET /chat HTTP/2.0'), 505, 'http-version'],
  [requestOf({ Host: undefined }), 400, 'host'],
  [requestOf({ 'Content-Length': '1' }), 400, 'request-body'],
  [requestOf({ Upgrade: 'foo/2' }), 426, 'upgrade-missing'],
  [requestOf({ Connection: 'keep-alive' }), 400, 'connection-missing'],
  [requestOf({ 'Sec-WebSocket-Version': '14' }), 426, 'version'],
  [requestOf({ 'Sec-WebSocket-Version': '0xd' }), 400, 'version'],
  [requestOf({ 'Sec-WebSocket-Key': 'short' }), 400, 'key'],
  [requestOf({ Origin: 'https://elsewhere.test' }), 403, 'origin'],
  [requestOf({ 'Sec-WebSocket-Protocol': 'a;b' }), 400, 'subprotocol'],
  [requestOf({ 'Sec-WebSocket-Extensions': 'a; =1' }), 400, 'extension-syntax'],
  [requestOf({ 'X-Broken': 'a\r\n folded' }), 400, 'head-syntax'],
  [requestOf({ 'X-Long': 'x'.repeat(70_000) }), 431, 'head-too-large'],
]

export const handshake = {
  /** RFC 6455 §1.3, and many more keys. */
  'the accept hash'(transcript) {
    transcript.equal(computeAccept(key), acceptOfKey)
    const next = chance(1)
    for (let i = 0; i < 200; i++) {
      const random = Array.from({ length: 22 }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789+/'[next() % 42])
      transcript.note(computeAccept(`${random.join('')}==`))
    }
  },

  'a client’s requests, by their bytes'(transcript) {
    const { request } = offerHandshake('ws://example.test/chat?room=1', {
      subprotocols: ['v2', 'v1'],
      origin: 'https://example.test',
      headers: { 'X-Request-Id': '7' },
      key,
    })
    transcript.equal(new TextDecoder().decode(formatRequestHead(request)).split('\r\n'), [
      'GET /chat?room=1 HTTP/1.1',
      'Host: example.test',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: v2, v1',
      'Origin: https://example.test',
      'X-Request-Id: 7',
      '',
      '',
    ])
  },

  'a server’s answers, by their bytes'(transcript) {
    const asked = requestOf({ 'Sec-WebSocket-Protocol': 'v2, v1', Upgrade: 'foo/2, WebSocket' })
    const accepted = acceptHandshake(parseRequestHead(asked).head, {
      subprotocols: ['v1'],
      headers: { 'X-Served-By': 'us' },
    })
    transcript.equal(new TextDecoder().decode(formatResponse(accepted.response)).split('\r\n'), [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      accepting,
      'Sec-WebSocket-Protocol: v1',
      'X-Served-By: us',
      '',
      '',
    ])
    transcript.equal(accepted.agreedHeaders, [
      ['Sec-WebSocket-Protocol', 'v1'],
      ['X-Served-By', 'us'],
    ])
  },

  'requests in this runtime’s form'(transcript) {
    const extensions = 'permessage-deflate; client_max_window_bits, x-other'
    const all = { ...fields, 'Sec-WebSocket-Protocol': 'v2, v1', 'Sec-WebSocket-Extensions': extensions }
    const sources = [
      { method: 'GET', target: '/chat', headers: all },
      { method: 'GET', url: 'http://example.test/chat', headers: new Headers(all) },
      { method: 'GET', url: '/chat', httpVersion: '1.1', rawHeaders: Object.entries(all).flat() },
      { method: 'GET', target: '/chat', headers: new Map(Object.entries(all)) },
    ]
    for (const source of sources) {
      const accepted = acceptHandshake(source, { subprotocols: ['v1', 'v2'] })
      transcript.equal([accepted.ok, accepted.subprotocol, accepted.offeredSubprotocols], [true, 'v2', ['v2', 'v1']])
      transcript.note(formatResponse(accepted.response))
    }
    // The fields of a `Request`, joined as the runtime joins them; browsers do not allow most of those above to be set.
    const fetched = new Request('http://example.test/chat', {
      headers: [
        ['X-A', '1'],
        ['X-A', '2'],
      ],
    })
    transcript.equal(acceptHandshake(fetched).errors[0].code, 'upgrade-missing')
  },

  'refusals, by their bytes'(transcript) {
    for (const [bytes, status, code] of refusals) {
      const refused = acceptHandshake(parse(new RequestHeadParser(), bytes, 4096))
      transcript.equal([refused.ok, refused.response.status, refused.errors[0].code], [false, status, code])
      transcript.note(refused.errors)
      transcript.note(formatResponse(refused.response))
    }
  },

  'how a client reads answers'(transcript) {
    const offer = offerHandshake('ws://example.test/chat', { subprotocols: ['v1'], key })
    const tell = (answer) => (answer.ok ? answer.subprotocol : [answer.kind, answer.status, answer.errors[0].code])
    const cases = [
      [[...switched, accepting, 'Sec-WebSocket-Protocol: v1'], 'v1'],
      [['101 OK', 'upgrade: WEBSOCKET', 'connection: keep-alive, upgrade', accepting], undefined],
      [
        [...switched, 'Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA='],
        ['invalid', 101, 'accept'],
      ],
      [
        [...switched, accepting, 'Sec-WebSocket-Protocol: v2'],
        ['invalid', 101, 'subprotocol'],
      ],
      [
        [...switched, accepting, 'Sec-WebSocket-Extensions: x-y'],
        ['invalid', 101, 'extension'],
      ],
      [
        ['302 Found', 'Location: /other'],
        ['redirect', 302, 'status'],
      ],
      [
        ['401 Unauthorized', 'WWW-Authenticate: Basic realm="a"'],
        ['unauthorized', 401, 'status'],
      ],
      [
        ['426 Upgrade Required', 'Sec-WebSocket-Version: 8, 7'],
        ['version', 426, 'status'],
      ],
      [['200 OK'], ['refused', 200, 'status']],
    ]
    for (const [lines, expected] of cases) {
      const judged = verifyHandshake(answerOf(...lines), offer)
      transcript.equal(tell(judged), expected)
      transcript.note(judged)
    }
  },

  'URLs, as this runtime parses them'(transcript) {
    for (const [url, host, target, authorization] of [
      ['ws://example.test', 'example.test', '/'],
      ['WSS://EXAMPLE.test:443/a/../b', 'example.test', '/b'],
      ['ws://[::1]:8080/?q=ä b', '[::1]:8080', '/?q=%C3%A4%20b'],
      ['ws://bücher.test/ü', 'xn--bcher-kva.test', '/%C3%BC'],
      ['https://example.test/a', 'example.test', '/a'],
      ['ws://us%65r:p%40ss@example.test/', 'example.test', '/', 'Basic dXNlcjpwQHNz'],
    ]) {
      const offer = offerHandshake(url, { key })
      const header = (wanted) => offer.request.headers.find(([name]) => name === wanted)?.[1]
      transcript.equal([header('Host'), offer.request.target, header('Authorization')], [host, target, authorization])
      transcript.note([offer.secure, offer.hostname, offer.serverName, offer.port, formatRequestHead(offer.request)])
    }
    for (const url of ['ftp://example.test/', 'ws://a b/', 'ws://example.test/#x', '/chat']) {
      let thrown
      try {
        offerHandshake(url, { key })
      } catch (error) {
        thrown = error
      }
      transcript.equal([url, thrown instanceof TypeError], [url, true])
    }
  },

  'permessage-deflate, negotiated'(transcript) {
    for (const [offers, response] of [
      ['permessage-deflate', 'permessage-deflate'],
      ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate; server_max_window_bits=10'],
      ['permessage-deflate; server_max_window_bits=7, permessage-deflate', 'permessage-deflate'],
      ['permessage-deflate; client_max_window_bits="12"', 'permessage-deflate; client_max_window_bits=12'],
      ['permessage-deflate; unknown', undefined],
    ]) {
      const negotiated = negotiateDeflate(parseExtensions(offers))
      transcript.note(negotiated)
      transcript.equal(negotiated.response && formatExtensions([negotiated.response]), response)
    }
  },

  'random keys'(transcript) {
    const keys = Array.from({ length: 100 }, () => generateKey())
    transcript.equal(new Set(keys).size, 100)
    transcript.equal(
      keys.every((one) => /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(one)),
      true,
    )
  },
}
