/**
 * A response's head as data, the short answers that a handshake makes, and what a request got that ended early. Knows no
 * rule about when which is owed.
 *
 * @module
 */

import type { Faults } from '../errors.ts'
import { reasonPhrases } from '../registry/http.ts'
import { getHeaders, type HeaderList, type HeaderSource, toHeaderList } from './headers.ts'

/** A response's head, yours to change. Also a `ResponseInit`. */
export interface ResponseHead {
  status: number
  reason: string
  headers: HeaderList
  /** A 100 goes first, since the request waits for one (RFC 9110 §7.8). The formatters write it. */
  continueFirst?: boolean
}

/** A whole, short answer: `new Response(answer.body, answer)` works, and so does `formatResponse(answer)`. */
export interface Answer extends ResponseHead {
  body: string
}

/** A response as it goes in. */
export interface ResponseLike {
  readonly status: number
  readonly reason?: string | undefined
  readonly headers?: HeaderSource | undefined
  readonly body?: string | Uint8Array | undefined
  readonly continueFirst?: boolean | undefined
}

/** The part of Node's `IncomingMessage` that is read of a response. */
export interface NodeResponseLike {
  readonly statusCode?: number | undefined
  readonly rawHeaders: readonly string[]
}

/** A response from our parser or from Node. */
export type ResponseSource = ResponseLike | NodeResponseLike

/**
 * A request that is turned down, with the answer that is owed.
 *
 * `asked: false` says that it wants no WebSocket at all (no `websocket` in `Upgrade`, or HTTP/1.0, where `Upgrade` counts
 * for nothing), so that plain HTTP may go on. A head that cannot be read counts as asked: nothing can go on behind it.
 */
export interface Refused {
  ok: false
  asked: boolean
  faults: Faults
  response: Answer
}

/** A response that is no answer to our offer: not HTTP, or a wrong 101. No use in trying again. */
export interface Unreadable {
  ok: false
  faults: Faults
  kind: 'invalid'
  status: number | undefined
}

/** The head of a response from any source. Nothing is judged. */
export function responseHeadFrom(source: ResponseSource): ResponseHead {
  if ('rawHeaders' in source)
    return { status: source.statusCode ?? 0, reason: '', headers: toHeaderList(source.rawHeaders) }
  return { status: source.status, reason: source.reason ?? '', headers: toHeaderList(source.headers ?? []) }
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

/** The answer to a request whose head cannot be read: by then nobody knows where the next one begins, so it closes. */
export function refuseUnreadable(faults: Faults): Refused {
  const [fault] = faults
  return {
    ok: false,
    asked: true,
    faults,
    response: createAnswer(fault.status ?? 400, [['Connection', 'close']], `${fault.message}\n`),
  }
}
