/**
 * Determines and checks the host that a request head is addressed to, from `Host`, an absolute target (RFC 9110 §7.2, RFC 9112
 * §3.2), or `:authority` (RFC 9113 §8.3.1). The handshake's host and origin checks build on it.
 *
 * @module
 */

import { ProtocolError, quote } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { type Authority, defaultPorts, fitsUrl, parseAuthority, withoutBrackets } from './authority.ts'
import type { FieldValues } from './field-picker.ts'
import { readDecimal } from './grammar.ts'
import { getHeaders } from './headers.ts'
import { isMultiplexed, type RequestHead, type RequestSource } from './request.ts'
import { type ParsedRequest, readRequest } from './request-parser.ts'
import { absoluteAuthority, targetFault } from './target.ts'

/**
 * Checks `Host` and target of a request; returns the fault, or `undefined`. Every server must answer a fault with 400
 * (RFC 9112 §3.2). `acceptHandshake` does this check itself.
 *
 * @param request From any source, or a parser's result; for an unreadable one, the parser's fault is returned.
 * @param limits `maxHeadFields`: a truncated head may have lost `Host` lines.
 *
 * @example
 * const fault = checkHost(parsed)
 * if (fault) socket.end(formatResponse(refuseUpgrade(400, { body: fault.message })))
 */
export function checkHost(request: RequestSource | ParsedRequest, limits?: Limits): ProtocolError | undefined {
  const read = readRequest(request, limits)
  return read.ok ? judgeHost(read.head, getHeaders(read.head.headers, 'host')) : read.faults[0]
}

/** The same with the values of `Host` already picked. */
export function judgeHost(head: RequestHead, hosts: FieldValues): ProtocolError | undefined {
  // A Fetch runtime has already checked Host, and may hide it.
  if (head.version === 'unknown') return undefined
  const shared = isMultiplexed(head.version)
  // A CONNECT over HTTP/2 has no path, or one that its protocol checks.
  const fault = shared && head.method === 'CONNECT' ? undefined : checkTarget(head)
  if (fault !== undefined) return fault
  if (shared) return judgeAuthority(head, hosts)
  return judgeHostField(head.version, hosts)
}

/** The fault of `Host` in HTTP/1; `undefined`: none. */
export function judgeHostField(version: RequestHead['version'], hosts: FieldValues): ProtocolError | undefined {
  // "A server MUST respond with a 400 … to any HTTP/1.1 request message that lacks a Host header field and to any request
  // message that contains more than one Host header field line or a Host header field with an invalid field value."
  //                                                                                                 RFC 9112 §3.2
  if (hosts.length > 1) return hostFault(`${hosts.length} Host lines, where one is expected`)
  const [host] = hosts
  if (host === undefined) return version === '1.0' ? undefined : hostFault('no Host')
  return parseUrlAuthority(host) === undefined ? hostFault('a Host that is no host and port') : undefined
}

/** The fault of `:authority`, or of a `Host` in addition or in its place; `undefined`: none. */
export function judgeAuthority({ authority, scheme }: RequestHead, hosts: FieldValues): ProtocolError | undefined {
  const text = authority ?? hosts[0]
  // "the request MUST contain either an :authority pseudo-header field or a Host header field"          RFC 9114 §4.3.1
  if (text === undefined) return authorityFault('is missing', 'pseudo-header')
  const own = parseUrlAuthority(text)
  // "MUST NOT include the deprecated userinfo subcomponent"                                         RFC 9113 §8.3.1
  if (own === undefined) return authorityFault('is no host and port', 'pseudo-header')
  if (hosts.length > 1) return hostFault(`${hosts.length} Host lines, where one may stand`)
  // "treat a request as malformed if it contains a Host header field that identifies an entity that differs from the
  // entity in the ":authority" pseudo-header field"                                                 RFC 9113 §8.3.1
  const [host] = hosts
  const same = host === undefined || isSameAuthority(own, parseAuthority(host), scheme)
  return same ? undefined : authorityFault('differs from Host', 'host')
}

/** Rejects authorities that no URL can have: the client's intent would be unclear. */
function parseUrlAuthority(text: string): Authority | undefined {
  const authority = parseAuthority(text)
  return authority !== undefined && fitsUrl(authority) ? authority : undefined
}

/** No port equals the scheme's default. */
function isSameAuthority(own: Authority, other: Authority | undefined, scheme = ''): boolean {
  if (other === undefined) return false
  const port = defaultPorts.get(scheme) ?? ''
  return own.host === other.host && (own.port || port) === (other.port || port)
}

/** The message does not echo the value: an invalid authority may contain a password. */
function authorityFault(found: string, code: 'host' | 'pseudo-header'): ProtocolError {
  return new ProtocolError(code, `:authority ${found}`, { reference: 'RFC 9113 §8.3.1', status: 400 })
}

// asterisk-form is only for OPTIONS, authority-form only for CONNECT                               RFC 9112 §3.2.3, §3.2.4
function checkTarget({ method, target }: RequestHead): ProtocolError | undefined {
  if (method === 'CONNECT') {
    const tunnel = readTunnelTarget(target)
    return tunnel instanceof ProtocolError ? tunnel : undefined
  }
  if (method === 'OPTIONS' && target === '*') return undefined
  // Not echoed: queries may contain tokens.
  if (target[0] !== '/' && parseUrlAuthority(absoluteAuthority(target) ?? '') === undefined)
    return targetFault(
      `begins with ${quote(target.slice(0, 1))}, where a path, or an http URL without credentials, is expected`,
    )
  return undefined
}

/** The target of a tunnel. */
export interface TunnelTarget {
  /** In lower case; an IPv6 address has no brackets. */
  readonly hostname: string
  readonly port: number
}

/** Parses the target of CONNECT over HTTP/1.1, or returns its fault. */
// "the host and port number of the tunnel destination, separated by a colon … There is no default port"      RFC 9110 §9.3.6
export function readTunnelTarget(text: string): TunnelTarget | ProtocolError {
  const authority = parseAuthority(text)
  if (authority === undefined) return targetFault('of CONNECT is no host and port')
  const port = readPort(authority.port)
  // "A server MUST reject a CONNECT request that targets an empty or invalid port number"                RFC 9110 §9.3.6
  if (port === undefined)
    return targetFault(`of CONNECT has the port ${quote(authority.port)}, not one from 1 to 65535`)
  if (!fitsUrl(authority)) return targetFault('of CONNECT is an address of a kind that nobody can connect to')
  return { hostname: withoutBrackets(authority.host), port }
}

/** More digits than this are out of range, or have leading zeros. */
const MAX_PORT_DIGITS = 5

function readPort(digits: string): number | undefined {
  const port = digits.length > MAX_PORT_DIGITS ? undefined : readDecimal(digits, 65_535)
  return port === 0 ? undefined : port
}

function hostFault(found: string): ProtocolError {
  return new ProtocolError('host', `the request has ${found}`, { reference: 'RFC 9112 §3.2', status: 400 })
}

/**
 * The authority that a request is addressed to; `undefined` if it has none. An absolute target takes precedence over `Host`
 * (RFC 9112 §3.2.2).
 */
export function requestAuthority(head: RequestHead, hosts: FieldValues): Authority | undefined {
  const text = absoluteAuthority(head.target) ?? head.authority ?? hosts[0]
  return text === undefined ? undefined : parseAuthority(text)
}
