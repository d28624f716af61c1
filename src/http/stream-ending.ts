/**
 * How a stream of HTTP/2 or HTTP/3 ends, and how the WebSocket on it does: the one is to the other what the end of TCP is over
 * HTTP/1.1 (RFC 8441 §5, RFC 9220 §3). Knows the names and numbers; ends nothing.
 *
 * @module
 */

import { describeValue, requireRecord, requireType } from '../arguments.ts'
import type { ProtocolError } from '../errors.ts'
import { http2ErrorCodes, http3ErrorCodes } from '../registry/http-errors.ts'

/** The end of a stream. */
export interface StreamEnding {
  /**
   * `'end'`: in order, as a FIN of TCP. Only the direction that it came by has ended, output may still go.
   * `'reset'`: broken off, as an RST of TCP. Nobody reads what is still sent.
   */
  readonly kind: 'end' | 'reset'
  /** For RST_STREAM or RESET_STREAM; of an `'end'` the one that says that nothing is wrong. */
  readonly errorCode: number
  /** `END_STREAM` or `FIN`; the registered name of the error code, or the number where there is none. */
  readonly name: string
}

/** The orderly end and the abnormal one, by version. */
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
 * How to end the stream under a connection that is `done`, once its output has been written.
 *
 * `'end'` where it closed in order, and where the peer's side just ended: a FIN is answered by a FIN. `'reset'` where it failed
 * by a fault of the peer or by time: nothing is read any more, and a peer that goes on would use up the window that all
 * streams share. The reset goes behind the end of the output, or it would overtake the Close frame. A peer that never ends its
 * own side keeps a stream open after either: bound that by time, as an idle one.
 *
 * @param closed The connection's `close` event.
 * @throws TypeError for what is none, `RangeError` for another version.
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
  // With another event, which has no `error`, a fault would pass for an orderly end.
  if (!('error' in closed)) throw new TypeError("`closed` must be a connection's `close` event, with its `error`")
  return { ...endingsOf(version)[closed.error === undefined ? 'end' : 'reset'] }
}

/**
 * What the end of a stream says. Whichever it is, the connection is told by `receiveEnd()`, and whether it closed in order its
 * own Close frames decide: after both a reset does no harm, without them an orderly end is a 1006 (RFC 6455 §7.1.5). After an
 * `'end'` the output that the connection still has may go, after a `'reset'` it is in vain.
 *
 * @param errorCode Of RST_STREAM or RESET_STREAM; `undefined` where there was none. Node's `stream.rstCode` has 0 for that.
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
