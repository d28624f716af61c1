/**
 * Collects output of unknown length from a compressor or decompressor into one array of exact length, which the caller owns. Stops as soon
 * as the output exceeds the limit.
 *
 * @module
 */

import { Collector } from '../bytes/collector.ts'
import type { Bytes } from '../types.ts'

/**
 * Minimum and maximum size of the scratch array kept between calls. It fits small messages, which are the most frequent, and the
 * 1032 bytes that a single byte can inflate to.
 */
const MIN_SCRATCH = 2048
const MAX_SCRATCH = 16_384

/** Writes at most `size` bytes to the start of `output`; fewer only if there are no more. */
export interface Source {
  fill(output: Bytes, size: number): number
}

/** Collects output from one source after another. Keeps one array of at most 16 KiB between calls. */
export class Drain {
  /** Whether the last {@link take} stopped at `wanted` with more to come. */
  paused = false
  /** The byte that showed that there is more output: the first byte of the next call. */
  #ahead = 0
  #scratch: Bytes | undefined = undefined

  /**
   * Returns the output of `source`, up to `wanted` bytes, or `undefined` as soon as it exceeds `remaining` and more is wanted. Until the output
   * is known to fit, uses at most that much memory plus 16 KiB; joining the pieces takes the same amount again.
   *
   * @param expected The likely size. Only a guess, which determines the size of the first array.
   */
  take(source: Source, remaining: number, wanted: number, expected: number): Bytes | undefined {
    const first = this.#reserve(expected)
    // Request one byte more than allowed, to detect an excess.
    const most = Math.min(remaining, wanted)
    const size = Math.min(first.length, most + 1)
    const written = this.#fillFirst(source, first, size)
    if (written > most) return remaining < wanted ? undefined : this.#pause(first, most)
    if (written < size) return first.slice(0, written)
    this.#scratch = undefined
    return this.#takeMore(source, first, most, remaining < wanted)
  }

  /** Reads all output of `source` and drops it. */
  discard(source: Source): void {
    const scratch = this.#reserve(MAX_SCRATCH)
    while (source.fill(scratch, scratch.length) === scratch.length);
  }

  /** Drops the remaining output of an earlier source, and frees the array. */
  release(): void {
    this.paused = false
    this.#scratch = undefined
  }

  #reserve(expected: number): Bytes {
    const wanted = Math.min(MAX_SCRATCH, Math.max(MIN_SCRATCH, expected))
    if (this.#scratch === undefined || this.#scratch.length < wanted) this.#scratch = new Uint8Array(wanted)
    return this.#scratch
  }

  /** Does the same as `source.fill`, but begins with the byte read ahead. */
  #fillFirst(source: Source, first: Bytes, size: number): number {
    if (!this.paused) return source.fill(first, size)
    this.paused = false
    first[0] = this.#ahead
    return size === 1 ? 1 : 1 + source.fill(first.subarray(1), size - 1)
  }

  /** @param bytes One byte more than is returned. */
  #pause(bytes: Bytes, wanted: number): Bytes {
    this.paused = true
    this.#ahead = bytes[wanted] as number
    return bytes.slice(0, wanted)
  }

  /** Returns the rest after `first` is full. @param limited Whether more than `most` is too much, or just not wanted yet. */
  #takeMore(source: Source, first: Bytes, most: number, limited: boolean): Bytes | undefined {
    const pieces = new Collector()
    pieces.keep(first)
    for (;;) {
      const piece = new Uint8Array(Math.min(MAX_SCRATCH, most - pieces.size + 1))
      const written = source.fill(piece, piece.length)
      if (pieces.size + written > most) {
        if (limited) return undefined
        const kept = this.#pause(piece, written - 1)
        if (kept.length > 0) pieces.keep(kept)
        return pieces.join()
      }
      if (written > 0) pieces.keep(piece.subarray(0, written))
      if (written < piece.length) return pieces.join()
    }
  }
}
