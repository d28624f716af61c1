/** Tests the response to a request with one error: code, status, section and the exact fields. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { KEY, type Opening, opening } from './opening.ts'

const type = ['Content-Type', 'text/plain; charset=utf-8']

describe('a refusal', () => {
  const refuse = (headers: HeaderRecord, changes?: Partial<Opening>) => {
    const refused = acceptHandshake(opening(headers, changes))
    if (refused.ok) throw new Error('accepted')
    return refused
  }
  const required = [['Upgrade', 'websocket'], ['Connection', 'Upgrade, close'], ['Sec-WebSocket-Version', '13'], type]
  const close = [['Connection', 'close'], type]

  it.each<[string, HeaderRecord, Partial<Opening>, number, string, string, boolean, unknown[]]>([
    ['a bad target', {}, { target: '*' }, 400, 'target', 'RFC 9112 §3.2', true, close],
    ['no Host', { Host: undefined }, {}, 400, 'host', 'RFC 9112 §3.2', true, close],
    ['two Hosts', { Host: ['a', 'b'] }, {}, 400, 'host', 'RFC 9112 §3.2', true, close],
    ['a body', { 'Content-Length': '5' }, {}, 400, 'request-body', 'RFC 9112 §6', true, close],
    ['a body of an invalid length', { 'Content-Length': '' }, {}, 400, 'request-body', 'RFC 9112 §6.3', true, close],
    ['a chunked body', { 'Transfer-Encoding': 'chunked' }, {}, 400, 'request-body', 'RFC 9112 §6', true, close],
    ['a body of two lengths', { 'Content-Length': ['0', '5'] }, {}, 400, 'request-body', 'RFC 9112 §6.3', true, close],
    [
      'a body with a length and a coding',
      { 'Content-Length': '0', 'Transfer-Encoding': 'chunked' },
      {},
      400,
      'request-body',
      'RFC 9112 §6.3',
      true,
      close,
    ],
    [
      'POST',
      {},
      { method: 'POST' },
      405,
      'method',
      'RFC 6455 §4.1',
      true,
      [['Connection', 'close'], ['Allow', 'GET'], type],
    ],
    [
      'get',
      {},
      { method: 'get' },
      405,
      'method',
      'RFC 6455 §4.1',
      true,
      [['Connection', 'close'], ['Allow', 'GET'], type],
    ],
    ['HTTP/1.0', {}, { httpVersion: '1.0' }, 426, 'http-version', 'RFC 9110 §7.8', false, required],
    ['no Upgrade', { Upgrade: undefined }, {}, 426, 'upgrade-missing', 'RFC 6455 §4.2.1', false, required],
    ['another Upgrade', { Upgrade: 'h2c' }, {}, 426, 'upgrade-missing', 'RFC 6455 §4.2.1', false, required],
    ['an empty Upgrade', { Upgrade: ' , ' }, {}, 426, 'upgrade-missing', 'RFC 6455 §4.2.1', false, required],
    [
      'websocket with a version',
      { Upgrade: 'websocket/13' },
      {},
      426,
      'upgrade-missing',
      'RFC 6455 §4.2.1',
      false,
      required,
    ],
    ['a malformed Upgrade', { Upgrade: 'websocket, @' }, {}, 400, 'head-syntax', 'RFC 9110 §7.8', true, close],
    ['an Upgrade with a space', { Upgrade: 'websocket, a b' }, {}, 400, 'head-syntax', 'RFC 9110 §7.8', true, close],
    ['a malformed Upgrade of others', { Upgrade: 'a b' }, {}, 400, 'head-syntax', 'RFC 9110 §7.8', false, close],
    ['a malformed Connection', { Connection: 'Upgrade, ???' }, {}, 400, 'head-syntax', 'RFC 9110 §7.6.1', true, close],
    [
      'a Connection in quotes',
      { Connection: '"upgrade", upgrade' },
      {},
      400,
      'head-syntax',
      'RFC 9110 §7.6.1',
      true,
      close,
    ],
    [
      '101 empty elements in Upgrade',
      { Upgrade: `websocket${','.repeat(101)}` },
      {},
      400,
      'head-syntax',
      'RFC 9110 §5.6.1.2',
      true,
      close,
    ],
    ['no Connection', { Connection: undefined }, {}, 400, 'connection-missing', 'RFC 6455 §4.2.1', true, close],
    ['another Connection', { Connection: 'keep-alive' }, {}, 400, 'connection-missing', 'RFC 6455 §4.2.1', true, close],
    [
      '101 empty elements in Connection',
      { Connection: `upgrade${','.repeat(101)}` },
      {},
      400,
      'head-syntax',
      'RFC 9110 §5.6.1.2',
      true,
      close,
    ],
    ['no key', { 'Sec-WebSocket-Key': undefined }, {}, 400, 'key', 'RFC 6455 §4.2.1', true, close],
    ['two keys', { 'Sec-WebSocket-Key': [KEY, KEY] }, {}, 400, 'key', 'RFC 6455 §11.3.1', true, close],
    ['two keys, joined', { 'Sec-WebSocket-Key': `${KEY}, ${KEY}` }, {}, 400, 'key', 'RFC 6455 §4.2.1', true, close],
    ['another origin', { Origin: 'https://b.example' }, {}, 403, 'origin', 'RFC 6455 §4.2.2', true, close],
    [
      'a malformed list of subprotocols',
      { 'Sec-WebSocket-Protocol': 'a b' },
      {},
      400,
      'subprotocol',
      'RFC 6455 §4.3',
      true,
      close,
    ],
  ])('%s', (_, headers, changes, status, code, reference, isWebSocketRequest, fields) => {
    const refused = refuse(headers, changes)
    expect(refused).toMatchObject({
      ok: false,
      isWebSocketRequest,
      errors: [{ code, reference, status }],
      response: { status },
    })
    expect(refused.errors).toHaveLength(1)
    expect(refused.response.headers).toEqual(fields)
    expect(refused.response.body).toBe(`${refused.errors[0].message} (${reference})\n`)
  })

  it.each(['14', '8', '0', '255', '12'])('of version %j, which is valid but unsupported, is a 426', (version) => {
    const refused = refuse({ 'Sec-WebSocket-Version': version })
    expect(refused.errors.map((error) => [error.code, error.status, error.reference])).toEqual([
      ['version', 426, 'RFC 6455 §4.4'],
    ])
    expect(refused.response.headers).toEqual(required)
  })
  it.each<[version: string | string[] | undefined, section: string]>([
    ...[
      '0xd',
      '13.0',
      '+13',
      '1.3e1',
      '013',
      '-13',
      '256',
      '999',
      '1300',
      '',
      'x',
      '13, 13',
      '13,',
      '"13"',
      '１３',
      '13 8',
      '9'.repeat(60_000),
    ].map((version): [string, string] => [version, '§4.3']),
    [['13', '13'], '§11.3.5'],
    [['13', '8'], '§11.3.5'],
    [undefined, '§4.2.1'],
  ])(
    'of version %j, which is malformed, missing or repeated (%s), is a 400 with the supported version',
    (version, section) => {
      const refused = refuse({ 'Sec-WebSocket-Version': version })
      expect(refused.errors.map((error) => [error.code, error.status, error.reference])).toEqual([
        ['version', 400, `RFC 6455 ${section}`],
      ])
      expect(refused.response.headers).toEqual([['Connection', 'close'], ['Sec-WebSocket-Version', '13'], type])
    },
  )

  it('of HEAD has no body, which a client would read as the next response', () => {
    const refused = refuse({}, { method: 'HEAD' })
    expect(refused.response).toMatchObject({
      status: 405,
      headers: [
        ['Connection', 'close'],
        ['Allow', 'GET'],
        type,
        // The length of the text in a response to GET (RFC 9110 §8.6).
        ['Content-Length', expect.stringMatching(/^[1-9]\d+$/)],
      ],
      body: '',
    })
    expect(refuse({ Upgrade: undefined }, { method: 'HEAD' }).response).toMatchObject({ status: 426, body: '' })
  })
  it('lists every error in its body, in visible ASCII, and repeats little of the request', () => {
    const long = `\x1b[2J\x9b\u202e\r\n"${'x'.repeat(60_000)}`
    const refused = refuse(
      {
        Host: `${'h'.repeat(60_000)}`,
        Origin: `https://${long}`,
        Upgrade: `websocket, ${long}`,
        'Sec-WebSocket-Version': long,
        'Sec-WebSocket-Key': long,
        'Sec-WebSocket-Protocol': long,
      },
      { method: long },
    )
    expect(refused.errors.map((error) => error.code)).toEqual([
      'method',
      'version',
      'key',
      'origin',
      'head-syntax',
      'subprotocol',
    ])
    expect(refused.response.body).toMatch(/^([ -~§]+\n){6}$/)
    expect(refused.response.body.length).toBeLessThan(1500)
  })
})
