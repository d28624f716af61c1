/**
 * Response heads as data: converts every supported source to one `ResponseHead`, and creates the short responses of refusals. Does not
 * decide which response to send.
 *
 * @module
 */

import { describeValue, requireRecord, requireType } from '../arguments.ts'
import { type ProtocolErrors, quote } from '../errors.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { handshakeReasons, reasonPhrases } from '../registry/http.ts'
import { isFieldText, readDecimal, trimWhitespace } from './grammar.ts'
import {
  getHeaders,
  type HeaderList,
  type HeaderRecord,
  type HeaderSource,
  type HeadersLike,
  toHeaderList,
} from './headers.ts'
import { type FieldSectionLike, splitFieldSection } from './http2-fields.ts'
import type { HttpVersion } from './request.ts'

/**
 * The head of a response. You may change it. It is also a valid `ResponseInit`.
 *
 * @category HTTP heads
 */
export interface ResponseHead {
  /** 100–999; 0 in a received head without a valid status. */
  status: number
  /** The reason phrase, for humans. May be empty. */
  reason: string
  /** The HTTP version of the response, always set in a received head. The formatters ignore it. */
  httpVersion?: HttpVersion
  /** In order, with spelling and repeats kept. */
  headers: HeaderList
  /** Whether the formatters write a 100 first, because the request waits for one (RFC 9110 §7.8). */
  continueFirst?: boolean
  /** Whether this is a 2xx to CONNECT. A tunnel begins after the head, so the formatters add no `Content-Length` (RFC 9110 §9.3.6). */
  tunnel?: boolean
}

/**
 * A complete short response, for `new Response(answer.body, answer)` or `formatResponse(answer)`.
 *
 * @category Upgrade and refusals
 */
export interface Answer<Body extends string | Uint8Array = string> extends ResponseHead {
  /** Text, sent as UTF-8, or bytes; empty in a response to HEAD. */
  body: Body
}

/**
 * A response as input.
 *
 * @category HTTP heads
 */
export interface ResponseLike {
  /** 100–999. */
  readonly status: number
  /** Default: the registered reason phrase. */
  readonly reason?: string | undefined
  /** The HTTP version of the response. Default: `'1.1'`. */
  readonly httpVersion?: HttpVersion | undefined
  /** From any source. Default: none. */
  readonly headers?: HeaderSource | undefined
  /** A string is sent as UTF-8. Default: none. */
  readonly body?: string | Uint8Array | undefined
  /** Whether to write a 100 first. Default: false. */
  readonly continueFirst?: boolean | undefined
  /** Whether this is a 2xx to CONNECT, which has neither a body nor a `Content-Length`. Default: false. */
  readonly tunnel?: boolean | undefined
}

/**
 * The members of Node's `IncomingMessage` that are used of a response.
 *
 * @category HTTP heads
 */
export interface NodeResponseLike {
  /** Always set in a response. */
  readonly statusCode?: number | undefined
  /** Such as `1.1`. Default: unknown. */
  readonly httpVersion?: string | undefined
  /** Alternating names and values, as sent. */
  readonly rawHeaders: readonly string[]
}

/**
 * The members of a Fetch `Response` that are used.
 *
 * @category HTTP heads
 */
export interface FetchResponseLike {
  /** 0 for a network error. */
  readonly status: number
  /** The reason phrase; empty over HTTP/2 and HTTP/3. */
  readonly statusText: string
  /** Repeated fields are joined, except `Set-Cookie`, and hop-by-hop fields may be missing. */
  readonly headers: HeadersLike
}

/**
 * The header object of the `response` event of `node:http2`: `:status` and fields in one.
 *
 * @category HTTP/2 and HTTP/3
 */
export interface Http2ResponseLike {
  /** Three digits, or a number. */
  readonly ':status'?: number | string | undefined
}

/**
 * A response from our parser, Node, `fetch`, or an HTTP/2 or HTTP/3 stack.
 *
 * @category HTTP heads
 */
export type ResponseSource = ResponseLike | NodeResponseLike | FetchResponseLike | Http2ResponseLike | FieldSectionLike

/**
 * A refused request, with the response to send.
 *
 * `isWebSocketRequest: false` means that the request does not ask for a WebSocket (no `websocket` in `Upgrade`, or HTTP/1.0, where
 * `Upgrade` is ignored), so you may handle it as plain HTTP. An unreadable head has `isWebSocketRequest: true`, because no request can
 * be read after it.
 *
 * @category Upgrade and refusals
 */
