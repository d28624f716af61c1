/** Tests whole handshakes over HTTP/2 and HTTP/3: both sides agree as over HTTP/1.1, and every field section gets a response. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import type { HeaderPairs } from '../../src/http/headers.ts'
import { toHttp2Headers } from '../../src/http/http2-headers.ts'
import { selectUpgrade } from '../../src/http/upgrade-server.ts'
import { runs } from '../share.ts'
import { exampleRequest, exampleResponse } from './extended.ts'

const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const token = fc.string({ unit: fc.constantFrom(...tchars), minLength: 1, maxLength: 12 })

/** Converts a header object of `node:http2` to the pairs that are sent. */
const pairsOf = (headers: { [name: string]: string | string[] }): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]) => [value].flat().map((line): [string, string] => [name, line]))

it('each side accepts what the other side writes, on any carrier', () => {
  const url = fc.tuple(fc.constantFrom('ws', 'wss'), fc.integer({ min: 0, max: 65_535 }), fc.webPath())
  const version = fc.constantFrom('2' as const, '3' as const)
  const subprotocols = fc.uniqueArray(token, { maxLength: 6 })
  fc.assert(
    fc.property(url, version, subprotocols, fc.nat(), ([scheme, port, path], httpVersion, subprotocols, index) => {
      const address = `${scheme}://a.example:${port}${path || '/'}`
      const options = { subprotocols, origin: `${scheme === 'ws' ? 'http' : 'https'}://a.example:${port}` }
      const supported = subprotocols[index % (subprotocols.length + 1)]
      const preferences = { subprotocols: supported === undefined ? [] : [supported] }
      const offer = offerHandshake(address, { ...options, httpVersion })
      const fields = pairsOf(toHttp2Headers(offer.request))
      for (const source of [{ httpVersion, fields }, toHttp2Headers(offer.request), offer.request]) {
        const accepted = acceptHandshake(source, preferences)
        expect(accepted).toMatchObject({ ok: true, subprotocol: supported, offeredSubprotocols: subprotocols })
        const answer = { httpVersion, fields: pairsOf(toHttp2Headers(accepted.response)) }
        const verified = verifyHandshake(answer, offer)
        expect(verified).toEqual({ ok: true, version: 13, subprotocol: supported, extensions: [] })
        const old = offerHandshake(address, options)
        expect(verifyHandshake(acceptHandshake(old.request, preferences).response, old)).toEqual(verified)
      }
    }),
  )
})

/** A valid field section with some of its pairs changed, doubled, dropped or moved. */
function damaged(good: HeaderPairs): fc.Arbitrary<[string, string][]> {
  const names = [
    ...good.map(([name]) => name),
    ':status',
    ':foo',
    'host',
    'te',
    'connection',
    'content-length',
    'rest',
    'ok',
  ]
  const name = fc.oneof(fc.constantFrom(...names), fc.string())
  const value = fc.oneof(
    fc.constantFrom(...good.map(([, value]) => value), '', '13, 13', 'a;=', ','.repeat(200), 'x\r\ny', '/'),
    fc.string({ unit: 'binary' }),
  )
  const change = fc.record({ at: fc.nat(), kind: fc.constantFrom('value', 'insert', 'drop', 'double'), name, value })
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const fields = good.map(([name, value]): [string, string] => [name, value])
    for (const { at, kind, name, value } of changes) {
      const index = at % (fields.length + 1)
      const [oldName = name, oldValue = value] = fields[index] ?? []
      if (kind === 'insert') fields.splice(index, 0, [name, value])
      else if (kind === 'value') fields.splice(index, 1, [oldName, value])
      else if (kind === 'double') fields.splice(index, 0, [oldName, oldValue])
      else fields.splice(index, 1)
    }
    return fields
  })
}

it('a server answers every field section with a valid HTTP/2 response', () => {
  const options = { subprotocols: ['chat'], origins: ['http://www.example.com'] }
  fc.assert(
    fc.property(damaged(exampleRequest), (fields) => {
      for (const source of [
        { httpVersion: '2' as const, fields },
        { ':method': '', ...Object.fromEntries(fields) },
      ]) {
        selectUpgrade(source, ['websocket'])
        const answer = acceptHandshake(source, options)
        expect([200, 400, 403, 405, 501]).toContain(answer.response.status)
        expect(answer.ok).toBe(answer.response.status === 200)
        const names = Object.keys(toHttp2Headers(answer.response))
        expect(answer.response.headers.length).toBe(names.length - 1)
        if (!answer.ok) for (const { message } of answer.errors) expect(message).toMatch(/^[ -~]+$/)
      }
    }),
    { numRuns: runs(250, 2000) },
  )
})

it('a client classifies every field section', () => {
  const offer = offerHandshake('wss://server.example.com/chat', { httpVersion: '2', subprotocols: ['chat'] })
  fc.assert(
    fc.property(damaged(exampleResponse), (fields) => {
      for (const source of [
        { httpVersion: '3' as const, fields },
        { ':status': '', ...Object.fromEntries(fields) },
      ]) {
        const answer = verifyHandshake(source, offer)
        expect(answer.ok || ['invalid', 'refused', 'redirect', 'unauthorized', 'version'].includes(answer.kind)).toBe(
          true,
        )
      }
    }),
    { numRuns: runs(250, 2000) },
  )
})
