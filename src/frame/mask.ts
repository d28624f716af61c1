/**
 * Masking: XOR with a key of four octets (RFC 6455 §5.3), and the keys. `mask-words.ts` does the XOR; this module chooses the fastest
 * method for a payload. Inside the package a key is one number, whose highest octet is the first octet of the key: it needs no
 * allocation.
 *
 * Received payloads are unmasked in three places: here, by `Words` in `mask-words.ts` for large chunks that the decoder owns, and by
 * `unmaskShortAscii` in `bytes/utf8.ts` for short texts.
 *
 * @module
 */

import { describeValue, requireType, requireWhole } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import { type RandomSource, randomInt32 } from '../platform/random.ts'
import type { Bytes } from '../types.ts'
import { readInt32, requireFit, requireMaskKey, turnKey, writeInt32 } from './header.ts'
import { MAX_VIEWED, NEW_WORDS_FROM, SCRATCH_FROM, SCRATCH_SIZE, Words, xorBytes, xorThrough } from './mask-words.ts'

/**
 * A mask key: four bytes, or `'random'` for a new key from the platform's secure generator.
 *
 * @category Frames and messages
 */
export type MaskKey = Uint8Array | 'random'

/**
 * Generates a mask key for one frame: every frame needs a new, unpredictable key (RFC 6455 §5.3, §10.3). A frame with `maskKey:
 * 'random'` gets such a key without an allocated array.
 *
 * @param random Fills an array of 4 bytes; by default a pool filled by the platform's secure generator.
 * @returns A new array of 4 bytes.
 * @throws TypeError unless `random` is a function.
 * @example
 * encodeFrame({ opcode: Opcode.Ping, maskKey: generateMaskKey() })
 */
export function generateMaskKey(random?: RandomSource): Bytes {
  const bytes = new Uint8Array(4)
  if (random === undefined) writeInt32(bytes, 0, randomInt32())
  else {
    requireType(random, 'function', '`random`')
    random(bytes)
  }
  return bytes
}

/** Returns the key as a number. Throws RangeError for a key that is not four bytes long, TypeError for another string. */
export function takeMaskKey(maskKey: MaskKey): number {
  if (maskKey === 'random') return randomInt32()
  if (typeof maskKey === 'string')
    throw new TypeError(`\`maskKey\` must be 4 bytes or 'random', not ${describeValue(maskKey)}`)
  return toMaskKey(maskKey)
}

/** Converts a caller's key to a number. Throws `RangeError` unless it is four bytes long. */
export function toMaskKey(maskKey: Uint8Array): number {
  requireMaskKey(maskKey)
  return readInt32(maskKey, 0)
}

/**
 * XORs `bytes` with `maskKey`, in place or into `target`; the same call masks and unmasks. For a payload in pieces, call it once per
 * piece, each time with the offset that the previous call returned.
 *
 * @param maskKey Four bytes; octet `i` of the payload is XORed with octet `i mod 4` of the key (RFC 6455 §5.3).
 * @param offset Bytes of the payload before these. Default: 0.
 * @param target Receives the result, from its start on; `bytes` are then not written to, and the two must not overlap. Default: `bytes`.
 * @returns The offset for the next call.
 * @throws RangeError if the key is not four bytes long, the offset is not a whole number from 0 on, or the target is too short;
 *   TypeError for arguments of the wrong type.
 * @see RFC 6455 §5.3
 * @example
 * const bytes = Uint8Array.of(0x48, 0x65, 0x6c, 0x6c, 0x6f)
 * applyMask(bytes, Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)) // 5
 * bytes // 7f 9f 4d 51 58
 */
export function applyMask(bytes: Uint8Array, maskKey: Uint8Array, offset = 0, target: Uint8Array = bytes): number {
  const key = toMaskKey(maskKey)
  requireBytes(bytes, '`bytes`')
  requireBytes(target, '`target`')
  requireWhole(offset, '`offset`')
  requireFit(target, bytes.length)
  if (target === bytes) maskInPlace(bytes, 0, bytes.length, key, offset)
  else maskInto(bytes, 0, target, 0, bytes.length, key, offset)
  return offset + bytes.length
}

/** XORs `length` bytes from `start` on. `phase` is the number of payload bytes before them; only its lowest two bits matter. */
export function maskInPlace(bytes: Uint8Array, start: number, length: number, key: number, phase: number): void {
  const turned = turnKey(key, phase)
  if (length < NEW_WORDS_FROM) xorBytes(bytes, start, bytes, start, length, turned)
  else if (bytes.length <= MAX_VIEWED) new Words(bytes).xor(start, length, turned)
  else xorHuge(bytes, start, length, turned)
}

/** XORs through views of {@link MAX_VIEWED} bytes. That is a multiple of four, so the key has the same phase in each view. */
function xorHuge(bytes: Uint8Array, start: number, length: number, key: number): void {
  const end = start + length
  for (let at = start; at < end; at += MAX_VIEWED) {
    const view = bytes.subarray(at, Math.min(at + MAX_VIEWED, end))
    new Words(view).xor(0, view.length, key)
  }
}

/**
 * As {@link maskInPlace}, into another array: `target` receives the bytes from `targetStart` on, and `source` is not written to. They
 * may be the same bytes, but must not overlap otherwise. Safe for incoming bytes, because it keeps none of them.
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
  if (length < NEW_WORDS_FROM) xorBytes(source, start, target, targetStart, length, turnKey(key, phase))
  else {
    // Source and target rarely have the same alignment modulo 4. A plain copy is cheap, and then only the alignment of the target
    // matters.
    target.set(source.subarray(start, start + length), targetStart)
    maskInPlace(target, targetStart, length, key, phase)
  }
}

/** As {@link maskInto}, for all of `source`, by the fastest method. For outgoing bytes only. */
export function maskOut(source: Uint8Array, target: Uint8Array, targetStart: number, key: number): void {
  const { length } = source
  if (length < SCRATCH_FROM || length > SCRATCH_SIZE) maskInto(source, 0, target, targetStart, length, key, 0)
  else xorThrough(source, target, targetStart, key)
}
