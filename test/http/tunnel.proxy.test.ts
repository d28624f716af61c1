/** Tests the proxy side of CONNECT: target, credentials, and exact bytes of each response (RFC 9110 §9.3.6, RFC 9112 §3.2). */

import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { BasicCredentials } from '../../src/http/basic-credentials.ts'
import { formatRequestHead, formatResponse, formatResponseHead } from '../../src/http/head-format.ts'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { acceptTunnel, offerTunnel, verifyTunnel } from '../../src/http/tunnel.ts'
import { latin1, readInEverySplit, toText } from './head.ts'

const lines = (...all: readonly string[]): string => `${[...all, '', ''].join('\r\n')}`

function parse(text: string) {
  const parsed = new RequestHeadParser().push(latin1(text))
  if (parsed === undefined) throw new Error('incomplete')
  return parsed
}

/** Parses a request for a target, with a valid Host unless `fields` contain one. */
const asking = (target: string, ...fields: readonly string[]) =>
  parse(
    lines(
      `CONNECT ${target} HTTP/1.1`,
      ...(fields.some((each) => /^host:/i.test(each)) ? [] : ['Host: a:443']),
      ...fields,
    ),
  )

describe('acceptTunnel accepts', () => {
  it.each([
    ['server.example.com:80', 'server.example.com', 80],
    ['EXAMPLE.com:443', 'example.com', 443],
    ['[::1]:8080', '::1', 8080],
    ['[2001:DB8::7]:443', '2001:db8::7', 443],
    ['127.0.0.1:1', '127.0.0.1', 1],
    ['a:65535', 'a', 65_535],
    ['a:00443', 'a', 443],
  ])('%s as the host %s and the port %i', (target, hostname, port) => {
    const accepted = acceptTunnel(asking(target))
    expect(accepted).toMatchObject({ ok: true, hostname, port, credentials: undefined })
    expect(toText(formatResponse(accepted.response))).toBe('HTTP/1.1 200 OK\r\n\r\n')
    expect(toText(formatResponseHead(accepted.response as { status: number }))).toBe('HTTP/1.1 200 OK\r\n\r\n')
  })

  it('an HTTP/1.0 request without Host, and an empty body', () => {
    expect(acceptTunnel(parse(lines('CONNECT a:443 HTTP/1.0')))).toMatchObject({ ok: true, hostname: 'a' })
    expect(acceptTunnel(asking('a:443', 'Content-Length: 0'))).toMatchObject({ ok: true })
  })

  it('the target, whatever Host is (RFC 9112 §3.2)', () => {
    expect(acceptTunnel(asking('a:443', 'Host: b'))).toMatchObject({ ok: true, hostname: 'a', port: 443 })
  })

  it('extra fields for the 200, except those that describe a body', () => {
    const { response } = acceptTunnel(asking('a:443'), { headers: { Via: '1.1 b' } })
    expect(toText(formatResponse(response))).toBe('HTTP/1.1 200 OK\r\nVia: 1.1 b\r\n\r\n')
    for (const headers of [{ 'Content-Length': '0' }, { 'transfer-encoding': 'chunked' }]) {
      expect(() => acceptTunnel(asking('a:443'), { headers })).toThrow(TypeError)
      expect(() => formatResponse({ status: 200, tunnel: true, headers })).toThrow(TypeError)
    }
    expect(() => formatResponse({ status: 200, tunnel: true, body: 'a' })).toThrow(TypeError)
    expect(toText(formatResponse({ status: 502, tunnel: true }))).toContain('Content-Length: 0')
  })

  it('the request of Node’s `connect` event', () => {
    const request = { method: 'CONNECT', url: 'a:443', httpVersion: '1.1', rawHeaders: ['Host', 'a:443'] }
    expect(acceptTunnel(request)).toMatchObject({ ok: true, hostname: 'a', port: 443 })
  })

  it('a request in any chunking, and leaves the rest', () => {
    const read = readInEverySplit(
      () => new RequestHeadParser(),
      `${lines('CONNECT a:443 HTTP/1.1', 'Host: a')}\x16\x03\x01`,
    )
    expect(read).toMatchObject({ ok: true, rest: '\x16\x03\x01' })
  })
})

