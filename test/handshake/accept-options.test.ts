/** Tests shared options: the same results as a literal, unaffected by later changes, in a time that does not depend on list lengths. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { type AcceptOptions, handshakeOptions } from '../../src/handshake/accept-options.ts'
import { extended } from './extended.ts'
import { opening } from './opening.ts'

const requests = [
  opening(),
  opening({ Origin: 'https://b.example', 'Sec-WebSocket-Protocol': 'b, a' }),
  opening({ Origin: 'https://x.b.example', 'Sec-WebSocket-Version': '8' }),
  opening({ Host: 'b.example', 'Sec-WebSocket-Protocol': 'c' }),
  opening({ Upgrade: undefined }),
  opening({ 'Sec-WebSocket-Key': undefined }, { method: 'POST' }),
  extended({ 'sec-websocket-protocol': 'a' }),
  new Request('http://a.example/', { headers: { Upgrade: 'websocket' } }),
]
const literals: readonly AcceptOptions[] = [
  {},
  { subprotocols: ['a', 'b'], prefer: 'server', requireSubprotocol: true },
  { origins: ['https://*.b.example', 'https://b.example'], versions: [13, 8] },
  { hosts: ['a.example'], headers: { 'x-a': '1' }, keepAlive: true },
  { offWire: { host: 'a.example' }, origins: 'any', strictKey: true, limits: { maxHeadFields: 4 } },
  { origins: (origin) => origin === undefined, subprotocols: ([first]) => first },
]

describe('handshakeOptions', () => {
  it.each(literals)('gives the same results as the literal: %j', (literal) => {
    const shared = handshakeOptions(literal)
    for (const request of requests)
      for (let times = 0; times < 2; times++)
        expect(JSON.stringify(acceptHandshake(request, shared))).toBe(JSON.stringify(acceptHandshake(request, literal)))
  })
  it('copies the lists, so that later changes have no effect', () => {
    const lists = { subprotocols: ['a'], origins: ['https://b.example'], versions: [13], hosts: ['a.example'] }
    const headers: [string, string][] = [['x-a', '1']]
    const shared = handshakeOptions({ ...lists, headers })
    const request = opening({ Origin: 'https://b.example', 'Sec-WebSocket-Protocol': 'a' })
    const before = acceptHandshake(request, shared)
    expect(before).toMatchObject({ ok: true, subprotocol: 'a', agreedHeaders: [expect.anything(), ['x-a', '1']] })
    for (const list of Object.values(lists)) list.length = 0
    headers.length = 0
    expect(acceptHandshake(request, shared)).toEqual(before)
  })
  it('copies single options', () => {
    const options = {
      strictKey: false,
      scheme: 'https' as 'https' | 'http',
      requireSubprotocol: false,
      offWire: { host: 'a.example' },
    }
    const shared = handshakeOptions(options)
    const request = new Request('http://do/', { headers: { Upgrade: 'websocket', Origin: 'https://a.example' } })
    const before = acceptHandshake(request, shared)
    expect(before.ok).toBe(true)
    Object.assign(options, { strictKey: 'no', scheme: 'http', requireSubprotocol: true })
    options.offWire.host = 'b.example'
    expect(acceptHandshake(request, shared)).toEqual(before)
    expect(shared.options).toMatchObject({ strictKey: false, scheme: 'https', offWire: { host: 'a.example' } })
  })
  it('returns fields that the caller may change', () => {
    const shared = handshakeOptions({ headers: [['x-a', '1']] })
    const first = acceptHandshake(opening(), shared)
    if (!first.ok) throw first.errors[0]
    for (const pair of [...first.agreedHeaders, ...first.response.headers]) pair[1] = 'changed'
    expect(acceptHandshake(opening(), shared)).toMatchObject({ agreedHeaders: [['x-a', '1']] })
  })
  it('keeps a copy of the options, to derive others', () => {
    const shared = handshakeOptions({ subprotocols: ['a'], origins: ['https://b.example'] })
    const derived = handshakeOptions({ ...shared.options, origins: 'any' })
    const request = opening({ Origin: 'https://c.example', 'Sec-WebSocket-Protocol': 'a' })
    expect(acceptHandshake(request, shared).ok).toBe(false)
    expect(acceptHandshake(request, derived)).toMatchObject({ ok: true, subprotocol: 'a' })
  })
  it.each([{ origins: ['https://a.example/'] }, { hosts: ['a b'] }, { maxPayload: 1 }, null])(
    'throws at once for %j',
    (options) => {
      expect(() => handshakeOptions(options as AcceptOptions)).toThrow(TypeError)
    },
  )
})

it('checks a hostile origin with many labels in linear time', () => {
  const shared = handshakeOptions({ origins: ['https://*.a.example'] })
  const request = opening({ Origin: `https://${'a.'.repeat(30_000)}a.example` })
  const start = performance.now()
  for (let times = 0; times < 20; times++) expect(acceptHandshake(request, shared).ok).toBe(false)
  expect(performance.now() - start).toBeLessThan(500)
})

it('throws for shared options in place of a literal, and names them', () => {
  expect(() => handshakeOptions(handshakeOptions({}) as never)).toThrow(
    new TypeError('the options of acceptHandshake must be a literal, not shared options'),
  )
})
