/**
 * XOR with a mask key: byte by byte, by words of 32 and 64 bits, and through a scratch buffer. `mask.ts` chooses between them by
 * size. Keys are numbers whose highest octet comes first; words are in the machine's byte order.
 *
 * @module
 */

import { hasFastWords64 } from '../platform/engine.ts'
import { encodeUtf8Into } from '../platform/text.ts'
import type { Bytes } from '../types.ts'
import { turnKey } from './header.ts'

// The sizes, in bytes, from which on a way is faster than the one before it (measured: bench/mask.mjs, frames.mjs, encode.mjs).

/** For word views that exist already. */
const WORDS_FROM = 32
/** For 64-bit words over 32-bit ones, except in engines with slow BigInt arrays. */
const WIDE_FROM = 256
/** For word views made for one payload, including the cost of making them. */
export const NEW_WORDS_FROM = 128
/** A chunk for which word views are made and kept. */
export const VIEWS_FROM = 1024
/** For the scratch buffer, for bytes and for a text. It takes {@link SCRATCH_SIZE}: the cost of its two copies grows with size. */
export const SCRATCH_FROM = 72
export const TEXT_SCRATCH_FROM = 40
export const SCRATCH_SIZE = 2048
/** The largest array that {@link Words} takes: offsets are 32-bit. A multiple of eight. */
export const MAX_VIEWED: number = 2 ** 31

/** XORs `length` bytes of `source` into `target`; both may be the same array, at the same offset. */
export function xorBytes(
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  to: number,
  length: number,
  key: number,
): void {
  const a = key >> 24
  const b = key >> 16
  const c = key >> 8
  const end = start + (length & ~3)
  let from = start
  let at = to
  for (; from < end; from += 4, at += 4) {
    target[at] = (source[from] as number) ^ a
    target[at + 1] = (source[from + 1] as number) ^ b
    target[at + 2] = (source[from + 2] as number) ^ c
    target[at + 3] = (source[from + 3] as number) ^ key
  }
  const left = length & 3
  if (left > 0) target[at] = (source[from] as number) ^ a
  if (left > 1) target[at + 1] = (source[from + 1] as number) ^ b
  if (left > 2) target[at + 2] = (source[from + 2] as number) ^ c
}