describe('acceptTunnel refuses', () => {
  it.each([
    ['no port', 'a'],
    ['an empty port', 'a:'],
    ['the port 0', 'a:0'],
    ['a port that is too large', 'a:65536'],
    ['a port of many digits', 'a:000443'],
    ['a port that only JavaScript reads', 'a:0x50'],
    ['a signed port', 'a:+80'],
    ['no host', ':443'],
    ['a path', '/a:443'],
    ['a URL', 'http://a:443/'],
    ['an asterisk', '*'],
    ['a user', 'user:secret@a:443'],
    ['an address without brackets', '::1:443'],
    ['an unclosed bracket', '[::1:443'],
    ['half an escape', 'a%2:443'],
    ['a query', 'a:443?b'],
    ['an invalid address', '[cafe.de]:443'],
    ['an address of colons', '[::::::]:443'],
    ['a zone', '[fe80::1%25a]:443'],
    ['an address of an unknown kind', '[v1.a]:443'],
  ])('%s', (_, target) => {
    const refused = acceptTunnel(asking(target))
    if (refused.ok) throw new Error('granted')
    expect(refused).toMatchObject({ isConnectRequest: true, errors: [{ code: 'target', status: 400 }] })
    expect(refused.response).toMatchObject({ status: 400 })
    expect(refused.response.headers).toContainEqual(['Connection', 'close'])
    expect(refused.response.body).not.toContain('secret')
  })

  it.each([
    ['no Host', lines('CONNECT a:443 HTTP/1.1'), 'host'],
    ['two Host lines', lines('CONNECT a:443 HTTP/1.1', 'Host: a', 'Host: a'), 'host'],
    ['an invalid Host', lines('CONNECT a:443 HTTP/1.1', 'Host: a b'), 'host'],
    ['a body', lines('CONNECT a:443 HTTP/1.1', 'Host: a', 'Content-Length: 5'), 'request-body'],
    ['chunks', lines('CONNECT a:443 HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'), 'request-body'],
    ['different lengths', lines('CONNECT a:443 HTTP/1.1', 'Host: a', 'Content-Length: 0, 5'), 'request-body'],
  ])('%s', (_, text, code) => {
    const refused = acceptTunnel(parse(text))
    expect(refused).toMatchObject({ ok: false, isConnectRequest: true, response: { status: 400 } })
    if (!refused.ok) expect(refused.errors.map((error) => error.code)).toEqual([code])
  })

  it('a request with several errors, and reports all of them', () => {
    const refused = acceptTunnel(parse(lines('CONNECT a HTTP/1.1', 'Content-Length: 5')))
    if (refused.ok) throw new Error('granted')
    expect(refused.errors.map(({ code }) => code)).toEqual(['target', 'host', 'request-body'])
  })

  it('an unreadable head, with the parser’s response', () => {
    const parsed = parse('CONNECT a:443 HTTP/1.1\r\nHost : a\r\n\r\n')
    const refused = acceptTunnel(parsed)
    if (parsed.ok || refused.ok) throw new Error('accepted')
    expect(refused.isConnectRequest).toBe(true)
    expect(refused.errors).toBe(parsed.errors)
    expect(refused.response).toBe(parsed.response)
    expect(refused.response.headers).toContainEqual(['Connection', 'close'])
  })

  it.each(['GET', 'OPTIONS', 'connect', 'HEAD'])('%s, which does not ask for a tunnel', (method) => {
    const refused = acceptTunnel(parse(lines(`${method} / HTTP/1.1`, 'Host: a')))
    if (refused.ok) throw new Error('granted')
    expect(refused).toMatchObject({
      isConnectRequest: false,
      errors: [{ code: 'method' }],
      response: { status: 405 },
    })
    expect(refused.response.headers).toContainEqual(['Allow', 'CONNECT'])
    expect(refused.response.body === '').toBe(method === 'HEAD')
  })

  it('HTTP/2 and an invalid field section, without throwing', () => {
    const http2 = { ':method': 'CONNECT', ':authority': 'a:443' }
    expect(acceptTunnel(http2)).toMatchObject({ ok: false, isConnectRequest: false, response: { status: 405 } })
    expect(acceptTunnel({ ...http2, ok: 'true' } as typeof http2)).toMatchObject({
      ok: false,
      isConnectRequest: false,
    })
    const broken = {
      httpVersion: '2',
      fields: [
        [':method', 'CONNECT'],
        [':method', 'GET'],
      ],
    } as const
    expect(acceptTunnel(broken)).toMatchObject({ ok: false, response: { status: 400 } })
  })

  it('with exact bytes', () => {
    const { response } = acceptTunnel(asking('a:0'))
    expect(toText(formatResponse(response))).toBe(
      `${lines(
        'HTTP/1.1 400 Bad Request',
        'Connection: close',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Length: 45',
      )}the target has the port "0" (RFC 9112 \xc2\xa73.2)\n`,
    )
  })
})

