/**
 * Sorts responses that do not open a WebSocket by what the client may do next (RFC 6455 §4.1 item 1, §4.4): follow a redirect,
 * authenticate, try another version, or give up. Only classifies; the caller acts.
 *
 * @module
 */

import { attempt, type Faults, ProtocolError } from '../errors.ts'
import { parseAuthority, withoutBrackets } from '../http/authority.ts'
import { readDecimal } from '../http/grammar.ts'
import { getHeader, getHeaders } from '../http/headers.ts'
import { describeStatus, type ResponseHead, readChallenges, type Unreadable } from '../http/response.ts'
import { encodeBytes } from '../http/target.ts'
import { parseUrl } from '../platform/url.ts'
import { field } from './fields.ts'
import type { Offer } from './offer.ts'
import { readVersions } from './version.ts'

/** A response that does not open; its body, if any, is left to the caller. */
export type Rejection = {
  /** Distinguishes it from an agreement. */
  ok: false
  /** The status that the server sent instead. */
  faults: Faults
} & (
  | {
      /** Try another URL. */
      kind: 'redirect'
      /** 301, 302, 303, 307 or 308. */
      status: number
      /** Resolved, with `http` turned into `ws`; always valid for `offerHandshake`. */
      location: string
      /** Scheme, host and port are the same. Send credentials only then. */
      sameOrigin: boolean
      /** The offer was secure and this location is not: do not follow it. */
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
      /** 426, or 400. */
      status: number
      /** In the server's order; {@link negotiateVersion} picks the one to try next. */
      versions: number[]
    }
  | {
      /** Refused. */
      kind: 'refused'
      /** Any other status. */
      status: number
      /** In seconds, or the date as sent. */
      retryAfter: number | string | undefined
    }
)

/** Statuses that redirect to `Location` (RFC 9110 §15.4). */
const redirects: ReadonlySet<number> = /* @__PURE__ */ new Set([301, 302, 303, 307, 308])

/**
 * Classifies a response that does not open.
 *
 * @param expected The status that would open, for the message.
 */
export function classifyRejection(head: ResponseHead, offer: Offer, expected: string): Rejection | Unreadable {
  const { status, headers } = head
  const faults: Faults = [statusFault(head, expected)]
  // HTTP/2 and HTTP/3 have no 101 (RFC 9113 §8.6, RFC 9114 §4.5), and every response has a status.
  if (status === 101 || status === 0) return { ok: false, faults, kind: 'invalid', status }
  if (redirects.has(status)) {
    const target = resolveLocation(getHeader(headers, 'location'), offer)
    if (target !== undefined) return { ok: false, faults, kind: 'redirect', status, ...target }
  }
  if (status === 401 || status === 407) {
    const name = status === 401 ? 'www-authenticate' : 'proxy-authenticate'
    return { ok: false, faults, kind: 'unauthorized', status, challenges: readChallenges(headers, name) }
  }
  if (status === 400 || status === 426) {
    const versions = attempt(() => readVersions(getHeaders(headers, field.version)))
    // If the list contains our version, the fault lies elsewhere, and a client that retries would loop forever.
    if (!(versions instanceof ProtocolError) && versions.length > 0 && !versions.includes(offer.offered.version))
      return { ok: false, faults, kind: 'version', status, versions }
  }
  return { ok: false, faults, kind: 'refused', status, retryAfter: readRetryAfter(getHeader(headers, 'retry-after')) }
}

function statusFault(head: ResponseHead, expected: string): ProtocolError {
  const message = `the server answered ${describeStatus(head)}, where ${expected} is expected`
  return new ProtocolError('status', message, { reference: 'RFC 6455 §4.1', status: head.status })
}

function resolveLocation(
  location: string | undefined,
  offer: Offer,
): { location: string; sameOrigin: boolean; downgrade: boolean } | undefined {
  if (location === undefined) return undefined
  // Heads hold one byte per code unit; the URL parser expects a host's bytes as UTF-8.
  const url = parseUrl(encodeBytes(location), offer.offered.base)
  const scheme = url && webSocketSchemes.get(url.protocol)
  // A host that no request can name, such as one with a quotation mark, is unusable, and so is port 0.
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

/** More digits than this are not a plausible delay, and are returned as text. */
const MAX_DELAY_DIGITS = 9

// Retry-After = HTTP-date / delay-seconds                                                            RFC 9110 §10.2.3
function readRetryAfter(text: string | undefined): number | string | undefined {
  if (text === undefined || text === '') return undefined
  return text.length > MAX_DELAY_DIGITS ? text : (readDecimal(text) ?? text)
}
