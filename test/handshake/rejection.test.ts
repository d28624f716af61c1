/** Tests responses other than 101, by kind, and where a redirect leads. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { negotiateVersion } from '../../src/handshake/version.ts'
import { formatRequestHead } from '../../src/http/head-format.ts'
import { getHeaders, type HeaderRecord } from '../../src/http/headers.ts'
import { toHttp2Headers } from '../../src/http/http2-headers.ts'
import { type ParsedResponse, ResponseHeadParser } from '../../src/http/response-parser.ts'
import { refuseUpgrade } from '../../src/http/upgrade-server.ts'
import { latin1 } from '../http/head.ts'
import { runs } from '../share.ts'

const offer = offerHandshake('ws://u:p@a.example:8080/b/c?d')
const reject = (status: number, headers: HeaderRecord = {}, reason = '', asked = offer) => {
  const found = verifyHandshake({ status, reason, headers }, asked)
  if (found.ok) throw new Error('accepted')
  return found
}

describe('every rejection', () => {
  it.each([0, 100, 200, 204, 300, 304, 400, 401, 403, 404, 407, 426, 500, 503, 999])('%i has its status', (status) => {
    expect(reject(status)).toMatchObject({
      ok: false,
      status,
      errors: [{ code: 'status', status, reference: 'RFC 6455 §4.1' }],
    })
  })
  it('quotes the phrase in visible ASCII, shortened', () => {
    expect(reject(404, {}, 'Not Found').errors[0].message).toBe('expected 101, found 404 "Not Found"')
    const { message } = reject(404, {}, `\x9b\r\n\u202e${'x'.repeat(60_000)}`).errors[0]
    expect(message).toMatch(/^[ -~]{1,250}$/)
  })
})

describe('a redirect', () => {
  it.each<[location: string, resolved: string, sameOrigin: boolean]>([
    ['/x', 'ws://a.example:8080/x', true],
    ['x', 'ws://a.example:8080/b/x', true],
    ['?x', 'ws://a.example:8080/b/c?x', true],
    ['../../..', 'ws://a.example:8080/', true],
    ['//b.example/x', 'ws://b.example/x', false],
    ['ws://a.example:8080/', 'ws://a.example:8080/', true],
    ['http://a.example:8080/x', 'ws://a.example:8080/x', true],
    ['http://A.EXAMPLE:8080', 'ws://a.example:8080/', true],
    ['http://a.example/', 'ws://a.example/', false],
    ['http://a.example:80/', 'ws://a.example/', false],
    ['https://a.example:8080/', 'wss://a.example:8080/', false],
    ['https://a.example/', 'wss://a.example/', false],
    ['https://a.example:443/', 'wss://a.example/', false],
    ['https://a.example:80/', 'wss://a.example:80/', false],
    ['http://a.example:443/', 'ws://a.example:443/', false],
    ['http://u:p@b.example/#frag', 'ws://b.example/', false],
    ['/x#frag', 'ws://a.example:8080/x', true],
    ['#', 'ws://a.example:8080/b/c?d', true],
    ['http://a.example:8080@evil.example/', 'ws://evil.example/', false],
    ['http://a.example.evil:8080/', 'ws://a.example.evil:8080/', false],
    ['\\\\evil.example/', 'ws://evil.example/', false],
    // In a head, each code unit is one byte. The bytes are UTF-8, or stay unchanged.
    ['/caf\xc3\xa9', 'ws://a.example:8080/caf%C3%A9', true],
    ['/caf\xe9?\xe9', 'ws://a.example:8080/caf%E9?%E9', true],
    ['wss://b\xc3\xbccher.example/', 'wss://xn--bcher-kva.example/', false],
    ['//b\xc3\xbccher.example/\xff#\xe9', 'ws://xn--bcher-kva.example/%FF', false],
    ['/\u4e16\xe9', 'ws://a.example:8080/%E4%B8%96%C3%A9', true],
  ])('to %j leads to %s', (location, resolved, sameOrigin) => {
    for (const status of [301, 302, 303, 307, 308])
      expect(reject(status, { location })).toMatchObject({ kind: 'redirect', status, location: resolved, sameOrigin })
    expect(offerHandshake(resolved).url).toBe(resolved)
  })
  it('has the same origin with or without the default port, also for IPv6', () => {
    const secure = offerHandshake('wss://[::1]/')
    const sameOrigin = (location: string) =>
      (reject(307, { location }, '', secure) as { sameOrigin?: boolean }).sameOrigin
    expect(['https://[::1]/x', 'https://[::1]:443/', 'wss://[0:0::1]/', '/'].map(sameOrigin)).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect(['https://[::1]:444/', 'http://[::1]:443/', 'https://[::2]/'].map(sameOrigin)).toEqual([false, false, false])
  })
  it.each<string | string[] | undefined>([
    undefined,
    ['/a', '/a'],
    'ftp://a/',
    'javascript:alert(1)',
    'mailto:a',
    'http://',
    'wss://b\xfccher.example/',
    'http://\xff/',
    'http://a:99999/',
    'http://[/',
    'data:,x',
  ])('to %j is unusable, and becomes a refusal', (location) => {
    expect(reject(302, { location })).toMatchObject({ kind: 'refused', status: 302 })
  })
  it('is resolved against the requested target', () => {
    const asked = offerHandshake('ws://a/x', { target: '/b/c?d' })
    expect(reject(302, { location: 'd' }, '', asked)).toMatchObject({ location: 'ws://a/b/d', sameOrigin: true })
    expect(reject(302, { location: '?e' }, '', asked)).toMatchObject({ location: 'ws://a/b/c?e' })
    const double = offerHandshake('ws://a/x', { target: '//b.example/c' })
    expect(reject(302, { location: 'd' }, '', double)).toMatchObject({
      location: 'ws://a//b.example/d',
      sameOrigin: true,
    })
  })
  it('is resolved against the URL if the target was in absolute form, for a proxy', () => {
    const asked = offerHandshake('ws://b.example/dir/x', { target: 'http://b.example/dir/x' })
    expect(reject(302, { location: 'next' }, '', asked)).toMatchObject({
      location: 'ws://b.example/dir/next',
      sameOrigin: true,
    })
  })
  it.each<[isWebSocketRequest: string, location: string, downgrade: boolean]>([
    ['wss://a', 'http://a.example/', true],
    ['wss://a', 'ws://a/', true],
    ['wss://a', 'https://a.example/', false],
    ['wss://a', '/x', false],
    ['wss://a', '//b.example/', false],
    ['https://a', 'http://a/', true],
    ['ws://a', 'http://a.example/', false],
    ['ws://a', 'wss://a/', false],
  ])('from %s to %s has downgrade %j', (asked, location, downgrade) => {
    for (const httpVersion of ['1.1', '2'] as const)
      expect(reject(307, { location }, '', offerHandshake(asked, { httpVersion }))).toMatchObject({ downgrade })
  })
  it('leads to the same URL from Node, from Fetch and from HTTP/2', () => {
    const location = '/caf\xc3\xa9'
    const expected = { kind: 'redirect', location: 'ws://a.example:8080/caf%C3%A9' }
    const parsed = new ResponseHeadParser().push(latin1(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`))
    const sources = [
      parsed as ParsedResponse,
      { statusCode: 302, rawHeaders: ['Location', location] },
      new Response(null, { status: 302, headers: { location } }) as unknown as { status: number },
    ]
    for (const source of sources) expect(verifyHandshake(source, offer)).toMatchObject(expected)
    const shared = offerHandshake('ws://a.example:8080/', { httpVersion: '2' })
    const fields = [
      [':status', '302'],
      ['location', location],
    ] as const
    expect(verifyHandshake({ ':status': 302, location } as object, shared)).toMatchObject(expected)
    expect(verifyHandshake({ httpVersion: '2', fields }, shared)).toMatchObject(expected)
  })
  it('with any text leads to a valid URL for an offer, or is a refusal', () => {
    const pieces = ['http', 'ws', 's:', ':', '//', '/', '?', '#', '@', '[', ']', '::1', 'a', '.', '%', '%e9', ' ', '\t']
    const all = [
      ...pieces,
      '\\',
      '\x80',
      '\xc3\xa9',
      '\xff',
      '\u4e16',
      '\ud800',
      '\0',
      '\x7f',
      '|',
      '"',
      '99999',
      'xn--',
    ]
    let state = 1
    const next = (below: number) => {
      state = (state * 48271) % 2147483647
      return state % below
    }
    for (let i = 0; i < runs(600, 6000); i++) {
      const location = Array.from({ length: next(9) }, () => all[next(all.length)]).join('')
      const found = reject(302, [['location', location]] as unknown as HeaderRecord)
      if (found.kind !== 'redirect') continue
      for (const httpVersion of ['1.1', '2'] as const) {
        const { request } = offerHandshake(found.location, { httpVersion })
        if (httpVersion === '1.1') expect(formatRequestHead(request).length).toBeGreaterThan(0)
        else expect(toHttp2Headers(request)).toBeDefined()
        expect([found.location, acceptHandshake(request)]).toMatchObject([found.location, { ok: true }])
      }
    }
  })
  it('to port 0 is unusable', () => {
    expect(reject(302, { location: 'ws://b.example:0/' }).kind).toBe('refused')
  })
  it.each([300, 304, 305, 200, 404])('with %i is not a redirect', (status) => {
    expect(reject(status, { location: '/x' }).kind).toBe('refused')
  })
})

describe('a 401 or 407', () => {
  it('has challenges, one per line', () => {
    const headers = { 'WWW-Authenticate': ['Basic realm="a, b"', 'Bearer'], 'proxy-authenticate': 'Digest x' }
    expect(reject(401, headers)).toMatchObject({
      kind: 'unauthorized',
      status: 401,
      challenges: ['Basic realm="a, b"', 'Bearer'],
    })
    expect(reject(407, headers)).toMatchObject({ kind: 'unauthorized', status: 407, challenges: ['Digest x'] })
    expect(reject(401)).toMatchObject({ kind: 'unauthorized', challenges: [] })
  })
  it('has no empty challenge, so each is valid in our own refusal', () => {
    const answer = reject(401, { 'WWW-Authenticate': ['', ' ', 'Basic', '\xa0'] })
    expect(answer).toMatchObject({ kind: 'unauthorized', challenges: ['Basic', '\xa0'] })
    if (answer.kind === 'unauthorized')
      for (const challenge of answer.challenges)
        expect(refuseUpgrade(401, { headers: { 'WWW-Authenticate': challenge } }).status).toBe(401)
  })
})

describe('another version', () => {
  it.each<[number, string | string[], number[]]>([
    [426, '8, 7', [8, 7]],
    [400, ['8', '7, 0'], [8, 7, 0]],
    [426, '0xd, 8, 013, 256, x, 255', [8, 255]],
  ])('%i with %j', (status, version, versions) => {
    expect(reject(status, { 'sec-websocket-version': version })).toMatchObject({ kind: 'version', status, versions })
  })
  it.each<[number, string | undefined]>([
    [426, undefined],
    [426, ''],
    [426, 'x, y'],
    // If the list contains our version, the cause is different, and a client that retries with 13 would loop forever.
    [426, '13'],
    [400, '8, 13'],
    [400, `8${','.repeat(200)}`],
    [404, '8'],
    [503, '8'],
  ])('%i with %j is a refusal', (status, version) => {
    expect(reject(status, { 'sec-websocket-version': version }).kind).toBe('refused')
  })
})

describe('a client with several versions', () => {
  const versions = [14, 13, 8]
  const asked = offerHandshake('ws://a.example/', { versions })
  it('asks for the first, then for the best that the server lists', () => {
    expect(getHeaders(asked.request.headers, 'Sec-WebSocket-Version')).toEqual(['14'])
    const refused = acceptHandshake(asked.request, { versions: [8, 13] })
    const rejected = verifyHandshake(refused.response, asked)
    if (rejected.ok || rejected.kind !== 'version') throw new Error('no list of versions')
    expect(rejected.versions).toEqual([8, 13])
    const next = negotiateVersion(rejected.versions, versions)
    expect(next).toBe(13)
    const again = offerHandshake(asked.url, { versions: [next as number] })
    const accepted = acceptHandshake(again.request, { versions: [8, 13] })
    expect(accepted).toMatchObject({ ok: true, version: 13 })
    expect(verifyHandshake(accepted.response, again)).toMatchObject({ ok: true, version: 13 })
  })
  it('stops with any server if it retries as in the example of negotiateVersion', () => {
    const asked: number[] = []
    for (let mine: readonly number[] = [14, 13, 8]; mine.length > 0; ) {
      const offer = offerHandshake('ws://a.example/', { versions: mine })
      asked.push(mine[0] as number)
      const rejected = reject(426, { 'sec-websocket-version': asked.length % 2 ? '13, 8' : '14, 8' }, '', offer)
      if (rejected.kind !== 'version') break
      const [, ...others] = mine
      const next = negotiateVersion(rejected.versions, others)
      mine = next === undefined ? [] : others.slice(others.indexOf(next))
    }
    expect(asked).toEqual([14, 13, 8])
  })
  it('treats a list with the requested version as a refusal', () => {
    expect(reject(426, { 'sec-websocket-version': '14' }, '', asked).kind).toBe('refused')
    expect(reject(426, { 'sec-websocket-version': '13' }, '', asked).kind).toBe('version')
  })
})

describe('a refusal', () => {
  it.each<[string | string[] | undefined, number | string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['0', 0],
    ['120', 120],
    ['007', 7],
    ['999999999', 999_999_999],
    ['1000000000', '1000000000'],
    ['9'.repeat(400), '9'.repeat(400)],
    ['-1', '-1'],
    ['1e3', '1e3'],
    ['1.5', '1.5'],
    ['Fri, 31 Dec 1999 23:59:59 GMT', 'Fri, 31 Dec 1999 23:59:59 GMT'],
    [['1', '2'], undefined],
  ])('with Retry-After %j has retryAfter %j', (value, retryAfter) => {
    expect(reject(503, { 'retry-after': value })).toMatchObject({ kind: 'refused', status: 503, retryAfter })
  })
})
