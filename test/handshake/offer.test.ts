/** Tests the exact bytes of a client's opening request, and its destination. */

import { describe, expect, it } from 'vitest'
import { defineExtension } from '../../src/extensions/define.ts'
import type { DefinedExtension, ExtensionParams, ExtensionParamsSource } from '../../src/extensions/extension.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { type OfferOptions, offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { formatRequestHead } from '../../src/http/head-format.ts'
import { getHeader, getHeaders } from '../../src/http/headers.ts'
import { toText } from '../http/head.ts'
import { answer, KEY } from './opening.ts'

const requestText = (url: string, options: OfferOptions = {}) =>
  toText(formatRequestHead(offerHandshake(url, { key: KEY, ...options }).request))

describe('the bytes of an offer', () => {
  it('match RFC 6455 §1.2, except for the order of the fields', () => {
    const options = { subprotocols: ['chat', 'superchat'], origin: 'http://example.com' }
    expect(requestText('ws://server.example.com/chat', options)).toBe(
      'GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Protocol: chat, superchat\r\nOrigin: http://example.com\r\n\r\n',
    )
  })
  it('end with the extra headers, and an extra Host replaces that of the URL', () => {
    expect(requestText('ws://a:1/', { headers: { Cookie: 'b=c', host: 'other' } })).toBe(
      'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Version: 13\r\nCookie: b=c\r\nhost: other\r\n\r\n',
    )
  })
})

describe('a version', () => {
  it('is the first supported one', () => {
    expect(requestText('ws://a/', { versions: [8, 13] })).toContain('\r\nSec-WebSocket-Version: 8\r\n')
  })
  it('before 13 sends its origin in another field', () => {
    const options = { origin: 'http://b' }
    expect(requestText('ws://a/', { ...options, versions: [8] })).toContain('\r\nSec-WebSocket-Origin: http://b\r\n')
    expect(requestText('ws://a/', { ...options, versions: [13, 8] })).toContain('\r\nOrigin: http://b\r\n')
  })
  it('throws if it is invalid', () => {
    for (const versions of [[], [256], [13, -1]]) expect(() => requestText('ws://a/', { versions })).toThrow(RangeError)
  })
})

