/**
 * A WebSocket after the handshake: bytes in, events out; messages in, bytes out. A connection has no socket and no clock: callers pass
 * the bytes and the time (`now`, in milliseconds).
 *
 * @module
 */

import { requireRecord, requireType } from '../arguments.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import type { Pipeline } from '../extensions/pipeline.ts'
import { formatClosePayload } from '../frame/close.ts'
import { requireWellFormed, wireSize } from '../frame/encode.ts'
import { FIN_BIT } from '../frame/header.ts'
import { BINARY, CLOSE, FIRST_CONTROL, MAX_CONTROL_PAYLOAD, PING, PONG, TEXT } from '../frame/rules.ts'
import type { Agreement } from '../handshake/agreement.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { Bytes, Role } from '../types.ts'
import { openExtensions } from './agreement.ts'
import { Deadline } from './deadline.ts'
import type { ConnectionClosed, ConnectionEvent, TextForm } from './events.ts'
import type { Incoming } from './incoming.ts'
import { Lifecycle } from './lifecycle.ts'
import {
  type ConnectionOptions,
  type Message,
  readCompress,
  type SendOptions,
  SharedConnectionOptions,
} from './options.ts'
import { type Outgoing, requireData, requireMessageType } from './outgoing.ts'
import { calledBack, type Output } from './output.ts'
import { requireTime, Times } from './time.ts'

/**
 * The bytes that one call of `receive` returns, or decodes of a message that it does not return yet. It stops after the event that
 * reaches this amount. It counts bytes of data, before text is decoded, and a fixed cost per event, so that small events count too.
 */
const MAX_RETURNED = 262_144
const EVENT_SIZE = 16

/**
 * A peer whose message is too large may have sent this many bytes before it reads our Close. An earlier reset would destroy the Close.
 */
const MIN_EXCESS = 1_048_576

const noEvents: readonly never[] = /* @__PURE__ */ Object.freeze([])

/**
 * The error that stopped reading, if the peer did not cause it, and whether a call has thrown it or the close event has reported it.
 */
interface Broken {
  readonly error: unknown
  reported: boolean
}

/**
 * A WebSocket connection without a socket. `receive`, `receiveEnd` and `poll` take input and return the events it caused. `takeOutput`
 * returns the bytes to send: pongs first, then your messages in order, and the Close. A peer's error is never thrown: it is the `error`
 * of the close event, and the output contains the Close frame that answers it.
 *
 * @example
 * const options = connectionOptions({ role: 'server' }) // once
 * const connection = new Connection(options, accepted)
 * const none = new Uint8Array(0)
 * socket.on('data', (chunk) => {
 *   let next: Uint8Array = chunk
 *   do {
 *     for (const event of connection.receive(next)) if (event.type === 'text') connection.sendText(event.data)
 *     const output = connection.takeOutput()
 *     if (output) socket.write(output)
 *     next = none
 *   } while (connection.hasPending) // the rest of a large chunk
 *   if (connection.transport === 'end') socket.end()
 * })
 * socket.on('close', () => connection.receiveEnd()) // releases the memory of extensions
 * setInterval(() => {
 *   if ((connection.pollAt ?? Infinity) <= Date.now()) connection.poll(Date.now()) // closing may take `closeTimeout`
 *   if (connection.transport === 'destroy') socket.destroy()
 * }, 1000)
 *
 * @category Connections
 */
