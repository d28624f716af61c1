/** Tests that a request's head is the same from every source: our parser, Node (also over HTTP/2), a Fetch handler. */

import { IncomingMessage } from 'node:http'
import { type IncomingHttpHeaders, sensitiveHeaders } from 'node:http2'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { formatRequestHead } from '../../src/http/head-format.ts'
import { type RequestSource, requestHeadFrom } from '../../src/http/request.ts'
import { RequestHeadParser, readRequest } from '../../src/http/request-parser.ts'
import type { Limits } from '../../src/limits.ts'
import { latin1 } from './head.ts'

const nothing = { protocol: undefined, authority: undefined, scheme: undefined }

describe('requestHeadFrom', () => {
  it('reads a RequestLike, and copies its fields to a new list', () => {
    const headers: [string, string][] = [['Host', 'a']]
    const head = requestHeadFrom({ method: 'GET', target: '/', headers, httpVersion: '1.1', scheme: 'https' })
    expect(head).toEqual({
      method: 'GET',
      target: '/',
      path: '/',
      query: '',
      httpVersion: '1.1',
      headers,
      ...nothing,
      scheme: 'https',
    })
    expect(head.headers).not.toBe(headers)
  })
  it('reads a RequestLike without a version as HTTP/1.1, and keeps `unknown`', () => {
    const head = { method: 'GET', target: '/', headers: { host: 'a' } }
    expect(requestHeadFrom(head).httpVersion).toBe('1.1')
    expect(requestHeadFrom({ ...head, httpVersion: undefined }).httpVersion).toBe('1.1')
    expect(requestHeadFrom({ ...head, httpVersion: 'unknown' }).httpVersion).toBe('unknown')
    const fetched = requestHeadFrom(new Request('http://a/'))
    expect(fetched.httpVersion).toBe('unknown')
    expect(requestHeadFrom(fetched)).toEqual(fetched)
  })
  it.each(['1.2', '2.0', 'HTTP/1.1', '', null, 1.1])('throws for the version %j', (httpVersion) => {
    const head = { method: 'GET', target: '/', headers: {}, httpVersion } as unknown as RequestSource
    expect(() => requestHeadFrom(head)).toThrow(
      /^`httpVersion` of a request must be '1.0' or '1.1' or '2' or '3' or 'unknown', not /,
    )
  })
  it('reads rawHeaders of Node’s IncomingMessage, because headers drops and joins fields', () => {
    const message = new IncomingMessage(new Socket())
    message.method = 'GET'
    message.url = '/chat?a'
    message.httpVersion = '1.1'
    message.headers = { 'sec-websocket-key': 'one' }
    message.rawHeaders = ['Host', 'a', 'Sec-WebSocket-Key', 'one', 'sec-websocket-key', 'two']
    expect(requestHeadFrom(message)).toEqual({
      method: 'GET',
      target: '/chat?a',
      path: '/chat',
      query: 'a',
      httpVersion: '1.1',
      headers: [
        ['Host', 'a'],
        ['Sec-WebSocket-Key', 'one'],
        ['sec-websocket-key', 'two'],
      ],
      ...nothing,
    })
  })
  it.each([
    ['1.0', '1.0'],
    ['1.1', '1.1'],
    ['1.2', '1.1'],
    ['2.0', '2'],
  ])('reads Node’s httpVersion %s as %s', (httpVersion, version) => {
    expect(requestHeadFrom({ httpVersion, rawHeaders: [] })).toEqual({
      method: '',
      target: '',
      path: '',
      query: '',
      httpVersion: version,
      headers: [],
      ...nothing,
    })
  })
  it.each(['0.9', '3.0', ''])('refuses Node’s httpVersion %j, which its parser accepts', (httpVersion) => {
    expect(() => requestHeadFrom({ httpVersion, rawHeaders: [] })).toThrow(
      expect.objectContaining({ code: 'http-version', status: 505, reference: 'RFC 9110 §15.6.6' }),
    )
  })
  it('reads a Fetch Request: an unknown version, the path as target, host and scheme from the URL', () => {
    const request = new Request('https://a.example:8443/chat?a=b#c', { headers: { 'X-A': '1' } })
    expect(requestHeadFrom(request)).toEqual({
      method: 'GET',
      target: '/chat?a=b',
      path: '/chat',
      query: 'a=b',
      httpVersion: 'unknown',
      headers: [['x-a', '1']],
      protocol: undefined,
      authority: 'a.example:8443',
      scheme: 'https',
    })
  })
  it('keeps the invalid URL of a Fetch-like request as its target', () => {
    const head = requestHeadFrom({ method: 'GET', url: '/chat', headers: new Headers() })
    expect(head).toEqual({
      method: 'GET',
      target: '/chat',
      path: '/chat',
      query: '',
      httpVersion: 'unknown',
      headers: [],
      ...nothing,
    })
  })
  it('reads a header object of node:http2: pseudo-headers separate, fields as a list', () => {
    const headers: IncomingHttpHeaders = Object.assign(Object.create(null), {
      ':method': 'CONNECT',
      ':path': '/chat?a',
      ':authority': 'a.example',
      ':scheme': 'https',
      ':protocol': 'websocket',
      origin: 'https://a.example',
      cookie: 'a=1; b=2',
      'set-cookie': ['c=3', 'd=4'],
      [sensitiveHeaders]: ['cookie'],
    })
    expect(requestHeadFrom(headers)).toEqual({
      method: 'CONNECT',
      target: '/chat?a',
      path: '/chat',
      query: 'a',
      httpVersion: '2',
      headers: [
        ['origin', 'https://a.example'],
        ['cookie', 'a=1; b=2'],
        ['set-cookie', 'c=3'],
        ['set-cookie', 'd=4'],
      ],
      protocol: 'websocket',
      authority: 'a.example',
      scheme: 'https',
    })
    expect(requestHeadFrom({ ':method': 'GET' })).toEqual({
      method: 'GET',
      target: '',
      path: '',
      query: '',
      httpVersion: '2',
      headers: [],
      ...nothing,
    })
  })
  it('does not mistake an HTTP/2 field for a member of another source', () => {
    const fields = { method: 'PUT', target: '/x', url: 'http://b/', rawHeaders: 'a', headers: 'b', httpVersion: '1.1' }
    expect(requestHeadFrom({ ':method': 'GET', ':path': '/', ...fields } as RequestSource)).toEqual({
      method: 'GET',
      target: '/',
      path: '/',
      query: '',
      httpVersion: '2',
      headers: Object.entries(fields),
      ...nothing,
    })
  })
  it('reads Node’s compatibility request of HTTP/2: pseudo-headers from rawHeaders, method and target as frameworks set them', () => {
    const rawHeaders = [
      ':method',
      'CONNECT',
      ':path',
      '/a',
      ':authority',
      'b',
      ':scheme',
      'https',
      ':protocol',
      'c',
      'x',
      '1',
    ]
    expect(requestHeadFrom({ method: 'CONNECT', url: '/', httpVersion: '2.0', rawHeaders })).toEqual({
      method: 'CONNECT',
      target: '/',
      path: '/',
      query: '',
      httpVersion: '2',
      headers: [['x', '1']],
      protocol: 'c',
      authority: 'b',
      scheme: 'https',
    })
    const plain = { method: 'GET', url: '/', httpVersion: '2.0', rawHeaders: ['x', ':protocol', ':authority', 'b'] }
    expect(requestHeadFrom(plain)).toMatchObject({ protocol: undefined, authority: 'b', scheme: undefined })
    expect(requestHeadFrom({ ...plain, httpVersion: '1.1' })).toMatchObject({ authority: undefined })
  })
  it('reads a field section of HTTP/2 or HTTP/3', () => {
    const fields = [
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
      [':scheme', 'https'],
      [':path', '/chat'],
      [':authority', 'a.example'],
      ['x-a', '1'],
    ] as const
    for (const httpVersion of ['2', '3'] as const)
      expect(requestHeadFrom({ httpVersion, fields })).toEqual({
        method: 'CONNECT',
        target: '/chat',
        path: '/chat',
        query: '',
        httpVersion,
        headers: [['x-a', '1']],
        protocol: 'websocket',
        authority: 'a.example',
        scheme: 'https',
      })
    expect(requestHeadFrom({ httpVersion: '3', fields: [] })).toMatchObject({
      method: '',
      target: '',
      headers: [],
      ...nothing,
    })
    expect(() => requestHeadFrom({ httpVersion: '3', fields: [[':status', '200']] })).toThrow(ProtocolError)
  })
  it('throws for headers alone', () => {
    expect(() => requestHeadFrom({ host: 'a' } as unknown as RequestSource)).toThrow(TypeError)
  })
})

