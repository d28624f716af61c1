/**
 * The sending half of a connection: messages, control frames and a Close in, bytes out. It checks what may be sent in each state.
 *
 * @module
 */

import { describeValue, requireRecord } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import type { Pipeline } from '../extensions/pipeline.ts'
import { formatClosePayload } from '../frame/close.ts'
import { requireWellFormed } from '../frame/encode.ts'
import { FIN_BIT, toFirstByte } from '../frame/header.ts'
import { MAX_CONTROL_PAYLOAD } from '../frame/rules.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'
import { checkTime } from './clock.ts'
import { Life } from './life.ts'
import { type EncodedMessage, type Message, readCompress, type SendOptions } from './options.ts'
import { type Outgoing, type OutgoingState, opcodeOf } from './outgoing.ts'
import { checkMessage, MessageWriter, noMessage, type OutgoingMessage } from './outgoing-message.ts'
import { calledBack, type Output } from './output.ts'
import { PreparedMessage } from './prepared.ts'
import type { Settings } from './settings.ts'
import { Times } from './times.ts'

/** The sending methods of every `Connection`. */
export abstract class Sending {
  protected readonly settings: Settings
  protected readonly pipeline: Pipeline | undefined
  protected readonly life: Life = new Life()
  protected times: Times | undefined
  /** While `receive` or `snapshot` runs: both call extensions. */
  protected reading = false
  /** Set only while it holds something. */
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
   * Sends a text message.
   *
   * @param text A string (a lone surrogate is sent as U+FFFD, or throws a TypeError, depending on `loneSurrogates`), or bytes,
   *   which must be valid UTF-8: they are not checked. Copied.
   * @returns `false`: the connection no longer sends, and nothing was queued. That is a race, not a mistake.
   * @throws TypeError while a message of `startMessage` or `send` is open. What an extension or `maskKeys` throws; with extensions,
   *   every later call throws the same, because their state has advanced.
   */
  sendText(text: string | Uint8Array, options?: SendOptions): boolean {
    return this.sendWhole('text', text, options)
  }

  /** Sends a binary message, copied; otherwise like {@link Connection.sendText}. */
  sendBinary(bytes: Uint8Array, options?: SendOptions): boolean {
    return this.sendWhole('binary', bytes, options)
  }

  /**
   * Sends a message or a piece of one: the inverse of `receive`, so that a relay can pass events on unchanged.
   *
   * @returns `false` as {@link Connection.sendText} does.
   * @throws TypeError for a first piece inside a message, a later piece outside one, or a piece of another type.
   */
  send(message: Message, options?: SendOptions): boolean {
    requireRecord(message, 'the message of `send`, such as `{ type, data }`,')
    const { type, data, first = true, last = true } = message
    if (first === true && last === true) return this.sendWhole(type, data, options)
    checkPlace('first', first)
    checkPlace('last', last)
    checkMessage(type, data, false)
    const compress = readCompress(options)
    this.requireIdle()
    if (!this.life.sends) return false
    if (first) this.outgoing.openWith(type, data, compress)
    else {
      this.outgoing.checkType(type)
      this.outgoing.addPiece(data, last)
    }
    return true
  }

  /**
   * Begins a message in pieces; its length need not be known. Throws as {@link Connection.sendText} does.
   *
   * @example
   * const message = connection.startMessage('text')
   * message.write('Hel')
   * message.end('lo')
   */
  startMessage(type: 'text' | 'binary', options?: SendOptions): OutgoingMessage {
    opcodeOf(type)
    const compress = readCompress(options)
    this.requireIdle()
    if (!this.life.sends) return noMessage
    this.outgoing.open(type, compress)
    return new MessageWriter(this.outgoing, () => {
      this.requireIdle()
      return this.life.sends
    })
  }

  /**
   * Sends the result of {@link prepareText} or {@link prepareBinary}, encoded once for all connections with the same encoding. The
   * compressed form is shared if our side uses no context takeover; otherwise the message is sent uncompressed, or with `{
   * compress: true }` compressed for this connection.
   */
  sendPrepared(message: PreparedMessage, options?: SendOptions): boolean {
    if (!(message instanceof PreparedMessage))
      throw new TypeError(
        `\`sendPrepared\` takes what \`prepareText\` or \`prepareBinary\` has made, not ${describeValue(message)}`,
      )
    const compress = readCompress(options)
    this.requireIdle()
    if (!this.life.sends) return false
    this.outgoing.checkFree()
    this.outgoing.addPrepared(message, compress)
    return true
  }

