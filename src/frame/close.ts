/**
 * What a Close frame carries: nothing, or a code and a reason (RFC 6455 §5.5.1, §7.4).
 *
 * @module
 */

import { describeValue, requireRecord } from '../arguments.ts'
import { decodeText, scanUtf8, UTF8_START, utf8Length, writeUtf8 } from '../bytes/utf8.ts'
import { requireBytes } from '../bytes/view.ts'
import { ProtocolError } from '../errors.ts'
import { CloseCode, closeCodes } from '../registry/websocket.ts'
import type { Bytes, Role } from '../types.ts'
import { requireRole, requireString } from './checks.ts'

/** Bytes of UTF-8 that a reason may have: a control frame carries 125, the code takes two (RFC 6455 §5.5). */
const MAX_CLOSE_REASON = 123

/** What a Close frame says. */
export interface ClosePayload {
  /** 1005: the frame carries none. */
  code: number
  /** Empty where none was sent. */
  reason: string
}

/**
 * Whether a Close frame may carry a code: 1000–1003, 1007–1014 and 3000–4999. The others were never assigned, or stand for
 * an end without a Close frame (RFC 6455 §7.4.1, §7.4.2). {@link parseClosePayload} refuses a peer's Close by this rule, and
 * `Connection.close` takes every code that it lets through.
 *
 * @param code Any number; what is not a whole one may not.
 * @see RFC 6455 §7.4
 * @example
 * // Nobody sends it: it says that no Close came.
 * mayCloseCodeTravel(1006) // false
 */
export function mayCloseCodeTravel(code: number): boolean {
  return (
    Number.isInteger(code) && closeCodes.some(({ first, last, travels }) => travels && first <= code && code <= last)
  )
}

/**
 * Whether an endpoint has a reason to begin its end with a code: as {@link mayCloseCodeTravel}, save 1010, by which a client
 * misses an extension, and which "is not used by the server" (RFC 6455 §7.4.1). 1011 was meant for servers only; erratum
 * 3227 opens it to clients. A relay may have to pass a 1010 on all the same, and `Connection.close` lets it.
 *
 * @param role The side that sends.
 * @throws TypeError for another `role`.
 * @see RFC 6455 §7.4.1
 * @example
 * mayEndpointSendCloseCode(1010, 'server') // false
 */
export function mayEndpointSendCloseCode(code: number, role: Role): boolean {
  requireRole(role)
  return mayCloseCodeTravel(code) && !(role === 'server' && code === CloseCode.MandatoryExtension)
}

/**
 * Whether a page may pass a code to its browser's `WebSocket.close`: 1000 and 3000–4999; any other is an
 * `InvalidAccessError` there.
 *
 * @see https://websockets.spec.whatwg.org/#dom-websocket-close
 * @example
 * // Though its frame may carry it.
 * mayBrowserSendCloseCode(1001) // false
 */
export function mayBrowserSendCloseCode(code: number): boolean {
  return code === CloseCode.Normal || (Number.isInteger(code) && code >= 3000 && code <= 4999)
}

/**
 * What a proxy closes its other side with, once one side has closed. 1005 becomes `undefined`, which is a Close without a
 * code again. A transport that was lost (1006), a peer that broke the rules (`error`) and every other code that may not
 * travel become `lost`.
 *
 * @param closed How the one side ended: the close event of a `Connection`, or a code and no error.
 * @param lost For example 1014 (bad gateway) towards a client, 1001 (going away) towards a server.
 * @returns What `Connection.close` takes.
 * @throws RangeError for a `lost` that may not travel itself, whatever `closed` says; TypeError for arguments of the wrong type.
 * @see RFC 6455 §7.4.1
 * @example
 * if (event.type === 'close') other.close(relayCloseCode(event, 1014))
 */
export function relayCloseCode(
  closed: { readonly code: number; readonly error?: ProtocolError | undefined },
  lost: number,
): number | undefined {
  requireRecord(closed, 'how a connection has closed')
  if (!mayCloseCodeTravel(lost)) throw unsendable(lost, '`lost`')
  if (typeof closed.code !== 'number')
    throw new TypeError(`the code of a closed connection must be a number, not ${describeValue(closed.code)}`)
  if (closed.error !== undefined) return lost
  if (closed.code === CloseCode.NoStatus) return undefined
  return mayCloseCodeTravel(closed.code) ? closed.code : lost
}

