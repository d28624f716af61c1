/**
 * Client side, second step: from a response to an agreement, or to a rejection sorted by kind (RFC 6455 §4.1). This file sets
 * the order of the checks.
 *
 * @module
 */

import { describeType, requireRecord } from '../arguments.ts'
import { attempt, ProtocolError } from '../errors.ts'
import type { AgreedExtension } from '../extensions/extension.ts'
import { notOffered, readExtensions } from '../extensions/header.ts'
import { supportOf } from '../extensions/support.ts'
import { getHeaders, type HeaderPairs } from '../http/headers.ts'
import type { ResponseHead, ResponseSource, Unreadable } from '../http/response.ts'
import { type ParsedResponse, readResponse } from '../http/response-parser.ts'
import type { Agreement } from './agreement.ts'
import type { ClientCarrier } from './carrier.ts'
import { clientCarrier } from './carriers.ts'
import { field } from './fields.ts'
import type { Offer, Offered } from './offer.ts'
import { classifyRejection, type Rejection } from './rejection.ts'
import { type ChosenSubprotocol, readChosenSubprotocol } from './subprotocol.ts'

/** A response that fits the offer. With `requireSubprotocol: true`, `subprotocol` is never `undefined`. */
export interface Verified<
  Subprotocol extends string = string,
  Chosen extends Subprotocol | undefined = Subprotocol | undefined,
> extends Agreement<Subprotocol> {
  /** Distinguishes it from a rejection. */
  ok: true
  /** The server's choice; `undefined`: none. */
  subprotocol: Chosen
  /** The version requested: the first of `options.versions`, 13 by default. */
  version: number
}

/** A response that does not open, by kind: `'invalid'` breaks the protocol; the others are legitimate. */
export type Rejected = Unreadable | Rejection

/**
 * Checks the response to an offer. A 101, or a 2xx over HTTP/2 and 3, is checked against every rule of RFC 6455 §4.1 that
 * applies to its carrier, and all faults are reported; any other status is returned by kind. Never throws for what a peer sent;
 * a parser's failure is returned unchanged.
 *
 * @param response A parser's result, success or failure, your own head, Node's `IncomingMessage`, or the header object of
 *   `node:http2`'s `response` event.
 *
 * @throws TypeError if `response` is not a response, or `offer` does not come from `offerHandshake`.
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
  const [first] = answers
  const support = supportOf(extensions)
  if (support !== undefined) return support.verify(answers, extensions, extensionOffers)
  if (first !== undefined) throw notOffered(first.name)
  return []
}
