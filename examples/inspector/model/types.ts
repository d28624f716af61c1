/**
 * The types of the model: a frame with its positions, an error with its bytes, and the settings for the checks.
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
  /** The end of the bytes that are present. */
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
