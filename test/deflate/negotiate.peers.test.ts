/** Our negotiation against that of `ws`, without a connection: each answers the other's offers. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as ws from 'ws'
import { negotiateDeflate, offerDeflate, verifyDeflateResponse } from '../../src/deflate/negotiate.ts'
import { DEFLATE_NAME } from '../../src/deflate/params.ts'
import { type ExtensionParams, toExtensionParams } from '../../src/extensions/extension.ts'

type Bare = Record<string, number | true>
/** Not in the types of `ws`, but public. */
interface Negotiator {
  offer(): Bare
  accept(configurations: Record<string, (string | true)[]>[]): Bare
}
const { PerMessageDeflate } = ws as unknown as { PerMessageDeflate: new (options: object) => Negotiator }

/** In the form of its own parser: each value in a list. */
const listed = (params: ExtensionParams) => Object.fromEntries(params.map(([name, value]) => [name, [value]]))

const flag = fc.constantFrom(undefined, true)
const bits = fc.option(fc.integer({ min: 8, max: 15 }), { nil: undefined })
const preferences = fc.record({
  serverNoContextTakeover: flag,
  clientNoContextTakeover: flag,
  serverMaxWindowBits: bits,
  clientMaxWindowBits: bits,
})

it('ws accepts our server’s answer to its offer', () => {
  fc.assert(
    fc.property(preferences, preferences, (theirs, ours) => {
      const client = new PerMessageDeflate({ ...theirs, isServer: false })
      const { params, response } = negotiateDeflate(
        [{ name: DEFLATE_NAME, params: toExtensionParams(client.offer()) }],
        ours,
      )
      if (params === undefined) throw new Error('declined')
      const agreed = client.accept([listed(response.params)])
      // It keeps its own promise of a smaller window.
      expect(agreed.client_max_window_bits ?? 15).toBe(params.clientMaxWindowBits)
      expect(agreed.server_max_window_bits ?? 15).toBe(params.serverMaxWindowBits)
      expect(agreed.server_no_context_takeover ?? false).toBe(params.serverNoContextTakeover)
      expect(agreed.client_no_context_takeover ?? false).toBe(params.clientNoContextTakeover)
    }),
  )
})

it('we accept the answer of ws to our offers', () => {
  fc.assert(
    fc.property(preferences, preferences, (ours, theirs) => {
      const offers = offerDeflate(ours)
      const server = new PerMessageDeflate({ ...theirs, isServer: true })
      let agreed: Bare
      try {
        agreed = server.accept(offers.map(listed))
      } catch {
        // It treats its preference for the client as a demand, and declines a client that promises even less.
        expect(theirs.clientMaxWindowBits).toBeGreaterThan(ours.clientMaxWindowBits ?? 15)
        return
      }
      const params = verifyDeflateResponse(toExtensionParams(agreed), offers)
      expect(params.serverMaxWindowBits).toBe(agreed.server_max_window_bits ?? 15)
      expect(params.clientMaxWindowBits).toBeLessThanOrEqual(Number(agreed.client_max_window_bits ?? 15))
      expect(params.serverNoContextTakeover).toBe(agreed.server_no_context_takeover ?? false)
    }),
  )
})