/**
 * Reads the payload of a Close frame, unmasked.
 *
 * @param payload Read only; nothing in the result refers to it.
 * @returns Code and reason; 1005 and an empty reason if the payload is empty (RFC 6455 §7.1.5).
 * @throws ProtocolError `close-payload` (1002) for a single byte, `close-code` (1002) for a code that may not travel, `utf8`
 *   (1007) for a reason that is not UTF-8. Its `offset` counts from the start of the payload. TypeError for what is no bytes.
 * @see RFC 6455 §5.5.1
 * @example
 * parseClosePayload(Uint8Array.of(0x03, 0xe8, 0x62, 0x79, 0x65)) // { code: 1000, reason: 'bye' }
 */
export function parseClosePayload(payload: Uint8Array): ClosePayload {
  requireBytes(payload, 'the payload of a Close frame')
  const size = payload.length
  if (size === 0) return { code: CloseCode.NoStatus, reason: '' }
  if (size === 1) throw fault('close-payload', '§5.5.1', 'a Close frame of one byte; its code takes two', 0)
  const code = ((payload[0] as number) << 8) | (payload[1] as number)
  if (!mayCloseCodeTravel(code))
    throw fault('close-code', '§7.4', `close code ${code}, which no Close frame may carry`, 0)
  const scanned = scanUtf8(payload, 2, size, UTF8_START)
  if (scanned !== UTF8_START) {
    const offset = scanned < 0 ? -1 - scanned : size
    throw fault('utf8', '§8.1', `a close reason that is not UTF-8 from byte ${offset} of the payload on`, offset)
  }
  return { code, reason: decodeText(payload, 2, size) }
}

function fault(
  code: 'close-payload' | 'close-code' | 'utf8',
  section: string,
  message: string,
  offset: number,
): ProtocolError {
  const closeCode = code === 'utf8' ? CloseCode.InvalidPayload : CloseCode.ProtocolError
  return new ProtocolError(code, message, { reference: `RFC 6455 ${section}`, closeCode, offset })
}

/**
 * Writes the payload of a Close frame.
 *
 * @param code `undefined`: an empty payload, which the peer reads as 1005.
 * @param reason At most 123 bytes of UTF-8 ({@link fitCloseReason} cuts it). A lone surrogate is written as U+FFFD.
 * @returns A fresh array of 0 or 2–125 bytes.
 * @throws RangeError for a code that may not travel, or a reason that is too long; TypeError for a reason without a code, and for
 *   arguments of the wrong type.
 * @see RFC 6455 §5.5.1
 * @example
 * formatClosePayload(1001, 'restart') // 03 e9 72 65 73 74 61 72 74
 */
export function formatClosePayload(code?: number, reason = ''): Bytes {
  requireString(reason, 'a close reason')
  if (code === undefined) {
    if (reason !== '') throw new TypeError('a close reason needs a close code before it')
    return new Uint8Array(0)
  }
  if (!mayCloseCodeTravel(code)) throw unsendable(code, 'a close code')
  const size = utf8Length(reason)
  if (size > MAX_CLOSE_REASON)
    throw new RangeError(`a close reason has at most ${MAX_CLOSE_REASON} bytes of UTF-8; this one has ${size}`)
  const payload = new Uint8Array(2 + size)
  payload[0] = code >>> 8
  payload[1] = code
  writeUtf8(reason, payload, 2)
  return payload
}

function unsendable(code: unknown, name: string): RangeError | TypeError {
  if (typeof code !== 'number') return new TypeError(`${name} must be a number, not ${describeValue(code)}`)
  return new RangeError(`close code ${code} may not be sent; 1000–1003, 1007–1014 and 3000–4999 may`)
}

/**
 * The longest beginning of `reason` that fits a Close frame: at most 123 bytes of UTF-8, cut between characters.
 *
 * @throws TypeError for what is no string.
 * @see RFC 6455 §5.5
 * @example
 * fitCloseReason('é'.repeat(100)).length // 61
 */
export function fitCloseReason(reason: string): string {
  requireString(reason, 'a close reason')
  let size = 0
  let end = 0
  for (const character of reason) {
    size += utf8Length(character)
    if (size > MAX_CLOSE_REASON) return reason.slice(0, end)
    end += character.length
  }
  return reason
}
