/**
 * Frames out of chunks: `push` a chunk, step with `next`, read the fields. Knows who wants a frame whole and who takes it in
 * pieces; reading and judging are the cursor's.
 *
 * Where a whole frame is asked for and a chunk has torn its payload, what has come is kept, unmasked, in a buffer that grows
 * with it and never with what was announced.
 *
 * @module
 */

import { grow } from '../bytes/grow.ts'
import { decodeText } from '../bytes/utf8.ts'
import type { Bytes } from '../types.ts'
import { FrameCursor } from './cursor.ts'
import type { FrameDecoderOptions } from './decoder-options.ts'
import { FIRST_CONTROL } from './rules.ts'

/** What a gathered payload begins with, in bytes, if that much has been announced: one-byte chunks soon fill it. */
const FIRST_GATHER = 256

/**
 * Frames out of chunks: a cursor. Nothing is allocated for a frame until {@link payload} or {@link text} is asked for.
 *
 * Chunks are borrowed: they are read, never written (unless `ownsChunks`), and referred to until `next` has returned false.
 * Memory: what has come of the current payload, twice at most; nothing is allocated for a length that was only announced.
 *
 * @see RFC 6455 §5
 * @example
 * const decoder = new FrameDecoder({ role: 'server' })
 * decoder.push(chunk)
 * while (decoder.next()) if (decoder.opcode === Opcode.Text) console.log(decoder.text())
 */
export class FrameDecoder {
  private readonly cursor: FrameCursor
  private readonly pieces: boolean
  /** The payload so far of a frame that is wanted whole, and how much of it that is. */
  private held: Bytes | undefined = undefined
  private size = 0
  /** Whether the current frame is the one in `held`. */
  private gathered = false

  /** @throws RangeError for a limit or an `rsv` that is none. */
  constructor(options: FrameDecoderOptions) {
    this.cursor = new FrameCursor(options)
    this.pieces = options.pieces ?? false
  }

  get fin(): boolean {
    return this.cursor.fin
  }

  /** RSV bits of the frame, 0–7. */
  get rsv(): number {
    return this.cursor.rsv
  }

  get opcode(): number {
    return this.cursor.opcode
  }

  /** Bytes of the whole frame's payload, as its header says. */
  get payloadLength(): number {
    return this.cursor.payloadLength
  }

  /** Whether this is the frame's first piece. Always true without `pieces`. */
  get first(): boolean {
    return this.gathered || this.cursor.first
  }

  /** Whether this is the frame's last piece. Always true without `pieces`. */
  get last(): boolean {
    return this.cursor.last
  }

  /** Takes the next bytes of the stream, behind those that are still unread. After `next` has thrown, nothing is taken. */
  push(chunk: Uint8Array): void {
    this.cursor.push(chunk)
  }

  /**
   * Steps to the next frame, or with `pieces` to the next piece of one: the fields then tell what it is. Control frames always
   * come whole; a data frame whose header ends the chunk is announced by an empty first piece.
   *
   * @returns `false`: all that was pushed has been read.
   * @throws ProtocolError for a header that breaks a rule or a limit, before any of its payload is kept, and the same error
   *   again ever after: `reserved-bits`, `reserved-opcode`, `unmasked`, `masked`, `length`, `control-frame`, `continuation`
   *   (close code 1002), `too-large` (1009). `offset`: bytes of the stream before the frame.
   */
  next(): boolean {
    if (this.gathered) this.forget()
    const { cursor } = this
    while (cursor.next()) {
      if (cursor.first && cursor.last) return true
      if (this.pieces && cursor.opcode < FIRST_CONTROL) return true
      this.gather()
      if (cursor.last) return true
    }
    return false
  }

  /**
   * The payload of this piece, unmasked. A copy, the caller's own; with `ownsChunks` a view of the chunk, which the transport
   * must not use again. Asked twice for a payload that came in several chunks, it returns the same array.
   */
  payload(): Bytes {
    return this.gathered ? (this.held as Bytes) : this.cursor.payload()
  }

  /** The payload of this piece as text. Not judged: what is no UTF-8 (a piece may end inside a character) becomes U+FFFD. */
  text(): string {
    return this.gathered ? decodeText(this.held as Bytes, 0, this.size) : this.cursor.text()
  }

  /** Keeps the current piece of a payload that is wanted whole; doubles when full, never beyond what the payload will be. */
  private gather(): void {
    const { cursor, size } = this
    const needed = size + cursor.pieceSize
    if (this.held === undefined || this.held.length < needed)
      this.held = grow(this.held, size, Math.min(cursor.payloadLength, Math.max(2 * needed, FIRST_GATHER)))
    cursor.copyPiece(this.held, size)
    this.size = needed
    this.gathered = cursor.last
  }

  private forget(): void {
    this.held = undefined
    this.size = 0
    this.gathered = false
  }
}
