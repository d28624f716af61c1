/**
 * What a decoder is told, and the same as one number. Knows nothing of frames.
 *
 * @module
 */

import type { Limits } from '../limits.ts'
import type { Role } from '../types.ts'

/** Everything that a {@link FrameDecoder} can be told. */
export interface FrameDecoderOptions {
  /** The side that decodes: a server takes masked frames, a client unmasked ones (RFC 6455 §5.1). */
  readonly role: Role
  /** `maxFrameSize` is read: payload bytes of a data frame, judged by the header. */
  readonly limits?: Limits | undefined
  /** The RSV bits that extensions may set on the first frame of a message. Default 0. */
  readonly rsv?: number | undefined
  /** The chunks are given away: payloads are unmasked in them and handed out as views. Default: false. */
  readonly ownsChunks?: boolean | undefined
  /** Hand out payloads of data frames piece by piece, as they come. Default: false, whole frames. */
  readonly pieces?: boolean | undefined
}

/** Bits of `mode`: one field for three options keeps an idle decoder small. The allowed RSV bits stand above them. */
export const SERVER = 1
export const OWNS = 2
export const RSV_SHIFT = 2

/**
 * What of the options concerns reading and judging, as one number. Throws TypeError for a role and RangeError for an `rsv` that
 * is none.
 */
export function packMode(options: FrameDecoderOptions): number {
  const { role, rsv = 0, ownsChunks = false } = options
  if (role !== 'client' && role !== 'server')
    throw new TypeError(`role is 'client' or 'server', not ${JSON.stringify(role)}`)
  if (!(Number.isInteger(rsv) && rsv >= 0 && rsv <= 7))
    throw new RangeError(`rsv is a whole number from 0 to 7; this one is ${rsv}`)
  return (role === 'server' ? SERVER : 0) | (ownsChunks ? OWNS : 0) | (rsv << RSV_SHIFT)
}