export class Connection<Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** @internal */
  declare readonly options: SharedConnectionOptions<TextForm, boolean>
  /** @internal */
  declare readonly agreement: Agreement | undefined
  /** @internal */
  declare readonly pipeline: Pipeline | undefined
  /** @internal */
  readonly lifecycle: Lifecycle = new Lifecycle()
  /** @internal */
  declare times: Times | undefined
  /**
   * Set when the end begins: a close, an error, or the end of the transport.
   *
   * @internal
   */
  deadline: Deadline | undefined = undefined
  /**
   * Set only inside a frame or message, or with extensions.
   *
   * @internal
   */
  incoming: Incoming | undefined = undefined
  /**
   * Set only while it has output or an open message, or with extensions.
   *
   * @internal
   */
  outgoing: Outgoing | undefined = undefined
  /**
   * Bytes received before those that `incoming` reads.
   *
   * @internal
   */
  received = 0
  /**
   * True while extensions run, which must not call back.
   *
   * @internal
   */
  busy = false
  /** @internal */
  broken: Broken | undefined = undefined
  /**
   * A callback that the driver of the transport sets. It is called after each call that sends something, once the output contains it. It
   * is not called for output of `receive` and `poll`, because their caller takes the output anyway.
   */
  onoutput: (() => void) | undefined = undefined

  /**
   * @param options The options of this connection alone. It keeps its memory for reading and writing, about 1 KiB, while it is idle. With
   *   {@link connectionOptions}, connections share this memory.
   * @throws RangeError for a limit, a time or a fragment size out of range; `TypeError` for unknown options and values of the wrong
   *   type, for an agreement on extensions that are not among `extensions`, or for `extensions` without an agreement.
   */
  constructor(options: ConnectionOptions<Text, Pieces>)
  /**
   * @param options Options that many connections share, from {@link connectionOptions}.
   * @param agreement The result of the handshake.
   */
  constructor(options: SharedConnectionOptions<Text, Pieces>, agreement?: Agreement)
  constructor(
    options: ConnectionOptions<Text, Pieces> | SharedConnectionOptions<Text, Pieces>,
    agreement: Agreement | undefined = (options as ConnectionOptions | undefined)?.agreement,
  ) {
    const shared = options instanceof SharedConnectionOptions ? options : new SharedConnectionOptions(options)
    this.options = shared
    this.pipeline = openExtensions(agreement, shared.extensions, shared.role, shared.limits)
    this.agreement = agreement && { subprotocol: agreement.subprotocol, extensions: [...agreement.extensions] }
    this.times = shared.timed ? new Times(shared) : undefined
  }

  /** The side that this object plays. */
  get role(): Role {
    return this.options.role
  }

  /** `'closing'` after `close()`, until the peer's Close arrives; `'closed'` once the close event has been reported. */
  get state(): 'open' | 'closing' | 'closed' {
    return this.lifecycle.name
  }

  /**
   * What to do with the transport once everything taken has been written: keep it, end your side and read on, or destroy it. The value
   * only advances in this order, and is never `'end'` while there is output to take. A server ends the transport after both Close frames;
   * a client first waits 2 seconds for the server (RFC 6455 §7.1.1). Whatever the peer does, the value is `'destroy'` at most twice
   * `closeTimeout` after the close began, if you call `poll` when it is due.
   */
  get transport(): 'keep' | 'end' | 'destroy' {
    if (this.lifecycle.state === 'destroyed') return 'destroy'
    return this.lifecycle.ends(this.role) && this.outputSize === 0 ? 'end' : 'keep'
  }

  // Receiving

  /**
   * Reads received bytes, in chunks of any size. It stops after the event that reaches 256 KiB, where each event counts as 16 bytes plus
   * its data, or inside a message, after an extension has decoded that much of it. It keeps the rest: {@link Connection.hasPending} is
   * then true, and the next call continues with the rest.
   *
   * @param chunk Borrowed during the call, unless `ownsChunks` gives it away. An empty chunk continues with pending input; any other chunk
   *   is read after the pending input.
   * @param now When the bytes arrived, in milliseconds. Without it, the next time passed in counts.
   * @returns The events, in order. None after the close event, whatever arrives (RFC 6455 §5.5.1). When more bytes arrive after it than
   *   `maxMessageSize`, or 1 MiB if that is more, `transport` becomes `'destroy'`.
   * @throws Any exception of an extension that is not a `ProtocolError`. If there are events to return first, the next call of `receive` or
   *   `poll` throws it. `receive` then throws it every time, and it is the `cause` of the close event; sending is not affected.
   *   `TypeError` for a chunk that is not a `Uint8Array`, and if an extension calls this method; `RangeError` for a time that is
   *   not finite.
   *
   * @example
   * for (const event of connection.receive(chunk)) console.log(event.type)
   * while (connection.hasPending) for (const event of connection.receive(new Uint8Array(0))) console.log(event.type)
   */
  receive(chunk: Uint8Array, now?: number): readonly ConnectionEvent<Text, Pieces>[] {
    requireBytes(chunk, 'a chunk')
    if (now !== undefined) requireTime(now)
    this.requireIdle()
    const { lifecycle } = this
    if (!lifecycle.receives) return dropExcess(this, chunk.length, now)
    if (this.broken !== undefined) throw report(this.broken)
    if (chunk.length > 0) this.times?.heard(now)
    else if (!this.incoming?.hasUnread) return noEvents
    const events: ConnectionEvent<Text, Pieces>[] = []
    this.busy = true
    try {
      read(this, this.deadline?.readsOn ? nothing : chunk, now, events)
    } catch (error) {
      // Nothing after this can be read, whether the peer caused it or not.
      if (error instanceof ProtocolError) events.push(fail(this, error))
      else this.broken = { error, reported: false }
    } finally {
      this.busy = false
    }
    if (this.deadline?.readsOn) endAfterUnread(this, this.deadline, events)
    if (this.broken !== undefined && events.length === 0) throw report(this.broken)
    if (lifecycle.state !== 'open') closeBegan(this, now)
    if (!lifecycle.receives || this.broken !== undefined) dropIncoming(this)
    return events
  }

  /**
   * Tells the connection that the transport has ended, cleanly or not.
   *
   * @param now When it ended, in milliseconds.
   * @returns The close event, with code 1006 (no Close frame), unless it has been reported before. While input is pending, the call of
   *   `receive` that reads the last of it returns the event instead.
   */
  receiveEnd(now?: number): readonly ConnectionClosed[] {
    if (now !== undefined) requireTime(now)
    this.requireIdle()
    const unread = this.incoming?.hasUnread ?? false
    const event = unread ? undefined : this.lifecycle.end()
    closeBegan(this, now).readsOn = unread
    return unread ? noEvents : finish(this, event)
  }

  /**
   * Whether {@link Connection.receive} has more to return: it stopped before the end of its input, or an extension threw. Call `receive`
   * with an empty array until this is false.
   */
  get hasPending(): boolean {
    return this.incoming?.hasUnread || this.broken?.reported === false
  }

  // Time

  /**
   * Tells the connection the time: it queues a ping, advances the close, or does nothing. Call it when {@link Connection.pollAt} is due. A
   * connection that never receives a time never times out.
   *
   * @param now In milliseconds, from any start; it must not go backwards.
   * @param paused Whether the user has stopped reading. For a limited time, keepalive then does not close a silent connection. The
   *   deadlines of a close still apply.
   * @param moving Whether the transport has sent some of the output that it buffers since the last call, which shows that the peer is
   *   alive.
   * @returns The close event if the connection has timed out: code 1006, with a `timeout` as its `error`.
   * @throws An extension's exception that no call has thrown yet; `TypeError` for a value that is not a number, and if an extension calls
   *   this method; `RangeError` for a number that is not finite.
   */
  poll(now: number, paused = false, moving = false): readonly ConnectionClosed[] {
    requireTime(now)
    this.requireIdle()
    if (this.broken?.reported === false) throw report(this.broken)
    if (this.deadline !== undefined) return pollEnd(this, this.deadline, now)
    const { times } = this
    // Pending input may contain the answer. But if there is output, the output must be taken before the rest is read.
    const waits = this.outputSize > 0
    const silent = times?.tick(now, waits, moving, paused || (this.hasPending && !waits), () => {
      const data = times.nextPingData()
      this.ensureOutgoing().output.addUrgent(FIN_BIT | PING, data)
      times.pingSent(data, now)
    })
    return silent ? destroy(this, 'silent', now) : noEvents
  }

  /**
   * When to call `poll` next, in milliseconds. `-Infinity` means at once: a wait has begun without a known time. `undefined` means that
   * there is no deadline, or that the transport is to be destroyed.
   */
  get pollAt(): number | undefined {
    const { deadline } = this
    if (deadline === undefined) return this.times?.dueAt
    const { transport } = this
    return transport === 'destroy' ? undefined : deadline.at(transport === 'end')
  }

  // Sending

  /**
   * Sends a text message.
   *
   * @param text A string, or bytes of valid UTF-8, which are not checked. Both are copied. A lone surrogate is sent as U+FFFD or throws a
   *   TypeError, depending on `loneSurrogates`.
   * @returns `false` if the connection no longer sends; nothing was queued. That is a race, not a mistake.
   * @throws TypeError while a message of `startMessage` or `send` is open. Any exception of an extension or of `maskKeys`; with extensions,
   *   every later call throws the same exception, because their state has advanced.
   */
  sendText(text: string | Uint8Array, options?: SendOptions): boolean {
    return sendWhole(this, TEXT, text, options)
  }

  /** Sends a binary message, copied; otherwise like {@link Connection.sendText}. */
  sendBinary(bytes: Uint8Array, options?: SendOptions): boolean {
    return sendWhole(this, BINARY, bytes, options)
  }

  /**
   * Sends a message or a piece of a message: the inverse of `receive`, so that a relay can pass events on unchanged.
   *
   * @returns `false` as {@link Connection.sendText} does.
   * @throws TypeError for a first piece inside a message, a later piece without an open message, or a piece of another type.
   */
  send(message: Message, options?: SendOptions): boolean {
    requireRecord(message, 'the message of `send`')
    const { type, data, first = true, last = true } = message
    const opcode = requireMessageType(type)
    if (first === true && last === true) return sendWhole(this, opcode, data, options)
    requireType(first, 'boolean', '`first`')
    requireType(last, 'boolean', '`last`')
    requireData(opcode, data)
    const compress = readCompress(options)
    this.requireIdle()
    if (!this.lifecycle.sends) return false
    const outgoing = this.ensureOutgoing()
    if (first) outgoing.openWith(opcode, data, compress)
    else {
      const open = outgoing.message
      if (open === undefined) throw new TypeError('a piece with `first: false` needs an open message')
      if (open.opcode !== opcode) throw new TypeError(`this piece is ${type}, but the open message is not`)
      outgoing.addPiece(open, data, last)
    }
    return queued(this)
  }

  /**
   * Sends a ping.
   *
   * @param data At most 125 bytes; a string is sent as UTF-8. The peer's pong returns the data (RFC 6455 §5.5.2).
   * @param now When the ping is sent, in milliseconds, so that the pong event has a round trip.
   * @returns `false` if the connection no longer sends; nothing was queued.
   * @throws RangeError for more than 125 bytes, or an invalid time.
   */
  ping(data: string | Uint8Array = '', now?: number): boolean {
    if (now !== undefined) requireTime(now)
    const payload = toControlPayload(this, data)
    if (!this.lifecycle.sends) return false
    this.ensureOutgoing().output.addFrame(FIN_BIT | PING, payload)
    if (now !== undefined) this.times ??= new Times(this.options)
    this.times?.pingSent(payload, now)
    return queued(this)
  }

  /**
   * Sends a pong, even an unsolicited one (RFC 6455 §5.5.3). It may answer a ping that arrives while our own Close is queued. Like an
   * automatic pong, it overtakes all frames that have not been taken. Otherwise like {@link Connection.ping}.
   */
  pong(data: string | Uint8Array = ''): boolean {
    const payload = toControlPayload(this, data)
    if (!this.lifecycle.sendsPongs) return false
    this.ensureOutgoing().output.addUrgent(FIN_BIT | PONG, payload)
    return queued(this)
  }

  /**
   * Begins the close: queues a Close frame after everything else. Messages that arrive before the peer's Close are still reported.
   *
   * @param code 1000–1003, 1007–1014 or 3000–4999. Default: none, an empty Close.
   * @param reason At most 123 bytes of UTF-8.
   * @returns `false` if the close has already begun.
   * @throws RangeError for a code that is not allowed in a frame, or a reason that is too long; `TypeError` for a reason without a code.
   */
  close(code?: number, reason?: string): boolean {
    if (this.options.refusesLone && reason !== undefined) requireWellFormed(reason)
    this.requireIdle()
    if (!this.lifecycle.close(formatClosePayload(code, reason))) return false
    closeBegan(this, undefined)
    return queued(this)
  }

  /**
   * Returns the bytes to send now, in one array that belongs to you; `undefined` if there are none. Without `maxOutput` this is all output;
   * with it, at most that many bytes, which may end inside a frame. If you take a part while more output is queued, keepalive learns that
   * writing makes progress. The Close that answers the peer's Close or error follows everything that you sent before the first call.
   *
   * @param now When the output is taken, in milliseconds, for keepalive and the close. Without it, the next time passed in counts.
   */
  takeOutput(now?: number): Bytes | undefined {
    const output = outputToTake(this, now)
    const taken = output?.take(this.options.maxOutput)
    outputTaken(this, output, now)
    return taken
  }

  /**
   * As {@link Connection.takeOutput}, but does not join the output: frames of 64 KiB and more have their own arrays, for vectored writes.
   * No two arrays share memory, except arrays from `native.allocate`, where small ones may be parts of a larger one.
   *
   * @example
   * for (const part of connection.takeOutputParts()) socket.write(part)
   */
  takeOutputParts(now?: number): readonly Bytes[] {
    const output = outputToTake(this, now)
    const taken = output?.takeParts(this.options.maxOutput)
    outputTaken(this, output, now)
    return taken ?? []
  }

  /** The number of bytes of output that have not been taken. */
  get outputSize(): number {
    const { outgoing, lifecycle } = this
    const close = lifecycle.pendingClose
    return (outgoing?.output.size ?? 0) + (close === undefined ? 0 : wireSize(close.length, this.role === 'client'))
  }

  /**
   * Returns {@link outgoing}, and sets it first if necessary.
   *
   * @internal
   */
  ensureOutgoing(): Outgoing {
    this.outgoing ??= this.options.takeOutgoing(this.pipeline)
    return this.outgoing
  }

  /**
   * Throws `TypeError` if an extension, `maskKeys` or `native` calls back. Called before any state changes.
   *
   * @internal
   */
  requireIdle(): void {
    if (this.busy || this.outgoing?.output.busy) throw calledBack()
  }
}

