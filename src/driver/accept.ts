/**
 * The server's side: requests from Node's `upgrade` event, from bare sockets and from HTTP/2 streams, until they are answered.
 *
 * @module
 */

import { type Kinds, requireOptions, requireRecord } from '../arguments.ts'
import { join } from '../bytes/join.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { Connection } from '../connection/connection.ts'
import type { TextForm } from '../connection/events.ts'
import { ProtocolError, type ProtocolErrors } from '../errors.ts'
import { acceptHead, asksForWebSocket } from '../handshake/accept.ts'
import { HandshakeOptions } from '../handshake/accept-options.ts'
import { connectServer } from '../handshake/connect-carrier.ts'
import { type ServerCarrier, upgradeServer } from '../handshake/upgrade-carrier.ts'
import { formatResponse } from '../http/head-format.ts'
import { toHttp2Headers } from '../http/http2-headers.ts'
import {
  type Http2RequestLike,
  isMultiplexed,
  type NodeRequestLike,
  type RequestHead,
  requestFromHttp2,
  requestFromNode,
  unsupportedVersion,
} from '../http/request.ts'
import { RequestHeadParser } from '../http/request-parser.ts'
import { type Answer, type Refused, type ResponseHead, refuseUnreadable } from '../http/response.ts'
import { type Aborter, createAborter, type Signal } from '../platform/abort.ts'
import { startPeer } from './drive.ts'
import { type Endpoint, requireEndpoint } from './endpoint.ts'
import { destroy, type Holder, hold, isOver, release, requireFree } from './holder.ts'
import type { AcceptRequestOptions, Pending } from './options.ts'
import type { Peer } from './peer.ts'
import {
  type AnswerWriter,
  type AnyEndpoint,
  closingAnswer,
  createRefusal,
  respondAnswer,
  startRefusal,
  writeAnswer,
} from './refuse.ts'
import type { DuplexLike, ServerStreamLike } from './shapes.ts'

/** What differs between HTTP/1.1 and HTTP/2. Each function below brings its own, so that bundles can omit the other. */
interface Carrier {
  readonly server: ServerCarrier
  /** Writes the 101 or 200. */
  readonly grant: (stream: DuplexLike, response: ResponseHead) => void
  /** Writes a refusal. */
  readonly answer: AnswerWriter
}

/**
 * Accepts or refuses a request for a WebSocket from the `upgrade` event of `node:http` and `node:https`. Answers a request for anything
 * else with `plain`. Takes over the socket.
 *
 * @param head The bytes after the request's head, as the event passes them.
 * @param options Options for this request. `pending.accept` uses them unless its own options replace them.
 * @throws TypeError for wrong arguments, and for a socket that was already given to an endpoint.
 * @example
 * createServer().on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
 *
 * @example
 * const endpoint = new Endpoint({
 *   data: () => ({ address: '' }),
 *   open: (peer) => peer.send(`you come from ${peer.data.address}`),
 * })
 * createServer().on('upgrade', (request, socket, head) => {
 *   const data = { address: request.socket.remoteAddress ?? '' }
 *   acceptUpgrade(endpoint, request, socket, head, { data })
 * })
 */
export function acceptUpgrade<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  request: NodeRequestLike,
  socket: DuplexLike,
  head: Uint8Array,
  options: AcceptRequestOptions<Data> = {},
): void {
  requireEndpoint(endpoint)
  requireFree(socket)
  requireOptions(options, acceptKinds, 'the options of acceptUpgrade')
  // Without it early messages would be lost, and nobody would notice.
  requireBytes(head, '`head`')
  const carrier: Carrier = { server: upgradeServer, grant: writeGrant, answer: writeAnswer }
  if (!hasCapacity(endpoint, socket, carrier)) return
  let read: RequestHead
  try {
    read = requestFromNode(request, endpoint.handshake.limits)
    // Node's HTTP/1.1 parser accepts `GET / HTTP/2.0`.
    if (isMultiplexed(read.httpVersion)) throw unsupportedVersion(request.httpVersion)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    endpoint.streams++
    return void refuseItself(endpoint, socket, carrier, refuseUnreadable([error], true, request.method))
  }
  endpoint.streams++
  new Handshake(endpoint, socket, carrier, read, options).start(head)
}

function writeGrant(stream: DuplexLike, response: ResponseHead): void {
  stream.write(formatResponse(response))
}

