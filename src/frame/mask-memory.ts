/**
 * Several views of one array's memory, each created once on first use: for unmasking many frames in one chunk. Keys are numbers.
 *
 * @module
 */

import { hasFastWords64 } from '../platform/engine.ts'
import type { Bytes } from '../types.ts'
import { turn, xorBytes } from './mask-bytes.ts'
import { WIDE_FROM, xorBy32, xorBy64 } from './mask-words.ts'

/** From this many bytes on, existing word views are faster than a byte loop. */
const WORDS_FROM = 32

/** The smallest array for which creating word views pays off. */
export const WORTH_FROM = 1024

/** The largest array: offsets are 32-bit. A multiple of eight. */
export const MAX_MEMORY: number = 2 ** 31

/** An array of at most {@link MAX_MEMORY} bytes, with byte and word views. */
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

  /** A view of `size` bytes from `start` on. Not `subarray`, which is slower on Node's Buffer. */
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
   * For at least 16 bytes: bytes up to a word boundary, then words, then the remaining bytes. The first word gives the key in the
   * machine's byte order: it is XORed byte by byte, and the difference is the key.
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

  /** The same with 64-bit words. */
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
