/**
 * A response's head as data, whatever read it, and the short answers that a handshake makes. When which answer is due is for
 * others to say.
 *
 * @module
 */

import { requireRecord, requireType } from '../arguments.ts'
import { type Faults, quote } from '../errors.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { reasonPhrases } from '../registry/http.ts'
import { type FieldSectionLike, readFieldSection } from './field-section.ts'
import { isFieldText, readDecimal, trimWhitespace } from './grammar.ts'
import {
  getHeaders,
  type HeaderList,
  type HeaderRecord,
  type HeaderSource,
  type HeadersLike,
  toHeaderList,
} from './headers.ts'
import type { HttpVersion } from './request.ts'

/** A response's head, yours to change. Also a `ResponseInit`. */
export interface ResponseHead {
  /** 100–999; a head that was read may have 0, where the peer sent no status. */
  status: number
  /** For people; may be empty. */
  reason: string
  /** What it came by; always there in a head that was read. The formatters write their own version, whatever this one is. */
  version?: HttpVersion
  /** In order, spelling and repeats kept. */
  headers: HeaderList
  /** A 100 goes first, since the request waits for one (RFC 9110 §7.8). The formatters write it. */
  continueFirst?: boolean
  /** A 2xx to CONNECT: a tunnel follows the head, and nothing tells of a body (RFC 9110 §9.3.6). The formatters see to it. */
  tunnel?: boolean
}

/** A whole, short answer: `new Response(answer.body, answer)` works, and so does `formatResponse(answer)`. */
export interface Answer<Body extends string | Uint8Array = string> extends ResponseHead {
  /** Text, to be sent as UTF-8, or bytes; empty in an answer to HEAD. */
  body: Body
}

/** A response as it goes in. */
export interface ResponseLike {
  /** 100–999. */
  readonly status: number
  /** Default: the registered one. */
  readonly reason?: string | undefined
  /** What it came by. Default: `'1.1'`. */
  readonly version?: HttpVersion | undefined
  /** From any source. Default: none. */
  readonly headers?: HeaderSource | undefined
  /** A string goes as UTF-8. Default: none. */
  readonly body?: string | Uint8Array | undefined
  /** Write a 100 before it. Default: false. */
  readonly continueFirst?: boolean | undefined
  /** A 2xx to CONNECT, which has no body and does not even say so. Default: false. */
  readonly tunnel?: boolean | undefined
}

/** The part of Node's `IncomingMessage` that is read of a response. */
export interface NodeResponseLike {
  /** Always there in a response. */
  readonly statusCode?: number | undefined
  /** Such as `1.1`. Default: not known. */
  readonly httpVersion?: string | undefined
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
}

/** The part of a Fetch `Response` that is read. */
export interface FetchResponseLike {
  /** 0 for a network error. */
  readonly status: number
  /** The reason phrase; empty over HTTP/2 and HTTP/3. */
  readonly statusText: string
  /** Repeats are joined there, except `Set-Cookie`, and hop-by-hop fields may be missing. */
  readonly headers: HeadersLike
}

/** The header object of `node:http2`'s `response` event: `:status` and fields in one. */
export interface Http2ResponseLike {
  /** Three digits, or the number that they are. */
  readonly ':status'?: number | string | undefined
}

/** A response from our parser, from Node, from `fetch`, or from a stack of HTTP/2 or HTTP/3. */
export type ResponseSource = ResponseLike | NodeResponseLike | FetchResponseLike | Http2ResponseLike | FieldSectionLike

/**
 * A request that is turned down, with the answer that is owed.
 *
 * `asked: false` says that it wants no WebSocket at all (no `websocket` in `Upgrade`, or HTTP/1.0, where `Upgrade` counts
 * for nothing), so that plain HTTP may go on. A head that cannot be read counts as asked: nothing can go on behind it.
 */
export interface Refused {
  /** Tells it from what is granted. */
  ok: false
  /** Whether it wants a WebSocket at all. */
  asked: boolean
  /** Every one that was found, the gravest first. */
  faults: Faults
  /** Ready to be sent. */
  response: Answer
}

/** A response that is no answer to our offer: not HTTP, or a wrong 101. No use in trying again. */
export interface Unreadable {
  /** Tells it from what can be read. */
  ok: false
  /** Every one that was found. */
  faults: Faults
  /** Tells it from the answers that a server may well give. */
  kind: 'invalid'
  /** 101, or `undefined` where not even a status could be read. */
  status: number | undefined
}

/**
 * The head of a response from any source. Nothing is judged; a status that is not three digits from 100 on is 0, and a reason
 * phrase that no head can carry is empty.
 *
 * @throws ProtocolError for a field section that is none, see {@link FieldSectionLike}; `TypeError` for what is no response.
 */
