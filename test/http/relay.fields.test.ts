/** Tests which fields a proxy may forward (RFC 9110 §7.6.1), from every source of a head. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { formatRequestHead } from '../../src/http/head-format.ts'
import { type HeaderSource, toHeaderList } from '../../src/http/headers.ts'
import { forwardableHeaders } from '../../src/http/relay.ts'
import { type RequestSource, requestHeadFrom } from '../../src/http/request.ts'
import { type ParsedRequest, RequestHeadParser } from '../../src/http/request-parser.ts'
import { type ParsedResponse, ResponseHeadParser } from '../../src/http/response-parser.ts'
import { KEY } from '../handshake/opening.ts'
import { runs } from '../share.ts'
import { latin1 } from './head.ts'

const forwarded = (headers: HeaderSource) =>
  forwardableHeaders({ method: 'GET', target: '/', httpVersion: '1.1', headers })

describe('the forwarded fields', () => {
  it('keep their order, spelling and repeats', () => {
    const headers: [string, string][] = [
      ['X-A', '1'],
      ['Cookie', 'a=1'],
      ['x-a', '2'],
      ['X-A', '1'],
      ['Origin', 'http://a'],
      ['Authorization', 'Basic x'],
      ['User-Agent', ''],
      ['Expect', '100-continue'],
      ['Via', '1.1 a'],
      ['__proto__', '1'],
      ['constructor', '2'],
      ['Upgrade-Insecure-Requests', '1'],
      ['X-Sec-WebSocket-Key', 'é'],
    ]
    expect(forwarded(headers)).toEqual(headers)
    expect(forwarded([['Connection', 'Upgrade'], ...headers, ['Upgrade', 'websocket']])).toEqual(headers)
  })
  it('are a new list of new pairs', () => {
    const pair: [string, string] = ['A', '1']
    const list = forwarded([pair])
    expect(list).toEqual([pair])
    expect(list[0]).not.toBe(pair)
  })
})

describe('the fields of a single hop', () => {
  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Proxy-Authenticate',
    'Proxy-Authentication-Info',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Content-Length',
    'Upgrade',
    'Host',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Accept',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Protocol',
    'Sec-WebSocket-Extensions',
    'Sec-WebSocket-Anything',
  ])('include %s, in any letter case and any number of lines', (name) => {
    const kept: [string, string] = ['A', '1']
    expect(forwarded([[name, 'x'], kept, [name.toUpperCase(), ''], [name.toLowerCase(), 'y']])).toEqual([kept])
  })
  it('include those that Connection names, on all its lines and in any letter case', () => {
    expect(
      forwarded([
        ['X-Gone', '1'],
        ['Connection', 'Upgrade, x-gone,, __PROTO__'],
        ['x-kept', '2'],
        ['X-GONE', '3'],
        ['connection', 'HTTP2-Settings'],
        ['http2-settings', 'AAA'],
        ['__proto__', '4'],
        ['gone', '5'],
      ]),
    ).toEqual([
      ['x-kept', '2'],
      ['gone', '5'],
    ])
  })
  it('do not include those that Connection names in part or in quotes', () => {
    const headers: [string, string][] = [
      ['X-A', '1'],
      ['X-A-B', '2'],
    ]
    expect(forwarded([['Connection', 'x, "x-a", x-a-b-c, x-'], ...headers])).toEqual(headers)
  })
  it('are unknown if Connection has more than 100 empty elements, which is a 400', () => {
    expect(() => forwarded({ connection: `x${','.repeat(101)}` })).toThrow(
      expect.objectContaining({ code: 'head-syntax', status: 400 }),
    )
  })
})

describe('from every source', () => {
  const raw = ['Host', 'a', 'X-A', '1', 'Connection', 'Upgrade, X-B', 'x-b', '2', 'x-a', '3']
  const kept = [
    ['X-A', '1'],
    ['x-a', '3'],
  ]

  it.each<[string, Parameters<typeof forwardableHeaders>[0]]>([
    ['a request of Node', { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: raw }],
    ['a response of Node', { statusCode: 101, rawHeaders: raw }],
    ['a ResponseLike', { status: 101, headers: toHeaderList(raw) }],
    ['a RequestLike', { method: 'GET', target: '/', headers: toHeaderList(raw) }],
    ['a head from any source', requestHeadFrom({ httpVersion: '1.1', rawHeaders: raw })],
  ])('%s', (_, source) => {
    expect(forwardableHeaders(source)).toEqual(kept)
  })
  it('heads from our parsers', () => {
    const fields = 'Connection: X-B\r\nX-B: 1\r\nX-A: 2\r\n\r\n'
    const request = new RequestHeadParser().push(latin1(`GET / HTTP/1.1\r\n${fields}`))
    const response = new ResponseHeadParser().push(latin1(`HTTP/1.1 404 x\r\n${fields}`))
    expect(request?.ok && forwardableHeaders(request.head)).toEqual([['X-A', '2']])
    expect(response?.ok && forwardableHeaders(response.head)).toEqual([['X-A', '2']])
  })
  it('results of our parsers; throws the error of an unreadable head', () => {
    const fields = 'Connection: X-B\r\nX-B: 1\r\nX-A: 2\r\n\r\nrest'
    const request = (text: string) => new RequestHeadParser().push(latin1(text)) as ParsedRequest
    const response = (text: string) => new ResponseHeadParser().push(latin1(text)) as ParsedResponse
    expect(forwardableHeaders(request(`GET / HTTP/1.1\r\n${fields}`))).toEqual([['X-A', '2']])
    expect(forwardableHeaders(response(`HTTP/1.1 404 x\r\n${fields}`))).toEqual([['X-A', '2']])
    for (const bad of [request('GET / HTTP/1.1\r\nA : b'), response('HTTP/1.1 404 x\r\nA : b')])
      expect(() => forwardableHeaders(bad)).toThrow(
        expect.objectContaining({ name: 'ProtocolError', code: 'head-syntax' }),
      )
  })
  it('any number of fields, since other code has counted them', () => {
    const many = Array.from({ length: 300 }, () => ['a', 'b'] as [string, string])
    const sources = [
      { method: 'GET', target: '/', headers: many },
      { httpVersion: '1.1', rawHeaders: many.flat() },
    ]
    for (const source of sources) expect(forwardableHeaders(source)).toEqual(many)
  })
  it('a Fetch Request and Response', () => {
    const headers = { 'x-a': '1', 'sec-websocket-protocol': 'a' }
    expect(forwardableHeaders(new Request('http://a/', { headers }))).toEqual([['x-a', '1']])
    expect(forwardableHeaders(new Response(null, { headers }) as { status: number; headers: Headers })).toEqual([
      ['x-a', '1'],
    ])
  })
  it('a header object of HTTP/2, in which a peer may name a field `status` or `headers`', () => {
    const fields = { status: '1', headers: 'x', url: '/', target: '/', 'x-a': '1' }
    const source = { ':method': 'GET', ':path': '/', ':authority': 'a', ...fields } as RequestSource
    expect(forwardableHeaders(source)).toEqual(Object.entries(fields))
  })
  it('Node’s compatibility request of HTTP/2, without its pseudo-headers', () => {
    const rawHeaders = [':method', 'GET', ':path', '/', ':authority', 'a', 'x-a', '1']
    expect(forwardableHeaders({ method: 'GET', url: '/', httpVersion: '2.0', rawHeaders })).toEqual([['x-a', '1']])
  })
  it('a response without fields', () => {
    expect(forwardableHeaders({ status: 200 })).toEqual([])
  })
})

it('returns fields that fit an offer and can be formatted, for every accepted request', () => {
  const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  const anyName = fc.string({ unit: fc.constantFrom(...tchars), minLength: 1, maxLength: 12 })
  const knownName = fc.constantFrom(
    'Connection',
    'connection',
    'Upgrade',
    'Expect',
    'TE',
    'Origin',
    'Cookie',
    'Authorization',
    'Keep-Alive',
    'Content-Length',
    'Sec-WebSocket-Extensions',
    'SEC-WEBSOCKET-protocol',
    'sec-websocket-accept',
    'Proxy-Authorization',
  )
  const value = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      'upgrade',
      'websocket',
      'upgrade, cookie,',
      ',,',
      'a',
      'a, b',
      'keep-alive, te',
      ','.repeat(120),
    ),
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[^\t -~\x80-\xff]/g, '')),
  )
  const fields = fc.array(fc.tuple(fc.oneof(anyName, knownName), value), { maxLength: 8 })
  const version = fc.constantFrom('1.1' as const, undefined)
  let accepted = 0
  fc.assert(
    fc.property(fields, version, (fields, httpVersion) => {
      const headers: [string, string][] = [
        ['Host', 'a.example'],
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
        ['Sec-WebSocket-Key', KEY],
        ['Sec-WebSocket-Version', '13'],
        ...fields,
      ]
      const request = { method: 'GET', target: '/', httpVersion, headers }
      if (!acceptHandshake(request, { origins: 'any' }).ok) return
      accepted++
      const offer = offerHandshake('ws://b.example/', { headers: forwardableHeaders(request) })
      const parsed = new RequestHeadParser().push(formatRequestHead(offer.request))
      expect(parsed?.ok && acceptHandshake(parsed, { origins: 'any' }).ok).toBe(true)
    }),
    { numRuns: runs(250, 2000) },
  )
  expect(accepted).toBeGreaterThan(100)
})

it('never forwards pseudo-headers of HTTP/2 and HTTP/3', () => {
  const kept = [
    ['x-a', '1'],
    ['cookie', 'a=1; b=2'],
  ]
  const fields = [
    ['x-a', '1'],
    ['cookie', 'a=1'],
    ['te', 'trailers'],
    ['sec-websocket-version', '13'],
    ['cookie', 'b=2'],
  ] as const
  const asks = [[':method', 'CONNECT'], [':protocol', 'websocket'], [':path', '/'], ...fields] as const
  expect(forwardableHeaders({ httpVersion: '2', fields: asks })).toEqual(kept)
  expect(forwardableHeaders({ httpVersion: '3', fields: [[':status', '200'], ...fields] })).toEqual(kept)
  const object = { 'x-a': '1', cookie: 'a=1; b=2', status: 'x', te: 'trailers' }
  expect(forwardableHeaders({ ':status': 200, ...object })).toEqual([...kept, ['status', 'x']])
  expect(forwardableHeaders({ ':method': 'GET', ...object })).toEqual([...kept, ['status', 'x']])
})

it('drops invalid fields that a lenient parser accepted', () => {
  const rawHeaders = ['X-A', 'a\x01b', 'b c', '1', 'X-B', 'a\r\nb: c', 'X-C', 'é']
  const headers = forwardableHeaders({ method: 'GET', url: '/', httpVersion: '1.1', rawHeaders })
  expect(headers).toEqual([['X-C', 'é']])
  expect(offerHandshake('ws://a/', { headers }).request.headers).toContainEqual(['X-C', 'é'])
})
it('throws for anything but a request or a response', () => {
  for (const source of [{ fields: 5 }, { httpVersion: '2', fields: null }, { ok: true, rest: latin1(''), head: null }])
    expect(() => forwardableHeaders(source as never)).toThrow(/must be|must have/)
})
