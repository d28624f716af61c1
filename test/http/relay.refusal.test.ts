/** Tests which parts of a backend's refusal a proxy relays, and that no response of a backend makes the proxy or a formatter throw. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { formatResponse } from '../../src/http/head-format.ts'
import { getHeaders, type HeaderPairs } from '../../src/http/headers.ts'
import { toHttp2Headers } from '../../src/http/http2-headers.ts'
import { type RelayRefusalOptions, relayRefusal } from '../../src/http/relay.ts'
import type { HttpVersion } from '../../src/http/request.ts'
import type { ResponseSource } from '../../src/http/response.ts'
import { type ParsedResponse, parseResponseHead, ResponseHeadParser } from '../../src/http/response-parser.ts'
import { runs } from '../share.ts'
import { latin1, toText } from './head.ts'

const type = ['Content-Type', 'text/plain; charset=utf-8']
const close = ['Connection', 'close']

/** Returns the fields of a relayed response, without those that the proxy adds. */
function relayedFields(headers: HeaderPairs, options: RelayRefusalOptions = {}, status = 403): HeaderPairs {
  const own = new Set(['Connection: close', type.join(': ')])
  return relayRefusal({ status, headers }, options).headers.filter((pair) => !own.has(pair.join(': ')))
}

describe('a status', () => {
  it('from 300 to 599 is relayed with its phrase; a 407, a 1xx, a 2xx or an invalid status becomes 502', () => {
    for (let status = -1; status <= 1000; status++) {
      const relayed = relayRefusal({ status, reason: 'Own', headers: [] })
      const goesOn = status >= 300 && status <= 599 && status !== 407 && status !== 426
      expect([relayed.status, relayed.reason]).toEqual(goesOn ? [status, 'Own'] : [502, 'Bad Gateway'])
      expect(relayed.body).toBe(status === 304 ? '' : goesOn ? 'Own\n' : 'Bad Gateway\n')
    }
    for (const status of [Number.NaN, Infinity, 403.5]) expect(relayRefusal({ status }).status).toBe(502)
  })
  it('without a phrase gets the registered one, or an empty one', () => {
    expect(relayRefusal({ status: 404 })).toMatchObject({ reason: 'Not Found', body: 'Not Found\n' })
    expect(relayRefusal({ status: 599 })).toMatchObject({ reason: '', body: '599\n' })
  })
  it('is relayed without a required field that the backend left out', () => {
    for (const status of [401, 405]) expect(relayRefusal({ status }).status).toBe(status)
  })
  it('of 426 is relayed with the protocols and Connection: close', () => {
    const headers = { Upgrade: ['foo/2', 'bar'], Connection: 'upgrade', 'Sec-WebSocket-Version': '13' }
    expect(relayRefusal({ status: 426, headers })).toEqual({
      status: 426,
      reason: 'Upgrade Required',
      headers: [['Upgrade', 'foo/2, bar'], ['Connection', 'Upgrade, close'], ['Sec-WebSocket-Version', '13'], type],
      body: 'Upgrade Required\n',
    })
  })
  it.each<[string, HttpVersion | undefined, string | undefined]>([
    ['no Upgrade', '1.1', undefined],
    ['an empty one', '1.1', ','],
    ['an invalid one', '1.1', 'a b'],
    ['HTTP/2', '2', 'foo'],
    ['HTTP/3', '3', 'foo'],
  ])('of 426 with %s becomes 502', (_, httpVersion, Upgrade) => {
    expect(relayRefusal({ status: 426, headers: { Upgrade } }, { httpVersion })).toMatchObject({ status: 502 })
  })
})

