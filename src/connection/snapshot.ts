/**
 * A connection as plain data, so that another process, isolate or wake-up can resume it, even in the middle of a message. Each part
 * defines its own state; this module combines them.
 *
 * @module
 */

import { requireObject } from '../bytes/plain.ts'
import type { AgreedExtension } from '../extensions/extension.ts'
import type { PipelineState } from '../extensions/pipeline-state.ts'
import type { DecoderState } from '../frame/snapshot.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { Role } from '../types.ts'
import type { TextForm } from './events.ts'
import type { LifeState } from './life.ts'
import type { MessagesState } from './messages.ts'
import type { OutgoingState } from './outgoing.ts'

/** The combined state of a connection's parts: not a contract, it changes with `format`. */
export interface ConnectionState {
  readonly life: LifeState
  /** The form in which messages are returned. */
  readonly strings: boolean
  readonly pieces: boolean
  /** Bytes received. */
  readonly received: number
  /** The transport has ended, but received bytes are still unread. */
  readonly ended?: boolean | undefined
  /** Our unanswered pings: their pongs are not counted as flood. */
  readonly unanswered?: number | undefined
  readonly reader?: { readonly decoder: DecoderState; readonly messages: MessagesState } | undefined
  readonly writer?: OutgoingState | undefined
  readonly pipeline?: PipelineState | undefined
}

/**
 * A connection as plain data: `structuredClone` and `JSON.stringify` both keep it. It contains data received from peers, so keep it
 * secret.
 */
export interface ConnectionSnapshot {
  /** Changes when the contents of `state` change. */
  readonly format: 1
  /** The side that the connection plays. */
  readonly role: Role
  /** As given to the constructor; `undefined`: none. */
  readonly agreement?: Agreement | undefined
  /** Everything else: private, and readable only by the version that made it. */
  readonly state: ConnectionState
}

/** Throws `TypeError` for an invalid snapshot, or one of a connection with other options. */
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

/** Copies an agreement into new objects, without any other members. */
export function copyAgreement({ subprotocol, extensions }: Agreement): Agreement {
  return { subprotocol, extensions: extensions.length === 0 ? [] : extensions.map(copyAgreed) }
}

function copyAgreed({ name, params }: AgreedExtension): AgreedExtension {
  return { name, params: copyPlain(params) }
}

/** A copy of plain data. Anything else stays as it is. */
function copyPlain(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(copyPlain)
  if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype) return data
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, copyPlain(value)]))
}
