/**
 * The sending half of a connection: messages, control frames and a Close in, bytes out. Knows what may be sent when; nothing of
 * what comes in.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import { formatClosePayload } from '../frame/close.ts'
import { FIN_BIT, toFirstByte } from '../frame/header.ts'
import { MAX_CONTROL_PAYLOAD } from '../frame/rules.ts'
import { requireWellFormed } from '../frame/surrogates.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'
import { checkTime } from './clock.ts'
import { Life } from './life.ts'
import type { EncodedMessage, Message, SendOptions } from './options.ts'
import { type Outgoing, type OutgoingState, opcodeOf } from './outgoing.ts'
import { checkMessage, MessageWriter, noMessage, type OutgoingMessage } from './outgoing-message.ts'
import type { Output } from './output.ts'
import type { Pipeline } from './pipeline.ts'
import type { PreparedMessage } from './prepared.ts'
import type { Settings } from './settings.ts'
import { Times } from './times.ts'

/** What a connection sends by; each `Connection` is one. */
export abstract class Sending {
  protected readonly settings: Settings
  protected readonly pipeline: Pipeline | undefined
  protected readonly life: Life = new Life()
  protected times: Times | undefined
  /** While `receive` is at work, which calls extensions. */
  protected reading = false
  /** While there is something in it. */
  private writer: Outgoing | undefined = undefined

  constructor(settings: Settings, pipeline: Pipeline | undefined, times: Times | undefined) {
    this.settings = settings
    this.pipeline = pipeline
    this.times = times
  }

  /** The side that this object plays. */
  get role(): Role {
    return this.settings.role
  }

  /**
   * Sends a text.
   *
   * @param text A string (a lone surrogate goes as U+FFFD, or is a TypeError, as `loneSurrogates` says), or bytes that are
   *   UTF-8: they are not checked. Copied.
   * @returns `false`: the connection no longer sends, and nothing was taken. That is a race, not a mistake.
   * @throws TypeError while a message of `startMessage` or `send` is open. What an extension or `maskKeys` throws; where there are
   *   extensions, the same ever after, for they have moved on.
   */
  sendText(text: string | Uint8Array, options?: SendOptions): boolean {
    return this.sendWhole('text', text, options)
  }

  /** Sends a binary message, copied; otherwise as {@link Connection.sendText}. */
  sendBinary(bytes: Uint8Array, options?: SendOptions): boolean {
    return this.sendWhole('binary', bytes, options)
  }

  /**
   * Sends a message or a piece of one: the inverse of `receive`, so that a relay passes events on as they are.
   *
   * @returns `false` as {@link Connection.sendText} does.
   * @throws TypeError for a first piece inside a message, another one outside of it, and one of another type.
   */
  send(message: Message, options?: SendOptions): boolean {
    const { type, data, first = true, last = true } = message
    if (first && last) return this.sendWhole(type, data, options)
    if (!this.life.sends) return false
    if (first) this.outgoing.openWith(type, data, options?.compress)
    else {
      this.outgoing.checkType(type)
      this.outgoing.addPiece(data, last)
    }
    return true
  }

  /**
   * Begins a message in pieces, of a length that need not be known. Throws as {@link Connection.sendText} does.
   *
   * @example
   * const message = connection.startMessage('text')
   * message.write('Hel')
   * message.end('lo')
   */
  startMessage(type: 'text' | 'binary', options?: SendOptions): OutgoingMessage {
    if (!this.life.sends) return noMessage
    this.outgoing.open(type, options?.compress)
    return new MessageWriter(this.outgoing, () => this.life.sends)
  }

  /**
   * Sends what {@link prepareText} or {@link prepareBinary} has made, encoded once for all connections that send alike.
   * Compressed it is shared where our side takes no context over; elsewhere it goes as it is, or with `{ compress: true }`
   * compressed once more.
   */
  sendPrepared(message: PreparedMessage, options?: SendOptions): boolean {
    if (!this.life.sends) return false
    this.outgoing.checkFree()
    this.outgoing.addPrepared(message, options?.compress)
    return true
  }

  /**
   * Sends a whole message that an extension without a transform has encoded, as it is: the inverse of an `encoded` event.
   *
   * @param message Its `rsv` are all the bits of that extension, 0–7.
   * @throws TypeError for bits that no such extension has, and for a piece; otherwise as {@link Connection.sendText}.
   */
  sendEncoded(message: EncodedMessage): boolean {
    const { of, rsv, data, first = true, last = true } = message
    if (!(this.pipeline?.leavesAll(rsv) ?? false))
      throw new TypeError(`no extension that was agreed on leaves RSV bits ${rsv} to its user`)
    if (!first || !last) throw new TypeError('an encoded message is sent whole, not in pieces')
    checkMessage('binary', data, false)
    const opcode = opcodeOf(of)
    if (!this.life.sends) return false
    this.outgoing.checkFree()
    this.output.addFrames(toFirstByte(opcode, false, rsv), data, true)
    return true
  }

