/**
 * Chunks that wait to be read, first come, first read. Knows nothing of what they hold; lets go of each that is taken.
 *
 * @module
 */

/** Places of chunks that were taken may stand empty until there are this many: moving the others costs, too. */
const MAX_EMPTY = 1024

/** Of any length; both calls take constant time on average. */
export class ChunkQueue {
  private chunks: (Uint8Array | undefined)[] = []
  private first = 0

  push(chunk: Uint8Array): void {
    this.chunks.push(chunk)
  }

  /** Replaces the chunk that came last by a copy. `false`: none waits. */
  copyLast(): boolean {
    const last = this.chunks.at(-1)
    if (last === undefined) return false
    this.chunks[this.chunks.length - 1] = new Uint8Array(last)
    return true
  }

  /** The chunks that wait, first come first. */
  list(): Uint8Array[] {
    return this.chunks.slice(this.first) as Uint8Array[]
  }

  /** The chunk that has waited longest; `undefined`: none waits. */
  take(): Uint8Array | undefined {
    const chunk = this.chunks[this.first]
    if (chunk === undefined) return undefined
    this.chunks[this.first++] = undefined
    // At half at the latest, so that each chunk is moved once on average.
    if (this.first === this.chunks.length || (this.first >= MAX_EMPTY && 2 * this.first >= this.chunks.length)) {
      this.chunks.splice(0, this.first)
      this.first = 0
    }
    return chunk
  }
}