describe('authenticate', () => {
  const aladdin = 'Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='
  const authenticate = (credentials: BasicCredentials | undefined) => credentials?.password === 'open sesame'

  it('accepts valid credentials', () => {
    const accepted = acceptTunnel(asking('a:443', aladdin), { authenticate })
    expect(accepted).toMatchObject({ ok: true, credentials: { username: 'Aladdin', password: 'open sesame' } })
  })

  it('is optional: the result contains the credentials', () => {
    expect(acceptTunnel(asking('a:443', aladdin))).toMatchObject({ ok: true, credentials: { username: 'Aladdin' } })
  })

  it.each<[string, readonly string[]]>([
    ['no credentials', []],
    ['a wrong password', ['Proxy-Authorization: Basic QWxhZGRpbjo=']],
    ['credentials for the server', [aladdin.replace('Proxy-', '')]],
    ['repeated credentials', [aladdin, aladdin]],
    ['another scheme', ['Proxy-Authorization: Bearer open']],
    ['unreadable credentials', ['Proxy-Authorization: Basic !']],
  ])('refuses %s with a 407 and the challenge', (_, fields) => {
    const refused = acceptTunnel(asking('a:443', ...fields), { authenticate, realm: 'cave' })
    if (refused.ok) throw new Error('granted')
    expect(refused).toMatchObject({ isConnectRequest: true, errors: [{ code: 'credentials', status: 407 }] })
    expect(refused.response).toMatchObject({ status: 407 })
    expect(refused.response.headers.slice(0, 2)).toEqual([
      ['Connection', 'close'],
      ['Proxy-Authenticate', 'Basic realm="cave", charset="UTF-8"'],
    ])
    expect(refused.response.body).not.toMatch(/QWxh|open|Aladdin/)
  })

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [1, 'a number'],
    ['true', 'a string'],
    [Promise.resolve(true), 'a promise'],
    [{}, 'an object'],
  ])('must return true or false, not %s', (answer, found) => {
    expect(() => acceptTunnel(asking('a:443', aladdin), { authenticate: () => answer as boolean })).toThrow(
      new TypeError(`\`authenticate\` must return true or false, at once; it returned ${found}`),
    )
  })

  it('is called only for valid requests, and its errors are rethrown', () => {
    const asked = vi.fn(() => true)
    acceptTunnel(asking('a:0', aladdin), { authenticate: asked })
    acceptTunnel(parse(lines('GET / HTTP/1.1', 'Host: a')), { authenticate: asked })
    expect(asked).not.toHaveBeenCalled()
    const failure = new Error('the list of accounts is gone')
    const authenticate = () => {
      throw failure
    }
    expect(() => acceptTunnel(asking('a:443'), { authenticate })).toThrow(failure)
  })

  it('needs a realm that a field value can contain, checked for any request', () => {
    expect(() => acceptTunnel(asking('a:0'), { realm: 'a\nb' })).toThrow(TypeError)
  })
})

describe('both sides', () => {
  const label = fc.string({ unit: fc.constantFrom(...'abcxyz019-'), minLength: 1, maxLength: 12 })
  const hostname = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 4 }).map((all) => all.join('.')),
    fc.ipV4(),
    fc.ipV6(),
  )
  const port = fc.integer({ min: 1, max: 65_535 })
  const readable = fc.string({ unit: 'grapheme' })
  const credentials = fc.record({ username: readable.map((text) => text.replaceAll(':', '')), password: readable })

  it('understand each other', () => {
    fc.assert(
      fc.property(hostname, port, fc.option(credentials, { nil: undefined }), (host, toPort, sent) => {
        const parsed = new RequestHeadParser().push(formatRequestHead(offerTunnel(host, toPort, { credentials: sent })))
        if (parsed === undefined) throw new Error('incomplete')
        const accepted = acceptTunnel(parsed)
        expect(accepted).toMatchObject({ ok: true, hostname: host, port: toPort })
        if (accepted.ok) expect(accepted.credentials).toEqual(sent)
        const answer = new ResponseHeadParser().push(formatResponse(accepted.response))
        expect(answer && verifyTunnel(answer)).toEqual({ ok: true, kind: 'open', status: 200 })
      }),
    )
  })

  it('never throw for what the other sends', () => {
    const text = fc.string({ unit: 'binary-ascii', maxLength: 30 })
    fc.assert(
      fc.property(text, fc.array(text), (target, values) => {
        const headers = values.map((value) => ['Proxy-Authorization', value] as const)
        const source = {
          method: 'CONNECT',
          target,
          httpVersion: '1.1',
          headers: [['Host', target], ...headers],
        } as const
        const result = acceptTunnel(source)
        expect([200, 400]).toContain(result.response.status)
        verifyTunnel({ status: 407, headers })
      }),
    )
  })
})

it('refuses over HTTP/2 and HTTP/3 without Connection', () => {
  for (const httpVersion of ['2', '3'] as const) {
    const fields = [
      [':method', 'CONNECT'],
      [':authority', 'a:443'],
    ] as const
    const { response } = acceptTunnel({ httpVersion, fields })
    expect(response.status).toBe(405)
    expect(response.headers.map(([name]) => name)).toEqual(['Allow', 'Content-Type'])
  }
})
it('limits the number of fields by the caller’s limits', () => {
  const rawHeaders = ['Host', 'a:443', ...Array.from({ length: 100 }, () => ['a', 'b']).flat()]
  const request = { method: 'CONNECT', url: 'a:443', httpVersion: '1.1', rawHeaders }
  expect(acceptTunnel(request)).toMatchObject({ ok: false, response: { status: 431 } })
  expect(acceptTunnel(request, { limits: { maxHeadFields: 101 } })).toMatchObject({ ok: true, port: 443 })
  expect(() => acceptTunnel(request, { maxHeadFields: 101 } as object)).toThrow(/limits\.maxHeadFields/)
})
