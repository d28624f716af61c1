/**
 * `Host` and what names the host beside it: an absolute target (RFC 9110 §7.2, RFC 9112 §3.2), or `:authority`
 * (RFC 9113 §8.3.1). Knows where a request is addressed to, not what it wants there.
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
 * What is wrong with where a request is addressed to, `Host` and target both; `undefined`: nothing. Every server answers
 * with a 400, whatever is asked for (RFC 9112 §3.2); `acceptHandshake` looks by itself.
 *
 * @param request From any source, or a parser's result; of one that could not be read it is the parser's fault.
 * @param limits `maxHeadFields`: of a head that may be cut it is unknown how many `Host` lines it has.
 *
 * @example
 * const fault = checkHost(parsed)
 * if (fault) socket.end(formatResponse(refuseUpgrade(400, { body: fault.message })))
 */
export function checkHost(request: RequestSource | ParsedRequest, limits?: Limits): ProtocolError | undefined {
  const read = readRequest(request, limits)
  return read.ok ? judgeHost(read.head, getHeaders(read.head.headers, 'host')) : read.faults[0]
}

/** The same if you know the values of `Host`. */
export function judgeHost(head: RequestHead, hosts: FieldValues): ProtocolError | undefined {
  // A Fetch runtime has judged it, and may show no Host.
  if (head.version === 'unknown') return undefined
  const shared = isMultiplexed(head.version)
  // A CONNECT of HTTP/2 has no path, or one that its protocol judges.
  const fault = shared && head.method === 'CONNECT' ? undefined : checkTarget(head)
  if (fault !== undefined) return fault
  if (shared) return judgeAuthority(head, hosts)
  return judgeHostField(head.version, hosts)
}

/** What is wrong with `Host` itself, in HTTP/1. */
export function judgeHostField(version: RequestHead['version'], hosts: FieldValues): ProtocolError | undefined {
  // "A server MUST respond with a 400 … to any HTTP/1.1 request message that lacks a Host header field and to any request
  // message that contains more than one Host header field line or a Host header field with an invalid field value."
  //                                                                                                 RFC 9112 §3.2
  if (hosts.length > 1) return hostFault(`${hosts.length} Host lines, where one is expected`)
  const [host] = hosts
  if (host === undefined) return version === '1.0' ? undefined : hostFault('no Host')
  return parseUrlAuthority(host) === undefined ? hostFault('a Host that is no host and port') : undefined
}

/** What is wrong with `:authority`, and with a `Host` beside it or in place of it. */
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

/** Of what no URL can name it is unknown what the client meant. */
function parseUrlAuthority(text: string): Authority | undefined {
  const authority = parseAuthority(text)
  return authority !== undefined && fitsUrl(authority) ? authority : undefined
}

/** No port and the scheme's own are the same. */
function isSameAuthority(own: Authority, other: Authority | undefined, scheme = ''): boolean {
  if (other === undefined) return false
  const port = defaultPorts.get(scheme) ?? ''
  return own.host === other.host && (own.port || port) === (other.port || port)
}

/** Not repeated: what is no authority may hold a password. */
function authorityFault(found: string, code: 'host' | 'pseudo-header'): ProtocolError {
  return new ProtocolError(code, `:authority ${found}`, { reference: 'RFC 9113 §8.3.1', status: 400 })
}

// asterisk-form is for OPTIONS alone, authority-form for CONNECT alone                             RFC 9112 §3.2.3, §3.2.4
function checkTarget({ method, target }: RequestHead): ProtocolError | undefined {
  if (method === 'CONNECT') {
    const tunnel = readTunnelTarget(target)
    return tunnel instanceof ProtocolError ? tunnel : undefined
  }
  if (method === 'OPTIONS' && target === '*') return undefined
  // Not repeated: queries hold tokens.
  if (target[0] !== '/' && parseUrlAuthority(absoluteAuthority(target) ?? '') === undefined)
    return targetFault(
      `begins with ${quote(target.slice(0, 1))}, where a path, or an http URL without credentials, is expected`,
    )
  return undefined
}

/** Where a tunnel leads. */
export interface TunnelTarget {
  /** In lower case, an IPv6 address without brackets. */
  readonly hostname: string
  readonly port: number
}

/** The target of CONNECT over HTTP/1.1, or what is wrong with it. */
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

/** More digits than this are too many, or begin with zeros that nobody means. */
const MAX_PORT_DIGITS = 5

function readPort(digits: string): number | undefined {
  const port = digits.length > MAX_PORT_DIGITS ? undefined : readDecimal(digits, 65_535)
  return port === 0 ? undefined : port
}

function hostFault(found: string): ProtocolError {
  return new ProtocolError('host', `the request has ${found}`, { reference: 'RFC 9112 §3.2', status: 400 })
}

/**
 * Where a request is addressed to: an absolute target counts for more than `Host` (RFC 9112 §3.2.2); `undefined`: it does
 * not say.
 */
export function requestAuthority(head: RequestHead, hosts: FieldValues): Authority | undefined {
  const text = absoluteAuthority(head.target) ?? head.authority ?? hosts[0]
  return text === undefined ? undefined : parseAuthority(text)
}