/**
 * A connection of any form, for functions that do not depend on how data is returned.
 *
 * @category Connections
 */
export type AnyConnection = Connection<TextForm, boolean>

// The receiving half: chunk → frames → messages → events.

function read<Text extends TextForm, Pieces extends boolean>(
  connection: Connection<Text, Pieces>,
  chunk: Uint8Array,
  now: number | undefined,
  events: ConnectionEvent<Text, Pieces>[],
): void {
  const { options, lifecycle } = connection
  connection.incoming?.decoder.requireUnread()
  connection.incoming ??= options.takeIncoming(connection.pipeline)
  const { incoming } = connection
  const { decoder } = incoming
  decoder.base = connection.received
  if (chunk.length > 0) decoder.push(chunk)
  let left = MAX_RETURNED
  while (left > 0 && lifecycle.receives) {
    let event: unknown
    if (incoming.hasMore) event = incoming.readMore()
    else if (!incoming.step()) break
    else event = decoder.opcode < FIRST_CONTROL ? incoming.read() : readControl(connection, incoming, now)
    left -= incoming.size
    if (event === undefined) continue
    // The event has the form that the options ask for, so it has the right type.
    events.push(event as ConnectionEvent<Text, Pieces>)
    left -= EVENT_SIZE
  }
  if (left <= 0) decoder.keepUnread(chunk.length > 0 && !options.ownsChunks)
  connection.received = decoder.base
  // An idle connection keeps no memory for reading.
  if (options.takeBackIncoming(incoming)) connection.incoming = undefined
}

