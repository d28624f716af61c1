/**
 * A response's head as data, the short answers that a handshake makes, and what a request got that ended early. Knows no
 * rule about when which is owed.
 *
 * @module
 */

import { type Faults, quote } from '../errors.ts'
import { reasonPhrases } from '../registry/http.ts'
import { type FieldSectionLike, readFieldSection } from './field-section.ts'
import { readDecimal } from './grammar.ts'
import { getHeaders, type HeaderList, type HeaderRecord, type HeaderSource, toHeaderList } from './headers.ts'

/** A response's head, yours to change. Also a `ResponseInit`. */
export interface ResponseHead {
  /** 100–599. */
  status: number
  /** For people; may be empty. */
  reason: string
  /** In order, spelling and repeats kept. */
  headers: HeaderList
  /** A 100 goes first, since the request waits for one (RFC 9110 §7.8). The formatters write it. */
  continueFirst?: boolean
  /** A 2xx to CONNECT: a tunnel follows the head, and nothing tells of a body (RFC 9110 §9.3.6). The formatters see to it. */
  tunnel?: boolean
}

/** A whole, short answer: `new Response(answer.body, answer)` works, and so does `formatResponse(answer)`. */
export interface Answer extends ResponseHead {
  /** Text, to be sent as UTF-8. */
  body: string
}

/** A response as it goes in. */
export interface ResponseLike {
  /** 100–599. */
  readonly status: number
  /** Default: the registered one. */
  readonly reason?: string | undefined
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
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[]
}

/** The header object of `node:http2`'s `response` event: `:status` and fields in one. */
export interface Http2ResponseLike {
  /** Three digits, or the number that they are. */
  readonly ':status'?: number | string | undefined
}

/** A response from our parser, from Node, or from a stack of HTTP/2 or HTTP/3. */
export type ResponseSource = ResponseLike | NodeResponseLike | Http2ResponseLike | FieldSectionLike

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
 * The head of a response from any source. Nothing is judged; a status that is none is 0.
 *
 * @throws ProtocolError for a field section that is none, see {@link FieldSectionLike}.
 */
export function responseHeadFrom(source: ResponseSource): ResponseHead {
  // First, for the other members of such an object are fields, which the peer may name `status` or `fields`.
  if (isHttp2Response(source))
    return { status: readStatus(source[':status']), reason: '', headers: toHeaderList(source as HeaderRecord) }
  if ('rawHeaders' in source)
    return { status: source.statusCode ?? 0, reason: '', headers: toHeaderList(source.rawHeaders) }
  if ('fields' in source) {
    const { pseudo, headers } = readFieldSection(source, [':status'])
    return { status: readStatus(pseudo.get(':status')), reason: '', headers }
  }
  return { status: source.status, reason: source.reason ?? '', headers: toHeaderList(source.headers ?? []) }
}

/** Whether it is a header object of HTTP/2, all members of which are a peer's. No field is named `:status`. */
export function isHttp2Response(source: object): source is Http2ResponseLike {
  return ':status' in source
}

// status-code = 3DIGIT                                                                                 RFC 9110 §15
function readStatus(status: number | string | undefined): number {
  if (typeof status !== 'string') return status ?? 0
  return status.length === 3 ? (readDecimal(status) ?? 0) : 0
}

/** The registered reason phrase; empty for a status that has none here. */
export function reasonPhrase(status: number): string {
  return reasonPhrases[status] ?? ''
}

/** A short answer in plain text: `headers` first, then what is missing of the fields that describe the body. */
export function createAnswer(status: number, headers: HeaderList, body: string): Answer {
  const type: HeaderList =
    body === '' || getHeaders(headers, 'content-type').length > 0 ? [] : [['Content-Type', 'text/plain; charset=utf-8']]
  return { status, reason: reasonPhrase(status), headers: [...headers, ...type], body }
}

/** The body of a refusal: each fault in a line, with its section. */
export function explainFaults(method: string, faults: readonly Pick<Faults[0], 'message' | 'reference'>[]): string {
  // What follows the head of an answer to HEAD would be read as the next answer                          RFC 9110 §9.3.2
  if (method === 'HEAD') return ''
  return faults.map(({ message, reference }) => `${message} (${reference})\n`).join('')
}

/** A status as messages name it: `403 "Forbidden"`. */
export function describeStatus({ status, reason }: ResponseHead): string {
  return reason === '' ? `${status}` : `${status} ${quote(reason)}`
}

/**
 * The answer to a request whose head cannot be read. Over HTTP/1.1 nobody knows then where the next one begins, so it closes;
 * a stream of HTTP/2 or HTTP/3 ends by itself.
 */
export function refuseUnreadable(faults: Faults, closes = true): Refused {
  const [fault] = faults
  const headers: HeaderList = closes ? [['Connection', 'close']] : []
  return {
    ok: false,
    asked: true,
    faults,
    response: createAnswer(fault.status ?? 400, headers, `${fault.message}\n`),
  }
}
