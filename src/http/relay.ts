/**
 * What a proxy forwards: the fields of a request or a response (RFC 9110 §7.6.1), and a backend's whole refusal (§15.6.3). Nothing that
 * a peer sends makes a formatter throw later.
 *
 * @module
 */

import { requireOptions, requireRecord } from '../arguments.ts'
import { lowerCase } from '../bytes/ascii.ts'
import { requireBytes } from '../bytes/view.ts'
import { attempt, ProtocolError } from '../errors.ts'
import {
  anyFieldCount,
  getHeaderElements,
  type HeaderList,
  type HeaderRecord,
  isSendableField,
  requirePairs,
  toHeaderList,
} from './headers.ts'
import { hopByHop, namedByConnection } from './hop-by-hop.ts'
import {
  type HttpVersion,
  httpVersions,
  isHttp2Request,
  isMultiplexed,
  type RequestSource,
  requestHeadFrom,
} from './request.ts'
import { isParsedRequest, type ParsedRequest } from './request-parser.ts'
import {
  type Answer,
  createAnswer,
  isHttp2Response,
  type ResponseHead,
  type ResponseSource,
  reasonPhrase,
  responseHeadFrom,
} from './response.ts'
import { isParsedResponse, type ParsedResponse, readResponse } from './response-parser.ts'
import { formatProtocol, formatUpgrade, parseUpgrade } from './upgrade.ts'

/** Each hop negotiates its own handshake (RFC 6455 §11.3). */
const HANDSHAKE_PREFIX = 'sec-websocket-'

/**
 * Returns the fields of an upgrade that a proxy may forward. Leaves out hop-by-hop fields, those named in `Connection`, `Host`,
 * `Sec-WebSocket-*`, fields that delimit a body, and invalid fields that a lenient parser accepted. Keeps order, spelling and repeats.
 *
 * @param source A request or a response from any source, or a parser's result. The number of fields is not limited.
 * @throws ProtocolError `head-syntax` (400) for a `Connection` with more than 100 empty elements; the errors of
 *   `requestHeadFrom`; and the error of a head that a parser could not read.
 * @throws TypeError for a value that is neither a request nor a response.
 *
 * @example
 * const request = { method: 'GET', target: '/', headers: { host: 'a.example', cookie: 'a=b', upgrade: 'websocket' } }
 * forwardableHeaders(request) // [['cookie', 'a=b']]
 *
 * @example
 * const target = splitTarget(request.url ?? '')?.originForm
 * const offer = offerHandshake(upstream, { target, headers: forwardableHeaders(request) })
 */
export function forwardableHeaders(
  source: RequestSource | ResponseSource | ParsedRequest | ParsedResponse,
): HeaderList {
  requireRecord(source, 'a request or a response')
  const headers = allHeaders(source)
  // "remove any header or trailer field(s) from the message with the same name as the connection-option"
  const named = new Set(getHeaderElements(headers, 'connection').map(lowerCase))
  return headers.filter(([name, value]) => {
    const key = lowerCase(name)
    if (hopByHop.has(key) || named.has(key) || key.startsWith(HANDSHAKE_PREFIX)) return false
    return isSendableField(name, value)
  })
}

function allHeaders(source: RequestSource | ResponseSource | ParsedRequest | ParsedResponse): HeaderList {
  // Checked first, because a peer may name a field `status`.
  if (isHttp2Request(source) || isHttp2Response(source)) return toHeaderList(source as HeaderRecord)
  if (isParsed(source)) {
    if (source.ok) return toHeaderList(source.head.headers)
    throw source.errors[0]
  }
  if ('rawHeaders' in source) return toHeaderList(source.rawHeaders)
  if ('fields' in source) {
    requirePairs(source.fields, '`fields`')
    const isResponse = source.fields.some(([name]) => name === ':status')
    return (isResponse ? responseHeadFrom(source) : requestHeadFrom(source, anyFieldCount)).headers
  }
  return 'status' in source ? toHeaderList(source.headers ?? []) : requestHeadFrom(source, anyFieldCount).headers
}

function isParsed(source: object): source is ParsedRequest | ParsedResponse {
  return isParsedRequest(source as ParsedRequest) || isParsedResponse(source as ParsedResponse)
}

/**
 * Options of {@link relayRefusal}.
 *
 * @category Proxies
 */
export interface RelayRefusalOptions {
  /**
   * The body to send. Bytes are the backend's body, sent with the fields that describe it (`Content-Type`, `Content-Encoding` …). A
   * string is your own text, sent instead of the backend's body. Default: the reason phrase.
   */
  readonly body?: string | Uint8Array | undefined
  /** The HTTP version of the client's request. Default: `'1.1'`. */
  readonly httpVersion?: HttpVersion | undefined
  /** The method of the client's request: a response to HEAD has no body. Default: `'GET'`. */
  readonly method?: string | undefined
}

