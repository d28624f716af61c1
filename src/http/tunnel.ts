/**
 * CONNECT through an HTTP/1.1 proxy (RFC 9110 §9.3.6), for both sides: the client's request, the client's check of the response, and the
 * proxy's check of the request. The handshake then goes through the tunnel.
 *
 * @module
 */

import { requireOptions, requireRecord, requireType, wrongAnswer } from '../arguments.ts'
import { ProtocolError, type ProtocolErrors, quote } from '../errors.ts'
import { type Limits, limitKinds } from '../limits.ts'
import { parseAuthority } from './authority.ts'
import {
  type BasicCredentials,
  formatBasicChallenge,
  formatBasicCredentials,
  parseBasicCredentials,
} from './basic-credentials.ts'
import { findBodyError, pickFraming, requireAllowedFraming } from './framing.ts'
import { anyFieldCount, getHeader, getHeaders, type HeaderList, type HeaderSource, toExtraHeaders } from './headers.ts'
import { isMultiplexed, type RequestHead, type RequestSource } from './request.ts'
import { findHostFieldError, findTunnelTargetError, parseTunnelTarget } from './request-host.ts'
import { type ParsedRequest, readRequest } from './request-parser.ts'
import {
  type Answer,
  createAnswer,
  describeStatus,
  explainErrors,
  type ResponseHead,
  type ResponseSource,
  readChallenges,
  type Unreadable,
} from './response.ts'
import { type ParsedResponse, readResponse } from './response-parser.ts'

/**
 * Options of {@link offerTunnel}.
 *
 * @category Proxies
 */
export interface OfferTunnelOptions {
  /** Credentials for a proxy that requires them. TLS inside the tunnel does not protect them (RFC 7617). Default: none. */
  readonly credentials?: BasicCredentials | undefined
  /** Extra fields for the proxy, such as a `Proxy-Authorization` with another scheme. Default: none. */
  readonly headers?: HeaderSource | undefined
}

/**
 * The outcome of a tunnel request.
 *
 * @category Proxies
 */
export type TunnelOutcome =
  | {
      /** The tunnel is open. */
      ok: true
      /** Bytes after the head come from the target. */
      kind: 'open'
      /** 200–299. */
      status: number
    }
  | {
      /** There is no tunnel. */
      ok: false
      /** The proxy's reason. */
      errors: ProtocolErrors
      /** The proxy requires credentials, or rejected those it got. */
      kind: 'unauthorized'
      /** Proxy Authentication Required. */
      status: 407
      /** `Proxy-Authenticate`, one entry per non-empty line. */
      challenges: string[]
    }
  | {
      /** There is no tunnel. */
      ok: false
      /** The proxy's reason. */
      errors: ProtocolErrors
      /** Any other response. */
      kind: 'refused'
      /** The status of that response. */
      status: number
    }
  /** The response is not valid for CONNECT: a 101, or not HTTP. */
  | Unreadable

/** The field that CONNECT writes itself, and those that describe a body, which it does not have (RFC 9110 §9.3.6). */
const reserved: readonly string[] = ['host', 'content-length', 'transfer-encoding']

/**
 * Creates the request that asks a proxy for a tunnel. Send no more bytes until {@link verifyTunnel} reports that the tunnel is open: a
 * proxy that refuses would read them as the next request (RFC 9931).
 *
 * @param hostname As for `connect`. An IPv6 address may have brackets.
 * @param port 1–65535.
 * @throws TypeError for an invalid host, for invalid credentials, and for fields that are invalid, that describe a body or that CONNECT
 *   writes itself; `RangeError` for an invalid port.
 *
 * @example
 * offerTunnel('example.com', 443).headers // [['Host', 'example.com:443']]
 *
 * @example
 * const offer = offerHandshake('wss://example.com/chat')
 * socket.write(formatRequestHead(offerTunnel(offer.hostname, offer.port)))
 *
 * @category Proxies
 */
export function offerTunnel(hostname: string, port: number, options: OfferTunnelOptions = {}): RequestHead {
  requireType(hostname, 'string', '`hostname`')
  requireType(port, 'number', '`port`')
  requireOptions(options, { credentials: 'any', headers: 'any' }, 'the options of offerTunnel')
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError(`\`port\` must be a whole number from 1 to 65535, not ${port}`)
  // A single colon would separate a port, which is a parameter here; an address has at least two         RFC 4291 §2.2
  const isAddress = hostname[0] !== '[' && hostname.indexOf(':') !== hostname.lastIndexOf(':')
  const host = isAddress ? `[${hostname}]` : hostname
  // authority-form = uri-host ":" port                                                              RFC 9112 §3.2.3
  // Not echoed: an invalid host may contain a password.
  if (parseAuthority(host)?.port !== '' || host.endsWith(':'))
    throw new TypeError('`hostname` must be a host name or an address, without a port')
  const target = `${host}:${port}`
  return {
    method: 'CONNECT',
    target,
    path: '',
    query: '',
    httpVersion: '1.1',
    headers: [['Host', target], ...proxyHeaders(options)],
    protocol: undefined,
    authority: undefined,
    scheme: undefined,
  }
}

