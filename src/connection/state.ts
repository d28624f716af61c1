/**
 * The life of a connection, as a table: which state follows which input, and what each allows (RFC 6455 §5.5.1, §7.1).
 * Knows neither roles nor frames.
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

/** Where a connection stands. */
export type State =
  /** No Close has gone either way. */
  | 'open'
  /** Ours has been asked for: it goes behind what was sent before, and theirs is awaited. */
  | 'closing-local'
  /** Theirs has come, ours waits for what is still to be sent before it. */
  | 'closing-remote'
  /** The same, once ours has been asked for: nothing more may be sent before it. */
  | 'closing-both'
  /** They broke a rule; our Close waits likewise, and theirs is no longer awaited. */
  | 'failing'
  /** Both have gone. */
  | 'closed'
  /** Ours has gone for good, and nothing that comes is read any more. */
  | 'failed'
  /** The transport is over. */
  | 'ended'

/** What moves a connection on. */
export type Input = 'close' | 'close-received' | 'close-taken' | 'fault' | 'time-out' | 'end'

/** What a state allows, and where it leads; an input that is absent changes nothing. */
interface StateEntry {
  /** Messages may be sent: `close()` has not been called, and no Close of ours has been taken. */
  readonly sends: boolean
  /** The close event has not been reported: what comes is read. */
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
