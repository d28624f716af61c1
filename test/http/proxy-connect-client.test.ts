/** Holds how a client asks for a tunnel, and what it makes of the answer (RFC 9110 §9.3.6). */

import { describe, expect, it } from 'vitest'
import { formatRequestHead } from '../../src/http/head-format.ts'
import { offerTunnel, verifyTunnel } from '../../src/http/proxy-connect-client.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { latin1, toText } from './head.ts'

const wire = (...args: Parameters<typeof offerTunnel>) => toText(formatRequestHead(offerTunnel(...args)))

describe('offerTunnel', () => {
  it.each<[string, number, string]>([
    ['example.com', 443, 'example.com:443'],
    ['127.0.0.1', 80, '127.0.0.1:80'],
    ['::1', 8080, '[::1]:8080'],
    ['[2001:db8::1]', 1, '[2001:db8::1]:1'],
    ['xn--bcher-kva.example', 65_535, 'xn--bcher-kva.example:65535'],
  ])('names %s and port %i, and Host the same', (hostname, port, authority) => {
    expect(wire(hostname, port)).toBe(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`)
  })

  it('says who asks, and what else the caller wants to', () => {
    const credentials = { username: 'Aladdin', password: 'open sesame' }
    expect(wire('a', 1, { credentials, headers: { 'User-Agent': 'x', Connection: 'close' } })).toBe(
      'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nUser-Agent: x\r\nConnection: close\r\n\r\n',
    )
  })

  it.each(['', 'a b', 'a:80', 'a/b', 'user@a', '[::1', 'ü.example', 'a\r\nb', '[::1]:80', '[::1]:', 'a:', 'a%', '['])(
    'refuses the host %j',
    (hostname) => {
      expect(() => offerTunnel(hostname, 80)).toThrow(TypeError)
    },
  )
  it.each([0, -1, 65_536, 1.5, Number.NaN])('refuses port %d', (port) => {
    expect(() => offerTunnel('a', port)).toThrow(RangeError)
  })
  it.each(['Host', 'content-length', 'Transfer-Encoding'])('refuses a %s of the caller', (name) => {
    expect(() => offerTunnel('a', 1, { headers: { [name]: '1' } })).toThrow(TypeError)
  })
  it('takes credentials once', () => {
    const credentials = { username: 'a', password: 'b' }
    const headers = { 'proxy-authorization': 'Bearer x' }
    expect(() => offerTunnel('a', 1, { credentials, headers })).toThrow(TypeError)
    expect(() => offerTunnel('a', 1, { credentials: { username: 'a:b', password: '' } })).toThrow(TypeError)
    expect(wire('a', 1, { headers })).toContain('proxy-authorization: Bearer x\r\n')
  })
})

describe('verifyTunnel', () => {
  it.each([200, 201, 204, 299])('takes a %i for an open tunnel, whatever its fields say of a body', (status) => {
    const headers = { 'content-length': '5', 'transfer-encoding': 'chunked' }
    expect(verifyTunnel({ status, headers })).toEqual({ ok: true, kind: 'open', status })
  })

  it('leaves what came behind the head to the tunnel', () => {
    const parsed = new ResponseHeadParser().push(
      latin1('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 Connection established\r\nContent-Length: 3\r\n\r\nhello'),
    )
    expect(parsed && verifyTunnel(parsed)).toMatchObject({ kind: 'open', status: 200 })
    expect(parsed && toText(parsed.rest)).toBe('hello')
  })

  it('tells challenges from other refusals', () => {
    const rawHeaders = ['Proxy-Authenticate', 'Basic realm="a"', 'proxy-authenticate', 'Bearer']
    const unauthorized = verifyTunnel({ statusCode: 407, rawHeaders })
    expect(unauthorized).toMatchObject({ ok: false, kind: 'unauthorized', status: 407 })
    expect(unauthorized).toHaveProperty('challenges', ['Basic realm="a"', 'Bearer'])
    for (const status of [300, 302, 400, 403, 404, 502, 504, 599])
      expect(verifyTunnel({ status })).toMatchObject({
        ok: false,
        kind: 'refused',
        status,
        faults: [{ code: 'status', reference: 'RFC 9110 §9.3.6', status }],
      })
  })

  it('says what the proxy said, and nothing that could move a terminal', () => {
    const outcome = verifyTunnel({ status: 502, reason: 'no\u009broute' })
    expect(outcome.ok || outcome.faults[0].message).toBe(
      'the proxy answered 502 "no\\u009broute", where a 2xx is expected',
    )
  })

  it('takes a 101, and what is not HTTP, for no answer', () => {
    expect(verifyTunnel({ status: 101, headers: { upgrade: 'foo' } })).toMatchObject({ kind: 'invalid', status: 101 })
    const parsed = new ResponseHeadParser().push(latin1('SSH-2.0-x\r\n'))
    expect(parsed && verifyTunnel(parsed)).toMatchObject({ ok: false, kind: 'invalid', status: undefined })
  })
})
