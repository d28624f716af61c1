/**
 * The server's list of hosts: validates entries when options are checked, and refuses requests for other hosts with 421
 * (RFC 9110 §7.4, §15.5.20). Whether `Host` is well-formed is checked elsewhere.
 *
 * @module
 */

import { describeType, describeValue } from '../arguments.ts'
import { ProtocolError, quote } from '../errors.ts'
import { type Authority, defaultPorts, parseAuthority } from '../http/authority.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { DIGIT, readDecimal, skipClass } from '../http/grammar.ts'
import type { RequestHead } from '../http/request.ts'
import { requestAuthority } from '../http/request-host.ts'
import { parseUrl } from '../platform/url.ts'
import { formatAuthority } from './origin.ts'

/** The server options that concern hosts. */
export interface HostPolicy {
  readonly hosts?: readonly string[] | undefined
  readonly scheme?: 'http' | 'https' | undefined
}

/** Throws `TypeError` for an invalid list of hosts. */
export function checkHosts(hosts: readonly string[]): void {
  if (!Array.isArray(hosts)) throw new TypeError(`\`hosts\` must be an array of hosts, not ${describeType(hosts)}`)
  for (let i = 0; i < hosts.length; i++) readHostEntry(hosts[i], `\`hosts[${i}]\``)
}

/** Parses a host from the caller's options. Throws `TypeError` for one that no client would write in `Host`. */
export function readHostEntry(entry: unknown, name: string): Authority {
  const own = typeof entry === 'string' ? parseAuthority(entry) : undefined
  if (own === undefined || !isUsable(own, entry as string))
    throw new TypeError(
      `${name} must be a host as clients write it, such as 'chat.example', 'localhost:8080' or '[::1]', not ${describeValue(entry)}`,
    )
  return own
}

/** Clients send non-ASCII names in ASCII form, and addresses in their shortest form (URL Standard). */
function isUsable({ host, port }: Authority, entry: string): boolean {
  if (port === '' ? entry.endsWith(':') : readDecimal(port, 65_535) === undefined || port[0] === '0') return false
  for (let i = 0; i < host.length && host[0] !== '['; i++) if (!isNameCharacter(host.charCodeAt(i))) return false
  return !isAddressLike(host) || parseUrl(`http://${host}/`)?.hostname === host
}

/** IPv6, or any form that the URL parser reads as IPv4. Only these need that parser, which is slow. */
function isAddressLike(host: string): boolean {
  const label = host.slice(host.lastIndexOf('.') + 1)
  return host[0] === '[' || label === '' || skipClass(label, 0, DIGIT) > 0
}

/** Lower case only. */
function isNameCharacter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x2d && unit <= 0x39 && unit !== 0x2f) || unit === 0x5f
}

/** The fault of a request for a host not served here; `undefined`: it is served. */
export function checkServed(head: RequestHead, values: FieldValues, policy: HostPolicy): ProtocolError | undefined {
  const { hosts } = policy
  if (hosts === undefined) return undefined
  const own = requestAuthority(head, values)
  // An HTTP request without a host is refused for that already.
  if (own === undefined && head.version !== 'unknown') return undefined
  const scheme = policy.scheme ?? head.scheme
  for (let i = 0; own !== undefined && i < hosts.length; i++)
    if (isFor(own, parseAuthority(hosts[i] as string) as Authority, scheme)) return undefined
  const found = own === undefined ? 'an unknown host' : quote(formatAuthority(own))
  return new ProtocolError('host', `the request is for ${found}, which is not among the \`hosts\` served here`, {
    // "the origin server has … rejected the request because it believes that the request has been misdirected"
    reference: 'RFC 9110 §15.5.20',
    status: 421,
  })
}

/** Clients omit the default port; if the scheme is unknown, that is 80 or 443. */
function isFor(own: Authority, served: Authority, scheme: string | undefined): boolean {
  if (own.host !== served.host) return false
  if (served.port === '' || served.port === own.port) return true
  if (own.port !== '') return false
  const known = scheme === undefined ? undefined : defaultPorts.get(scheme)
  return known === undefined ? served.port === '80' || served.port === '443' : served.port === known
}
