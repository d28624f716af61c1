/**
 * A connection as plain data, so that another process, isolate or wake-up goes on with it in the middle of a message. Knows
 * which of its parts have something to tell; what that is, each part knows itself.
 *
 * @module
 */

import { requireObject } from '../bytes/plain.ts'
import type { DecoderState } from '../frame/decoder.ts'
import type { AgreedExtension, Agreement } from '../handshake/agreement.ts'
import type { Role } from '../types.ts'
import type { TextForm } from './events.ts'
import type { LifeState } from './life.ts'
import type { MessagesState } from './messages.ts'
import type { OutgoingState } from './outgoing.ts'
import type { PipelineState } from './pipeline.ts'

/** What there is between the parts of a connection: not a contract, it changes with `format`. */
export interface ConnectionState {
  readonly life: LifeState
  /** How messages are handed out. */
  readonly strings: boolean
  readonly pieces: boolean
  /** Bytes that came. */
  readonly received: number
  /** The transport has ended; what had come before is still to be read. */
  readonly ended?: boolean | undefined
  /** Our pings that no pong has come for: theirs are free. */
  readonly unanswered?: number | undefined
  readonly reader?: { readonly decoder: DecoderState; readonly messages: MessagesState } | undefined
  readonly writer?: OutgoingState | undefined
  readonly pipeline?: PipelineState | undefined
}

/**
 * A connection as plain data: `structuredClone` and `JSON.stringify` both keep it. It holds what peers have sent, so it is a
 * secret.
 */
export interface ConnectionSnapshot {
  /** Raised when what `state` holds changes. */
  readonly format: 1
  /** The side that the connection plays. */
  readonly role: Role
  /** As it was told; `undefined`: there was none. */
  readonly agreement?: Agreement | undefined
  /** Everything else: nobody else's business, and only of use to the version that made it. */
  readonly state: ConnectionState
}

/** Throws `TypeError` for what is no snapshot of this kind, or one of a connection that was told otherwise. */
export function checkSnapshot(
  snapshot: ConnectionSnapshot,
  { text, pieces = false }: { readonly text?: TextForm | undefined; readonly pieces?: boolean | undefined },
): ConnectionSnapshot {
  if (snapshot?.format !== 1) throw new TypeError(`a snapshot of format 1 is expected, not ${String(snapshot?.format)}`)
  const state = requireObject(snapshot.state)
  if (state.strings !== (text !== 'bytes') || state.pieces !== pieces)
    throw new TypeError('this snapshot is of a connection with another `text` or other `pieces`')
  return snapshot
}

/** An agreement and nothing else, in objects of its own. */
export function copyAgreement({ subprotocol, extensions }: Agreement): Agreement {
  return { subprotocol, extensions: extensions.length === 0 ? [] : extensions.map(copyAgreed) }
}

function copyAgreed({ name, params }: AgreedExtension): AgreedExtension {
  return { name, params: copyPlain(params) }
}

/** A copy of plain data. What is none stays as it is. */
function copyPlain(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(copyPlain)
  if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype) return data
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, copyPlain(value)]))
}
