/** Properties of any two sides: client and server agree on the meaning of an answer, whatever their preferences. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { negotiateDeflate, offerDeflate, verifyDeflateResponse } from '../../src/deflate/negotiate.ts'
import { DEFLATE_NAME, type DeflateParams, formatDeflateTerms } from '../../src/deflate/params.ts'
import { attempt, ProtocolError } from '../../src/errors.ts'
import type { ExtensionParams } from '../../src/extensions/extension.ts'
import { formatExtensions, parseExtensions } from '../../src/extensions/header.ts'
import { runs as share } from '../share.ts'

const bits = fc.integer({ min: 8, max: 15 })
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const preferences = fc.record({
  serverNoContextTakeover: maybe(fc.boolean()),
  clientNoContextTakeover: maybe(fc.boolean()),
  serverMaxWindowBits: maybe(bits),
  clientMaxWindowBits: maybe(bits),
})
const capabilities = fc.record({
  minWindowBits: maybe(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(8, 9) }, bits)),
})
const runs = { numRuns: share(300, 5000) }

const named = (params: ExtensionParams) => ({ name: DEFLATE_NAME, params })
/** Formatted as a field value, and parsed. */
const travel = (list: readonly { name: string; params: ExtensionParams }[]) => parseExtensions(formatExtensions(list))

it('both sides agree on the same parameters, unless the client’s compressor does not support the answer', () => {
  fc.assert(
    fc.property(preferences, capabilities, preferences, capabilities, (client, clientCodec, server, serverCodec) => {
      const offers = travel(offerDeflate(client, clientCodec).map(named))
      const { params, response, declined } = negotiateDeflate(offers, server, serverCodec)
      // The last offer asks for nothing, so there is always an agreement.
      if (params === undefined) throw declined[0]
      const asked = travel([response])[0]?.params ?? []
      const sent = offers.map((offer) => offer.params)
      const verified = attempt(() => verifyDeflateResponse(asked, sent, clientCodec))
      if (params.clientMaxWindowBits < (clientCodec.minWindowBits ?? 8)) expect(verified).toBeInstanceOf(ProtocolError)
      else expect(verified).toEqual(params)
      expect(params.serverMaxWindowBits).toBeGreaterThanOrEqual(serverCodec.minWindowBits ?? 8)
      expect(JSON.parse(JSON.stringify(params))).toEqual(params)
    }),
    runs,
  )
})

it('every preference of both sides is met if both compressors support all windows', () => {
  fc.assert(
    fc.property(preferences, preferences, (client, server) => {
      const { params } = negotiateDeflate(offerDeflate(client).map(named), server)
      const least = (name: 'serverMaxWindowBits' | 'clientMaxWindowBits') =>
        Math.min(client[name] ?? 15, server[name] ?? 15)
      const either = (name: 'serverNoContextTakeover' | 'clientNoContextTakeover') =>
        client[name] === true || server[name] === true
      expect(params).toEqual({
        serverNoContextTakeover: either('serverNoContextTakeover'),
        clientNoContextTakeover: either('clientNoContextTakeover'),
        serverMaxWindowBits: least('serverMaxWindowBits'),
        clientMaxWindowBits: least('clientMaxWindowBits'),
      })
    }),
  )
})

it('whatever the offers, our client never uses a larger window than our server expects', () => {
  const offer = fc
    .record({
      serverNoContextTakeover: fc.boolean(),
      clientNoContextTakeover: fc.boolean(),
      serverMaxWindowBits: maybe(bits),
      clientMaxWindowBits: fc.oneof(bits, fc.constant(true as const), fc.constant(undefined)),
    })
    .map(formatDeflateTerms)
  fc.assert(
    fc.property(fc.array(offer, { maxLength: 4 }), preferences, capabilities, (offers, server, serverCodec) => {
      const { params, response, declined } = negotiateDeflate(offers.map(named), server, serverCodec)
      if (params === undefined) {
        expect(declined).toHaveLength(offers.length)
        return
      }
      const verified: DeflateParams = verifyDeflateResponse(response.params, offers)
      expect(verified).toMatchObject({
        serverNoContextTakeover: params.serverNoContextTakeover,
        serverMaxWindowBits: params.serverMaxWindowBits,
      })
      expect(verified.clientMaxWindowBits).toBeLessThanOrEqual(params.clientMaxWindowBits)
      if (params.clientNoContextTakeover) expect(verified.clientNoContextTakeover).toBe(true)
    }),
    runs,
  )
})

it('any text is answered or refused', () => {
  const words = ['permessage-deflate', 'server_max_window_bits', 'client_max_window_bits', 'server_no_context_takeover']
  const part = fc.constantFrom(...words, 'client_no_context_takeover', ';', ';', ',', '=', '=8', '=10', '=08', ' ', 'x')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.array(part, { maxLength: 6 }), (offered, answered) => {
      const offers = attempt(() => parseExtensions(`permessage-deflate${offered.join('')}`))
      if (offers instanceof ProtocolError) return
      const { params, declined } = negotiateDeflate(offers)
      if (params === undefined) expect(declined.length).toBe(offers.filter(({ name }) => name === DEFLATE_NAME).length)
      const response = attempt(() => parseExtensions(`permessage-deflate${answered.join('')}`))
      if (response instanceof ProtocolError) return
      const sent = offers.map((offer) => offer.params)
      const verified = attempt(() => verifyDeflateResponse(response[0]?.params ?? [], sent))
      if (verified instanceof ProtocolError) expect(verified.message).toMatch(/^permessage-deflate response: [ -~]+$/)
    }),
    runs,
  )
})