/**
 * Accepts or refuses a request for a WebSocket on a bare socket of `node:net` or `node:tls`, after reading the request's head. Nothing may
 * have been read from the socket before. Takes over the socket.
 *
 * @param options Options for this request, as for {@link acceptUpgrade}.
 * @throws TypeError for wrong arguments, and for a socket that was already given to an endpoint.
 * @example
 * net.createServer((socket) => acceptSocket(endpoint, socket))
 */
export function acceptSocket<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  socket: DuplexLike,
  options: AcceptRequestOptions<Data> = {},
): void {
  requireEndpoint(endpoint)
  requireFree(socket)
  requireOptions(options, acceptKinds, 'the options of acceptSocket')
  const carrier: Carrier = { server: upgradeServer, grant: writeGrant, answer: writeAnswer }
  if (!hasCapacity(endpoint, socket, carrier)) return
  endpoint.streams++
  new HeadReader(endpoint, socket, carrier, options).start()
}

/**
 * Accepts or refuses a request for a WebSocket on a stream of `node:http2` (RFC 8441). The server must have
 * `settings: { enableConnectProtocol: true }`. If the server has a `request` listener, it must also have a `connect` listener.
 * Otherwise Node answers 405; then the endpoint releases the stream and, the first time, passes a `TypeError` to its `error` function.
 *
 * @param headers The request's headers, as the `stream` event passes them.
 * @param options Options for this request, as for {@link acceptUpgrade}.
 * @returns `false` if the request is not an extended CONNECT for a WebSocket; the stream is unchanged then.
 * @throws TypeError for wrong arguments, and for a stream that was already given to an endpoint.
 * @example
 * http2Server.on('connect', () => {})
 * http2Server.on('stream', (stream, headers) => {
 *   if (acceptHttp2Stream(endpoint, stream, headers)) return
 *   stream.respond({ ':status': 404 }, { endStream: true })
 * })
 */
export function acceptHttp2Stream<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  stream: ServerStreamLike,
  headers: Http2RequestLike,
  options: AcceptRequestOptions<Data> = {},
): boolean {
  requireEndpoint(endpoint)
  requireFree(stream)
  requireRecord(headers, '`headers`')
  requireOptions(options, acceptKinds, 'the options of acceptHttp2Stream')
  if (headers[':method'] !== 'CONNECT' || headers[':protocol'] === undefined) return false
  if (stream.headersSent) {
    reportAnswered(endpoint, stream)
    return true
  }
  const carrier: Carrier = { server: connectServer, grant: respondGrant, answer: respondAnswer }
  let head: RequestHead
  try {
    head = requestFromHttp2(headers, endpoint.handshake.limits)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    endpoint.streams++
    refuseItself(endpoint, stream, carrier, refuseUnreadable([error], false, 'CONNECT'))
    return true
  }
  if (!asksForWebSocket(connectServer, head)) return false
  if (!hasCapacity(endpoint, stream, carrier)) return true
  endpoint.streams++
  new Handshake(endpoint, stream, carrier, head, options).start(nothing)
  return true
}

/** The endpoints that have reported that Node answers in their place. */
const answered: WeakSet<AnyEndpoint> = /* @__PURE__ */ new WeakSet()

/** Reports the caller's mistake once an endpoint. It is the same for all clients, and clients must not be able to fill a log. */
function reportAnswered(endpoint: AnyEndpoint, stream: DuplexLike): void {
  endpoint.streams++
  startRefusal(endpoint, stream, createRefusal(405), () => {})
  if (answered.has(endpoint)) return
  answered.add(endpoint)
  endpoint.report(new TypeError('the `connect` listener is missing, so Node has answered 405'), undefined)
}

function respondGrant(stream: DuplexLike, response: ResponseHead): void {
  ;(stream as ServerStreamLike).respond(toHttp2Headers(response))
}

/** Whether the endpoint can take another request. If not, answers it with 503. */
function hasCapacity(endpoint: AnyEndpoint, stream: DuplexLike, carrier: Carrier): boolean {
  const { streams, peerStreams, refusals, numbers, closing } = endpoint
  const waiting = streams - peerStreams - refusals
  if (!closing && peerStreams < numbers.maxPeers && waiting < numbers.maxHandshakes) return true
  endpoint.streams++
  refuseItself(endpoint, stream, carrier, { response: createRefusal(503) })
  return false
}

/** A refusal that the endpoint makes. `errors` gives the reasons if the status alone does not. */
interface OwnRefusal {
  readonly response: Answer
  readonly errors?: ProtocolErrors
}

