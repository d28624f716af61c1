/**
 * Shared by all codecs: the check of the settings, sizes for short messages, and empty and stored blocks of DEFLATE (RFC 1951 §3.2.4).
 *
 * @module
 */

import { requireRecord, requireWhole } from '../arguments.ts'
import type { CompressorSettings } from '../deflate/codec.ts'
import { requireWindowBits } from '../deflate/params.ts'
import type { Bytes } from '../types.ts'

/** Throws a `TypeError` for settings of the wrong type, a `RangeError` for settings out of range. */
export function requireSettings(settings: CompressorSettings): CompressorSettings {
  requireRecord(settings, 'the settings of a compressor')
  requireWindowBits(settings.windowBits, 'windowBits')
  requireWhole(settings.level, '`level`', -1, 9)
  requireWhole(settings.memLevel, '`memLevel`', 1, 9)
  return settings
}

/**
 * Messages up to this size, in bytes, that start fresh use a special compressor with a window of 2^{@link SHORT_WINDOW_BITS} bytes, which
 * takes a fraction of the time to set up.
 */
export const MAX_SHORT = 4096

/** The window that fits the longest message of {@link MAX_SHORT} bytes. */
export const SHORT_WINDOW_BITS = 12

/** Gives a hash table of 4096 entries, which is fast to clear. */
const SHORT_MEM_LEVEL = 5

/** Returns the settings of the compressor for short messages. */
export function shortSettings({ windowBits, level, memLevel }: CompressorSettings): CompressorSettings {
  return { windowBits: Math.min(windowBits, SHORT_WINDOW_BITS), level, memLevel: Math.min(memLevel, SHORT_MEM_LEVEL) }
}

/** zlib cannot compress raw DEFLATE with 8 bits; with 9 its references reach back 512 - 262 bytes, which fit in 8 bits. */
export const MIN_COMPRESSOR_BITS = 9

/** The assumed ratio of a decompressor's output to its input. Only a guess, for the size of an array. */
export const EXPANSION = 4

/** Returns the last `size` bytes, or all if there are fewer. A view. */
export function lastOf(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.length > size ? bytes.subarray(bytes.length - size) : bytes
}

/** Returns the result of compressing nothing: an empty stored block, which ends in `00 00 ff ff`. zlib itself refuses to flush twice. */
export function emptyBlock(): Bytes {
  return Uint8Array.of(0, 0, 0, 0xff, 0xff)
}

/**
 * Returns the header that makes the next `size` bytes, at most 65 535, a non-final stored block.
 *
 * @example storedHeader(5) // 00 05 00 fa ff
 */
export function storedHeader(size: number): Bytes {
  return Uint8Array.of(0, size & 0xff, size >>> 8, ~size & 0xff, (~size >>> 8) & 0xff)
}
