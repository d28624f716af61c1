/**
 * Which hosts a server serves (RFC 9110 §7.4, §15.5.20). Knows how a host is spelt in a list, and when a request is for it; not
 * whether `Host` is well-formed.
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

/** The part of a server's options that concerns hosts. */
export interface HostPolicy {
  readonly hosts?: readonly string[] | undefined
  readonly scheme?: 'http' | 'https' | undefined
}

/** Throws `TypeError` for what is no list of hosts. */
export function checkHosts(hosts: readonly string[]): void {
  if (!Array.isArray(hosts)) throw new TypeError(`\`hosts\` must be an array of hosts, not ${describeType(hosts)}`)
  for (let i = 0; i < hosts.length; i++) readHostEntry(hosts[i], `\`hosts[${i}]\``)
}

/** A host of the caller's. Throws `TypeError` for what no client would write in `Host`. */
export function readHostEntry(entry: unknown, name: string): Authority {
  const own = typeof entry === 'string' ? parseAuthority(entry) : undefined
  if (own === undefined || !isUsable(own, entry as string))
    throw new TypeError(
      `${name} must be a host as clients write it, such as 'chat.example', 'localhost:8080' or '[::1]', not ${describeValue(entry)}`,
    )
  return own
}

/** Names of other characters are sent in their ASCII form, and addresses in their shortest (URL Standard). */
function isUsable({ host, port }: Authority, entry: string): boolean {
  if (port === '' ? entry.endsWith(':') : readDecimal(port, 65_535) === undefined || port[0] === '0') return false
  for (let i = 0; i < host.length && host[0] !== '['; i++) if (!isNameCharacter(host.charCodeAt(i))) return false
  return !isAddressLike(host) || parseUrl(`http://${host}/`)?.hostname === host
}

/** Of IPv6, or what the URL parser reads as IPv4, in whichever form: it takes 20 times as long as all else here. */
function isAddressLike(host: string): boolean {
  const label = host.slice(host.lastIndexOf('.') + 1)
  return host[0] === '[' || label === '' || skipClass(label, 0, DIGIT) > 0
}

/** In lower case. */
function isNameCharacter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x2d && unit <= 0x39 && unit !== 0x2f) || unit === 0x5f
}

/** What is wrong with the host that a request is for; `undefined`: it is served. */
export function checkServed(head: RequestHead, values: FieldValues, policy: HostPolicy): ProtocolError | undefined {
  const { hosts } = policy
  if (hosts === undefined) return undefined
  const own = requestAuthority(head, values)
  // A request by HTTP that names no host is refused for that.
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

/** Clients leave out the default port; where the scheme is not known it is either. */
function isFor(own: Authority, served: Authority, scheme: string | undefined): boolean {
  if (own.host !== served.host) return false
  if (served.port === '' || served.port === own.port) return true
  if (own.port !== '') return false
  const known = scheme === undefined ? undefined : defaultPorts.get(scheme)
  return known === undefined ? served.port === '80' || served.port === '443' : served.port === known
}
