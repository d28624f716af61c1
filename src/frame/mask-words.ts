/**
 * XOR with a mask key: byte by byte, by words of 32 and 64 bits, and through a scratch buffer. `mask.ts` chooses between them by size.
 * Keys are numbers whose highest octet is the first octet of the key; words are in the machine's byte order.
 *
 * @module
 */

import { hasFastWords64 } from '../platform/engine.ts'
import type { Bytes } from '../types.ts'
import { turnKey } from './header.ts'

// The sizes, in bytes, from which a method is faster than a simpler one (measured: bench/mask.mjs, frames.mjs, encode.mjs).

/** Above this size, an unrolled loop is faster than a plain one. */
const FEW = 64
/** From this size on, 64-bit words are faster than 32-bit words, except in engines with slow BigInt arrays. */
const WIDE_FROM = 256
/** From this size on, word views created for one payload are faster than bytes, including their creation. */
export const NEW_WORDS_FROM = 128
/** From this size on, word views of a copy's target are worth keeping for the next copy. */
export const KEPT_WORDS_FROM = 128
/** From this chunk size on, the decoder creates and keeps word views of the chunk. */
export const VIEWS_FROM = 1024
/** From this size up to {@link SCRATCH_SIZE}, the scratch buffer is faster. The cost of its two copies grows with size. */
export const SCRATCH_FROM = 72
export const SCRATCH_SIZE = 2048
/** The largest array for {@link Words}, because offsets are 32-bit. A multiple of eight. */
export const MAX_VIEWED: number = 2 ** 31

/** XORs `length` bytes of `source` into `target`, which may be the same array at the same offset. */
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