/** An array of at most {@link MAX_VIEWED} bytes with word views, each made on first use: for many payloads in one chunk. */
export class Words {
  readonly #bytes: Uint8Array
  readonly #buffer: ArrayBufferLike
  readonly #byteOffset: number
  #by32: Int32Array | undefined = undefined
  #by64: BigUint64Array | undefined = undefined

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#buffer = bytes.buffer
    this.#byteOffset = bytes.byteOffset
  }

  /** A view of `size` bytes from `start` on. Not `subarray`, which is slower on Node's Buffer. */
  view(start: number, size: number): Bytes {
    return new Uint8Array(this.#buffer, this.#byteOffset + start, size) as Bytes
  }

  /** XORs `length` bytes from `start` on, the fastest way. */
  xor(start: number, length: number, key: number): void {
    if (length < WORDS_FROM) xorBytes(this.#bytes, start, this.#bytes, start, length, key)
    else if (length < WIDE_FROM || !hasFastWords64()) this.xor32(start, length, key)
    else this.xor64(start, length, key)
  }

  /**
   * For at least 16 bytes: bytes up to a word boundary, then words, then the remaining bytes. The first word gives the key in the
   * machine's byte order: it is XORed byte by byte, and the difference is the key.
   */
  xor32(start: number, length: number, key: number): void {
    const bytes = this.#bytes
    const byteOffset = this.#byteOffset
    const base = -byteOffset & 3
    this.#by32 ??= new Int32Array(this.#buffer, byteOffset + base, (bytes.length - base) >>> 2)
    const words = this.#by32
    const before = (base - start) & 3
    const turned = turnKey(key, before)
    xorBytes(bytes, start, bytes, start, before, key)
    const first = (start + before - base) >>> 2
    const last = (start + length - base) >>> 2
    const plain = words[first] as number
    xorBytes(bytes, start + before, bytes, start + before, 4, turned)
    xorBy32(words, first + 1, last, plain ^ (words[first] as number))
    const done = base + last * 4
    xorBytes(bytes, done, bytes, done, start + length - done, turned)
  }

  /** The same with 64-bit words. One method for both widths would be too large to be inlined, and slower. */
  xor64(start: number, length: number, key: number): void {
    const bytes = this.#bytes
    const byteOffset = this.#byteOffset
    const base = -byteOffset & 7
    this.#by64 ??= new BigUint64Array(this.#buffer, byteOffset + base, (bytes.length - base) >>> 3)
    const words = this.#by64
    const before = (base - start) & 7
    const turned = turnKey(key, before)
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

/** Indices of words. An index that cannot overflow takes V8 one check less for each word. */
const INDEX_BITS = 2 ** 29 - 1

/** XORs the words from `from` to `to`. Unrolled by 16, which is faster than by 8 or fewer. */
function xorBy32(words: Int32Array, from: number, to: number, key: number): void {
  let i = from & INDEX_BITS
  for (; i + 16 <= to; i += 16) {
    ;(words[i] as number) ^= key
    ;(words[i + 1] as number) ^= key
    ;(words[i + 2] as number) ^= key
    ;(words[i + 3] as number) ^= key
    ;(words[i + 4] as number) ^= key
    ;(words[i + 5] as number) ^= key
    ;(words[i + 6] as number) ^= key
    ;(words[i + 7] as number) ^= key
    ;(words[i + 8] as number) ^= key
    ;(words[i + 9] as number) ^= key
    ;(words[i + 10] as number) ^= key
    ;(words[i + 11] as number) ^= key
    ;(words[i + 12] as number) ^= key
    ;(words[i + 13] as number) ^= key
    ;(words[i + 14] as number) ^= key
    ;(words[i + 15] as number) ^= key
  }
  for (; i + 4 <= to; i += 4) {
    ;(words[i] as number) ^= key
    ;(words[i + 1] as number) ^= key
    ;(words[i + 2] as number) ^= key
    ;(words[i + 3] as number) ^= key
  }
  for (; i < to; i++) (words[i] as number) ^= key
}

/** The same with 64-bit words. Unrolled by 32, where the gain levels off; a helper function per word would be slower. */
function xorBy64(words: BigUint64Array, from: number, to: number, key: bigint): void {
  let i = from & INDEX_BITS
  for (; i + 32 <= to; i += 32) {
    ;(words[i] as bigint) ^= key
    ;(words[i + 1] as bigint) ^= key
    ;(words[i + 2] as bigint) ^= key
    ;(words[i + 3] as bigint) ^= key
    ;(words[i + 4] as bigint) ^= key
    ;(words[i + 5] as bigint) ^= key
    ;(words[i + 6] as bigint) ^= key
    ;(words[i + 7] as bigint) ^= key
    ;(words[i + 8] as bigint) ^= key
    ;(words[i + 9] as bigint) ^= key
    ;(words[i + 10] as bigint) ^= key
    ;(words[i + 11] as bigint) ^= key
    ;(words[i + 12] as bigint) ^= key
    ;(words[i + 13] as bigint) ^= key
    ;(words[i + 14] as bigint) ^= key
    ;(words[i + 15] as bigint) ^= key
    ;(words[i + 16] as bigint) ^= key
    ;(words[i + 17] as bigint) ^= key
    ;(words[i + 18] as bigint) ^= key
    ;(words[i + 19] as bigint) ^= key
    ;(words[i + 20] as bigint) ^= key
    ;(words[i + 21] as bigint) ^= key
    ;(words[i + 22] as bigint) ^= key
    ;(words[i + 23] as bigint) ^= key
    ;(words[i + 24] as bigint) ^= key
    ;(words[i + 25] as bigint) ^= key
    ;(words[i + 26] as bigint) ^= key
    ;(words[i + 27] as bigint) ^= key
    ;(words[i + 28] as bigint) ^= key
    ;(words[i + 29] as bigint) ^= key
    ;(words[i + 30] as bigint) ^= key
    ;(words[i + 31] as bigint) ^= key
  }
  for (; i + 4 <= to; i += 4) {
    ;(words[i] as bigint) ^= key
    ;(words[i + 1] as bigint) ^= key
    ;(words[i + 2] as bigint) ^= key
    ;(words[i + 3] as bigint) ^= key
  }
  for (; i < to; i++) (words[i] as bigint) ^= key
}

/** One buffer: the key, twice, in the first 64-bit word, then the data, up to whole blocks of words. */
interface Scratch {
  readonly buffer: ArrayBuffer
  readonly key: Uint8Array
  readonly bytes: Uint8Array
  readonly by32: Int32Array
  readonly by64: BigUint64Array
}

const KEY_SIZE = 8

/**
 * Masks outgoing data through word views that exist already: for small arrays, creating views takes longer than the XOR. Created on
 * first use. It holds no plain data: between two calls it contains only bytes as sent on the wire, masked. Incoming data never
 * passes through it.
 */
let shared: Scratch | undefined

function scratch(): Scratch {
  if (shared !== undefined) return shared
  const buffer = new ArrayBuffer(KEY_SIZE + SCRATCH_SIZE)
  const bytes = new Uint8Array(buffer, KEY_SIZE)
  shared = {
    buffer,
    bytes,
    key: new Uint8Array(buffer, 0, KEY_SIZE),
    by32: new Int32Array(buffer),
    by64: new BigUint64Array(buffer),
  }
  return shared
}

/** Copies `source`, at most {@link SCRATCH_SIZE} bytes, into `target` from `to` on, XORed. */
export function xorThrough(source: Uint8Array, target: Uint8Array, to: number, key: number): void {
  scratch().bytes.set(source)
  xorOut(target, to, source.length, key)
}

/** Writes the UTF-8 of `text`, `length` bytes within the same limit, XORed. */
export function encodeThrough(text: string, target: Uint8Array, to: number, length: number, key: number): void {
  const { bytes } = scratch()
  encodeUtf8Into(text, bytes)
  xorOut(target, to, length, key)
}

function xorOut(target: Uint8Array, to: number, length: number, key: number): void {
  const { buffer, key: octets, by32, by64 } = scratch()
  octets[0] = octets[4] = key >>> 24
  octets[1] = octets[5] = key >>> 16
  octets[2] = octets[6] = key >>> 8
  octets[3] = octets[7] = key
  // Whole blocks, so that no words are left over: bytes after the data do not matter.
  if (length < WIDE_FROM || !hasFastWords64()) xorBy32(by32, 2, 2 + (((length + 15) >>> 4) << 2), by32[0] as number)
  else xorBy64(by64, 1, 1 + (((length + 31) >>> 5) << 2), by64[0] as bigint)
  target.set(new Uint8Array(buffer, KEY_SIZE, length), to)
}
