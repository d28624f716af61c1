/**
 * The beginning of a text that a chunk has cut, until the rest has come. Kept as bytes: a string that is joined from pieces
 * costs 32 bytes for each (V8), so that a head of 60 KB which came byte by byte held 1.9 MB; this way it is 120 KB at most.
 *
 * @module
 */

import { decodeLatin1 } from '../bytes/latin1.ts'

/** Enough for most names and values that are cut. */
const INITIAL_CAPACITY = 64

/** Bytes on their way to becoming one text. Copies what it keeps. */
export class Carry {
  private bytes: Uint8Array | undefined
  private size = 0

  /** Keeps the bytes of `chunk` from `start` to `end` behind what is there. Linear over all calls: the room doubles. */
  append(chunk: Uint8Array, start: number, end: number): void {
    const size = this.size + end - start
    if (this.bytes === undefined || this.bytes.length < size) this.grow(size)
    this.bytes?.set(chunk.subarray(start, end), this.size)
    this.size = size
  }

  /** The text of what is kept and of the bytes from `start` to `end` behind it. Nothing is kept any more. */
  take(chunk: Uint8Array, start: number, end: number): string {
    if (this.size === 0) return decodeLatin1(chunk, start, end)
    this.append(chunk, start, end)
    const text = decodeLatin1(this.bytes as Uint8Array, 0, this.size)
    this.size = 0
    return text
  }

  private grow(size: number): void {
    const larger = new Uint8Array(Math.max(INITIAL_CAPACITY, 2 * size))
    if (this.bytes !== undefined) larger.set(this.bytes.subarray(0, this.size))
    this.bytes = larger
  }
}