/** An array of at most {@link MAX_VIEWED} bytes with word views, each created on first use. For many payloads in one chunk. */
export class Words {
  declare readonly bytes: Uint8Array
  /** The length of `bytes`, which may grow in resizable memory. */
  declare readonly size: number
  readonly #buffer: ArrayBufferLike
  readonly #byteOffset: number
  #by32: Int32Array | undefined = undefined
  #by64: BigUint64Array | undefined = undefined

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.size = bytes.length
    this.#buffer = bytes.buffer
    this.#byteOffset = bytes.byteOffset
  }

  /** Returns a view of `size` bytes from `start` on. Avoids `subarray`, which is slower on Node's Buffer. */
  view(start: number, size: number): Bytes {
    return new Uint8Array(this.#buffer, this.#byteOffset + start, size) as Bytes
  }

  /** XORs `length` bytes from `start` on, by the fastest method. */
  xor(start: number, length: number, key: number): void {
    if (length < WIDE_FROM || !hasFastWords64()) this.xor32(start, length, key)
    else this.xor64(start, length, key)
  }

  /** XORs the bytes before a word boundary, then words, then the remaining bytes. Up to {@link FEW} bytes need no call. */
  xor32(start: number, length: number, key: number): void {
    const { bytes } = this
    const base = -this.#byteOffset & 3
    this.#by32 ??= new Int32Array(this.#buffer, this.#byteOffset + base, (bytes.length - base) >>> 2)
    const words = this.#by32
    const end = start + length
    let at = start
    let turned = key
    for (; at < end && ((at - base) & 3) !== 0; at++) {
      turned = (turned << 8) | (turned >>> 24)
      ;(bytes[at] as number) ^= turned
    }
    const word = toMachineOrder(turned)
    if (length > FEW) {
      const last = (end - base) >>> 2
      xorBy32(words, (at - base) >>> 2, last, word)
      at = base + 4 * last
    }
    for (; at + 4 <= end; at += 4) (words[(at - base) >>> 2] as number) ^= word
    for (; at < end; at++) {
      turned = (turned << 8) | (turned >>> 24)
      ;(bytes[at] as number) ^= turned
    }
  }

  /** As {@link xor32}, with 64-bit words. One method for both widths would be too large to be inlined, and slower. */
  xor64(start: number, length: number, key: number): void {
    const { bytes } = this
    const base = -this.#byteOffset & 7
    this.#by64 ??= new BigUint64Array(this.#buffer, this.#byteOffset + base, (bytes.length - base) >>> 3)
    const before = Math.min((base - start) & 7, length)
    xorFew(bytes, start, before, key)
    const turned = turnKey(key, before)
    const from = start + before
    const size = (length - before) & ~7
    xorBy64(this.#by64, (from - base) >>> 3, (from + size - base) >>> 3, toWideKey(turned))
    xorFew(bytes, from + size, length - before - size, turned)
  }
}

/** XORs fewer bytes than a word has. */
function xorFew(bytes: Uint8Array, start: number, length: number, key: number): void {
  let turned = key
  for (let at = start; at < start + length; at++) {
    turned = (turned << 8) | (turned >>> 24)
    ;(bytes[at] as number) ^= turned
  }
}

/** Returns the word views of `bytes`: `made`, if they still fit. */
export function wordsOf(bytes: Uint8Array, made: Words | undefined): Words {
  return made !== undefined && made.bytes === bytes && made.size === bytes.length ? made : new Words(bytes)
}

/** A key as a word in memory. */
interface WordKey {
  readonly littleEndian: boolean
  readonly by32: Int32Array
  readonly by64: BigUint64Array
}

let wordKey: WordKey | undefined

function makeWordKey(): WordKey {
  const by64 = new BigUint64Array(1)
  const by32 = new Int32Array(by64.buffer)
  by32[0] = 1
  return { littleEndian: new Uint8Array(by64.buffer)[0] === 1, by32, by64 }
}

/** Returns a key as a 32-bit word of this machine. */
function toMachineOrder(key: number): number {
  wordKey ??= makeWordKey()
  if (!wordKey.littleEndian) return key
  return (key << 24) | ((key & 0xff00) << 8) | ((key >>> 8) & 0xff00) | (key >>> 24)
}

/** Returns a key, twice, as the only word of an array: a bigint argument would be an object. Valid until the next call. */
function toWideKey(key: number): BigUint64Array {
  const word = toMachineOrder(key)
  const { by32, by64 } = wordKey as WordKey
  by32[0] = word
  by32[1] = word
  return by64
}

/** The bits of a word index. V8 saves a check per word for an index that cannot overflow. */
const INDEX_BITS = 2 ** 30 - 1

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

/** As {@link xorBy32}, with 64-bit words. Unrolled by 32, where the gain levels off; a helper function per word would be slower. */
function xorBy64(words: BigUint64Array, from: number, to: number, wide: BigUint64Array): void {
  const key = wide[0] as bigint
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

/** One buffer, as bytes and as words. */
interface Scratch {
  readonly bytes: Uint8Array
  readonly by32: Int32Array
  readonly by64: BigUint64Array
}

/**
 * Masks outgoing data through existing word views, because creating views for small arrays takes longer than the XOR. Created on first
 * use. Between two calls it contains only masked bytes, as sent on the wire. Incoming data never passes through it.
 */
let shared: Scratch | undefined

function scratch(): Scratch {
  if (shared !== undefined) return shared
  const bytes = new Uint8Array(SCRATCH_SIZE)
  shared = { bytes, by32: new Int32Array(bytes.buffer), by64: new BigUint64Array(bytes.buffer) }
  return shared
}

/** XORs `source`, at most {@link SCRATCH_SIZE} bytes, into `target` from `to` on. */
export function xorThrough(source: Uint8Array, target: Uint8Array, to: number, key: number): void {
  scratch().bytes.set(source)
  xorOut(target, to, source.length, key)
}

function xorOut(target: Uint8Array, to: number, length: number, key: number): void {
  const { bytes, by32, by64 } = scratch()
  // Whole blocks, so that no words remain; bytes after the data do not matter.
  if (length < WIDE_FROM || !hasFastWords64()) xorBy32(by32, 0, ((length + 15) >>> 4) << 2, toMachineOrder(key))
  else xorBy64(by64, 0, ((length + 31) >>> 5) << 2, toWideKey(key))
  target.set(new Uint8Array(bytes.buffer, 0, length), to)
}