// "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close
// frame."                                                                                         RFC 6455 §5.5.2
// After the peer's Close nothing is read (`receives`); after our Close has been taken, no pong may follow it (`sendsPongs`, §5.5.1).
function readControl(connection: AnyConnection, incoming: Incoming, now: number | undefined): ConnectionEvent {
  const { options, lifecycle, times } = connection
  const { opcode } = incoming.decoder
  const data = incoming.decoder.payload()
  incoming.size = data.length
  if (opcode === CLOSE) return receiveClose(connection, data)
  times?.countControlFrame(opcode, now !== undefined)
  if (opcode === PING) {
    if (options.autoPong && lifecycle.sendsPongs) connection.ensureOutgoing().output.addPong(data)
    return { type: 'ping', data }
  }
  const at = times?.answered(data)
  return { type: 'pong', data, roundTrip: at === undefined || now === undefined ? undefined : now - at }
}

function receiveClose(connection: AnyConnection, payload: Bytes): ConnectionClosed {
  const { autoClose } = connection.options
  const event = connection.lifecycle.receiveClose(payload, autoClose)
  if (!autoClose) closeBegan(connection, undefined).answer = payload.slice(0, 2)
  return event
}

/**
 * Fails the connection: the peer broke a rule. Drops output that has not been taken, so that our Close comes next. After a drop nothing
 * else may be sent before the Close, because the peer would notice a gap.
 */