export interface Refused {
  /** Distinguishes it from an accepted request. */
  ok: false
  /** Whether the request asks for a WebSocket. */
  isWebSocketRequest: boolean
  /** All errors found, the most serious first. */
  errors: ProtocolErrors
  /** Ready to send. */
  response: Answer
}

/**
 * A response that does not fit the offer: not HTTP, or a wrong 101. Retrying is pointless.
 *
 * @category Upgrade and refusals
 */
export interface Unreadable {
  /** Distinguishes it from a readable response. */
  ok: false
  /** All errors found. */
  errors: ProtocolErrors
  /** Distinguishes it from legitimate responses. */
  kind: 'invalid'
  /** The status, or `undefined` if none could be read. */
  status: number | undefined
}

/**
 * Reads the head of a response from any source. Does not check it: an invalid status becomes 0, and an invalid reason phrase becomes
 * empty. Each source also has its own function, which keeps the others out of a bundle: {@link responseFromNode},
 * {@link responseFromFetch}, {@link responseFromHttp2}, {@link responseFromFields}, {@link responseFromParts}.
 *
 * @throws ProtocolError for an invalid field section, see {@link FieldSectionLike}, `TypeError` for a value that is not a response.
 *
 * @example
 * responseHeadFrom(new Response('', { status: 404 })).status // 404
 */
export function responseHeadFrom(source: ResponseSource): ResponseHead {
  requireRecord(source, 'a response')
  // First: the other members of an HTTP/2 header object are fields, which a peer may name `status` or `fields`. In all other
  // sources, the platform or the caller names the members.
  if (isHttp2Response(source)) return responseFromHttp2(source)
  if ('rawHeaders' in source) return responseFromNode(source)
  if ('fields' in source) return responseFromFields(source)
  if ('statusText' in source) return responseFromFetch(source)
  if ('status' in source && typeof source.status === 'number') return responseFromParts(source)
  throw new TypeError('a response must have a numeric `status`, `statusCode`, `:status` or `fields`')
}

/**
 * Reads the head of the `IncomingMessage` that Node's client received.
 *
 * @throws TypeError for a value that is not a response.
 *
 * @example
 * responseFromNode({ statusCode: 404, httpVersion: '1.1', rawHeaders: [] }).status // 404
 */
export function responseFromNode(response: NodeResponseLike): ResponseHead {
  requireRecord(response, 'a response')
  const { httpVersion, statusCode, rawHeaders } = response
  // Node's parser rejects other major versions.
  const version = httpVersion === undefined ? 'unknown' : httpVersion === '1.0' ? '1.0' : '1.1'
  return createHead(statusCode, version, rawHeaders)
}

/**
 * Reads the head of a Fetch `Response`. Its HTTP version is unknown.
 *
 * @throws TypeError for a value that is not a response.
 *
 * @example
 * responseFromFetch(new Response('', { status: 404 })).status // 404
 */
export function responseFromFetch(response: FetchResponseLike): ResponseHead {
  requireRecord(response, 'a response')
  return createHead(response.status, 'unknown', response.headers, response.statusText)
}

/**
 * Reads the header object of the `response` event of `node:http2`.
 *
 * @throws TypeError for a value that is not a response.
 *
 * @example
 * responseFromHttp2({ ':status': 200 }).httpVersion // '2'
 */
export function responseFromHttp2(headers: Http2ResponseLike): ResponseHead {
  requireRecord(headers, 'a response')
  return createHead(headers[':status'], '2', headers as HeaderRecord)
}

/**
 * Reads the field section of a response from another HTTP/2 or HTTP/3 stack.
 *
 * @throws ProtocolError for an invalid field section, see {@link FieldSectionLike}, `TypeError` for a value that is not a response.
 *
 * @example
 * responseFromFields({ httpVersion: '3', fields: [[':status', '200']] }).status // 200
 */
export function responseFromFields(section: FieldSectionLike): ResponseHead {
  requireRecord(section, 'a response')
  const { pseudo, headers, error } = splitFieldSection(section, [':status'])
  if (error !== undefined) throw error
  return createHead(pseudo[':status'], section.httpVersion, headers)
}

/**
 * Builds the head of a response from its parts.
 *
 * @throws TypeError for invalid headers or an invalid reason.
 *
 * @example
 * responseFromParts({ status: 404, headers: { 'x-a': '1' } }).headers // [['x-a', '1']]
 */
