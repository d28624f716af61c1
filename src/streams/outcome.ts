/**
 * How a WebSocket ends, as far as it is known by now, and what whoever reads or writes is told of it. Knows nothing of how it
 * comes to that.
 *
 * @module
 */

import type { ConnectionClosed } from '../connection/events.ts'
import { CloseCode } from '../registry/websocket.ts'
import { ClosedError, type ClosedErrorDetails } from './closed-error.ts'

/** The outcome of one connection. */
export class Outcome {
  /** Resolves by {@link settle}. */
  readonly closed: Promise<ConnectionClosed>
  /** The close event. */
  end: ConnectionClosed | undefined
  /** What our Close says, where we have begun. */
  said: ClosedErrorDetails = { closeCode: CloseCode.NoStatus }
  /** Why nothing can be written to the transport any more. */
  lost: { readonly error: unknown } | undefined
  private resolve: (end: ConnectionClosed) => void = () => {}

  constructor() {
    this.closed = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  /** Nothing can change it any more. */
  settle(): void {
    if (this.end !== undefined) this.resolve(this.end)
  }

  /** What was wrong with the end; `undefined`: nothing, or it has not come. */
  failure(): Error | undefined {
    if (this.end?.clean !== false) return undefined
    return this.end.error ?? this.toError('the transport ended without a Close')
  }

  /** Why nothing more can be written. */
  refusal(): Error {
    return this.failure() ?? this.toError('nothing can be written behind a Close')
  }

  /** An error with the code of the end, or, before that, of our own Close. */
  toError(message: string): ClosedError {
    const { end } = this
    if (end === undefined) return new ClosedError(message, this.said)
    return new ClosedError(message, { closeCode: end.code, reason: end.reason, cause: this.lost?.error })
  }
}
