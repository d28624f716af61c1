/**
 * Masking: XOR with a key of four octets (RFC 6455 §5.3). Inside the package a key is one number whose highest octet comes first on
 * the wire (`key >>> 24` is octet 0), which avoids allocations.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import { requireWhole } from './checks.ts'
import { turn, xorBytes } from './mask-bytes.ts'
import { MAX_MEMORY, Memory } from './mask-memory.ts'
import { SCRATCH_SIZE, xorThrough } from './mask-scratch.ts'

/** From this many bytes on, whole words are faster, including the cost of creating the view. */
const WORDS_FROM = 128

/** From this many bytes on, the scratch buffer is faster. */
const THROUGH_FROM = 72

/** The key in `bytes` at `at`, as a number. */
export function readMaskKey(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

/** A caller's key as a number. Throws `RangeError` unless it is four bytes long. */
export function toMaskKey(maskKey: Uint8Array): number {
  requireBytes(maskKey, 'a mask key')
  if (maskKey.length !== 4) throw new RangeError(`a mask key is 4 bytes long; this one is ${maskKey.length}`)
  return readMaskKey(maskKey, 0)
}

/**
 * XORs `bytes` with `maskKey`, in place or into `target`; the same call masks and unmasks. Resumable: for a payload in pieces, call
 * it once per piece, each time with the offset that the last call returned.
 *
 * @param maskKey Four bytes; octet `i` of the payload is XORed with octet `i mod 4` of the key (RFC 6455 §5.3).
 * @param offset Bytes of the payload before these. Default 0.
 * @param target Receives the result, from its start on; `bytes` are then only read, and the two must not overlap. Default: `bytes`.
 * @returns The offset for the next call.
 * @throws RangeError if the key is not four bytes long, the offset is not a whole number from 0 on, or the target is too short;
 *   TypeError for arguments of the wrong type.
 *
 * @example
 * const bytes = Uint8Array.of(0x48, 0x65, 0x6c, 0x6c, 0x6f)
 * applyMask(bytes, Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)) // 5
 * bytes // 7f 9f 4d 51 58
 */
export function applyMask(bytes: Uint8Array, maskKey: Uint8Array, offset = 0, target: Uint8Array = bytes): number {
  const key = toMaskKey(maskKey)
  requireBytes(bytes, 'what is masked')
  requireBytes(target, 'the target of a mask')
  requireWhole(offset, 'a mask offset', Number.MAX_SAFE_INTEGER)
  if (target.length < bytes.length)
    throw new RangeError(`${bytes.length} bytes do not fit a target of ${target.length}`)
  if (target === bytes) maskInPlace(bytes, 0, bytes.length, key, offset)
  else maskInto(bytes, 0, target, 0, bytes.length, key, offset)
  return offset + bytes.length
}

/** XORs `length` bytes from `start` on. `phase`: bytes of the payload before these (only its lowest two bits count). */
export function maskInPlace(bytes: Uint8Array, start: number, length: number, key: number, phase: number): void {
  const turned = turn(key, phase)
  if (length < WORDS_FROM) xorBytes(bytes, start, bytes, start, length, turned)
  else if (bytes.length <= MAX_MEMORY) new Memory(bytes).xor(start, length, turned)
  else xorHuge(bytes, start, length, turned)
}

/** In views of at most {@link MAX_MEMORY} bytes. Their size is a multiple of four, so the key has the same phase in each. */
function xorHuge(bytes: Uint8Array, start: number, length: number, key: number): void {
  const end = start + length
  for (let at = start; at < end; at += MAX_MEMORY) {
    const view = bytes.subarray(at, Math.min(at + MAX_MEMORY, end))
    new Memory(view).xor(0, view.length, key)
  }
}

/**
 * The same into another array: `target` receives the bytes from `targetStart` on, `source` is only read. They may be the same
 * bytes, but must not overlap otherwise. For incoming bytes: none of them are kept here.
 */
export function maskInto(
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  targetStart: number,
  length: number,
  key: number,
  phase: number,
): void {
  if (length < WORDS_FROM) xorBytes(source, start, target, targetStart, length, turn(key, phase))
  else {
    // Source and target rarely have the same alignment modulo 4. A plain copy first is cheap, and then only the target's alignment
    // matters.
    target.set(source.subarray(start, start + length), targetStart)
    maskInPlace(target, targetStart, length, key, phase)
  }
}

/** The same for all of `source`, for outgoing bytes, the fastest way. */
export function maskOut(source: Uint8Array, target: Uint8Array, targetStart: number, key: number): void {
  const { length } = source
  if (length < THROUGH_FROM || length > SCRATCH_SIZE) maskInto(source, 0, target, targetStart, length, key, 0)
  else xorThrough(source, target, targetStart, key)
}
