/**
 * Proxy side of CONNECT over HTTP/1.1 (RFC 9110 §9.3.6): from a request to its target, credentials and response. The caller
 * decides which hosts and ports are allowed, and connects.
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

/** Options of {@link acceptTunnel}. */
export interface AcceptTunnelOptions {
  /**
   * Returns, synchronously, whether the client may connect; `false` becomes a 407. It gets `undefined` if the request has no
   * readable Basic credentials, and is called only for sound requests; what it throws passes through. Default: allow all.
   * To decide asynchronously, check the result's `credentials` instead, and refuse with `refuseUpgrade(407, …)` and the field
   * from {@link formatBasicChallenge}.
   */
  readonly authenticate?: ((credentials: BasicCredentials | undefined) => boolean) | undefined
  /** The realm in the 407. Default: `'proxy'`. */
  readonly realm?: string | undefined
  /** Extra fields for the 200; none may describe a body. Default: none. */
  readonly headers?: HeaderSource | undefined
  /** `maxHeadFields`, for heads read by another parser: more get 431. Our own parser has its own limits. */
  readonly limits?: Limits | undefined
}

/** A tunnel that may be opened. */
export interface AcceptedTunnel {
  /** Distinguishes it from a refusal. */
  ok: true
  /** For `connect`: in lower case, an IPv6 address without brackets. */
  hostname: string
  /** 1–65535. */
  port: number
  /** The client's credentials, if present and readable. Secret: do not log them. */
  credentials: BasicCredentials | undefined
  /** The 200, to send once the target is connected. */
  response: ResponseHead
}

/**
 * Checks a whole CONNECT request: reports every fault, and answers the most serious one. Never throws for what a peer
 * sent. You decide which hosts and ports are allowed (RFC 9110 §9.3.6 advises a list of safe ones): if the target is forbidden
 * or unreachable, respond with `refuseUpgrade(403)`, or 502 or 504. After any refusal, end the connection and read nothing
 * more from it: what follows may be bytes meant for the target, sent too early (RFC 9931). Send a parser's `rest` to the
 * target once it is connected.
 *
 * @param request A parser's result, success or failure, your own head, or the `IncomingMessage` of Node's `connect` event.
 *   `asked` is false for other methods, and for HTTP/2 and 3, where plain CONNECT has no head of this form.
 * @throws TypeError for an invalid realm or `headers`, for `headers` that describe a body, and for an `authenticate` that
 *   returns anything but `true` or `false`.
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

/** Read only if there is a single field; with two, either could be forged. */
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

/** The message never contains the credentials. */
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
