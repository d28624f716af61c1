/**
 * Server side of extended CONNECT, which requests another protocol on one HTTP/2 or HTTP/3 stream (RFC 8441 §4, RFC 9220 §3).
 * Checks a request's form for any protocol; the WebSocket handshake builds on it.
 *
 * @module
 */

import { ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import { type Limits, resolveLimits } from '../limits.ts'
import { findConnectionFields } from './connection-fields.ts'
import { getHeaders, type HeaderPairs } from './headers.ts'
import { isMultiplexed, type RequestHead, type RequestSource, requestHeadFrom } from './request.ts'
import { judgeAuthority } from './request-host.ts'
import { isParsedRequest, type ParsedRequest } from './request-parser.ts'
import { parseProtocol, type UpgradeProtocol } from './upgrade.ts'

/** The content of an extended CONNECT. */
export interface ExtendedConnect {
  /** `:protocol`, an upgrade token: `websocket`, `connect-udp` … */
  readonly protocol: UpgradeProtocol
  /** Such as `https`. */
  readonly scheme: string
  /** Host and optional port of this server, not of a tunnel's target. */
  readonly authority: string
  /** Including the query. */
  readonly path: string
}

/**
 * Reads an extended CONNECT for any protocol; `undefined` for other requests. For WebSocket, use `acceptHandshake`, which
 * includes these checks. `selectUpgrade` reports whether you support the protocol; answer others with 501 (RFC 9220 §3).
 *
 * @param request From any source. For a parser's result, which is HTTP/1.1, it returns `undefined`.
 * @param limits `maxHeadFields`.
 * @throws ProtocolError `too-many` (431) for too many fields; for a malformed request, with status 400: `pseudo-header`; `host` for
 *   a `Host` that names another server; `head-syntax` for fields that belong to HTTP/1.1.
 *
 * @example
 * const opening = { ':method': 'CONNECT', ':protocol': 'connect-udp' }
 * getExtendedConnect({ ...opening, ':scheme': 'https', ':authority': 'a.example', ':path': '/udp/' })
 * // { protocol: { name: 'connect-udp', version: undefined }, scheme: 'https', authority: 'a.example', path: '/udp/' }
 */
export function getExtendedConnect(
  request: RequestSource | ParsedRequest,
  limits?: Limits,
): ExtendedConnect | undefined {
  const resolved = resolveLimits(limits)
  // The parser reads HTTP/1.1, which has no extended CONNECT.
  if (isParsedRequest(request)) return undefined
  const head = requestHeadFrom(request, resolved)
  if (!isMultiplexed(head.version) || head.protocol === undefined) return undefined
  const [fault] = checkExtendedConnect(head)
  if (fault !== undefined) throw fault
  const { protocol, scheme = '', authority = '', target } = head
  return { protocol: parseProtocol(protocol) as UpgradeProtocol, scheme, authority, path: target }
}

/** Everything that makes a request with `:protocol` malformed (RFC 9113 §8.1.1), the pseudo-headers first. */
export function checkExtendedConnect(head: RequestHead): ProtocolError[] {
  return [
    checkProtocol(head),
    checkScheme(head.scheme),
    checkPath(head),
    checkAuthority(head),
    checkHttp2Fields(head.headers),
  ].filter((fault) => fault !== undefined)
}

/** Reports fields that no HTTP/2 or HTTP/3 message may have. */
export function checkHttp2Fields(headers: HeaderPairs): ProtocolError | undefined {
  const found = findConnectionFields(headers)
  if (found.length === 0) return undefined
  // "any message containing connection-specific header fields MUST be treated as malformed"          RFC 9113 §8.2.2
  const message = `the message holds ${found.join(', ')}, which HTTP/2 and HTTP/3 have not`
  return new ProtocolError('head-syntax', message, { reference: 'RFC 9113 §8.2.2', status: 400 })
}

function checkProtocol({ method, protocol = '' }: RequestHead): ProtocolError | undefined {
  // "MAY be included on request HEADERS indicating the desired protocol … created by CONNECT"            RFC 8441 §4
  if (method !== 'CONNECT')
    return fault(`:protocol came with the method ${quote(method)}, where CONNECT is expected`, 'RFC 8441 §4')
  if (parseProtocol(protocol) !== undefined) return undefined
  return fault(`:protocol is ${quote(protocol)}, where one upgrade token is expected`, 'RFC 8441 §4')
}

// "the :scheme and :path pseudo-header fields of the target URI … MUST also be included"                  RFC 8441 §4
function checkScheme(scheme: string | undefined): ProtocolError | undefined {
  if (scheme === undefined) return fault(':scheme is missing', 'RFC 8441 §4')
  // scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )                                              RFC 3986 §3.1
  if (/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) return undefined
  return fault(`:scheme is ${quote(scheme)}, which is none`, 'RFC 9113 §8.3.1')
}

/** The message does not echo the path: queries may contain tokens. */
function checkPath({ scheme, target }: RequestHead): ProtocolError | undefined {
  if (target === '') return fault(':path is missing or empty', 'RFC 8441 §4')
  if (target[0] === '/' || (scheme !== 'http' && scheme !== 'https')) return undefined
  return fault(`:path begins with ${quote(target.slice(0, 1))}, where a slash is expected`, 'RFC 9113 §8.3.1')
}

function checkAuthority(head: RequestHead): ProtocolError | undefined {
  // "conveyed as part of the :authority pseudo-header field, which is required on every HTTP/2 transaction"  RFC 8441 §5
  if (head.authority === undefined) return fault(':authority is missing', 'RFC 8441 §5')
  return judgeAuthority(head, getHeaders(head.headers, 'host'))
}

function fault(message: string, reference: string, code: ProtocolErrorCode = 'pseudo-header'): ProtocolError {
  return new ProtocolError(code, message, { reference, status: 400 })
}