export function responseHeadFrom(source: ResponseSource): ResponseHead {
  requireRecord(source, 'a response')
  // First, for the other members of such an object are fields, which the peer may name `status` or `fields`. The members of
  // all other sources have their names from the platform or from the caller.
  if (isHttp2Response(source)) return createHead(source[':status'], '2', source as HeaderRecord)
  if ('rawHeaders' in source)
    return createHead(source.statusCode, readNodeVersion(source.httpVersion), source.rawHeaders)
  if ('fields' in source) {
    const { pseudo, headers } = readFieldSection(source, [':status'])
    return createHead(pseudo.get(':status'), source.version, headers)
  }
  if ('statusText' in source) return createHead(source.status, 'unknown', source.headers, source.statusText)
  if ('status' in source && typeof source.status === 'number')
    return createHead(source.status, source.version ?? '1.1', source.headers ?? [], source.reason)
  throw new TypeError(
    'a response must be the result of a parser, a head with a numeric `status`, an IncomingMessage of Node, a Response of ' +
      'Fetch, or a header object or field section of HTTP/2 or HTTP/3',
  )
}

/** Whether it is a header object of HTTP/2, all members of which are a peer's. No field is named `:status`. */
export function isHttp2Response(source: object): source is Http2ResponseLike {
  return ':status' in source
}

function createHead(
  status: number | string | undefined,
  version: HttpVersion,
  headers: HeaderSource,
  reason = '',
): ResponseHead {
  requireType(reason, 'string', '`reason`')
  return {
    status: readStatus(status),
    reason: isFieldText(reason) ? reason : '',
    version,
    headers: toHeaderList(headers),
  }
}

// status-code = 3DIGIT                                                                                 RFC 9110 §15
function readStatus(status: number | string | undefined): number {
  const number = typeof status === 'string' ? readDecimal(status.length === 3 ? status : '') : status
  return isStatus(number) ? number : 0
}

/** Whether a status line can carry it: three digits from 100 on (RFC 9112 §4). */
export function isStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 999
}

/** Node's parser lets no other major version through. */
function readNodeVersion(version: string | undefined): HttpVersion {
  if (version === undefined) return 'unknown'
  return version === '1.0' ? '1.0' : '1.1'
}

/** The registered reason phrase; empty for a status that has none here. */
export function reasonPhrase(status: number): string {
  return reasonPhrases[status] ?? ''
}

/**
 * A short answer: `headers` first, then what is missing of the fields that describe the body. A text is plain text.
 *
 * @param method Of the request: "The HEAD method is identical to GET except that the server MUST NOT send content in the
 *   response" (RFC 9110 §9.3.2), so the fields stay and the body goes.
 */
export function createAnswer<Body extends string | Uint8Array = string>(
  status: number,
  headers: HeaderList,
  body: Body,
  method?: string,
): Answer<Body | string> {
  const more: HeaderList = []
  if (typeof body === 'string' && body !== '' && getHeaders(headers, 'content-type').length === 0)
    more.push(['Content-Type', 'text/plain; charset=utf-8'])
  const answer: Answer<Body | string> = { status, reason: reasonPhrase(status), headers: [...headers, ...more], body }
  if (method !== 'HEAD' || body.length === 0) return answer
  answer.body = ''
  if (getHeaders(headers, 'content-length').length > 0) return answer
  // "A server MUST NOT send Content-Length in such a response unless its field value equals the decimal number of octets that
  // would have been sent in the content of a response if the same request had used the GET method"       RFC 9110 §8.6
  const size = typeof body === 'string' ? encodeUtf8(body).length : body.length
  answer.headers.push(['Content-Length', String(size)])
  return answer
}

/** The body of a refusal: each fault in a line, with its section. */
export function explainFaults(faults: readonly Pick<Faults[0], 'message' | 'reference'>[]): string {
  return faults.map(({ message, reference }) => `${message} (${reference})\n`).join('')
}

/** What a 401 or a 407 asks for, a line each. An empty line asks for nothing (RFC 9110 §11.6.1). */
export function readChallenges(headers: HeaderList, name: 'www-authenticate' | 'proxy-authenticate'): string[] {
  return getHeaders(headers, name).filter((value) => trimWhitespace(value) !== '')
}

/** A status as messages name it: `403 "Forbidden"`. */
export function describeStatus({ status, reason }: ResponseHead): string {
  return reason === '' ? `${status}` : `${status} ${quote(reason)}`
}

/**
 * The answer to a request whose head cannot be read. Over HTTP/1.1 nobody knows then where the next one begins, so it closes;
 * a stream of HTTP/2 or HTTP/3 ends by itself.
 *
 * @param method Of the request, if that much could be read: an answer to HEAD has no body.
 */
export function refuseUnreadable(faults: Faults, closes = true, method?: string): Refused {
  const [fault] = faults
  const headers: HeaderList = closes ? [['Connection', 'close']] : []
  return {
    ok: false,
    asked: true,
    faults,
    response: createAnswer(fault.status ?? 400, headers, `${fault.message}\n`, method),
  }
}
