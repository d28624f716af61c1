/**
 * What the model is made of: a frame with its places, an error with its bytes, and what has to be known to judge.
 *
 * @module
 */

import type { FrameHeader, ProtocolError, Role } from 'websocket-primitives'
import type { Field } from './fields.ts'

export interface Settings {
  /** The side that receives these bytes. */
  readonly role: Role
  /** Whether permessage-deflate was agreed on. */
  readonly deflate: boolean
}

export interface Frame {
  readonly header: FrameHeader
  readonly start: number
  readonly body: number
  /** Where its bytes end: those that are there. */
  readonly end: number
  readonly complete: boolean
  /** Unmasked. */
  readonly payload: Uint8Array
  readonly fields: readonly Field[]
  readonly summary: string
}

/** A broken rule, and the bytes that break it. */
export interface FoundError {
  readonly error: ProtocolError
  /** Number of the frame, from 0. */
  readonly frame: number
  readonly start: number
  readonly end: number
}
