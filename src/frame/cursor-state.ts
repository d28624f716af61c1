/**
 * Where a cursor stands between two chunks, as plain data. Knows what such data may be; not what a cursor makes of it.
 *
 * @module
 */

import { requireFlag, requireInteger, requireObject } from '../bytes/plain.ts'
import { FIRST_CONTROL, MAX_CONTROL_PAYLOAD } from './rules.ts'

/** A frame that has begun and not ended. */
export interface FrameState {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly payloadLength: number
  /** The mask key. */
  readonly key: number
  /** Bytes of its payload that have come. */
  readonly received: number
}

/** Where a cursor stands. */
export interface CursorState {
  /** Bytes that came. */
  readonly base: number
  /** Whether a message has begun and not ended. */
  readonly open: boolean
  /** What has come of a header, base64. */
  readonly header?: string | undefined
  readonly frame?: FrameState | undefined
  /** What came and has not been read, base64. */
  readonly unread?: string | undefined
}

/** The same as a fresh object, of these members only. Throws `TypeError` for what no frame can be. */
export function checkFrameState(frame: FrameState): FrameState {
  const opcode = requireInteger(requireObject(frame).opcode, 0, 15)
  const longest = opcode < FIRST_CONTROL ? Number.MAX_SAFE_INTEGER : MAX_CONTROL_PAYLOAD
  const payloadLength = requireInteger(frame.payloadLength, 1, longest)
  return {
    fin: requireFlag(frame.fin),
    rsv: requireInteger(frame.rsv, 0, 7),
    opcode,
    payloadLength,
    key: requireInteger(frame.key, -(2 ** 31), 2 ** 32 - 1),
    received: requireInteger(frame.received, 0, payloadLength - 1),
  }
}
