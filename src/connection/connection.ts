/**
 * A WebSocket after the handshake: bytes in, events out; messages in, bytes out. Knows who does what; neither HTTP nor any
 * transport, and no clock but the times that it is told.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { requireInteger, requireObject } from '../bytes/plain.ts'
import { requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
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

const nothing: readonly never[] = /* @__PURE__ */ Object.freeze([])

/**
 * A connection. In: `receive`, `receiveEnd` and `poll`, each returning the events that it caused. Out: all that is to be sent,
 * one's own messages and the automatic answers, in order, by `takeOutput`. Never throws for what a peer sent: a fault is the
 * error of the close event, and the Close frame that it is owed is in the output.
 *
 * @example
 * const connection = new Connection({ role: 'server', agreement: accepted })
 * socket.on('data', (chunk) => {
 *   for (const event of connection.receive(chunk)) if (event.type === 'text') connection.sendText(event.data)
 *   const output = connection.takeOutput()
 *   if (output) socket.write(output)
 *   if (connection.done) socket.end()
 * })
 * socket.on('close', () => connection.receiveEnd()) // gives back what extensions hold
 */
export class Connection<Text extends TextForm = 'string', Pieces extends boolean = false> extends Sending {
  /** While it is in the middle of something, or has extensions. */
  private reader: Reader | undefined = undefined
  /** Bytes that came before those which `reader` reads. */
  private received = 0
  private readonly agreement: Agreement | undefined
  /** Why reading cannot go on, where that is no fault of the peer's. */
  private broken: { readonly error: unknown } | undefined = undefined

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
   * Reads the bytes that came, in chunks of any size.
   *
   * @param chunk Borrowed during the call, unless `ownsChunks` gives it away.
   * @param now When they came, for round trips and keepalive. Without it, they count from the next `poll`.
   * @returns What it caused, in order. After the close event: nothing, whatever comes (RFC 6455 §5.5.1).
   * @throws What an extension throws that is no `ProtocolError`, behind the events before it, and ever after; `TypeError`
   *   if an extension calls it.
   */
  receive(chunk: Uint8Array, now?: number): readonly ConnectionEvent<Text, Pieces>[] {
    requireBytes(chunk, 'a chunk')
    checkTime(now)
    if (this.broken !== undefined) throw this.broken.error
    if (!this.life.receives || chunk.length === 0) return nothing
    this.enter()
    this.times?.clock.heard(now)
    const events: ConnectionEvent<Text, Pieces>[] = []
    try {
      this.read(chunk, now, events)
    } catch (error) {
      // What follows could not be read, be it the peer's fault or not.
      if (error instanceof ProtocolError) events.push(this.life.fail(error, this.settings.explainFaults))
      else this.broken = { error }
    }
    this.reading = false
    if (this.broken !== undefined && events.length === 0) throw this.broken.error
    if (!this.life.open) this.watchEnd(now)
    this.dropReader()
    return events
  }

  /** The transport has ended, in order or not. Without a Close before it that is a 1006; a second call reports nothing. */
  receiveEnd(): readonly ConnectionClosed[] {
    this.enter()
    this.reading = false
    return this.finish(this.life.end(), undefined)
  }

  /**
   * Time has passed: a ping goes out, the connection is over, or nothing. A connection that is never told a time never times out.
   *
   * @param now In any unit, that of the options; it does not go back.
   * @returns The close event, if that is due: code 1006, its `error` a `time-out`.
   */
  poll(now: number): readonly ConnectionClosed[] {
    checkTime(now)
    this.requireIdle()
    const due = this.times?.clock.tick(now)
    if (due === undefined) return nothing
    if (due === 'ping') {
      this.ping(this.times?.pings.number(), now)
      this.times?.clock.pingSent(now)
      return nothing
    }
    return this.finish(this.life.timeOut(due), now)
  }

  /** When to `poll` next: `-Infinity` is at once, `undefined` not at all. */
  get pollAt(): number | undefined {
    return this.done ? undefined : this.times?.clock.dueAt
  }

  /**
   * The connection as plain data, with what waits to be sent, without times, for {@link Connection.resume}; of no use here
   * afterwards.
   *
   * @returns `undefined`: an extension cannot move now, for a compressed message is in the middle, or it never can.
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
    const decoder = reader?.decoder.snapshot()
    const pipeline = this.pipeline?.snapshot()
    const writer = this.snapshotWriter()
    if (writer === null || (reader && !decoder) || (this.pipeline && !pipeline)) return undefined
    const reading = reader && decoder && { decoder, messages: reader.messages.snapshot() }
    const { strings, pieces } = this.settings
    const state = { life: life.snapshot(), strings, pieces, received, reader: reading, writer, pipeline }
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

  private resumeState({ life, received, reader, writer, pipeline }: ConnectionState): void {
    if (reader !== undefined) requireObject(reader)
    this.life.resume(life)
    this.received = requireInteger(received, 0, Number.MAX_SAFE_INTEGER)
    if (pipeline !== undefined && this.pipeline !== undefined) this.pipeline.resume(pipeline)
    else if (pipeline !== this.pipeline) throw new TypeError('this snapshot is of other extensions')
    if (writer !== undefined) this.resumeWriter(writer)
    if (!this.life.open) this.watchEnd(undefined)
    if (reader === undefined) return
    this.reader = this.settings.takeReader(this.pipeline)
    this.reader.decoder.resume(reader.decoder)
    this.reader.messages.resume(reader.messages)
  }

  private finish(event: ConnectionClosed | undefined, now: number | undefined): readonly ConnectionClosed[] {
    this.watchEnd(now)
    this.dropReader()
    return event === undefined ? nothing : [event]
  }

  /** What comes behind the end is not kept, nor what came before it and was no message yet. */
  private dropReader(): void {
    if (!this.life.receives) this.reader = undefined
  }

  /** Where an extension calls back, nothing has happened yet. */
  private enter(): void {
    this.requireIdle()
    this.reading = true
  }

  private read(chunk: Uint8Array, now: number | undefined, events: ConnectionEvent<Text, Pieces>[]): void {
    const { life, settings, pipeline } = this
    const reader = this.reader ?? settings.takeReader(pipeline)
    const { decoder } = reader
    this.reader = reader
    decoder.base = this.received
    decoder.push(chunk)
    while (life.receives && decoder.step()) {
      const event = this.readPiece(reader, now)
      if (event !== undefined) events.push(event)
    }
    this.received = decoder.base
    // An idle connection keeps nothing.
    if (settings.returnReader(reader, pipeline)) this.reader = undefined
  }

  private readPiece({ decoder, messages }: Reader, now: number | undefined): ConnectionEvent<Text, Pieces> | undefined {
    if (decoder.opcode === Opcode.Ping || decoder.opcode === Opcode.Pong) this.times?.flood.receive(decoder.opcode, now)
    switch (decoder.opcode) {
      case Opcode.Close:
        return this.life.receiveClose(decoder.payload(), this.settings.autoClose)
      case Opcode.Ping:
        return this.receivePing(decoder.payload())
      case Opcode.Pong:
        return this.receivePong(decoder.payload(), now)
    }
    // In the form that the options ask for, as the types say.
    return messages.read(decoder) as ConnectionEvent<Text, Pieces> | undefined
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

/** A connection in any form, for functions that do not care how data are handed out. */
export type AnyConnection = Connection<TextForm, boolean>

/** Beside the class, for a bundler calls one that names itself inside by another name, which then stands in every log. */
function create<Text extends TextForm, Pieces extends boolean>(
  options: ConnectionOptions<Text, Pieces>,
): Connection<Text, Pieces> {
  return new Connection(options)
}
