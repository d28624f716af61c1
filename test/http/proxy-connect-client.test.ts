<<<<<<< HEAD
/** Holds how a client asks for a tunnel, and what it makes of the answer (RFC 9110 §9.3.6). */
=======
/** Holds the client's side of CONNECT: exact bytes of what is asked, and what is made of every answer (RFC 9110 §9.3.6). */
>>>>>>> 092043d5b94855c92e34efb39258689b186294e9

import { describe, expect, it } from 'vitest'
import { formatRequestHead } from '../../src/http/head-format.ts'
import { offerTunnel, verifyTunnel } from '../../src/http/proxy-connect-client.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
<<<<<<< HEAD
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
=======
import { splits } from '../wire.ts'
import { latin1, toText } from './head.ts'

const lines = (...all: readonly string[]): string => `${[...all, '', ''].join('\r\n')}`

describe('asks', () => {
  it.each([
    ['server.example.com', 80, 'server.example.com:80'],
    ['Example.COM', 443, 'Example.COM:443'],
    ['127.0.0.1', 1, '127.0.0.1:1'],
    ['::1', 65_535, '[::1]:65535'],
    ['[2001:db8::7]', 443, '[2001:db8::7]:443'],
    ['::ffff:192.0.2.1', 443, '[::ffff:192.0.2.1]:443'],
    ['xn--bcher-kva.example', 8443, 'xn--bcher-kva.example:8443'],
    ['a_b', 443, 'a_b:443'],
  ])('for %s and port %i as %s, in the target and in Host', (hostname, port, target) => {
    expect(toText(formatRequestHead(offerTunnel(hostname, port)))).toBe(
      lines(`CONNECT ${target} HTTP/1.1`, `Host: ${target}`),
    )
  })

  it('with credentials, as RFC 9110 §9.3.6 does', () => {
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

  it('with credentials of another scheme', () => {
    const head = offerTunnel('a', 443, { headers: { 'proxy-authorization': 'Bearer x' } })
    expect(head.headers).toEqual([
      ['Host', 'a:443'],
      ['proxy-authorization', 'Bearer x'],
    ])
  })

  it.each([0, -1, 65_536, 1.5, Number.NaN, Infinity])('not for the port %s', (port) => {
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
  ])('not for the host %j, which is not repeated', (hostname) => {
    expect(() => offerTunnel(hostname, 443)).toThrow(
      new TypeError('`hostname` is no host name and no address, or has a port (RFC 9110 §9.3.6)'),
    )
  })

  it.each([{ Host: 'b' }, { 'content-length': '0' }, { 'Transfer-Encoding': 'chunked' }])('not with %j', (headers) => {
    expect(() => offerTunnel('a', 443, { headers })).toThrow(TypeError)
  })

  it('not with credentials twice, nor with such as no field can carry', () => {
    const credentials = { username: 'a', password: 'b' }
    expect(() => offerTunnel('a', 443, { credentials, headers: { 'Proxy-Authorization': 'x' } })).toThrow(TypeError)
    expect(() => offerTunnel('a', 443, { credentials: { ...credentials, username: 'a:b' } })).toThrow(TypeError)
  })
})

describe('makes of an answer', () => {
  it.each([
    ['HTTP/1.1 200 Connection established', []],
    ['HTTP/1.0 200 OK', []],
    ['HTTP/1.1 200', []],
    ['HTTP/1.1 200 OK', ['Content-Length: 5']],
    ['HTTP/1.1 200 OK', ['Transfer-Encoding: chunked']],
    ['HTTP/1.1 200 OK', ['Content-Length: 5', 'Content-Length: x', 'Transfer-Encoding: chunked']],
    ['HTTP/1.1 204 No Content', []],
    ['HTTP/1.1 299 Odd', ['Connection: close']],
  ])('%j %j a tunnel, and what follows is the other end’s', (status, fields) => {
    const bytes = latin1(`${lines(status, ...fields)}hello, I am the other end`)
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
      expect(through).toBe('hello, I am the other end')
    }
  })

  it('a 407 the challenges, a line each', () => {
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
  })

  it.each([300, 302, 400, 401, 403, 404, 405, 426, 500, 502, 503, 504, 599])('a %i a refusal', (status) => {
    const outcome = verifyTunnel({ status, reason: 'No "way"' })
    expect(outcome).toMatchObject({ ok: false, kind: 'refused', status })
    if (outcome.ok) throw new Error('open')
    expect(outcome.faults[0]).toMatchObject({ code: 'status', status, reference: 'RFC 9110 §9.3.6' })
    expect(outcome.faults[0].message).toContain(`the proxy answered ${status} `)
  })

  it('a 101 nothing, for nothing was offered that it could name', () => {
    const headers = { upgrade: 'websocket', connection: 'upgrade' }
    expect(verifyTunnel({ status: 101, headers })).toMatchObject({ ok: false, kind: 'invalid', status: 101 })
  })

  it('interim answers nothing yet', () => {
    const heads = new ResponseHeadParser()
    const parsed = heads.push(latin1(lines('HTTP/1.1 100 Continue') + lines('HTTP/1.1 200 OK')))
    expect(parsed && verifyTunnel(parsed)).toEqual({ ok: true, kind: 'open', status: 200 })
  })

  it.each([
    'SSH-2.0-OpenSSH\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\0\0\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 200 OK\n\n',
  ])('%j a fault, and never throws', (text) => {
    const parsed = new ResponseHeadParser().push(latin1(text))
    expect(parsed && verifyTunnel(parsed)).toMatchObject({ ok: false, kind: 'invalid', status: undefined })
  })

  it('what Node’s `connect` event of a client gives', () => {
    expect(verifyTunnel({ statusCode: 200, rawHeaders: ['Content-Length', '5'] })).toMatchObject({ kind: 'open' })
    const rawHeaders = ['Proxy-Authenticate', 'Basic realm="a"']
    expect(verifyTunnel({ statusCode: 407, rawHeaders })).toMatchObject({ challenges: ['Basic realm="a"'] })
  })
>>>>>>> 092043d5b94855c92e34efb39258689b186294e9
})
