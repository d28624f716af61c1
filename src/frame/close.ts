/**
 * The payload of a Close frame: empty, or a code and a reason (RFC 6455 §5.5.1, §7.4). This module reads and writes it, and checks
 * which codes may be sent.
 *
 * @module
 */

import { requireOneOf, requireRecord, requireType } from '../arguments.ts'
import { errorIndex } from '../bytes/ascii.ts'
import { decodeText, scanUtf8, UTF8_START, utf8Length, writeUtf8 } from '../bytes/utf8.ts'
import { requireBytes } from '../bytes/view.ts'
import type { ProtocolError } from '../errors.ts'
import type { Bytes, Role } from '../types.ts'
import { rfcError, roles } from './rules.ts'

// Close codes (RFC 6455 §7.4.1).
export const NORMAL = 1000
export const PROTOCOL_ERROR = 1002
export const NO_STATUS = 1005
export const ABNORMAL = 1006
export const POLICY_VIOLATION = 1008
const MANDATORY_EXTENSION = 1010

/** The most bytes of UTF-8 in a reason: a control frame has at most 125 bytes, the code takes two (RFC 6455 §5.5). */
const MAX_CLOSE_REASON = 123

/**
 * A decoded Close payload.
 *
 * @category Frames and messages
 */
export interface ClosePayload {
  /** 1005 if the frame has no code. */
  code: number
  /** Empty if the frame has no reason. */
  reason: string
}

/**
 * Whether a Close frame may carry a code: 1000–1003, 1007–1014 and 3000–4999. All other codes are unassigned, or mean that the
 * connection ended without a Close frame (RFC 6455 §7.4.1, §7.4.2). {@link parseClosePayload} rejects them from a peer;
 * `Connection.close` accepts every code for which this returns true.
 *
 * @param code Any number; false unless it is whole.
 * @see RFC 6455 §7.4
 * @example
 * // Never sent: it means that no Close arrived.
 * isValidCloseCode(1006) // false
 *
 * @category Frames and messages
 */
export function isValidCloseCode(code: number): boolean {
  // Written out, so that programs do not bundle the registry with its texts; a test compares the two.
  if (!Number.isInteger(code)) return false
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999)
}

/**
 * Whether an endpoint may begin a close with a code. Like {@link isValidCloseCode}, except for 1010: a client sends it if an extension
 * is missing, and it "is not used by the server" (RFC 6455 §7.4.1). 1011 was meant for servers only, but erratum 3227 allows it for
 * clients. A relay may have to pass on a 1010, so `Connection.close` accepts it.
 *
 * @param role The side that sends.
 * @throws TypeError for another `role`.
 * @see RFC 6455 §7.4.1
 * @example
 * isSendableCloseCode(1010, 'server') // false
 *
 * @category Frames and messages
 */
export function isSendableCloseCode(code: number, role: Role): boolean {
  requireOneOf(role, roles, '`role`')
  return isValidCloseCode(code) && !(role === 'server' && code === MANDATORY_EXTENSION)
}

/**
 * Whether a page may pass a code to its browser's `WebSocket.close`: 1000 and 3000–4999. The browser throws an `InvalidAccessError` for
 * any other code.
 *
 * @see https://websockets.spec.whatwg.org/#dom-websocket-close
 * @example
 * // A frame may carry it, though.
 * isBrowserCloseCode(1001) // false
 */
export function isBrowserCloseCode(code: number): boolean {
  return code === NORMAL || (Number.isInteger(code) && code >= 3000 && code <= 4999)
}

/**
 * Returns the code with which a proxy closes one side after the other has closed. 1005 becomes `undefined`, again a Close without a
 * code. A lost transport (1006), a protocol error (`error`) and every other code that is not allowed in a frame become `lost`.
 *
 * @param closed How the first side ended: the close event of a `Connection`, or an object with a code.
 * @param lost For example 1014 (bad gateway) for a client, 1001 (going away) for a server.
 * @returns An argument for `Connection.close`.
 * @throws RangeError if `lost` itself is not allowed in a frame, whatever `closed` is; TypeError for arguments of the wrong type.
 * @see RFC 6455 §7.4.1
 * @example
 * if (event.type === 'close') other.close(relayCloseCode(event, 1014))
 *
 * @category Frames and messages
 */
