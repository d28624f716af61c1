/**
 * The client's side: an offer over a socket or a stream of HTTP/2, until it is answered.
 *
 * @module
 */

import { type Kind, type Kinds, requireOptions } from '../arguments.ts'
import { join } from '../bytes/join.ts'
import { nothing } from '../bytes/view.ts'
import { Connection } from '../connection/connection.ts'
import type { TextForm } from '../connection/events.ts'
import { ProtocolError } from '../errors.ts'
import { connectClient } from '../handshake/connect-carrier.ts'
import type { Offer } from '../handshake/offer.ts'
import { type ClientCarrier, upgradeClient } from '../handshake/upgrade-carrier.ts'
import { type Rejected, requireOffer, type Verified, verifyHead } from '../handshake/verify.ts'
import { formatRequestHead } from '../http/head-format.ts'
import { findFieldCountError } from '../http/headers.ts'
import { isMultiplexed } from '../http/request.ts'
import { type Http2ResponseLike, type ResponseHead, responseFromHttp2 } from '../http/response.ts'
import type { ReadBody, ResponseBodyReader } from '../http/response-body.ts'
import { ResponseHeadParser } from '../http/response-parser.ts'
import type { AbortSignalLike } from '../platform/abort.ts'
import { decodeUtf8 } from '../platform/text.ts'
import { startPeer } from './drive.ts'
import { type Endpoint, requireEndpoint } from './endpoint.ts'
import { destroy, type Holder, hold, isHttp2, isOver, release, requireFree } from './holder.ts'
import { resolveConnection } from './options.ts'
import type { Peer } from './peer.ts'
import type { ClientStreamLike, DuplexLike } from './shapes.ts'

/** Options of {@link connectSocket} and {@link connectHttp2Stream}. */
export interface ConnectOptions<Data> {
  /** `data` of the peer. Default: what `data` of the endpoint returns. */
  readonly data?: Data
  /** Read nothing behind the handshake until `resume` is called. Default: false. */
  readonly paused?: boolean | undefined
  /** Gives up while the answer is awaited, with its `reason` as the `cause`. It has no effect on an open WebSocket. */
  readonly signal?: AbortSignalLike | undefined
  /**
   * The class of this name from `websocket-primitives/http`: then the body of a refusal is read, for `body` of the
   * {@link HandshakeError}. Default: it is not, and need not be bundled.
   */
  readonly ResponseBodyReader?: typeof ResponseBodyReader | undefined
}

const connectKinds: Kinds = {
  data: 'any',
  paused: 'boolean',
  signal: 'object',
  ResponseBodyReader: 'function',
} satisfies Record<keyof ConnectOptions<unknown>, Kind>

/**
 * Why there is no WebSocket. The stream has been destroyed.
 *
 * @example
 * connectSocket(endpoint, socket, offer, { ResponseBodyReader }).catch((error) => {
 *   if (error.rejection?.kind === 'redirect') console.log('try', error.rejection.location)
 *   else console.log(error.message, error.body ?? '')
 * })
 */
export class HandshakeError extends Error {
  /** Identifies the class where `instanceof` cannot. */
  override readonly name = 'HandshakeError'
  /** What the server answered, by kind. `undefined`: it did not answer; the `cause` is the stream's error, a reason, or a `timeout`. */
  readonly rejection: Rejected | undefined
  /** The head of its answer, if one could be read. */
  readonly response: ResponseHead | undefined
  /**
   * The body of its answer as text, if `ResponseBodyReader` was among the options and it came in time, whole and with at most 65 536
   * bytes. What is not UTF-8 becomes U+FFFD.
   */
  readonly body: string | undefined

  /** @internal */
  constructor(message: string, cause: unknown, refusal?: Refusal, body?: string) {
    super(message, { cause })
    this.rejection = refusal?.rejection
    this.response = refusal?.head
    this.body = body
  }
}

/** An answer that opens nothing. */
interface Refusal {
  readonly rejection: Rejected
  readonly head: ResponseHead | undefined
}

/**
 * Opens a WebSocket over a socket of `node:net` or `node:tls` that is connected or still connecting, or over any other stream of bytes:
 * writes the offer's request and waits for the answer, for `headTimeout` at most, the time to connect included. Takes the socket over.
 *
 * `open` of the endpoint is called before the promise resolves; what comes behind the answer is read after that. A client's extensions
 * are those of its offer: `extensions` of the endpoint are not added to it.
 *
 * @param offer Of HTTP/1.1.
 * @returns Rejects with a {@link HandshakeError} if there is no WebSocket, and then the socket has been destroyed.
 * @throws TypeError for wrong arguments, and a socket that has been given to an endpoint already, as a rejection: the socket is left as
 *   it was. What `data` of the endpoint or an extension throws, likewise: the socket has been destroyed.
 * @see RFC 6455 §4.1
 * @example
 * const offer = offerHandshake('ws://localhost:8080/chat')
 * const peer = await connectSocket(endpoint, connect(offer.port, offer.hostname), offer)
 * peer.send('hello')
 */
