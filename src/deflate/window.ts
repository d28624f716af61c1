/**
 * The last bytes of a stream, which LZ77 references may point into (RFC 7692 §7.1.1). Each connection keeps them between messages.
 *
 * @module
 */

import { grow } from '../bytes/join.ts'
import { nothing } from '../bytes/view.ts'
import type { Bytes } from '../types.ts'

/** The initial buffer size, in bytes. Most connections never fill a window. */
const FIRST_SIZE = 256

/**
 * A sliding window. It uses as much memory as bytes were appended, but at most its size plus 1/32. Without spare space every small message
 * would move the whole window.
 */
export class SlidingWindow {
  #buffer: Bytes | undefined = undefined
  #length = 0
  readonly #size: number

  /** @param bits Its size, as a power of two. */
  constructor(bits: number) {
    this.#size = 2 ** bits
  }

  /** Returns the bytes of the window. A view, valid until the next `append`. */
  view(): Uint8Array {
    const length = this.#length
    return this.#buffer?.subarray(Math.max(0, length - this.#size), length) ?? nothing
  }

  /** Appends a copy of the bytes. */
  append(bytes: Uint8Array): void {
    const size = this.#size
    const added = bytes.length > size ? bytes.subarray(bytes.length - size) : bytes
    this.#reserve(added.length).set(added, this.#length)
    this.#length += added.length
  }

  /** Empties the window. */
  clear(): void {
    this.#buffer = undefined
    this.#length = 0
  }

  #reserve(added: number): Bytes {
    const size = this.#size
    const most = size + size / 32
    const needed = this.#length + added
    let buffer = this.#buffer
    if (buffer === undefined || (needed > buffer.length && buffer.length < most)) {
      buffer = grow(buffer, this.#length, Math.min(most, Math.max(needed, 2 * this.#length, FIRST_SIZE)))
      this.#buffer = buffer
    }
    if (needed > buffer.length) {
      const kept = size - added
      buffer.copyWithin(0, this.#length - kept, this.#length)
      this.#length = kept
    }
    return buffer
  }
}
