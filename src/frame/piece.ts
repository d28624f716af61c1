/**
 * What lies in a chunk of one frame's payload, and all that can be made of it: a view or a copy, unmasked, or a text. Knows
 * nothing of headers, or of where the next piece is.
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

/** The current piece; the cursor, who is one, says which. */
export abstract class Piece {
  protected chunk: Uint8Array = nothing
  /** In the chunk: where the current piece begins, and what is to be read next, which is where the piece ends. */
  protected start = 0
  protected position = 0
  /** Whether the current piece is still as the peer masked it. */
  protected masked = false
  protected key = 0
  /** Bytes of the current payload so far. */
  received = 0
  /** Of the chunk, if it is large, from the first piece on that wants it. */
  protected memory: Memory | undefined = undefined

  private readonly owns: boolean

  /** @param owns Whether chunks may be written to, and views of them handed out. */
  constructor(owns: boolean) {
    this.owns = owns
  }

  /** Bytes of the piece. */
  get pieceSize(): number {
    return this.position - this.start
  }

  /** The piece, unmasked: a copy, or a view of a chunk that is ours. */
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
   * The piece, unmasked, for a {@link Collector}: small ones it copies, and memory of a larger one is shared with nothing that anybody
   * else gets hold of.
   */
  payloadToKeep(): Bytes {
    const bytes = this.payload()
    return !this.owns || bytes.length < KEEP_FROM || this.fillsChunk ? bytes : new Uint8Array(bytes)
  }

  /** Whether no other payload lies in the memory of the chunk. */
  protected abstract get fillsChunk(): boolean

  /** Writes the piece, unmasked, into `target` from `offset` on. The chunk is only read. */
  copyPiece(target: Uint8Array, offset: number): void {
    const { chunk, start, position } = this
    const size = position - start
    if (this.masked) maskInto(chunk, start, target, offset, size, this.key, this.received - size)
    else target.set(size === chunk.length ? chunk : chunk.subarray(start, position), offset)
  }

  /** The piece as text, not judged; or judged, and then `undefined` for what is no UTF-8. */
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

  /** In place, once: only what is ours is ever asked for. */
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