export function relayCloseCode(
  closed: { readonly code: number; readonly error?: ProtocolError | undefined },
  lost: number,
): number | undefined {
  requireRecord(closed, '`closed`')
  requireSendable(lost, '`lost`')
  requireType(closed.code, 'number', '`closed.code`')
  if (closed.error !== undefined) return lost
  if (closed.code === NO_STATUS) return undefined
  return isValidCloseCode(closed.code) ? closed.code : lost
}

/**
 * Parses the payload of a Close frame.
 *
 * @param payload Unmasked. Not written to; the result does not refer to it.
 * @returns The code and the reason; 1005 and an empty reason if the payload is empty (RFC 6455 §7.1.5).
 * @throws ProtocolError `close-payload` (close code 1002) for a single byte, `close-code` (1002) for a code that is not allowed in a
 *   frame, `utf8` (1007) for a reason that is not UTF-8. Its `offset` counts from the start of the payload. TypeError unless `payload`
 *   is a `Uint8Array`.
 * @see RFC 6455 §5.5.1
 * @example
 * parseClosePayload(Uint8Array.of(0x03, 0xe8, 0x62, 0x79, 0x65)) // { code: 1000, reason: 'bye' }
 */
export function parseClosePayload(payload: Uint8Array): ClosePayload {
  requireBytes(payload, '`payload`')
  const size = payload.length
  if (size === 0) return { code: NO_STATUS, reason: '' }
  if (size === 1) throw rfcError('close-payload', '5.5.1', 'Close payload of 1 byte', 0)
  const code = ((payload[0] as number) << 8) | (payload[1] as number)
  if (!isValidCloseCode(code)) throw rfcError('close-code', '7.4', `invalid close code ${code}`, 0)
  const scanned = scanUtf8(payload, 2, size, UTF8_START)
  if (scanned !== UTF8_START) {
    const offset = scanned < 0 ? errorIndex(scanned) : size
    throw rfcError('utf8', '8.1', `close reason that is not UTF-8: byte ${offset} of the payload`, offset)
  }
  return { code, reason: decodeText(payload, 2, size) }
}

/**
 * Formats the payload of a Close frame.
 *
 * @param code `undefined` for an empty payload, which the peer reads as 1005.
 * @param reason At most 123 bytes of UTF-8 ({@link fitCloseReason} shortens it). A lone surrogate is written as U+FFFD.
 * @returns A new array of 0 or 2–125 bytes.
 * @throws RangeError for a code that is not allowed in a frame, or a reason that is too long; TypeError for a reason without a code,
 *   and for arguments of the wrong type.
 * @see RFC 6455 §5.5.1
 * @example
 * formatClosePayload(1001, 'restart') // 03 e9 72 65 73 74 61 72 74
 */
export function formatClosePayload(code?: number, reason = ''): Bytes {
  requireType(reason, 'string', '`reason`')
  if (code === undefined) {
    if (reason !== '') throw new TypeError('a close reason needs a close code')
    return new Uint8Array(0)
  }
  requireSendable(code, '`code`')
  const size = utf8Length(reason)
  if (size > MAX_CLOSE_REASON)
    throw new RangeError(`\`reason\` must have at most ${MAX_CLOSE_REASON} bytes of UTF-8, not ${size}`)
  const payload = new Uint8Array(2 + size)
  payload[0] = code >>> 8
  payload[1] = code
  writeUtf8(reason, payload, 2)
  return payload
}

function requireSendable(code: number, name: string): void {
  requireType(code, 'number', name)
  if (!isValidCloseCode(code)) throw new RangeError(`${name} must be 1000–1003, 1007–1014 or 3000–4999, not ${code}`)
}

/**
 * Returns the longest prefix of `reason` that fits into a Close frame: at most 123 bytes of UTF-8, cut between characters.
 *
 * @throws TypeError unless `reason` is a string.
 * @see RFC 6455 §5.5
 * @example
 * fitCloseReason('é'.repeat(100)).length // 61
 */
export function fitCloseReason(reason: string): string {
  requireType(reason, 'string', '`reason`')
  let size = 0
  let end = 0
  for (const character of reason) {
    size += utf8Length(character)
    if (size > MAX_CLOSE_REASON) return reason.slice(0, end)
    end += character.length
  }
  return reason
}