  /**
   * Sends a ping.
   *
   * @param data 125 bytes at most, a string as UTF-8; the peer's pong brings them back (RFC 6455 §5.5.2).
   * @param now When it goes, so that the pong tells the round trip.
   * @returns `false`: the connection no longer sends, and nothing was taken.
   * @throws RangeError for more than 125 bytes, and a time that is none.
   */
  ping(data: string | Uint8Array = '', now?: number): boolean {
    checkTime(now)
    const payload = this.toPayload(data)
    if (!this.life.sends) return false
    this.output.addFrame(FIN_BIT | Opcode.Ping, payload)
    if (now === undefined) return true
    this.times ??= new Times({ role: this.role }, this.settings.limits)
    this.times.pings.sent(payload, now)
    return true
  }

  /** Sends a pong, be it one that nobody asked for (RFC 6455 §5.5.3); otherwise as {@link Connection.ping}. */
  pong(data: string | Uint8Array = ''): boolean {
    const payload = this.toPayload(data)
    if (!this.life.sends) return false
    this.output.addFrame(FIN_BIT | Opcode.Pong, payload)
    return true
  }

  /**
   * Begins the end: a Close frame goes out behind all that waits. What still comes until the peer's Close is reported as before.
   *
   * @param code 1000–1003, 1007–1014 or 3000–4999; none: an empty Close.
   * @param reason At most 123 bytes of UTF-8.
   * @returns `false`: it has begun already.
   * @throws RangeError for a code that may not travel or a reason that is too long; `TypeError` for a reason alone.
   */
  close(code?: number, reason?: string): boolean {
    if (this.settings.refusesLone && reason !== undefined) requireWellFormed(reason)
    this.requireIdle()
    const closes = this.life.close(formatClosePayload(code, reason))
    if (closes) this.watchEnd(undefined)
    return closes
  }

  /**
   * What must be sent now, in one piece, and is yours, unless it is a prepared message, which is not to be written into;
   * `undefined`: nothing. The Close that answers the peer's, or a fault, goes in here, behind what has been sent since.
   */
  takeOutput(): Bytes | undefined {
    this.requireIdle()
    if (this.writer === undefined && this.life.owedClose === undefined) return undefined
    const output = this.output.take(this.life.owedClose)
    this.endTaking()
    return output
  }

  /**
   * The same without joining, for vectored writes: frames of 64 KiB and more are arrays of their own.
   *
   * @example
   * for (const part of connection.takeOutputParts()) socket.write(part)
   */
  takeOutputParts(): readonly Bytes[] {
    this.requireIdle()
    if (this.writer === undefined && this.life.owedClose === undefined) return []
    const parts = this.output.takeParts(this.life.owedClose)
    this.endTaking()
    return parts
  }

  /** Bytes that wait to be taken, a Close that is still owed left out. */
  get outputSize(): number {
    return this.writer?.output.size ?? 0
  }

  /** What is being sent, as plain data; `undefined`: nothing, `null`: it cannot go on elsewhere. */
  protected snapshotWriter(): OutgoingState | undefined | null {
    this.requireIdle()
    return this.writer === undefined ? undefined : (this.writer.snapshot() ?? null)
  }

  protected resumeWriter(state: OutgoingState): void {
    this.outgoing.resume(state)
  }

  /** Throws `TypeError` where an extension or `maskKeys` calls back. */
  protected requireIdle(): void {
    if (this.reading) throw new TypeError('an extension has called back into the connection that it works for')
    this.writer?.output.requireIdle()
  }

  protected get output(): Output {
    return this.outgoing.output
  }

  private get outgoing(): Outgoing {
    this.writer ??= this.settings.takeWriter(this.pipeline)
    return this.writer
  }

  private endTaking(): void {
    const { writer } = this
    if (writer !== undefined && this.settings.returnWriter(writer, this.pipeline)) this.writer = undefined
    this.life.closeTaken()
    if (this.life.over) this.pipeline?.close()
  }

  /** The end has begun, or has come. */
  protected watchEnd(now: number | undefined): void {
    this.times?.clock.startClosing(now)
    if (this.life.over) this.pipeline?.close()
  }

  private sendWhole(type: 'text' | 'binary', data: string | Uint8Array, options: SendOptions | undefined): boolean {
    checkMessage(type, data, this.settings.refusesLone)
    if (!this.life.sends) return false
    this.outgoing.checkFree()
    this.outgoing.addMessage(type, data, options?.compress)
    return true
  }

  private toPayload(data: string | Uint8Array): Uint8Array {
    this.requireIdle()
    if (this.settings.refusesLone && typeof data === 'string') requireWellFormed(data)
    const payload = typeof data === 'string' ? encodeUtf8(data) : data
    requireBytes(payload, 'what a ping or pong carries, where it is no string,')
    // "All control frames MUST have a payload length of 125 bytes or less"                             RFC 6455 §5.5
    if (payload.length > MAX_CONTROL_PAYLOAD)
      throw new RangeError(`a ping or pong carries at most ${MAX_CONTROL_PAYLOAD} bytes, not ${payload.length}`)
    return payload
  }
}
