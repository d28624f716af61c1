/**
 * The server's list of hosts: a request for another host gets a 421 (RFC 9110 §7.4, §15.5.20). Also the host of requests that were
 * created in code and never sent over HTTP, such as from a Worker to a Durable Object. The folder http/ checks the form of `Host`.
 *
 * @module
 */

import { describeValue, requireOptions, wrongArgument } from '../arguments.ts'
import { ProtocolError, quote } from '../errors.ts'
import { type Authority, defaultPort, fitsUrl, parseAuthority } from '../http/authority.ts'
import type { FieldValues } from '../http/field-picker.ts'
import type { RequestHead } from '../http/request.ts'
import { requestAuthority } from '../http/request-host.ts'
import { parseUrl } from '../platform/url.ts'

/**
 * Whether the server accepts requests that were never sent over HTTP, and its public host.
 *
 * @category Opening handshake
 */
export type OffWire =
  | boolean
  | {
      /** The public host, with a port unless it is the scheme's default: `'chat.example'`. */
      readonly host: string
    }

/** The served hosts, as {@link formatAuthority} writes them. */
export type ServedHosts = ReadonlySet<string>

/** Checks and resolves a list of hosts. Throws `TypeError`. */
export function requireHosts(hosts: readonly string[]): ServedHosts {
  const served = new Set<string>()
  for (let i = 0; i < hosts.length; i++) served.add(requireHost(hosts[i], `\`hosts[${i}]\``))
  return served
}

/** Throws `TypeError` for an invalid `offWire`. */
export function requireOffWire(offWire: OffWire): void {
  if (typeof offWire === 'boolean') return
  requireOptions(offWire, { host: 'any' }, '`offWire`')
  requireHost(offWire.host, '`offWire.host`')
}

/**
 * Returns the head to check if a request may never have been sent over HTTP. Returns `undefined` if it was sent over HTTP, or if the
 * server does not accept such requests. Only a Fetch `Request` qualifies: all others state their HTTP version.
 */
export function offWireHeadOf(head: RequestHead, offWire: OffWire): RequestHead | undefined {
  if (offWire === false || head.httpVersion !== 'unknown') return undefined
  // Without the scheme, which comes from a URL that the code invented.
  return offWire === true ? head : { ...head, authority: offWire.host, scheme: undefined }
}

/** Returns the caller's host as {@link formatAuthority} writes it. Throws `TypeError` for a host that no client writes in `Host`. */
function requireHost(entry: unknown, name: string): string {
  const own = typeof entry === 'string' ? parseAuthority(entry) : undefined
  if (own !== undefined && isUsable(own, entry as string)) return formatAuthority(own)
  throw wrongArgument(name, "a host such as 'chat.example', 'localhost:8080' or '[::1]'", describeValue(entry))
}

/** Names whose last label cannot be part of an IPv4 address. */
const plainName = /^([a-z\d_-]+\.)*[a-z_-][a-z\d_-]*$/
const nameOrAddress = /^(\[.*|[a-z\d._-]+)$/

/** Whether clients write a host this way: non-ASCII names in ASCII form, and addresses in their shortest form (URL Standard). */
function isUsable(own: Authority, entry: string): boolean {
  const { host, port } = own
  if ((port === '' ? entry.endsWith(':') : port[0] === '0') || !fitsUrl(own)) return false
  // The URL parser is slow.
  return plainName.test(host) || (nameOrAddress.test(host) && parseUrl(`http://${host}/`)?.hostname === host)
}

/** Returns the error of a request for a host that the server does not serve. */
export function findServedHostError(
  head: RequestHead,
  values: FieldValues,
  served: ServedHosts | undefined,
  scheme: string | undefined,
): ProtocolError | undefined {
  if (served === undefined) return undefined
  const own = requestAuthority(head, values)
  // An HTTP request without a host is refused anyway.
  if (own === undefined ? head.httpVersion !== 'unknown' : isServed(own, served, scheme ?? head.scheme))
    return undefined
  const found = own === undefined ? 'unknown' : quote(formatAuthority(own))
  return new ProtocolError('host', `host ${found} is not in \`hosts\``, {
    // "the origin server has … rejected the request because it believes that the request has been misdirected"
    reference: 'RFC 9110 §15.5.20',
    status: 421,
  })
}

/** Whether a host is served. Clients omit the default port, which is 80 or 443 if the scheme is unknown. */
function isServed({ host, port }: Authority, served: ServedHosts, scheme = ''): boolean {
  if (served.has(host)) return true
  const known = port || defaultPort(scheme)
  const ports = known === undefined ? ['80', '443'] : [known]
  return ports.some((each) => served.has(`${host}:${each}`))
}

/** Formats host and port as in `Host`. */
export function formatAuthority({ host, port }: Authority): string {
  return port === '' ? host : `${host}:${port}`
}
