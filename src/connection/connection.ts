/**
 * A WebSocket after the handshake: bytes in, events out; messages in, bytes out. It stands between the transport and the
 * application, and knows no time except the `now` that callers pass.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { requireFlag, requireInteger, requireObject } from '../bytes/plain.ts'
import { nothing as noBytes, requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import { resumePipeline, snapshotPipeline } from '../extensions/pipeline-state.ts'
import { FIRST_CONTROL } from '../frame/rules.ts'
import { resumeDecoder, snapshotDecoder } from '../frame/snapshot.ts'
import type { Agreement } from '../handshake/agreement.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'
import { openExtensions } from './agreement.ts'
import { checkTime } from './clock.ts'
import type { ConnectionClosed, ConnectionEvent, TextForm } from './events.ts'
import type { ConnectionOptions } from './options.ts'
import { Sending } from './sending.ts'
import { type Reader, Settings } from './settings.ts'
import { type ConnectionSnapshot, type ConnectionState, checkSnapshot, copyAgreement } from './snapshot.ts'
import { Times } from './times.ts'

/**
 * How much one call of `receive` returns. It stops after the event that reaches this amount: bytes of data, before text is decoded,
 * plus a fixed cost per event, so that many small events count as well.
 */
const MAX_HANDED_OUT = 262_144
const EVENT_SIZE = 16

const nothing: readonly never[] = /* @__PURE__ */ Object.freeze([])

/**
 * A connection. `receive`, `receiveEnd` and `poll` take input and return the events it caused. `takeOutput` returns everything to
 * send, in order: your own messages and the automatic replies. Peer errors never throw: they are the `error` of the close event,
 * and the Close frame that answers them is in the output.
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
 * socket.on('close', () => connection.receiveEnd()) // releases what extensions hold
 */
export class Connection<Text extends TextForm = 'string', Pieces extends boolean = false> extends Sending {
  /** Set only in the middle of a frame or message, or with extensions. */
  private reader: Reader | undefined = undefined
  /** Bytes received before those that `reader` reads. */
  private received = 0
  /** The transport has ended, but received bytes are still unread. */
  private ended = false
  private readonly agreement: Agreement | undefined
  /** Why reading cannot continue, if the peer is not at fault. */
  private broken: Broken | undefined = undefined

  /**
   * @throws RangeError for a limit, a time or a fragment size out of range; `TypeError` for unknown options and values of the wrong
   *   type, for an agreement on extensions that are not among `extensions`, or for `extensions` without an agreement.
   */
  constructor(options: ConnectionOptions<Text, Pieces>) {
    const settings = Settings.resolve(options)
    const { agreement, keepalive, closeAfter } = options
    const { role, limits } = settings
    const timed = keepalive !== undefined || closeAfter !== undefined || limits.maxControlFrames !== Infinity
    const pipeline = openExtensions(agreement, options.extensions, role, limits)
    super(settings, pipeline, timed ? new Times(options, limits) : undefined)
    this.agreement = agreement && copyAgreement(agreement)
  }

  /** `'closing'`: `close()` has been called and the peer's Close is awaited; `'closed'`: the close event has been reported. */
  get state(): 'open' | 'closing' | 'closed' {
    return this.life.name
  }

  /**
   * Nothing more will be received or sent: once the output is written, end the transport. A server is done once both Close frames
   * have been sent; a client lets the server end the transport first (RFC 6455 §7.1.1), until `closeAfter` has passed.
   */
  get done(): boolean {
    return this.life.isDone(this.role)
  }

  /**
   * Whether {@link Connection.receive} has more to return: it stopped before the end of its input, or an extension threw. Call it
   * with an empty array until this is false.
   */
  get hasPending(): boolean {
    return this.hasUnread || this.broken?.heard === false
  }

  /**
   * Reads received bytes, in chunks of any size. It stops after the event that reaches 256 KiB, each event counting as 16 bytes
   * plus its data. The rest is kept, {@link Connection.hasPending} is true, and the next call continues with it.
   *
   * @param chunk Borrowed during the call, unless `ownsChunks` gives it away. An empty one continues with what is pending; any
   *   other is read after it.
   * @param now When the bytes arrived, for round trips and keepalive. Without it, they count from the next `poll`.
   * @returns The events, in order. After the close event: nothing, whatever arrives (RFC 6455 §5.5.1).
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
      // Nothing after this can be read, whether the peer is at fault or not.
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
   * Reports that the transport has ended, cleanly or not. Without a Close first, that is a 1006; a second call reports nothing.
   * While input is pending, the end waits: the call of `receive` that reads the last of it reports the end.
   */
  receiveEnd(): readonly ConnectionClosed[] {
    this.requireIdle()
    this.ended = this.hasUnread
    return this.ended ? nothing : this.finish(this.life.end(), undefined)
  }

