/**
 * Messages that the application encodes itself, for an extension without a transform.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import { toFirstByte } from '../frame/header.ts'
import { type AnyConnection, queued } from './connection.ts'
import { requireMessageType } from './outgoing.ts'

/**
 * A message for {@link sendEncoded}: an `encoded` event as received, or your own object.
 *
 * @category Connections
 */
export interface EncodedMessage {
  /** The type of the decoded message. */
  readonly of: 'text' | 'binary'
  /** The RSV bits, 0–7. */
  readonly rsv: number
  /** The payload as on the wire. Borrowed during the call. */
  readonly data: Uint8Array
  /** Encoded messages must be whole. */
  readonly first?: true | undefined
  /** Encoded messages must be whole. */
  readonly last?: true | undefined
}

/**
 * Sends a whole message that you have encoded for an extension without a transform: the inverse of an `encoded` event.
 *
 * @param message Its `rsv` must have all RSV bits of that extension, 0–7.
 * @returns `false` as {@link Connection.sendText} does.
 * @throws TypeError for bits of no such extension, and for a piece of a message; otherwise like {@link Connection.sendText}.
 * @see RFC 6455 §5.8
 * @example
 * const message = { of: 'text', rsv: Rsv.RSV1, data: Uint8Array.of(0x4a, 0x04, 0x00) } as const
 * sendEncoded(connection, message) // compressed by the application
 *
 * @category Connections
 */
export function sendEncoded(connection: AnyConnection, message: EncodedMessage): boolean {
  requireRecord(message, 'the message of `sendEncoded`')
  const { of, rsv, data, first = true, last = true } = message
  if (!connection.pipeline?.leavesAll(rsv))
    throw new TypeError(`no agreed extension leaves RSV bits ${rsv} to the application`)
  if (!first || !last) throw new TypeError('an encoded message must be whole')
  requireBytes(data, 'an encoded message')
  const opcode = requireMessageType(of)
  connection.requireIdle()
  if (!connection.lifecycle.sends) return false
  const outgoing = connection.ensureOutgoing()
  outgoing.requireFree()
  outgoing.output.addFrames(toFirstByte(opcode, false, rsv), data, true)
  return queued(connection)
}
