/**
 * Assembles frames and pieces into messages, and validates text as it arrives (RFC 6455 §5.4, §5.6, §8.1). A message of one piece
 * is passed on as it is; several pieces are collected, and released with the message.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { Collector, KEEP_FROM } from '../bytes/collector.ts'
import { requireObject } from '../bytes/plain.ts'
import { decodeStrictly, decodeText } from '../bytes/utf8.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import { type Limits, resolveLimits } from '../limits.ts'
import type { Bytes } from '../types.ts'
import { requireBoolean, requireWhole } from './checks.ts'
import { type DataPiece, MessageProgress, type ProgressState } from './message-progress.ts'

/** The state of a message, as plain data. */
export interface MessageState {
  readonly progress: ProgressState
  /** Its bytes so far, or those not yet returned, base64. */
  readonly bytes: string
}

/**
 * Assembles messages from data frames, or from pieces of them.
 *
 * @see RFC 6455 §5.4
 * @example
 * while (decoder.next()) {
 *   if (decoder.opcode >= 8 || !assembler.push(decoder, decoder.payload())) continue
 *   console.log(assembler.type === 'text' ? assembler.text() : assembler.bytes())
 * }
 */
export class MessageAssembler {
  /**
   * Checks headers: call `beginFrame` once per frame, before {@link add} for its pieces.
   *
   * @internal
   */
  readonly progress: MessageProgress
  private readonly ownsPieces: boolean
  /** The message so far, if it comes in several pieces. */
  private collector: Collector | undefined = undefined
  /** A whole message until it is taken; if there was only one piece, that piece. */
  private whole: Uint8Array | undefined = undefined
  /** The same as a string, if it was validated by decoding it. */
  private string: string | undefined = undefined
  /** The first error: nothing can be assembled after it. */
  private error: ProtocolError | undefined = undefined

  /**
   * @param limits Only `maxMessageSize` (bytes) and `maxFragments` are used.
   * @param ownsPieces Pieces are given away, as those from a `FrameDecoder` are: large ones are kept without a copy. Default:
   *   false, all but the only piece of a message are copied.
   * @throws RangeError for an invalid limit; TypeError for an unknown one, or an invalid `ownsPieces`.
   */
  constructor(limits?: Limits, ownsPieces = false) {
    requireBoolean(ownsPieces, 'ownsPieces')
    this.progress = new MessageProgress(resolveLimits(limits))
    this.ownsPieces = ownsPieces
  }

  /** The type of the current message, or of the last one. */
  get type(): 'text' | 'binary' {
    return this.progress.type
  }

  /**
   * Takes the next piece.
   *
   * @param bytes Its payload, unmasked. Read only. The only piece of a message is kept until the message is taken; any other is
   *   copied, or with `ownsPieces` kept as well.
   * @returns `true`: this piece completes a message; take it with {@link MessageAssembler.bytes} or {@link MessageAssembler.text}.
   * @throws ProtocolError `too-large` (1009) once the header of a frame exceeds `maxMessageSize` (or the bytes themselves do, if an
   *   extension has inflated them), `too-many` (1009) past `maxFragments`, `utf8` (1007) at the first bad byte of a text, its
   *   `offset` counted from the start of the message, `continuation` (1002) for a frame out of order; and the same error on every
   *   later call. TypeError for a control frame, or an invalid piece.
   */
  push(piece: DataPiece, bytes: Uint8Array): boolean {
    requirePiece(piece)
    requireBytes(bytes, 'the payload of a piece')
    if (this.error !== undefined) throw this.error
    try {
      if (piece.first && this.progress.beginFrame(piece)) this.forget()
      return this.add(piece, bytes)
    } catch (error) {
      if (error instanceof ProtocolError) this.error = error
      throw error
    }
  }

  /**
   * Bytes of the current message so far, or of the last one.
   *
   * @internal
   */
  get size(): number {
    return this.progress.size
  }

  /**
   * The state as plain data; `undefined` after an error.
   *
   * @internal
   */
  snapshot(): MessageState | undefined {
    if (this.error !== undefined) return undefined
    return { progress: this.progress.snapshot(), bytes: encodeBase64(this.collector?.copyAll() ?? nothing) }
  }

  /**
   * Restores a snapshot.
   *
   * @internal
   */
  resume(state: MessageState): void {
    const { progress, bytes } = requireObject(state)
    this.progress.resume(requireObject(progress))
    const before = decodeBase64(bytes)
    if (before.length > 0) this.keep(before)
  }

  /**
   * Takes the next piece of a frame that {@link progress} has accepted. The message before it must have been taken.
   *
   * @internal
   */
  add(piece: DataPiece, bytes: Uint8Array): boolean {
    const { progress } = this
    progress.checkSize(bytes.length)
    const complete = piece.fin && piece.last
    const only = complete && progress.size === 0
    if (progress.type === 'text') {
      // In one step if nothing came before; a failure is scanned again for its position.
      if (only) this.string = decodeStrictly(bytes, 0, bytes.length)
      if (this.string === undefined) progress.judge(bytes, complete)
    }
    if (only) this.whole = bytes
    else if (bytes.length > 0) this.keep(bytes)
    progress.size += bytes.length
    if (complete) this.complete()
    return complete
  }

  /**
   * Takes the message as bytes; nothing of it is kept here. The only piece of a message is the same array that was pushed; any
   * other message is a new array.
   *
   * @throws TypeError if no message is complete, or it has been taken.
   */
  bytes(): Bytes {
    return this.take() as Bytes
  }

  /**
   * Takes the message as a string; nothing of it is kept here. A leading BOM stays in the text. The bytes of a binary message have
   * not been validated: invalid UTF-8 becomes U+FFFD.
   *
   * @throws TypeError if no message is complete, or it has been taken; ProtocolError `too-large` (1009) for a text longer than the
   *   engine's maximum string.
   */
  text(): string {
    const { string } = this
    const bytes = this.take()
    if (string !== undefined) return string
    try {
      return decodeText(bytes, 0, bytes.length)
    } catch (cause) {
      // Engines limit string length, to about 2^29 units in V8: a text within the limits may still be too long.
      throw tooLong(bytes.length, cause)
    }
  }

  private take(): Uint8Array {
    const { whole } = this
    if (this.progress.open || whole === undefined) throw new TypeError('there is no message to take')
    this.whole = undefined
    this.string = undefined
    return whole
  }

  private forget(): void {
    this.whole = undefined
    this.string = undefined
    this.collector = undefined
  }

  private keep(bytes: Uint8Array): void {
    this.collector ??= new Collector()
    if (bytes.length < KEEP_FROM) this.collector.copy(bytes)
    else this.collector.keep(this.ownsPieces ? bytes : new Uint8Array(bytes))
  }

  private complete(): void {
    this.progress.open = false
    this.whole ??= this.collector?.join()
    this.collector = undefined
  }
}

/** Numbers and flags only: this runs for every piece. */
function requirePiece(piece: DataPiece): void {
  if (typeof piece !== 'object' || piece === null) requireRecord(piece, 'a piece')
  const { fin, first, last, payloadLength } = piece
  if (typeof fin !== 'boolean' || typeof first !== 'boolean' || typeof last !== 'boolean')
    throw new TypeError('`fin`, `first` and `last` of a piece must be true or false')
  if (!(payloadLength >= 0)) requireWhole(payloadLength, '`payloadLength` of a piece', Number.MAX_SAFE_INTEGER)
}

function tooLong(size: number, cause: unknown): ProtocolError {
  const message = `a text of ${size} bytes, which is more than a string can hold here`
  return new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009, cause })
}
