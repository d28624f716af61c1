/**
 * Frames out of chunks: `push` a chunk, step with `next`, read the fields. Frames are handed out whole or in pieces here; the cursor
 * reads and judges them.
 *
 * Where a whole frame is asked for and a chunk has torn its payload, what has come is collected, unmasked: memory grows with
 * it and never with what was announced.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { Collector, KEEP_FROM } from '../bytes/collector.ts'
import { requireObject } from '../bytes/plain.ts'
import { decodeStrictly, decodeText } from '../bytes/utf8.ts'
import type { Bytes } from '../types.ts'
import { FrameCursor } from './cursor.ts'
import type { CursorState } from './cursor-state.ts'
import type { FrameDecoderOptions } from './decoder-options.ts'
import { FIRST_CONTROL } from './rules.ts'

/** Where a decoder stands between two chunks: plain data. */
export interface DecoderState {
  readonly cursor: CursorState
  /** What has come of a payload that is wanted whole, base64. */
  readonly collected?: string | undefined
}

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
  /** The payload so far of a frame that is wanted whole and came in pieces. */
  private collector: Collector | undefined = undefined
  /** The payload of the current frame, if it was collected. */
  private collected: Bytes | undefined = undefined

  /** @throws RangeError for a limit or an `rsv` that is none; TypeError for other options that are none, or are unknown. */
  constructor(options: FrameDecoderOptions) {
    this.cursor = new FrameCursor(options)
    this.pieces = options.pieces ?? false
  }

  /** Whether the message ends with this frame. */
  get fin(): boolean {
    return this.cursor.fin
  }

  /** RSV bits of the frame, 0–7. */
  get rsv(): number {
    return this.cursor.rsv
  }

  /** 0–15; see {@link Opcode}. */
  get opcode(): number {
    return this.cursor.opcode
  }

  /** Bytes of the whole frame's payload, as its header says. */
  get payloadLength(): number {
    return this.cursor.payloadLength
  }

  /** Whether this is the frame's first piece. Always true without `pieces`. */
  get first(): boolean {
    return this.collected !== undefined || this.cursor.received === this.cursor.pieceSize
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
   * come whole. A piece has a byte at least, but for the only piece of an empty frame: so every frame has a piece that is
   * {@link first} and one that is {@link last}.
   *
   * @returns `false`: all that was pushed has been read.
   * @throws ProtocolError for a header that breaks a rule or a limit, as soon as the bytes that decide are there, and the same
   *   error again ever after: `reserved-bits`, `reserved-opcode`, `control-frame`, `continuation`, `unmasked`, `masked`,
   *   `close-payload` (a Close of one byte), `length` (close code 1002), `too-large` (1009). Of several the first wrong byte
   *   decides. `offset`: bytes of the stream before the frame. TypeError for a chunk whose memory has shrunk in the meantime.
   */
  next(): boolean {
    return this.advance(false)
  }

  /**
   * As {@link next}, and it also stops at the header of a data frame that ends the chunk, which is then {@link begins} and an
   * empty piece: for those who judge messages by it.
   *
   * @internal
   */
  step(): boolean {
    return this.advance(true)
  }

  /**
   * Whether the frame's header has just been read: once a frame.
   *
   * @internal
   */
  get begins(): boolean {
    return this.cursor.begins
  }

  /**
   * The payload of this piece, unmasked. A copy, the caller's own; with `ownsChunks` a view of the chunk if all of it lay there,
   * which the transport must not use again. Asked twice for a payload that came in several chunks, it returns the same array.
   */
  payload(): Bytes {
    return this.collected ?? this.cursor.payload()
  }

  /**
   * As {@link payload}, for who keeps it behind the call that pushed the chunk, where others get hold of other payloads.
   *
   * @internal
   */
  payloadToKeep(): Bytes {
    return this.collected ?? this.cursor.payloadToKeep()
  }

  /** The payload of this piece as text. Not judged: what is no UTF-8 (a piece may end inside a character) becomes U+FFFD. */
  text(): string {
    const { collected } = this
    const text = collected === undefined ? this.cursor.text(false) : decodeText(collected, 0, collected.length)
    return text as string
  }

  /**
   * The payload of this piece as text, judged: `undefined` for what is no UTF-8 ({@link Utf8Validator} tells where), or longer
   * than a string may be. For texts of one frame, which are most; a piece of a longer one may end inside a character.
   *
   * @see RFC 6455 §8.1
   * @example
   * if (decoder.opcode === Opcode.Text && decoder.fin && decoder.first && decoder.last) console.log(decoder.validText())
   */
  validText(): string | undefined {
    const { collected } = this
    return collected === undefined ? this.cursor.text(true) : decodeStrictly(collected, 0, collected.length)
  }

  /**
   * Whether all has been read, up to the end of a message: nothing is known but how many bytes that were.
   *
   * @internal
   */
  get atRest(): boolean {
    return this.collector === undefined && this.cursor.atRest
  }

  /**
   * Where it stands, as plain data; `undefined` after a fault, and while chunks are unread that {@link keepUnread} has not kept.
   *
   * @internal
   */
  snapshot(): DecoderState | undefined {
    const cursor = this.cursor.snapshot()
    if (cursor === undefined) return undefined
    return { cursor, collected: this.collector && encodeBase64(this.collector.copyAll()) }
  }

  /**
   * Goes on from there.
   *
   * @internal
   */
  resume(state: DecoderState): void {
    const { cursor, collected } = requireObject(state)
    this.cursor.resume(cursor)
    if (collected === undefined) return
    this.collector = new Collector()
    this.collector.keep(decodeBase64(collected))
  }

  /**
   * Bytes of the stream before what was pushed last: where the offsets of faults are counted from.
   *
   * @internal
   */
  get base(): number {
    return this.cursor.base
  }

  /** @internal */
  set base(bytes: number) {
    this.cursor.base = bytes
  }

  private advance(atHeaders: boolean): boolean {
    this.collected = undefined
    const { cursor } = this
    while (cursor.next()) {
      if (cursor.begins && cursor.last) return true
      if (!this.pieces || cursor.opcode >= FIRST_CONTROL) {
        if (this.collect()) return true
      } else if (atHeaders || cursor.pieceSize > 0) return true
    }
    return false
  }

  /**
   * With `pieces`: bytes that a piece of a data frame has at most, 125 or more. A frame that is longer comes in several, also where
   * all of it lies in one chunk.
   *
   * @internal
   */
  set maxPiece(bytes: number) {
    this.cursor.maxPiece = bytes
  }

  /**
   * Whether {@link keepUnread} has kept something, and it has not been read since.
   *
   * @internal
   */
  get hasUnread(): boolean {
    return this.cursor.hasUnread
  }

  /**
   * Stops before `next` has returned false: the current piece is over, and chunks are no longer referred to, but for what is unread
   * of them; the next call of `next` goes on there.
   *
   * @param borrowed The chunk that was pushed last is the caller's: what is unread of it is copied.
   * @internal
   */
  keepUnread(borrowed: boolean): void {
    this.collected = undefined
    this.cursor.keepUnread(borrowed)
  }

  /**
   * Throws `TypeError` where the memory of what was kept has been transferred.
   *
   * @internal
   */
  requireUnread(): void {
    this.cursor.requireUnread()
  }

  /** Keeps the current piece of a payload that is wanted whole; returns whether it is whole now. */
  private collect(): boolean {
    const { cursor } = this
    // Its header ends the chunk.
    if (cursor.pieceSize === 0) return false
    this.collector ??= new Collector()
    const { collector } = this
    if (cursor.pieceSize >= KEEP_FROM) collector.keep(cursor.last ? cursor.payload() : cursor.payloadToKeep())
    else {
      const at = collector.reserve(cursor.pieceSize)
      cursor.copyPiece(collector.tail as Bytes, at)
    }
    if (!cursor.last) return false
    this.collected = collector.join()
    this.collector = undefined
    return true
  }
}
