/** Tests when a request names exactly one host, and which of its names takes precedence (RFC 9112 §3.2). */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { getHeaders } from '../../src/http/headers.ts'
import { type RequestHead, type RequestLike, requestHeadFrom } from '../../src/http/request.ts'
import { findHostError, requestAuthority } from '../../src/http/request-host.ts'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { opening } from '../handshake/opening.ts'
import { latin1 } from './head.ts'

const head = (changes: Partial<RequestLike>) =>
  requestHeadFrom({ method: 'GET', target: '/', httpVersion: '1.1', headers: { host: 'a.example' }, ...changes })

describe('findHostError', () => {
  it.each<[string, Partial<RequestLike>]>([
    ['one valid Host', {}],
    ['with a port', { headers: { host: 'a:1' } }],
    ['with an absolute target of a WebSocket scheme', { target: 'WSS://b.example' }],
    ['HTTP/1.0 without', { httpVersion: '1.0', headers: {} }],
    ['a Fetch request without Host, with any target', { httpVersion: 'unknown', headers: {}, target: '*' }],
  ])('%s is fine', (_, changes) => {
    expect(findHostError(head(changes))).toBeUndefined()
  })
  it.each<[string, Partial<RequestLike>]>([
    ['none', { headers: {} }],
    ['two', { headers: { host: ['a', 'a'] } }],
    ['two in HTTP/1.0', { httpVersion: '1.0', headers: { host: ['a', 'b'] } }],
    ['two, joined', { headers: { host: 'a, b' } }],
    ['an empty one', { headers: { host: '' } }],
    ['one with a user', { headers: { host: 'u@a' } }],
    ['no Host, with an absolute target', { headers: {}, target: 'http://a/' }],
  ])('%s is 400', (_, changes) => {
    expect(findHostError(head(changes))?.toJSON()).toMatchObject({
      code: 'host',
      status: 400,
      reference: 'RFC 9112 §3.2',
    })
  })
  it.each([
    '*',
    'a.example:80',
    'a',
    '',
    '?a',
    'http:',
    'http:/a',
    'http://',
    'http:///a',
    'http://u@a/',
    'http://a:b/',
    'ftp://a/',
    'javascript://a/',
    '://a/',
    'xhttp://a/',
  ])('the target %j is 400', (target) => {
    expect(findHostError(head({ target }))?.toJSON()).toMatchObject({
      code: 'target',
      status: 400,
      reference: 'RFC 9112 §3.2',
    })
  })
})

