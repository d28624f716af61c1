/**
 * A WebSocket over a stream: reads for its connection, writes what it puts out, keeps its deadlines, and lets go of the stream.
 *
 * Everything that happens ends in `#settle`, which does what there is to do: write as much as there is room for, end or destroy the
 * stream as the connection says, read or stop reading, and set the next deadline.
 *
 * @module
 */

import { describeType, wrongArgument } from '../arguments.ts'
import { join } from '../bytes/join.ts'
import { nothing } from '../bytes/view.ts'
import { type AnyConnection, Connection } from '../connection/connection.ts'
import type { ConnectionClosed, ConnectionEvent, TextForm } from '../connection/events.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { RequestHead } from '../http/request.ts'
import type { ResponseHead } from '../http/response.ts'
import { CloseCode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'
import { destroy, hold, isHttp2, isOver, release } from './holder.ts'
import { isLarge, type Job, type JobHost, startJob } from './job.ts'
import { type Mark, Marks } from './marks.ts'
import { type PeerMessage, type PeerSendOptions, type PlainMessage, requirePlain, sendOn } from './messages.ts'
import type { DuplexLike } from './shapes.ts'

/** The data of a whole message: strings for text and bytes for binary; with `text: 'bytes'` bytes for both. */
export type MessageData<Text extends TextForm> = Text extends 'bytes' ? Bytes : string | Bytes

/**
 * What happens to the peers of an endpoint. If a function throws, or its promise rejects, `error` of the endpoint gets what was thrown,
 * and then the peer is closed with 1011, unless `error` has closed it; the other events still come.
 */
export interface PeerHandlers<Data, Text extends TextForm, Pieces extends boolean> {
  /** A peer is there, and nothing has been read from it. */
  open?(peer: Peer<Data, Text, Pieces>): unknown
  /** A message. With `pieces` use `event`. */
  message?(peer: Peer<Data, Text, Pieces>, data: MessageData<Text>): unknown
  /** Every event, before `message` and `close`. */
  event?(peer: Peer<Data, Text, Pieces>, event: ConnectionEvent<Text, Pieces>): unknown
  /** `full` was true, and is not any more. */
  drain?(peer: Peer<Data, Text, Pieces>): unknown
  /**
   * The WebSocket has ended: once a peer. Its stream may still be there, for what is to be written. If the stream has failed, its error
   * is the `cause`.
   */
  close?(peer: Peer<Data, Text, Pieces>, closed: ConnectionClosed): unknown
  /** The stream has been let go of: once a peer, and last. */
  gone?(peer: Peer<Data, Text, Pieces>): unknown
}

/**
 * What the peers of an endpoint share.
 *
 * @internal
 */
export interface PeerHost<Data, Text extends TextForm, Pieces extends boolean> extends JobHost {
  readonly handlers: PeerHandlers<Data, Text, Pieces>
  /** In bytes and milliseconds: see {@link Peer.full}. */
  readonly numbers: { readonly closeTimeout: number; readonly highWaterMark: number }
  /** Those whose WebSocket has not ended. */
  readonly openPeers: Set<Peer<Data, Text, Pieces>>
  /** Calls `settle` of this peer behind the code that runs now. */
  wake(peer: Peer<Data, Text, Pieces>): void
  /** A handler has thrown. */
  report(error: unknown, peer: Peer<Data, Text, Pieces> | undefined): void
  /** How many streams have a peer. */
  peerStreams: number
  /**
   * Reading stops and goes on by `pause` and `resume` of a peer alone: also while it is full, for its sender waits, and behind our own
   * Close.
   */
  readonly readsOnDemand?: true
  /** One more stream has been let go of. */
  letGo(): void
}

/** The most bytes in one write: what is written is judged by whether writes end, and a slow peer keeps a long one busy for a while. */
export const MAX_WRITE = 262_144

/**
 * What a peer starts with.
 *
 * @internal
 */
export interface PeerStart<Data> {
  readonly data: Data
  readonly request?: RequestHead | undefined
  readonly response?: ResponseHead | undefined
  /** Bytes that came behind the head. */
  readonly rest: Uint8Array | undefined
  /** Nothing is read until `resume` is called. Default: false. */
  readonly paused?: boolean | undefined
}

/**
 * A peer that is to leave its stream, which lives on, or has left it.
 *
 * @internal
 */
export interface Departure {
  /** Looks whether it can leave. `true`: it reads and writes nothing. */
  holds(): boolean
}

/** How far the end of a stream has come. Created when it begins, because most peers are open. */
class StreamEnd {
  /** The user has asked for it. */
  terminated = false
  /** Their direction has ended. */
  ended = false
  /** Ours: `end` has been called. */
  ending = false
  /** It has taken effect. */
  finished = false
  /** Both directions are over. */
  lost = false
  /** We have destroyed the stream. */
  destroyed = false
  /** It has been let go of. */
  gone = false
}

/** Where a connection keeps its peer, so that all share one `onoutput`. */
const peerOf = Symbol('peer')

interface Driven {
  [peerOf]?: AnyPeer
}

/** A peer of any kind, for functions that do not depend on how data is returned. */
// biome-ignore lint/suspicious/noExplicitAny: `Data` is in parameters and results.
export type AnyPeer = Peer<any, any, any>

/** Throws `TypeError` unless it is a connection that no peer has yet. */
export function requireConnection(connection: AnyConnection): void {
  if (!(connection instanceof Connection)) throw wrongArgument('`connection`', 'a Connection', describeType(connection))
  if ((connection as Driven)[peerOf] !== undefined)
    throw new TypeError('the connection has been given to an endpoint already')
}

/** Whether a stream knows how many bytes it has not taken yet. */
function countsBytes(stream: DuplexLike): stream is DuplexLike & { readonly writableLength: number } {
  return stream.writableObjectMode === false
}

function onOutput(this: Driven): void {
  this[peerOf]?.wake()
}

/**
 * The other side of a WebSocket over a stream, made by `acceptUpgrade`, `acceptSocket`, `acceptHttp2Stream`, `connectSocket`,
 * `connectHttp2Stream` or `drive`. What happens to it is told to the functions of its {@link Endpoint}.
 *
 * @example
 * const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
 */
export class Peer<Data = undefined, Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** Yours: what `data` of the endpoint returned, or what you gave when it was made. */
  data: Data
  /** The request that opened it; `undefined` on the client's side. */
  readonly request: RequestHead | undefined
  /** The response that opened it; `undefined` on the server's side. */
  readonly response: ResponseHead | undefined
  /** For all else. What you put into its output goes out behind the code that runs now. */
  readonly connection: Connection<Text, Pieces>
  /** @internal */
  readonly stream: DuplexLike
  /** @internal */
  readonly host: PeerHost<Data, Text, Pieces>
  /**
   * Who is told of what happens: the endpoint's functions, or those of what has taken this peer over.
   *
   * @internal
   */
  handlers: PeerHandlers<Data, Text, Pieces>
  /**
   * Called once there is room, or at the end.
   *
   * @internal
   */
  waiting: (() => void)[] | undefined = undefined
  /** @internal */
  departure: Departure | undefined = undefined
  /** @internal */
  dueAt = 0
  /** @internal */
  place = -1

  /**
   * Bytes that came with the head, until they are read.
   *
   * @internal
   */
  held: Uint8Array | undefined = undefined
  /**
   * A large message that is being compressed, and what waits behind it.
   *
   * @internal
   */
  job: Job | undefined = undefined
  /**
   * Whether the stream reads; `undefined`: reading has not begun.
   *
   * @internal
   */
  flowing: boolean | undefined = undefined

  #closed: ConnectionClosed | undefined = undefined
  /** Bytes written to a stream that does not count them itself, and not taken yet. */
  #inFlight = 0
  /** It has taken some since the connection was last asked. */
  #moved = false
  /** Bytes in flight after the last write, or when the connection was last asked: fewer now mean that some have been taken. */
  #lastInFlight = 0
  /** Writes whose callbacks are still to come. */
  #awaited = 0
  /** Bytes in flight when an empty write was called back without any of them taken: another one would not help. */
  #stuckAt = -1
  /** Once no callback is awaited, those are told whose messages were dropped. */
  #dropsMarks = false
  /** Who waits to be told that a message is written. */
  #marks: Marks | undefined = undefined
  #end: StreamEnd | undefined = undefined

  /** Events are being delivered; `#settle` follows. */
  #busy = false
  /** `#settle` is called behind the code that runs now. */
  #woken = false
  /** The user has stopped reading. */
  #paused = false
  /** What is pending is read soon. */
  #continuing = false
  /** It has been seen full, and nobody was told since that there is room. */
  #wasFull = false

  /** @internal */
  constructor(
    host: PeerHost<Data, Text, Pieces>,
    stream: DuplexLike,
    connection: Connection<Text, Pieces>,
    { data, request, response }: PeerStart<Data>,
  ) {
    this.host = host
    this.stream = stream
    this.connection = connection
    this.data = data
    this.request = request
    this.response = response
    this.handlers = host.handlers
    ;(connection as Driven)[peerOf] = this
    connection.onoutput = onOutput
  }

  // The user's side

  /** What the handshake agreed on: the subprotocol and the extensions. */
  get agreement(): Agreement | undefined {
    return this.connection.agreement
  }

  /** How the WebSocket ended; `undefined`: it has not. */
  get closed(): ConnectionClosed | undefined {
    return this.#closed
  }

  /** Bytes that the stream has not taken yet; of a large message that is still to be compressed, its bytes or code units. */
  get bufferedAmount(): number {
    return this.connection.outputSize + this.#bytesInFlight() + (this.job?.size ?? 0)
  }

  /** `bufferedAmount` has reached `highWaterMark` of the endpoint: `drain`, or the end, follows for sure. Nothing is read meanwhile. */
  get full(): boolean {
    const isFull = this.bufferedAmount >= this.host.numbers.highWaterMark
    // Who has seen that is told when it is over, even if that is before anything is written behind this code.
    if (isFull) this.#wasFull = true
    return isFull
  }

  /** It is open, and not full. */
  get writable(): boolean {
    return this.connection.state === 'open' && this.job?.sends !== false && !this.full
  }

  /**
   * Sends a message; it is written behind the code that runs now, together with others. Nothing is ever dropped: look at `full` or
   * `writable` if the peer may read more slowly than you send.
   *
   * With compression a whole message of more than 256 KiB is compressed in slices, so that the event loop goes on in between. What is
   * sent later, and `close`, wait behind it; pings and pongs do not.
   *
   * @param message A string as text; an `ArrayBuffer`, a `SharedArrayBuffer` or any view of one as binary; a message with its type or a
   *   piece of one; or the result of `prepareText` and `prepareBinary`. Bytes are copied, but for those
   *   that are compressed in slices: leave them as they are until `written`. With `ownsMessages` of the endpoint leave all of them.
   * @returns `false`: the WebSocket no longer sends, and nothing was queued. That is a race, not a mistake.
   * @throws TypeError as {@link Connection.send} does.
   * @example
   * peer.send('hello', { written: (error) => console.log(error?.message ?? 'written') })
   */
  send(message: PeerMessage, options?: PeerSendOptions): boolean {
    const { connection } = this
    const plain = requirePlain(message)
    if (this.job === undefined) {
      if (connection.pipeline === undefined || !isLarge(connection, plain, options)) return this.sendNow(plain, options)
      this.job = startJob(this, plain, options)
      this.wake()
      return true
    }
    const sends = this.job.add(plain, options)
    this.wake()
    return sends
  }

  /**
   * Sends in front of what waits for a large message.
   *
   * @internal
   */
  sendNow(message: PlainMessage, options: PeerSendOptions | undefined): boolean {
    const { connection } = this
    const written = options?.written
    if (written === undefined && this.#marks === undefined) return sendOn(connection, message, options)
    const before = connection.outputSize
    const sends = sendOn(connection, message, { compress: options?.compress })
    this.mark(connection.outputSize - before, sends, written)
    return sends
  }

  /** Sends a ping, which overtakes nothing: the pong reports the round trip. As {@link Connection.ping}. */
  ping(data?: string | Uint8Array): boolean {
    return this.connection.ping(data, this.host.timers.now())
  }

  /**
   * Sends a pong that no ping asked for, or, without `autoPong`, the answer to a ping: with `autoPong` pings are answered without you. As
   * {@link Connection.pong}.
   */
  pong(data?: string | Uint8Array): boolean {
    return this.connection.pong(data)
  }

  /**
   * Begins the close: a Close follows what was sent. All of it takes at most `closeTimeout`; then the stream is destroyed. As
   * {@link Connection.close}.
   */
  close(code?: number, reason?: string): boolean {
    return (this.job ?? this.connection).close(code, reason)
  }

  /** Destroys the stream at once: without a Close, and what was not written is lost. `close` reports 1006. */
  terminate(): void {
    if (this.#end?.terminated) return
    this.#beginEnd().terminated = true
    this.#destroy()
    this.wake()
  }

  /**
   * Stops reading, so that the peer must wait. The events of what has been read still come. Keepalive judges nothing meanwhile, for
   * a bounded time. It ends with the WebSocket: behind a Close everything is read.
   */
  pause(): void {
    this.#paused = true
    if (this.flowing) this.#flow()
  }

  /** Reads on. */
  resume(): void {
    this.#paused = false
    this.wake()
  }

  // The stream's side

  /**
   * Takes the stream over. Reading begins once what called this has run, and what waits for it: so no event is lost.
   *
   * @internal
   */
  start({ rest, paused = false }: PeerStart<Data>): void {
    if (rest?.length) this.held = rest
    this.#paused = paused
    hold(this.stream, this)
    this.host.openPeers.add(this)
    this.host.peerStreams++
    this.#busy = true
    this.#call(this.handlers.open, undefined)
    this.#busy = false
    this.wake()
    this.host.timers.soon(() => {
      this.flowing = false
      if (isOver(this.stream)) this.lost(undefined)
      else {
        if (this.stream.readableEnded) this.ended()
        this.#readOn()
      }
    })
  }

  /** @internal */
  read(chunk: Uint8Array): void {
    // Some streams flow on for a while in spite of `pause`.
    if (this.held !== undefined) this.held = join([this.held, chunk])
    else if (this.flowing !== undefined) this.#receive(chunk)
    else this.held = chunk
  }

  /** @internal */
  ended(): void {
    if (this.#end?.ended) return
    this.#beginEnd().ended = true
    const now = this.host.timers.now()
    this.#receiveEnd(now)
    this.#settle(now)
    this.#destroyIfOver()
  }

  /** @internal */
  lost(error: Error | undefined): void {
    if (this.#end?.lost) return
    this.#beginEnd().lost = true
    const now = this.host.timers.now()
    this.#receiveEnd(now, error)
    this.#dropUnwritten()
    this.#destroy()
    this.#settle(now)
  }

  /** @internal */
  abandon(): void {
    this.terminate()
  }

  /** @internal */
  due(now: number): void {
    const { connection } = this
    if (connection.pollAt !== undefined && connection.pollAt <= now) this.#poll(now)
    this.#settle(now)
  }

  /**
   * Does what there is to do, behind the code that ran.
   *
   * @internal
   */
  settle(now: number = this.host.timers.now()): void {
    this.#woken = false
    if (!this.#writeAlone(now)) this.#settle(now)
  }

  /** Writes what waits, if there is nothing else to do: mostly it is little, and the stream has taken all before. */
  #writeAlone(now: number): boolean {
    const { connection, stream } = this
    if (this.#end !== undefined || this.departure !== undefined || connection.lifecycle.state !== 'open') return false
    if (this.flowing !== true || this.#marks !== undefined || this.#wasFull || this.job !== undefined) return false
    // Its deadline, if it has one, does not come nearer by what is written.
    if (this.place === -1 && connection.times !== undefined) return false
    if (!countsBytes(stream) || stream.writableLength > 0 || isOver(stream)) return false
    const { outputSize } = connection
    if (outputSize >= this.host.numbers.highWaterMark || outputSize > MAX_WRITE) return false
    if (connection.outgoing?.output.isInParts) return false
    const chunk = connection.takeOutput(now)
    if (chunk !== undefined) this.#writeQuietly(chunk)
    return connection.outgoing === undefined || connection.outputSize === 0
  }

  /**
   * There is something to do, such as output of the connection: `settle` is called behind the code that runs now.
   *
   * @internal
   */
  wake(): void {
    if (this.#busy || this.#woken) return
    this.#woken = true
    this.host.wake(this)
  }

  #settle(now: number): void {
    this.#tellMarks()
    if (this.#end?.gone || this.departure?.holds()) return
    if (this.#end?.terminated && !this.#end.lost) return void this.lost(undefined)
    const { connection } = this
    // A connection that was never told the time asks for it.
    if (connection.pollAt === -Infinity) this.#poll(now)
    // A stream may take all of it at once.
    this.#wasFull ||= this.full
    if (!this.#end?.destroyed && !this.#end?.lost && !isOver(this.stream)) {
      try {
        this.#write(now)
      } catch (error) {
        // `native` or `maskKeys` of the user's has thrown, or the stream, or a payload that was given away has been transferred.
        this.terminate()
        return void this.host.report(error, this)
      }
      const { transport } = connection
      if (transport === 'destroy') this.#destroy()
      else if (!this.#end?.ending && (transport === 'end' || this.#endsStream())) this.#endOurs()
    }
    this.#flow()
    const { pollAt } = connection
    if (pollAt !== undefined && !this.#end?.destroyed) this.host.deadlines.setLatest(this, pollAt)
  }

  // Reading

  #readOn(): void {
    this.#continuing = false
    const held = this.held
    if (held !== undefined && this.#reads()) {
      this.held = undefined
      this.#receive(held)
    } else if (this.connection.hasPending && this.#reads()) this.#receive(nothing)
    else this.#settle(this.host.timers.now())
  }

  #receive(chunk: Uint8Array): void {
    const now = this.host.timers.now()
    let events: readonly ConnectionEvent<Text, Pieces>[]
    try {
      events = this.connection.receive(chunk, now)
    } catch (error) {
      return void this.#failed(now, error)
    }
    const last = events.at(-1)
    // Behind a fault what waits is dropped.
    if (last?.type === 'close' && last.error !== undefined) this.#dropUnwritten()
    this.#deliver(events)
    this.#settle(now)
  }

  /** Behind what came with the head. An error is the `cause` of the close event. */
  #receiveEnd(now: number, error?: unknown): void {
    const held = this.held
    this.held = undefined
    if (held !== undefined) this.#receive(held)
    const events = this.connection.receiveEnd(now)
    if (error) for (const event of events) event.cause ??= error
    this.#deliver(events)
  }

  #poll(now: number): void {
    // A reader on demand may be a pipe that waits for its own output: then it is the peer that must get on.
    const paused = this.#paused && !(this.host.readsOnDemand && this.bufferedAmount > 0)
    const inFlight = this.#bytesInFlight()
    const moving = (this.#moved || inFlight < this.#lastInFlight) && inFlight > 0
    this.#moved = false
    this.#lastInFlight = inFlight
    try {
      this.#deliver(this.connection.poll(now, paused, moving))
    } catch (error) {
      this.#failed(now, error)
    }
  }

  /**
   * An extension has thrown, or the stream has given something other than bytes: nothing more can be read, and it is no
   * fault of the peer.
   */
  #failed(now: number, error: unknown): void {
    this.connection.close(CloseCode.InternalError)
    this.#receiveEnd(now, error)
    this.#settle(now)
  }

  /** The user's pause ends with the WebSocket. */
  #reads(): boolean {
    const { state } = this.connection
    if (state === 'closed' || this.#end?.lost) return true
    return this.host.readsOnDemand ? !this.#paused : state === 'closing' || !(this.#paused || this.full)
  }

  /** Reads, or stops reading. */
  #flow(): void {
    const { connection, stream } = this
    const reads = this.flowing !== undefined && this.#reads()
    const waits = this.held !== undefined || connection.hasPending
    if (reads && waits && !this.#continuing) {
      this.#continuing = true
      this.host.timers.soon(() => this.#readOn())
    }
    const flows = reads && !waits
    if (flows === (this.flowing ?? false) || this.#end?.destroyed) return
    this.flowing = flows
    if (flows) stream.resume()
    else stream.pause()
  }

  #deliver(events: readonly ConnectionEvent<Text, Pieces>[]): void {
    const busy = this.#busy
    this.#busy = true
    for (const event of events) {
      if (event.type === 'close') this.#close(event)
      else if (!this.#end?.terminated && this.#closed === undefined) {
        // A view of a chunk that others share would be theirs, too.
        if (typeof event.data !== 'string' && event.data.length < event.data.buffer.byteLength)
          event.data = event.data.slice() as typeof event.data
        this.#call(this.handlers.event, event)
        if (event.type === 'text' || event.type === 'binary')
          this.#call(this.handlers.message, event.data as MessageData<Text>)
      }
    }
    this.#busy = busy
  }

  #close(event: ConnectionClosed): void {
    this.#closed = event
    this.host.openPeers.delete(this)
    this.host.deadlines.arm()
    this.#call(this.handlers.event, event)
    this.#call(this.handlers.close, event)
    this.#room()
    if (this.#end?.destroyed) this.host.timers.soon(() => this.leave())
  }

  /** Calls a function of the user's. */
  #call<Argument>(
    handler: ((peer: Peer<Data, Text, Pieces>, argument: Argument) => unknown) | undefined,
    argument: Argument,
  ): void {
    if (handler === undefined) return
    try {
      const result = handler.call(this.handlers, this, argument)
      if (result instanceof Promise) result.catch((error: unknown) => this.threw(error))
    } catch (error) {
      this.threw(error)
    }
  }

  /**
   * Something of the user's has thrown.
   *
   * @internal
   */
  threw(error: unknown): void {
    this.host.report(error, this)
    // Unless `error` of the endpoint has closed it, perhaps behind a large message.
    if (this.job?.sends !== false && !this.#end?.terminated) this.connection.close(CloseCode.InternalError)
  }

  // Writing

  /** Writes what there is room for. */
  #write(now: number): void {
    const { connection, host, stream } = this
    const { highWaterMark } = host.numbers
    for (let inFlight = this.#bytesInFlight(); inFlight < highWaterMark; inFlight = this.#bytesInFlight()) {
      if (connection.deadline === undefined && connection.outputSize === 0) return
      if (connection.outgoing?.output.isInParts) {
        this.#writeParts(connection.takeOutputParts(now))
        continue
      }
      const chunk = connection.takeOutput(now)
      if (chunk === undefined) return
      // Nobody waits for so little to be taken, and whatever is written while it is in flight has a callback.
      const isSmall = inFlight === 0 && chunk.length < highWaterMark && countsBytes(stream)
      if (isSmall && this.#marks === undefined && !this.#wasFull && this.departure === undefined)
        this.#writeQuietly(chunk)
      else this.#writeChunk(chunk, this.#marks?.take(connection.outputSize))
    }
    // What is in flight may be that of others: then no callback of ours is due.
    if (this.#awaited === 0) this.awaitWritten()
  }

  /** Writes without a callback, to a stream that counts its bytes and has taken all before. */
  #writeQuietly(chunk: Bytes): void {
    if (this.#lastInFlight > 0) this.#moved = true
    this.stream.write(chunk)
    this.#lastInFlight = this.#bytesInFlight()
  }

  /** Writes several arrays, in one call of the system where the stream does that. */
  #writeParts(parts: readonly Bytes[]): void {
    const marks = this.#marks?.take(this.connection.outputSize)
    this.stream.cork?.()
    for (let i = 0; i < parts.length; i++)
      this.#writeChunk(parts[i] as Bytes, i === parts.length - 1 ? marks : undefined)
    this.stream.uncork?.()
  }

  #writeChunk(chunk: Bytes, marks: readonly Mark[] | undefined): void {
    const { length } = chunk
    if (this.#bytesInFlight() < this.#lastInFlight) this.#moved = true
    this.#inFlight += length
    // A connection of the user's own may have no `maxOutput`: one long write would tell nothing until its end.
    for (let start = 0; start < length; start += MAX_WRITE) {
      const left = length - start
      const piece = length > MAX_WRITE ? chunk.subarray(start, start + MAX_WRITE) : chunk
      this.#awaited++
      this.stream.write(piece, (error) => this.#written(piece.length, left > MAX_WRITE ? undefined : marks, error))
    }
    this.#lastInFlight = this.#bytesInFlight()
  }

  /** Bytes written to the stream that it has not taken yet. */
  #bytesInFlight(): number {
    const { stream } = this
    return countsBytes(stream) ? stream.writableLength : this.#inFlight
  }

  /**
   * Whether writes have callbacks that are still to come.
   *
   * @internal
   */
  get isWriting(): boolean {
    return this.#awaited > 0
  }

  /**
   * Calls `settle` once all has been taken that was written.
   *
   * @internal
   */
  awaitWritten(): void {
    const { stream } = this
    if (!countsBytes(stream) || stream.writableLength === 0 || this.#end?.ending || isOver(stream)) return
    const before = stream.writableLength
    if (before === this.#stuckAt) return
    this.#awaited++
    stream.write(nothing, () => {
      this.#awaited--
      this.#stuckAt = stream.writableLength >= before ? stream.writableLength : -1
      this.settle()
    })
  }

  /** A write has been taken; `drain` of the stream would be lost if it had taken all of it at once. */
  #written(size: number, marks: readonly Mark[] | undefined, error: Error | null | undefined): void {
    this.#inFlight -= size
    this.#awaited--
    this.#moved = true
    if (this.#dropsMarks && this.#awaited === 0) this.#dropUnwritten()
    if (marks !== undefined) for (const mark of marks) mark.state = error ? 'failed' : 'written'
    this.#tellMarks()
    if (error) return void this.lost(error)
    if (this.#wasFull && !this.full) this.#drain()
    // Mostly nothing is left to do: nothing waits, and reading has not stopped.
    const isIdle = this.connection.outputSize === 0 && this.connection.state === 'open' && this.flowing === true
    if (!this.#busy && !isIdle) this.#settle(this.host.timers.now())
  }

  #drain(): void {
    this.#wasFull = false
    this.#room()
    if (this.connection.state === 'open') this.#call(this.handlers.drain, undefined)
  }

  /** Tells those who wait for room. */
  #room(): void {
    const { waiting } = this
    this.waiting = undefined
    if (waiting !== undefined) for (const resolve of waiting) resolve()
  }

  /**
   * Notes a message, or a piece of one, of which `size` bytes have just been put out.
   *
   * @internal
   */
  mark(size: number, sends: boolean, written: PeerSendOptions['written']): void {
    if (this.#marks === undefined && written === undefined) return
    this.#marks ??= new Marks()
    this.#marks.add(size, sends, written)
    if (!sends) this.wake()
  }

  /**
   * What waits to be written never will be. Where bytes were given away, their senders are told once the stream has let go of those
   * that it has.
   */
  #dropUnwritten(): void {
    this.job?.drop()
    const isLost = this.#end?.lost === true
    this.#dropsMarks = !isLost && this.#awaited > 0 && this.connection.options.ownsMessages
    if (!this.#dropsMarks) this.#marks?.fail(isLost)
    this.#tellMarks()
  }

  #tellMarks(): void {
    const marks = this.#marks
    if (marks === undefined) return
    marks.tell((error) => this.threw(error))
    if (marks.isEmpty) this.#marks = undefined
  }

  // The end

  /** A client ends a stream of HTTP/2 at once behind both Closes, because it is one of a limited number. */
  #endsStream(): boolean {
    return this.#closed?.clean === true && this.connection.outputSize === 0 && isHttp2(this.stream)
  }

  #endOurs(): void {
    this.#beginEnd().ending = true
    this.stream.end(() => {
      this.#beginEnd().finished = true
      this.#destroyIfOver()
    })
  }

  /** Both directions have ended. Not every stream says `close` then; one of HTTP/2 does, and must not be reset. */
  #destroyIfOver(): void {
    if (this.#end?.ended && this.#end.finished && !isHttp2(this.stream)) this.#destroy()
  }

  #beginEnd(): StreamEnd {
    this.#end ??= new StreamEnd()
    return this.#end
  }

  #destroy(): void {
    if (this.#end?.destroyed) return
    this.#beginEnd().destroyed = true
    destroy(this.stream)
    this.host.timers.soon(() => this.leave())
  }

  /**
   * The stream is let go of, unless events are still to come from what was read.
   *
   * @internal
   */
  leave(): void {
    if (this.#end?.gone || this.connection.state !== 'closed') return
    const end = this.#beginEnd()
    // Not every stream says what has become of a write, or says it in time.
    end.lost = end.destroyed = true
    this.#dropUnwritten()
    end.gone = true
    this.host.openPeers.delete(this)
    this.host.deadlines.remove(this)
    release(this.stream)
    this.connection.onoutput = undefined
    this.#call(this.handlers.gone, undefined)
    this.host.peerStreams--
    this.host.letGo()
  }
}
