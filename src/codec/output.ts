/**
 * Output of unknown length, from a source that fills whatever array it is given: one array of the caller's own comes out, exactly
 * as long as it has to be. Stops as soon as there is more than allowed. Knows nothing of compression.
 *
 * @module
 */

import { Collector } from '../bytes/collector.ts'
import type { Bytes } from '../types.ts'

/**
 * The least and the most that is kept between calls for output to be written into. Small messages, of which there are most,
 * fit, and what a single byte can inflate to, which is 1032.
 */
const MIN_SCRATCH = 2048
const MAX_SCRATCH = 16_384

/** Something that writes: at most `size` bytes, to the start of `output`; fewer than `size` only where there is no more. */
export interface Source {
  fill(output: Bytes, size: number): number
}

/** Takes output from sources, one after the other. What it keeps between calls is one array of at most 16 KiB. */
export class Drain {
  /** Whether the last {@link take} stopped at `wanted` although there is more. */
  paused = false
  /** The byte that showed that there is more. It is the first of what is taken next. */
  private ahead = 0
  private scratch: Bytes | undefined = undefined

  /**
   * What `source` has to give, up to `wanted` bytes, or `undefined` as soon as more than `room` is wanted and there. Holds at most as
   * much and 16 KiB until it is known to fit; joining pieces takes as much once more.
   *
   * @param expected How much is likely to come: a guess, for the size of the first array.
   */
  take(source: Source, room: number, wanted: number, expected: number): Bytes | undefined {
    const first = this.reserve(expected)
    // One byte more than allowed is asked for, so that too much can be told from just enough.
    const most = Math.min(room, wanted)
    const size = Math.min(first.length, most + 1)
    const written = this.fillFirst(source, first, size)
    if (written > most) return room < wanted ? undefined : this.pause(first, most)
    if (written < size) return first.slice(0, written)
    this.scratch = undefined
    return this.takeMore(source, first, most, room < wanted)
  }

  /** Lets `source` give all that it has, and forgets it. */
  discard(source: Source): void {
    const scratch = this.reserve(MAX_SCRATCH)
    while (source.fill(scratch, scratch.length) === scratch.length);
  }

  /** Forgets what an earlier source had to give, and lets go of the array. */
  release(): void {
    this.paused = false
    this.scratch = undefined
  }

  private reserve(expected: number): Bytes {
    const wanted = Math.min(MAX_SCRATCH, Math.max(MIN_SCRATCH, expected))
    if (this.scratch === undefined || this.scratch.length < wanted) this.scratch = new Uint8Array(wanted)
    return this.scratch
  }

  /** The same as `source.fill`, behind the byte that was taken ahead. */
  private fillFirst(source: Source, first: Bytes, size: number): number {
    if (!this.paused) return source.fill(first, size)
    this.paused = false
    first[0] = this.ahead
    return size === 1 ? 1 : 1 + source.fill(first.subarray(1), size - 1)
  }

  /** @param bytes One byte more than is handed out. */
  private pause(bytes: Bytes, wanted: number): Bytes {
    this.paused = true
    this.ahead = bytes[wanted] as number
    return bytes.slice(0, wanted)
  }

  /** The rest, where `first` is full. @param limited Whether more than `most` is too much, or just not wanted yet. */
  private takeMore(source: Source, first: Bytes, most: number, limited: boolean): Bytes | undefined {
    const pieces = new Collector()
    pieces.keep(first)
    for (;;) {
      const piece = new Uint8Array(Math.min(MAX_SCRATCH, most - pieces.size + 1))
      const written = source.fill(piece, piece.length)
      if (pieces.size + written > most) {
        if (limited) return undefined
        const kept = this.pause(piece, written - 1)
        if (kept.length > 0) pieces.keep(kept)
        return pieces.join()
      }
      if (written > 0) pieces.keep(piece.subarray(0, written))
      if (written < piece.length) return pieces.join()
    }
  }
}
