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
  private scratch: Bytes | undefined = undefined

  /**
   * All that `source` has to give, or `undefined` as soon as that is more than `room`. Holds at most `room` and 16 KiB until it is
   * known to fit; joining pieces takes as much once more.
   *
   * @param expected How much is likely to come: a guess, for the size of the first array.
   */
  take(source: Source, room: number, expected: number): Bytes | undefined {
    const first = this.reserve(expected)
    // One byte more than allowed is asked for, so that too much can be told from just enough.
    const size = Math.min(first.length, room + 1)
    const written = source.fill(first, size)
    if (written > room) return undefined
    if (written < size) return first.slice(0, written)
    this.scratch = undefined
    return takeMore(source, first, room)
  }

  /** Lets `source` give all that it has, and forgets it. */
  discard(source: Source): void {
    const scratch = this.reserve(MAX_SCRATCH)
    while (source.fill(scratch, scratch.length) === scratch.length);
  }

  /** Lets go of the array. */
  release(): void {
    this.scratch = undefined
  }

  private reserve(expected: number): Bytes {
    const wanted = Math.min(MAX_SCRATCH, Math.max(MIN_SCRATCH, expected))
    if (this.scratch === undefined || this.scratch.length < wanted) this.scratch = new Uint8Array(wanted)
    return this.scratch
  }
}

/** The rest, where `first` is full. */
function takeMore(source: Source, first: Bytes, room: number): Bytes | undefined {
  const pieces = new Collector()
  pieces.keep(first)
  for (;;) {
    const piece = new Uint8Array(MAX_SCRATCH)
    const size = Math.min(piece.length, room - pieces.size + 1)
    const written = source.fill(piece, size)
    if (pieces.size + written > room) return undefined
    if (written > 0) pieces.keep(piece.subarray(0, written))
    if (written < size) return pieces.join()
  }
}
