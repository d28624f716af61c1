/**
 * Messages out of frames: fragments and pieces put together, texts judged as they arrive (RFC 6455 §5.4, §5.6, §8.1). Knows
 * the order of data frames and the limits on a message; nothing of headers, masks, control frames or connections.
 *
 * A message of one piece passes through as it is; what comes in several is collected, and let go of with the message.
 *
 * @module
 */

import { Collector, KEEP_FROM } from '../bytes/collector.ts'
import { decodeStrictly, decodeText, scanUtf8, UTF8_START } from '../bytes/utf8.ts'
import { requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import { type Limits, resolveLimits } from '../limits.ts'
import { Opcode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'

/** What must be known of a piece; a {@link FrameDecoder} that stands on one will do. */
export interface DataPiece {
  /** 0 continuation, 1 text, 2 binary. */
  readonly opcode: number
  readonly fin: boolean
  /** Bytes of the whole frame's payload. */
  readonly payloadLength: number
  /** Whether the frame begins, and ends, with this piece. */
  readonly first: boolean
  readonly last: boolean
}

/** The one field that users read and only we write. */
function name(message: { type: 'text' | 'binary' }, type: 'text' | 'binary'): void {
  message.type = type
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
  /** What the current message is, or the last one was. */
  readonly type: 'text' | 'binary' = 'binary'

  private readonly maxMessageSize: number
  private readonly maxFragments: number
  private open = false
  /** Bytes and frames of the message so far. */
  private size = 0
  private fragments = 0
  private utf8: number = UTF8_START
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
   * @throws RangeError for a limit that is none.
   */
  constructor(limits?: Limits, ownsPieces = false) {
    const resolved = resolveLimits(limits)
    this.maxMessageSize = resolved.maxMessageSize
    this.maxFragments = resolved.maxFragments
    this.ownsPieces = ownsPieces
  }

  /**
   * Takes the next piece.
   *
   * @param bytes Its payload, unmasked. Read only. The only piece of a message is kept until the message is taken; any other
   *   is copied, or with `ownsPieces` kept as well.
   * @returns `true`: with this piece a message is complete, to be taken with {@link bytes} or {@link text}.
   * @throws ProtocolError `too-large` (1009) once the header of a frame exceeds `maxMessageSize` (or the bytes themselves do,
   *   if an extension has inflated them), `too-many` (1009) past `maxFragments`, `utf8` (1007) at the first bad byte of a text,
   *   its `offset` counted from the start of the message, `continuation` (1002) for a frame out of order; and the same error
   *   again ever after. TypeError for a control frame.
   */
  push(piece: DataPiece, bytes: Uint8Array): boolean {
    requireBytes(bytes, 'a piece')
    if (this.error !== undefined) throw this.error
    try {
      return this.add(piece, bytes)
    } catch (error) {
      if (error instanceof ProtocolError) this.error = error
      throw error
    }
  }

  private add(piece: DataPiece, bytes: Uint8Array): boolean {
    if (piece.first) this.beginFrame(piece)
    const size = this.size + bytes.length
    if (size > this.maxMessageSize) throw tooLarge(size, this.maxMessageSize)
    const complete = piece.fin && piece.last
    const only = complete && this.size === 0
    if (this.type === 'text') {
      // In one go where nothing came before; what fails then is looked at again, for the place.
      if (only) this.string = decodeStrictly(bytes, 0, bytes.length)
      if (this.string === undefined) this.judge(bytes, complete)
    }
    if (only) this.whole = bytes
    else if (bytes.length > 0) this.keep(bytes)
    this.size = size
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
    if (this.open || whole === undefined) throw new TypeError('there is no message to take')
    this.whole = undefined
    this.string = undefined
    return whole
  }

  /** Judges the header of a frame: order, fragments, size. */
  private beginFrame({ opcode, payloadLength }: DataPiece): void {
    if (opcode > Opcode.Binary) throw new TypeError(`a data frame has opcode 0, 1 or 2; this one has ${opcode}`)
    if ((opcode === Opcode.Continuation) !== this.open) throw outOfOrder(this.open, opcode) // RFC 6455 §5.4
    if (!this.open) this.beginMessage(opcode)
    this.fragments++
    if (this.fragments > this.maxFragments) throw tooMany(this.maxFragments)
    if (this.size + payloadLength > this.maxMessageSize) throw tooLarge(this.size + payloadLength, this.maxMessageSize)
  }

  private beginMessage(opcode: number): void {
    name(this, opcode === Opcode.Text ? 'text' : 'binary')
    this.open = true
    this.size = 0
    this.fragments = 0
    this.utf8 = UTF8_START
    this.whole = undefined
    this.string = undefined
    this.collector = undefined
  }

  /** RFC 6455 §5.6: a frame may end inside a character, a message may not. */
  private judge(bytes: Uint8Array, complete: boolean): void {
    const next = scanUtf8(bytes, 0, bytes.length, this.utf8)
    if (next < 0) throw notUtf8(this.size + (-1 - next), 'that cannot stand there')
    if (complete && next !== UTF8_START) throw notUtf8(this.size + bytes.length, 'missing: it ends inside a character')
    this.utf8 = next
  }

  private keep(bytes: Uint8Array): void {
    this.collector ??= new Collector()
    if (bytes.length < KEEP_FROM) this.collector.copy(bytes)
    else this.collector.keep(this.ownsPieces ? bytes : new Uint8Array(bytes))
  }

  private complete(): void {
    this.open = false
    this.whole ??= this.collector?.join()
    this.collector = undefined
  }
}

function notUtf8(offset: number, what: string): ProtocolError {
  const message = `a text message that is not UTF-8: byte ${offset} is ${what}`
  return new ProtocolError('utf8', message, { reference: 'RFC 6455 §8.1', closeCode: 1007, offset })
}

function tooLarge(size: number, limit: number): ProtocolError {
  const message = `a message of at least ${size} bytes; limits.maxMessageSize is ${limit}`
  return new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
}

function tooLong(size: number, cause: unknown): ProtocolError {
  const message = `a text of ${size} bytes, which is more than a string can hold here`
  return new ProtocolError('too-large', message, { reference: 'RFC 6455 §10.4', closeCode: 1009, cause })
}

function tooMany(limit: number): ProtocolError {
  const message = `a message of more than ${limit} frames; limits.maxFragments is ${limit}`
  return new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
}

function outOfOrder(open: boolean, opcode: number): ProtocolError {
  const message = open
    ? `a new message (opcode ${opcode}) inside one that has not ended; a continuation was due`
    : 'a continuation frame, but no message has begun'
  return new ProtocolError('continuation', message, { reference: 'RFC 6455 §5.4', closeCode: 1002 })
}
