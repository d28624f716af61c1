/**
 * Checks whether a response matches an offer (RFC 7692 §7.1), and describes the rule that it breaks. Used by the client's
 * verification.
 *
 * @module
 */

import { attempt, ProtocolError } from '../errors.ts'
import type { ExtensionParams } from '../extensions/extension.ts'
import { type DeflateOffer, type DeflateResponse, deflateFault, readDeflateOffer } from './params.ts'

/** The offers that the server may have accepted. If there are none, throws with the mismatch of each. */
export function findTaken(terms: DeflateResponse, offers: readonly ExtensionParams[]): DeflateOffer[] {
  const taken: DeflateOffer[] = []
  const misfits: Misfit[] = []
  for (const params of offers) {
    const offer = attempt(() => readDeflateOffer(params))
    // A server had to decline it (RFC 7692 §7).
    if (offer instanceof ProtocolError) continue
    const reason = findMisfit(terms, offer)
    if (reason === undefined) taken.push(offer)
    else misfits.push(reason)
  }
  if (taken.length > 0) return taken
  const found = new Set(misfits.map((misfit) => misfit.found))
  // The last offer asks for the least, so its section is the one to cite.
  const last = misfits[misfits.length - 1]
  if (last === undefined) throw deflateFault('response', 'answers nothing that was offered', '§5')
  throw deflateFault('response', [...found].join('; it '), last.section)
}

interface Misfit {
  readonly found: string
  readonly section: string
}

/** Why a response does not match this offer. */
function findMisfit(response: DeflateResponse, offer: DeflateOffer): Misfit | undefined {
  // "A server accepts an … offer that includes [it] by including [it]"                                RFC 7692 §7.1.1.1
  if (offer.serverNoContextTakeover && !response.serverNoContextTakeover)
    return { found: 'lacks server_no_context_takeover, which was asked for', section: '§7.1.1.1' }
  const { serverMaxWindowBits: server, clientMaxWindowBits: client } = response
  const most = offer.serverMaxWindowBits
  // "with the same or smaller value as the offer"                                                    RFC 7692 §7.1.2.1
  if (most !== undefined && (server === undefined || server > most)) {
    const found = server === undefined ? 'lacks server_max_window_bits' : `has server_max_window_bits=${server}`
    return { found: `${found}, where ${most} or less was asked for`, section: '§7.1.2.1' }
  }
  if (client === undefined) return undefined
  const hint = offer.clientMaxWindowBits
  // "the … response … MUST NOT include the "client_max_window_bits" extension parameter"              RFC 7692 §7.1.2.2
  if (hint === undefined)
    return { found: `has client_max_window_bits=${client}, which was not offered`, section: '§7.1.2.2' }
  // "with a value equal to or smaller than the received value"                                       RFC 7692 §7.1.2.2
  if (typeof hint === 'number' && client > hint)
    return { found: `has client_max_window_bits=${client}, where ${hint} or less was offered`, section: '§7.1.2.2' }
  return undefined
}