describe('the destination', () => {
  it.each<[url: string, secure: boolean, hostname: string, port: number, host: string, target: string]>([
    ['ws://a.example', false, 'a.example', 80, 'a.example', '/'],
    ['ws://a.example:80/b', false, 'a.example', 80, 'a.example', '/b'],
    ['ws://a.example:443/', false, 'a.example', 443, 'a.example:443', '/'],
    ['wss://a.example/b?c=d', true, 'a.example', 443, 'a.example', '/b?c=d'],
    ['wss://a.example:443', true, 'a.example', 443, 'a.example', '/'],
    ['wss://a.example:80?c', true, 'a.example', 80, 'a.example:80', '/?c'],
    ['WS://A.Example:8080', false, 'a.example', 8080, 'a.example:8080', '/'],
    ['ws://[::1]:9000/', false, '::1', 9000, '[::1]:9000', '/'],
    ['wss://[2001:db8:0::1]', true, '2001:db8::1', 443, '[2001:db8::1]', '/'],
    ['ws://127.1/', false, '127.0.0.1', 80, '127.0.0.1', '/'],
    ['ws://bücher.example/ü?ü', false, 'xn--bcher-kva.example', 80, 'xn--bcher-kva.example', '/%C3%BC?%C3%BC'],
    ['ws://a/b c?d e', false, 'a', 80, 'a', '/b%20c?d%20e'],
    ['ws://a/b/../c/%2e%2e/d', false, 'a', 80, 'a', '/d'],
    ['ws://a//b', false, 'a', 80, 'a', '//b'],
    ['ws://a/\u{1f600}', false, 'a', 80, 'a', '/%F0%9F%98%80'],
    [' ws://a/b ', false, 'a', 80, 'a', '/b'],
    ['ws://a/b\r\nX: y', false, 'a', 80, 'a', '/bX:%20y'],
    ['ws://a/?', false, 'a', 80, 'a', '/'],
  ])('%j', (url, secure, hostname, port, host, target) => {
    const offer = offerHandshake(url)
    expect({ secure, hostname, port }).toEqual({ secure: offer.secure, hostname: offer.hostname, port: offer.port })
    expect(getHeaders(offer.request.headers, 'host')).toEqual([host])
    expect(offer.request).toMatchObject({ method: 'GET', target, httpVersion: '1.1' })
    expect(offer.url).toBe(`${secure ? 'wss' : 'ws'}://${host}${target}`)
    // Every request can be formatted.
    expect(formatRequestHead(offer.request).length).toBeGreaterThan(100)
  })
  it('may be a URL object', () => {
    expect(offerHandshake(new URL('wss://a/b')).url).toBe('wss://a/b')
  })
  it.each([
    ['localhost:8080', 'localhost:'],
    ['ftp://a/', 'ftp:'],
  ])('must not begin as %s does', (url, scheme) => {
    const expected = '`url` must begin with ws:// or wss:// (or http:// or https://)'
    expect(() => offerHandshake(url)).toThrow(new TypeError(`${expected}, not with ${scheme}`))
  })
  it('may have http and https instead of ws and wss, as in browsers', () => {
    expect(offerHandshake('https://a.example/x')).toMatchObject({ url: 'wss://a.example/x', secure: true, port: 443 })
    expect(offerHandshake(new URL('HTTP://a.example:80'))).toMatchObject({
      url: 'ws://a.example/',
      secure: false,
      port: 80,
    })
    expect(offerHandshake('https://a.example:80/')).toMatchObject({ url: 'wss://a.example:80/', port: 80 })
    expect(offerHandshake('https://a/', { httpVersion: '2' }).request).toMatchObject({
      scheme: 'https',
      authority: 'a',
    })
  })
  it.each<[url: string, serverName: string | undefined]>([
    ['wss://a.example../', 'a.example'],
    ['wss://a.example/', 'a.example'],
    ['wss://A.Example:8443/', 'a.example'],
    ['ws://a.example/', 'a.example'],
    ['wss://a.example./', 'a.example'],
    ['wss://localhost/', 'localhost'],
    ['wss://1a.example/', '1a.example'],
    ['wss://bücher.example/', 'xn--bcher-kva.example'],
    ['wss://127.0.0.1/', undefined],
    ['wss://127.1/', undefined],
    ['wss://0x7f000001/', undefined],
    ['wss://2130706433/', undefined],
    ['wss://127.0.0.1./', undefined],
    ['wss://[::1]/', undefined],
    ['wss://[::ffff:127.0.0.1]:1/', undefined],
  ])('%j has the TLS server name %j', (url, serverName) => {
    expect(offerHandshake(url).serverName).toBe(serverName)
  })
  it.each([
    'ftp://a/',
    'file:///a',
    'httpx://a/',
    'https://a/#b',
    'ws://a"b/',
    'ws://a,b/',
    'wsx://a/',
    'ws:',
    'ws://',
    'a.example',
    '/a',
    '',
    'javascript:alert(1)',
    'ws://a:99999/',
    'ws://a b/',
    'ws://[::1/',
    'ws://a/#',
    'ws://a/#b',
    'ws://a#',
    'ws://a/b?c#d',
  ])('%j is not a WebSocket URL', (url) => {
    expect(() => offerHandshake(url)).toThrow(TypeError)
  })
})