/** Refuses in the user's place, and calls `refused`. Callers do this last, because `refused` may do anything. */
function refuseItself(
  endpoint: AnyEndpoint,
  stream: DuplexLike,
  carrier: Carrier,
  refusal: OwnRefusal,
  request?: RequestHead,
): void {
  startRefusal(endpoint, stream, refusal.response, carrier.answer)
  const { handlers } = endpoint
  // The error of a plain request is costly, so it is created only when `errors` is read.
  if (handlers.refused === undefined) return
  const { response, errors = [] } = refusal
  callUser(
    () => handlers.refused?.({ request, stream, response, errors }),
    (error) => endpoint.report(error, undefined),
  )
}

/** Calls a user's function. Passes the error to `threw` if the function throws or its promise rejects. */
function callUser(call: () => unknown, threw: (error: unknown) => void): void {
  try {
    const result = call()
    if (result instanceof Promise) result.catch(threw)
  } catch (error) {
    threw(error)
  }
}

/** A socket whose request is being read. */
class HeadReader<Data, Text extends TextForm, Pieces extends boolean> implements Holder {
  dueAt = 0
  place = -1
  readonly #endpoint: Endpoint<Data, Text, Pieces>
  readonly #socket: DuplexLike
  readonly #carrier: Carrier
  readonly #options: AcceptRequestOptions<Data>
  readonly #parser: RequestHeadParser
  #begun = false
  #left = false

  constructor(
    endpoint: Endpoint<Data, Text, Pieces>,
    socket: DuplexLike,
    carrier: Carrier,
    options: AcceptRequestOptions<Data>,
  ) {
    this.#endpoint = endpoint
    this.#socket = socket
    this.#carrier = carrier
    this.#options = options
    this.#parser = new RequestHeadParser(endpoint.handshake.limits)
  }

