/**
 * The server's `Origin` check: which pages may open a connection (RFC 6455 §4.2.1 item 7, §10.2). Browsers send cookies with
 * every WebSocket, whichever page opens it, and without a preflight; so by default only the server's own pages may connect.
 *
 * @module
 */

import { describeValue, wrongAnswer } from '../arguments.ts'
import { ProtocolError, quote } from '../errors.ts'
import { type Authority, defaultPorts, parseAuthority } from '../http/authority.ts'
import type { FieldValues } from '../http/field-picker.ts'
import type { RequestHead } from '../http/request.ts'
import { requestAuthority } from '../http/request-host.ts'
import { ABSENT, checkOriginEntry, matchesOrigin } from './origin-list.ts'
import { PROTOCOL_VERSION } from './version.ts'

/** How `Origin` is checked. */
export interface OriginPolicy {
  /**
   * Which origins may connect. Default: `'same'`.
   *
   * - `'same'`: requests without `Origin`, and pages from the host and port that the request is addressed to. Their scheme
   *   must be `scheme`; without that option, an `http` page is refused if the request is known to have come over `https`. An
   *   origin with `ws:` or `wss:` counts as `http:` or `https:`, here and in a list.
   * - `'any'`: all. If you authenticate by cookies, any page can then act on its user's behalf.
   * - A list of origins as browsers write them: `'https://a.example'`; `'https://*.a.example'` for all subdomains, but not
   *   `a.example` itself; `'null'` for sandboxed pages and files; `'absent'` for requests without `Origin`, which do not come
   *   from a browser.
   * - A synchronous function that returns true or false. It is called only for otherwise valid requests, with the origin
   *   (`undefined` if absent, and possibly `'null'`) and the head.
   */
  readonly origins?:
    | 'any'
    | 'same'
    | readonly string[]
    | ((origin: string | undefined, request: RequestHead) => boolean)
    | undefined
  /** The scheme clients use, for `origins: 'same'`: `'https'` behind a proxy that terminates TLS. */
  readonly scheme?: 'http' | 'https' | undefined
}

/** The field that carries the origin in a given version: drafts 04 to 10 use a different one. */
export function originField(version: number): string {
  return version >= 4 && version < PROTOCOL_VERSION ? 'Sec-WebSocket-Origin' : 'Origin'
}

/** The request fields that {@link checkOrigin} compares. */
export interface OriginFields {
  /** Each `Origin` line; for a draft also each line of its own field, as either could be forged. */
  readonly lines: FieldValues
  /** Each `Host` line. */
  readonly hosts: FieldValues
}

/** Throws `TypeError` for options of the wrong type, and for entries that can never match. */
export function checkOriginPolicy({ origins = 'same', scheme }: OriginPolicy): void {
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    throw new TypeError(`\`scheme\` must be 'http' or 'https', not ${describeValue(scheme)}`)
  if (Array.isArray(origins)) for (let i = 0; i < origins.length; i++) checkOriginEntry(origins[i])
  // A single string is a common mistake: it would be read as a list of its characters.
  else if (origins !== 'same' && origins !== 'any' && typeof origins !== 'function')
    throw new TypeError(
      `\`origins\` must be 'same', 'any', an array of origins or a function, not ${describeValue(origins)}`,
    )
}

/** The fault of a request's origin; `undefined`: allowed, unless {@link askOrigin} refuses it. */
export function checkOrigin(
  head: RequestHead,
  { lines, hosts }: OriginFields,
  policy: OriginPolicy,
): ProtocolError | undefined {
  const { origins = 'same' } = policy
  if (origins === 'any') return undefined
  if (lines.length > 1) return originFault(`the request has ${lines.length} Origin lines, where one may stand`)
  if (typeof origins === 'function') return undefined
  const [origin] = lines
  return origins === 'same' ? checkSame(head, hosts, origin, policy.scheme) : checkListed(origin, origins)
}

/** Non-browser clients may send the WebSocket scheme: `ws` counts as `http`, `wss` as `https`. */
function toPageOrigin(origin: string): string {
  return origin.startsWith('ws://') || origin.startsWith('wss://') ? `http${origin.slice('ws'.length)}` : origin
}

/** Calls the caller's function, for a request without any other fault. */
export function askOrigin(
  head: RequestHead,
  origin: string | undefined,
  { origins }: OriginPolicy,
): ProtocolError | undefined {
  if (typeof origins !== 'function') return undefined
  const answer: unknown = origins(origin, head)
  if (typeof answer !== 'boolean') throw wrongAnswer('origins', 'true or false', answer)
  return answer ? undefined : originFault(`${describe(origin)} is not allowed`)
}

function checkListed(origin: string | undefined, list: readonly string[]): ProtocolError | undefined {
  return isListed(origin, list) ? undefined : originFault(`${describe(origin)} is not among the allowed \`origins\``)
}

function isListed(sent: string | undefined, list: readonly string[]): boolean {
  if (sent === undefined) return list.includes(ABSENT)
  const origin = toPageOrigin(sent)
  for (let i = 0; i < list.length; i++) {
    const entry = list[i] as string
    if (entry !== ABSENT && matchesOrigin(origin, entry)) return true
  }
  return false
}

function checkSame(
  head: RequestHead,
  hosts: FieldValues,
  origin: string | undefined,
  scheme: string | undefined,
): ProtocolError | undefined {
  if (origin === undefined) return undefined
  const own = requestAuthority(head, hosts)
  if (own !== undefined && isSame(toPageOrigin(origin), own, scheme, head.scheme)) return undefined
  const known = scheme ?? (head.scheme === 'https' ? 'https' : undefined)
  const asked = own === undefined ? 'which is unknown' : quote((known ? `${known}://` : '') + formatAuthority(own))
  return originFault(`${describe(origin)} is not what was asked for, ${asked}; the option \`origins\` can allow it`)
}

/**
 * No port equals the default port of the origin's scheme: most requests do not state their own scheme, and one that arrived
 * as `http` may have been `https` before a proxy. One that arrived as `https` was never `http`.
 */
function isSame(origin: string, own: Authority, scheme: string | undefined, seenScheme: string | undefined): boolean {
  const colon = origin.indexOf('://')
  const theirScheme = origin.slice(0, Math.max(colon, 0))
  if (scheme === undefined ? theirScheme === 'http' && seenScheme === 'https' : theirScheme !== scheme) return false
  const defaultPort = defaultPorts.get(theirScheme)
  const theirs = defaultPort === undefined ? undefined : parseAuthority(origin.slice(colon + 3))
  if (theirs === undefined) return false
  return theirs.host === own.host && (theirs.port || defaultPort) === (own.port || defaultPort)
}

export function formatAuthority({ host, port }: Authority): string {
  return port === '' ? host : `${host}:${port}`
}

function describe(origin: string | undefined): string {
  return origin === undefined ? 'a request without Origin' : `the origin ${quote(origin)}`
}

function originFault(message: string): ProtocolError {
  return new ProtocolError('origin', message, { reference: 'RFC 6455 §4.2.2', status: 403 })
}
