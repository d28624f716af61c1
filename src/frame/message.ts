/**
 * Messages out of frames: fragments and pieces put together, texts judged as they arrive (RFC 6455 §5.4, §5.6, §8.1).
 *
 * A message of one piece passes through as it is; what comes in several is collected, and let go of with the message.
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

/** Where a message stands: plain data. */
export interface MessageState {
  readonly progress: ProgressState
  /** Its bytes so far, or those that have not been handed out, base64. */
  readonly bytes: string
}

/**
 * Messages out of data frames, or out of pieces of them.
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
   * Judges headers: each passes its `beginFrame` once, before the pieces of its frame are {@link add}ed.
   *
   * @internal
   */
  readonly progress: MessageProgress
  private readonly ownsPieces: boolean
  /** The message so far, where it comes in several pieces. */
  private collector: Collector | undefined = undefined
  /** A whole message until it is taken; the only piece itself, if there was one only. */
  private whole: Uint8Array | undefined = undefined
  /** The same as a string, if it was judged by decoding it. */
  private string: string | undefined = undefined
  /** What was wrong: nothing can be put together behind it. */
  private error: ProtocolError | undefined = undefined

  /**
   * @param limits `maxMessageSize` (bytes) and `maxFragments` are read.
   * @param ownsPieces The pieces are given away, as those are that a `FrameDecoder` hands out: large ones are kept as they are.
   *   Default: false, all but the only piece of a message are copied.
   * @throws RangeError for a limit that is none; TypeError for an unknown one, or another `ownsPieces`.
   */
  constructor(limits?: Limits, ownsPieces = false) {
    requireBoolean(ownsPieces, 'ownsPieces')
    this.progress = new MessageProgress(resolveLimits(limits))
    this.ownsPieces = ownsPieces
  }

  /** What the current message is, or the last one was. */
  get type(): 'text' | 'binary' {
    return this.progress.type
  }

  /**
   * Takes the next piece.
   *
   * @param bytes Its payload, unmasked. Read only. The only piece of a message is kept until the message is taken; any other
   *   is copied, or with `ownsPieces` kept as well.
   * @returns `true`: with this piece a message is complete, to be taken with {@link MessageAssembler.bytes} or {@link
   *   MessageAssembler.text}.
   * @throws ProtocolError `too-large` (1009) once the header of a frame exceeds `maxMessageSize` (or the bytes themselves do,
   *   if an extension has inflated them), `too-many` (1009) past `maxFragments`, `utf8` (1007) at the first bad byte of a text,
   *   its `offset` counted from the start of the message, `continuation` (1002) for a frame out of order; and the same error
   *   again ever after. TypeError for a control frame, or for what is no piece.
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
   * Where it stands, as plain data; `undefined` after a fault.
   *
   * @internal
   */
  snapshot(): MessageState | undefined {
    if (this.error !== undefined) return undefined
    return { progress: this.progress.snapshot(), bytes: encodeBase64(this.collector?.copyAll() ?? nothing) }
  }

  /**
   * Goes on from there.
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
   * Takes the next piece of a frame that {@link progress} has judged. The message before it has been taken.
   *
   * @internal
   */
  add(piece: DataPiece, bytes: Uint8Array): boolean {
    const { progress } = this
    progress.checkSize(bytes.length)
    const complete = piece.fin && piece.last
    const only = complete && progress.size === 0
    if (progress.type === 'text') {
      // In one go where nothing came before; what fails then is looked at again, for the place.
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
   * The message as bytes. Takes it: nothing of it stays here. The only piece of a message is the very array that was pushed;
   * any other message is the caller's own array.
   *
   * @throws TypeError if no message is complete, or it has been taken.
   */
  bytes(): Bytes {
    return this.take() as Bytes
  }

  /**
   * The message as a string. Takes it: nothing of it stays here. A leading BOM stays in the text. A binary message's bytes
   * have not been judged: what is no UTF-8 becomes U+FFFD.
   *
   * @throws TypeError if no message is complete, or it has been taken; ProtocolError `too-large` (1009) for a text that is
   *   longer than the engine's strings may be.
   */
  text(): string {
    const { string } = this
    const bytes = this.take()
    if (string !== undefined) return string
    try {
      return decodeText(bytes, 0, bytes.length)
    } catch (cause) {
      // Engines bound the length of a string, at about 2^29 units in V8: not every text that limits allow is one.
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

/** In numbers and flags only: this is done for every piece. */
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
