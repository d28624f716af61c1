/**
 * The last bytes of a stream, which LZ77 references may reach into (RFC 7692 §7.1.1); kept by each connection between messages.
 *
 * @module
 */

import { grow } from '../bytes/grow.ts'
import { nothing } from '../bytes/view.ts'
import type { Bytes } from '../types.ts'

/** Initial buffer size. Most connections never fill a window. */
const FIRST_SIZE = 256

/**
 * A sliding window. Memory: the bytes appended, at most its size plus 1/32: without spare space every small message would move all
 * of it.
 */
export class SlidingWindow {
  private buffer: Bytes | undefined = undefined
  private length = 0
  private readonly size: number

  /** @param bits Its size, as a power of two. */
  constructor(bits: number) {
    this.size = 2 ** bits
  }

  /** Its bytes. A view, valid until the next `append`. */
  view(): Uint8Array {
    const { buffer, length, size } = this
    if (buffer === undefined || length === 0) return nothing
    return buffer.subarray(Math.max(0, length - size), length)
  }

  /** Appends bytes. Copied. */
  append(bytes: Uint8Array): void {
    const { size } = this
    const added = bytes.length > size ? bytes.subarray(bytes.length - size) : bytes
    const buffer = this.makeRoom(added.length)
    buffer.set(added, this.length)
    this.length += added.length
  }

  /** Empties it. */
  clear(): void {
    this.buffer = undefined
    this.length = 0
  }

  private makeRoom(added: number): Bytes {
    const most = this.size + this.size / 32
    const needed = this.length + added
    if (this.buffer === undefined || (needed > this.buffer.length && this.buffer.length < most))
      this.buffer = grow(this.buffer, this.length, Math.min(most, Math.max(needed, 2 * this.length, FIRST_SIZE)))
    if (needed > this.buffer.length) {
      const kept = this.size - added
      this.buffer.copyWithin(0, this.length - kept, this.length)
      this.length = kept
    }
    return this.buffer
  }
}
