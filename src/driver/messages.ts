/**
 * What a peer sends: the forms of a message, and the options.
 *
 * @module
 */

import { describeValue, wrongArgument } from '../arguments.ts'
import { isBytes } from '../bytes/view.ts'
import type { AnyConnection } from '../connection/connection.ts'
import type { Message, SendOptions } from '../connection/options.ts'
import { requireData, requireMessageType } from '../connection/outgoing.ts'
import type { PreparedMessage } from '../connection/prepared.ts'

/** A string is a text, bytes are a binary message; a message with its type, or a piece of one; a prepared message. */
export type PeerMessage = string | Uint8Array | Message | PreparedMessage

/** Options of {@link Peer.send}. */
export interface PeerSendOptions extends SendOptions {
  /**
   * Called once, in the order of the messages: when the stream has taken the last byte of this one, or with an error when it never
   * will.
   */
  readonly written?: ((error?: Error) => void) | undefined
}

/** Sends a message in any form. A prepared one brings its own way, so that it need not be bundled. */
export function sendOn(connection: AnyConnection, message: PeerMessage, options: SendOptions | undefined): boolean {
  if (typeof message === 'string') return connection.sendText(message, options)
  if (isTyped(message))
    return 'sendTo' in message ? message.sendTo(connection, options) : connection.send(message, options)
  if (!isBytes(message)) throw wrongMessage(message)
  return connection.sendBinary(message, options)
}

/** The data of a whole message; a prepared one and a piece have none. Anything may be passed in. */
export function wholeDataOf(message: PeerMessage): string | Uint8Array | undefined {
  if (isData(message)) return message
  if (typeof message !== 'object' || message === null) return undefined
  const { data, first = true, last = true } = message as Message
  return first && last && isData(data) ? data : undefined
}

/** The type of a message that is not prepared. */
export function typeOf(message: PeerMessage): 'text' | 'binary' {
  if (typeof message === 'string') return 'text'
  return isBytes(message) ? 'binary' : (message as Message).type
}

/** Its size in bytes; of a string in code units. */
export function sizeOf(message: PeerMessage): number {
  if (isData(message)) return message.length
  return 'sendTo' in message ? message.size : message.data.length
}

/** Throws `TypeError` for anything else, where it is sent only later. */
export function requireMessage(message: PeerMessage): void {
  if (isData(message)) return
  if (!isTyped(message)) throw wrongMessage(message)
  if ('sendTo' in message) return
  requireData(requireMessageType(message.type), message.data)
}

function isTyped(message: unknown): message is Message | PreparedMessage {
  return typeof message === 'object' && message !== null && 'type' in message
}

function wrongMessage(message: unknown): TypeError {
  const expected = 'a string, a Uint8Array or an object with `type` and `data`'
  return wrongArgument('a message', expected, describeValue(message))
}

/** A copy, unless it cannot change. */
export function copyOf(message: PeerMessage): PeerMessage {
  if (isData(message)) return copyData(message)
  return 'sendTo' in message ? message : { ...message, data: copyData(message.data) }
}

function copyData(data: string | Uint8Array): string | Uint8Array {
  return typeof data === 'string' ? data : new Uint8Array(data)
}

function isData(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || isBytes(value)
}