/**
 * Creates the response of a proxy whose backend refused the upgrade: the backend's status, 300 to 599, with its fields (`Set-Cookie`,
 * `Location`, `WWW-Authenticate`, `Retry-After`, `Sec-WebSocket-Version` …). If you pass the client's HTTP version, the response is valid
 * for {@link formatResponse} or {@link toHttp2Headers}.
 *
 * A response that a proxy cannot forward becomes a 502: a 1xx, a 2xx, a 407 (which would be about this proxy), an invalid status, an
 * unreadable head, and a 426 that names no protocol or goes to an HTTP/2 or HTTP/3 client, which has no `Upgrade`. The function leaves
 * out connection-specific fields (RFC 9110 §7.6.1), invalid fields, those of the proxy's own handshake with the backend, and those that
 * describe a body that is not sent. It forwards a 401 without a challenge or a 405 without `Allow` unchanged: the field is the
 * backend's responsibility. Over HTTP/1 the connection closes (RFC 9931).
 *
 * @param response The backend's response: a parser's result, success or failure, or any other source.
 * @returns The response. A `body` of bytes is the array passed in, not a copy.
 * @throws TypeError for a value that is not a response and for invalid options. Never throws for what a backend sent.
 *
 * @example
 * const { status, body } = relayRefusal({ status: 404, headers: {} })
 * status // 404
 * body // 'Not Found\n'
 *
 * @example
 * const verified = verifyHandshake(parsed, offer)
 * if (!verified.ok) socket.end(formatResponse(relayRefusal(parsed)))
 *
 * @category Proxies
 */
export function relayRefusal(
  response: ResponseSource | ParsedResponse,
  options: RelayRefusalOptions = {},
): Answer<string | Uint8Array> {
  requireRelayOptions(options)
  const { httpVersion = '1.1', method } = options
  const answer = readResponse(response, anyFieldCount)
  const head: ResponseHead = answer.ok ? answer.head : { status: 502, reason: '', headers: [] }
  const upgrade = head.status === 426 && !isMultiplexed(httpVersion) ? readProtocols(head) : ''
  const relayed = isRelayable(head.status) && (head.status !== 426 || upgrade !== '')
  const status = relayed ? head.status : 502
  const reason = (relayed && head.reason) || reasonPhrase(status)
  // "any response with a 1xx (Informational), 204 (No Content), or 304 (Not Modified) status code is always terminated by the
  // first empty line after the header fields"                                                          RFC 9112 §6.3
  const body = status === 304 ? '' : (options.body ?? `${reason || status}\n`)
  const headers = [
    ...connectionFields(httpVersion, upgrade),
    ...relayFields(head.headers, relayed, typeof body !== 'string'),
  ]
  return createAnswer(status, headers, body, method, reason)
}

function requireRelayOptions(options: RelayRefusalOptions): void {
  requireOptions(options, { body: 'any', httpVersion: httpVersions, method: 'string' }, 'the options of relayRefusal')
  const { body } = options
  if (body !== undefined && typeof body !== 'string') requireBytes(body, '`body`')
}

/** A 407 would ask for credentials for this proxy (RFC 9110 §15.5.8), and a 1xx or 2xx refuses nothing. */
function isRelayable(status: number): boolean {
  return status >= 300 && status <= 599 && status !== 407
}

/** Returns the protocols that a 426 names, as text; empty if the field is missing or invalid. */
function readProtocols({ headers }: ResponseHead): string {
  const protocols = attempt(() => parseUpgrade(headers))
  return protocols instanceof ProtocolError ? '' : protocols.map(formatProtocol).join(', ')
}

function connectionFields(httpVersion: HttpVersion, upgrade: string): HeaderList {
  if (isMultiplexed(httpVersion)) return []
  return upgrade === '' ? [['Connection', 'close']] : formatUpgrade(upgrade, 'close')
}

/** Fields of the proxy's own handshake with its backend. Without `Sec-WebSocket-Version`, which the client needs to retry. */
const ownHandshake: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-key',
  'sec-websocket-protocol',
])

/** Fields that describe the backend's body (RFC 9110 §8, RFC 9530). */
const describesBody: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'accept-ranges',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'digest',
  'etag',
  'last-modified',
  'repr-digest',
])

/** Fields that control caching of the backend's response. A 502 sent instead does not have them (RFC 9111 §5). */
const describesCaching: ReadonlySet<string> = /* @__PURE__ */ new Set(['age', 'cache-control', 'expires'])

function relayFields(headers: HeaderList, relayed: boolean, hasBackendBody: boolean): HeaderList {
  // "remove any header or trailer field(s) from the message with the same name as the connection-option"  RFC 9110 §7.6.1
  const named = new Set(namedByConnection(headers))
  return headers.filter(([name, value]) => {
    const key = lowerCase(name)
    if (hopByHop.has(key) || named.has(key) || ownHandshake.has(key) || !isSendableField(name, value)) return false
    return (hasBackendBody || !describesBody.has(key)) && (relayed || !describesCaching.has(key))
  })
}
