/**
 * What all codecs share: the check of their settings, sizes for short messages, and empty and stored blocks of DEFLATE (RFC 1951
 * §3.2.4).
 *
 * @module
 */

import { requireRecord, requireWhole } from '../arguments.ts'
import type { CompressorSettings } from '../deflate/codec.ts'
import { requireWindowBits } from '../deflate/params.ts'
import type { Bytes } from '../types.ts'

/** Throws `TypeError` for settings of the wrong type, `RangeError` for those out of range. */
export function requireSettings(settings: CompressorSettings): CompressorSettings {
  requireRecord(settings, 'the settings of a compressor')
  requireWindowBits(settings.windowBits, 'windowBits')
  requireWhole(settings.level, '`level`', -1, 9)
  requireWhole(settings.memLevel, '`memLevel`', 1, 9)
  return settings
}

/**
 * Messages up to this size that start fresh use a special compressor with a window of 2^{@link SHORT_WINDOW_BITS}, which takes a
 * fraction of the time to set up.
 */
export const MAX_SHORT = 4096

/** Holds the longest of {@link MAX_SHORT}. */
export const SHORT_WINDOW_BITS = 12

/** Gives a hash table of 4096 entries, which is fast to clear. */
const SHORT_MEM_LEVEL = 5

/** The settings of that compressor. */
export function shortSettings({ windowBits, level, memLevel }: CompressorSettings): CompressorSettings {
  return { windowBits: Math.min(windowBits, SHORT_WINDOW_BITS), level, memLevel: Math.min(memLevel, SHORT_MEM_LEVEL) }
}

/** zlib cannot compress raw DEFLATE with 8 bits; with 9 its references reach back 512 - 262 bytes, which fit in 8 bits. */
export const MIN_COMPRESSOR_BITS = 9

/** Assumed ratio of a decompressor's output to its input: a guess, only for the size of an array. */
export const EXPANSION = 4

/** The last `size` bytes, or all if fewer. A view. */
export function lastOf(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.length > size ? bytes.subarray(bytes.length - size) : bytes
}

/** The result of compressing nothing: an empty stored block, ending in `00 00 ff ff`. zlib itself refuses to flush twice. */
export function emptyBlock(): Bytes {
  return Uint8Array.of(0, 0, 0, 0xff, 0xff)
}

/**
 * The header that makes the next `size` bytes, at most 65 535, a non-final stored block.
 *
 * @example storedHeader(5) // 00 05 00 fa ff
 */
export function storedHeader(size: number): Bytes {
  return Uint8Array.of(0, size & 0xff, size >>> 8, ~size & 0xff, (~size >>> 8) & 0xff)
}
