/**
 * Decodes chunks into frames: `push` a chunk, step with `next`, read the fields. The cursor reads and checks the headers; this
 * module returns frames whole or in pieces.
 *
 * If a whole frame is wanted and its payload is split across chunks, the part received so far is collected, unmasked: memory grows
 * with received bytes, never with an announced length.
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

/** The state of a decoder between two chunks, as plain data. */
export interface DecoderState {
  readonly cursor: CursorState
  /** The part received of a payload that is wanted whole, base64. */
  readonly collected?: string | undefined
}

/**
 * Decodes chunks into frames, as a cursor. Nothing is allocated for a frame until {@link payload} or {@link text} is called.
 *
 * Chunks are borrowed: they are read, never written (unless `ownsChunks`), and referenced until `next` has returned false. Memory:
 * at most twice the part of the current payload received; nothing is allocated for a length that was only announced.
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
  /** The payload so far of a frame that is wanted whole but came in pieces. */
  private collector: Collector | undefined = undefined
  /** The payload of the current frame, if it was collected. */
  private collected: Bytes | undefined = undefined

  /** @throws RangeError for an invalid limit or `rsv`; TypeError for other invalid or unknown options. */
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

  /** Bytes of the whole frame's payload, from its header. */
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

  /** Adds the next bytes of the stream, after any still unread. After `next` has thrown, they are ignored. */
  push(chunk: Uint8Array): void {
    this.cursor.push(chunk)
  }

  /**
   * Steps to the next frame, or with `pieces` to the next piece of one, and sets the fields. Control frames are always whole. A
   * piece has at least one byte, except the only piece of an empty frame: so every frame has a piece that is {@link first} and one
   * that is {@link last}.
   *
   * @returns `false`: everything pushed has been read.
   * @throws ProtocolError for a header that breaks a rule or a limit, as soon as the bytes that decide have arrived, and the same
   *   error on every later call: `reserved-bits`, `reserved-opcode`, `control-frame`, `continuation`, `unmasked`, `masked`,
   *   `close-payload` (a Close of one byte), `length` (close code 1002), `too-large` (1009). If several apply, the first wrong byte
   *   decides. `offset`: bytes of the stream before the frame. TypeError for a chunk whose memory has shrunk in the meantime.
   */
  next(): boolean {
    return this.advance(false)
  }

  /**
   * Like {@link next}, but also stops at the header of a data frame that ends the chunk, with {@link begins} true and an empty
   * piece: for callers that check messages by their headers.
   *
   * @internal
   */
  step(): boolean {
    return this.advance(true)
  }

  /**
   * Whether the frame's header has just been read: true once per frame.
   *
   * @internal
   */
  get begins(): boolean {
    return this.cursor.begins
  }

  /**
   * The payload of this piece, unmasked. A copy that is yours; with `ownsChunks` a view of the chunk if all of it lies there, and
   * the transport must not reuse that memory. For a payload that came in several chunks, every call returns the same array.
   */
  payload(): Bytes {
    return this.collected ?? this.cursor.payload()
  }

  /**
   * Like {@link payload}, for callers that keep it longer than the call that pushed the chunk, while other payloads are given away.
   *
   * @internal
   */
  payloadToKeep(): Bytes {
    return this.collected ?? this.cursor.payloadToKeep()
  }

  /** The payload of this piece as text. Not validated: invalid UTF-8 (a piece may end inside a character) becomes U+FFFD. */
  text(): string {
    const { collected } = this
    const text = collected === undefined ? this.cursor.text(false) : decodeText(collected, 0, collected.length)
    return text as string
  }

  /**
   * The payload of this piece as text, validated: `undefined` if it is not UTF-8 ({@link Utf8Validator} says where), or is longer
   * than a string may be. For single-frame texts, which are most; a piece of a longer one may end inside a character.
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
   * Whether everything up to the end of a message has been read, so that only the byte count remains.
   *
   * @internal
   */
  get atRest(): boolean {
    return this.collector === undefined && this.cursor.atRest
  }

  /**
   * The state as plain data; `undefined` after an error, and while chunks are unread that {@link keepUnread} has not kept.
   *
   * @internal
   */
  snapshot(): DecoderState | undefined {
    const cursor = this.cursor.snapshot()
    if (cursor === undefined) return undefined
    return { cursor, collected: this.collector && encodeBase64(this.collector.copyAll()) }
  }

  /**
   * Restores a snapshot.
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
   * Bytes of the stream before the last push: the base of error offsets.
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
   * With `pieces`: the most bytes in a piece of a data frame, at least 125. A longer frame comes in several pieces, even if all of
   * it lies in one chunk.
   *
   * @internal
   */
  set maxPiece(bytes: number) {
    this.cursor.maxPiece = bytes
  }

  /**
   * Whether anything that {@link keepUnread} kept is still unread.
   *
   * @internal
   */
  get hasUnread(): boolean {
    return this.cursor.hasUnread
  }

  /**
   * Stops before `next` has returned false: the current piece is no longer valid, and only the unread parts of chunks are kept; the
   * next call of `next` continues there.
   *
   * @param borrowed The chunk pushed last belongs to the caller: its unread part is copied.
   * @internal
   */
  keepUnread(borrowed: boolean): void {
    this.collected = undefined
    this.cursor.keepUnread(borrowed)
  }

  /**
   * Throws `TypeError` if the memory that was kept has been transferred.
   *
   * @internal
   */
  requireUnread(): void {
    this.cursor.requireUnread()
  }

  /** Collects the current piece of a payload that is wanted whole; returns whether it is complete. */
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