export function connectSocket<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  socket: DuplexLike,
  offer: Offer,
  options: ConnectOptions<Data> = {},
): Promise<Peer<Data, Text, Pieces>> {
  // What throws here rejects.
  return new Promise((resolve, reject) => {
    requireEndpoint(endpoint)
    requireArguments(socket, offer, options, false)
    const request = formatRequestHead(offer.request)
    const parser = new ResponseHeadParser(endpoint.handlers.limits)
    const attempt = new Attempt(endpoint, socket, offer, upgradeClient, options, { resolve, reject })
    if (!attempt.start(parser)) return
    socket.write(request)
    socket.resume()
  })
}

/**
 * Opens a WebSocket over a stream of `node:http2` (RFC 8441), like {@link connectSocket}. The session is yours: wait for its
 * `remoteSettings`, which must have `enableConnectProtocol`, and close it yourself.
 *
 * @param stream From `session.request(toHttp2Headers(offer.request))`, in the same turn: its `response` event must not be missed.
 * @param offer Of HTTP/2: `offerHandshake(url, { httpVersion: '2' })`.
 * @see RFC 8441 §5
 * @example
 * const offer = offerHandshake('wss://localhost:8443/chat', { httpVersion: '2' })
 * const peer = await connectHttp2Stream(endpoint, session.request(toHttp2Headers(offer.request)), offer)
 * peer.send('hello')
 */
export function connectHttp2Stream<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  stream: ClientStreamLike,
  offer: Offer,
  options: ConnectOptions<Data> = {},
): Promise<Peer<Data, Text, Pieces>> {
  return new Promise((resolve, reject) => {
    requireEndpoint(endpoint)
    requireArguments(stream, offer, options, true)
    const attempt = new Attempt(endpoint, stream, offer, connectClient, options, { resolve, reject })
    if (!attempt.start(undefined)) return
    const answered = (headers: Http2ResponseLike): void => {
      const head = responseFromHttp2(headers)
      const error = findFieldCountError(head.headers, offer.offered.limits, false)
      if (error === undefined) attempt.answer(head, nothing)
      else attempt.reject({ ok: false, kind: 'invalid', errors: [error], status: undefined }, head)
    }
    stream.on('response', answered)
    attempt.cleanUp = () => stream.off('response', answered)
    // Node shows a reset only to a stream that flows.
    stream.resume()
  })
}

function requireArguments(stream: DuplexLike, offer: Offer, options: object, multiplexed: boolean): void {
  const names = ['connectSocket', 'connectHttp2Stream']
  const [name, other] = multiplexed ? names.reverse() : names
  requireFree(stream)
  requireOptions(options, connectKinds, `the options of ${name}`)
  requireOffer(offer)
  const { httpVersion } = offer.offered
  if (isMultiplexed(httpVersion) !== multiplexed)
    throw new TypeError(`${name} does not take an offer with \`httpVersion: '${httpVersion}'\`: use ${other}`)
}

/** What a promise is settled with. */
interface Settle<Opened> {
  readonly resolve: (opened: Opened) => void
  readonly reject: (error: unknown) => void
}

/** A stream whose answer is awaited; then that of a refusal, whose body is read. */
class Attempt<Data, Text extends TextForm, Pieces extends boolean> implements Holder {
  dueAt = 0
  place = -1
  /** Removes what the carrier has added to the stream. */
  cleanUp: (() => void) | undefined = undefined
  readonly #endpoint: Endpoint<Data, Text, Pieces>
  readonly #stream: DuplexLike
  readonly #offer: Offer
  readonly #carrier: ClientCarrier
  readonly #options: ConnectOptions<Data>
  readonly #settle: Settle<Peer<Data, Text, Pieces>>
  /** Reads the head; `undefined` over HTTP/2, whose heads are events. */
  #parser: ResponseHeadParser | undefined = undefined
  /** What has come over HTTP/2 before the event of the head. */
  #early: Uint8Array | undefined = undefined
  #refusal: Refusal | undefined = undefined
  #bodies: ResponseBodyReader | undefined = undefined
  #ended = false
  #over = false

  constructor(
    endpoint: Endpoint<Data, Text, Pieces>,
    stream: DuplexLike,
    offer: Offer,
    carrier: ClientCarrier,
    options: ConnectOptions<Data>,
    settle: Settle<Peer<Data, Text, Pieces>>,
  ) {
    this.#endpoint = endpoint
    this.#stream = stream
    this.#offer = offer
    this.#carrier = carrier
    this.#options = options
    this.#settle = settle
  }

