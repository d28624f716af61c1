/**
 * The client's second act: holds the answer against the offer (RFC 6455 §4.1). Knows the checks and their order; what a
 * server says instead of opening is told by kind.
 *
 * @module
 */

import { attempt, ProtocolError } from '../errors.ts'
import { getHeaders, type HeaderPairs } from '../http/headers.ts'
import type { ResponseHead, ResponseSource, Unreadable } from '../http/response.ts'
import { type ParsedResponse, readResponse } from '../http/response-parser.ts'
import type { AgreedExtension, Agreement } from './agreement.ts'
import type { ClientCarrier } from './carrier.ts'
import { clientCarrier } from './carriers.ts'
import { readExtensions } from './extensions.ts'
import { field } from './fields.ts'
import { verifyExtensions } from './negotiation.ts'
import type { Offer } from './offer.ts'
import { classifyRejection, type Rejection } from './rejection.ts'
import { readChosenSubprotocol } from './subprotocol.ts'
import { checkVersions } from './version.ts'

/** An answer that fits the offer: an agreement. */
export interface Verified<Subprotocol extends string = string> extends Agreement<Subprotocol> {
  /** Tells it from a rejection. */
  ok: true
  /** What was asked for: the first of `options.versions`, 13 where nobody said otherwise. */
  version: number
}

/** An answer that opens nothing, by kind: `'invalid'` is none to this offer, the others are what a server may well say. */
export type Rejected = Unreadable | Rejection

/**
 * Judges the answer to an offer. A 101, or over HTTP/2 and 3 a 2xx, is held against every rule of RFC 6455 §4.1 that its
 * carrier has, and all its faults are found; any other status is told by kind. Never throws for what a peer sent; what the
 * parser could not read comes back as it is.
 *
 * @param response A parser's result, good or bad, a head of one's own, Node's `IncomingMessage`, or the header object of
 *   `node:http2`'s `response` event.
 *
 * @example
 * const answer = verifyHandshake(parsed, offer)
 * if (answer.ok) connection = new Connection({ role: 'client', agreement: answer })
 * else if (answer.kind === 'redirect') open(answer.location)
 * else throw answer.faults[0]
 */
export function verifyHandshake<Subprotocol extends string>(
  response: ResponseSource | ParsedResponse,
  offer: Offer<Subprotocol>,
): Verified<Subprotocol> | Rejected {
  const answer = readResponse(response)
  if (!answer.ok) return answer
  const carrier = clientCarrier(offer.request.version)
  if (!carrier.opens(answer.head.status)) return classifyRejection(answer.head, offer, carrier.opening)
  return verifyOpening(answer.head, offer, carrier)
}

function verifyOpening<Subprotocol extends string>(
  head: ResponseHead,
  offer: Offer<Subprotocol>,
  carrier: ClientCarrier,
): Verified<Subprotocol> | Unreadable {
  const { subprotocols = [], requireSubprotocol = false } = offer.options
  const subprotocol = attempt(() =>
    readChosenSubprotocol<Subprotocol>(getHeaders(head.headers, field.protocol), subprotocols, requireSubprotocol),
  )
  const agreed = attempt(() => readAgreed(head.headers, offer))
  const [first, ...more] = [...carrier.verify(head.headers, offer.key), agreed, subprotocol].filter(
    (result) => result instanceof ProtocolError,
  )
  if (first !== undefined) return { ok: false, faults: [first, ...more], kind: 'invalid', status: head.status }
  const [version] = checkVersions(offer.options.versions)
  return {
    ok: true,
    version,
    subprotocol: subprotocol as Subprotocol | undefined,
    extensions: agreed as AgreedExtension[],
  }
}

// "… indicates the use of an extension that was not present in the client's handshake"           RFC 6455 §4.1 item 5
function readAgreed(headers: HeaderPairs, { options, request }: Offer): AgreedExtension[] {
  const answers = readExtensions(getHeaders(headers, field.extensions))
  // What was sent counts, and not what an extension would offer now.
  const offers = readExtensions(getHeaders(request.headers, field.extensions))
  return verifyExtensions(answers, options.extensions ?? [], offers)
}
