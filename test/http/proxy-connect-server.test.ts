/** Holds what a proxy makes of a CONNECT request (RFC 9110 §9.3.6, RFC 9112 §3.2.3). */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatResponse, formatResponseHead } from '../../src/http/head-format.ts'
import { offerTunnel } from '../../src/http/proxy-connect-client.ts'
import { type AcceptTunnelOptions, acceptTunnel } from '../../src/http/proxy-connect-server.ts'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { latin1, toText } from './head.ts'

function accept(text: string, options?: AcceptTunnelOptions) {
  const parsed = new RequestHeadParser().push(latin1(text))
  if (parsed === undefined) throw new Error('this head is not whole')
  return acceptTunnel(parsed, options)
}

const connect = (target: string, ...fields: string[]) =>
  `CONNECT ${target} HTTP/1.1\r\n${[`Host: ${target}`, ...fields].join('\r\n')}\r\n\r\n`

const aladdin = 'Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='

describe('acceptTunnel', () => {
  it.each<[string, string, number]>([
    ['example.com:443', 'example.com', 443],
    ['EXAMPLE.com:1', 'example.com', 1],
    ['127.0.0.1:65535', '127.0.0.1', 65_535],
    ['[::1]:08080', '::1', 8080],
  ])('reads where to: %s', (target, hostname, port) => {
    const accepted = accept(connect(target))
    expect(accepted).toMatchObject({ ok: true, hostname, port, credentials: undefined })
    // Nothing tells of a body, by either formatter.
    expect(toText(formatResponse(accepted.response))).toBe('HTTP/1.1 200 OK\r\n\r\n')
    expect(accepted.ok && toText(formatResponseHead(accepted.response))).toBe('HTTP/1.1 200 OK\r\n\r\n')
  })

  it('reads what our client writes', () => {
    for (const hostname of ['a.example', '::1'])
      expect(acceptTunnel(offerTunnel(hostname, 81))).toMatchObject({ ok: true, hostname, port: 81 })
    const credentials = { username: 'a', password: 'ü' }
    expect(acceptTunnel(offerTunnel('a', 1, { credentials }))).toMatchObject({ ok: true, credentials })
  })

  it('takes HTTP/1.0 without a Host, and another Host: the target counts (RFC 9112 §3.2)', () => {
    expect(accept('CONNECT a:1 HTTP/1.0\r\n\r\n')).toMatchObject({ ok: true, hostname: 'a' })
    expect(accept('CONNECT a:1 HTTP/1.1\r\nHost: b\r\n\r\n')).toMatchObject({ ok: true, hostname: 'a' })
  })

  it.each<[string, string, [code: string, reference: string]]>([
    ['no port', connect('a'), ['target', 'RFC 9112 §3.2']],
    ['an empty port', connect('a:'), ['target', 'RFC 9112 §3.2']],
    ['port 0', connect('a:0'), ['target', 'RFC 9112 §3.2']],
    ['port 65536', connect('a:65536'), ['target', 'RFC 9112 §3.2']],
    ['a port of six digits', connect('a:000080'), ['target', 'RFC 9112 §3.2']],
    ['a path', 'CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n', ['target', 'RFC 9112 §3.2']],
    ['a URL', 'CONNECT http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n', ['target', 'RFC 9112 §3.2']],
    ['a user', 'CONNECT u@a:80 HTTP/1.1\r\nHost: a\r\n\r\n', ['target', 'RFC 9112 §3.2']],
    ['an asterisk', 'CONNECT * HTTP/1.1\r\nHost: a\r\n\r\n', ['target', 'RFC 9112 §3.2']],
    ['no Host', 'CONNECT a:1 HTTP/1.1\r\n\r\n', ['host', 'RFC 9112 §3.2']],
    ['two Hosts', connect('a:1', 'Host: a:1'), ['host', 'RFC 9112 §3.2']],
    ['a Host that is none', 'CONNECT a:1 HTTP/1.1\r\nHost: a b\r\n\r\n', ['host', 'RFC 9112 §3.2']],
    ['a body', connect('a:1', 'Content-Length: 1'), ['request-body', 'RFC 9112 §6']],
    ['chunks', connect('a:1', 'Transfer-Encoding: chunked'), ['request-body', 'RFC 9112 §6']],
    ['a head that is none', 'CONNECT a:1\r\n\r\n', ['target', 'RFC 9112 §3']],
  ])('refuses %s, and closes', (_, text, [code, reference]) => {
    const refused = accept(text)
    expect(refused).toMatchObject({ ok: false, asked: true, faults: [{ code, status: 400, reference }] })
    expect(toText(formatResponse(refused.response))).toMatch(/^HTTP\/1.1 400 Bad Request\r\nConnection: close\r\n/)
  })

  it('tells every fault at once', () => {
    const refused = accept('CONNECT a HTTP/1.1\r\nContent-Length: 1\r\n\r\n')
    expect(!refused.ok && refused.faults.map(({ code }) => code)).toEqual(['target', 'host', 'request-body'])
  })

  it('leaves other methods to plain HTTP, and other versions to their own', () => {
    const refused = accept('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(refused).toMatchObject({ ok: false, asked: false, faults: [{ code: 'method', status: 405 }] })
    expect(refused.response.headers).toContainEqual(['Allow', 'CONNECT'])
    const http2 = { ':method': 'CONNECT', ':authority': 'a:1' }
    expect(acceptTunnel(http2)).toMatchObject({ ok: false, asked: false, faults: [{ code: 'method', status: 405 }] })
    const broken = { version: '2', fields: [[':nonsense', 'x']] } as const
    expect(acceptTunnel(broken)).toMatchObject({ ok: false, faults: [{ code: 'pseudo-header', status: 400 }] })
  })

  it('asks for credentials, once the request is sound, and never repeats them', () => {
    const seen: unknown[] = []
    const options: AcceptTunnelOptions = {
      realm: 'the "proxy"',
      authenticate: (credentials) => {
        seen.push(credentials)
        return credentials?.password === 'open sesame'
      },
    }
    expect(accept(connect('a:1', aladdin), options)).toMatchObject({ ok: true, credentials: { username: 'Aladdin' } })
    for (const fields of [[], ['Proxy-Authorization: Basic Og=='], [aladdin, aladdin], ['Proxy-Authorization: x']]) {
      const refused = accept(connect('a:1', ...fields), options)
      expect(refused).toMatchObject({ ok: false, asked: true, faults: [{ code: 'credentials', status: 407 }] })
      expect(refused.response.headers.slice(0, 2)).toEqual([
        ['Connection', 'close'],
        ['Proxy-Authenticate', 'Basic realm="the \\"proxy\\"", charset="UTF-8"'],
      ])
      expect(JSON.stringify(refused)).not.toContain('QWxhZGRpbj')
    }
    expect(seen.length).toBe(5)
    accept(connect('a', aladdin), options)
    expect(seen.length).toBe(5)
    expect(() => accept(connect('a:1'), { realm: '\n' })).toThrow(TypeError)
  })

  it('passes on what the callback throws, and writes the fields that the caller has', () => {
    const error = new Error('no database')
    const authenticate = () => {
      throw error
    }
    expect(() => accept(connect('a:1'), { authenticate })).toThrow(error)
    expect(accept(connect('a:1'), { headers: { Via: '1.1 us' } }).response.headers).toEqual([['Via', '1.1 us']])
  })

  it('never throws for what a peer sends', () => {
    const part = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('a:1', 'Basic Og==', '[::1]:80'))
    fc.assert(
      fc.property(part, part, part, (target, host, value) => {
        const headers = [
          ['Host', host],
          ['Proxy-Authorization', value],
        ] as const
        const result = acceptTunnel({ method: 'CONNECT', target, headers }, { authenticate: () => true })
        if (result.ok) expect(result.port >= 1 && result.port <= 65_535 && result.hostname !== '').toBe(true)
        else expect(result.response.headers[0]).toEqual(['Connection', 'close'])
      }),
    )
  })
})

it('a 2xx to CONNECT has no field that tells of a body, and no body', () => {
  const response = { status: 200, tunnel: true } as const
  for (const name of ['Content-Length', 'Transfer-Encoding'])
    expect(() => formatResponseHead({ ...response, headers: { [name]: '0' } })).toThrow(
      new TypeError(`a 200 to CONNECT has no ${name} (RFC 9110 §8.6, RFC 9112 §6.1)`),
    )
  expect(() => formatResponse({ ...response, body: 'x' })).toThrow(TypeError)
  expect(toText(formatResponse({ status: 502, tunnel: true }))).toContain('Content-Length: 0')
})
