/**
 * A WebSocket after the handshake: bytes in, events out; messages in, bytes out. Knows who does what; neither HTTP nor any
 * transport, and no clock but the times that it is told.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { requireFlag, requireInteger, requireObject } from '../bytes/plain.ts'
import { nothing as noBytes, requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import { FIRST_CONTROL } from '../frame/rules.ts'
import type { Agreement } from '../handshake/agreement.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'
import { checkTime } from './clock.ts'
import type { ConnectionClosed, ConnectionEvent, TextForm } from './events.ts'
import type { ConnectionOptions } from './options.ts'
import { openPipeline } from './pipeline.ts'
import { Sending } from './sending.ts'
import { type Reader, Settings } from './settings.ts'
import { type ConnectionSnapshot, type ConnectionState, checkSnapshot, copyAgreement } from './snapshot.ts'
import { Times } from './times.ts'

/**
 * How much one call of `receive` hands out. It stops behind the event with which it has handed out this much: bytes of data, as they
 * were before texts became strings, and something for each event, so that many small ones count as well.
 */
const MAX_HANDED_OUT = 262_144
const EVENT_SIZE = 16

const nothing: readonly never[] = /* @__PURE__ */ Object.freeze([])

/**
 * A connection. In: `receive`, `receiveEnd` and `poll`, each returning the events that it caused. Out: all that is to be sent,
 * one's own messages and the automatic answers, in order, by `takeOutput`. Never throws for what a peer sent: a fault is the
 * error of the close event, and the Close frame that it is owed is in the output.
 *
 * @example
 * const connection = new Connection({ role: 'server', agreement: accepted })
 * const none = new Uint8Array(0)
 * socket.on('data', (chunk) => {
 *   let next: Uint8Array = chunk
 *   do {
 *     for (const event of connection.receive(next)) if (event.type === 'text') connection.sendText(event.data)
 *     const output = connection.takeOutput()
 *     if (output) socket.write(output)
 *     next = none
 *   } while (connection.hasPending) // the rest of a large chunk
 *   if (connection.done) socket.end()
 * })
 * socket.on('close', () => connection.receiveEnd()) // gives back what extensions hold
 */
export class Connection<Text extends TextForm = 'string', Pieces extends boolean = false> extends Sending {
  /** While it is in the middle of something, or has extensions. */
  private reader: Reader | undefined = undefined
  /** Bytes that came before those which `reader` reads. */
  private received = 0
  /** The transport has ended, and what had come before is still to be read. */
  private ended = false
  private readonly agreement: Agreement | undefined
  /** Why reading cannot go on, where that is no fault of the peer's. */
  private broken: Broken | undefined = undefined

  /**
   * @throws RangeError for a limit, a time or a fragment size out of range; `TypeError` for unknown options and values of another
   *   type, for an agreement on extensions that are not among `extensions`, or for `extensions` without an agreement.
   */
  constructor(options: ConnectionOptions<Text, Pieces>) {
    const settings = Settings.resolve(options)
    const { agreement, keepalive, closeAfter } = options
    const { role, limits } = settings
    const timed = keepalive !== undefined || closeAfter !== undefined || limits.maxControlFrames !== Infinity
    const pipeline = openPipeline(agreement, options.extensions, role, limits)
    super(settings, pipeline, timed ? new Times(options, limits) : undefined)
    this.agreement = agreement && copyAgreement(agreement)
  }

  /** `'closing'`: `close()` has been called, their Close is awaited; `'closed'`: the close event has been reported. */
  get state(): 'open' | 'closing' | 'closed' {
    return this.life.name
  }

  /**
   * Nothing more comes and nothing more goes: once the output is written, end the transport. For a server that is so once
   * both Close frames have gone; a client lets the server end it first (RFC 6455 §7.1.1), until `closeAfter` has passed.
   */
  get done(): boolean {
    return this.life.isDone(this.role)
  }

