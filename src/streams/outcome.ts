/**
 * How one WebSocket closes, as far as it is known, and the errors that its readers and writers get.
 *
 * @module
 */

import type { ConnectionClosed } from '../connection/events.ts'
import { ClosedError, type ClosedErrorDetails } from '../driver/closed-error.ts'
import { CloseCode } from '../registry/websocket.ts'

/** The outcome of one connection. */
export class Outcome {
  /** Resolved by {@link settle}. */
  readonly closed: Promise<ConnectionClosed>
  /** The close event. */
  end: ConnectionClosed | undefined
  /** Code and reason of our Close, if we have sent one. */
  sent: ClosedErrorDetails = { closeCode: CloseCode.NoStatus }
  /** Why the transport can no longer be written to. */
  lost: { readonly error: unknown } | undefined
  private resolve: (end: ConnectionClosed) => void = () => {}

  constructor() {
    this.closed = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  /** The outcome is final: resolves {@link closed}. */
  settle(): void {
    if (this.end !== undefined) this.resolve(this.end)
  }

  /** Why the WebSocket did not close cleanly; `undefined`: it did, or is still open. */
  failure(): Error | undefined {
    if (this.end?.clean !== false) return undefined
    return this.end.error ?? this.toError('the transport ended without a Close')
  }

  /** The error for writes after the close. */
  refusal(): Error {
    return this.failure() ?? this.toError('nothing can be written after a Close')
  }

  /** An error with the code of the close event or, before that, of our own Close. */
  toError(message: string): ClosedError {
    const { end } = this
    if (end === undefined) return new ClosedError(message, this.sent)
    return new ClosedError(message, { closeCode: end.code, reason: end.reason, cause: this.lost?.error })
  }
}
