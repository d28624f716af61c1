/** Tests access tokens among the subprotocols, and that no message contains one. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { getSubprotocolToken, offerSubprotocolToken } from '../../src/handshake/subprotocol.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { formatRequestHead } from '../../src/http/head-format.ts'

const TOKEN = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'

describe('a token after a marker', () => {
  it('is read by the server, whose response contains only the marker', () => {
    const offer = offerHandshake('ws://a.example/', { subprotocols: offerSubprotocolToken('access-token', TOKEN) })
    const accepted = acceptHandshake(offer.request, { subprotocols: ['access-token'] })
    if (!accepted.ok) throw accepted.errors[0]
    expect(getSubprotocolToken(accepted.offeredSubprotocols, 'access-token')).toBe(TOKEN)
    expect(accepted.subprotocol).toBe('access-token')
    expect(JSON.stringify(accepted.response)).not.toContain(TOKEN)
    expect(verifyHandshake(accepted.response, offer)).toMatchObject({ ok: true, subprotocol: 'access-token' })
  })
  it.each<[string[], string | undefined]>([
    [['m', 't'], 't'],
    [['chat', 'm', 't', 'u'], 't'],
    [['m'], undefined],
    [['t', 'm'], undefined],
    [['M', 't'], undefined],
    [[], undefined],
    [['mm', 't'], undefined],
  ])('in %j is %j', (offered, token) => {
    expect(getSubprotocolToken(offered, 'm')).toBe(token)
  })
})

describe('a token after a dot', () => {
  it('shares one name with its marker, beside a real subprotocol', () => {
    const subprotocols = ['chat', ...offerSubprotocolToken('bearer.', TOKEN)]
    const offer = offerHandshake('ws://a.example/', { subprotocols })
    const accepted = acceptHandshake(offer.request, { subprotocols: ['chat'] })
    if (!accepted.ok) throw accepted.errors[0]
    expect(getSubprotocolToken(accepted.offeredSubprotocols, 'bearer.')).toBe(TOKEN)
    expect(accepted.subprotocol).toBe('chat')
  })
  it('is the rest of the first name with the marker, or undefined if empty', () => {
    expect(getSubprotocolToken(['bearer.', 'bearer.a.b', 'bearer.c'], 'bearer.')).toBe('a.b')
    expect(getSubprotocolToken(['bearer.'], 'bearer.')).toBeUndefined()
    expect(getSubprotocolToken(['xbearer.a', 'Bearer.a'], 'bearer.')).toBeUndefined()
  })
})

describe('no message contains a token', () => {
  const SECRET = 'c2VjcmV0/w=='
  it.each<[string, () => unknown]>([
    ['offerSubprotocolToken', () => offerSubprotocolToken('m', SECRET)],
    ['offerHandshake, an invalid token', () => offerHandshake('ws://a/', { subprotocols: ['m', SECRET] })],
    [
      'offerHandshake, a repeated token',
      () => offerHandshake('ws://a/', { subprotocols: ['m', 'c2VjcmV0', 'c2VjcmV0'] }),
    ],
  ])('%s', (_, act) => {
    expect(act).toThrow(TypeError)
    expect(act).not.toThrow(/c2VjcmV0/)
  })
  it('in an error of either side', () => {
    const offer = offerHandshake('ws://a/', { subprotocols: ['m', TOKEN], requireSubprotocol: true })
    const refused = acceptHandshake(offer.request, { subprotocols: ['x'], requireSubprotocol: true })
    expect(refused).toMatchObject({ ok: false })
    expect(JSON.stringify(refused)).not.toContain(TOKEN)
    const accepted = acceptHandshake(offer.request)
    const rejected = verifyHandshake(accepted.response, offer)
    expect(rejected).toMatchObject({ ok: false, kind: 'invalid' })
    expect(JSON.stringify(rejected)).not.toContain(TOKEN)
  })
  it('in the error of a server that echoes the list, or of a function that returns the token', () => {
    const offer = offerHandshake('ws://a/', { subprotocols: ['m', TOKEN] })
    const accepted = acceptHandshake(offer.request)
    for (const [echoed, found] of [
      [`m, ${TOKEN}`, '2'],
      [TOKEN.toLowerCase(), 'another'],
    ] as const) {
      const headers = [...accepted.response.headers, ['Sec-WebSocket-Protocol', echoed] as const]
      const rejected = verifyHandshake({ status: 101, headers }, offer)
      expect(!rejected.ok && rejected.errors.map((error) => error.message)).toEqual([
        `expected one of the 2 subprotocols offered, found ${found}`,
      ])
    }
    const cut = () => acceptHandshake(offer.request, { subprotocols: (offered) => offered[1]?.slice(1) })
    expect(cut).toThrow(TypeError)
    expect(cut).not.toThrow(TOKEN.slice(1))
  })
  it('in the error of an invalid URL or target', () => {
    for (const url of [
      'ws://user:hunter2@host:99999/?token=abc',
      'ws://u:hunter2@[bad/?t=1',
      'wss://u:hunter2@a/#token',
    ]) {
      expect(() => offerHandshake(url)).toThrow(TypeError)
      expect(() => offerHandshake(url)).not.toThrow(/hunter2|token/)
    }
    const request = { ...offerHandshake('ws://a/').request, target: '/?token=abc def' }
    expect(() => formatRequestHead(request)).toThrow('`target` of a request has an invalid character at 11')
    expect(() => formatRequestHead(request)).not.toThrow(/token/)
  })
  it('and an invalid marker throws', () => {
    for (const marker of ['', 'a b', 'é']) expect(() => offerSubprotocolToken(marker, 't')).toThrow(TypeError)
  })
})
