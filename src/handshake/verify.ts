/**
 * The client side, second step: turns a response into an agreement, or into a rejection of a kind that shows what the client may do
 * next (RFC 6455 §4.1, §4.4): follow a redirect, authenticate, try another version, or give up. Only classifies; the caller acts.
 *
 * @module
 */

import { describeType, requireRecord, wrongArgument } from '../arguments.ts'
import { attempt, ProtocolError, type ProtocolErrors } from '../errors.ts'
import type { AgreedExtension } from '../extensions/extension.ts'
import { notOffered, readExtensions } from '../extensions/header.ts'
import { supportOf } from '../extensions/support.ts'
import { parseAuthority, withoutBrackets } from '../http/authority.ts'
import { readDecimal } from '../http/grammar.ts'
import { getHeader, getHeaders, type HeaderPairs } from '../http/headers.ts'
import { describeStatus, type ResponseHead, type ResponseSource, readChallenges } from '../http/response.ts'
import { type ParsedResponse, readResponse } from '../http/response-parser.ts'
import { encodeBytes } from '../http/target.ts'
import { parseUrl } from '../platform/url.ts'
import type { Agreement } from './agreement.ts'
import { clientOf } from './client-carrier.ts'
import { field } from './fields.ts'
import type { Offer, Offered } from './offer.ts'
import { type ChosenSubprotocol, readChosenSubprotocol } from './subprotocol.ts'
import type { ClientCarrier } from './upgrade-carrier.ts'
import { readVersions } from './version.ts'

/** The most digits of a plausible delay. A longer one is returned as text. */
const MAX_DELAY_DIGITS = 9

/**
 * A response that fits the offer. With `requireSubprotocol: true`, `subprotocol` is never `undefined`.
 *
 * @category Opening handshake
 */
export interface Verified<
  Subprotocol extends string = string,
  Chosen extends Subprotocol | undefined = Subprotocol | undefined,
> extends Agreement<Subprotocol> {
  /** Distinguishes it from a rejection. */
  ok: true
  /** The subprotocol that the server chose; `undefined` if there is none. */
  subprotocol: Chosen
  /** The requested WebSocket version: the first of `options.versions`, 13 by default. */
  version: number
}

/**
 * A response that does not open the connection, by kind. An `'invalid'` one breaks the protocol or is unreadable; the other kinds are
 * valid. The caller reads the body, if there is one.
 *
 * @category Opening handshake
 */
export type Rejected = {
  /** Distinguishes it from an agreement. */
  ok: false
  /** All errors found, or one about the status that the server sent instead. */
  errors: ProtocolErrors
} & (
  | {
      /** Give up: retrying is pointless. */
      kind: 'invalid'
      /** The status, or `undefined` if it is unreadable. */
      status: number | undefined
    }
  | {
      /** Try another URL. */
      kind: 'redirect'
      /** 301, 302, 303, 307 or 308. */
      status: number
      /** The resolved URL, with `ws` for `http` and `wss` for `https`. Always valid for `offerHandshake`. */
      location: string
      /** Whether scheme, host and port are the same. Send credentials only then. */
      sameOrigin: boolean
      /** Whether the offer was secure and this location is not: do not follow it. */
      downgrade: boolean
    }
  | {
      /** Authenticate. */
      kind: 'unauthorized'
      /** 401 from the server, 407 from a proxy. */
      status: number
      /** `WWW-Authenticate` or `Proxy-Authenticate`, one entry per non-empty line. */
      challenges: string[]
    }
  | {
      /** Try another version. */
      kind: 'version'
      /** 426 or 400. */
      status: number
      /** The versions that the server supports, in its order. {@link negotiateVersion} picks the one to try next. */
      versions: number[]
    }
  | {
      /** Refused. */
      kind: 'refused'
      /** Any other status. */
      status: number
      /** In seconds, or the date as sent; `undefined` without `Retry-After`. */
      retryAfter: number | string | undefined
    }
)

/**
 * Checks the response to an offer. For a 101, or a 2xx over HTTP/2 and HTTP/3, checks every rule of RFC 6455 §4.1 that applies to the
 * carrier, and reports all errors. For any other status, returns its kind. Never throws for what a peer sent, and returns a parser's
 * failure unchanged.
 *
 * @param response A parser's result, success or failure, your own head, Node's `IncomingMessage`, or the header object of
 *   `node:http2`'s `response` event.
 *
 * @throws TypeError if `response` is not a response, or `offer` does not come from `offerHandshake`.
 *
 * @example
 * const offer = offerHandshake('ws://a.example/', { subprotocols: ['chat'] })
 * const { response } = acceptHandshake(offer.request, { subprotocols: ['chat'] })
 * const answer = verifyHandshake(response, offer)
 * answer.ok && answer.subprotocol // 'chat'
 *
 * @example
 * const answer = verifyHandshake(parsed, offer)
 * if (answer.ok) connection = new Connection({ role: 'client', agreement: answer })
 * else if (answer.kind === 'redirect' && !answer.downgrade) open(answer.location)
 * else throw answer.errors[0]
 *
 * @category Opening handshake
 */
