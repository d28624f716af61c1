/**
 * The state of a cursor between two chunks, as plain data, and the checks on it.
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
  /** Bytes of its payload received. */
  readonly received: number
}

/** The state of a cursor. */
export interface CursorState {
  /** Bytes received. */
  readonly base: number
  /** Whether a message has begun and not ended. */
  readonly open: boolean
  /** The part of a header received, base64. */
  readonly header?: string | undefined
  readonly frame?: FrameState | undefined
  /** Bytes received but not read, base64. */
  readonly unread?: string | undefined
}

/** A copy with only these members. Throws `TypeError` for an impossible frame. */
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
