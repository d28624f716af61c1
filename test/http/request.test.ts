/** Holds that a request's head is the same, whatever read it: our parser's shape, Node's (HTTP/2 as well), a Fetch handler's. */

import { IncomingMessage } from 'node:http'
import { type IncomingHttpHeaders, sensitiveHeaders } from 'node:http2'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { type RequestSource, requestHeadFrom } from '../../src/http/request.ts'

const nothing = { protocol: undefined, authority: undefined, scheme: undefined }

describe('requestHeadFrom', () => {
  it('a head of one’s own: fields become a fresh list', () => {
    const headers: [string, string][] = [['Host', 'a']]
    const head = requestHeadFrom({ method: 'GET', target: '/', headers, version: '1.1', scheme: 'https' })
    expect(head).toEqual({ method: 'GET', target: '/', version: '1.1', headers, ...nothing, scheme: 'https' })
    expect(head.headers).not.toBe(headers)
  })
  it('a head of one’s own without a version is of HTTP/1.1; undefined, written out, says that nobody knows', () => {
    const head = { method: 'GET', target: '/', headers: { host: 'a' } }
    expect(requestHeadFrom(head).version).toBe('1.1')
    expect(requestHeadFrom({ ...head, version: undefined }).version).toBeUndefined()
    const fetched = requestHeadFrom(new Request('http://a/'))
    expect(requestHeadFrom(fetched)).toEqual(fetched)
  })
  it('Node’s IncomingMessage: rawHeaders, because headers drops and joins', () => {
    const message = new IncomingMessage(new Socket())
    message.method = 'GET'
    message.url = '/chat?a'
    message.httpVersion = '1.1'
    message.headers = { 'sec-websocket-key': 'one' }
    message.rawHeaders = ['Host', 'a', 'Sec-WebSocket-Key', 'one', 'sec-websocket-key', 'two']
    expect(requestHeadFrom(message)).toEqual({
      method: 'GET',
      target: '/chat?a',
      version: '1.1',
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
  ])('Node’s httpVersion %s is %s', (httpVersion, version) => {
    expect(requestHeadFrom({ httpVersion, rawHeaders: [] })).toEqual({
      method: '',
      target: '',
      version,
      headers: [],
      ...nothing,
    })
  })
  it('a Fetch Request: no version, the path as target, host and scheme from the URL', () => {
    const request = new Request('https://a.example:8443/chat?a=b#c', { headers: { 'X-A': '1' } })
    expect(requestHeadFrom(request)).toEqual({
      method: 'GET',
      target: '/chat?a=b',
      version: undefined,
      headers: [['x-a', '1']],
      protocol: undefined,
      authority: 'a.example:8443',
      scheme: 'https',
    })
  })
  it('a Fetch-like request whose URL is none keeps it as its target', () => {
    const head = requestHeadFrom({ method: 'GET', url: '/chat', headers: new Headers() })
    expect(head).toEqual({ method: 'GET', target: '/chat', version: undefined, headers: [], ...nothing })
  })
  it('a header object of node:http2: pseudo-headers apart, fields as a list', () => {
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
      version: '2',
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
      version: '2',
      headers: [],
      ...nothing,
    })
  })
  it('no field of HTTP/2 passes for a member of another source', () => {
    const fields = { method: 'PUT', target: '/x', url: 'http://b/', rawHeaders: 'a', headers: 'b', httpVersion: '1.1' }
    expect(requestHeadFrom({ ':method': 'GET', ':path': '/', ...fields } as RequestSource)).toEqual({
      method: 'GET',
      target: '/',
      version: '2',
      headers: Object.entries(fields),
      ...nothing,
    })
  })
  it('Node’s compatibility request of HTTP/2: pseudo-headers out of rawHeaders, method and target as frameworks left them', () => {
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
      version: '2',
      headers: [['x', '1']],
      protocol: 'c',
      authority: 'b',
      scheme: 'https',
    })
    const plain = { method: 'GET', url: '/', httpVersion: '2.0', rawHeaders: ['x', ':protocol', ':authority', 'b'] }
    expect(requestHeadFrom(plain)).toMatchObject({ protocol: undefined, authority: 'b', scheme: undefined })
    expect(requestHeadFrom({ ...plain, httpVersion: '1.1' })).toMatchObject({ authority: undefined })
  })
  it('a field section of HTTP/2 or HTTP/3', () => {
    const fields = [
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
      [':scheme', 'https'],
      [':path', '/chat'],
      [':authority', 'a.example'],
      ['x-a', '1'],
    ] as const
    for (const version of ['2', '3'] as const)
      expect(requestHeadFrom({ version, fields })).toEqual({
        method: 'CONNECT',
        target: '/chat',
        version,
        headers: [['x-a', '1']],
        protocol: 'websocket',
        authority: 'a.example',
        scheme: 'https',
      })
    expect(requestHeadFrom({ version: '3', fields: [] })).toMatchObject({
      method: '',
      target: '',
      headers: [],
      ...nothing,
    })
    expect(() => requestHeadFrom({ version: '3', fields: [[':status', '200']] })).toThrow(ProtocolError)
  })
  it('headers alone are no request', () => {
    expect(() => requestHeadFrom({ host: 'a' } as unknown as RequestSource)).toThrow(TypeError)
  })
})
