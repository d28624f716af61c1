/**
 * The bytes of a head, those of earlier chunks and those of the current one, as text where it is asked for.
 *
 * What earlier chunks held is kept as bytes: a string that is joined from pieces costs 32 bytes for each (V8), so that a head
 * of 60 KB which came byte by byte held 1.9 MB; this way it is 120 KB at most.
 *
 * @module
 */

import { grow } from '../bytes/grow.ts'
import { decodeLatin1 } from '../bytes/latin1.ts'
import { nothing } from '../bytes/view.ts'

/** Enough for most heads that are cut. */
const INITIAL_CAPACITY = 1024

/** The bytes so far; places in it are counted from the start of the head. */
export class Carry {
  private kept: Uint8Array | undefined
  private size = 0
  private chunk: Uint8Array = nothing
  /** Bytes of the chunk that are kept already. */
  private taken = 0

  /** Takes up the next chunk, which is borrowed until {@link keep}. */
  begin(chunk: Uint8Array): void {
    this.chunk = chunk
    this.taken = 0
  }

  /** Copies what has been read of the chunk and lets go of it. Linear over all calls: the room doubles. */
  keep(position: number): void {
    this.append(position)
    this.chunk = nothing
  }

  /** The text from `start` to `end`, which is not behind what has been read of the chunk. */
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
