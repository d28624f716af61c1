/**
 * A WebSocket over a stream: reads for its connection, writes the connection's output, keeps its deadlines, and releases the stream.
 *
 * Every event ends in `#settle`, which does whatever is to be done: writes as much as the stream takes, ends or destroys the stream as the
 * connection demands, starts or stops reading, and sets the next deadline.
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
import {
  type PeerMessage,
  type PeerSendOptions,
  type PlainMessage,
  requirePlain,
  sendOn,
  withoutWritten,
} from './messages.ts'
import type { DuplexLike } from './shapes.ts'

/** The data of a whole message: a string for text and bytes for binary; with `text: 'bytes'` bytes for both. */
export type MessageData<Text extends TextForm> = Text extends 'bytes' ? Bytes : string | Bytes

/**
 * The functions that are called for the peers of an endpoint. If a function throws, or its promise rejects, the endpoint's `error` gets the
 * error. Then the peer is closed with 1011 (internal error), unless `error` has closed it. Other events are still delivered.
 */
export interface PeerHandlers<Data, Text extends TextForm, Pieces extends boolean> {
  /** Called when a peer has opened; nothing has been read from it. */
  open?(peer: Peer<Data, Text, Pieces>): unknown
  /** Called for each message. With `pieces` use `event`. */
  message?(peer: Peer<Data, Text, Pieces>, data: MessageData<Text>): unknown
  /** Called for every event, before `message` and `close`. */
  event?(peer: Peer<Data, Text, Pieces>, event: ConnectionEvent<Text, Pieces>): unknown
  /** Called when `full` was true and no longer is. */
  drain?(peer: Peer<Data, Text, Pieces>): unknown
  /**
   * Called once per peer, when the WebSocket has ended. Its stream may still be open for pending output. If the stream has failed, `cause`
   * is its error.
   */
  close?(peer: Peer<Data, Text, Pieces>, closed: ConnectionClosed): unknown
  /** Called once per peer, and last, when the stream has been released. */
  gone?(peer: Peer<Data, Text, Pieces>): unknown
}

/**
 * The parts that the peers of an endpoint share.
 *
 * @internal
 */
export interface PeerHost<Data, Text extends TextForm, Pieces extends boolean> extends JobHost {
  readonly handlers: PeerHandlers<Data, Text, Pieces>
  /** In ms and bytes: see {@link Peer.full}. */
  readonly numbers: { readonly closeTimeout: number; readonly highWaterMark: number }
  /** The peers whose WebSocket has not ended. */
  readonly openPeers: Set<Peer<Data, Text, Pieces>>
  /** Calls `settle` of this peer after the code that runs now. */
  wake(peer: Peer<Data, Text, Pieces>): void
  /** Reports that a handler has thrown. */
  report(error: unknown, peer: Peer<Data, Text, Pieces> | undefined): void
  /** The number of streams that have a peer. */
  peerStreams: number
  /**
   * Only `pause` and `resume` of a peer stop and start reading. So the peer is also read while it is full, because its sender waits, and
   * after our own Close.
   */
  readonly readsOnDemand?: true
  /** Called when one more stream has been released. */
  streamReleased(): void
}

/** The maximum size of one write, in bytes. Progress is judged by writes that end, and a slow peer takes a while for a long write. */
export const MAX_WRITE = 262_144

/**
 * The initial state of a peer.
 *
 * @internal
 */
export interface PeerStart<Data> {
  readonly data: Data
  readonly request?: RequestHead | undefined
  readonly response?: ResponseHead | undefined
  /** Bytes that arrived after the head. */
  readonly rest: Uint8Array | undefined
  /** Nothing is read until `resume` is called. Default: false. */
  readonly paused?: boolean | undefined
}

/**
 * A peer that leaves or has left its stream, which stays open.
 *
 * @internal
 */
export interface Departure {
  /** Checks whether the peer can leave. Returns `true` if the peer must not read or write now. */
  holds(): boolean
}

/** The progress of a stream's end. Created when it begins, because most peers are open. */
class StreamEnd {
  /** The user has called `terminate`. */
  terminated = false
  /** The peer has ended its direction. */
  ended = false
  /** We have called `end`. */
  ending = false
  /** Our direction has ended. */
  finished = false
  /** Both directions are over. */
  lost = false
  /** We have destroyed the stream. */
  destroyed = false
  /** The stream has been released. */
  gone = false
}

/** Where a connection keeps its peer, so that all connections share one `onoutput`. */
const peerOf = Symbol('peer')

interface Driven {
  [peerOf]?: AnyPeer
}

