/** Tests what an extended CONNECT contains, for any protocol, and everything that makes one malformed. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { findExtendedConnectErrors, getExtendedConnect } from '../../src/http/extended-connect.ts'
import { getHeaders, type HeaderRecord } from '../../src/http/headers.ts'
import { type RequestHead, type RequestLike, type RequestSource, requestHeadFrom } from '../../src/http/request.ts'
import { type ParsedRequest, RequestHeadParser } from '../../src/http/request-parser.ts'
import { exampleRequest, extended } from '../handshake/extended.ts'
import { latin1 } from './head.ts'

const findErrors = (head: RequestHead) => findExtendedConnectErrors(head, getHeaders(head.headers, 'host'))

const asked = {
  protocol: { name: 'websocket', version: undefined },
  scheme: 'https',
  authority: 'a.example',
  path: '/chat',
}

describe('the content of an extended CONNECT', () => {
  it('is read from every source', () => {
    const pseudo = {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':path': '/chat',
      ':authority': 'a.example',
    }
    const rawHeaders = Object.entries(pseudo).flat()
    const sources: RequestSource[] = [
      extended(),
      extended({}, { httpVersion: '3' }),
      pseudo,
      { method: 'CONNECT', url: '/chat', httpVersion: '2.0', rawHeaders },
      { httpVersion: '2', fields: Object.entries(pseudo) },
      { httpVersion: '3', fields: Object.entries(pseudo) },
    ]
    for (const source of sources) expect(getExtendedConnect(source)).toEqual(asked)
  })
  it('is that of RFC 8441 §5.1', () => {
    expect(getExtendedConnect({ httpVersion: '2', fields: exampleRequest })).toEqual({
      ...asked,
      authority: 'server.example.com',
    })
  })
  it('may name any protocol: connect-udp (RFC 9298 §3.4), one with a version, one with another scheme', () => {
    const target = '/.well-known/masque/udp/192.0.2.6/443/'
    const udp = extended({ 'capsule-protocol': '?1' }, { protocol: 'connect-udp', target, authority: 'example.org' })
    expect(getExtendedConnect(udp)).toMatchObject({ protocol: { name: 'connect-udp' }, path: target })
    expect(getExtendedConnect(extended({}, { protocol: 'foo/2' }))?.protocol).toEqual({ name: 'foo', version: '2' })
    expect(getExtendedConnect(extended({}, { scheme: 'x-other', target: 'urn:x' }))?.path).toBe('urn:x')
  })
  it.each<[string, RequestSource]>([
    ['a GET', extended({}, { method: 'GET', protocol: undefined })],
    ['a CONNECT for a proxy', extended({}, { protocol: undefined, scheme: undefined, target: '' })],
    ['HTTP/1.1', { ...extended(), httpVersion: '1.1' }],
    ['a Fetch runtime', { ...extended(), httpVersion: undefined }],
  ])('is undefined for %s', (_, source) => {
    expect(getExtendedConnect(source)).toBeUndefined()
  })
})

describe('getExtendedConnect accepts', () => {
  it.each<[string, HeaderRecord, Partial<RequestHead>]>([
    ['the same Host', { host: 'A.Example' }, {}],
    ['the same Host with the default port of the scheme', { host: 'a.example:443' }, {}],
    ['the same Host without the default port in :authority', { host: 'a.example' }, { authority: 'a.example:443' }],
    ['port 80 of http', { host: 'a.example' }, { authority: 'a.example:80', scheme: 'http' }],
    ['TE: trailers', { te: 'trailers' }, {}],
    ['an IPv6 address', {}, { authority: '[::1]:8443' }],
    ['a query', {}, { target: '/?a=b&c#'.slice(0, -1) }],
  ])('%s', (_, headers, changes) => {
    expect(findErrors(requestHeadFrom(extended(headers, changes)))).toEqual([])
  })
})

/** Each pseudo-header missing, empty and wrong, and each field that HTTP/2 forbids. */
const malformed: [string, HeaderRecord, Partial<RequestHead>, code: string, reference: string][] = [
  [':protocol with GET', {}, { method: 'GET' }, 'pseudo-header', 'RFC 8441 §4'],
  [':protocol without a method', {}, { method: '' }, 'pseudo-header', 'RFC 8441 §4'],
  [':protocol with connect', {}, { method: 'connect' }, 'pseudo-header', 'RFC 8441 §4'],
  ['an empty :protocol', {}, { protocol: '' }, 'pseudo-header', 'RFC 8441 §4'],
  ['a list in :protocol', {}, { protocol: 'websocket, foo' }, 'pseudo-header', 'RFC 8441 §4'],
  ['a space in :protocol', {}, { protocol: ' websocket' }, 'pseudo-header', 'RFC 8441 §4'],
  ['half a version in :protocol', {}, { protocol: 'foo/' }, 'pseudo-header', 'RFC 8441 §4'],
  ['no :scheme', {}, { scheme: undefined }, 'pseudo-header', 'RFC 8441 §4'],
  ['an empty :scheme', {}, { scheme: '' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['a colon in :scheme', {}, { scheme: 'https:' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['a line break after :scheme', {}, { scheme: 'https\n' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['a digit in front of :scheme', {}, { scheme: '1s' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['no :path', {}, { target: '' }, 'pseudo-header', 'RFC 8441 §4'],
  ['a :path without a slash', {}, { target: 'chat' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['an asterisk', {}, { target: '*' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['an absolute :path', {}, { target: 'https://a.example/' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['no :authority', {}, { authority: undefined }, 'pseudo-header', 'RFC 8441 §5'],
  ['no :authority, but Host', { host: 'a.example' }, { authority: undefined }, 'pseudo-header', 'RFC 8441 §5'],
  ['an empty :authority', {}, { authority: '' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['a user in :authority', {}, { authority: 'u:p@a.example' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['an invalid port', {}, { authority: 'a.example:x' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['a path in :authority', {}, { authority: 'a.example/b' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['a list in :authority', {}, { authority: 'a.example, b' }, 'pseudo-header', 'RFC 9113 §8.3.1'],
  ['another Host', { host: 'b.example' }, {}, 'host', 'RFC 9113 §8.3.1'],
  ['another port in Host', { host: 'a.example:80' }, {}, 'host', 'RFC 9113 §8.3.1'],
  ['an invalid Host', { host: 'a.example/b' }, {}, 'host', 'RFC 9113 §8.3.1'],
  ['an empty Host', { host: '' }, {}, 'host', 'RFC 9113 §8.3.1'],
  ['two Hosts', { host: ['a.example', 'a.example'] }, {}, 'host', 'RFC 9112 §3.2'],
  ['Connection', { connection: 'Upgrade' }, {}, 'head-syntax', 'RFC 9113 §8.2.2'],
  ['Upgrade', { Upgrade: 'websocket' }, {}, 'head-syntax', 'RFC 9113 §8.2.2'],
  ['Keep-Alive', { 'keep-alive': '5' }, {}, 'head-syntax', 'RFC 9113 §8.2.2'],
  ['Proxy-Connection', { 'proxy-connection': 'keep-alive' }, {}, 'head-syntax', 'RFC 9113 §8.2.2'],
  ['Transfer-Encoding', { 'transfer-encoding': 'chunked' }, {}, 'head-syntax', 'RFC 9113 §8.2.2'],
  ['TE other than trailers', { te: 'trailers, gzip' }, {}, 'head-syntax', 'RFC 9113 §8.2.2'],
]

describe('getExtendedConnect rejects', () => {
  it.each(malformed)('%s', (_, headers, changes, code, reference) => {
    const request = extended(headers, changes)
    expect(findErrors(requestHeadFrom(request))).toMatchObject([{ code, reference, status: 400 }])
    expect(() => getExtendedConnect(request)).toThrow(ProtocolError)
  })
  it.each(['/a#b', '/a b', '/a\0', '/a\x7f'])('%j as :path', (target) => {
    expect(() => getExtendedConnect(extended({}, { target }))).toThrow(
      expect.objectContaining({ code: 'pseudo-header', reference: 'RFC 9113 §8.3.1', status: 400 }),
    )
  })
  it('several errors at once, those of pseudo-headers first', () => {
    const request = extended(
      { host: 'b.example', connection: 'x', te: 'gzip' },
      { method: 'GET', scheme: '', target: '', authority: 'a.example' },
    )
    expect(findErrors(requestHeadFrom(request)).map(({ message }) => message)).toEqual([
      ':protocol with the method "GET"',
      ':scheme is ""',
      ':path is missing or empty',
      ':authority differs from Host',
      'HTTP/2 and HTTP/3 forbid connection, te',
    ])
  })
  it('an invalid field section', () => {
    expect(() => getExtendedConnect({ httpVersion: '3', fields: [...exampleRequest, [':path', '/']] })).toThrow(
      ProtocolError,
    )
  })
})

it('percent-encodes bytes of 0x80 and above in :path', () => {
  expect(getExtendedConnect(extended({}, { target: '/caf\xc3\xa9' }))).toMatchObject({ path: '/caf%C3%A9' })
})

it('returns undefined for a parser’s result, which is HTTP/1.1', () => {
  const parse = (text: string) => new RequestHeadParser().push(latin1(text)) as ParsedRequest
  expect(getExtendedConnect(parse('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'))).toBeUndefined()
  expect(getExtendedConnect(parse('CONNECT a:1\r\n'))).toBeUndefined()
})

it('reads any input, or throws a ProtocolError in visible ASCII without secrets', () => {
  const text = fc.oneof(
    fc.constantFrom('CONNECT', 'websocket', 'https', '/', 'a.example'),
    fc.string({ unit: 'binary' }),
    fc.constant(undefined),
  )
  const request = fc.record({ method: fc.string(), protocol: text, scheme: text, authority: text, target: fc.string() })
  fc.assert(
    fc.property(
      request,
      fc.dictionary(fc.constantFrom('host', 'te', 'connection'), fc.string()),
      (changes, headers) => {
        try {
          getExtendedConnect({ ...extended(headers), ...changes } as RequestLike)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
          expect((error as Error).message).toMatch(/^[ -~]{1,400}$/)
        }
      },
    ),
  )
})
