/**
 * Refusals: an answer is written, what the client still sends is read and dropped, so that no reset destroys the answer, and the stream
 * is let go of within `closeTimeout`.
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

/** What a refusal needs of an endpoint. */
export type RefusalHost = Pick<AnyEndpoint, 'deadlines' | 'timers' | 'numbers' | 'refusals' | 'letGo'>

/** How many bytes are read behind a refusal. A client that is refused may have as much on its way. */
const MAX_DROPPED = 1_048_576

/** Seconds after which a client may ask again. */
const RETRY_AFTER = '5'

/** Writes an answer over HTTP/1.1. Throws `TypeError` for one that cannot be sent, before anything is written. */
export function writeAnswer(stream: DuplexLike, answer: Answer<string | Uint8Array>): void {
  stream.write(formatResponse(answer))
}

/** The same over HTTP/2. */
export function respondAnswer(stream: DuplexLike, answer: Answer<string | Uint8Array>): void {
  ;(stream as ServerStreamLike).respond(toHttp2Headers(answer))
  const { body } = answer
  if (body.length > 0) stream.write(typeof body === 'string' ? encodeUtf8(body) : body)
}

/** How an answer is written over one carrier. */
export type AnswerWriter = typeof writeAnswer

/**
 * Refuses a request that you have read yourself: writes the answer, drops what still comes, and lets go of the stream within
 * `closeTimeout`.
 *
 * @param stream A socket; or, for a request over HTTP/2, its `ServerHttp2Stream`.
 * @throws TypeError for wrong arguments, and an answer that cannot be sent.
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
    endpoint.letGo()
    throw error
  }
}

/**
 * Refuses over one carrier. The stream is counted as held already.
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

/** An answer of the endpoint itself. */
export function createRefusal(status: number, method?: string): Answer {
  const headers: HeaderList = [['Connection', 'close']]
  if (status === 503) headers.push(['Retry-After', RETRY_AFTER])
  const reason = reasonPhrase(status)
  return createAnswer(status, headers, `${reason}\n`, method, reason)
}

/** The answer to a plain request: nothing more is read behind it. Throws for fields that cannot be sent. */
export function closingAnswer(response: ResponseLike, method: string): Answer<string | Uint8Array> {
  const { status, reason, headers = [], body = '' } = response
  const fields = toHeaderList(headers)
  const close: HeaderList = getHeaders(fields, 'connection').length > 0 ? [] : [['Connection', 'close']]
  return createAnswer(status, [...close, ...fields], body, method, reason)
}

/** A stream behind a refusal. */
class Refusal implements Holder {
  dueAt = 0
  place = -1
  readonly #endpoint: RefusalHost
  readonly #stream: DuplexLike
  #room = MAX_DROPPED
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
    // Who is refused too often is let go of at once: it may lose the answer.
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
    this.#room -= chunk.length
    if (this.#room < 0) this.abandon()
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
    this.#endpoint.letGo()
  }

  /** A stream of HTTP/2 says `close` by itself, and must not be reset. */
  #leaveIfOver(): void {
    if (this.#ended && this.#finished && !isHttp2(this.#stream)) this.abandon()
  }
}
