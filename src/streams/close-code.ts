/**
 * The code and reason to close a WebSocket with when a stream is canceled or aborted.
 *
 * @module
 */

import { readCloseReason } from '../driver/closed-error.ts'
import { isValidCloseCode } from '../frame/close.ts'
import { decodeUtf8, encodeUtf8 } from '../platform/text.ts'
import { CloseCode } from '../registry/websocket.ts'

/** The maximum size of a reason, in bytes (RFC 6455 §5.5). */
const MAX_REASON = 123

/** The arguments of `close`. */
export type CloseArguments = readonly [code: number | undefined, reason?: string]

/**
 * Returns the code and reason to close with.
 *
 * @param fallback The code if there is no reason at all.
 */
export function closeArguments(cause: unknown, fallback: number): CloseArguments {
  if (cause === undefined) return [fallback]
  try {
    return read(cause)
  } catch {
    // A getter of the reason has thrown.
    return [CloseCode.InternalError]
  }
}

function read(cause: unknown): CloseArguments {
  // Nobody is at fault: the program or the user has canceled.
  const name = (cause as { readonly name?: unknown } | null)?.name
  if (name === 'AbortError' || name === 'TimeoutError') return [CloseCode.GoingAway]
  const { closeCode, reason } = readCloseReason(cause)
  if (closeCode === CloseCode.NoStatus) return [undefined]
  if (closeCode === undefined || !isValidCloseCode(closeCode)) return [CloseCode.InternalError]
  return reason === undefined ? [closeCode] : [closeCode, cut(reason)]
}

/** Cuts a reason to what a Close can carry, in whole characters. */
function cut(reason: string): string {
  const bytes = encodeUtf8(reason)
  let end = Math.min(bytes.length, MAX_REASON)
  while (isContinuation(bytes[end])) end--
  return decodeUtf8(bytes.subarray(0, end))
}

/** Whether a byte continues a UTF-8 character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
