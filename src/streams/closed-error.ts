/**
 * What a stream fails with when its WebSocket is over. Knows nothing of how it came to that.
 *
 * @module
 */

/** What is known of an end. */
export interface ClosedErrorDetails {
  /** As in the close event (RFC 6455 §7.1.5). */
  readonly closeCode: number
  /** As in the close event. Default: empty. */
  readonly reason?: string
  /** What the transport failed with. */
  readonly cause?: unknown
}

/**
 * The WebSocket is over, and not as whoever read or wrote would have it: the transport ended without a Close, or a message
 * was written behind one. The members are those of the browsers' `WebSocketError`.
 *
 * @example
 * writer.write('too late').catch((error) => console.log(error.closeCode)) // 1001
 */
export class ClosedError extends Error {
  /** Tells it apart where `instanceof` cannot. */
  override readonly name = 'ClosedError'
  /** As in the close event (RFC 6455 §7.1.5): 1006 where no Close came. */
  readonly closeCode: number
  /** As in the close event. */
  readonly reason: string

  constructor(message: string, { closeCode, reason = '', cause }: ClosedErrorDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.closeCode = closeCode
    this.reason = reason
  }
}

/** What a Close shall say of a reason for it: `WebSocketError`, {@link ClosedError} and `ProtocolError` have a code. */
export function readCloseReason(cause: unknown): { readonly closeCode?: number; readonly reason?: string } {
  if (typeof cause !== 'object' || cause === null) return {}
  const { closeCode, reason } = cause as { readonly closeCode?: unknown; readonly reason?: unknown }
  if (typeof closeCode !== 'number') return {}
  return typeof reason === 'string' && reason !== '' ? { closeCode, reason } : { closeCode }
}
