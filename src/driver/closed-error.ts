/**
 * The error with which message streams fail after their WebSocket has closed.
 *
 * @module
 */

/** The details of a {@link ClosedError}. */
export interface ClosedErrorDetails {
  /** As in the close event (RFC 6455 §7.1.5). */
  readonly closeCode: number
  /** As in the close event. Default: empty. */
  readonly reason?: string
  /** The error that the transport failed with. */
  readonly cause?: unknown
}

/**
 * Reports that a WebSocket did not close as the reader or writer expected: the transport ended without a Close, or a message was
 * written after one. The members match those of the browsers' `WebSocketError`.
 *
 * @example
 * writer.write('too late').catch((error) => console.log(error.closeCode)) // 1001
 */
export class ClosedError extends Error {
  /** Identifies the class where `instanceof` cannot. */
  override readonly name = 'ClosedError'
  /** As in the close event (RFC 6455 §7.1.5): 1006 if no Close was received. */
  readonly closeCode: number
  /** As in the close event. */
  readonly reason: string

  constructor(message: string, { closeCode, reason = '', cause }: ClosedErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.closeCode = closeCode
    this.reason = reason
  }
}

/** Returns the code and reason to close with for `cause`: a `WebSocketError`, {@link ClosedError} or `ProtocolError` has a code. */
export function readCloseReason(cause: unknown): { readonly closeCode?: number; readonly reason?: string } {
  if (typeof cause !== 'object' || cause === null) return {}
  const { closeCode, reason } = cause as { readonly closeCode?: unknown; readonly reason?: unknown }
  if (typeof closeCode !== 'number') return {}
  return typeof reason === 'string' && reason !== '' ? { closeCode, reason } : { closeCode }
}