  /** `false`: it has failed already. */
  start(parser: ResponseHeadParser | undefined): boolean {
    const { deadlines, timers, numbers, closing } = this.#endpoint
    const { signal } = this.#options
    this.#parser = parser
    this.#endpoint.streams++
    hold(this.#stream, this)
    deadlines.set(this, timers.now() + numbers.headTimeout)
    signal?.addEventListener('abort', this.#aborted)
    if (signal?.aborted) this.#aborted()
    else if (closing) this.shutDown()
    else if (isOver(this.#stream)) this.#fail('the stream is over already', undefined)
    else if (this.#stream.readableEnded) this.ended()
    return !this.#over
  }

  read(chunk: Uint8Array): void {
    if (this.#bodies !== undefined) return void this.#readBody(this.#bodies.push(chunk))
    if (this.#parser === undefined) {
      this.#early = this.#early === undefined ? chunk : join([this.#early, chunk])
      return
    }
    const parsed = this.#parser.push(chunk)
    if (parsed === undefined) return
    if (parsed.ok) this.answer(parsed.head, parsed.rest)
    else this.reject(parsed, undefined)
  }

  /** The head of the answer is there. */
  answer(head: ResponseHead, rest: Uint8Array): void {
    if (this.#over) return
    let verified: Verified | Rejected
    try {
      verified = verifyHead(this.#carrier, head, this.#offer)
    } catch (error) {
      // An extension has thrown: no fault of the server.
      return void this.#leave(error)
    }
    const behind = this.#early === undefined ? rest : join([this.#early, rest])
    if (verified.ok) return void this.#open(verified, head, behind)
    this.#refusal = { rejection: verified, head }
    const { ResponseBodyReader } = this.#options
    if (ResponseBodyReader === undefined) return void this.#refuse(undefined)
    this.#bodies = new ResponseBodyReader(head)
    this.#readBody(this.#bodies.push(behind))
  }

  /** The answer cannot be read, or nothing can follow it. */
  reject(rejection: Rejected, head: ResponseHead | undefined): void {
    this.#refusal = { rejection, head }
    this.#refuse(undefined)
  }

  #readBody(read: ReadBody | undefined): void {
    if (read !== undefined) this.#refuse(read.ok ? decodeUtf8(read.body) : undefined)
  }

  #open(agreement: Verified, head: ResponseHead, rest: Uint8Array): void {
    const endpoint = this.#endpoint
    const { paused } = this.#options
    let connection: Connection<Text, Pieces>
    let data: Data
    try {
      data = 'data' in this.#options ? (this.#options.data as Data) : endpoint.createData(undefined)
      // The user's function may have aborted the signal, or closed the endpoint.
      if (this.#over) return
      connection = new Connection(this.#connectionOptions(agreement), agreement)
    } catch (error) {
      // The function of `data` has thrown.
      return void this.#leave(error)
    }
    this.#finish()
    this.#stream.pause()
    const start = { data, response: head, rest, paused }
    this.#settle.resolve(startPeer(endpoint, this.#stream, connection, start))
  }

  /** Those of the endpoint, unless the offer had extensions of its own. */
  #connectionOptions({ extensions }: Verified): ReturnType<Endpoint<Data, Text, Pieces>['connectionOptions']> {
    const endpoint = this.#endpoint
    const shared = endpoint.connectionOptions('client', this.#stream)
    const { extensions: offered } = this.#offer.offered
    if (extensions.length === 0 || offered.every((extension) => shared.extensions.includes(extension))) return shared
    return resolveConnection(
      { ...endpoint.handlers, extensions: offered },
      'client',
      shared.ownsChunks,
      shared.sharesOutput,
    )
  }

  ended(): void {
    this.#ended = true
    if (this.#bodies === undefined) this.#fail('the stream ended before the answer was complete', undefined)
    else this.#readBody(this.#bodies.end())
  }

  lost(error: Error | undefined): void {
    if (this.#refusal !== undefined) return void this.#refuse(undefined)
    this.#fail(`the stream failed before the answer was complete${describe(error, this.#stream)}`, error)
  }

  due(): void {
    if (this.#refusal !== undefined) return void this.#refuse(undefined)
    const message = `no answer within ${this.#endpoint.numbers.headTimeout} ms (\`headTimeout\`)`
    this.#fail(message, new ProtocolError('timeout', message))
  }

  shutDown(): void {
    this.#fail('the endpoint has been closed', undefined)
  }

  abandon(): void {
    this.shutDown()
  }

  readonly #aborted = (): void => {
    this.#fail('given up: the signal was aborted', this.#options.signal?.reason)
  }

  #fail(message: string, cause: unknown): void {
    this.#leave(new HandshakeError(message, cause))
  }

  #refuse(body: string | undefined): void {
    const refusal = this.#refusal as Refusal
    const [error] = refusal.rejection.errors
    this.#leave(new HandshakeError(`the handshake failed: ${error.message}`, error, refusal, body))
  }

  /** Lets go of the stream. */
  #leave(error: unknown): void {
    if (this.#over) return
    this.#finish()
    // A stream of HTTP/2 that the server has ended needs no reset, but an end.
    if (this.#ended && isHttp2(this.#stream)) this.#stream.end()
    else destroy(this.#stream)
    release(this.#stream)
    this.#endpoint.letGo()
    this.#settle.reject(error)
  }

  #finish(): void {
    this.#over = true
    this.#endpoint.deadlines.remove(this)
    this.#options.signal?.removeEventListener('abort', this.#aborted)
    this.cleanUp?.()
  }
}

/** What is known of a failure. The error of several addresses tried has no message of its own. */
function describe(error: Error | undefined, { rstCode }: DuplexLike): string {
  if (error === undefined) return rstCode ? `: reset with code ${rstCode}` : ''
  return `: ${error.message || (error as { readonly code?: string }).code}`
}