describe('a user and password in the URL', () => {
  const authorization = (url: string, options?: OfferOptions) =>
    getHeader(offerHandshake(url, options).request.headers, 'authorization')
  it('become Basic credentials and leave the URL (RFC 7617)', () => {
    expect(authorization('ws://Aladdin:open%20sesame@a/')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
    expect(offerHandshake('ws://u:p@a:1/b').url).toBe('ws://a:1/b')
    expect(getHeader(offerHandshake('ws://u:p@a:1/b').request.headers, 'host')).toBe('a:1')
  })
  it('may lack either part and contain any UTF-8', () => {
    expect(authorization('ws://u@a/')).toBe(`Basic ${btoa('u:')}`)
    expect(authorization('ws://:p@a/')).toBe(`Basic ${btoa(':p')}`)
    expect(authorization('ws://test:123%C2%A3@a/')).toBe('Basic dGVzdDoxMjPCow==')
    expect(authorization('ws://%FF@a/')).toBe(`Basic ${btoa('%FF:')}`)
    expect(authorization('ws://a/')).toBeUndefined()
  })
  it('are ignored if `headers` contain Authorization', () => {
    expect(authorization('ws://u:p@a/', { headers: { AUTHORIZATION: 'Bearer x' } })).toBe('Bearer x')
  })
})

describe('options', () => {
  it('set the key; otherwise every offer gets a new one', () => {
    expect(offerHandshake('ws://a/', { key: KEY }).key).toBe(KEY)
    const keys = Array.from({ length: 50 }, () => offerHandshake('ws://a/').key)
    expect(new Set(keys).size).toBe(50)
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9+/]{21}[AQgw]==$/)
  })
  it('set a proxy’s target, which is sent unchanged', () => {
    for (const target of ['/a/../b%2e', '//evil.example/', '/?', "/a'b|c^d"])
      expect(offerHandshake('ws://a/x', { target }).request.target).toBe(target)
  })
  it.each<OfferOptions>([
    { subprotocols: ['a', 'a'] },
    { subprotocols: ['a', 'b', 'a'] },
    { subprotocols: [''] },
    { subprotocols: ['a b'] },
    { subprotocols: ['a,b'] },
    { subprotocols: ['a\r\nb'] },
    { subprotocols: ['é'] },
    { key: '' },
    { key: 'x' },
    { key: 'dGhlIHNhbXBsZSBub25jZQ' },
    { origin: 'http://a\r\nX: y' },
    { origin: 'http://\u212a' },
    { target: '' },
    { target: 'a' },
    { target: '*' },
    { target: 'ftp://a/' },
    { target: 'http:a' },
    { target: 'http://' },
    { target: 'http:///b' },
    { target: 'http://u:p@a/' },
    { target: 'http://a/#b' },
    { target: 'http://a/', httpVersion: '2' },
    { target: '/a b' },
    { target: '/a\r\nX: y' },
    { target: '/é' },
    { headers: { upgrade: 'x' } },
    { headers: { CONNECTION: 'x' } },
    { headers: { 'sec-websocket-key': KEY } },
    { headers: [['Sec-WebSocket-Version', '8']] },
    { headers: { 'Sec-WebSocket-Protocol': 'a' } },
    { headers: { 'Sec-WebSocket-Extensions': 'a' } },
    { headers: { 'Content-Length': 5 } },
    { headers: { 'transfer-encoding': 'chunked' } },
  ])('throw for %j', (options) => {
    expect(() => offerHandshake('ws://a/', options)).toThrow(TypeError)
  })
  it('set a target in absolute form for a forward proxy, sent unchanged (RFC 9112 §3.2.2)', () => {
    for (const target of ['http://a/', 'http://a', 'HTTPS://a.example:1/b?c', 'ws://[::1]/', 'http://a?b']) {
      const { request } = offerHandshake('ws://a/x', { target })
      expect(request.target).toBe(target)
      expect(acceptHandshake(request).ok).toBe(true)
    }
  })
  it('throw if one is unknown, and name the nearest known one', () => {
    const options = (some: object) => () => offerHandshake('ws://a/', some)
    expect(options({ protocols: ['a'] })).toThrow(
      'the options of offerHandshake: unknown option "protocols"; did you mean `subprotocols`?',
    )
    expect(options({ maxPayload: 5 })).toThrow('the options of offerHandshake: unknown option "maxPayload"')
    expect(options({ header: {} })).toThrow('did you mean `headers`?')
    expect(options({ version: '2' })).toThrow('did you mean `httpVersion`?')
    expect(options({ versoins: [13] })).toThrow('did you mean `versions`?')
  })
  it('may contain subprotocols that differ only in letter case', () => {
    expect(requestText('ws://a/', { subprotocols: ['a', 'A', '__proto__'] })).toContain(
      'Sec-WebSocket-Protocol: a, A, __proto__\r\n',
    )
  })
})

