/** Tests the client side of CONNECT: the exact bytes of the request, and every response (RFC 9110 §9.3.6). */

import { describe, expect, it } from 'vitest'
import { formatRequestHead } from '../../src/http/head-format.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { offerTunnel, verifyTunnel } from '../../src/http/tunnel.ts'
import { splits } from '../wire.ts'
import { latin1, toText } from './head.ts'

const lines = (...all: readonly string[]): string => `${[...all, '', ''].join('\r\n')}`

describe('offerTunnel', () => {
  it.each([
    ['server.example.com', 80, 'server.example.com:80'],
    ['Example.COM', 443, 'Example.COM:443'],
    ['127.0.0.1', 1, '127.0.0.1:1'],
    ['::1', 65_535, '[::1]:65535'],
    ['[2001:db8::7]', 443, '[2001:db8::7]:443'],
    ['::ffff:192.0.2.1', 443, '[::ffff:192.0.2.1]:443'],
    ['xn--bcher-kva.example', 8443, 'xn--bcher-kva.example:8443'],
    ['a_b', 443, 'a_b:443'],
  ])('formats %s and port %i as %s, in the target and in Host', (hostname, port, target) => {
    expect(toText(formatRequestHead(offerTunnel(hostname, port)))).toBe(
      lines(`CONNECT ${target} HTTP/1.1`, `Host: ${target}`),
    )
  })

  it('sends credentials, as in RFC 9110 §9.3.6', () => {
    const credentials = { username: 'Aladdin', password: 'open sesame' }
    const headers = { 'User-Agent': 'a', Connection: 'close' }
    expect(toText(formatRequestHead(offerTunnel('server.example.com', 80, { credentials, headers })))).toBe(
      lines(
        'CONNECT server.example.com:80 HTTP/1.1',
        'Host: server.example.com:80',
        'Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
        'User-Agent: a',
        'Connection: close',
      ),
    )
  })

  it('sends credentials of another scheme', () => {
    const head = offerTunnel('a', 443, { headers: { 'proxy-authorization': 'Bearer x' } })
    expect(head.headers).toEqual([
      ['Host', 'a:443'],
      ['proxy-authorization', 'Bearer x'],
    ])
  })

  it.each([0, -1, 65_536, 1.5, Number.NaN, Infinity])('throws for the port %s', (port) => {
    expect(() => offerTunnel('a', port)).toThrow(RangeError)
  })

  it.each([
    '',
    ':',
    'a:',
    'a:80',
    'cafe:80',
    '[::1]:80',
    '[::1',
    '::1]',
    '[]',
    'a b',
    'a\r\nX: y',
    'a/b',
    'user:secret@a',
    'user:se:cret@a',
    'http://a',
    'bücher.example',
    'fe80::1%eth0',
    '%zz',
  ])('throws for the host %j, and does not repeat it', (hostname) => {
    expect(() => offerTunnel(hostname, 443)).toThrow(
      new TypeError('`hostname` must be a host name or an address, without a port'),
    )
  })

  it.each([{ Host: 'b' }, { 'content-length': '0' }, { 'Transfer-Encoding': 'chunked' }])(
    'throws for the fields %j',
    (headers) => {
      expect(() => offerTunnel('a', 443, { headers })).toThrow(TypeError)
    },
  )

  it('throws for credentials given twice, and for invalid ones', () => {
    const credentials = { username: 'a', password: 'b' }
    expect(() => offerTunnel('a', 443, { credentials, headers: { 'Proxy-Authorization': 'x' } })).toThrow(TypeError)
    expect(() => offerTunnel('a', 443, { credentials: { ...credentials, username: 'a:b' } })).toThrow(TypeError)
  })
})

