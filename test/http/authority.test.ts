/** Holds which texts name a host, when a request names exactly one, and which of its names counts (RFC 9112 §3.2). */

import { describe, expect, it } from 'vitest'
import { checkHost, parseAuthority, requestAuthority } from '../../src/http/authority.ts'
import { getHeaders } from '../../src/http/headers.ts'
import { type RequestHead, type RequestLike, requestHeadFrom } from '../../src/http/request.ts'

describe('parseAuthority', () => {
  it.each([
    ['a.example', 'a.example', ''],
    ['A.EXAMPLE:80', 'a.example', '80'],
    ['a.example:', 'a.example', ''],
    ['127.0.0.1:8080', '127.0.0.1', '8080'],
    ['[::1]', '[::1]', ''],
    ['[2001:DB8::1]:443', '[2001:db8::1]', '443'],
    ['[::ffff:127.0.0.1]', '[::ffff:127.0.0.1]', ''],
    ["a_b-c~d!$&'()*+;=%20", "a_b-c~d!$&'()*+;=%20", ''],
    ['%C3%a9:80', '%c3%a9', '80'],
  ])('%j', (text, host, port) => {
    expect(parseAuthority(text)).toEqual({ host, port })
  })
  it.each([
    '',
    ':80',
    'a:b',
    'a:80:80',
    'a:-1',
    'a:8 0',
    'a b',
    ' a',
    'a ',
    'a,b',
    'a@b',
    'u:p@a',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a^b',
    'a`b',
    'a|b',
    'a"b',
    'a<b',
    '%',
    'a%2',
    'a%zz',
    '%20%g0',
    'é',
    'a\u212a',
    'a\0',
    'a\r\n',
    '[',
    '[]',
    '[::1',
    '::1',
    '[::1]a',
    '[::1]:a',
    '[g]',
    '[::1%25eth0]',
    '[::1/]',
    '[[::1]]',
    ']',
    'a[::1]',
  ])('%j names none', (text) => {
    expect(parseAuthority(text)).toBeUndefined()
  })
})

const head = (changes: Partial<RequestLike>) =>
  requestHeadFrom({ method: 'GET', target: '/', version: '1.1', headers: { host: 'a.example' }, ...changes })

describe('checkHost', () => {
  it.each<[string, Partial<RequestLike>]>([
    ['one valid Host', {}],
    ['with a port', { headers: { host: 'a:1' } }],
    ['with an absolute target of any scheme that is ours', { target: 'WSS://b.example' }],
    ['HTTP/1.0 without', { version: '1.0', headers: {} }],
    ['a Fetch request without, whatever its target', { version: undefined, headers: {}, target: '*' }],
  ])('%s is fine', (_, changes) => {
    expect(checkHost(head(changes))).toBeUndefined()
  })
  it.each<[string, Partial<RequestLike>]>([
    ['none', { headers: {} }],
    ['two', { headers: { host: ['a', 'a'] } }],
    ['two in HTTP/1.0', { version: '1.0', headers: { host: ['a', 'b'] } }],
    ['two, joined', { headers: { host: 'a, b' } }],
    ['an empty one', { headers: { host: '' } }],
    ['one with a user', { headers: { host: 'u@a' } }],
    ['none, but an absolute target', { headers: {}, target: 'http://a/' }],
  ])('%s is 400', (_, changes) => {
    expect(checkHost(head(changes))?.toJSON()).toMatchObject({ code: 'host', status: 400, reference: 'RFC 9112 §3.2' })
  })
  it.each([
    '*',
    'a.example:80',
    'a',
    '',
    '?a',
    '#a',
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
    'http://a b/',
  ])('the target %j is 400', (target) => {
    expect(checkHost(head({ target }))?.toJSON()).toMatchObject({
      code: 'target',
      status: 400,
      reference: 'RFC 9112 §3.2',
    })
  })
})

describe('checkHost over HTTP/2 and HTTP/3', () => {
  const shared = (changes: Partial<RequestLike>) =>
    head({ version: '2', headers: {}, authority: 'a.example', scheme: 'https', ...changes })
  it.each<[string, Partial<RequestLike>]>([
    [':authority', {}],
    [':authority of HTTP/3', { version: '3' }],
    ['the same Host', { headers: { host: 'A.example:443' } }],
    ['a Host in its place', { authority: undefined, headers: { host: 'a.example' } }],
    ['a CONNECT for a proxy, which has no path', { method: 'CONNECT', target: '', authority: 'a.example:443' }],
  ])('%s is fine', (_, changes) => {
    expect(checkHost(shared(changes))).toBeUndefined()
  })
  it.each<[string, Partial<RequestLike>, string]>([
    ['neither', { authority: undefined }, 'pseudo-header'],
    ['one with a user', { authority: 'u@a.example' }, 'pseudo-header'],
    ['an empty one', { authority: '' }, 'pseudo-header'],
    ['a Host in its place that is none', { authority: undefined, headers: { host: 'a b' } }, 'pseudo-header'],
    ['another Host', { headers: { host: 'b.example' } }, 'host'],
    ['another port', { headers: { host: 'a.example:80' } }, 'host'],
    ['a port where no scheme tells one', { scheme: undefined, headers: { host: 'a.example:443' } }, 'host'],
    ['two Hosts', { headers: { host: ['a.example', 'a.example'] } }, 'host'],
    ['a path that is none', { target: 'x' }, 'target'],
  ])('%s is 400', (_, changes, code) => {
    expect(checkHost(shared(changes))).toMatchObject({ code, status: 400 })
  })
})

describe('requestAuthority', () => {
  const authorityOf = (asked: RequestHead) => requestAuthority(asked, getHeaders(asked.headers, 'host'))
  it('an absolute target counts for more than Host (RFC 9112 §3.2.2)', () => {
    expect(authorityOf(head({ target: 'http://B.example:81/c' }))).toEqual({ host: 'b.example', port: '81' })
    for (const target of ['http://b', 'http://b?c', 'http://b#c', 'ws://b/'])
      expect(authorityOf(head({ target }))).toEqual({ host: 'b', port: '' })
  })
  it('what a runtime names counts for more than Host', () => {
    expect(authorityOf(head({ authority: 'c:1' }))).toEqual({ host: 'c', port: '1' })
  })
  it('otherwise it is Host; or nobody knows', () => {
    expect(authorityOf(head({}))).toEqual({ host: 'a.example', port: '' })
    expect(authorityOf(head({ target: '//b.example/c' }))).toEqual({ host: 'a.example', port: '' })
    expect(authorityOf(head({ headers: {} }))).toBeUndefined()
    expect(authorityOf(head({ headers: { host: 'u@a' } }))).toBeUndefined()
  })
})
