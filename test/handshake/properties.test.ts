/** Tests whole handshakes: both sides agree, and any bytes, in any split, get a result. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { formatRequestHead, formatResponse } from '../../src/http/head-format.ts'
import { RequestHeadParser } from '../../src/http/request-parser.ts'
import { ResponseHeadParser } from '../../src/http/response-parser.ts'
import { latin1, read, toText } from '../http/head.ts'
import { runs as share } from '../share.ts'
import { answer, KEY, opening } from './opening.ts'

const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const token = fc.string({ unit: fc.constantFrom(...tchars), minLength: 1, maxLength: 12 })

it('each side accepts what the other side writes', () => {
  const path = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll(/[#?\\]/g, ''))
  const subprotocols = fc.uniqueArray(token, { maxLength: 6 })
  const port = fc.integer({ min: 0, max: 65_535 })
  fc.assert(
    fc.property(path, port, subprotocols, fc.nat(), fc.boolean(), (path, port, subprotocols, index, browser) => {
      const offer = offerHandshake(`ws://a.example:${port}/${path}`, {
        subprotocols,
        ...(browser && { origin: `http://a.example:${port}` }),
      })
      const parsed = new RequestHeadParser().push(formatRequestHead(offer.request))
      if (!parsed?.ok) throw new Error('not read')
      expect(parsed.head).toEqual(offer.request)
      const supported = subprotocols[index % (subprotocols.length + 1)]
      const accepted = acceptHandshake(parsed, { subprotocols: supported === undefined ? [] : [supported] })
      expect(accepted).toMatchObject({ ok: true, subprotocol: supported, offeredSubprotocols: subprotocols })
      const response = new ResponseHeadParser().push(formatResponse(accepted.response))
      expect(response && verifyHandshake(response, offer)).toEqual({
        ok: true,
        version: 13,
        subprotocol: supported,
        extensions: [],
      })
    }),
  )
})

/** A valid head with some bytes changed, doubled or dropped, which finds more errors than random bytes. */
function mutated(wire: string) {
  const hostile = fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '\0',
      ' ',
      '\t',
      ',',
      ':',
      '"',
      '\\',
      '/',
      '\x7f',
      '\x80',
      '\xff',
      '',
      '0',
      ';',
    ),
    fc.constantFrom(
      'Host: b\r\n',
      'Upgrade: ',
      'Content-Length: 1\r\n',
      'HTTP/1.0',
      'HTTP/2.0',
      '__proto__: 1\r\n',
      wire,
    ),
  )
  const edit = fc.tuple(fc.nat(wire.length), fc.integer({ min: 0, max: 4 }), hostile)
  return fc.array(edit, { maxLength: 4 }).map((edits) => {
    let text = wire
    for (const [at, drop, put] of edits) text = text.slice(0, at) + put + text.slice(at + drop)
    return latin1(text)
  })
}

/** Splits bytes at the given positions, also into empty chunks. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return sorted.slice(1).map((end, i) => bytes.slice(sorted[i], end))
}

const places = fc.array(fc.nat(2000), { maxLength: 8 })
const hostileRequest = fc.oneof(
  {
    weight: 4,
    arbitrary: mutated(
      toText(formatRequestHead(opening({ Origin: 'http://a.example', 'Sec-WebSocket-Protocol': 'a, b' }))),
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
)
const hostileResponse = fc.oneof(
  {
    weight: 3,
    arbitrary: mutated(
      `HTTP/1.1 100 Continue\r\n\r\n${toText(formatResponse(answer({ 'Sec-WebSocket-Protocol': 'a' })))}`,
    ),
  },
  {
    weight: 2,
    arbitrary: mutated(
      'HTTP/1.1 302 Found\r\nLocation: http://a/b\r\nRetry-After: 1\r\nSec-WebSocket-Version: 8\r\n\r\n',
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
)
const limits = { maxHeadSize: 400, maxHeadFields: 12 }
const runs = { numRuns: share(400, 3000) }

describe('any bytes, in any split, get a result', () => {
  it('from the server: a 101 or a refusal that can be formatted, the same for every split', () => {
    fc.assert(
      fc.property(hostileRequest, places, (bytes, places) => {
        const whole = read(new RequestHeadParser(limits), [bytes.slice()])
        expect(read(new RequestHeadParser(limits), cut(bytes, places))).toEqual(whole)
        const parsed = new RequestHeadParser(limits).push(bytes)
        if (parsed === undefined) return
        const { response } = acceptHandshake(parsed, { subprotocols: ['b'] })
        const written = new ResponseHeadParser().push(formatResponse(response))
        expect(written).toMatchObject({ ok: true, head: { status: response.status } })
      }),
      runs,
    )
  })
  it('from the client: an agreement or a rejection, the same for every split', () => {
    const offer = offerHandshake('ws://a.example/', { key: KEY, subprotocols: ['a', 'b'] })
    fc.assert(
      fc.property(hostileResponse, places, (bytes, places) => {
        const whole = read(new ResponseHeadParser(limits), [bytes.slice()])
        expect(read(new ResponseHeadParser(limits), cut(bytes, places))).toEqual(whole)
        const parsed = new ResponseHeadParser(limits).push(bytes)
        if (parsed === undefined) return
        const answer = verifyHandshake(parsed, offer)
        if (!answer.ok) expect(JSON.parse(JSON.stringify(answer.errors[0])).message).toMatch(/^[ -~]+$/)
        if (!answer.ok && answer.kind === 'redirect') expect(offerHandshake(answer.location).url).toBe(answer.location)
      }),
      runs,
    )
  })
  it('also with fields that no parser accepts', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 20 })
    const name = fc.constantFrom(
      'Host',
      'Upgrade',
      'Connection',
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Version',
      'Origin',
      'Content-Length',
      'Location',
      'Sec-WebSocket-Protocol',
    )
    const offer = offerHandshake('ws://a.example/', { subprotocols: ['a'] })
    fc.assert(
      fc.property(anything, anything, fc.array(fc.tuple(name, anything)), (method, target, headers) => {
        const result = acceptHandshake({ method, target, httpVersion: '1.1', headers })
        expect(formatResponse(result.response).length).toBeGreaterThan(0)
        expect(verifyHandshake({ status: 101, headers }, offer).ok).toBe(false)
        expect(verifyHandshake({ status: 302, reason: method, headers }, offer).ok).toBe(false)
      }),
    )
  })
})
