/**
 * Refusals: writes an answer, and reads and drops what the client still sends, so that no reset destroys the answer. The stream is released
 * within `closeTimeout`.
 *
 * @module
 */

import { formatResponse } from '../http/head-format.ts'
import { getHeaders, type HeaderList, toHeaderList } from '../http/headers.ts'
import { toHttp2Headers } from '../http/http2-headers.ts'
import { type Answer, createAnswer, type ResponseLike, reasonPhrase } from '../http/response.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { type Endpoint, requireEndpoint } from './endpoint.ts'
import { destroy, type Holder, hold, isHttp2, isOver, release, requireFree } from './holder.ts'
import type { DuplexLike, ServerStreamLike } from './shapes.ts'

/** An endpoint of any kind, for functions that do not depend on how data is returned. */
// biome-ignore lint/suspicious/noExplicitAny: `Data` is in parameters and results.
export type AnyEndpoint = Endpoint<any, any, any>

/** The part of an endpoint that a refusal uses. */
export type RefusalHost = Pick<AnyEndpoint, 'deadlines' | 'timers' | 'numbers' | 'refusals' | 'streamReleased'>

/** How many bytes are read after a refusal. A refused client may have sent this much before it reads the answer. */
const MAX_DROPPED = 1_048_576

/** Seconds after which a client may try again. */
const RETRY_AFTER = '5'

/** Writes an answer over HTTP/1.1. Throws a `TypeError` for an answer that cannot be sent, before anything is written. */
export function writeAnswer(stream: DuplexLike, answer: Answer<string | Uint8Array>): void {
  stream.write(formatResponse(answer))
}

/** Writes an answer over HTTP/2. It must also be valid over HTTP/1.1, so that what cannot be sent throws before anything is written. */
export function respondAnswer(stream: DuplexLike, answer: ResponseLike): void {
  formatResponse(answer)
  ;(stream as ServerStreamLike).respond(toHttp2Headers(answer))
  const { body = '' } = answer
  if (body.length > 0) stream.write(typeof body === 'string' ? encodeUtf8(body) : body)
}

/** A function that writes an answer. */
export type AnswerWriter = typeof writeAnswer

/**
 * Refuses a request that you have read yourself: writes the answer, drops the bytes that still arrive, and releases the stream within
 * `closeTimeout`.
 *
 * @param stream A socket, or the `ServerHttp2Stream` of a request over HTTP/2.
 * @throws TypeError for wrong arguments, and for an answer that cannot be sent.
 * @example
 * refuse(endpoint, socket, refuseUpgrade(404))
 */
export function refuse(
  endpoint: AnyEndpoint,
  stream: DuplexLike | ServerStreamLike,
  answer: Answer<string | Uint8Array>,
): void {
  requireEndpoint(endpoint)
  requireFree(stream)
  endpoint.streams++
  try {
    startRefusal(endpoint, stream, answer, 'respond' in stream ? respondAnswer : writeAnswer)
  } catch (error) {
    endpoint.streamReleased()
    throw error
  }
}

/**
 * Refuses with the given writer. The stream is already counted as held.
 *
 * @throws TypeError for an answer that cannot be sent; nothing has changed then.
 */
export function startRefusal(
  endpoint: RefusalHost,
  stream: DuplexLike,
  answer: Answer<string | Uint8Array>,
  write: AnswerWriter,
): void {
  if (!isOver(stream)) write(stream, answer)
  new Refusal(endpoint, stream).start()
}

/** Creates an answer of the endpoint's own. */
export function createRefusal(status: number, method?: string): Answer {
  const headers: HeaderList = [['Connection', 'close']]
  if (status === 503) headers.push(['Retry-After', RETRY_AFTER])
  const reason = reasonPhrase(status)
  return createAnswer(status, headers, `${reason}\n`, method, reason)
}

/** Creates the answer to a plain request, after which the connection closes. Throws for fields that cannot be sent. */
export function closingAnswer(response: ResponseLike, method: string): Answer<string | Uint8Array> {
  const { status, reason, headers = [], body = '' } = response
  const fields = toHeaderList(headers)
  const close: HeaderList = getHeaders(fields, 'connection').length > 0 ? [] : [['Connection', 'close']]
  return createAnswer(status, [...close, ...fields], body, method, reason)
}

/** A stream whose request was refused. */
class Refusal implements Holder {
  dueAt = 0
  place = -1
  readonly #endpoint: RefusalHost
  readonly #stream: DuplexLike
  #budget = MAX_DROPPED
  #ended = false
  #finished = false
  #gone = false

  constructor(endpoint: RefusalHost, stream: DuplexLike) {
    this.#endpoint = endpoint
    this.#stream = stream
  }

  start(): void {
    const { deadlines, timers, numbers } = this.#endpoint
    this.#endpoint.refusals++
    hold(this.#stream, this)
    if (isOver(this.#stream)) return void this.abandon()
    // With too many refusals at once, the stream is released immediately: its client may lose the answer.
    if (this.#endpoint.refusals > numbers.maxHandshakes) return void timers.soon(() => this.abandon())
    deadlines.set(this, timers.now() + numbers.closeTimeout)
    this.#ended = this.#stream.readableEnded === true
    this.#stream.end(() => {
      this.#finished = true
      this.#leaveIfOver()
    })
    this.#stream.resume()
  }

  read(chunk: Uint8Array): void {
    this.#budget -= chunk.length
    if (this.#budget < 0) this.abandon()
  }

  ended(): void {
    this.#ended = true
    this.#leaveIfOver()
  }

  lost(): void {
    this.abandon()
  }

  due(): void {
    this.abandon()
  }

  abandon(): void {
    if (this.#gone) return
    this.#gone = true
    this.#endpoint.deadlines.remove(this)
    destroy(this.#stream)
    release(this.#stream)
    this.#endpoint.refusals--
    this.#endpoint.streamReleased()
  }

  /** An HTTP/2 stream emits `close` on its own and must not be reset. */
  #leaveIfOver(): void {
    if (this.#ended && this.#finished && !isHttp2(this.#stream)) this.abandon()
  }
}
