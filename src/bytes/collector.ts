/**
 * Bytes that come in pieces, until all of them are there. Large pieces are kept as they are, small ones are copied together:
 * each small array would cost more than it holds. Knows nothing of what the bytes are.
 *
 * Memory: twice what has come at most, where it comes byte by byte no more than itself and 64 KiB; and the whole once more while
 * it is joined. Nothing is ever allocated for bytes that were only announced.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { grow } from './grow.ts'
import { join } from './join.ts'

/** Pieces from here on are worth keeping. An array costs some 100 bytes beside its own, and 100 ns. */
export const KEEP_FROM = 4096

/** What a buffer for small pieces begins with, and where it ends. */
const FIRST_TAIL = 256
const MAX_TAIL = 65_536

/** The bytes so far of one payload or message. */
export class Collector {
  /** Bytes so far. */
  size = 0
  /** Where small pieces are written; {@link reserve} says at which place. */
  tail: Bytes | undefined = undefined
  private used = 0
  private readonly kept: Uint8Array[] = []

  /** Keeps a piece: as it is, for nobody else may write into it; or a copy, where it would hold on to far more than itself. */
  keep(piece: Uint8Array): void {
    this.seal()
    this.kept.push(2 * piece.length < piece.buffer.byteLength ? new Uint8Array(piece) : piece)
    this.size += piece.length
  }

  /** Copies a piece of less than {@link KEEP_FROM} bytes. */
  copy(piece: Uint8Array): void {
    const at = this.reserve(piece.length)
    ;(this.tail as Bytes).set(piece, at)
  }

  /** Makes room for less than {@link KEEP_FROM} bytes; returns where in `tail` they are to be written. */
  reserve(size: number): number {
    if (this.used + size > MAX_TAIL) this.seal()
    const needed = this.used + size
    if (this.tail === undefined || this.tail.length < needed)
      this.tail = grow(this.tail, this.used, Math.min(MAX_TAIL, Math.max(2 * needed, FIRST_TAIL)))
    const at = this.used
    this.used = needed
    this.size += size
    return at
  }

  /** The same as {@link join}, all bytes staying here. */
  copyAll(): Bytes {
    const whole = this.join()
    this.tail = undefined
    this.used = 0
    this.kept.length = 0
    this.kept.push(whole)
    return whole
  }

  /** All bytes in one array: the only large piece itself, or one that is exactly as long as they are. */
  join(): Bytes {
    const { kept, tail, used } = this
    if (tail !== undefined && kept.length === 0) return used === tail.length ? tail : tail.slice(0, used)
    this.seal()
    return join(kept)
  }

  /** What small pieces have filled is a piece by itself. */
  private seal(): void {
    if (this.tail === undefined) return
    const { tail, used } = this
    // What was not filled is not kept, unless it is little.
    if (used > 0) this.kept.push(8 * used < 7 * tail.length ? tail.slice(0, used) : tail.subarray(0, used))
    this.tail = undefined
    this.used = 0
  }
}