function fail({ lifecycle, options, outgoing }: AnyConnection, error: ProtocolError): ConnectionClosed {
  const event = lifecycle.fail(error, options.explainErrors)
  if (outgoing?.output.drop()) lifecycle.silence()
  return event
}

function report(broken: Broken): unknown {
  broken.reported = true
  return broken.error
}

/** Adds an extension's exception as the `cause` of the close event, so that no later call must throw it. */
function addCause({ broken }: AnyConnection, event: ConnectionClosed): ConnectionClosed {
  if (broken !== undefined) event.cause = report(broken)
  return event
}

/** Reports the end of the transport, which came earlier, once everything has been read. */
function endAfterUnread<Text extends TextForm, Pieces extends boolean>(
  connection: Connection<Text, Pieces>,
  deadline: Deadline,
  events: ConnectionEvent<Text, Pieces>[],
): void {
  const { lifecycle, broken, incoming } = connection
  if (lifecycle.receives && broken === undefined && incoming?.hasUnread) return
  deadline.readsOn = false
  const event = lifecycle.end()
  if (event !== undefined) events.push(addCause(connection, event))
}

function finish(connection: AnyConnection, event: ConnectionClosed | undefined): readonly ConnectionClosed[] {
  dropIncoming(connection)
  return event === undefined ? noEvents : [addCause(connection, event)]
}

