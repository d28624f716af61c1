/** Tests the types: options in a variable compile, and a required subprotocol is never `undefined`. */

import { expect, expectTypeOf, it } from 'vitest'
import { type Accepted, acceptHandshake } from '../../src/handshake/accept.ts'
import { type AcceptOptions, type HandshakeOptions, handshakeOptions } from '../../src/handshake/accept-options.ts'
import { type Offer, type OfferOptions, offerHandshake } from '../../src/handshake/offer.ts'
import { type Verified, verifyHandshake } from '../../src/handshake/verify.ts'
import type { Refused } from '../../src/http/response.ts'
import { answer, KEY, opening } from './opening.ts'

const request = opening({ 'Sec-WebSocket-Protocol': 'a' })

it('has a subprotocol that a server requires', () => {
  const accepted = acceptHandshake(request, { subprotocols: ['a', 'b'], requireSubprotocol: true })
  if (!accepted.ok) throw accepted.errors[0]
  expectTypeOf(accepted.subprotocol).toEqualTypeOf<'a' | 'b'>()
  expect(accepted.subprotocol).toBe('a')
  const byFunction = acceptHandshake(request, { subprotocols: ([first]) => first, requireSubprotocol: true })
  if (byFunction.ok) expectTypeOf(byFunction.subprotocol).toEqualTypeOf<string>()
  const named = acceptHandshake<'a' | 'b'>(request, { subprotocols: ['a'], requireSubprotocol: true })
  if (named.ok) expectTypeOf(named.subprotocol).toEqualTypeOf<'a' | 'b' | undefined>()
})

it('may have no subprotocol otherwise', () => {
  const requireSubprotocol: boolean = request.method === 'GET'
  for (const accepted of [
    acceptHandshake(request, { subprotocols: ['a', 'b'] }),
    acceptHandshake(request, { subprotocols: ['a', 'b'], requireSubprotocol: false }),
    acceptHandshake(request, { subprotocols: ['a', 'b'], requireSubprotocol }),
  ]) {
    expectTypeOf(accepted).toEqualTypeOf<Accepted<'a' | 'b'> | Refused>()
    if (accepted.ok) expectTypeOf(accepted.subprotocol).toEqualTypeOf<'a' | 'b' | undefined>()
  }
  const none = acceptHandshake(request)
  if (none.ok) expectTypeOf(none.subprotocol).toEqualTypeOf<undefined>()
})

it('has a subprotocol that a client requires', () => {
  const offer = offerHandshake('ws://a/', { key: KEY, subprotocols: ['a', 'b'], requireSubprotocol: true })
  expectTypeOf(offer).toEqualTypeOf<Offer<'a' | 'b', true>>()
  const verified = verifyHandshake(answer({ 'Sec-WebSocket-Protocol': 'b' }), offer)
  if (!verified.ok) throw verified.errors[0]
  expectTypeOf(verified.subprotocol).toEqualTypeOf<'a' | 'b'>()
  expect(verified.subprotocol).toBe('b')
  const loose = verifyHandshake(answer(), offerHandshake('ws://a/', { key: KEY, subprotocols: ['a'] }))
  if (loose.ok) expectTypeOf(loose.subprotocol).toEqualTypeOf<'a' | undefined>()
  const wide: Offer<'a' | 'b'> = offer
  expectTypeOf(wide.options.requireSubprotocol).toEqualTypeOf<boolean | undefined>()
  const any: Offer = offer
  const whole: Verified | undefined = verified
  expect([any.secure, whole.ok]).toEqual([false, true])
})

it('accepts options in a variable', () => {
  const accept: AcceptOptions = { subprotocols: ['a'], origins: ['https://a.example', 'absent'], hosts: ['a.example'] }
  const strict: AcceptOptions = { subprotocols: ['a'], requireSubprotocol: true, offWire: { host: 'a.example' } }
  const chosen: AcceptOptions = { subprotocols: (offered) => offered[0], extensions: [], limits: { maxHeadFields: 50 } }
  for (const options of [accept, strict, chosen]) {
    const accepted = acceptHandshake(request, options)
    expect(accepted.ok).toBe(true)
    if (accepted.ok) expectTypeOf(accepted.subprotocol).toEqualTypeOf<string | undefined>()
  }
  const offer: OfferOptions = { subprotocols: ['a'], requireSubprotocol: true, httpVersion: '1.1' }
  expect(offerHandshake('ws://a/', offer).options.subprotocols).toEqual(['a'])
})

it('infers the same types for shared options in the call and in a variable', () => {
  const options = handshakeOptions({ subprotocols: ['a', 'b'], requireSubprotocol: true })
  const inline = acceptHandshake(request, handshakeOptions({ subprotocols: ['a', 'b'], requireSubprotocol: true }))
  expectTypeOf(inline).toEqualTypeOf(acceptHandshake(request, options))
  if (!inline.ok) throw inline.errors[0]
  expectTypeOf(inline.subprotocol).toEqualTypeOf<'a' | 'b'>()
  expect(inline.subprotocol).toBe('a')
})

it('keeps the names of a literal in shared options', () => {
  const shared = handshakeOptions({ subprotocols: ['a', 'b'], requireSubprotocol: true })
  expectTypeOf(shared).toEqualTypeOf<HandshakeOptions<'a' | 'b', true>>()
  const accepted = acceptHandshake(request, shared)
  if (!accepted.ok) throw accepted.errors[0]
  expectTypeOf(accepted.subprotocol).toEqualTypeOf<'a' | 'b'>()
  const none = acceptHandshake(request, handshakeOptions({ origins: 'any' }))
  if (none.ok) expectTypeOf(none.subprotocol).toEqualTypeOf<undefined>()
  const byFunction = acceptHandshake(request, handshakeOptions({ subprotocols: ([first]) => first }))
  if (byFunction.ok) expectTypeOf(byFunction.subprotocol).toEqualTypeOf<string | undefined>()
  expect([accepted, none, byFunction].map(({ ok }) => ok)).toEqual([true, true, true])
})
