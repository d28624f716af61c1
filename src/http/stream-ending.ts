/**
 * Maps between the end of an HTTP/2 or HTTP/3 stream and the end of the WebSocket on it, where the stream takes the place of the
 * TCP connection (RFC 8441 §5, RFC 9220 §3). Returns names and error codes; the caller ends the stream.
 *
 * @module
 */

import { describeValue, requireRecord, requireType } from '../arguments.ts'
import type { ProtocolError } from '../errors.ts'
import { http2ErrorCodes, http3ErrorCodes } from '../registry/http-errors.ts'

/** The end of a stream. */
export interface StreamEnding {
  /**
   * `'end'`: orderly, like a TCP FIN. Only that direction has ended; output may still be sent.
   * `'reset'`: aborted, like a TCP RST. Further output is not read.
   */
  readonly kind: 'end' | 'reset'
  /** For RST_STREAM or RESET_STREAM; for an `'end'`, the code for no error. */
  readonly errorCode: number
  /** `END_STREAM` or `FIN`; for a reset, the error code's registered name, or else its number. */
  readonly name: string
}

/** The orderly and the abnormal ending, by version. */
const endings = {
  '2': {
    // "Orderly TCP-level closures are represented as END_STREAM flags"                                    RFC 8441 §5
    end: { kind: 'end', errorCode: 0x0, name: 'END_STREAM' },
    // "RST exceptions are represented with the RST_STREAM frame … with the CANCEL error code"             RFC 8441 §5
    reset: { kind: 'reset', errorCode: 0x8, name: 'CANCEL' },
    errorCodes: http2ErrorCodes,
  },
  '3': {
    // "Orderly TCP-level closures are represented as a FIN bit on the stream"                             RFC 9220 §3
    end: { kind: 'end', errorCode: 0x100, name: 'FIN' },
    // "a stream error … of type H3_REQUEST_CANCELLED"                                                     RFC 9220 §3
    reset: { kind: 'reset', errorCode: 0x10c, name: 'H3_REQUEST_CANCELLED' },
    errorCodes: http3ErrorCodes,
  },
} as const

/**
 * How to end the stream of a connection that is `done`, once its output has been written.
 *
 * `'end'` if it closed in order, or the peer's side just ended: a FIN is answered by a FIN. `'reset'` if it failed
 * by a fault of the peer or a timeout: input is no longer read, and a peer that keeps sending would use up the flow-control
 * window shared by all streams. Reset only after the output has ended, or the reset would overtake the Close frame. A peer that
 * never ends its own side keeps the stream open in either case: limit that with a timeout.
 *
 * @param closed The connection's `close` event.
 * @throws TypeError for anything else, `RangeError` for another version.
 *
 * @example
 * if (event.type === 'close') {
 *   const { kind, errorCode } = selectStreamEnding(event)
 *   stream.end(kind === 'end' ? undefined : () => stream.close(errorCode))
 * }
 */
export function selectStreamEnding(
  closed: { readonly error: ProtocolError | undefined },
  version: '2' | '3' = '2',
): StreamEnding {
  requireRecord(closed, '`closed`')
  // Another event has no `error`, and a fault would pass for an orderly end.
  if (!('error' in closed)) throw new TypeError("`closed` must be a connection's `close` event, with its `error`")
  return { ...endingsOf(version)[closed.error === undefined ? 'end' : 'reset'] }
}

/**
 * Interprets the end of a stream. In both cases, call the connection's `receiveEnd()`. Its Close frames decide whether it closed
 * in order: after both, a reset is harmless; without them, even an orderly end is a 1006 (RFC 6455 §7.1.5). After an `'end'`
 * you may still send the connection's output; after a `'reset'` it is useless.
 *
 * @param errorCode From RST_STREAM or RESET_STREAM; `undefined` if there was none. Node's `stream.rstCode` is then 0.
 *
 * @example
 * stream.on('close', () => {
 *   const { kind, name } = readStreamEnding(stream.rstCode) // 'reset', 'CANCEL'
 *   for (const event of connection.receiveEnd()) console.log(event, kind, name)
 * })
 */
export function readStreamEnding(errorCode: number | undefined, version: '2' | '3' = '2'): StreamEnding {
  const { end, errorCodes } = endingsOf(version)
  if (errorCode === undefined) return { ...end }
  requireType(errorCode, 'number', '`errorCode`')
  if (errorCode === end.errorCode) return { ...end }
  const name = errorCodes.find(({ code }) => code === errorCode)?.name ?? `0x${errorCode.toString(16)}`
  return { kind: 'reset', errorCode, name }
}

function endingsOf(version: '2' | '3'): (typeof endings)['2' | '3'] {
  if (version === '2' || version === '3') return endings[version]
  throw new RangeError(`\`version\` must be '2' or '3', not ${describeValue(version)}`)
}
