/**
 * Masks outgoing data through a scratch buffer with existing word views: for small arrays, creating views takes longer than the
 * XOR. Keys are numbers.
 *
 * The buffer is module state, but holds no plain data: between two calls it contains only bytes as sent on the wire, masked.
 * Incoming data never passes through it.
 *
 * @module
 */

import { hasFastWords64 } from '../platform/engine.ts'
import { encodeUtf8Into } from '../platform/text.ts'
import { WIDE_FROM, xorBy32, xorBy64 } from './mask-words.ts'

/** The most bytes that pass through it: the cost of two copies grows with size, that of creating word views does not. */
export const SCRATCH_SIZE = 2048

/** One buffer: the key, twice, in the first 64-bit word, then the data, up to whole blocks of words. */
interface Scratch {
  readonly buffer: ArrayBuffer
  readonly key: Uint8Array
  readonly bytes: Uint8Array
  readonly by32: Int32Array
  readonly by64: BigUint64Array
}

const KEY_SIZE = 8

/** Created on first use. */
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