  /**
   * Whether {@link Connection.receive} has more to hand out: it has stopped before the end of what came, or an extension has
   * thrown. Call it with an empty array until this is false.
   */
  get hasPending(): boolean {
    return this.hasUnread || this.broken?.heard === false
  }

  /**
   * Reads the bytes that came, in chunks of any size. It stops behind the event with which it has handed out 256 KiB, each event
   * counting as 16 bytes and its data; the rest is kept, {@link Connection.hasPending} says so, and the next call goes on with it.
   *
   * @param chunk Borrowed during the call, unless `ownsChunks` gives it away. An empty one goes on with what is pending; any other
   *   is read behind it.
   * @param now When they came, for round trips and keepalive. Without it, they count from the next `poll`.
   * @returns What it caused, in order. After the close event: nothing, whatever comes (RFC 6455 §5.5.1).
   * @throws What an extension throws that is no `ProtocolError`: behind events it is thrown by the next call of `receive` or `poll`,
   *   by `receive` ever after, and it is the `cause` of the close event; sending is not concerned. `TypeError` for a chunk that is
   *   no `Uint8Array`, and if an extension calls it; `RangeError` for a time that is not finite.
   *
   * @example
   * for (const event of connection.receive(chunk)) console.log(event.type)
   * while (connection.hasPending) for (const event of connection.receive(new Uint8Array(0))) console.log(event.type)
   */
  receive(chunk: Uint8Array, now?: number): readonly ConnectionEvent<Text, Pieces>[] {
    requireBytes(chunk, 'a chunk')
    checkTime(now)
    this.requireIdle()
    if (!this.life.receives) return nothing
    if (this.broken !== undefined) throw hear(this.broken)
    if (chunk.length === 0 && !this.hasUnread) return nothing
    this.reading = true
    this.times?.clock.heard(now)
    const events: ConnectionEvent<Text, Pieces>[] = []
    try {
      this.read(this.ended ? noBytes : chunk, now, events)
    } catch (error) {
      // What follows could not be read, be it the peer's fault or not.
      if (error instanceof ProtocolError) events.push(this.life.fail(error, this.settings.explainFaults))
      else this.broken = { error, heard: false }
    }
    this.reading = false
    if (this.ended) this.endBehindUnread(events)
    if (this.broken !== undefined && events.length === 0) throw hear(this.broken)
    if (!this.life.open) this.watchEnd(now)
    this.dropReader()
    return events
  }

  /**
   * The transport has ended, in order or not. Without a Close before it that is a 1006; a second call reports nothing. While
   * something is pending, the end waits: it is reported by the call of `receive` that reads the last of it.
   */
  receiveEnd(): readonly ConnectionClosed[] {
    this.requireIdle()
    this.ended = this.hasUnread
    return this.ended ? nothing : this.finish(this.life.end(), undefined)
  }

  /**
   * Time has passed: a ping goes out, the connection is over, or nothing. A connection that is never told a time never times out,
   * and none does while something is pending.
   *
   * @param now In any unit, that of the options; it does not go back.
   * @returns The close event, if that is due: code 1006, its `error` a `time-out`.
   * @throws What an extension has thrown, if nobody has heard of it; `TypeError` for what is no number, and if an extension calls
   *   it; `RangeError` for a number that is not finite.
   */
  poll(now: number): readonly ConnectionClosed[] {
    checkTime(requireTime(now))
    this.requireIdle()
    if (this.broken?.heard === false) throw hear(this.broken)
    const due = this.hasUnread ? undefined : this.times?.clock.tick(now)
    if (due === undefined) return nothing
    if (due === 'ping') {
      this.ping(this.times?.pings.number(), now)
      this.times?.clock.pingSent(now)
      return nothing
    }
    return this.finish(this.life.timeOut(due), now)
  }

  /** When to `poll` next: `-Infinity` is at once, `undefined` not at all, or not while something is pending. */
  get pollAt(): number | undefined {
    return this.done || this.hasPending ? undefined : this.times?.clock.dueAt
  }