export function responseFromParts(parts: ResponseLike): ResponseHead {
  requireRecord(parts, 'a response')
  return createHead(parts.status, parts.httpVersion ?? '1.1', parts.headers ?? [], parts.reason)
}

/** Whether this is an HTTP/2 header object. A peer names its members, but cannot name a field `:status`. */
export function isHttp2Response(source: object): source is Http2ResponseLike {
  return ':status' in source
}

function createHead(
  status: number | string | undefined,
  httpVersion: HttpVersion,
  headers: HeaderSource,
  reason = '',
): ResponseHead {
  requireType(reason, 'string', '`reason`')
  return {
    status: readStatus(status),
    reason: isFieldText(reason) ? reason : '',
    httpVersion,
    headers: toHeaderList(headers),
  }
}

// status-code = 3DIGIT                                                                                 RFC 9110 §15
function readStatus(status: number | string | undefined): number {
  const number = typeof status === 'string' ? readDecimal(status.length === 3 ? status : '') : status
  return isStatus(number) ? number : 0
}

function isStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 999
}

/** Throws `TypeError` for a status that a status line cannot contain. */
export function requireStatus(status: unknown): void {
  if (!isStatus(status)) throw new TypeError(`\`status\` must be from 100 to 999, not ${describeValue(status)}`)
}

/** Returns the registered reason phrase, or an empty text for an unregistered status. */
export function reasonPhrase(status: number): string {
  return reasonPhrases[status] ?? ''
}

/**
 * Creates a short response: `headers`, then the missing fields that describe the body. A string is sent as plain text.
 *
 * @param method The method of the request: "The HEAD method is identical to GET except that the server MUST NOT send content in the
 *   response" (RFC 9110 §9.3.2), so the fields stay and the body is dropped.
 * @param reason Default: the phrase of a status that this package sends.
 */
export function createAnswer<Body extends string | Uint8Array = string>(
  status: number,
  headers: HeaderList,
  body: Body,
  method?: string,
  reason: string = handshakeReasons[status] ?? '',
): Answer<Body | string> {
  const answer: Answer<Body | string> = { status, reason, headers: [...headers], body }
  if (typeof body === 'string' && body !== '' && getHeaders(headers, 'content-type').length === 0)
    answer.headers.push(['Content-Type', 'text/plain; charset=utf-8'])
  if (method !== 'HEAD' || body.length === 0) return answer
  answer.body = ''
  // "A server MUST NOT send Content-Length in such a response unless its field value equals the decimal number of octets that
  // would have been sent in the content of a response if the same request had used the GET method"       RFC 9110 §8.6
  const size = typeof body === 'string' ? encodeUtf8(body).length : body.length
  if (getHeaders(headers, 'content-length').length === 0) answer.headers.push(['Content-Length', String(size)])
  return answer
}

/** Formats the body of a refusal: one line per error, with its RFC section. */
export function explainErrors(errors: readonly Pick<ProtocolErrors[0], 'message' | 'reference'>[]): string {
  return errors.map(({ message, reference }) => `${message} (${reference})\n`).join('')
}

/** Returns the challenges of a 401 or 407, one per line. An empty line is not a challenge (RFC 9110 §11.6.1). */
export function readChallenges(headers: HeaderList, name: 'www-authenticate' | 'proxy-authenticate'): string[] {
  return getHeaders(headers, name).filter((value) => trimWhitespace(value) !== '')
}

/** Describes a status for a message: `403 "Forbidden"`. */
export function describeStatus({ status, reason }: ResponseHead): string {
  return reason === '' ? `${status}` : `${status} ${quote(reason)}`
}

/**
 * Refuses a request with an unreadable head. Over HTTP/1.1 the start of the next request is then unknown, so the response closes the
 * connection; an HTTP/2 or HTTP/3 stream ends anyway.
 *
 * @param method The method of the request, if it is readable: a response to HEAD has no body.
 */
export function refuseUnreadable(errors: ProtocolErrors, closes = true, method?: string): Refused {
  const [error] = errors
  const headers: HeaderList = closes ? [['Connection', 'close']] : []
  return {
    ok: false,
    isWebSocketRequest: true,
    errors,
    response: createAnswer(error.status ?? 400, headers, `${error.message}\n`, method),
  }
}
