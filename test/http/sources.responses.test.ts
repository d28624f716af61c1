/**
 * Tests that sources are distinguished reliably: a peer may give an HTTP/2 field any name, including the names of our members, and the
 * source is still read correctly.
 */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { getExtendedConnect } from '../../src/http/extended-connect.ts'
import { formatResponse } from '../../src/http/head-format.ts'
import { type HeaderRecord, toHeaderList } from '../../src/http/headers.ts'
import { toHttp2Headers } from '../../src/http/http2-headers.ts'
import { forwardableHeaders, relayRefusal } from '../../src/http/relay.ts'
import { type Http2RequestLike, requestHeadFrom } from '../../src/http/request.ts'
import { type Http2ResponseLike, responseHeadFrom } from '../../src/http/response.ts'
import { acceptTunnel, verifyTunnel } from '../../src/http/tunnel.ts'
import { verifyUpgrade } from '../../src/http/upgrade-client.ts'
import { expectsContinue, selectUpgrade } from '../../src/http/upgrade-server.ts'

/** The names of members that the package reads, and inherited names. */
const names: readonly string[] = [
  ...[
    'ok',
    'rest',
    'head',
    'size',
    'errors',
    'kind',
    'isWebSocketRequest',
    'response',
    'status',
    'statuscode',
    'statustext',
    'reason',
  ],
  ...['statusCode', 'statusText', 'httpVersion', 'rawHeaders', 'forEach', 'httpversion', 'rawheaders', 'foreach'],
  ...['version', 'headers', 'fields', 'target', 'url', 'method', 'path', 'authority', 'scheme', 'protocol', 'body'],
  ...['tunnel', 'length', '0', '1', 'then', 'entries', 'constructor', '__proto__', 'hasOwnProperty', 'toString', 'get'],
]
const value = fc.oneof(fc.constantFrom('x', '', '1', '200', 'true'), fc.constant(['a', 'b']), fc.constant([]))
const fields = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), value), { selector: ([name]) => name, maxLength: 12 })

/** Creates a header object as Node does: without a prototype. */
function headerObject(pseudo: object, pairs: readonly (readonly [string, string | readonly string[]])[]): HeaderRecord {
  return Object.assign(Object.create(null), pseudo, Object.fromEntries(pairs.map(([name, text]) => [name, text])))
}

const offer = offerHandshake('wss://a.example/', { httpVersion: '2' })

describe('a header object of HTTP/2', () => {
  it('of a response is never mistaken for another source', () => {
    fc.assert(
      fc.property(fields, fc.constantFrom(200, 101, 403, 426, 0, '404', ''), (pairs, status) => {
        const source = headerObject({ ':status': status }, pairs) as Http2ResponseLike
        const headers = toHeaderList(source as HeaderRecord)
        expect(headers).toEqual(
          Object.keys(source)
            .filter((name) => name !== ':status')
            .flatMap((name) => [(source as HeaderRecord)[name]].flat().map((text) => [name, text])),
        )
        const head = responseHeadFrom(source)
        expect(head).toEqual({ status: Number(status), reason: '', httpVersion: '2', headers })
        const verified = verifyHandshake(source, offer)
        expect(verified).not.toBe(source)
        expect(verified.ok).toBe(status === 200)
        expect(verifyTunnel(source).ok).toBe(status === 200)
        // Without a status, there is no response.
        expect(verifyUpgrade(source, ['foo']).ok).toBe(status !== 101 && Number(status) !== 0)
        expect(forwardableHeaders(source)).toEqual(headers)
        const relayed = relayRefusal(source)
        expect(relayed.status).toBe(Number(status) === 403 || Number(status) === 404 ? Number(status) : 502)
        formatResponse(relayed)
        toHttp2Headers(relayed)
      }),
    )
  })
  it('of a request is never mistaken for another source', () => {
    const pseudo = { ':method': 'CONNECT', ':scheme': 'https', ':authority': 'a.example', ':path': '/' }
    fc.assert(
      fc.property(fields, fc.constantFrom('websocket', undefined), (pairs, protocol) => {
        const source = headerObject({ ...pseudo, ...(protocol && { ':protocol': protocol }) }, [
          ...pairs,
          ['sec-websocket-version', '13'],
        ]) as Http2RequestLike
        const head = requestHeadFrom(source)
        expect(head).toMatchObject({ method: 'CONNECT', target: '/', httpVersion: '2', authority: 'a.example' })
        expect(head.headers).toEqual(toHeaderList(source as HeaderRecord))
        const accepted = acceptHandshake(source)
        expect(accepted).not.toBe(source)
        expect(accepted.ok).toBe(protocol !== undefined)
        expect(acceptTunnel(source)).toMatchObject({ ok: false, isConnectRequest: false, response: { status: 405 } })
        expect(selectUpgrade(source, ['websocket'])).toBe(protocol)
        expect(getExtendedConnect(source)?.protocol.name).toBe(protocol)
        expect(expectsContinue(source)).toBe(false)
        expect(forwardableHeaders(source)).toEqual(head.headers.filter(([name]) => name !== 'sec-websocket-version'))
      }),
    )
  })
})

it('reads a field section with any field names', () => {
  const text = fc.constantFrom('x', '', '1')
  const section = fc.array(fc.tuple(fc.constantFrom(...names.map((name) => name.toLowerCase())), text))
  fc.assert(
    fc.property(section, fc.constantFrom('2' as const, '3' as const), (pairs, httpVersion) => {
      const source = { httpVersion, fields: [[':status', '403'] as const, ...pairs] }
      expect(responseHeadFrom(source)).toEqual({ status: 403, reason: '', httpVersion, headers: pairs })
      expect(verifyHandshake(source, offer)).toMatchObject({ ok: false, kind: 'refused' })
      expect(forwardableHeaders(source)).toBeInstanceOf(Array)
    }),
  )
})

describe('a response from another source', () => {
  it('is not mistaken for a parser’s result if a peer names fields `ok` and `rest`', () => {
    const one = { ':status': 200, rest: ['a', 'b'] } as Http2ResponseLike
    expect(verifyHandshake(one, offer)).toEqual({ ok: true, version: 13, subprotocol: undefined, extensions: [] })
    const other = { ':status': 200, rest: ['a', 'b'], ok: 'x' } as Http2ResponseLike
    expect(verifyHandshake(other, offer).ok).toBe(true)
  })
  it.each<[string, unknown]>([
    ['the result of parseResponseHead, which has no `ok`', { head: { status: 101, headers: [] }, size: 3, rest: [] }],
    ['an object without a status', { headers: [] }],
    ['a status that is a text', { status: '200', headers: [] }],
    ['a promise', Promise.resolve(new Response())],
    ['an array', []],
    ['nothing', undefined],
  ])('throws for %s', (_, source) => {
    for (const read of [
      () => verifyHandshake(source as Response, offer),
      () => verifyUpgrade(source as Response, ['foo']),
      () => verifyTunnel(source as Response),
      () => relayRefusal(source as Response),
    ])
      expect(read).toThrow(/^(the|a) response must (be|have)/)
  })
})
