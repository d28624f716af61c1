/**
 * A WebSocket after the handshake: bytes in, events out; messages in, bytes out. It stands between the transport and the
 * application, and knows no time except the `now` that callers pass, in milliseconds.
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
 * How much one call of `receive` returns, or decodes of a message that it does not return yet. It stops after the event that reaches
 * this amount: bytes of data, before text is decoded, plus a fixed cost per event, so that many small events count as well.
 */
const MAX_HANDED_OUT = 262_144
const EVENT_SIZE = 16

/** A peer that is told that a message is too large may have that much on its way: an endpoint that resets it earlier loses the Close. */
const MIN_EXCESS = 1_048_576

const noEvents: readonly never[] = /* @__PURE__ */ Object.freeze([])

/**
 * Why nothing more can be read, if the peer is not to blame, and whether a call has thrown it or the close event has reported it.
 */
interface Broken {
  readonly error: unknown
  reported: boolean
}

/**
 * A connection. `receive`, `receiveEnd` and `poll` take input and return the events it caused. `takeOutput` returns what to send:
 * your own messages, in order, and the automatic replies, pongs first. Peer errors never throw: they are the `error` of the close event,
 * and the Close frame that answers them is in the output.
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
 * socket.on('close', () => connection.receiveEnd()) // releases what extensions hold
 * setInterval(() => {
 *   if ((connection.pollAt ?? Infinity) <= Date.now()) connection.poll(Date.now()) // the end may take `closeTimeout`
 *   if (connection.transport === 'destroy') socket.destroy()
 * }, 1000)
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
   * Set from when the end begins: a close, a fault, or the end of the transport.
   *
   * @internal
   */
  deadline: Deadline | undefined = undefined
  /**
   * Set only in the middle of a frame or message, or with extensions.
   *
   * @internal
   */
  incoming: Incoming | undefined = undefined
  /**
   * Set only while it holds something, or with extensions.
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
   * While extensions run that must not call back.
   *
   * @internal
   */
  busy = false
  /** @internal */
  broken: Broken | undefined = undefined
  /**
   * Set by the driver of the transport: called after each call that sends something, once it waits in the output. Not for what
   * `receive` and `poll` put there: their caller takes the output anyway.
   */
  onoutput: (() => void) | undefined = undefined

  /**
   * @param options Those of this connection alone. It keeps its memory for reading and writing while it is idle, about 1 KiB; many
   *   connections share that of {@link connectionOptions}.
   * @throws RangeError for a limit, a time or a fragment size out of range; `TypeError` for unknown options and values of the wrong
   *   type, for an agreement on extensions that are not among `extensions`, or for `extensions` without an agreement.
   */
  constructor(options: ConnectionOptions<Text, Pieces>)
  /**
   * @param options Those of many connections, from {@link connectionOptions}.
   * @param agreement What the handshake agreed on.
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

  /** `'closing'`: `close()` has been called and the peer's Close is awaited; `'closed'`: the close event has been reported. */
  get state(): 'open' | 'closing' | 'closed' {
    return this.lifecycle.name
  }

  /**
   * What is to become of the transport, once all that was taken is written: keep it, end our side of it and read on, or destroy it.
   * It only goes forward, and is never `'end'` while output waits. A server ends it behind both Close frames; a client first waits
   * for the server, for 2 seconds (RFC 6455 §7.1.1). Whatever the peer does, it is `'destroy'` within twice `closeTimeout` from when
   * the end began, if `poll` is called when it is due.
   */
  get transport(): 'keep' | 'end' | 'destroy' {
    if (this.lifecycle.state === 'destroyed') return 'destroy'
    return this.lifecycle.ends(this.role) && this.outputSize === 0 ? 'end' : 'keep'
  }

  // Receiving

  /**
   * Reads received bytes, in chunks of any size. It stops after the event that reaches 256 KiB, each event counting as 16 bytes
   * plus its data; within a message, when an extension has decoded so much of it. The rest is kept, {@link Connection.hasPending} is
   * true, and the next call continues with it.
   *
   * @param chunk Borrowed during the call, unless `ownsChunks` gives it away. An empty one continues with what is pending; any
   *   other is read after it.
   * @param now When the bytes arrived, in milliseconds. Without it, they count from the next time passed in.
   * @returns The events, in order. After the close event: nothing, whatever arrives (RFC 6455 §5.5.1); more than `maxMessageSize`, at
   *   least 1 MiB, and the transport is to be destroyed.
   * @throws What an extension throws, unless it is a `ProtocolError`: if events came first, the next call of `receive` or `poll`
   *   throws it. `receive` then throws it every time, and it is the `cause` of the close event; sending is not affected.
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
      // Nothing after this can be read, whether the peer is to blame or not.
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
   * Reports that the transport has ended, cleanly or not. Without a Close first, that is a 1006; a second call reports nothing.
   * While input is pending, the end waits: the call of `receive` that reads the last of it reports the end.
   *
   * @param now When it ended, in milliseconds.
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
   * Whether {@link Connection.receive} has more to return: it stopped before the end of its input, or an extension threw. Call it
   * with an empty array until this is false.
   */
  get hasPending(): boolean {
    return this.incoming?.hasUnread || this.broken?.reported === false
  }

  // Time

  /**
   * Reports that time has passed: this sends a ping, goes on with the end, or does nothing; call it when {@link Connection.pollAt} is
   * due. A connection that is never given a time never times out.
   *
   * @param now In milliseconds, from any start; it must not go backwards.
   * @param paused The user has stopped reading: for a limited time, silence means nothing then. The deadlines of the end go on.
   * @param moving The transport holds output that it has taken, and since the last call has got rid of some: so the peer lives.
   * @returns The close event, if it is due: code 1006, its `error` a `timeout`.
   * @throws What an extension threw, if not thrown yet; `TypeError` for a value that is not a number, and if an extension calls
   *   this method; `RangeError` for a number that is not finite.
   */
  poll(now: number, paused = false, moving = false): readonly ConnectionClosed[] {
    requireTime(now)
    this.requireIdle()
    if (this.broken?.reported === false) throw report(this.broken)
    if (this.deadline !== undefined) return pollEnd(this, this.deadline, now)
    const { times } = this
    // Input that is pending may hold the answer; but where output waits, it is that which must get on before the rest is read.
    const waits = this.outputSize > 0
    const silent = times?.tick(now, waits, moving, paused || (this.hasPending && !waits), () => {
      const data = times.nextPingData()
      this.ensureOutgoing().output.addUrgent(FIN_BIT | PING, data)
      times.pingSent(data, now)
    })
    return silent ? destroy(this, 'silent', now) : noEvents
  }

  /**
   * When to call `poll` next, in milliseconds: `-Infinity` is at once, because a wait has begun and its time is not known;
   * `undefined`: there is no deadline, or the transport is to be destroyed.
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
   * @param text A string (a lone surrogate is sent as U+FFFD, or throws a TypeError, depending on `loneSurrogates`), or bytes,
   *   which must be valid UTF-8: they are not checked. Copied.
   * @returns `false`: the connection no longer sends, and nothing was queued. That is a race, not a mistake.
   * @throws TypeError while a message of `startMessage` or `send` is open. What an extension or `maskKeys` throws; with extensions,
   *   every later call throws the same, because their state has advanced.
   */
  sendText(text: string | Uint8Array, options?: SendOptions): boolean {
    return sendWhole(this, TEXT, text, options)
  }

  /** Sends a binary message, copied; otherwise like {@link Connection.sendText}. */
  sendBinary(bytes: Uint8Array, options?: SendOptions): boolean {
    return sendWhole(this, BINARY, bytes, options)
  }

  /**
   * Sends a message or a piece of one: the inverse of `receive`, so that a relay can pass events on unchanged.
   *
   * @returns `false` as {@link Connection.sendText} does.
   * @throws TypeError for a first piece inside a message, a later piece outside one, or a piece of another type.
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
      if (open === undefined) throw new TypeError('no message is open that this could be a piece of')
      if (open.opcode !== opcode) throw new TypeError(`this piece is ${type}, and the open message is not`)
      outgoing.addPiece(open, data, last)
    }
    return queued(this)
  }

  /**
   * Sends a ping.
   *
   * @param data At most 125 bytes, a string as UTF-8; the peer's pong returns them (RFC 6455 §5.5.2).
   * @param now When it is sent, so that the pong reports the round trip.
   * @returns `false`: the connection no longer sends, and nothing was queued.
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
   * Sends a pong, even an unsolicited one (RFC 6455 §5.5.3), or one for a ping that arrives while our own Close waits. Like automatic
   * ones it overtakes all frames that nobody has taken. Otherwise like {@link Connection.ping}.
   */
  pong(data: string | Uint8Array = ''): boolean {
    const payload = toControlPayload(this, data)
    if (!this.lifecycle.sendsPongs) return false
    this.ensureOutgoing().output.addUrgent(FIN_BIT | PONG, payload)
    return queued(this)
  }

  /**
   * Begins the close: a Close frame follows everything queued. Input before the peer's Close is still reported.
   *
   * @param code 1000–1003, 1007–1014 or 3000–4999; none: an empty Close.
   * @param reason At most 123 bytes of UTF-8.
   * @returns `false`: the close has already begun.
   * @throws RangeError for a code not allowed in a frame or a reason that is too long; `TypeError` for a reason without a code.
   */
  close(code?: number, reason?: string): boolean {
    if (this.options.refusesLone && reason !== undefined) requireWellFormed(reason)
    this.requireIdle()
    if (!this.lifecycle.close(formatClosePayload(code, reason))) return false
    closeBegan(this, undefined)
    return queued(this)
  }

  /**
   * What to send now, in one array, which is yours; `undefined`: nothing. That is everything, or with `maxOutput` at most so many
   * bytes, which may end inside a frame: from what is taken while more waits the connection learns that writing gets on. The Close
   * that answers the peer's Close or error comes behind what has been sent before the first take.
   *
   * @param now When it is taken, in milliseconds, for keepalive and the end. Without it, that is the next time passed in.
   */
  takeOutput(now?: number): Bytes | undefined {
    const output = outputToTake(this, now)
    const taken = output?.take(this.options.maxOutput)
    outputTaken(this, output, now)
    return taken
  }

  /**
   * The same without joining, for vectored writes: frames of 64 KiB and more get their own arrays. No two arrays share memory,
   * unless it is from `native.allocate`: then small ones are cut out of larger ones.
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

  /** Bytes that wait to be taken. */
  get outputSize(): number {
    const { outgoing, lifecycle } = this
    const close = lifecycle.pendingClose
    return (outgoing?.output.size ?? 0) + (close === undefined ? 0 : wireSize(close.length, this.role === 'client'))
  }

  /**
   * {@link outgoing}, set if it was not.
   *
   * @internal
   */
  ensureOutgoing(): Outgoing {
    this.outgoing ??= this.options.takeOutgoing(this.pipeline)
    return this.outgoing
  }

  /**
   * Throws `TypeError`, before any state changes, if an extension, `maskKeys` or `native` calls back.
   *
   * @internal
   */
  requireIdle(): void {
    if (this.busy || this.outgoing?.output.busy) throw calledBack()
  }
}

