/**
 * The states of a connection, as a table: which state follows which input, and what each allows (RFC 6455 §5.5.1, §7.1). `Life`
 * runs it.
 *
 * ```
 *            ┌─ close() ──▶ closing-local ── their Close ──▶ closed
 *   open ────┼─ their Close ──▶ closing-remote ──┬───────────── ours taken ──▶ closed
 *            │                                  └─ close() ──▶ closing-both ──┘
 *            └─ a fault ──▶ failing ── our Close taken ──▶ failed
 *   every state ── the transport ends ──▶ ended
 *   every state ── too much time has passed ──▶ failed, and from `closed` ended
 * ```
 *
 * @module
 */

/** The state of a connection. */
export type State =
  /** No Close has been sent or received. */
  | 'open'
  /** Ours has been requested: it follows what was sent before, and theirs is awaited. */
  | 'closing-local'
  /** Theirs has arrived; ours follows whatever is still sent before it. */
  | 'closing-remote'
  /** The same, after `close()`: nothing more may be sent before ours. */
  | 'closing-both'
  /** They broke a rule; our Close waits likewise, and theirs is no longer awaited. */
  | 'failing'
  /** Theirs has arrived; ours is sent or queued. */
  | 'closed'
  /** Ours is sent, queued or dropped; no more input is read. */
  | 'failed'
  /** The transport has ended. */
  | 'ended'

/** What changes the state. */
export type Input = 'close' | 'close-received' | 'close-taken' | 'fault' | 'time-out' | 'end'

/** What a state allows, and where it leads; an input that is absent changes nothing. */
interface StateEntry {
  /** Messages may be sent: `close()` has not been called, and our Close has not been taken. */
  readonly sends: boolean
  /** The close event has not been reported: input is read. */
  readonly receives: boolean
  readonly next: { readonly [Name in Input]?: State }
}

/** A Close is the last frame that a side sends, and the last that it reads (RFC 6455 §5.5.1). */
export const states: { readonly [Name in State]: StateEntry } = {
  open: {
    sends: true,
    receives: true,
    next: {
      close: 'closing-local',
      'close-received': 'closing-remote',
      fault: 'failing',
      'time-out': 'failed',
      end: 'ended',
    },
  },
  'closing-local': {
    sends: false,
    receives: true,
    next: { 'close-received': 'closed', fault: 'failed', 'time-out': 'failed', end: 'ended' },
  },
  'closing-remote': {
    sends: true,
    receives: false,
    next: { close: 'closing-both', 'close-taken': 'closed', 'time-out': 'failed', end: 'ended' },
  },
  'closing-both': {
    sends: false,
    receives: false,
    next: { 'close-taken': 'closed', 'time-out': 'failed', end: 'ended' },
  },
  failing: { sends: true, receives: false, next: { 'close-taken': 'failed', 'time-out': 'failed', end: 'ended' } },
  closed: { sends: false, receives: false, next: { 'time-out': 'ended', end: 'ended' } },
  failed: { sends: false, receives: false, next: { end: 'ended' } },
  ended: { sends: false, receives: false, next: {} },
}