  /**
   * Reports that time has passed: this sends a ping, ends the connection, or does nothing. A connection that is never given a time
   * never times out, and none does while input is pending.
   *
   * @param now In the same unit as the options; it must not go backwards.
   * @returns The close event, if it is due: code 1006, its `error` a `time-out`.
   * @throws What an extension threw, if not thrown yet; `TypeError` for a value that is not a number, and if an extension calls
   *   this method; `RangeError` for a number that is not finite.
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

  /** When to call `poll` next: `-Infinity` is at once; `undefined` is never, or not while input is pending. */
  get pollAt(): number | undefined {
    return this.done || this.hasPending ? undefined : this.times?.clock.dueAt
  }

  /**
   * The connection as plain data, for {@link Connection.resume}. It includes unsent output and pending input, but no times. Do not
   * use this object afterwards.
   *
   * @returns `undefined` if an extension cannot move (in the middle of a compressed message, or ever), or has thrown.
   * @throws TypeError if pending input lies in a chunk that was given away, and its memory has been transferred.
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
    const decoder = reader && snapshotDecoder(reader.decoder)
    const pipeline = this.pipeline && snapshotPipeline(this.pipeline)
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
   * Resumes a connection elsewhere, or later.
   *
   * @param options Those of the original, except role and agreement, which the snapshot holds; it does not hold limits or
   *   extensions.
   * @throws TypeError for an invalid snapshot, or one with other extensions, another `text` or other `pieces`.
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
    if (pipeline !== undefined && this.pipeline !== undefined) resumePipeline(this.pipeline, pipeline)
    else if (pipeline !== this.pipeline) throw new TypeError('this snapshot is of other extensions')
    if (writer !== undefined) this.resumeWriter(writer)
    const pings = requireInteger(unanswered, 0, Number.MAX_SAFE_INTEGER)
    if (pings > 0 && this.times !== undefined) this.times.flood.unanswered = pings
    if (!this.life.open) this.watchEnd(undefined)
    if (reader === undefined) return
    this.reader = this.settings.takeReader(this.pipeline)
    resumeDecoder(this.reader.decoder, reader.decoder)
    this.reader.messages.resume(reader.messages)
    this.ended = requireFlag(ended) && this.hasUnread
  }

  /** Whether received input is still unread. */
  private get hasUnread(): boolean {
    const { reader } = this
    return reader !== undefined && (reader.decoder.hasUnread || reader.messages.hasMore)
  }

  private finish(event: ConnectionClosed | undefined, now: number | undefined): readonly ConnectionClosed[] {
    this.watchEnd(now)
    this.dropReader()
    return event === undefined ? nothing : [this.explain(event)]
  }

  /** Adds what an extension threw as the `cause`; it need not be thrown any more. */
  private explain(event: ConnectionClosed): ConnectionClosed {
    if (this.broken !== undefined) event.cause = hear(this.broken)
    return event
  }

  /** The transport ended earlier: reports it once everything has been read. */
  private endBehindUnread(events: ConnectionEvent<Text, Pieces>[]): void {
    if (this.life.receives && this.broken === undefined && this.hasUnread) return
    this.ended = false
    const event = this.life.end()
    if (event !== undefined) events.push(this.explain(event))
  }

  /** Discards input after the end, incomplete messages before it, and anything that cannot be read. */
  private dropReader(): void {
    if (this.life.receives && this.broken === undefined) return
    this.reader = undefined
    this.pipeline?.stopDecoding()
  }

  /** Throws before any state changes if an extension calls back. */
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
    // An idle connection holds no reader.
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
  // frame." Nor after its own Close (§5.5.1).                                                       RFC 6455 §5.5.2
  private receivePing(data: Bytes): ConnectionEvent<Text, Pieces> {
    if (this.settings.autoPong && this.life.sendsPongs) this.output.addPong(data)
    return { type: 'ping', data }
  }

  private receivePong(data: Bytes, now: number | undefined): ConnectionEvent<Text, Pieces> {
    const at = this.times?.pings.answered(data)
    return { type: 'pong', data, roundTrip: at === undefined || now === undefined ? undefined : now - at }
  }
}

/** Why nothing more can be read, and whether a call has thrown it or the close event has reported it. */
interface Broken {
  readonly error: unknown
  heard: boolean
}

function hear(broken: Broken): unknown {
  broken.heard = true
  return broken.error
}

/** `poll` requires a time; `checkTime` also accepts `undefined`. */
function requireTime(now: number): number {
  if (now === undefined) throw new TypeError('`now` must be a number, not undefined')
  return now
}

/** A connection of any form, for functions that do not depend on how data is returned. */
export type AnyConnection = Connection<TextForm, boolean>

/** Outside the class: a bundler renames a class that refers to itself, and the new name would then show in logs. */
function create<Text extends TextForm, Pieces extends boolean>(
  options: ConnectionOptions<Text, Pieces>,
): Connection<Text, Pieces> {
  return new Connection(options)
}