/** Discards incomplete messages and unread input. */
function dropIncoming(connection: AnyConnection): void {
  connection.incoming = undefined
  connection.pipeline?.stopDecoding()
}

// The end.

/** Records that the end has begun or advanced, at `now` if known. */
export function closeBegan(connection: AnyConnection, now: number | undefined): Deadline {
  const { lifecycle, role, pipeline } = connection
  connection.deadline ??= new Deadline(connection.options.closeTimeout)
  const { deadline } = connection
  // After both Closes.
  if (role === 'client' && !deadline.waits && lifecycle.state === 'closed' && connection.outputSize === 0)
    deadline.wait(now)
  deadline.note(now)
  if (lifecycle.over) pipeline?.close()
  return deadline
}

/** Advances the end, which has begun, at `now`. */
function pollEnd(connection: AnyConnection, deadline: Deadline, now: number): readonly ConnectionClosed[] {
  const { lifecycle } = connection
  deadline.note(now)
  while (connection.transport !== 'destroy' && deadline.at(connection.transport === 'end') <= now) {
    if (lifecycle.state === 'closed' && deadline.waits) {
      lifecycle.move('waited')
      deadline.wait(now)
    } else if (deadline.answer !== undefined && lifecycle.close(deadline.answer)) deadline.answered = true
    else return destroy(connection, 'unclosed', now)
  }
  return noEvents
}