describe('verifyTunnel', () => {
  it.each([
    ['HTTP/1.1 200 Connection established', []],
    ['HTTP/1.0 200 OK', []],
    ['HTTP/1.1 200', []],
    ['HTTP/1.1 200 OK', ['Content-Length: 5']],
    ['HTTP/1.1 200 OK', ['Transfer-Encoding: chunked']],
    ['HTTP/1.1 200 OK', ['Content-Length: 5', 'Content-Length: x', 'Transfer-Encoding: chunked']],
    ['HTTP/1.1 204 No Content', []],
    ['HTTP/1.1 299 Odd', ['Connection: close']],
  ])('opens the tunnel after %j %j, and the following bytes come from the target', (status, fields) => {
    const bytes = latin1(`${lines(status, ...fields)}hello from the target`)
    for (const chunks of splits(bytes)) {
      const heads = new ResponseHeadParser()
      let through = ''
      let outcome: unknown
      for (const chunk of chunks) {
        const parsed = outcome === undefined ? heads.push(chunk) : undefined
        if (parsed === undefined) through += outcome === undefined ? '' : toText(chunk)
        else {
          outcome = verifyTunnel(parsed)
          through += toText(parsed.rest)
        }
      }
      expect(outcome).toEqual({ ok: true, kind: 'open', status: Number(status.slice(9, 12)) })
      expect(through).toBe('hello from the target')
    }
  })

  it('returns the challenges of a 407, one per line', () => {
    const headers: [string, string][] = [
      ['Proxy-Authenticate', 'Basic realm="a, b"'],
      ['proxy-authenticate', 'Digest realm="c", Negotiate'],
    ]
    expect(verifyTunnel({ status: 407, headers })).toMatchObject({
      ok: false,
      kind: 'unauthorized',
      status: 407,
      challenges: ['Basic realm="a, b"', 'Digest realm="c", Negotiate'],
    })
    expect(verifyTunnel({ status: 407 })).toMatchObject({ kind: 'unauthorized', challenges: [] })
    const empty = { 'Proxy-Authenticate': ['', 'Basic', '\t'] }
    expect(verifyTunnel({ status: 407, headers: empty })).toMatchObject({ challenges: ['Basic'] })
  })

  it.each([300, 302, 400, 401, 403, 404, 405, 426, 500, 502, 503, 504, 599])('reports a %i as a refusal', (status) => {
    const outcome = verifyTunnel({ status, reason: 'No "way"' })
    expect(outcome).toMatchObject({ ok: false, kind: 'refused', status })
    if (outcome.ok) throw new Error('open')
    expect(outcome.errors[0]).toMatchObject({ code: 'status', status, reference: 'RFC 9110 §9.3.6' })
    expect(outcome.errors[0].message).toContain(`the proxy answered ${status} `)
  })

  it('quotes the proxy’s phrase safely for a terminal', () => {
    const outcome = verifyTunnel({ status: 502, reason: 'no\u009broute' })
    expect(outcome.ok || outcome.errors[0].message).toBe('the proxy answered 502 "no\\u009broute"')
  })

  it('rejects a 101, since the request offered no protocol', () => {
    const headers = { upgrade: 'websocket', connection: 'upgrade' }
    expect(verifyTunnel({ status: 101, headers })).toMatchObject({ ok: false, kind: 'invalid', status: 101 })
  })

  it('ignores interim responses', () => {
    const heads = new ResponseHeadParser()
    const parsed = heads.push(latin1(lines('HTTP/1.1 100 Continue') + lines('HTTP/1.1 200 OK')))
    expect(parsed && verifyTunnel(parsed)).toEqual({ ok: true, kind: 'open', status: 200 })
  })

  it.each([
    'SSH-2.0-OpenSSH\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\0\0\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 200 OK\n\n',
  ])('returns an error for %j, and never throws', (text) => {
    const parsed = new ResponseHeadParser().push(latin1(text))
    expect(parsed && verifyTunnel(parsed)).toMatchObject({ ok: false, kind: 'invalid', status: undefined })
  })

  it('accepts the response of the `connect` event of Node’s client', () => {
    expect(verifyTunnel({ statusCode: 200, rawHeaders: ['Content-Length', '5'] })).toMatchObject({ kind: 'open' })
    const rawHeaders = ['Proxy-Authenticate', 'Basic realm="a"']
    expect(verifyTunnel({ statusCode: 407, rawHeaders })).toMatchObject({ challenges: ['Basic realm="a"'] })
  })
})
