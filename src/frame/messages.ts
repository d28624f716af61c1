/**
 * Assembles frames, or pieces of frames, into messages, whole or piece by piece, and validates text as it arrives (RFC 6455 §5.4,
 * §5.6, §8.1). Payloads come from `decoder.ts`, unmasked; messages go to the application or to a connection.
 *
 * Text: for a message of one whole frame, a connection uses the decoder's `validText`, which validates the text. If that fails, and for
 * all other text, this module validates the text and finds the offset of the first bad byte.
 *
 * Order: the rule is in `rules.ts`. The decoder applies it to the headers it reads; this module applies it again, because frames may
 * come from a caller instead.
 *
 * @module
 */

import { describeValue, requireOptions, requireRecord, requireType, requireWhole } from '../arguments.ts'
import { errorIndex } from '../bytes/ascii.ts'
import { Collector } from '../bytes/collector.ts'
import { join } from '../bytes/join.ts'
import { checkUtf8, decodeStrictly, decodeText, UTF8_START } from '../bytes/utf8.ts'
import { nothing, requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import { type Limits, type ResolvedLimits, resolveLimits } from '../limits.ts'
import { type Native, nativeKinds } from '../native.ts'
import type { Bytes } from '../types.ts'
import { findMessageError, findOrderError, rfcError } from './rules.ts'

/**
 * The properties of a piece of a frame. A {@link FrameDecoder} has them for its current piece.
 *
 * @category Frames and messages
 */
export interface FramePiece {
  /** 0 continuation, 1 text, 2 binary. */
  readonly opcode: number
  /** Whether the message ends with this frame. */
  readonly fin: boolean
  /** Bytes of the whole frame's payload. */
  readonly payloadLength: number
  /** Whether the frame begins with this piece. */
  readonly first: boolean
  /** Whether the frame ends with this piece. */
  readonly last: boolean
}

/** The progress of the current message in a stream of pieces, without its bytes. */
export class MessageProgress {
  type: 'text' | 'binary' = 'binary'
  /** Whether a message has begun and not ended. */
  open = false
  /** Bytes of the message so far. */
  size = 0
  /** Bytes of the whole message if its last frame has begun; otherwise 0. Counted in compressed form if an extension has compressed it. */
  expected = 0
  /** Frames of the message so far. */
  fragments = 0
  /** The state of {@link checkUtf8} after a text so far. */
  utf8: number = UTF8_START
  readonly #limits: ResolvedLimits
  readonly #native: Native | undefined

  constructor(limits: ResolvedLimits, native: Native | undefined) {
    this.#limits = limits
    this.#native = native
  }

  /**
   * Begins a frame: checks the order, the number of fragments and the size by its header. Returns whether the frame begins a message.
   * Call it once for every data frame, however the frame is decoded.
   *
   * @throws ProtocolError `continuation` (1002), `too-many` and `too-large` (1009). TypeError for a control frame.
   */
  beginFrame({ opcode, fin, payloadLength }: FramePiece): boolean {
    if (opcode !== 0 && opcode !== 1 && opcode !== 2)
      throw new TypeError(`the opcode of a data frame must be 0, 1 or 2, not ${describeValue(opcode)}`)
    throwIf(findOrderError(opcode, this.open))
    const begins = !this.open
    if (begins) {
      this.type = opcode === 1 ? 'text' : 'binary'
      this.open = true
      this.size = 0
      this.fragments = 0
      this.utf8 = UTF8_START
    }
    this.fragments++
    this.expected = fin ? this.size + payloadLength : 0
    throwIf(findMessageError(this.fragments, this.size + payloadLength, this.#limits))
    return begins
  }

  /** Whether a message of one frame with `size` bytes is allowed now. Such a message leaves no state here. */
  acceptsWhole(size: number): boolean {
    return !this.open && size <= this.#limits.maxMessageSize && this.#limits.maxFragments > 0
  }

  /** Throws ProtocolError `too-large` (1009) if `more` bytes, which an extension may have inflated, exceed the limit. */
  readSize(more: number): void {
    throwIf(findMessageError(0, this.size + more, this.#limits))
  }

  /**
   * Validates the next bytes of a text. A frame may end inside a character, a message may not (RFC 6455 §5.6).
   *
   * @returns Whether a character is incomplete after them.
   * @throws ProtocolError `utf8` (1007), its `offset` counted from the start of the message.
   */
  readUtf8(bytes: Uint8Array, complete: boolean): boolean {
    const next = checkUtf8(bytes, this.utf8, this.#native)
    if (next < 0) throw notUtf8(this.size + errorIndex(next), 'invalid')
    if (complete && next !== UTF8_START) throw notUtf8(this.size + bytes.length, 'missing')
    this.utf8 = next
    return next !== UTF8_START
  }
}

function throwIf(error: ProtocolError | undefined): void {
  if (error !== undefined) throw error
}

function notUtf8(offset: number, what: string): ProtocolError {
  return rfcError('utf8', '8.1', `text that is not UTF-8: byte ${offset} is ${what}`, offset)
}

/**
 * Assembles messages from data frames, or from pieces of frames. It returns a message of one piece without a copy; it collects several
 * pieces, and releases them with the message.
 *
 * @see RFC 6455 §5.4
 * @example
 * while (decoder.next()) {
 *   if (decoder.opcode >= 8 || !assembler.push(decoder, decoder.payload())) continue
 *   console.log(assembler.type === 'text' ? assembler.text() : assembler.bytes())
 * }
 *
 * @category Frames and messages
 */
export class MessageAssembler {
  /**
   * Checks headers: call `beginFrame` once per frame, before {@link add} for its pieces.
   *
   * @internal
   */
  declare readonly progress: MessageProgress
  /**
   * The message so far, if it arrives in several pieces.
   *
   * @internal
   */
  collector: Collector | undefined = undefined
  /**
   * The first error. Nothing can be assembled after it.
   *
   * @internal
   */
  error: ProtocolError | undefined = undefined
  readonly #ownsPieces: boolean
  readonly #native: Native | undefined
  /** A whole message until it is taken; the piece itself if there was only one. */
  #whole: Uint8Array | undefined = undefined
  /** The same message as a string, if it was validated by decoding it. */
  #string: string | undefined = undefined

  /**
   * @param limits Only `maxMessageSize` (bytes) and `maxFragments` are used.
   * @param ownsPieces Whether pieces are given away, as pieces from a `FrameDecoder` are; large ones are then kept without a copy.
   *   Default: false, all pieces are copied except the only piece of a message.
   * @param native Only `decodeUtf8` and `isUtf8` are used. Default: none, JavaScript does the work.
   * @throws RangeError for an invalid limit; TypeError for an unknown one, or an invalid `ownsPieces` or `native`.
   */
  constructor(limits?: Limits, ownsPieces = false, native?: Native) {
    requireType(ownsPieces, 'boolean', '`ownsPieces`')
    if (native !== undefined) requireOptions(native, nativeKinds, '`native`', 'native.')
    this.progress = new MessageProgress(resolveLimits(limits), native)
    this.#ownsPieces = ownsPieces
    this.#native = native
  }

  /** The type of the current or the last message. */
  get type(): 'text' | 'binary' {
    return this.progress.type
  }

  /**
   * Adds the next piece.
   *
   * @param bytes The payload of the piece, unmasked. Not written to. The only piece of a message is kept until you take the message; any
   *   other piece is copied, or with `ownsPieces` kept.
   * @returns `true` if the piece completes a message: take it with {@link MessageAssembler.bytes} or {@link MessageAssembler.text}.
   * @throws ProtocolError, and the same error on every later call: `too-large` (close code 1009) as soon as the header of a frame exceeds
   *   `maxMessageSize`, or the bytes do if an extension has inflated them; `too-many` (1009) for more than `maxFragments` frames; `utf8`
   *   (1007) at the first bad byte of a text, with an `offset` from the start of the message; `continuation` (1002) for a frame out of
   *   order. TypeError for a control frame or an invalid piece.
   * @see RFC 6455 §5.4, §8.1
   */
  push(piece: FramePiece, bytes: Uint8Array): boolean {
    requirePiece(piece)
    requireBytes(bytes, '`bytes`')
    throwIf(this.error)
    try {
      if (piece.first && this.progress.beginFrame(piece)) this.#forget()
      return this.add(piece, bytes)
    } catch (error) {
      if (error instanceof ProtocolError) this.error = error
      throw error
    }
  }

  /**
   * Bytes of the current message so far, or of the last message.
   *
   * @internal
   */
  get size(): number {
    return this.progress.size
  }

  /**
   * Adds the next piece of a frame that {@link progress} has accepted. The previous message must have been taken.
   *
   * @internal
   */
  add(piece: FramePiece, bytes: Uint8Array): boolean {
    const { progress } = this
    progress.readSize(bytes.length)
    const complete = piece.fin && piece.last
    const only = complete && progress.size === 0
    if (progress.type === 'text') {
      // If this is the only piece, one step decodes and validates it. After a failure, a scan finds the position.
      if (only) this.#string = decodeStrictly(bytes, 0, bytes.length, this.#native)
      if (this.#string === undefined) progress.readUtf8(bytes, complete)
    }
    if (only) this.#whole = bytes
    else if (bytes.length > 0) this.keep(bytes)
    progress.size += bytes.length
    if (!complete) return false
    progress.open = false
    this.#whole ??= this.collector?.join()
    this.collector = undefined
    return true
  }

  /**
   * Takes the message as bytes, and releases it. A message of one piece is the array that was pushed; any other message is a new array.
   *
   * @throws TypeError if no message is complete, or the message has been taken.
   */
  bytes(): Bytes {
    const whole = this.#whole
    if (this.progress.open || whole === undefined) throw new TypeError('there is no message to take')
    this.#forget()
    return whole as Bytes
  }

  /**
   * Takes the message as a string, and releases it. A leading BOM stays in the text. The bytes of a binary message have not been
   * validated: invalid UTF-8 becomes U+FFFD.
   *
   * @throws TypeError if no message is complete, or the message has been taken; ProtocolError `too-large` (close code 1009) for a text
   *   longer than the engine's maximum string.
   */
  text(): string {
    const string = this.#string
    const bytes = this.bytes()
    if (string !== undefined) return string
    try {
      return decodeText(bytes, 0, bytes.length, this.#native)
    } catch (cause) {
      // Engines limit the length of strings (V8 to about 2^29 units), so a text within the limits may still be too long.
      const message = `text of ${bytes.length} bytes, too long for a string`
      throw new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009, cause })
    }
  }

  #forget(): void {
    this.#whole = undefined
    this.#string = undefined
    this.collector = undefined
  }

  /**
   * Whether the next piece, of `size` bytes, is copied rather than kept.
   *
   * @internal
   */
  copies(size: number): boolean {
    this.collector ??= new Collector()
    return this.collector.copies(size, this.progress.expected)
  }

  /** @internal */
  keep(bytes: Uint8Array): void {
    this.collector ??= new Collector()
    if (this.copies(bytes.length)) this.collector.copy(bytes)
    else this.collector.keep(this.#ownsPieces ? bytes : new Uint8Array(bytes))
  }
}

/** Throws unless the numbers and flags of a piece are valid. It checks only these, because it runs for every piece. */
function requirePiece(piece: FramePiece): void {
  if (typeof piece !== 'object' || piece === null) requireRecord(piece, 'a piece')
  const { fin, first, last, payloadLength } = piece
  if (typeof fin !== 'boolean' || typeof first !== 'boolean' || typeof last !== 'boolean')
    throw new TypeError('`fin`, `first` and `last` of a piece must be true or false')
  if (!(payloadLength >= 0)) requireWhole(payloadLength, '`payloadLength`')
}

/** A piece of a message. */
export interface MessagePiece {
  readonly type: 'text' | 'binary'
  /** A string contains whole characters. */
  readonly data: string | Bytes
  /** Whether the message begins with this piece. */
  readonly first: boolean
  readonly last: boolean
}

/** Returns the messages of one stream piece by piece. It keeps only the bytes of an incomplete character. */
export class MessagePieces {
  /** Checks headers: call `beginFrame` once per frame, before {@link add} for its pieces. */
  declare readonly progress: MessageProgress
  /** Whether none of the current message has been returned. */
  fresh = true
  /** The bytes of an incomplete character, at most three. */
  held: Uint8Array = nothing
  readonly #strings: boolean
  readonly #native: Native | undefined

  /** @param strings Whether text is returned as strings; otherwise as its bytes, validated. */
  constructor(limits: ResolvedLimits, strings: boolean, native?: Native) {
    this.progress = new MessageProgress(limits, native)
    this.#strings = strings
    this.#native = native
  }

  /** The number of bytes of an incomplete character. They are returned with the next piece. */
  get heldSize(): number {
    return this.held.length
  }

  /**
   * Adds the next piece of a frame that {@link progress} has accepted.
   *
   * @param bytes The payload of the piece, unmasked. It is returned without a copy, unless it is text to be returned as a string.
   * @returns The piece to return now; `undefined` if there is none yet.
   * @throws ProtocolError as `MessageAssembler` does.
   */
  add(piece: FramePiece, bytes: Bytes): MessagePiece | undefined {
    const { progress } = this
    progress.readSize(bytes.length)
    const last = piece.fin && piece.last
    const data = progress.type === 'text' ? this.#text(bytes, last) : bytes
    progress.size += bytes.length
    if (last) progress.open = false
    if (data.length === 0 && !last) return undefined
    const first = this.fresh
    this.fresh = last
    return { type: progress.type, data, first, last }
  }

  #text(bytes: Bytes, last: boolean): string | Bytes {
    const inside = this.progress.readUtf8(bytes, last)
    if (!this.#strings) return bytes
    const all = this.held.length === 0 ? bytes : join([this.held, bytes])
    let end = all.length
    // Where the last character begins.
    if (inside) while (((all[--end] as number) & 0xc0) === 0x80);
    this.held = end === all.length ? nothing : all.slice(end)
    return decodeText(all, 0, end, this.#native)
  }
}
