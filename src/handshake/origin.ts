/**
 * The server's `Origin` check: which pages may open a connection (RFC 6455 §4.2.1 item 7, §10.2). Browsers send cookies with every
 * WebSocket, whichever page opens it, and without a preflight. By default, therefore, only the server's own pages may connect.
 *
 * @module
 */

import { describeValue, wrongAnswer, wrongArgument } from '../arguments.ts'
import { type ProtocolError, quote, requestError } from '../errors.ts'
import { type Authority, defaultPort, isSameAuthority, parseAuthority } from '../http/authority.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { skipClass, VCHAR } from '../http/grammar.ts'
import type { RequestHead } from '../http/request.ts'
import { requestAuthority } from '../http/request-host.ts'
import { parseUrl } from '../platform/url.ts'
import { formatAuthority } from './hosts.ts'
import { PROTOCOL_VERSION } from './version.ts'

/** The longest host and port (RFC 1035 §2.3.4). The bound keeps the search for a wildcard linear. */
const MAX_HOST = 253 + ':65535'.length

type OriginFunction = (origin: string | undefined, request: RequestHead) => boolean

/**
 * How `Origin` is checked.
 *
 * @category Opening handshake
 */
export interface OriginPolicy {
  /**
   * Which origins may connect. Default: `'same'`.
   *
   * - `'same'`: requests without `Origin`, and pages from the host and port that the request is addressed to. The page's scheme must be
   *   `scheme`. Without that option, an `http` page is refused if the request is known to have arrived over `https`. An origin with `ws:`
   *   or `wss:` counts as `http:` or `https:`, here and in a list.
   * - `'any'`: all origins. If you authenticate by cookies, any page can then act on its user's behalf.
   * - A list of origins as browsers write them: `'https://a.example'`; `'https://*.a.example'` for all subdomains, but not
   *   `a.example` itself; `'null'` for sandboxed pages and files; `'absent'` for requests without `Origin`, which do not come from a
   *   browser.
   * - A synchronous function that returns true or false. `acceptHandshake` calls it only for otherwise valid requests, with the origin
   *   (`undefined` if absent, and possibly `'null'`) and the head.
   */
  readonly origins?:
    | 'any'
    | 'same'
    | readonly string[]
    | ((origin: string | undefined, request: RequestHead) => boolean)
    | undefined
  /** The scheme that clients use, for `origins: 'same'`: `'https'` behind a proxy that terminates TLS. Default: unknown. */
  readonly scheme?: 'http' | 'https' | undefined
}

/** Returns the name of the origin field in a WebSocket version. Drafts 04 to 10 use a different name. */
export function originField(version: number): string {
  return version >= 4 && version < PROTOCOL_VERSION ? 'Sec-WebSocket-Origin' : 'Origin'
}

/** The option `origins` after its check, with a list as a set. */
export type AllowedOrigins = 'any' | 'same' | ReadonlySet<string> | OriginFunction

/** Checks and resolves the option `origins`. Throws `TypeError` for an invalid option and for entries that can never match. */
export function requireOrigins(origins: OriginPolicy['origins'] = 'same'): AllowedOrigins {
  if (origins === 'same' || origins === 'any' || typeof origins === 'function') return origins
  // A single string is a common mistake: it would count as a list of its characters.
  if (!Array.isArray(origins))
    throw wrongArgument('`origins`', "'same', 'any', an array or a function", describeValue(origins))
  for (let i = 0; i < origins.length; i++) requireOriginEntry(origins[i], `\`origins[${i}]\``)
  return new Set(origins)
}

/** The list entry for requests without `Origin`. */
const ABSENT = 'absent'

/**
 * The usual form of an entry, which does not need the much slower URL parser. Excludes Punycode, which that parser decodes, names whose
 * last label may be part of an IPv4 address, default ports and long ports.
 */
const usual = /^https?:\/\/(?!.*--)(\*\.)?([a-z\d_-]+\.)*[a-z][a-z\d_-]*(:(?!80$|443$)[1-9]\d{0,3})?$/