describe('an offer is independent', () => {
  const codec = { name: 'x', rsv: 0, accept: () => undefined, verify: () => null, open: () => undefined }
  const shared: ExtensionParamsSource[] = [[['a', '1']]]
  const extension = defineExtension({ ...codec, offer: () => shared })
  const given = () => ({ subprotocols: ['a'], extensions: [extension], headers: [['X-A', 'b']] as [string, string][] })
  const evil = {
    protocol: answer({ 'Sec-WebSocket-Protocol': 'evil' }),
    extension: answer({ 'Sec-WebSocket-Extensions': 'evil' }),
  }
  const refused = { ok: false, kind: 'invalid' }

  it('of changes to the options passed in', () => {
    const options = given()
    const offer = offerHandshake('ws://a/', { key: KEY, ...options })
    options.subprotocols.push('evil')
    options.extensions.push(defineExtension({ ...extension, name: 'evil' }))
    options.headers.push(['X-B', 'c'])
    expect(verifyHandshake(evil.protocol, offer)).toMatchObject(refused)
    expect(verifyHandshake(evil.extension, offer)).toMatchObject(refused)
    expect(offer.options).toMatchObject({ subprotocols: ['a'], headers: [['X-A', 'b']] })
    expect(offer.options.extensions).toHaveLength(1)
    expect(getHeaders(offer.request.headers, 'X-B')).toEqual([])
  })
  it('of changes to the options and the request it returns', () => {
    const offer = offerHandshake('ws://a/b/c', { key: KEY, ...given() })
    const handedOut = offer.options as {
      subprotocols: string[]
      extensions: DefinedExtension[]
      requireSubprotocol: boolean
    }
    handedOut.subprotocols.push('evil')
    handedOut.extensions.push(defineExtension({ ...extension, name: 'evil' }))
    handedOut.requireSubprotocol = true
    offer.request.headers.push(['Sec-WebSocket-Extensions', 'evil'], ['Sec-WebSocket-Protocol', 'evil'])
    offer.request.target = '//evil.example/'
    offer.request.httpVersion = '2'
    expect(verifyHandshake(evil.protocol, offer)).toMatchObject(refused)
    expect(verifyHandshake(evil.extension, offer)).toMatchObject(refused)
    expect(verifyHandshake(answer(), offer)).toMatchObject({ ok: true, subprotocol: undefined })
    expect(verifyHandshake({ status: 302, headers: { location: 'd' } }, offer)).toMatchObject({
      location: 'ws://a/b/d',
    })
  })
  it('of an extension that changes its arguments', () => {
    const seen: unknown[] = []
    const meddler = defineExtension({
      ...extension,
      verify(response, offers) {
        seen.push(structuredClone(offers))
        response.push(['evil', true])
        for (const params of offers) (params as ExtensionParams).push(['evil', true])
        return null
      },
    })
    const offer = offerHandshake('ws://a/', { key: KEY, extensions: [meddler] })
    shared[0] = [['b', '2']]
    const fitting = answer({ 'Sec-WebSocket-Extensions': 'x' })
    for (let i = 0; i < 2; i++) expect(verifyHandshake(fitting, offer)).toMatchObject({ ok: true })
    expect(seen).toEqual([[[['a', '1']]], [[['a', '1']]]])
  })
})