export function verifyHandshake<Subprotocol extends string, Required extends boolean = boolean>(
  response: ResponseSource | ParsedResponse,
  offer: Offer<Subprotocol, Required>,
): Verified<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> | Rejected {
  requireRecord(response, 'the response')
  requireOffer(offer)
  const answer = readResponse(response, offer.offered.limits)
  if (!answer.ok) return answer
  type Fitting = Verified<Subprotocol, ChosenSubprotocol<Subprotocol, Required>>
  return verifyHead(clientOf(offer.offered.httpVersion), answer.head, offer) as Fitting | Rejected
}

/** Checks a head over a known carrier, as {@link verifyHandshake} does. Programs with one source do not bundle the code of the others. */
export function verifyHead(carrier: ClientCarrier, head: ResponseHead, offer: Offer): Verified | Rejected {
  return carrier.opens(head.status) ? verifyOpening(head, offer, carrier) : classify(head, offer, carrier.opening)
}

/** Throws `TypeError` for any value but a result of `offerHandshake`. */
export function requireOffer(offer: unknown): void {
  const { offered } = (typeof offer === 'object' && offer !== null ? offer : {}) as { offered?: unknown }
  if (typeof offered !== 'object' || offered === null)
    throw wrongArgument('`offer`', 'the result of offerHandshake', describeType(offer))
}

function verifyOpening(head: ResponseHead, { key, offered }: Offer, carrier: ClientCarrier): Verified | Rejected {
  const { subprotocols, requireSubprotocol, version } = offered
  const subprotocol = attempt(() =>
    readChosenSubprotocol(getHeaders(head.headers, field.protocol), subprotocols, requireSubprotocol),
  )
  const agreed = attempt(() => readAgreed(head.headers, offered))
  const [first, ...more] = [...carrier.verify(head.headers, key, offered.sha1), agreed, subprotocol].filter(
    (result) => result instanceof ProtocolError,
  )
  if (first !== undefined) return { ok: false, errors: [first, ...more], kind: 'invalid', status: head.status }
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

/** Statuses that redirect to `Location` (RFC 9110 §15.4). */
const redirects: readonly number[] = [301, 302, 303, 307, 308]

/**
 * Classifies a response that does not open the connection.
 *
 * @param expected The status that opens it, for the message.
 */
function classify(head: ResponseHead, offer: Offer, expected: string): Rejected {
  const { status, headers } = head
  const errors: ProtocolErrors = [statusError(head, expected)]
  // HTTP/2 and HTTP/3 have no 101 (RFC 9113 §8.6, RFC 9114 §4.5), and every response has a status.
  if (status === 101 || status === 0) return { ok: false, errors, kind: 'invalid', status }
  if (redirects.includes(status)) {
    const target = resolveLocation(getHeader(headers, 'location'), offer)
    if (target !== undefined) return { ok: false, errors, kind: 'redirect', status, ...target }
  }
  if (status === 401 || status === 407) {
    const name = status === 401 ? 'www-authenticate' : 'proxy-authenticate'
    return { ok: false, errors, kind: 'unauthorized', status, challenges: readChallenges(headers, name) }
  }
  if (status === 400 || status === 426) {
    const versions = attempt(() => readVersions(getHeaders(headers, field.version)))
    // If the list contains our version, the cause is different, and a client that retries would loop forever.
    if (!(versions instanceof ProtocolError) && versions.length > 0 && !versions.includes(offer.offered.version))
      return { ok: false, errors, kind: 'version', status, versions }
  }
  return { ok: false, errors, kind: 'refused', status, retryAfter: readRetryAfter(getHeader(headers, 'retry-after')) }
}

function statusError(head: ResponseHead, expected: string): ProtocolError {
  const message = `expected ${expected}, found ${describeStatus(head)}`
  return new ProtocolError('status', message, { reference: 'RFC 6455 §4.1', status: head.status })
}

function resolveLocation(
  location: string | undefined,
  offer: Offer,
): { location: string; sameOrigin: boolean; downgrade: boolean } | undefined {
  if (location === undefined) return undefined
  // In a head, each code unit is one byte. The URL parser expects the bytes of a host as UTF-8.
  const url = parseUrl(encodeBytes(location), offer.offered.base)
  const scheme = url && webSocketSchemes.get(url.protocol)
  // No request can name some hosts, such as one with a quotation mark. Port 0 is also unusable.
  if (url === undefined || scheme === undefined || parseAuthority(url.host) === undefined || url.port === '0')
    return undefined
  const port = url.port || (scheme === 'wss' ? '443' : '80')
  const secure = scheme === 'wss'
  return {
    location: `${scheme}://${url.host}${url.pathname}${url.search}`,
    sameOrigin:
      secure === offer.secure && withoutBrackets(url.hostname) === offer.hostname && port === String(offer.port),
    downgrade: offer.secure && !secure,
  }
}

const webSocketSchemes: ReadonlyMap<string, 'ws' | 'wss'> = /* @__PURE__ */ new Map([
  ['ws:', 'ws'],
  ['http:', 'ws'],
  ['wss:', 'wss'],
  ['https:', 'wss'],
])

// Retry-After = HTTP-date / delay-seconds                                                            RFC 9110 §10.2.3
function readRetryAfter(text: string | undefined): number | string | undefined {
  if (text === undefined || text === '') return undefined
  return text.length > MAX_DELAY_DIGITS ? text : (readDecimal(text) ?? text)
}