/** Times out: drops all output and reports the end. */
function destroy(
  connection: AnyConnection,
  due: 'silent' | 'unclosed',
  now: number | undefined,
): readonly ConnectionClosed[] {
  const event = connection.lifecycle.timeOut(due)
  connection.outgoing = undefined
  closeBegan(connection, now)
  return finish(connection, event)
}

/** Counts bytes that arrive after the close event. */
function dropExcess(connection: AnyConnection, size: number, now: number | undefined): readonly never[] {
  const deadline = closeBegan(connection, now)
  deadline.excess += size
  if (deadline.excess > Math.max(connection.options.limits.maxMessageSize, MIN_EXCESS))
    destroy(connection, 'unclosed', now)
  return noEvents
}

// The sending half: messages → frames → output.

function sendWhole(
  connection: AnyConnection,
  opcode: number,
  data: string | Uint8Array,
  options: SendOptions | undefined,
): boolean {
  requireData(opcode, data)
  if (connection.options.refusesLone && typeof data === 'string') requireWellFormed(data)
  const compress = readCompress(options)
  connection.requireIdle()
  if (!connection.lifecycle.sends) return false
  const outgoing = connection.ensureOutgoing()
  outgoing.requireFree()
  outgoing.addMessage(opcode, data, compress)
  return queued(connection)
}

/** Notifies the driver if there is output to take. */
export function queued(connection: AnyConnection): true {
  if (connection.onoutput !== undefined && connection.outputSize > 0) connection.onoutput()
  return true
}

function toControlPayload(connection: AnyConnection, data: string | Uint8Array): Uint8Array {
  connection.requireIdle()
  if (connection.options.refusesLone && typeof data === 'string') requireWellFormed(data)
  const payload = typeof data === 'string' ? encodeUtf8(data) : data
  requireBytes(payload, 'the data of a ping or pong (unless a string)')
  // "All control frames MUST have a payload length of 125 bytes or less"                             RFC 6455 §5.5
  if (payload.length > MAX_CONTROL_PAYLOAD)
    throw new RangeError(`a ping or pong has at most ${MAX_CONTROL_PAYLOAD} bytes, not ${payload.length}`)
  return payload
}

/**
 * Returns the output before a part of it is taken; `undefined` if there is none. Adds our Close if all other output is taken with it.
 */
function outputToTake(connection: AnyConnection, now: number | undefined): Output | undefined {
  if (now !== undefined) requireTime(now)
  connection.requireIdle()
  const { lifecycle } = connection
  if (connection.outgoing === undefined && lifecycle.pendingClose === undefined) return undefined
  const { output } = connection.ensureOutgoing()
  queueClose(lifecycle, output, connection.options.maxOutput)
  return output
}

/** Records that output has been taken, at `now` if known. */
function outputTaken(connection: AnyConnection, output: Output | undefined, now: number | undefined): void {
  const { outgoing } = connection
  if (output !== undefined && outgoing !== undefined) {
    const isEmpty = output.size === 0
    connection.times?.outputTaken(now, !isEmpty, output.hasUrgent)
    if (isEmpty && connection.options.takeBackOutgoing(outgoing)) connection.outgoing = undefined
  }
  if (connection.deadline === undefined) return
  if (connection.outputSize === 0) connection.lifecycle.move('close-taken')
  closeBegan(connection, now)
}

/** Adds our Close to the output if the next `max` bytes reach it. Not earlier, because a pong may still overtake the rest. */
function queueClose(lifecycle: Lifecycle, output: Output, max: number): void {
  const close = lifecycle.pendingClose
  if (close === undefined) return
  const joins = output.size < max
  if (joins) output.addFrame(FIN_BIT | CLOSE, close)
  lifecycle.silence()
  if (joins) lifecycle.pendingClose = undefined
}
