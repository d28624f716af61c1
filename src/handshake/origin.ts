/**
 * `Origin`: which pages may open a connection (RFC 6455 §4.2.1 item 7, §10.2). Browsers send cookies along with every WebSocket,
 * whichever page opens it, and do not ask the server first; hence by default only its own pages may.
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

/** How an `Origin` is judged. */
export interface OriginPolicy {
  /**
   * Who may connect. Default: `'same'`.
   *
   * - `'same'`: requests without `Origin`, and pages from the host and port that the request is addressed to. Their scheme
   *   has to be `scheme`; where that is not given, an `http` page may not open what is known to have come by `https`. An origin
   *   of `ws:` or `wss:` counts as one of `http:` or `https:`, here and in a list.
   * - `'any'`: everybody. Whoever goes by cookies then lets every page act in its user's name.
   * - A list of origins as browsers write them: `'https://a.example'`; `'https://*.a.example'` for all subdomains, but not
   *   `a.example` itself; `'null'` for sandboxed pages and files; `'absent'` for requests without `Origin`, which are not
   *   from a browser.
   * - A function, which is told the origin (`undefined` without one, and it may be `'null'`) and the head, of requests that are
   *   fine otherwise. It answers with true or false, at once.
   */
  readonly origins?:
    | 'any'
    | 'same'
    | readonly string[]
    | ((origin: string | undefined, request: RequestHead) => boolean)
    | undefined
  /** How clients reach this server, for `origins: 'same'`: in front of a proxy that ends TLS this is `'https'`. */
  readonly scheme?: 'http' | 'https' | undefined
}

/** The field in which a version's clients name their origin: that of the drafts 04 to 10 is another one. */
export function originField(version: number): string {
  return version >= 4 && version < PROTOCOL_VERSION ? 'Sec-WebSocket-Origin' : 'Origin'
}

/** What a request says of where it comes from and where it goes. */
export interface OriginFields {
  /** Each `Origin`; of a draft also each line of its own field, for either might be a trick. */
  readonly lines: FieldValues
  /** Each `Host`. */
  readonly hosts: FieldValues
}

/** Checks a policy. Throws `TypeError` for a wrong type, and for entries that can match nothing. */
export function checkOriginPolicy({ origins = 'same', scheme }: OriginPolicy): void {
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    throw new TypeError(`\`scheme\` must be 'http' or 'https', not ${describeValue(scheme)}`)
  if (Array.isArray(origins)) for (let i = 0; i < origins.length; i++) checkOriginEntry(origins[i])
  // A string would be searched for the origin, and any part of it would match.
  else if (origins !== 'same' && origins !== 'any' && typeof origins !== 'function')
    throw new TypeError(
      `\`origins\` must be 'same', 'any', an array of origins or a function, not ${describeValue(origins)}`,
    )
}

/** What is wrong with where a request comes from; `undefined`: it may come, unless {@link askOrigin} knows better. */
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

/** Clients that are no browser may name the WebSocket's scheme: `ws` counts as `http`, `wss` as `https`. */
function toPageOrigin(origin: string): string {
  return origin.startsWith('ws://') || origin.startsWith('wss://') ? `http${origin.slice('ws'.length)}` : origin
}

/** What a function says of a request that nothing else is wrong with. */
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
 * Without a port, or with the default of the origin's scheme, are the same: most requests do not tell their own scheme, and
 * one that came as `http` may have been `https` in front of a proxy. One that came as `https` was never `http`.
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