/** A peer of any kind, for functions that do not depend on how data is returned. */
// biome-ignore lint/suspicious/noExplicitAny: `Data` is in parameters and results.
export type AnyPeer = Peer<any, any, any>

/** Throws a `TypeError` unless the argument is a connection that has no peer yet. */
export function requireConnection(connection: AnyConnection): void {
  if (!(connection instanceof Connection)) throw wrongArgument('`connection`', 'a Connection', describeType(connection))
  if ((connection as Driven)[peerOf] !== undefined)
    throw new TypeError('the connection was already given to an endpoint')
}

/** Whether a stream knows how many bytes it has not taken yet. */
function countsBytes(stream: DuplexLike): stream is DuplexLike & { readonly writableLength: number } {
  return stream.writableObjectMode === false
}

function onOutput(this: Driven): void {
  this[peerOf]?.wake()
}

/**
 * The other side of a WebSocket over a stream, created by `acceptUpgrade`, `acceptSocket`, `acceptHttp2Stream`, `connectSocket`,
 * `connectHttp2Stream` or `drive`. The functions of its {@link Endpoint} are called with its events.
 *
 * @example
 * const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
 */
export class Peer<Data = undefined, Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** Your own data: what the endpoint's `data` function returned, or what you passed in for this peer. */
  data: Data
  /** The request that opened it; `undefined` on the client's side. */
  readonly request: RequestHead | undefined
  /** The response that opened it; `undefined` on the server's side. */
  readonly response: ResponseHead | undefined
  /** The connection, for everything else. Output that you add to it is written after the code that runs now. */
  readonly connection: Connection<Text, Pieces>
  /** @internal */
  readonly stream: DuplexLike
  /** @internal */
  readonly host: PeerHost<Data, Text, Pieces>
  /**
   * The functions that are called with events: the endpoint's, or those of a stream that has taken over this peer.
   *
   * @internal
   */
  handlers: PeerHandlers<Data, Text, Pieces>
  /**
   * Called when the peer is no longer full, or at the end.
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
   * Bytes that arrived with the head, until they are read.
   *
   * @internal
   */
  held: Uint8Array | undefined = undefined
  /**
   * A large message that is being compressed, and the messages queued after it.
   *
   * @internal
   */
  job: Job | undefined = undefined
  /**
   * Whether the stream is being read; `undefined` if reading has not begun.
   *
   * @internal
   */
  flowing: boolean | undefined = undefined

  #closed: ConnectionClosed | undefined = undefined
  /** Bytes written and not taken yet, for a stream that does not count them itself. */
  #inFlight = 0
  /** The stream has taken some bytes since the connection was last polled. */
  #moved = false
  /** Bytes in flight after the last write or poll. If there are fewer now, the stream has taken some. */
  #lastInFlight = 0
  /** The number of writes whose callbacks are pending. */
  #awaited = 0
  /** Bytes in flight when the callback of an empty write showed that none were taken: another empty write would not help. */
  #stuckAt = -1
  /** Marks of dropped messages fail once no callback is pending. */
  #dropsMarks = false
  /** The messages whose `written` is to be called. */
  #marks: Marks | undefined = undefined
  #end: StreamEnd | undefined = undefined

  /** Events are being delivered; `#settle` follows. */
  #busy = false
  /** `#settle` will be called after the code that runs now. */
  #woken = false
  /** The user has stopped reading. */
  #paused = false
  /** Pending input will be read soon. */
  #continuing = false
  /** The peer was seen to be full, and `drain` has not been called since. */
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

  /** How the WebSocket ended; `undefined` if it has not. */
  get closed(): ConnectionClosed | undefined {
    return this.#closed
  }

  /** Bytes that the stream has not taken yet. Counts the bytes or code units of a large message that is still to be compressed. */
  get bufferedAmount(): number {
    return this.connection.outputSize + this.#bytesInFlight() + (this.job?.size ?? 0)
  }

  /**
   * Whether `bufferedAmount` has reached the endpoint's `highWaterMark`. `drain`, or the end, always follows. Nothing is read until then.
   */
  get full(): boolean {
    const isFull = this.bufferedAmount >= this.host.numbers.highWaterMark
    // The user has seen this, so `drain` must follow, even if nothing is written until the peer is no longer full.
    if (isFull) this.#wasFull = true
    return isFull
  }

  /** Whether the peer is open and not full. */
  get writable(): boolean {
    return this.connection.state === 'open' && this.job?.sends !== false && !this.full
  }

  /**
   * Sends a message. It is written after the code that runs now, together with others. No message is ever dropped: check `full` or
   * `writable` if the peer may read more slowly than you send.
   *
   * With compression a whole message of more than 256 KiB is compressed in slices, so that the event loop runs in between. Messages that
   * are sent later, and `close`, wait for it; pings and pongs do not.
   *
   * @param message A string as text; an `ArrayBuffer`, a `SharedArrayBuffer` or any view of one as binary; a message with its type, or a
   *   piece of one; or the result of `prepareText` and `prepareBinary`. Bytes are copied, except those that are compressed in slices: do
   *   not change these until `written` is called. With the endpoint's `ownsMessages` do not change any of them.
   * @returns `false` if the WebSocket no longer sends; nothing was queued then. Treat this as a race, not as a mistake.
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
   * Sends ahead of messages that wait for a large message.
   *
   * @internal
   */
  sendNow(message: PlainMessage, options: PeerSendOptions | undefined): boolean {
    const { connection } = this
    const written = options?.written
    if (written === undefined && this.#marks === undefined) return sendOn(connection, message, withoutWritten(options))
    const before = connection.outputSize
    const sends = sendOn(connection, message, withoutWritten(options))
    this.mark(connection.outputSize - before, sends, written)
    return sends
  }

  /** Sends a ping after the queued output; the pong reports the round trip. Works like {@link Connection.ping}. */
  ping(data?: string | Uint8Array): boolean {
    return this.connection.ping(data, this.host.timers.now())
  }

  /**
   * Sends an unsolicited pong or, without `autoPong`, the answer to a ping. With `autoPong` the endpoint answers pings itself. Works like
   * {@link Connection.pong}.
   */
  pong(data?: string | Uint8Array): boolean {
    return this.connection.pong(data)
  }

  /**
   * Begins to close: sends a Close after everything sent before. The close takes at most `closeTimeout`; then the stream is destroyed.
   * Works like {@link Connection.close}.
   */
  close(code?: number, reason?: string): boolean {
    return (this.job ?? this.connection).close(code, reason)
  }

  /** Destroys the stream at once, without a Close. Unwritten output is lost. `close` reports 1006. */
  terminate(): void {
    if (this.#end?.terminated) return
    this.#beginEnd().terminated = true
    this.#destroy()
    this.wake()
  }

  /**
   * Stops reading, so that the peer must wait. Events of bytes that were already read are still delivered. Keepalive is suspended during
   * the pause, for a bounded time. The pause ends when you close the peer, or the WebSocket has ended: everything after a Close is read.
   */
  pause(): void {
    this.#paused = true
    if (this.flowing) this.#flow()
  }

  /** Continues reading. */
  resume(): void {
    this.#paused = false
    this.wake()
  }

  // The stream's side

  /**
   * Takes over the stream. Reading begins after the caller and pending microtasks have run, so that no event is lost.
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
    // Some streams continue to flow for a while after `pause`.
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
   * Does what is to be done, after the code that ran.
   *
   * @internal
   */
  settle(now: number = this.host.timers.now()): void {
    this.#woken = false
    if (!this.#writeAlone(now)) this.#settle(now)
  }

  /** Writes the output, if there is nothing else to do. Usually the output is small and the stream has taken everything before. */
  #writeAlone(now: number): boolean {
    const { connection, stream } = this
    if (this.#end !== undefined || this.departure !== undefined || connection.lifecycle.state !== 'open') return false
    if (this.flowing !== true || this.#marks !== undefined || this.#wasFull || this.job !== undefined) return false
    // Writing brings no deadline nearer.
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
   * Has `settle` called after the code that runs now, because there is something to do, such as output of the connection.
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
    // A connection that was never given the time asks for it.
    if (connection.pollAt === -Infinity) this.#poll(now)
    // A stream may take everything at once.
    this.#wasFull ||= this.full
    if (!this.#end?.destroyed && !this.#end?.lost && !isOver(this.stream)) {
      try {
        this.#write(now)
      } catch (error) {
        // The user's `native` or `maskKeys` has thrown, or the stream, or a payload that was given away has been transferred.
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
    // After an error, queued output is dropped.
    if (last?.type === 'close' && last.error !== undefined) this.#dropUnwritten()
    this.#deliver(events)
    this.#settle(now)
  }

  /** Ends the input, after the bytes that arrived with the head. An error is the `cause` of the close event. */
  #receiveEnd(now: number, error?: unknown): void {
    const held = this.held
    this.held = undefined
    if (held !== undefined) this.#receive(held)
    const events = this.connection.receiveEnd(now)
    if (error) for (const event of events) event.cause ??= error
    this.#deliver(events)
  }

  #poll(now: number): void {
    // A reader on demand may be a pipe that waits for its own output: then the peer must make progress.
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
   * Closes after an extension has thrown, or the stream has delivered something other than bytes. Nothing more can be read, and the peer is
   * not at fault.
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

  /** Starts or stops reading. */
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
        // A view of a chunk that others share would expose their data.
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
    this.#resolveWaiting()
    if (this.#end?.destroyed) this.host.timers.soon(() => this.leave())
  }

  /** Calls a user's function. */
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
   * Reports that a user's function has thrown, and closes.
   *
   * @internal
   */
  threw(error: unknown): void {
    this.host.report(error, this)
    // Unless the endpoint's `error` has closed it, perhaps after a large message.
    if (this.job?.sends !== false && !this.#end?.terminated) this.connection.close(CloseCode.InternalError)
  }

  // Writing

  /** Writes as much as the stream takes. */
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
      // Nobody waits for so few bytes to be taken, and anything written while they are in flight has a callback.
      const isSmall = inFlight === 0 && chunk.length < highWaterMark && countsBytes(stream)
      if (isSmall && this.#marks === undefined && !this.#wasFull && this.departure === undefined)
        this.#writeQuietly(chunk)
      else this.#writeChunk(chunk, this.#marks?.take(connection.outputSize))
    }
    // The bytes in flight may be somebody else's: then none of our callbacks is pending.
    if (this.#awaited === 0) this.awaitWritten()
  }

  /** Writes without a callback, to a stream that counts its bytes and has taken everything before. */
  #writeQuietly(chunk: Bytes): void {
    if (this.#lastInFlight > 0) this.#moved = true
    this.stream.write(chunk)
    this.#lastInFlight = this.#bytesInFlight()
  }

  /** Writes several arrays, in one system call if the stream supports it. */
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
    // The user's own connection may have no `maxOutput`: one long write would show no progress until its end.
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
   * Whether callbacks of writes are pending.
   *
   * @internal
   */
  get isWriting(): boolean {
    return this.#awaited > 0
  }

  /**
   * Calls `settle` when the stream has taken everything that was written.
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

  /** Handles a write that has been taken. The stream's `drain` event would be lost if the stream had taken everything at once. */
  #written(size: number, marks: readonly Mark[] | undefined, error: Error | null | undefined): void {
    this.#inFlight -= size
    this.#awaited--
    this.#moved = true
    if (this.#dropsMarks && this.#awaited === 0) this.#dropUnwritten()
    if (marks !== undefined) for (const mark of marks) mark.state = error ? 'failed' : 'written'
    this.#tellMarks()
    if (error) return void this.lost(error)
    if (this.#wasFull && !this.full) this.#drain()
    // Usually nothing is left to do: no output is queued, and reading has not stopped.
    const isIdle = this.connection.outputSize === 0 && this.connection.state === 'open' && this.flowing === true
    if (!this.#busy && !isIdle) this.#settle(this.host.timers.now())
  }

  #drain(): void {
    this.#wasFull = false
    this.#resolveWaiting()
    if (this.connection.state === 'open') this.#call(this.handlers.drain, undefined)
  }

  /** Resolves the promises that wait until the peer is not full. */
  #resolveWaiting(): void {
    const { waiting } = this
    this.waiting = undefined
    if (waiting !== undefined) for (const resolve of waiting) resolve()
  }

  /**
   * Notes a message, or a piece of one, of which `size` bytes have just been queued.
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
   * Drops the output that waits. If bytes were given away, `written` is called only after the stream has released those that it has.
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

  /** A client ends an HTTP/2 stream at once after both Closes, because a session has a limited number of streams. */
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

  /**
   * Destroys the stream if both directions have ended. Not every stream emits `close` then; an HTTP/2 stream does, and must not be reset.
   */
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
   * Releases the stream, unless events of bytes already read are still to be delivered.
   *
   * @internal
   */
  leave(): void {
    if (this.#end?.gone || this.connection.state !== 'closed') return
    const end = this.#beginEnd()
    // Not every stream reports the result of a write, or reports it in time.
    end.lost = end.destroyed = true
    this.#dropUnwritten()
    end.gone = true
    this.host.openPeers.delete(this)
    this.host.deadlines.remove(this)
    release(this.stream)
    this.connection.onoutput = undefined
    this.#call(this.handlers.gone, undefined)
    this.host.peerStreams--
    this.host.streamReleased()
  }
}