function proxyHeaders({ credentials, headers: source }: OfferTunnelOptions): HeaderList {
  const headers = toExtraHeaders(source, reserved)
  if (credentials === undefined) return headers
  if (getHeaders(headers, 'proxy-authorization').length > 0)
    throw new TypeError('`headers` must not have Proxy-Authorization along with `credentials`')
  return [['Proxy-Authorization', formatBasicCredentials(credentials)], ...headers]
}

/**
 * Checks a proxy's response to {@link offerTunnel}. Never throws for what the proxy sent. After any outcome but `'open'`, end the
 * connection: a proxy that refuses closes it (RFC 9931).
 *
 * @param response A parser's result, success or failure, your own head, or Node's `IncomingMessage`. The bytes in the parser's `rest`
 *   come from the tunnel, even if the fields describe a body.
 * @throws TypeError for a value that is not a response.
 *
 * @example
 * verifyTunnel({ status: 200 }) // { ok: true, kind: 'open', status: 200 }
 *
 * @example
 * const outcome = verifyTunnel(parsed)
 * if (!outcome.ok) throw outcome.errors[0]
 * socket.write(formatRequestHead(offer.request)) // to the server, through the tunnel
 *
 * @category Proxies
 */
export function verifyTunnel(response: ResponseSource | ParsedResponse): TunnelOutcome {
  const answer = readResponse(response, anyFieldCount)
  if (!answer.ok) return answer
  const { status, headers } = answer.head
  // "Any 2xx (Successful) response indicates that the sender … will switch to tunnel mode immediately after the response header
  // section", and "A client MUST ignore any Content-Length or Transfer-Encoding header fields"          RFC 9110 §9.3.6
  if (status >= 200 && status < 300) return { ok: true, kind: 'open', status }
  const message = `the proxy answered ${describeStatus(answer.head)}`
  const errors: ProtocolErrors = [new ProtocolError('status', message, { reference: 'RFC 9110 §9.3.6', status })]
  // The request offered no protocol for a 101                                                           RFC 9110 §7.8
  if (status < 300) return { ok: false, errors, kind: 'invalid', status }
  if (status === 407)
    return {
      ok: false,
      errors,
      kind: 'unauthorized',
      status,
      challenges: readChallenges(headers, 'proxy-authenticate'),
    }
  return { ok: false, errors, kind: 'refused', status }
}

/**
 * Options of {@link acceptTunnel}.
 *
 * @category Proxies
 */
export interface AcceptTunnelOptions {
  /**
   * Returns, synchronously, whether the client may connect; `false` becomes a 407. Its argument is `undefined` if the request has no
   * readable Basic credentials. `acceptTunnel` calls it only for valid requests, and throws what it throws. Default: allow all.
   * To decide asynchronously, check the result's `credentials` instead, and refuse with `refuseUpgrade(407, …)` and the field
   * from {@link formatBasicChallenge}.
   */
  readonly authenticate?: ((credentials: BasicCredentials | undefined) => boolean) | undefined
  /** The realm in the 407. Default: `'proxy'`. */
  readonly realm?: string | undefined
  /** Extra fields for the 200; none may describe a body. Default: none. */
  readonly headers?: HeaderSource | undefined
  /** `maxHeadFields`, for heads read by another parser: a head with more fields gets a 431. Our parser takes its own limits. */
  readonly limits?: Limits | undefined
}

/**
 * A tunnel that the proxy may open.
 *
 * @category Proxies
 */
export interface AcceptedTunnel {
  /** Distinguishes it from a refusal. */
  ok: true
  /** The host for `connect`: in lower case, an IPv6 address without brackets. */
  hostname: string
  /** 1–65535. */
  port: number
  /** The client's credentials, if present and readable. Secret: do not log them. */
  credentials: BasicCredentials | undefined
  /** The 200. Send it when the target is connected. */
  response: ResponseHead
}

/**
 * A refused tunnel, with the response to send.
 *
 * @category Proxies
 */
export interface RefusedTunnel {
  /** Distinguishes it from an accepted tunnel. */
  ok: false
  /** Whether the request asks for a tunnel: false for other methods, and over HTTP/2 and HTTP/3, which this function does not support. */
  isConnectRequest: boolean
  /** All errors found, the most serious first. */
  errors: ProtocolErrors
  /** Ready to send. */
  response: Answer
}