describe('findHostError of an authority that no URL can contain, and of an unreadable head', () => {
  const unnamed = [
    '[::::::]',
    '[.]',
    '[1]',
    '[cafe.de]',
    '[v1.a]',
    'a:99999',
    'a:65536',
    '[::1]:070000',
    '[fe80::1%25a]',
  ]
  it.each(unnamed)('%s in Host, in an absolute target and in :authority is 400', (text) => {
    expect(findHostError(head({ headers: { host: text } }))).toMatchObject({ code: 'host', status: 400 })
    expect(findHostError(head({ target: `http://${text}/` }))).toMatchObject({ code: 'target', status: 400 })
    for (const httpVersion of ['2', '3'] as const)
      expect(findHostError(head({ httpVersion, authority: text, headers: {} }))).toMatchObject({
        code: 'pseudo-header',
      })
  })
  it.each(unnamed)('a WebSocket to the host %s is refused', (host) => {
    expect(acceptHandshake(opening({ Host: host }))).toMatchObject({
      ok: false,
      errors: [{ code: 'host' }],
      response: { status: 400 },
    })
  })
  it.each(['a:', '[::1]:', 'a:65535', 'a:00080', '[::]', '[1:2:3:4:5:6:7:8]', '127.1'])('%s is fine', (text) => {
    expect(findHostError(head({ headers: { host: text } }))).toBeUndefined()
    expect(findHostError(head({ target: `http://${text}` }))).toBeUndefined()
  })
  it('accepts any source, and a parser’s result', () => {
    expect(findHostError({ httpVersion: '1.1', url: '/', rawHeaders: [] })).toMatchObject({ code: 'host' })
    expect(findHostError(new Request('http://a/'))).toBeUndefined()
    const parse = (text: string) =>
      new RequestHeadParser().push(latin1(text)) as NonNullable<ReturnType<RequestHeadParser['push']>>
    expect(findHostError(parse('GET / HTTP/1.1\r\n\r\n'))).toMatchObject({ code: 'host', status: 400 })
    expect(findHostError(parse('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))).toBeUndefined()
    expect(findHostError(parse('GET / HTTP/3.0\r\n'))).toMatchObject({ code: 'http-version', status: 505 })
    expect(findHostError({ httpVersion: '3', fields: [[':x', '']] })).toMatchObject({
      code: 'pseudo-header',
      status: 400,
    })
  })
  it('only OPTIONS may have the target `*`, and only CONNECT host:port', () => {
    const asks = (method: string, target: string) => findHostError(head({ method, target }))?.code
    expect([asks('OPTIONS', '*'), asks('OPTIONS', '/'), asks('CONNECT', 'a:443'), asks('CONNECT', '[::1]:1')]).toEqual(
      Array(4).fill(undefined),
    )
    for (const target of ['', '/', 'a', 'a:', 'a:0', 'a:65536', '[1]:443', '[v1.a]:443', 'http://a/', '*'])
      expect([target, asks('CONNECT', target)]).toEqual([target, 'target'])
    for (const method of ['GET', 'options', 'POST'])
      expect([asks(method, '*'), asks(method, 'a:443')]).toEqual(['target', 'target'])
    const shared = { authority: 'a.example', scheme: 'https', headers: {} }
    for (const httpVersion of ['2', '3'] as const) {
      expect(findHostError(head({ httpVersion, method: 'OPTIONS', target: '*', ...shared }))).toBeUndefined()
      expect(findHostError(head({ httpVersion, method: 'GET', target: '*', ...shared }))).toMatchObject({
        code: 'target',
      })
    }
  })
  it('a head that may be truncated is 431, whatever its Host', () => {
    const rawHeaders = ['Host', 'a', ...Array.from({ length: 100 }, () => ['a', 'b']).flat()]
    expect(findHostError({ httpVersion: '1.1', url: '/', rawHeaders })).toMatchObject({
      code: 'too-many',
      status: 431,
    })
    expect(findHostError({ httpVersion: '1.1', url: '/', rawHeaders }, { maxHeadFields: 101 })).toBeUndefined()
  })
})

describe('findHostError over HTTP/2 and HTTP/3', () => {
  const shared = (changes: Partial<RequestLike>) =>
    head({ httpVersion: '2', headers: {}, authority: 'a.example', scheme: 'https', ...changes })
  it.each<[string, Partial<RequestLike>]>([
    [':authority', {}],
    [':authority of HTTP/3', { httpVersion: '3' }],
    ['the same Host', { headers: { host: 'A.example:443' } }],
    ['a Host instead of :authority', { authority: undefined, headers: { host: 'a.example' } }],
    ['a CONNECT for a proxy, which has no path', { method: 'CONNECT', target: '', authority: 'a.example:443' }],
  ])('%s is fine', (_, changes) => {
    expect(findHostError(shared(changes))).toBeUndefined()
  })
  it.each<[string, Partial<RequestLike>, string]>([
    ['neither', { authority: undefined }, 'pseudo-header'],
    ['one with a user', { authority: 'u@a.example' }, 'pseudo-header'],
    ['an empty one', { authority: '' }, 'pseudo-header'],
    ['an invalid Host instead of :authority', { authority: undefined, headers: { host: 'a b' } }, 'pseudo-header'],
    ['another Host', { headers: { host: 'b.example' } }, 'host'],
    ['another port', { headers: { host: 'a.example:80' } }, 'host'],
    ['a port without a scheme to imply it', { scheme: undefined, headers: { host: 'a.example:443' } }, 'host'],
    ['two Hosts', { headers: { host: ['a.example', 'a.example'] } }, 'host'],
    ['an invalid path', { target: 'x' }, 'target'],
  ])('%s is 400', (_, changes, code) => {
    expect(findHostError(shared(changes))).toMatchObject({ code, status: 400 })
  })
})

describe('requestAuthority', () => {
  const authorityOf = (asked: RequestHead) => requestAuthority(asked, getHeaders(asked.headers, 'host'))
  it('prefers an absolute target to Host (RFC 9112 §3.2.2)', () => {
    expect(authorityOf(head({ target: 'http://B.example:81/c' }))).toEqual({ host: 'b.example', port: '81' })
    for (const target of ['http://b', 'http://b?c', 'ws://b/'])
      expect(authorityOf(head({ target }))).toEqual({ host: 'b', port: '' })
  })
  it('prefers the authority of a runtime to Host', () => {
    expect(authorityOf(head({ authority: 'c:1' }))).toEqual({ host: 'c', port: '1' })
  })
  it('otherwise returns Host, or undefined', () => {
    expect(authorityOf(head({}))).toEqual({ host: 'a.example', port: '' })
    expect(authorityOf(head({ target: '//b.example/c' }))).toEqual({ host: 'a.example', port: '' })
    expect(authorityOf(head({ headers: {} }))).toBeUndefined()
    expect(authorityOf(head({ headers: { host: 'u@a' } }))).toBeUndefined()
  })
})
