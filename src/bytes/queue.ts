/**
 * A first-in, first-out queue of received chunks that wait to be parsed.
 *
 * @module
 */

/** How many slots of taken chunks may stay empty: moving the others costs time, too. */
const MAX_EMPTY = 1024

/** Unbounded; `push` and `take` run in constant time on average. */
export class ChunkQueue {
  private chunks: (Uint8Array | undefined)[] = []
  private first = 0

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk)
  }

  /** Replaces the newest chunk by a copy. `false`: the queue is empty. */
  copyLast(): boolean {
    const last = this.chunks.at(-1)
    if (last === undefined) return false
    this.chunks[this.chunks.length - 1] = new Uint8Array(last)
    return true
  }

  /** The waiting chunks, oldest first. */
  list(): Uint8Array[] {
    return this.chunks.slice(this.first) as Uint8Array[]
  }

  /** Removes the oldest chunk; `undefined`: the queue is empty. */
  take(): Uint8Array | undefined {
    const chunk = this.chunks[this.first]
    if (chunk === undefined) return undefined
    this.chunks[this.first++] = undefined
    // Compacting at half keeps the cost constant on average.
    if (this.first === this.chunks.length || (this.first >= MAX_EMPTY && 2 * this.first >= this.chunks.length)) {
      this.chunks.splice(0, this.first)
      this.first = 0
    }
    return chunk
  }
}