  /**
   * Sends a whole message encoded for an extension without a transform, unchanged: the inverse of an `encoded` event.
   *
   * @param message Its `rsv` is all the bits of that extension, 0–7.
   * @throws TypeError for bits that no such extension has, and for a piece; otherwise like {@link Connection.sendText}.
   */
  sendEncoded(message: EncodedMessage): boolean {
    requireRecord(message, 'the message of `sendEncoded`')
    const { of, rsv, data, first = true, last = true } = message
    if (!(this.pipeline?.leavesAll(rsv) ?? false))
      throw new TypeError(`no extension that was agreed on leaves RSV bits ${rsv} to its user`)
    if (!first || !last) throw new TypeError('an encoded message is sent whole, not in pieces')
    checkMessage('binary', data, false)
    const opcode = opcodeOf(of)
    this.requireIdle()
    if (!this.life.sends) return false
    this.outgoing.checkFree()
    this.output.addFrames(toFirstByte(opcode, false, rsv), data, true)
    return true
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
    checkTime(now)
    const payload = this.toPayload(data)
    if (!this.life.sends) return false
    this.output.addFrame(FIN_BIT | Opcode.Ping, payload)
    this.times?.flood.pingSent()
    if (now === undefined) return true
    this.times ??= new Times({ role: this.role }, this.settings.limits)
    this.times.pings.sent(payload, now)
    return true
  }

  /**
   * Sends a pong, even an unsolicited one (RFC 6455 §5.5.3), or one for a ping that arrives while our own Close waits: it is sent
   * before that Close. Otherwise like {@link Connection.ping}.
   */
  pong(data: string | Uint8Array = ''): boolean {
    const payload = this.toPayload(data)
    if (!this.life.sendsPongs) return false
    this.output.addFrame(FIN_BIT | Opcode.Pong, payload)
    return true
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
    if (this.settings.refusesLone && reason !== undefined) requireWellFormed(reason)
    this.requireIdle()
    const closes = this.life.close(formatClosePayload(code, reason))
    if (closes) this.watchEnd(undefined)
    return closes
  }

  /**
   * Everything to send now, in one array, which is yours; `undefined`: nothing. The Close that answers the peer's Close or error is
   * added here, after what has been sent since.
   */
  takeOutput(): Bytes | undefined {
    this.requireIdle()
    if (this.writer === undefined && this.life.owedClose === undefined) return undefined
    const output = this.output.take(this.life.owedClose)
    this.endTaking()
    return output
  }

  /**
   * The same without joining, for vectored writes: frames of 64 KiB and more get their own arrays. No two arrays share memory,
   * unless your `allocate` makes them.
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

  /** Bytes waiting to be taken, without a Close that has not been queued yet. */
  get outputSize(): number {
    return this.writer?.output.size ?? 0
  }

  /** Outgoing state as plain data; `undefined`: nothing; `null`: it cannot be moved. */
  protected snapshotWriter(): OutgoingState | undefined | null {
    return this.writer === undefined ? undefined : (this.writer.snapshot() ?? null)
  }

  protected resumeWriter(state: OutgoingState): void {
    this.outgoing.resume(state)
  }

  /** Throws `TypeError` if an extension, `maskKeys` or `allocate` calls back. */
  protected requireIdle(): void {
    if (this.reading || this.writer?.output.busy) throw calledBack()
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

  /** The close has begun or finished. */
  protected watchEnd(now: number | undefined): void {
    this.times?.clock.startClosing(now)
    if (this.life.over) this.pipeline?.close()
  }

  private sendWhole(type: 'text' | 'binary', data: string | Uint8Array, options: SendOptions | undefined): boolean {
    checkMessage(type, data, this.settings.refusesLone)
    const compress = readCompress(options)
    this.requireIdle()
    if (!this.life.sends) return false
    this.outgoing.checkFree()
    this.outgoing.addMessage(type, data, compress)
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

function checkPlace(name: 'first' | 'last', value: unknown): void {
  if (typeof value !== 'boolean') throw new TypeError(`\`${name}\` must be true or false, not ${describeValue(value)}`)
}