/** A scheme and a host, without path, query, user info or a second wildcard. */
const spelling = /^([a-z][a-z0-9+.-]*):\/\/(\*\.(?=[^:]))?[^/?#@*\s]*$/

/** Throws `TypeError` for an entry that browsers do not write in this form (RFC 6454 §6.2): it would silently match nothing. */
function requireOriginEntry(entry: unknown, name: string): void {
  if (typeof entry === 'string' && (usual.test(entry) || entry === 'null' || entry === ABSENT)) return
  const written = typeof entry === 'string' ? browserForm(entry) : undefined
  if (written !== undefined && written === entry) return
  const example = quote(written ?? 'https://a.example')
  throw wrongArgument(name, `an origin as browsers write it, such as ${example}`, describeValue(entry))
}

/** Returns an entry as browsers write it, or `undefined` if there is no such form. */
function browserForm(entry: string): string | undefined {
  const [, scheme, wildcard = ''] = spelling.exec(entry) ?? []
  // No page has one of these schemes.
  if (scheme === undefined || scheme === 'ws' || scheme === 'wss') return undefined
  // Other schemes, such as chrome-extension and capacitor, have different rules for hosts.
  if (scheme !== 'http' && scheme !== 'https') return skipClass(entry, 0, VCHAR) < entry.length ? undefined : entry
  const url = parseUrl(entry.replace('*', 'x'))
  return url && `${scheme}://${wildcard}${url.host.slice(wildcard.length)}`
}

/** The request fields that {@link findOriginError} compares. */
export interface OriginFields {
  /** Each `Origin` line, and for a draft also each line of the draft's field, as either could be forged. */
  readonly lines: FieldValues
  /** Each `Host` line. */
  readonly hosts: FieldValues
}

/** Returns the error of a request's origin. If the option is a function, {@link askOrigin} decides. */
export function findOriginError(
  head: RequestHead,
  { lines, hosts }: OriginFields,
  allowed: AllowedOrigins,
  scheme?: string,
): ProtocolError | undefined {
  if (allowed === 'any') return undefined
  if (lines.length > 1) return originError(`expected one Origin, found ${lines.length}`)
  const [sent] = lines
  const origin = sent && toPageOrigin(sent)
  if (typeof allowed === 'function') return undefined
  if (allowed !== 'same') return isListed(origin, allowed) ? undefined : notAllowed(sent)
  if (origin === undefined) return undefined
  const own = requestAuthority(head, hosts)
  if (own !== undefined && isSame(origin, own, scheme, head.scheme)) return undefined
  const known = scheme ?? (head.scheme === 'https' ? 'https' : undefined)
  const expected = own === undefined ? 'an unknown host' : quote((known ? `${known}://` : '') + formatAuthority(own))
  return originError(`origin ${quote(sent as string)} is not ${expected} and is not in \`origins\``)
}

/** Replaces a WebSocket scheme, which non-browser clients may send: `ws` counts as `http`, `wss` as `https`. */
function toPageOrigin(origin: string): string {
  return origin.startsWith('ws://') || origin.startsWith('wss://') ? `http${origin.slice('ws'.length)}` : origin
}

/** Calls the caller's function, for a request without other errors. Returns the error of a refused origin. */
export function askOrigin(
  head: RequestHead,
  origin: string | undefined,
  allowed: AllowedOrigins,
): ProtocolError | undefined {
  if (typeof allowed !== 'function') return undefined
  const answer: unknown = allowed(origin, head)
  if (typeof answer !== 'boolean') throw wrongAnswer('origins', 'true or false', answer)
  return answer ? undefined : notAllowed(origin)
}

/** Whether an origin equals an entry or, for `https://*.a.example`, is a subdomain at any depth. */
export function isListed(origin: string | undefined, list: ReadonlySet<string>): boolean {
  if (origin === undefined) return list.has(ABSENT)
  // Only an entry may have these forms.
  if (origin === ABSENT || origin.indexOf('*') !== -1) return false
  if (list.has(origin)) return true
  let start = origin.indexOf('://') + '://'.length
  const scheme = origin.slice(0, start)
  if (origin.length - start > MAX_HOST) return false
  for (;;) {
    const dot = origin.indexOf('.', start)
    // With any other character (`@`, `/`, `:`) or an empty label, the host could end before the name.
    if (dot === -1 || !label.test(origin.slice(start, dot))) return false
    // The dot is part of the entry, so that `evil-a.example` does not match `*.a.example`.
    if (list.has(`${scheme}*${origin.slice(dot)}`)) return true
    start = dot + 1
  }
}

/** A label as browsers write it: lower case, digits, hyphens, and the underscore, which some names have. */
const label = /^[a-z\d_-]+$/

/**
 * Whether an origin has the host and port of the request. A missing port means the default port of the origin's scheme: most requests
 * do not state a scheme, and one that arrived as `http` may have been `https` before a proxy. A request that arrived as `https` was
 * never `http`.
 */
function isSame(origin: string, own: Authority, scheme: string | undefined, seenScheme: string | undefined): boolean {
  const colon = origin.indexOf('://')
  const theirScheme = origin.slice(0, Math.max(colon, 0))
  if (scheme === undefined ? theirScheme === 'http' && seenScheme === 'https' : theirScheme !== scheme) return false
  return (
    defaultPort(theirScheme) !== undefined && isSameAuthority(own, parseAuthority(origin.slice(colon + 3)), theirScheme)
  )
}

function notAllowed(origin: string | undefined): ProtocolError {
  return originError(
    `${origin === undefined ? 'a request without Origin' : `origin ${quote(origin)}`} is not allowed by \`origins\``,
  )
}

function originError(message: string): ProtocolError {
  return requestError('origin', message, 'RFC 6455 §4.2.2', 403)
}