describe('a target from any source', () => {
  const sources: [name: string, create: (target: string) => RequestSource][] = [
    ['a RequestLike', (target) => ({ method: 'GET', target, headers: [] })],
    ['Node', (url) => ({ method: 'GET', url, httpVersion: '1.1', rawHeaders: [] })],
    ['Fetch with an invalid URL', (url) => ({ method: 'GET', url, headers: new Headers() })],
    ['HTTP/2', (target) => ({ ':method': 'GET', ':path': target })],
    [
      'a field section',
      (target) => ({
        httpVersion: '3',
        fields: [
          [':method', 'GET'],
          [':path', target],
        ],
      }),
    ],
  ]
  it.each(sources)('of %s has bytes of 0x80 and above percent-encoded, and can be written', (_, create) => {
    const head = requestHeadFrom(create('/caf\xc3\xa9?\xff=%20'))
    expect(head).toMatchObject({ target: '/caf%C3%A9?%FF=%20', path: '/caf%C3%A9', query: '%FF=%20' })
    const { method, target, headers } = head
    expect(() => formatRequestHead({ method, target, headers })).not.toThrow()
    expect(offerHandshake('ws://a/', { target }).request.target).toBe(target)
  })
  it.each(sources)('of %s with a space, a control character or a fragment is a 400', (_, create) => {
    for (const bad of ['#', ' ', '\0', '\x1f', '\x7f', '\r\n']) {
      expect(() => requestHeadFrom(create(`/\xe9${bad}b`))).toThrow(
        expect.objectContaining({
          name: 'ProtocolError',
          status: 400,
          code: expect.stringMatching(/^(target|pseudo-header)$/),
        }),
      )
      expect(readRequest(create(`/a${bad}b`))).toMatchObject({
        ok: false,
        isWebSocketRequest: true,
        response: { status: 400 },
      })
    }
  })
  it('of our parser with a byte of 0x80 or above, or a fragment, is a 400 (RFC 9112 §3)', () => {
    for (const bad of ['\xe9', '\x80', '\xff', '#'])
      expect(new RequestHeadParser().push(latin1(`GET /${bad}`))).toMatchObject({
        errors: [{ code: 'target', status: 400, offset: 5 }],
      })
  })
})