describe('fields', () => {
  it('are relayed in order, with spelling and repeats', () => {
    const headers = [
      ['Set-Cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['WWW-Authenticate', 'Basic realm="a"'],
      ['Retry-After', '120'],
      ['LOCATION', '/x'],
      ['Sec-WebSocket-Version', '13, 8'],
      ['X-\xc4'.replace('\xc4', 'A'), 'caf\xe9'],
      ['__proto__', 'x'],
    ] as const
    expect(relayedFields(headers)).toEqual(headers)
    expect(relayedFields(headers, { httpVersion: '2' })).toEqual(headers)
  })
  it('are left out if they belong to one connection, if Connection names them, and if they belong to the handshake', () => {
    const names = ['Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer', 'Transfer-Encoding', 'Content-Length', 'Upgrade']
    const own = ['Proxy-Authenticate', 'Proxy-Authentication-Info', 'Sec-WebSocket-Accept', 'Sec-WebSocket-Protocol']
    const headers = [...names, ...own, 'Sec-WebSocket-Extensions', 'X-Hop', 'Host'].map((name) => [name, 'x'] as const)
    expect(relayedFields([...headers, ['Connection', 'x-hop, keep-alive']])).toEqual([])
  })
  it('are left out if they are invalid', () => {
    const bad = [
      ['a b', 'x'],
      ['', 'x'],
      ['a', 'x\r\ny: z'],
      ['b', '\0'],
      ['c', '\u0100'],
    ] as const
    expect(relayedFields(bad)).toEqual([])
  })
  it('that describe the body are relayed only with the body', () => {
    const headers = { 'Content-Type': 'text/html', 'Content-Encoding': 'gzip', ETag: '"a"', 'X-A': 'b' }
    const body = Uint8Array.of(1, 2, 3)
    const relayed = relayRefusal({ status: 403, headers }, { body })
    expect(relayed.headers).toEqual([close, ...Object.entries(headers)])
    expect(relayed.body).toBe(body)
    expect(relayRefusal({ status: 403, headers }, { body: 'no' }).headers).toEqual([close, ['X-A', 'b'], type])
    expect(relayRefusal({ status: 403, headers }).headers).toEqual([close, ['X-A', 'b'], type])
  })
  it('that control caching are not sent with a 502', () => {
    const headers = { 'Cache-Control': 'max-age=60', Expires: '0', Age: '1', 'Set-Cookie': 'a=b' }
    expect(relayedFields(Object.entries(headers), {}, 200)).toEqual([['Set-Cookie', 'a=b']])
    expect(relayedFields(Object.entries(headers), {}, 404)).toEqual(Object.entries(headers))
  })
  it('include Connection: close only in HTTP/1', () => {
    for (const httpVersion of ['1.0', '1.1', 'unknown', undefined] as const)
      expect(relayRefusal({ status: 403 }, { httpVersion }).headers[0]).toEqual(close)
    for (const httpVersion of ['2', '3'] as const)
      expect(relayRefusal({ status: 403 }, { httpVersion }).headers).toEqual([type])
  })
})

describe('a relayed refusal in bytes', () => {
  it('has the body of a chunked page with a Content-Length', () => {
    const wire = 'HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\nRetry-After: 5\r\nContent-Type: text/html\r\n\r\n'
    const { head } = parseResponseHead(latin1(wire)) ?? {}
    expect(toText(formatResponse(relayRefusal(head as ResponseSource, { body: latin1('<p>') })))).toBe(
      'HTTP/1.1 503 Busy\r\nConnection: close\r\nRetry-After: 5\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>',
    )
  })
  it('has no body in a response to HEAD', () => {
    expect(toText(formatResponse(relayRefusal({ status: 404 }, { method: 'HEAD' })))).toBe(
      'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\n\r\n',
    )
  })
  it('has no body in a 304', () => {
    expect(toText(formatResponse(relayRefusal({ status: 304 }, { body: latin1('x') })))).toBe(
      'HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n',
    )
  })
  it('fits a Fetch Response', async () => {
    const answer = relayRefusal({ status: 403 }, { body: 'no' })
    expect(await new Response(answer.body as string, answer).text()).toBe('no')
  })
})

it('relays the refusal of our own server', () => {
  for (const version of ['12', 'x']) {
    const offer = offerHandshake('ws://a.example/', { headers: { 'X-A': 'b' } })
    const headers = offer.request.headers.map(([name, value]): [string, string] =>
      name === 'Sec-WebSocket-Version' ? [name, version] : [name, value],
    )
    const { response } = acceptHandshake({ ...offer.request, headers })
    const relayed = relayRefusal(response)
    expect(relayed.status).toBe(response.status)
    expect(getHeaders(relayed.headers, 'sec-websocket-version')).toEqual(['13'])
    expect(verifyHandshake(relayed as ResponseSource, offer)).toMatchObject({ ok: false })
  }
})

describe('neither relayRefusal nor a formatter throws for a backend’s response', () => {
  const names = [
    ...['Connection', 'Upgrade', 'Content-Length', 'Transfer-Encoding', 'Set-Cookie', 'Location', 'Host', 'TE', 'X-A'],
    ...['WWW-Authenticate', 'Proxy-Authenticate', 'Content-Type', 'ok', 'rest', 'status', '__proto__', ':status'],
  ]
  const value = fc.oneof(
    fc.constantFrom('', 'close', 'Upgrade, X-A', 'websocket', 'foo/2, @', 'chunked', '5', '-1', '/x', ','.repeat(200)),
    fc.string({ unit: fc.integer({ min: 0, max: 0x17f }).map((unit) => String.fromCharCode(unit)), maxLength: 12 }),
  )
  const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), value), value), { maxLength: 8 })
  const status = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.constantFrom(101, 204, 205, 304, 407, 426, 600, 999))
  const reason = fc.string({
    unit: fc.integer({ min: 0, max: 0x17f }).map((unit) => String.fromCharCode(unit)),
    maxLength: 9,
  })
  const options = fc.record<RelayRefusalOptions>({
    httpVersion: fc.constantFrom('1.0', '1.1', '2', '3', 'unknown', undefined),
    body: fc.constantFrom<(string | Uint8Array | undefined)[]>(undefined, '', 'é', new Uint8Array(0), Uint8Array.of(0)),
    method: fc.constantFrom('GET', 'HEAD', undefined),
  })

  function check(source: ResponseSource | ParsedResponse, options: RelayRefusalOptions): void {
    const answer = relayRefusal(source, options)
    expect(answer.status).toBeGreaterThanOrEqual(300)
    expect(answer.status).toBeLessThan(600)
    const bytes = formatResponse(answer)
    const parsed = parseResponseHead(bytes)
    expect(parsed?.head).toMatchObject({ status: answer.status, reason: answer.reason })
    expect(parsed?.rest.length).toBe(Buffer.from(answer.body).length)
    // A 426 is valid only in HTTP/1.1.
    if (answer.status !== 426) expect(toHttp2Headers(answer)[':status']).toBe(String(answer.status))
    else expect(['2', '3']).not.toContain(options.httpVersion)
    for (const [name, text] of answer.headers) expect(() => new Headers([[name, text]])).not.toThrow()
  }

  it('as bytes', () => {
    const line = fc.tuple(fc.constantFrom('1.0', '1.1', '1.2', '2.0'), status, reason)
    fc.assert(
      fc.property(line, pairs, options, ([version, code, phrase], headers, chosen) => {
        const fields = headers.map(([name, text]) => `${name}: ${text}\r\n`).join('')
        const parsed = new ResponseHeadParser().push(latin1(`HTTP/${version} ${code} ${phrase}\r\n${fields}\r\nrest`))
        if (parsed !== undefined) check(parsed, chosen)
      }),
      { numRuns: runs(250, 3000) },
    )
  })
  it('from any source', () => {
    const node = (code: number, headers: HeaderPairs) => ({
      statusCode: code,
      httpVersion: '1.1',
      rawHeaders: headers.flat(),
    })
    const http2 = (code: number, headers: HeaderPairs) => ({ ...Object.fromEntries(headers), ':status': code })
    const section = (code: number, headers: HeaderPairs) => ({
      httpVersion: '2' as const,
      fields: [[':status', String(code)] as const, ...headers],
    })
    const own = (code: number, headers: HeaderPairs) => ({ status: code, headers })
    const fetched = (code: number, headers: HeaderPairs, statusText: string) => ({
      status: code,
      statusText,
      headers: new Map(headers),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(node, http2, section, own, fetched),
        status,
        pairs,
        reason,
        options,
        (make, code, headers, phrase, chosen) => check(make(code, headers, phrase), chosen),
      ),
      { numRuns: runs(250, 3000) },
    )
  })
})
