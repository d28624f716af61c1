/**
 * One array, and the other ways to look at the same memory, each made once, when it is first wanted: for many frames that lie in
 * one chunk. Knows keys as numbers, and nothing of frames.
 *
 * @module
 */

import { hasFastWords64 } from '../platform/engine.ts'
import type { Bytes } from '../types.ts'
import { turn, xorBytes } from './mask-bytes.ts'
import { WIDE_FROM, xorBy32, xorBy64 } from './mask-words.ts'

/**
 * Bytes from which words pay that are at hand. By bytes and by words in ns, Node 20: 20 bytes take 33 and 31, 32 take 44 and 34, 64
 * take 81 and 41, 125 take 132 and 48.
 */
const WORDS_FROM = 32

/** The least array that is worth a memory for the frames in it: to make its words takes some 45 ns (Node 20). */
export const WORTH_FROM = 1024

/** The most that a memory takes: places in it are counted in 32 bits. A multiple of eight. */
export const MAX_MEMORY: number = 2 ** 31

/** An array of {@link MAX_MEMORY} bytes at most, seen as bytes and as words. */
export class Memory {
  private readonly bytes: Uint8Array
  private readonly buffer: ArrayBufferLike
  private readonly byteOffset: number
  private by32: Int32Array | undefined = undefined
  private by64: BigUint64Array | undefined = undefined

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.buffer = bytes.buffer
    this.byteOffset = bytes.byteOffset
  }

  /** A view of `size` bytes from `start` on. Not `subarray`: on Node's Buffer that takes twice as long. */
  view(start: number, size: number): Bytes {
    return new Uint8Array(this.buffer, this.byteOffset + start, size) as Bytes
  }

  /** XORs `length` bytes from `start` on, the fastest way. */
  xor(start: number, length: number, key: number): void {
    if (length < WORDS_FROM) xorBytes(this.bytes, start, this.bytes, start, length, key)
    else if (length < WIDE_FROM || !hasFastWords64()) this.xor32(start, length, key)
    else this.xor64(start, length, key)
  }

  /**
   * At least 16 bytes: up to a word's border by bytes, then words, then the tail by bytes. What the key is as a word, in the
   * machine's byte order, is found out by the first word: it is XORed byte by byte, and what that did to it is the key.
   */
  xor32(start: number, length: number, key: number): void {
    const { bytes, byteOffset } = this
    const base = -byteOffset & 3
    this.by32 ??= new Int32Array(this.buffer, byteOffset + base, (bytes.length - base) >>> 2)
    const words = this.by32
    const before = (base - start) & 3
    const turned = turn(key, before)
    xorBytes(bytes, start, bytes, start, before, key)
    const first = (start + before - base) >>> 2
    const last = (start + length - base) >>> 2
    const plain = words[first] as number
    xorBytes(bytes, start + before, bytes, start + before, 4, turned)
    xorBy32(words, first + 1, last, plain ^ (words[first] as number))
    const done = base + last * 4
    xorBytes(bytes, done, bytes, done, start + length - done, turned)
  }

  /** The same by words of 64 bits. */
  xor64(start: number, length: number, key: number): void {
    const { bytes, byteOffset } = this
    const base = -byteOffset & 7
    this.by64 ??= new BigUint64Array(this.buffer, byteOffset + base, (bytes.length - base) >>> 3)
    const words = this.by64
    const before = (base - start) & 7
    const turned = turn(key, before)
    xorBytes(bytes, start, bytes, start, before, key)
    const first = (start + before - base) >>> 3
    const last = (start + length - base) >>> 3
    const plain = words[first] as bigint
    xorBytes(bytes, start + before, bytes, start + before, 8, turned)
    xorBy64(words, first + 1, last, plain ^ (words[first] as bigint))
    const done = base + last * 8
    xorBytes(bytes, done, bytes, done, start + length - done, turned)
  }
}