describe('more fields than maxHeadFields', () => {
  const flat = (count: number) => Array.from({ length: count }, () => ['a', 'b']).flat()
  const pairs = (count: number) => Array.from({ length: count }, () => ['a', 'b'] as const)
  const sources: [name: string, create: (count: number) => RequestSource, closes: boolean][] = [
    ['a RequestLike', (count) => ({ method: 'HEAD', target: '/', headers: pairs(count) }), true],
    ['Node', (count) => ({ method: 'HEAD', url: '/', httpVersion: '1.1', rawHeaders: flat(count) }), true],
    ['Fetch', (count) => ({ method: 'HEAD', url: 'http://a/', headers: visiting(pairs(count)) }), true],
    ['HTTP/2', (count) => ({ ':method': 'HEAD', ':path': '/', a: Array(count).fill('b') }) as RequestSource, false],
    ['a field section', (count) => ({ httpVersion: '2', fields: [[':method', 'HEAD'], ...pairs(count)] }), false],
  ]
  const visiting = (fields: readonly (readonly [string, string])[]) => ({
    forEach: (visit: (value: string, name: string) => void) => {
      for (const [name, value] of fields) visit(value, name)
    },
  })
  it.each(sources)('of %s are 431', (_, create, closes) => {
    expect(requestHeadFrom(create(100)).headers).toHaveLength(100)
    expect(() => requestHeadFrom(create(101))).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'too-many', status: 431 }),
    )
    expect(requestHeadFrom(create(101), { maxHeadFields: 101 }).headers).toHaveLength(101)
    expect(() => requestHeadFrom(create(3), { maxHeadFields: 2 })).toThrow(ProtocolError)
    // Without a body, as it answers a HEAD.
    expect(readRequest(create(101))).toMatchObject({
      ok: false,
      isWebSocketRequest: true,
      response: { status: 431, body: '', headers: expect.arrayContaining(closes ? [['Connection', 'close']] : []) },
    })
  })
  it('are refused if Node has truncated the head at 1000 fields', () => {
    const rawHeaders = ['Host', 'a', 'Connection', 'Upgrade', 'Upgrade', 'websocket', ...flat(997)]
    expect(acceptHandshake({ method: 'GET', url: '/', httpVersion: '1.1', rawHeaders })).toMatchObject({
      ok: false,
      response: { status: 431 },
    })
  })
  it('throw for an invalid limit', () => {
    expect(() => requestHeadFrom(create(), { maxHeadFields: -1 })).toThrow(RangeError)
    expect(() => requestHeadFrom(create(), { maxFields: 5 } as Limits)).toThrow(TypeError)
  })
  const create = (): RequestSource => ({ method: 'GET', target: '/', headers: [] })
})

it('throws a ProtocolError for a repeated pseudo-header', () => {
  expect(() => requestHeadFrom({ ':method': 'GET', ':path': ['/', '/'] } as unknown as RequestSource)).toThrow(
    expect.objectContaining({ name: 'ProtocolError', code: 'pseudo-header', status: 400 }),
  )
})

it('skips checks only for an explicitly unknown version', () => {
  const head = { method: 'GET', target: '/', headers: { upgrade: 'websocket' } }
  for (const httpVersion of [undefined, '1.1'] as const)
    expect(acceptHandshake({ ...head, httpVersion })).toMatchObject({
      ok: false,
      errors: expect.arrayContaining([
        expect.objectContaining({ code: 'host' }),
        expect.objectContaining({ code: 'connection-missing' }),
      ]),
    })
})

describe('a request with `url` and plain headers is not a Fetch Request, whose Host and Connection are not checked', () => {
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  it.each([headers, Object.entries(headers)])('%#', (given) => {
    const request = { method: 'GET', url: '/chat', headers: given } as never
    expect(() => acceptHandshake(request)).toThrow(TypeError)
    expect(() => acceptHandshake(request)).toThrow('`headers` of a Fetch Request')
  })
})
