/**
 * A connection as plain data, so that another process, isolate or wake-up goes on with it in the middle of a message. Knows which of its
 * parts have something to tell; what that is, each part knows itself.
 *
 * @module
 */

import type { DecoderState } from '../frame/decoder.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { Role } from '../types.ts'
import type { LifeState } from './life.ts'
import type { MessagesState } from './messages.ts'
import type { OutgoingState } from './outgoing.ts'
import type { PipelineState } from './pipeline.ts'

/** What there is between the parts of a connection: not a contract, it changes with `format`. */
export interface ConnectionState {
  readonly life: LifeState
  /** Bytes that came. */
  readonly received: number
  readonly reader?: { readonly decoder: DecoderState; readonly messages: MessagesState } | undefined
  readonly writer?: OutgoingState | undefined
  readonly pipeline?: PipelineState | undefined
}

/** A connection as plain data: `structuredClone` and `JSON.stringify` both keep it. It holds what peers have sent, so it is a secret. */
export interface ConnectionSnapshot {
  readonly format: 1
  readonly role: Role
  /** As it was told; `undefined`: there was none. */
  readonly agreement?: Agreement | undefined
  readonly state: ConnectionState
}

/** Throws `TypeError` for what is no snapshot of this kind. */
export function checkSnapshot(snapshot: ConnectionSnapshot): ConnectionSnapshot {
  if (snapshot?.format !== 1) throw new TypeError(`a snapshot of format 1 is expected, not ${String(snapshot?.format)}`)
  return snapshot
}
