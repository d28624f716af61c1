/**
 * The client's side: an offer over a socket or an HTTP/2 stream, until it is answered.
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
  /** The peer's `data`. Default: what the endpoint's `data` function returns. */
  readonly data?: Data
  /** Read nothing after the handshake until `resume` is called. Default: false. */
  readonly paused?: boolean | undefined
  /** Stops waiting for the answer when aborted; its `reason` becomes the `cause`. It has no effect on an open WebSocket. */
  readonly signal?: AbortSignalLike | undefined
  /**
   * The class of this name from `websocket-primitives/http`. With it the body of a refusal is read, for `body` of the
   * {@link HandshakeError}. Default: the body is not read, and the class need not be bundled.
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
 * Reports why a client's handshake failed. The stream has been destroyed.
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
  /**
   * The server's answer, by kind. `undefined` if it did not answer; then `cause` is the stream's error, the signal's reason, or a
   * `ProtocolError` with the code `timeout`.
   */
  readonly rejection: Rejected | undefined
  /** The head of the server's answer, if one could be read. */
  readonly response: ResponseHead | undefined
  /**
   * The body of the server's answer as text, if `ResponseBodyReader` was among the options and the whole body of at most 65 536 bytes
   * arrived in time. Invalid UTF-8 becomes U+FFFD.
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

/** An answer that opens no WebSocket. */
interface Refusal {
  readonly rejection: Rejected
  readonly head: ResponseHead | undefined
}

/**
 * Opens a WebSocket over a socket of `node:net` or `node:tls` that is connected or connecting, or over any other byte stream. Writes the
 * offer's request and waits at most `headTimeout` for the answer, including the time to connect. Takes over the socket.
 *
 * The endpoint's `open` is called before the promise resolves; bytes after the answer are read after that. A client's extensions are those
 * of its offer: the endpoint's `extensions` are not added to it.
 *
 * @param offer An offer for HTTP/1.1.
 * @returns A promise of the peer. Rejects with a {@link HandshakeError} if the handshake fails; the socket has been destroyed then.
 * @throws TypeError, as a rejection, for wrong arguments, and for a socket that was already given to an endpoint; the socket is unchanged
 *   then. Also rejects with what the endpoint's `data` function or an extension throws; the socket has been destroyed then.
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
  // An error thrown here rejects the promise.
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
 * Opens a WebSocket over a stream of `node:http2` (RFC 8441), like {@link connectSocket}. You own the session: wait for its
 * `remoteSettings`, which must have `enableConnectProtocol`, and close the session yourself.
 *
 * @param stream The result of `session.request(toHttp2Headers(offer.request))`. Pass it in the same turn, or its `response` event may be
 *   missed.
 * @param offer An offer for HTTP/2: `offerHandshake(url, { httpVersion: '2' })`.
 * @returns A promise of the peer. Rejects with a {@link HandshakeError} if the handshake fails; the stream has been destroyed then.
 * @throws TypeError, as a rejection, for wrong arguments, and for a stream that was already given to an endpoint; the stream is unchanged
 *   then. Also rejects with what the endpoint's `data` function or an extension throws; the stream has been destroyed then.
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
    // Node reports a reset only on a flowing stream.
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

/** Settles a promise. */
interface Settle<Opened> {
  readonly resolve: (opened: Opened) => void
  readonly reject: (error: unknown) => void
}

/** A stream that waits for the answer, or for the rest of a refusal's body. */
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
  /** Reads the head; `undefined` over HTTP/2, where an event delivers the head. */
  #parser: ResponseHeadParser | undefined = undefined
  /** Bytes that arrived over HTTP/2 before the event with the head. */
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

  /** Returns `false` if the attempt has already failed. */
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
    else if (isOver(this.#stream)) this.#fail('the stream has already ended', undefined)
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

  /** Handles the answer, whose head is complete. */
  answer(head: ResponseHead, rest: Uint8Array): void {
    if (this.#over) return
    let verified: Verified | Rejected
    try {
      verified = verifyHead(this.#carrier, head, this.#offer)
    } catch (error) {
      // An extension has thrown, which is not the server's fault.
      return void this.#leave(error)
    }
    const body = this.#early === undefined ? rest : join([this.#early, rest])
    if (verified.ok) return void this.#open(verified, head, body)
    this.#refusal = { rejection: verified, head }
    const { ResponseBodyReader } = this.#options
    if (ResponseBodyReader === undefined) return void this.#refuse(undefined)
    this.#bodies = new ResponseBodyReader(head)
    this.#readBody(this.#bodies.push(body))
  }

  /** Rejects an answer that cannot be read, or after which nothing can follow. */
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
      // The `data` function has thrown.
      return void this.#leave(error)
    }
    this.#finish()
    this.#stream.pause()
    const start = { data, response: head, rest, paused }
    this.#settle.resolve(startPeer(endpoint, this.#stream, connection, start))
  }

  /** The endpoint's options, unless the offer had other extensions. */
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
    this.#fail('the signal was aborted', this.#options.signal?.reason)
  }

  #fail(message: string, cause: unknown): void {
    this.#leave(new HandshakeError(message, cause))
  }

  #refuse(body: string | undefined): void {
    const refusal = this.#refusal as Refusal
    const [error] = refusal.rejection.errors
    this.#leave(new HandshakeError(`the handshake failed: ${error.message}`, error, refusal, body))
  }

  /** Releases the stream. */
  #leave(error: unknown): void {
    if (this.#over) return
    this.#finish()
    // An HTTP/2 stream that the server has ended needs an end, not a reset.
    if (this.#ended && isHttp2(this.#stream)) this.#stream.end()
    else destroy(this.#stream)
    release(this.#stream)
    this.#endpoint.streamReleased()
    this.#settle.reject(error)
  }

  #finish(): void {
    this.#over = true
    this.#endpoint.deadlines.remove(this)
    this.#options.signal?.removeEventListener('abort', this.#aborted)
    this.cleanUp?.()
  }
}

/** Describes a failure. Node's error after it tried several addresses has no message, only a code. */
function describe(error: Error | undefined, { rstCode }: DuplexLike): string {
  if (error === undefined) return rstCode ? `: reset with code ${rstCode}` : ''
  return `: ${error.message || (error as { readonly code?: string }).code}`
}
