/**
 * Determines and checks the host of a request, from `Host`, an absolute target (RFC 9110 §7.2, RFC 9112 §3.2), or `:authority` (RFC
 * 9113 §8.3.1). The handshake's checks of hosts and origins use the result.
 *
 * @module
 */

import { type ProtocolError, quote, requestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { type Authority, fitsUrl, isSameAuthority, parseAuthority, withoutBrackets } from './authority.ts'
import type { FieldValues } from './field-picker.ts'
import { readDecimal } from './grammar.ts'
import { getHeaders } from './headers.ts'
import { isMultiplexed, type RequestHead, type RequestSource } from './request.ts'
import { type ParsedRequest, readRequest } from './request-parser.ts'
import { absoluteAuthority, targetError } from './target.ts'

/**
 * Checks `Host` and the target of a request. Returns the error, or `undefined`. Every server must answer an error with 400 (RFC 9112
 * §3.2). `acceptHandshake` includes this check.
 *
 * @param request From any source, or a parser's result. For an unreadable head, the function returns the parser's error.
 * @param limits `maxHeadFields`: a truncated head may lack `Host` lines.
 *
 * @example
 * findHostError({ method: 'GET', target: '/', headers: {} })?.message // 'the request has no Host'
 *
 * @example
 * const error = findHostError(parsed)
 * if (error) socket.end(formatResponse(refuseUpgrade(400, { body: error.message })))
 */
export function findHostError(request: RequestSource | ParsedRequest, limits?: Limits): ProtocolError | undefined {
  const read = readRequest(request, limits)
  return read.ok ? findTargetHostError(read.head, getHeaders(read.head.headers, 'host')) : read.errors[0]
}

/** Returns the error of the target, `Host` or `:authority`. Takes the values of `Host`. */
export function findTargetHostError(head: RequestHead, hosts: FieldValues): ProtocolError | undefined {
  const { httpVersion } = head
  // A Fetch runtime has already checked Host, and may hide it.
  if (httpVersion === 'unknown') return undefined
  if (!isMultiplexed(httpVersion)) return findTargetError(head) ?? findHostFieldError(httpVersion, hosts)
  // A CONNECT over HTTP/2 has no path, or one that its protocol checks.
  return (head.method === 'CONNECT' ? undefined : findTargetError(head)) ?? findAuthorityError(head, hosts)
}

/** Returns the error of `Host` in HTTP/1. */
export function findHostFieldError(
  httpVersion: RequestHead['httpVersion'],
  hosts: FieldValues,
): ProtocolError | undefined {
  // "A server MUST respond with a 400 … to any HTTP/1.1 request message that lacks a Host header field and to any request
  // message that contains more than one Host header field line or a Host header field with an invalid field value."
  //                                                                                                 RFC 9112 §3.2
  const [host] = hosts
  if (hosts.length > 1) return hostError(`${hosts.length} Host lines`)
  if (host === undefined) return httpVersion === '1.0' ? undefined : hostError('no Host')
  return parseUrlAuthority(host) === undefined ? hostError('an invalid Host') : undefined
}

/** Returns the error of `:authority`, or of a `Host` beside it or instead of it. */
export function findAuthorityError({ authority, scheme }: RequestHead, hosts: FieldValues): ProtocolError | undefined {
  const [host] = hosts
  const text = authority ?? host
  // "the request MUST contain either an :authority pseudo-header field or a Host header field"          RFC 9114 §4.3.1
  if (text === undefined) return authorityError('is missing')
  const own = parseUrlAuthority(text)
  // "MUST NOT include the deprecated userinfo subcomponent"                                         RFC 9113 §8.3.1
  // Not echoed: it may contain a password.
  if (own === undefined) return authorityError('is not a host and port')
  if (hosts.length > 1) return hostError(`${hosts.length} Host lines`)
  // "treat a request as malformed if it contains a Host header field that identifies an entity that differs from the
  // entity in the ":authority" pseudo-header field"                                                 RFC 9113 §8.3.1
  if (host === undefined || isSameAuthority(own, parseAuthority(host), scheme)) return undefined
  return authorityError('differs from Host', 'host')
}

/** Parses an authority. Returns `undefined` for one that no URL can have, as the client's intent would be unclear. */
function parseUrlAuthority(text: string): Authority | undefined {
  const authority = parseAuthority(text)
  return authority !== undefined && fitsUrl(authority) ? authority : undefined
}

// asterisk-form is only for OPTIONS, authority-form only for CONNECT                               RFC 9112 §3.2.3, §3.2.4
function findTargetError({ method, target }: RequestHead): ProtocolError | undefined {
  if (method === 'CONNECT') return findTunnelTargetError(target)
  if (target[0] === '/' || (method === 'OPTIONS' && target === '*')) return undefined
  if (parseUrlAuthority(absoluteAuthority(target) ?? '') !== undefined) return undefined
  // Not echoed: queries may contain tokens.
  return targetError(`begins with ${quote(target.slice(0, 1))}, expected a path or an http URL`)
}

/** Returns the error of the target of CONNECT over HTTP/1.1. */
// "the host and port number of the tunnel destination, separated by a colon … There is no default port"      RFC 9110 §9.3.6
export function findTunnelTargetError(target: string): ProtocolError | undefined {
  const authority = parseAuthority(target)
  if (authority === undefined) return targetError('is not a host and port')
  // "A server MUST reject a CONNECT request that targets an empty or invalid port number"                RFC 9110 §9.3.6
  if (readPort(authority.port) === 0) return targetError(`has the port ${quote(authority.port)}`)
  return fitsUrl(authority) ? undefined : targetError('has an unknown kind of address')
}

/** Splits the valid target of a CONNECT into host and port, without the brackets of an IPv6 address. */
export function parseTunnelTarget(target: string): { readonly hostname: string; readonly port: number } {
  const { host, port } = parseAuthority(target) as Authority
  return { hostname: withoutBrackets(host), port: readPort(port) }
}

/** Parses a port from 1 to 65535 of at most five digits. Returns 0 for any other text. */
function readPort(digits: string): number {
  return (digits.length <= 5 && readDecimal(digits, 65_535)) || 0
}

function hostError(found: string): ProtocolError {
  return requestError('host', `the request has ${found}`, 'RFC 9112 §3.2')
}

function authorityError(found: string, code: 'host' | 'pseudo-header' = 'pseudo-header'): ProtocolError {
  return requestError(code, `:authority ${found}`, 'RFC 9113 §8.3.1')
}

/**
 * Returns the authority that a request is addressed to, or `undefined` if it has none. An absolute target takes precedence over
 * `Host` (RFC 9112 §3.2.2).
 */
export function requestAuthority(head: RequestHead, hosts: FieldValues): Authority | undefined {
  const text = absoluteAuthority(head.target) ?? head.authority ?? hosts[0]
  return text === undefined ? undefined : parseAuthority(text)
}
