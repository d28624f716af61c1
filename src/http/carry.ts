/**
 * Holds the bytes of a head across chunks for `HeadReader`, and decodes ranges of them to text.
 *
 * Earlier chunks are kept as bytes: a string joined from pieces costs extra memory for each piece, many times the head's size
 * if it arrives byte by byte.
 *
 * @module
 */

import { grow } from '../bytes/grow.ts'
import { decodeLatin1 } from '../bytes/latin1.ts'
import { nothing } from '../bytes/view.ts'

/** In bytes; enough for most heads that are split across chunks. */
const INITIAL_CAPACITY = 1024

/** The bytes so far; positions count from the start of the head. */
export class Carry {
  private kept: Uint8Array | undefined
  private size = 0
  private chunk: Uint8Array = nothing
  /** Bytes of the chunk already kept. */
  private taken = 0

  /** Sets the next chunk, which is borrowed until {@link keep}. */
  begin(chunk: Uint8Array): void {
    this.chunk = chunk
    this.taken = 0
  }

  /** Copies what was read of the chunk and releases it. Linear over all calls: the capacity doubles. */
  keep(position: number): void {
    this.append(position)
    this.chunk = nothing
  }

  /** The text from `start` to `end`, which must lie within what has been read. */
  text(start: number, end: number): string {
    if (this.size === 0) return decodeLatin1(this.chunk, start, end)
    this.append(end - this.size + this.taken)
    return decodeLatin1(this.kept as Uint8Array, start, end)
  }

  private append(position: number): void {
    const size = this.size + position - this.taken
    if (position <= this.taken) return
    if (this.kept === undefined || this.kept.length < size)
      this.kept = grow(this.kept, this.size, Math.max(INITIAL_CAPACITY, 2 * size))
    this.kept.set(this.chunk.subarray(this.taken, position), this.size)
    this.size = size
    this.taken = position
  }
}