  /**
   * The connection as plain data, with what waits to be sent, without times, for {@link Connection.resume}; of no use here
   * afterwards.
   *
   * What is pending is in it.
   *
   * @returns `undefined`: an extension cannot move now, for a compressed message is in the middle, or it never can, or it has
   *   thrown.
   * @throws TypeError where what is pending lies in a chunk that was given away, and its memory has been transferred.
   */
  snapshot(): ConnectionSnapshot | undefined {
    this.enter()
    try {
      return this.describe()
    } finally {
      this.reading = false
    }
  }

  private describe(): ConnectionSnapshot | undefined {
    const { reader, life, received, role, agreement } = this
    const ended = this.ended || undefined
    const decoder = reader?.decoder.snapshot()
    const pipeline = this.pipeline?.snapshot()
    const writer = this.snapshotWriter()
    if (this.broken !== undefined || writer === null || (reader && !decoder) || (this.pipeline && !pipeline))
      return undefined
    const reading = reader && decoder && { decoder, messages: reader.messages.snapshot() }
    const { strings, pieces } = this.settings
    const unanswered = this.times?.unanswered || undefined
    const state = {
      life: life.snapshot(),
      strings,
      pieces,
      received,
      ended,
      unanswered,
      reader: reading,
      writer,
      pipeline,
    }
    return { format: 1, role, agreement: agreement && copyAgreement(agreement), state }
  }

  /**
   * Goes on with a connection elsewhere, or later.
   *
   * @param options Those of the first one, but for role and agreement, which the snapshot knows; limits and extensions are not
   *   in it.
   * @throws TypeError for what is no snapshot, or one with other extensions, another `text` or other `pieces`.
   *
   * @example
   * const connection = Connection.resume(JSON.parse(stored), { extensions })
   */
  static resume<Text extends TextForm = 'string', Pieces extends boolean = false>(
    snapshot: ConnectionSnapshot,
    options: Omit<ConnectionOptions<Text, Pieces>, 'role' | 'agreement'> = {},
  ): Connection<Text, Pieces> {
    requireRecord(options, 'the options of Connection.resume')
    const { role, agreement, state } = checkSnapshot(snapshot, options)
    const connection = create<Text, Pieces>({ ...options, role, agreement })
    connection.resumeState(state)
    return connection
  }

  private resumeState(state: ConnectionState): void {
    const { life, received, ended = false, unanswered = 0, reader, writer, pipeline } = state
    if (reader !== undefined) requireObject(reader)
    this.life.resume(life)
    this.received = requireInteger(received, 0, Number.MAX_SAFE_INTEGER)
    if (pipeline !== undefined && this.pipeline !== undefined) this.pipeline.resume(pipeline)
    else if (pipeline !== this.pipeline) throw new TypeError('this snapshot is of other extensions')
    if (writer !== undefined) this.resumeWriter(writer)
    const pings = requireInteger(unanswered, 0, Number.MAX_SAFE_INTEGER)
    if (pings > 0 && this.times !== undefined) this.times.flood.unanswered = pings
    if (!this.life.open) this.watchEnd(undefined)
    if (reader === undefined) return
    this.reader = this.settings.takeReader(this.pipeline)
    this.reader.decoder.resume(reader.decoder)
    this.reader.messages.resume(reader.messages)
    this.ended = requireFlag(ended) && this.hasUnread
  }

  /** Whether something that came is still to be read. */
  private get hasUnread(): boolean {
    const { reader } = this
    return reader !== undefined && (reader.decoder.hasUnread || reader.messages.hasMore)
  }

  private finish(event: ConnectionClosed | undefined, now: number | undefined): readonly ConnectionClosed[] {
    this.watchEnd(now)
    this.dropReader()
    return event === undefined ? nothing : [this.explain(event)]
  }

  /** Names what an extension has thrown, which need not be thrown any more. */
  private explain(event: ConnectionClosed): ConnectionClosed {
    if (this.broken !== undefined) event.cause = hear(this.broken)
    return event
  }

