/**
 * `Host` and what names the host beside it: an absolute target (RFC 9110 §7.2, RFC 9112 §3.2), or `:authority`
 * (RFC 9113 §8.3.1). Knows where a request is addressed to, not what it wants there.
 *
 * @module
 */

import { equalsIgnoringCase, lowerCase } from '../bytes/ascii.ts'
import { ProtocolError, quote } from '../errors.ts'
import type { FieldValues } from './field-picker.ts'
import { DIGIT, REG_NAME, skipClass } from './grammar.ts'
import { getHeaders } from './headers.ts'
import { isMultiplexed, type RequestHead } from './request.ts'

/** `uri-host [ ":" port ]`, the host in lower case; `port` is empty where none stands. */
export interface Authority {
  readonly host: string
  readonly port: string
}

/** The host and port that a text names; `undefined` for anything else, an empty host included. */
export function parseAuthority(text: string): Authority | undefined {
  const end = text[0] === '[' ? skipAddress(text) : skipClass(text, 0, REG_NAME)
  if (end === 0) return undefined
  const host = lowerCase(text.slice(0, end))
  if (!hasWholeEscapes(host)) return undefined
  if (end === text.length) return { host, port: '' }
  // port = *DIGIT                                                                                   RFC 3986 §3.2.3
  if (text[end] !== ':' || skipClass(text, end + 1, DIGIT) !== text.length) return undefined
  return { host, port: text.slice(end + 1) }
}

/** A host as `connect` takes it: an IPv6 address without its brackets. */
export function withoutBrackets(host: string): string {
  return host[0] === '[' ? host.slice(1, -1) : host
}

// pct-encoded = "%" HEXDIG HEXDIG                                                                   RFC 3986 §2.1
function hasWholeEscapes(host: string): boolean {
  for (let at = host.indexOf('%'); at !== -1; at = host.indexOf('%', at + 1))
    if (!isHexDigit(host.charCodeAt(at + 1)) || !isHexDigit(host.charCodeAt(at + 2))) return false
  return true
}

/** In lower case. Past the end of a text it is asked of `NaN`, which is none. */
function isHexDigit(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x61 && unit <= 0x66)
}

// IP-literal = "[" ( IPv6address / IPvFuture ) "]": its letters, digits, colons and dots are checked, not their order.
function skipAddress(text: string): number {
  let i = 1
  while (i < text.length && isAddressCharacter(text.charCodeAt(i))) i++
  return i > 1 && text[i] === ']' ? i + 1 : 0
}

function isAddressCharacter(unit: number): boolean {
  const folded = unit | 0x20
  return (unit >= 0x2e && unit <= 0x3a && unit !== 0x2f) || (folded >= 0x61 && folded <= 0x66)
}

/**
 * What is wrong with where a request is addressed to, `Host` and target both; `undefined`: nothing. Every server owes a 400
 * for it, whatever is asked for (RFC 9112 §3.2); `acceptHandshake` looks by itself.
 *
 * @example
 * const fault = checkHost(parsed.head)
 * if (fault) socket.end(formatResponse(refuseUpgrade(400, { body: fault.message })))
 */
export function checkHost(head: RequestHead): ProtocolError | undefined {
  return judgeHost(head, getHeaders(head.headers, 'host'))
}

/** The same for who knows the values of `Host`. */
export function judgeHost(head: RequestHead, hosts: FieldValues): ProtocolError | undefined {
  // A Fetch runtime has judged it, and may show no Host.
  if (head.version === undefined) return undefined
  const shared = isMultiplexed(head.version)
  // A CONNECT of HTTP/2 has no path, or one that its protocol judges.
  const fault = shared && head.method === 'CONNECT' ? undefined : checkTarget(head.target)
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
  return parseAuthority(host) === undefined ? hostFault('a Host that is no host and port') : undefined
}

/** What is wrong with `:authority`, and with a `Host` beside it or in place of it. */
export function judgeAuthority({ authority, scheme }: RequestHead, hosts: FieldValues): ProtocolError | undefined {
  const text = authority ?? hosts[0]
  // "the request MUST contain either an :authority pseudo-header field or a Host header field"          RFC 9114 §4.3.1
  if (text === undefined) return authorityFault('is missing', 'pseudo-header')
  const own = parseAuthority(text)
  // "MUST NOT include the deprecated userinfo subcomponent"                                         RFC 9113 §8.3.1
  if (own === undefined) return authorityFault('is no host and port', 'pseudo-header')
  if (hosts.length > 1) return hostFault(`${hosts.length} Host lines, where one may stand`)
  // "treat a request as malformed if it contains a Host header field that identifies an entity that differs from the
  // entity in the ":authority" pseudo-header field"                                                 RFC 9113 §8.3.1
  const [host] = hosts
  const same = host === undefined || isSameAuthority(own, parseAuthority(host), scheme)
  return same ? undefined : authorityFault('differs from Host', 'host')
}

/** No port and the scheme's own are the same. */
function isSameAuthority(own: Authority, other: Authority | undefined, scheme = ''): boolean {
  if (other === undefined) return false
  const port = defaultPorts.get(scheme) ?? ''
  return own.host === other.host && (own.port || port) === (other.port || port)
}

/** By the schemes of HTTP. */
export const defaultPorts: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['http', '80'],
  ['https', '443'],
])

/** Not repeated: what is no authority may hold a password. */
function authorityFault(found: string, code: 'host' | 'pseudo-header'): ProtocolError {
  return new ProtocolError(code, `:authority ${found}`, { reference: 'RFC 9113 §8.3.1', status: 400 })
}

// asterisk-form and authority-form are for OPTIONS and CONNECT                            RFC 9112 §3.2.3, §3.2.4
function checkTarget(target: string): ProtocolError | undefined {
  // Not repeated: queries hold tokens.
  if (target[0] !== '/' && absoluteAuthority(target) === undefined)
    return targetFault(`begins with ${quote(target.slice(0, 1))}, where a path or an http URL is expected`)
  // A fragment stays with the client                                                                RFC 9110 §4.2.5
  const fragment = target.indexOf('#')
  return fragment === -1 ? undefined : targetFault(`has a fragment at ${fragment}, where none may stand`)
}

export function targetFault(found: string): ProtocolError {
  return new ProtocolError('target', `the target ${found}`, { reference: 'RFC 9112 §3.2', status: 400 })
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

/** What stands between `scheme://` and the path, if the target is such a URL and names a host. */
function absoluteAuthority(target: string): string | undefined {
  const colon = target.indexOf('://')
  if (colon === -1 || !schemes.some((scheme) => equalsIgnoringCase(target.slice(0, colon), scheme))) return undefined
  let end = colon + 3
  while (end < target.length && !'/?#'.includes(target[end] as string)) end++
  const authority = target.slice(colon + 3, end)
  return parseAuthority(authority) === undefined ? undefined : authority
}

const schemes: readonly string[] = ['http', 'https', 'ws', 'wss']