/** A connection of any form, for functions that do not depend on how data is returned. */
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
  let left = MAX_HANDED_OUT
  while (left > 0 && lifecycle.receives) {
    let event: unknown
    if (incoming.hasMore) event = incoming.readMore()
    else if (!incoming.step()) break
    else event = decoder.opcode < FIRST_CONTROL ? incoming.read() : readControl(connection, incoming, now)
    left -= incoming.size
    if (event === undefined) continue
    // In the form that the options ask for, as the types say.
    events.push(event as ConnectionEvent<Text, Pieces>)
    left -= EVENT_SIZE
  }
  if (left <= 0) decoder.keepUnread(chunk.length > 0 && !options.ownsChunks)
  connection.received = decoder.base
  // An idle connection holds no memory for reading.
  if (options.takeBackIncoming(incoming)) connection.incoming = undefined
}

// "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close
// frame."                                                                                         RFC 6455 §5.5.2
// After their Close nothing is read (`receives`); after our own is taken, no pong may follow it (`sendsPongs`, §5.5.1).
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
 * The peer broke a rule. What nobody has taken is dropped, so that our Close comes next; then nothing else comes before it, because
 * the peer would see a gap.
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

/** Adds what an extension threw as the `cause`; it need not be thrown any more. */
function addCause({ broken }: AnyConnection, event: ConnectionClosed): ConnectionClosed {
  if (broken !== undefined) event.cause = report(broken)
  return event
}

