/**
 * The proxy's side of CONNECT over HTTP/1.1 (RFC 9110 §9.3.6): where to, on whose behalf, and the answer. Connects to nobody;
 * which hosts and ports may be reached is for the caller to say.
 *
 * @module
 */

import { checkOptionNames, requireOptional, requireRecord, wrongAnswer } from '../arguments.ts'
import { type Faults, ProtocolError, quote } from '../errors.ts'
import { type Limits, limitNames } from '../limits.ts'
import { type BasicCredentials, formatBasicChallenge, parseBasicCredentials } from './basic-credentials.ts'
import { checkNoRequestBody, pickFraming } from './framing.ts'
import { getHeader, getHeaders, type HeaderList, type HeaderSource } from './headers.ts'
import { isMultiplexed, type RequestHead, type RequestSource } from './request.ts'
import { judgeHostField, readTunnelTarget, type TunnelTarget } from './request-host.ts'
import { type ParsedRequest, readRequest } from './request-parser.ts'
import { createAnswer, explainFaults, type Refused, type ResponseHead, reasonPhrase } from './response.ts'
import { readOwnFraming, toSendableFields } from './sendable-fields.ts'

/** What a proxy wishes. */
export interface AcceptTunnelOptions {
  /**
   * Says whether who asks may, by `true` or `false` and at once; `undefined`: the request has no Basic credentials that can be
   * read. `false` becomes a 407. Asked about sound requests only; what it throws passes through. Default: everybody may.
   * If the answer takes time, read `credentials` instead, and refuse by `refuseUpgrade(407, …)` with the field of
   * {@link formatBasicChallenge}.
   */
  readonly authenticate?: ((credentials: BasicCredentials | undefined) => boolean) | undefined
  /** What the credentials are for, in the 407. Default: `'proxy'`. */
  readonly realm?: string | undefined
  /** More fields for the 200; none that tells of a body. Default: none. */
  readonly headers?: HeaderSource | undefined
  /** `maxHeadFields`, for heads that another parser has read: 431 for more. Our parser has limits of its own. */
  readonly limits?: Limits | undefined
}

/** A tunnel that may be opened. */
export interface AcceptedTunnel {
  /** Tells it from a refusal. */
  ok: true
  /** For `connect`: in lower case, an IPv6 address without brackets. */
  hostname: string
  /** 1–65535. */
  port: number
  /** Who asks, if that was said and can be read. A secret: not for logs. */
  credentials: BasicCredentials | undefined
  /** The 200, to be sent once the other end is there. */
  response: ResponseHead
}

/**
 * Judges a CONNECT request, whole: every fault is found, and one response answers the gravest. Never throws for what a peer
 * sent. Which hosts and ports may be reached is yours to say (RFC 9110 §9.3.6 asks for a list of those that are safe): where the
 * other end must not be reached, or cannot be, the answer is `refuseUpgrade(403)`, or 502 or 504. After any refusal end the
 * connection and read nothing more of it: what follows may be somebody else's bytes, sent too early (RFC 9931). What a parser
 * gives as `rest` is for the other end, and only once it is there.
 *
 * @param request A parser's result, good or bad, a head of one's own, or the `IncomingMessage` of Node's `connect` event.
 *   `asked` is false for other methods, and for HTTP/2 and 3, where plain CONNECT has no head of this form.
 * @throws TypeError for a realm or `headers` that no head can carry, for `headers` that tell of a body, and for an `authenticate`
 *   that answers anything but `true` or `false`.
 *
 * @example
 * const accepted = acceptTunnel(parsed)
 * if (!accepted.ok) socket.end(formatResponse(accepted.response))
 * else connect(accepted.port, accepted.hostname, () => socket.write(formatResponse(accepted.response)))
 */
export function acceptTunnel(
  request: RequestSource | ParsedRequest,
  options: AcceptTunnelOptions = {},
): AcceptedTunnel | Refused {
  requireRecord(request, 'the request')
  checkOptionNames(options, optionNames, 'the options of acceptTunnel', nestedNames)
  const { authenticate, realm = 'proxy' } = options
  requireOptional(authenticate, 'function', '`authenticate`')
  const challenge = formatBasicChallenge(realm)
  const headers = tunnelHeaders(options)
  const read = readRequest(request, options.limits)
  if (!read.ok) return read
  const { head } = read
  if (head.method !== 'CONNECT' || isMultiplexed(head.version))
    return refuse(head, [methodFault(head)], [['Allow', 'CONNECT']])
  const target = readTunnelTarget(head.target)
  const found = [target, judgeHostField(head.version, getHeaders(head.headers, 'host')), bodyFault(head)]
  const [fault, ...more] = found.filter((each) => each instanceof ProtocolError)
  if (fault !== undefined) return refuse(head, [fault, ...more])
  const credentials = readCredentials(head)
  if (authenticate !== undefined && !isAllowed(authenticate(credentials)))
    return refuse(head, [credentialsFault(credentials)], [['Proxy-Authenticate', challenge]])
  const response: ResponseHead = { status: 200, reason: reasonPhrase(200), headers, tunnel: true }
  return { ok: true, ...(target as TunnelTarget), credentials, response }
}

const optionNames = ['authenticate', 'realm', 'headers', 'limits'] as const satisfies (keyof AcceptTunnelOptions)[]
const nestedNames = { limits: limitNames }

function isAllowed(answer: unknown): boolean {
  if (answer === true || answer === false) return answer
  throw wrongAnswer('authenticate', 'true or false', answer)
}

// "A server MUST NOT send any Transfer-Encoding or Content-Length header fields in a 2xx"                 RFC 9110 §9.3.6
function tunnelHeaders({ headers: source }: AcceptTunnelOptions): HeaderList {
  const headers = toSendableFields(source)
  readOwnFraming(headers, 200, true)
  return headers
}

function bodyFault({ version, headers }: RequestHead): ProtocolError | undefined {
  return checkNoRequestBody(version, pickFraming(headers))
}

/** Of one field; two might be a trick. */
function readCredentials({ headers }: RequestHead): BasicCredentials | undefined {
  const value = getHeader(headers, 'proxy-authorization')
  return value === undefined ? undefined : parseBasicCredentials(value)
}

function methodFault({ method, version }: RequestHead): ProtocolError {
  const found = method === 'CONNECT' ? `CONNECT over HTTP/${version}` : quote(method)
  return new ProtocolError('method', `the method is ${found}, where CONNECT over HTTP/1.1 is expected`, {
    reference: 'RFC 9110 §9.3.6',
    status: 405,
  })
}

/** Never repeats them. */
function credentialsFault(credentials: BasicCredentials | undefined): ProtocolError {
  const found = credentials === undefined ? 'the request has no Basic credentials' : 'the credentials are not accepted'
  return new ProtocolError('credentials', found, { reference: 'RFC 9110 §11.7.1', status: 407 })
}

// "proxy servers MUST close the underlying connection when rejecting an HTTP/1.1 CONNECT request"               RFC 9931
function refuse({ method, version }: RequestHead, faults: Faults, more: HeaderList = []): Refused {
  const { status = 400 } = faults[0]
  // Over HTTP/2 and HTTP/3 the stream ends by itself, and has no such field                              RFC 9113 §8.2.2
  const headers: HeaderList = isMultiplexed(version) ? more : [['Connection', 'close'], ...more]
  return {
    ok: false,
    asked: status !== 405,
    faults,
    response: createAnswer(status, headers, explainFaults(faults), method),
  }
}