/**
 * Checks a whole CONNECT request: reports every error, and answers the most serious one. Never throws for what a peer sent.
 *
 * You decide which hosts and ports are allowed (RFC 9110 §9.3.6 advises a list of safe ones). If the target is forbidden or
 * unreachable, respond with `refuseUpgrade(403)`, or 502 or 504. After any refusal, end the connection and read nothing more from it:
 * more bytes may be meant for the target, sent too early (RFC 9931). When the target is connected, send it the parser's `rest`.
 *
 * @param request A parser's result, success or failure, your own head, or the `IncomingMessage` of Node's `connect` event.
 * @throws TypeError for an invalid realm or `headers`, for `headers` that describe a body, and for an `authenticate` that returns
 *   anything but `true` or `false`.
 *
 * @example
 * const accepted = acceptTunnel(offerTunnel('example.com', 443))
 * accepted.ok && accepted.hostname // 'example.com'
 *
 * @example
 * const accepted = acceptTunnel(parsed)
 * if (!accepted.ok) socket.end(formatResponse(accepted.response))
 * else connect(accepted.port, accepted.hostname, () => socket.write(formatResponse(accepted.response)))
 *
 * @category Proxies
 */
export function acceptTunnel(
  request: RequestSource | ParsedRequest,
  options: AcceptTunnelOptions = {},
): AcceptedTunnel | RefusedTunnel {
  requireRecord(request, 'the request')
  requireOptions(options, acceptKinds, 'the options of acceptTunnel')
  const { authenticate, realm = 'proxy' } = options
  const challenge = formatBasicChallenge(realm)
  const headers = toExtraHeaders(options.headers)
  // "A server MUST NOT send any Transfer-Encoding or Content-Length header fields in a 2xx"               RFC 9110 §9.3.6
  requireAllowedFraming(headers, 200, true)
  const read = readRequest(request, options.limits)
  if (!read.ok) return { ok: false, isConnectRequest: true, errors: read.errors, response: read.response }
  const { head } = read
  if (head.method !== 'CONNECT' || isMultiplexed(head.httpVersion))
    return refuse(head, [methodError(head)], [['Allow', 'CONNECT']])
  const [error, ...more] = [
    findTunnelTargetError(head.target),
    findHostFieldError(head.httpVersion, getHeaders(head.headers, 'host')),
    findBodyError(head.httpVersion, pickFraming(head.headers)),
  ].filter((found) => found !== undefined)
  if (error !== undefined) return refuse(head, [error, ...more])
  const credentials = readCredentials(head)
  if (authenticate !== undefined && !isAllowed(authenticate(credentials)))
    return refuse(head, [credentialsError(credentials)], [['Proxy-Authenticate', challenge]])
  const response: ResponseHead = { status: 200, reason: 'OK', headers, tunnel: true }
  return { ok: true, ...parseTunnelTarget(head.target), credentials, response }
}

const acceptKinds = { authenticate: 'function', realm: 'string', headers: 'any', limits: limitKinds } as const

function isAllowed(answer: unknown): boolean {
  if (answer === true || answer === false) return answer
  throw wrongAnswer('authenticate', 'true or false', answer)
}

/** Reads the credentials if there is a single field. Of two fields, either could be forged. */
function readCredentials({ headers }: RequestHead): BasicCredentials | undefined {
  const value = getHeader(headers, 'proxy-authorization')
  return value === undefined ? undefined : parseBasicCredentials(value)
}

function methodError({ method, httpVersion }: RequestHead): ProtocolError {
  const found = method === 'CONNECT' ? `CONNECT over HTTP/${httpVersion}` : quote(method)
  return new ProtocolError('method', `the method is ${found}, not CONNECT over HTTP/1.1`, {
    reference: 'RFC 9110 §9.3.6',
    status: 405,
  })
}

/** Creates the error of missing or wrong credentials. The message does not contain them. */
function credentialsError(credentials: BasicCredentials | undefined): ProtocolError {
  const found = credentials === undefined ? 'the request has no Basic credentials' : 'wrong credentials'
  return new ProtocolError('credentials', found, { reference: 'RFC 9110 §11.7.1', status: 407 })
}

// "proxy servers MUST close the underlying connection when rejecting an HTTP/1.1 CONNECT request"               RFC 9931
function refuse({ method, httpVersion }: RequestHead, errors: ProtocolErrors, more: HeaderList = []): RefusedTunnel {
  const { status = 400 } = errors[0]
  // An HTTP/2 or HTTP/3 stream ends anyway, and Connection is forbidden there                           RFC 9113 §8.2.2
  const headers: HeaderList = isMultiplexed(httpVersion) ? more : [['Connection', 'close'], ...more]
  return {
    ok: false,
    isConnectRequest: status !== 405,
    errors,
    response: createAnswer(status, headers, explainErrors(errors), method),
  }
}