  /** The transport has ended before: once all is read, that is reported. */
  private endBehindUnread(events: ConnectionEvent<Text, Pieces>[]): void {
    if (this.life.receives && this.broken === undefined && this.hasUnread) return
    this.ended = false
    const event = this.life.end()
    if (event !== undefined) events.push(this.explain(event))
  }

  /** What comes behind the end is not kept, nor what came before it and was no message yet; nor what cannot be read. */
  private dropReader(): void {
    if (this.life.receives && this.broken === undefined) return
    this.reader = undefined
    this.pipeline?.stopDecoding()
  }

  /** Where an extension calls back, nothing has happened yet. */
  private enter(): void {
    this.requireIdle()
    this.reading = true
  }

  private read(chunk: Uint8Array, now: number | undefined, events: ConnectionEvent<Text, Pieces>[]): void {
    const { life, settings, pipeline } = this
    this.reader?.decoder.requireUnread()
    const reader = this.reader ?? settings.takeReader(pipeline)
    const { decoder, messages } = reader
    this.reader = reader
    decoder.base = this.received
    if (chunk.length > 0) decoder.push(chunk)
    let left = MAX_HANDED_OUT
    while (left > 0 && life.receives) {
      let event: ConnectionEvent<Text, Pieces> | undefined
      if (settings.pieces) decoder.maxPiece = messages.wanted
      // In the form that the options ask for, as the types say.
      if (messages.hasMore) event = messages.readMore() as ConnectionEvent<Text, Pieces> | undefined
      else if (decoder.step()) event = this.readPiece(reader, now)
      else break
      if (event === undefined) continue
      events.push(event)
      left -= EVENT_SIZE + messages.size
    }
    if (left <= 0) decoder.keepUnread(chunk.length > 0 && !settings.ownsChunks)
    this.received = decoder.base
    // An idle connection keeps nothing.
    if (settings.returnReader(reader, pipeline)) this.reader = undefined
  }

  private readPiece({ decoder, messages }: Reader, now: number | undefined): ConnectionEvent<Text, Pieces> | undefined {
    const { opcode } = decoder
    // In the form that the options ask for, as the types say.
    if (opcode < FIRST_CONTROL) return messages.read(decoder) as ConnectionEvent<Text, Pieces> | undefined
    messages.size = decoder.payloadLength
    if (opcode === Opcode.Close) return this.life.receiveClose(decoder.payload(), this.settings.autoClose)
    this.times?.flood.receive(opcode, now)
    return opcode === Opcode.Ping ? this.receivePing(decoder.payload()) : this.receivePong(decoder.payload(), now)
  }

  // "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close
  // frame." Nor after its own has gone (§5.5.1).                                                    RFC 6455 §5.5.2
  private receivePing(data: Bytes): ConnectionEvent<Text, Pieces> {
    if (this.settings.autoPong && this.life.sendsPongs) this.output.addPong(data)
    return { type: 'ping', data }
  }

  private receivePong(data: Bytes, now: number | undefined): ConnectionEvent<Text, Pieces> {
    const at = this.times?.pings.answered(data)
    return { type: 'pong', data, roundTrip: at === undefined || now === undefined ? undefined : now - at }
  }
}

/** Why nothing more can be read, and whether a call has thrown it, or the close event has named it. */
interface Broken {
  readonly error: unknown
  heard: boolean
}

function hear(broken: Broken): unknown {
  broken.heard = true
  return broken.error
}

/** `poll` needs a time; `checkTime` takes none as well. */
function requireTime(now: number): number {
  if (now === undefined) throw new TypeError('`now` must be a number, not undefined')
  return now
}

/** A connection in any form, for functions that do not care how data are handed out. */
export type AnyConnection = Connection<TextForm, boolean>

/** Beside the class, for a bundler calls one that names itself inside by another name, which then stands in every log. */
function create<Text extends TextForm, Pieces extends boolean>(
  options: ConnectionOptions<Text, Pieces>,
): Connection<Text, Pieces> {
  return new Connection(options)
}
