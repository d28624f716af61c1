/**
 * With what code a WebSocket closes for a reason that a stream was cancelled or aborted with.
 *
 * @module
 */

import { readCloseReason } from '../driver/closed-error.ts'
import { isValidCloseCode } from '../frame/close.ts'
import { decodeUtf8, encodeUtf8 } from '../platform/text.ts'
import { CloseCode } from '../registry/websocket.ts'

/** The most bytes of a reason (RFC 6455 §5.5). */
const MAX_REASON = 123

/** The arguments of `close`. */
export type CloseArguments = readonly [code: number | undefined, reason?: string]

/**
 * The code and reason to close with.
 *
 * @param fallback For no reason at all.
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
  // Nobody is at fault: the program, or a page, has other plans.
  const name = (cause as { readonly name?: unknown } | null)?.name
  if (name === 'AbortError' || name === 'TimeoutError') return [CloseCode.GoingAway]
  const { closeCode, reason } = readCloseReason(cause)
  if (closeCode === CloseCode.NoStatus) return [undefined]
  if (closeCode === undefined || !isValidCloseCode(closeCode)) return [CloseCode.InternalError]
  return reason === undefined ? [closeCode] : [closeCode, cut(reason)]
}

/** As much of a reason as a Close can have, in whole characters. */
function cut(reason: string): string {
  const bytes = encodeUtf8(reason)
  let end = Math.min(bytes.length, MAX_REASON)
  while (isContinuation(bytes[end])) end--
  return decodeUtf8(bytes.subarray(0, end))
}

/** Whether it is a byte of UTF-8 that begins no character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
