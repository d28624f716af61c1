/**
 * The client's second act: holds the answer against the offer (RFC 6455 §4.1). Knows the checks and their order; what a
 * server says instead of opening is told by kind.
 *
 * @module
 */

import { describeType, requireRecord } from '../arguments.ts'
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
import type { Offer, Offered } from './offer.ts'
import { classifyRejection, type Rejection } from './rejection.ts'
import { type ChosenSubprotocol, readChosenSubprotocol } from './subprotocol.ts'

/** An answer that fits the offer: an agreement. With `requireSubprotocol: true`, `subprotocol` is never `undefined`. */
export interface Verified<
  Subprotocol extends string = string,
  Chosen extends Subprotocol | undefined = Subprotocol | undefined,
> extends Agreement<Subprotocol> {
  /** Tells it from a rejection. */
  ok: true
  /** The one that the server chose; `undefined`: none. */
  subprotocol: Chosen
  /** What was asked for: the first of `options.versions`, 13 by default. */
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
 * @throws TypeError for what is no response, and for an offer that is not `offerHandshake`'s.
 *
 * @example
 * const answer = verifyHandshake(parsed, offer)
 * if (answer.ok) connection = new Connection({ role: 'client', agreement: answer })
 * else if (answer.kind === 'redirect' && !answer.downgrade) open(answer.location)
 * else throw answer.faults[0]
 */
export function verifyHandshake<Subprotocol extends string, Required extends boolean = boolean>(
  response: ResponseSource | ParsedResponse,
  offer: Offer<Subprotocol, Required>,
): Verified<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> | Rejected {
  requireRecord(response, 'the response')
  requireOffer(offer)
  const answer = readResponse(response, offer.offered.limits)
  if (!answer.ok) return answer
  const carrier = clientCarrier(offer.offered.httpVersion)
  if (!carrier.opens(answer.head.status)) return classifyRejection(answer.head, offer, carrier.opening)
  type Fitting = Verified<Subprotocol, ChosenSubprotocol<Subprotocol, Required>>
  return verifyOpening(answer.head, offer, carrier) as Fitting | Unreadable
}

function requireOffer(offer: unknown): void {
  const { offered } = (typeof offer === 'object' && offer !== null ? offer : {}) as { offered?: unknown }
  if (typeof offered !== 'object' || offered === null)
    throw new TypeError(`\`offer\` must be what offerHandshake returned, not ${describeType(offer)}`)
}

function verifyOpening(head: ResponseHead, { key, offered }: Offer, carrier: ClientCarrier): Verified | Unreadable {
  const { subprotocols, requireSubprotocol, version } = offered
  const subprotocol = attempt(() =>
    readChosenSubprotocol(getHeaders(head.headers, field.protocol), subprotocols, requireSubprotocol),
  )
  const agreed = attempt(() => readAgreed(head.headers, offered))
  const [first, ...more] = [...carrier.verify(head.headers, key), agreed, subprotocol].filter(
    (result) => result instanceof ProtocolError,
  )
  if (first !== undefined) return { ok: false, faults: [first, ...more], kind: 'invalid', status: head.status }
  return {
    ok: true,
    version,
    subprotocol: subprotocol as string | undefined,
    extensions: agreed as AgreedExtension[],
  }
}

// "… indicates the use of an extension that was not present in the client's handshake"           RFC 6455 §4.1 item 5
function readAgreed(headers: HeaderPairs, { extensions, extensionOffers }: Offered): AgreedExtension[] {
  const answers = readExtensions(getHeaders(headers, field.extensions))
  return verifyExtensions(answers, extensions, extensionOffers)
}
