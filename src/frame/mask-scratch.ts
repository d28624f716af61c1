/**
 * XOR on the way to elsewhere, through a buffer of our own whose words are at hand: to make words of somebody else's array takes as
 * long as to XOR 200 bytes by them. Knows keys as numbers, and nothing of frames.
 *
 * The buffer is state outside of objects, yet keeps nothing of anybody's: what is left in it between two calls is bytes as they
 * went onto the wire, masked. What comes in never goes through it.
 *
 * @module
 */

import { hasFastWords64 } from '../platform/engine.ts'
import { encodeUtf8Into } from '../platform/text.ts'
import { WIDE_FROM, xorBy32, xorBy64 } from './mask-words.ts'

/** Bytes that go through it at most: what two copies take grows with them, and what it takes to make words does not. */
export const SCRATCH_SIZE = 2048

/** One memory: the key, twice, in the first word of 64 bits, and after it what is masked, up to whole blocks of words. */
interface Scratch {
  readonly buffer: ArrayBuffer
  readonly key: Uint8Array
  readonly bytes: Uint8Array
  readonly by32: Int32Array
  readonly by64: BigUint64Array
}

const KEY_SIZE = 8

/** Made on first use. */
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

/** Copies `source`, which is {@link SCRATCH_SIZE} bytes at most, into `target` from `to` on, XORed. */
export function xorThrough(source: Uint8Array, target: Uint8Array, to: number, key: number): void {
  scratch().bytes.set(source)
  xorOut(target, to, source.length, key)
}

/** Writes the UTF-8 of `text`, which takes `length` bytes, XORed: the same bounds. */
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
  // Whole blocks, so that no words are left over: what is behind the bytes is nobody's.
  if (length < WIDE_FROM || !hasFastWords64()) xorBy32(by32, 2, 2 + (((length + 15) >>> 4) << 2), by32[0] as number)
  else xorBy64(by64, 1, 1 + (((length + 31) >>> 5) << 2), by64[0] as bigint)
  target.set(new Uint8Array(buffer, KEY_SIZE, length), to)
}
