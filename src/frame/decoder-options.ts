/**
 * The options of a decoder: checked, and packed into one number.
 *
 * @module
 */

import { checkOptionNames } from '../arguments.ts'
import { type Limits, limitNames, type ResolvedLimits } from '../limits.ts'
import type { Role } from '../types.ts'
import { requireBoolean, requireRole, requireWhole } from './checks.ts'

/** Options of a {@link FrameDecoder}. */
export interface FrameDecoderOptions {
  /** The side that decodes: a server takes masked frames, a client unmasked ones (RFC 6455 §5.1). */
  readonly role: Role
  /** Only `maxFrameSize` is used: payload bytes of a data frame, checked against the header. */
  readonly limits?: Limits | undefined
  /** The RSV bits that extensions may set on the first frame of a message. Default 0. */
  readonly rsv?: number | undefined
  /** Chunks are given away: payloads are unmasked in place and returned as views. Default: false. */
  readonly ownsChunks?: boolean | undefined
  /**
   * Return payloads of data frames piece by piece, as they arrive. No piece is empty, except the only one of an empty frame.
   * Default: false, whole frames.
   */
  readonly pieces?: boolean | undefined
}

const names: readonly string[] = ['role', 'limits', 'rsv', 'ownsChunks', 'pieces']

/** Bits of `mode`: one field for several options keeps an idle decoder small. The allowed RSV bits are above them. */
export const SERVER = 1
export const OWNS = 2
/** Whether `maxMessageSize` limits frames, because `maxFrameSize` equals it. */
export const BY_MESSAGE = 4
export const RSV_SHIFT = 3

/** Throws TypeError or RangeError for invalid options; `limits` is checked where it is resolved. */
export function checkDecoderOptions(options: FrameDecoderOptions): void {
  checkOptionNames(options, names, 'the options of FrameDecoder', { limits: limitNames })
  requireRole(options.role)
  if (options.rsv !== undefined) requireWhole(options.rsv, 'rsv', 7)
  requireBoolean(options.ownsChunks, 'ownsChunks')
  requireBoolean(options.pieces, 'pieces')
}

/** Packs the options for reading and checking into one number. */
export function packMode({ role, rsv = 0, ownsChunks = false }: FrameDecoderOptions, limits: ResolvedLimits): number {
  const byMessage = limits.maxFrameSize === limits.maxMessageSize
  return (role === 'server' ? SERVER : 0) | (ownsChunks ? OWNS : 0) | (byMessage ? BY_MESSAGE : 0) | (rsv << RSV_SHIFT)
}
