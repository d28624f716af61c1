/**
 * Collects the chunks of a payload or message until it is complete. Large chunks are kept without a copy; small ones are copied into
 * one array, because a small array costs more than its contents. If the total length is known, one array of that length replaces them
 * once half of the bytes have arrived.
 *
 * Memory: at most twice the bytes received, or the bytes received plus 64 KiB, and the same again while joining. Bytes that were only
 * announced allocate nothing.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { grow, join, joinInto } from './join.ts'

/** Chunks of at least this many bytes are kept without a copy: the overhead of an array is then small. */
export const KEEP_FROM = 4096

/** Initial and maximum size of a buffer for small chunks, in bytes. */
const FIRST_TAIL = 256
const MAX_TAIL = 65_536

/** Collects the bytes of one payload or message. */
export class Collector {
  /** Bytes received. */
  size = 0
  /** Buffer for small chunks, or for all bytes; {@link reserve} returns an offset in it. */
  tail: Bytes | undefined = undefined
  private used = 0
  /** Whether `tail` is the array for all bytes announced. */
  private whole = false
  private readonly kept: Uint8Array[] = []

  /**
   * Whether to {@link reserve} or {@link copy} the next `size` bytes; otherwise {@link keep} them.
   *
   * @param total Bytes announced in total, including those received; 0 if unknown. It may turn out to be wrong.
   */
  copies(size: number, total: number): boolean {
    const after = this.size + size
    if (!this.whole && after <= total && total <= Math.max(2 * after, FIRST_TAIL)) this.takeWhole(total)
    return this.whole ? after <= (this.tail as Bytes).length : size < KEEP_FROM
  }

  private takeWhole(total: number): void {
    const whole = new Uint8Array(total)
    if (this.size > 0) {
      this.seal()
      joinInto(whole, this.kept)
      this.kept.length = 0
    }
    this.tail = whole
    this.used = this.size
    this.whole = true
  }

  /**
   * Keeps a chunk without a copy, so the caller must not write to it. Copies it if it would keep a far larger buffer from being
   * released.
   */
  keep(chunk: Uint8Array): void {
    this.seal()
    this.kept.push(2 * chunk.length < chunk.buffer.byteLength ? new Uint8Array(chunk) : chunk)
    this.size += chunk.length
  }

  /** Copies a chunk. {@link copies} must be true for it, or it must have fewer than {@link KEEP_FROM} bytes. */
  copy(chunk: Uint8Array): void {
    const at = this.reserve(chunk.length)
    ;(this.tail as Bytes).set(chunk, at)
  }

  /** As {@link copy}, but the caller writes the bytes, at the returned offset in `tail`. */
  reserve(size: number): number {
    if (this.used + size > (this.whole ? (this.tail as Bytes).length : MAX_TAIL)) this.seal()
    const needed = this.used + size
    if (this.tail === undefined || this.tail.length < needed)
      this.tail = grow(this.tail, this.used, Math.min(MAX_TAIL, Math.max(2 * needed, FIRST_TAIL)))
    const at = this.used
    this.used = needed
    this.size += size
    return at
  }

  /** As {@link join}, but also keeps the bytes here. */
  copyAll(): Bytes {
    const whole = this.join()
    this.tail = undefined
    this.used = 0
    this.whole = false
    this.kept.length = 0
    this.kept.push(whole)
    return whole
  }

  /** Returns all bytes in one array of exact length; a single large chunk is returned without a copy. */
  join(): Bytes {
    const { kept, tail, used } = this
    if (tail !== undefined && kept.length === 0) return used === tail.length ? tail : tail.slice(0, used)
    this.seal()
    return join(kept)
  }

  /** Turns the filled part of the buffer into a chunk. */
  private seal(): void {
    if (this.tail === undefined) return
    const { tail, used } = this
    // Drop the unfilled part, unless it is small.
    if (used > 0) this.kept.push(8 * used < 7 * tail.length ? tail.slice(0, used) : tail.subarray(0, used))
    this.tail = undefined
    this.used = 0
    this.whole = false
  }
}