/** The transport ended earlier: reports it once everything has been read. */
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

/** Discards input after the end, incomplete messages before it, and anything that cannot be read. */
function dropIncoming(connection: AnyConnection): void {
  connection.incoming = undefined
  connection.pipeline?.stopDecoding()
}

// The end.

/** The end has begun or gone on, at `now` if known. */
export function closeBegan(connection: AnyConnection, now: number | undefined): Deadline {
  const { lifecycle, role, pipeline } = connection
  connection.deadline ??= new Deadline(connection.options.closeTimeout)
  const { deadline } = connection
  // Behind both Closes.
  if (role === 'client' && !deadline.waits && lifecycle.state === 'closed' && connection.outputSize === 0)
    deadline.wait(now)
  deadline.note(now)
  if (lifecycle.over) pipeline?.close()
  return deadline
}

/** It is `now`, and the end has begun. */
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

/** All that is left is dropped: nobody will take it. */
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

/** Counts bytes that come behind the close event. */
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

/** Tells the driver that output waits, if it does. */
export function queued(connection: AnyConnection): true {
  if (connection.onoutput !== undefined && connection.outputSize > 0) connection.onoutput()
  return true
}

function toControlPayload(connection: AnyConnection, data: string | Uint8Array): Uint8Array {
  connection.requireIdle()
  if (connection.options.refusesLone && typeof data === 'string') requireWellFormed(data)
  const payload = typeof data === 'string' ? encodeUtf8(data) : data
  requireBytes(payload, 'the data of a ping or pong that is no string')
  // "All control frames MUST have a payload length of 125 bytes or less"                             RFC 6455 §5.5
  if (payload.length > MAX_CONTROL_PAYLOAD)
    throw new RangeError(`a ping or pong carries at most ${MAX_CONTROL_PAYLOAD} bytes, not ${payload.length}`)
  return payload
}

/** The output that is about to be taken; our Close joins it if all the rest is taken with it. `undefined`: nothing waits. */
function outputToTake(connection: AnyConnection, now: number | undefined): Output | undefined {
  if (now !== undefined) requireTime(now)
  connection.requireIdle()
  const { lifecycle } = connection
  if (connection.outgoing === undefined && lifecycle.pendingClose === undefined) return undefined
  const { output } = connection.ensureOutgoing()
  queueClose(lifecycle, output, connection.options.maxOutput)
  return output
}

/** It has been taken, at `now` if known. */
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

/** Our Close joins the output if the next `max` bytes reach it: not before, for a pong may still overtake the rest. */
function queueClose(lifecycle: Lifecycle, output: Output, max: number): void {
  const close = lifecycle.pendingClose
  if (close === undefined) return
  const joins = output.size < max
  if (joins) output.addFrame(FIN_BIT | CLOSE, close)
  lifecycle.silence()
  if (joins) lifecycle.pendingClose = undefined
}