  start(): void {
    const { deadlines, timers, numbers } = this.#endpoint
    hold(this.#socket, this)
    if (isOver(this.#socket)) return void this.abandon()
    deadlines.set(this, timers.now() + numbers.headTimeout)
    this.#socket.resume()
  }

  read(chunk: Uint8Array): void {
    this.#begun = true
    const parsed = this.#parser.push(chunk)
    if (parsed === undefined) return
    if (!parsed.ok) return void this.#refuse(parsed)
    this.#leave()
    this.#socket.pause()
    new Handshake(this.#endpoint, this.#socket, this.#carrier, parsed.head, this.#options).start(parsed.rest)
  }

  ended(): void {
    this.abandon()
  }

  lost(): void {
    this.abandon()
  }

  /** Answers 408 if the client has begun a request (RFC 9110 §15.5.9). */
  due(): void {
    if (this.#begun) this.#refuse({ response: createRefusal(408) })
    else this.abandon()
  }

  shutDown(): void {
    this.#refuse({ response: createRefusal(503) })
  }

  #refuse(refusal: OwnRefusal): void {
    this.#leave()
    refuseItself(this.#endpoint, this.#socket, this.#carrier, refusal)
  }

  abandon(): void {
    if (this.#left) return
    this.#leave()
    destroy(this.#socket)
    release(this.#socket)
    this.#endpoint.streamReleased()
  }

  #leave(): void {
    this.#left = true
    this.#endpoint.deadlines.remove(this)
  }
}

/** How many bytes are read after a request that waits for an answer, to notice that the client has gone. */
const MAX_HELD = 16_384

const acceptKinds: Kinds = { subprotocols: 'any', headers: 'any', origins: 'any', data: 'any' }

/** A request whose head has been read. */
class Handshake<Data, Text extends TextForm, Pieces extends boolean> implements Holder, Pending<Data, Text, Pieces> {
  dueAt = 0
  place = -1
  readonly request: RequestHead
  readonly stream: DuplexLike
  readonly #endpoint: Endpoint<Data, Text, Pieces>
  readonly #carrier: Carrier
  readonly #options: AcceptRequestOptions<Data>
  /** The bytes that arrived after the head. */
  #rest: Uint8Array[] = []
  #restSize = 0
  #state: 'waiting' | 'answered' | 'over' = 'waiting'
  #aborter: Aborter | undefined = undefined

  constructor(
    endpoint: Endpoint<Data, Text, Pieces>,
    stream: DuplexLike,
    carrier: Carrier,
    request: RequestHead,
    options: AcceptRequestOptions<Data>,
  ) {
    this.#endpoint = endpoint
    this.stream = stream
    this.#carrier = carrier
    this.request = request
    this.#options = options
  }

  start(rest: Uint8Array): void {
    const { deadlines, timers, numbers } = this.#endpoint
    hold(this.stream, this)
    if (isOver(this.stream)) return void this.abandon()
    if (rest.length > 0) this.#keep(rest)
    deadlines.set(this, timers.now() + numbers.headTimeout)
    callUser(
      () => this.#decide(),
      (error) => this.#threw(error),
    )
    if (this.#state === 'waiting' && this.#restSize < MAX_HELD) this.stream.resume()
  }

  /** Lets the user's functions decide. */
  #decide(): unknown {
    const { handlers, handshake } = this.#endpoint
    const { server } = this.#carrier
    const { request } = this
    if (asksForWebSocket(server, request))
      return handlers.request === undefined ? this.accept() : handlers.request(this)
    const answer = handlers.plain?.(request)
    if (answer !== undefined) this.refuse(closingAnswer(answer, request.method))
    else this.#refuseItself('answered', acceptHead(server, request, false, handshake) as Refused)
    return undefined
  }

  get signal(): Signal {
    this.#aborter ??= createAborter()
    if (this.#state === 'over') this.#aborter.abort()
    return this.#aborter.signal
  }

  accept(given: AcceptRequestOptions<Data> = {}): Peer<Data, Text, Pieces> | undefined {
    requireOptions(given, acceptKinds, 'the options of `accept`')
    if (this.#isOver()) return undefined
    const options = { ...this.#options, ...given }
    const { subprotocols, headers, origins } = options
    const { handshake, numbers } = this.#endpoint
    const own = Object.entries({ subprotocols, headers, origins }).filter(([, value]) => value !== undefined)
    const shared =
      own.length === 0 ? handshake : new HandshakeOptions({ ...handshake.options, ...Object.fromEntries(own) })
    const accepted = acceptHead(this.#carrier.server, this.request, false, shared)
    if (!accepted.ok) return void this.#refuseItself('answered', accepted)
    if (this.#endpoint.peerStreams >= numbers.maxPeers)
      return void this.#refuseItself('answered', { response: createRefusal(503) })
    const data = 'data' in options ? (options.data as Data) : this.#endpoint.createData(this.request)
    // The user's functions may have refused it, or closed the endpoint.
    if (this.#state !== 'waiting') return undefined
    const connection = new Connection(this.#endpoint.connectionOptions('server', this.stream), accepted)
    this.#carrier.grant(this.stream, accepted.response)
    this.#leave('answered')
    // The stream was being read while the user decided.
    this.stream.pause()
    const start = { data, request: this.request, rest: join(this.#rest) }
    return startPeer(this.#endpoint, this.stream, connection, start)
  }

  refuse(answer: Answer<string | Uint8Array>): void {
    if (this.#isOver()) return
    startRefusal(this.#endpoint, this.stream, answer, this.#carrier.answer)
    this.#leave('answered')
  }

  /** Whether an answer is no longer of use. Throws if the request was already answered. */
  #isOver(): boolean {
    if (this.#state === 'answered') throw new TypeError('this request was already answered')
    if (isOver(this.stream)) this.abandon()
    return this.#state === 'over'
  }

  read(chunk: Uint8Array): void {
    this.#keep(chunk)
  }

  #keep(chunk: Uint8Array): void {
    this.#rest.push(chunk)
    this.#restSize += chunk.length
    if (this.#restSize >= MAX_HELD) this.stream.pause()
  }

  /** A client that has ended its direction cannot send anything over a WebSocket. */
  ended(): void {
    this.abandon()
  }

  lost(): void {
    this.abandon()
  }

  due(): void {
    this.#giveUp(503)
  }

  shutDown(): void {
    this.#giveUp(503)
  }

  #threw(error: unknown): void {
    if (this.#state === 'waiting') this.#giveUp(500)
    this.#endpoint.report(error, undefined)
  }

  /** Answers in the user's place. */
  #giveUp(status: number): void {
    this.#refuseItself('over', { response: createRefusal(status, this.request.method) })
  }

  #refuseItself(state: 'answered' | 'over', refusal: OwnRefusal): void {
    // The user's functions may have refused it, or closed the endpoint.
    if (this.#state !== 'waiting') return
    this.#leave(state)
    refuseItself(this.#endpoint, this.stream, this.#carrier, refusal, this.request)
  }

  abandon(): void {
    if (this.#state !== 'waiting') return
    destroy(this.stream)
    release(this.stream)
    this.#leave('over')
    this.#endpoint.streamReleased()
  }

  #leave(state: 'answered' | 'over'): void {
    this.#state = state
    this.#endpoint.deadlines.remove(this)
    if (state === 'over') this.#aborter?.abort()
  }
}
