/**
 * Tracks and checks the current message: the order of its frames, its limits, and whether its text is UTF-8 so far (RFC 6455 §5.4,
 * §5.6, §8.1). Its bytes are kept elsewhere.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { requireFlag, requireInteger, requireOneOf } from '../bytes/plain.ts'
import { scanUtf8, UTF8_START } from '../bytes/utf8.ts'
import { ProtocolError } from '../errors.ts'
import type { ResolvedLimits } from '../limits.ts'
import { Opcode } from '../registry/websocket.ts'
import { frameError, orderFault } from './rules.ts'

/** The properties of a piece; a {@link FrameDecoder} positioned on one has them. */
export interface DataPiece {
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

/** The progress of a message, as plain data. */
export interface ProgressState {
  readonly type: 'text' | 'binary'
  readonly open: boolean
  readonly size: number
  readonly fragments: number
  readonly utf8: number
}

/** The current message of a stream of pieces. */
export class MessageProgress {
  type: 'text' | 'binary' = 'binary'
  /** Whether a message has begun and not ended. */
  open = false
  /** Bytes of the message so far. */
  size = 0
  private fragments = 0
  private utf8: number = UTF8_START
  private readonly maxMessageSize: number
  private readonly maxFragments: number

  constructor(limits: ResolvedLimits) {
    this.maxMessageSize = limits.maxMessageSize
    this.maxFragments = limits.maxFragments
  }

  /**
   * Checks the header of a frame: order, fragments, size. Returns whether it begins a message. Call it once for every data frame,
   * however it is decoded.
   *
   * @throws ProtocolError `continuation` (1002), `too-many` and `too-large` (1009). TypeError for a control frame.
   */
  beginFrame({ opcode, payloadLength }: DataPiece): boolean {
    if (opcode !== 0 && opcode !== 1 && opcode !== 2)
      throw new TypeError(`a data frame has opcode 0, 1 or 2, not ${describeValue(opcode)}`)
    const misplaced = orderFault(opcode, this.open)
    if (misplaced !== 0) throw frameError(misplaced, { opcode })
    const begins = !this.open
    if (begins) this.beginMessage(opcode)
    this.fragments++
    if (this.fragments > this.maxFragments) throw tooMany(this.maxFragments)
    this.checkSize(payloadLength)
    return begins
  }

  /** Whether a message of one frame with `size` bytes is allowed now. It begins and ends at once and leaves no state here. */
  acceptsWhole(size: number): boolean {
    return !this.open && size <= this.maxMessageSize && this.maxFragments > 0
  }

  /** Throws ProtocolError `too-large` (1009) if `more` bytes exceed the limit. */
  checkSize(more: number): void {
    if (this.size + more > this.maxMessageSize) throw tooLarge(this.size + more, this.maxMessageSize)
  }

  /**
   * Validates the next bytes of a text; RFC 6455 §5.6: a frame may end inside a character, a message may not.
   *
   * @returns Whether a character is incomplete after them.
   * @throws ProtocolError `utf8` (1007), its `offset` counted from the start of the message.
   */
  judge(bytes: Uint8Array, complete: boolean): boolean {
    const next = scanUtf8(bytes, 0, bytes.length, this.utf8)
    if (next < 0) throw notUtf8(this.size + (-1 - next), 'one that cannot stand there')
    if (complete && next !== UTF8_START) throw notUtf8(this.size + bytes.length, 'missing: it ends inside a character')
    this.utf8 = next
    return next !== UTF8_START
  }

  /** The state as plain data. */
  snapshot(): ProgressState {
    const { type, open, size, fragments, utf8 } = this
    return { type, open, size, fragments, utf8 }
  }

  resume({ type, open, size, fragments, utf8 }: ProgressState): void {
    this.type = requireOneOf(type, ['text', 'binary'])
    this.open = requireFlag(open)
    this.size = requireInteger(size, 0, Number.MAX_SAFE_INTEGER)
    this.fragments = requireInteger(fragments, 0, Number.MAX_SAFE_INTEGER)
    this.utf8 = requireInteger(utf8, 0, 2 ** 31 - 1)
  }

  private beginMessage(opcode: number): void {
    this.type = opcode === Opcode.Text ? 'text' : 'binary'
    this.open = true
    this.size = 0
    this.fragments = 0
    this.utf8 = UTF8_START
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

function tooMany(limit: number): ProtocolError {
  const message = `a message of more than ${limit} frames; limits.maxFragments is ${limit}`
  return new ProtocolError('too-many', message, { reference: 'RFC 6455 §10.4', closeCode: 1009 })
}
