/**
 * The client's second act: holds the answer against the offer (RFC 6455 §4.1). Knows the checks and their order; what a
 * server says instead of 101 is told by kind.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import { getHeaderElements, getHeaders, type HeaderPairs } from '../http/headers.ts'
import { type ResponseHead, type ResponseSource, responseHeadFrom, type Unreadable } from '../http/response.ts'
import type { ParsedResponse } from '../http/response-parser.ts'
import { holdsOption } from '../http/upgrade.ts'
import type { AgreedExtension, Agreement } from './agreement.ts'
import { readExtensions } from './extensions.ts'
import { field } from './fields.ts'
import { computeAccept } from './key.ts'
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
 * Judges the answer to an offer. A 101 is held against every rule of RFC 6455 §4.1 and all its faults are found; any other
 * status is told by kind. Never throws for what a peer sent; what the parser could not read comes back as it is.
 *
 * @param response A parser's result, good or bad, a head of one's own, or Node's `IncomingMessage`.
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
  // Not by `ok`: a Fetch `Response` has that, too.
  if ('rest' in response && !response.ok) return response
  const head = 'rest' in response ? response.head : responseHeadFrom(response)
  if (head.status !== 101) return classifyRejection(head, offer)
  return verifySwitch(head, offer)
}

function verifySwitch<Subprotocol extends string>(
  head: ResponseHead,
  offer: Offer<Subprotocol>,
): Verified<Subprotocol> | Unreadable {
  const { subprotocols = [], requireSubprotocol = false } = offer.options
  const subprotocol = readChosenSubprotocol<Subprotocol>(
    getHeaders(head.headers, field.protocol),
    subprotocols,
    requireSubprotocol,
  )
  const agreed = attempt(() => readAgreed(head.headers, offer))
  // In the order of RFC 6455 §4.1, items 2 to 6 of what a client validates.
  const [first, ...more] = [
    attempt(() => checkUpgrade(head.headers)),
    attempt(() => checkConnection(head.headers)),
    checkAccept(head.headers, offer.key),
    agreed,
    subprotocol,
  ].filter((result) => result instanceof ProtocolError)
  if (first !== undefined) return { ok: false, faults: [first, ...more], kind: 'invalid', status: 101 }
  const [version] = checkVersions(offer.options.versions)
  return {
    ok: true,
    version,
    subprotocol: subprotocol as Subprotocol | undefined,
    extensions: agreed as AgreedExtension[],
  }
}

// "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that is not an ASCII
// case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket Connection_."   RFC 6455 §4.1 item 2
function checkUpgrade(headers: HeaderPairs): ProtocolError | undefined {
  const elements = getHeaderElements(headers, 'upgrade')
  const [element = ''] = elements
  if (elements.length === 1 && equalsIgnoringCase(element, 'websocket')) return undefined
  const code = elements.length === 0 ? 'upgrade-missing' : 'upgrade-not-offered'
  return fault(
    code,
    `the 101 names ${elements.length === 0 ? 'no protocol' : quote(elements.join(', '))} in Upgrade, where websocket alone is expected`,
  )
}

// "If the response lacks a |Connection| header field or … doesn't contain a token that is an ASCII case-insensitive match
// for the value "Upgrade""                                                                       RFC 6455 §4.1 item 3
function checkConnection(headers: HeaderPairs): ProtocolError | undefined {
  const values = getHeaders(headers, 'connection')
  if (holdsOption(values, 'upgrade')) return undefined
  const found = values.length === 0 ? 'has no Connection' : `says ${quote(values.join(', '))} in Connection`
  return fault('connection-missing', `the 101 ${found}, where the option upgrade is expected`)
}

// RFC 6455 §4.1 item 4; "MUST NOT appear more than once in an HTTP response" (§11.3.3)
function checkAccept(headers: HeaderPairs, key: string): ProtocolError | undefined {
  const values = getHeaders(headers, field.accept)
  const [value] = values
  if (value === undefined || values.length > 1)
    return fault('accept', `the 101 has ${values.length || 'no'} ${field.accept} lines, where one is expected`)
  const expected = computeAccept(key)
  return value === expected
    ? undefined
    : fault('accept', `${field.accept} is ${quote(value)}, where the key asks for ${expected}`)
}

// "… indicates the use of an extension that was not present in the client's handshake"           RFC 6455 §4.1 item 5
function readAgreed(headers: HeaderPairs, { options, request }: Offer): AgreedExtension[] {
  const answers = readExtensions(getHeaders(headers, field.extensions))
  // What was sent counts, and not what an extension would offer now.
  const offers = readExtensions(getHeaders(request.headers, field.extensions))
  return verifyExtensions(answers, options.extensions ?? [], offers)
}

function fault(code: ProtocolErrorCode, message: string): ProtocolError {
  return new ProtocolError(code, message, { reference: 'RFC 6455 §4.1' })
}
