/**
 * The part of one frame's payload in a chunk, as a view or a copy, unmasked, or as text. The cursor reads headers and finds the
 * pieces.
 *
 * @module
 */

import { KEEP_FROM } from '../bytes/collector.ts'
import { decodeShortAscii, SHORT_TEXT } from '../bytes/short-ascii.ts'
import { decodeStrictly, decodeText } from '../bytes/utf8.ts'
import { nothing } from '../bytes/view.ts'
import type { Bytes } from '../types.ts'
import { maskInPlace, maskInto } from './mask.ts'
import { turn } from './mask-bytes.ts'
import { MAX_MEMORY, Memory, WORTH_FROM } from './mask-memory.ts'

/** The current piece, which the cursor, a subclass, selects. */
export abstract class Piece {
  protected chunk: Uint8Array = nothing
  /** Offsets in the chunk: where the current piece begins, and where it ends, which is what is read next. */
  protected start = 0
  protected position = 0
  /** Whether the current piece is still masked. */
  protected masked = false
  protected key = 0
  /** Bytes of the current payload so far. */
  received = 0
  /** For a large chunk, created by the first piece that needs it. */
  protected memory: Memory | undefined = undefined

  private readonly owns: boolean

  /** @param owns Whether chunks may be written to, and returned as views. */
  constructor(owns: boolean) {
    this.owns = owns
  }

  /** Bytes of the piece. */
  get pieceSize(): number {
    return this.position - this.start
  }

  /** The piece, unmasked: a copy, or a view if we own the chunk. */
  payload(): Bytes {
    if (this.owns) {
      this.unmask()
      return this.view()
    }
    const copy = new Uint8Array(this.position - this.start)
    this.copyPiece(copy, 0)
    return copy
  }

  /**
   * The piece, unmasked, for a {@link Collector}, which copies small ones. A larger one shares no memory with other returned data.
   */
  payloadToKeep(): Bytes {
    const bytes = this.payload()
    return !this.owns || bytes.length < KEEP_FROM || this.fillsChunk ? bytes : new Uint8Array(bytes)
  }

  /** Whether the chunk's memory holds no other payload. */
  protected abstract get fillsChunk(): boolean

  /** Writes the piece, unmasked, into `target` from `offset` on. The chunk is only read. */
  copyPiece(target: Uint8Array, offset: number): void {
    const { chunk, start, position } = this
    const size = position - start
    if (this.masked) maskInto(chunk, start, target, offset, size, this.key, this.received - size)
    else target.set(size === chunk.length ? chunk : chunk.subarray(start, position), offset)
  }

  /** The piece as text; if `judged`, `undefined` for invalid UTF-8. */
  text(judged: boolean): string | undefined {
    const { chunk, start, position } = this
    const size = position - start
    if (size <= SHORT_TEXT) {
      const text = decodeShortAscii(chunk, start, position, this.masked ? turn(this.key, this.received - size) : 0)
      if (text !== undefined) return text
    }
    const bytes = this.masked ? this.payload() : this.view()
    return judged ? decodeStrictly(bytes, 0, size) : decodeText(bytes, 0, size)
  }

  /** Unmasks in place, once; only for chunks that we own. */
  private unmask(): void {
    if (!this.masked) return
    const { chunk, start, key } = this
    const size = this.position - start
    if (this.deservesMemory()) this.whole().xor(start, size, turn(key, this.received - size))
    else maskInPlace(chunk, start, size, key, this.received - size)
    this.masked = false
  }

  /** A view of the piece. */
  private view(): Bytes {
    const { chunk, start } = this
    const size = this.position - start
    if (this.deservesMemory()) return this.whole().view(start, size)
    return new Uint8Array(chunk.buffer, chunk.byteOffset + start, size) as Bytes
  }

  private deservesMemory(): boolean {
    return this.chunk.length >= WORTH_FROM && this.chunk.length <= MAX_MEMORY
  }

  private whole(): Memory {
    this.memory ??= new Memory(this.chunk)
    return this.memory
  }
}
