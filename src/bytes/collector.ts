/**
 * Collects the chunks of a payload or message until it is complete. Large chunks are kept as they are; small ones are copied
 * together, because a small array costs more than its contents. If the length of all is known, one array of that length takes them
 * once half of it has arrived.
 *
 * Memory: at most twice the bytes received, or they plus 64 KiB, and as much again while joining. Nothing is allocated for bytes
 * that were only announced.
 *
 * @module
 */

import type { Native } from '../native.ts'
import type { Bytes } from '../types.ts'
import { grow, join, joinInto, newArray } from './join.ts'

/** Chunks of at least this size are kept: the overhead of an array is then small. */
export const KEEP_FROM = 4096

/** Initial and maximum size of a buffer for small chunks. */
const FIRST_TAIL = 256
const MAX_TAIL = 65_536

/** The bytes received of one payload or message. */
export class Collector {
  /** Bytes received. */
  size = 0
  /** Buffer for small chunks, or for all; {@link reserve} returns the offset in it. */
  tail: Bytes | undefined = undefined
  private used = 0
  /** Whether `tail` is the array for all bytes announced. */
  private whole = false
  private readonly kept: Uint8Array[] = []
  private readonly native: Native | undefined

  constructor(native?: Native) {
    this.native = native
  }

  /**
   * Whether to {@link reserve} or {@link copy} the next `size` bytes, rather than {@link keep} them.
   *
   * @param total Bytes announced in all, those received included; 0: not known. It may turn out wrong.
   */
  copies(size: number, total: number): boolean {
    const after = this.size + size
    if (!this.whole && after <= total && total <= Math.max(2 * after, FIRST_TAIL)) this.takeWhole(total)
    return this.whole ? after <= (this.tail as Bytes).length : size < KEEP_FROM
  }

  private takeWhole(total: number): void {
    const whole = newArray(total, this.native)
    if (this.size > 0) {
      this.seal()
      joinInto(whole, this.kept)
      this.kept.length = 0
    }
    this.tail = whole
    this.used = this.size
    this.whole = true
  }

  /** Keeps a chunk without a copy, so the caller must not write to it; copies it if it would keep a far larger buffer alive. */
  keep(chunk: Uint8Array): void {
    this.seal()
    this.kept.push(2 * chunk.length < chunk.buffer.byteLength ? new Uint8Array(chunk) : chunk)
    this.size += chunk.length
  }

  /** Copies a chunk for which {@link copies} is true, or of fewer than {@link KEEP_FROM} bytes. */
  copy(chunk: Uint8Array): void {
    const at = this.reserve(chunk.length)
    ;(this.tail as Bytes).set(chunk, at)
  }

  /** The same, to be written by the caller at the offset in `tail` that is returned. */
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

  /** As {@link join}, but keeps the bytes here as well. */
  copyAll(): Bytes {
    const whole = this.join()
    this.tail = undefined
    this.used = 0
    this.whole = false
    this.kept.length = 0
    this.kept.push(whole)
    return whole
  }

  /** All bytes in one array of exact length; a single large chunk is returned as it is. */
  join(): Bytes {
    const { kept, tail, used } = this
    if (tail !== undefined && kept.length === 0) return used === tail.length ? tail : tail.slice(0, used)
    this.seal()
    return kept.length === 1 ? join(kept) : joinInto(newArray(this.size, this.native), kept)
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
