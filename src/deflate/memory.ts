/**
 * Estimates the memory of a negotiated permessage-deflate, to compare configurations. Uses zlib's formulas (zconf.h) and the
 * windows kept between messages; measures nothing.
 *
 * @module
 */

import { requireOptions, requireWhole } from '../arguments.ts'
import type { Role } from '../types.ts'
import type { CompressorSettings } from './codec.ts'
import { KEPT_BITS } from './compress.ts'
import { type DeflateParams, requireSides } from './params.ts'

/**
 * The memory of one connection on one side, in bytes.
 *
 * @category Compression and extensions
 */
export interface DeflateMemory {
  /** Our compressor, while it processes a message. A shared one counts once for all its connections. */
  compressor: number
  /** Our decompressor, while it processes a message. A shared one also counts once. */
  decompressor: number
  /** Our window between messages, at most 8 KiB. 0 without takeover. */
  ownWindow: number
  /** The peer's window between messages. 0 without takeover. */
  peerWindow: number
}

/** zlib has no raw stream with a window of 8: it uses 9, and the memory for 9. */
const MIN_ZLIB_WINDOW_BITS = 9
/** zlib's own default. */
const DEFAULT_MEM_LEVEL = 8
/** "plus about 7 kilobytes for small objects" (zconf.h). */
const INFLATE_OBJECTS = 7 * 1024

/**
 * Returns the memory of a configuration on this side, in bytes, assuming a codec that needs as much as zlib (others are similar). An idle
 * connection keeps `ownWindow + peerWindow` once that much has been sent. `compressor` and `decompressor` are added while messages are
 * processed.
 *
 * @param role The side that we play.
 * @param settings Our compressor's settings. Default: `memLevel` 8, as in zlib.
 * @throws RangeError for a window outside 8 to 15 or a `memLevel` outside 1 to 9; `TypeError` for arguments of the wrong type and
 *   unknown settings.
 *
 * @example
 * const accepted = answerDeflateOffer([], { serverNoContextTakeover: true, clientMaxWindowBits: 15 })
 * deflateMemory(accepted.params, 'server')
 * // { compressor: 262_144, decompressor: 39_936, ownWindow: 0, peerWindow: 32_768 }
 */
export function deflateMemory(
  params: DeflateParams,
  role: Role,
  settings: Partial<Pick<CompressorSettings, 'memLevel'>> = {},
): DeflateMemory {
  requireOptions(settings, { memLevel: 'number' }, 'the settings of deflateMemory')
  const memLevel = requireWhole(settings.memLevel ?? DEFAULT_MEM_LEVEL, '`memLevel`', 1, 9)
  const [own, peer] = requireSides(params, role)
  return {
    compressor: deflateSize(own.windowBits, memLevel),
    decompressor: 2 ** peer.windowBits + INFLATE_OBJECTS,
    ownWindow: own.takesOver ? 2 ** Math.min(own.windowBits, KEPT_BITS) : 0,
    peerWindow: peer.takesOver ? 2 ** peer.windowBits : 0,
  }
}

/** "(1 << (windowBits+2)) + (1 << (memLevel+9))" (zconf.h), without the few kilobytes for small objects. */
function deflateSize(windowBits: number, memLevel: number): number {
  return 2 ** (Math.max(MIN_ZLIB_WINDOW_BITS, windowBits) + 2) + 2 ** (memLevel + 9)
}
