/**
 * Messages as a peer sends them: their forms and options.
 *
 * @module
 */

import { describeValue, wrongArgument } from '../arguments.ts'
import { isBytes, viewOf } from '../bytes/view.ts'
import type { AnyConnection } from '../connection/connection.ts'
import type { Message, SendOptions } from '../connection/options.ts'
import { requireData, requireMessageType } from '../connection/outgoing.ts'
import type { PreparedMessage } from '../connection/prepared.ts'

/** A string is a text message and bytes of any kind are a binary message. Or a message or piece with its type, or a prepared message. */
export type PeerMessage = string | ArrayBufferView | ArrayBufferLike | Message | PreparedMessage

/**
 * The same with bytes as a `Uint8Array` only.
 *
 * @internal
 */
export type PlainMessage = string | Uint8Array | Message | PreparedMessage

/** Converts bytes of any kind to a `Uint8Array` view. Throws a `TypeError` if the argument is not a message. */
export function requirePlain(message: PeerMessage): PlainMessage {
  // Nearly all messages are one of these.
  if (typeof message === 'string' || message instanceof Uint8Array) return message
  const plain = isTyped(message) ? message : viewOf(message)
  if (plain !== undefined) return plain
  const expected = 'a string, an ArrayBuffer, a view of one or an object with `type` and `data`'
  throw wrongArgument('a message', expected, describeValue(message))
}

/** Options of {@link Peer.send}. */
export interface PeerSendOptions extends SendOptions {
  /**
   * Called once, in the order of the messages: when the stream has taken the last byte of the message, or with an error if it never will.
   */
  readonly written?: ((error?: Error) => void) | undefined
}

/** Returns the options that the connection reads, all but `written`, so that it also checks them. */
export function withoutWritten(options: PeerSendOptions | undefined): SendOptions | undefined {
  // A value of another type is for the connection to refuse.
  if (typeof options !== 'object' || options === null || !('written' in options)) return options
  const others: Record<string, unknown> = {}
  // Inherited options are read too.
  for (const key in options) if (key !== 'written') others[key] = options[key as keyof PeerSendOptions]
  return others
}

/** Sends a message in any form. A prepared message has its own method, so that its code is bundled only if used. */
export function sendOn(connection: AnyConnection, message: PlainMessage, options: SendOptions | undefined): boolean {
  if (typeof message === 'string') return connection.sendText(message, options)
  if (isTyped(message))
    return 'sendTo' in message ? message.sendTo(connection, options) : connection.send(message, options)
  return connection.sendBinary(message, options)
}

/** Returns the data of a whole message; a prepared message and a piece have none. */
export function wholeDataOf(message: PlainMessage): string | Uint8Array | undefined {
  if (isData(message)) return message
  const { data, first = true, last = true } = message as Message
  return first && last && isData(data) ? data : undefined
}

/** Returns the type of a message that is not prepared. */
export function typeOf(message: PlainMessage): 'text' | 'binary' {
  if (typeof message === 'string') return 'text'
  return isTyped(message) ? message.type : 'binary'
}

/** Returns the size of a message in bytes, or in code units for a string. */
export function sizeOf(message: PlainMessage): number {
  if (isData(message)) return message.length
  return 'sendTo' in message ? message.size : message.data.length
}

/** Throws a `TypeError` for a wrong message that would be sent only later. */
export function requireMessage(message: PlainMessage): void {
  if (isData(message) || 'sendTo' in message) return
  requireData(requireMessageType(message.type), message.data)
}

function isTyped(message: unknown): message is Message | PreparedMessage {
  return typeof message === 'object' && message !== null && 'type' in message
}

/** Copies a message, unless it cannot change. */
export function copyOf(message: PlainMessage): PlainMessage {
  if (isData(message)) return copyData(message)
  return 'sendTo' in message ? message : { ...message, data: copyData(message.data) }
}

function copyData(data: string | Uint8Array): string | Uint8Array {
  return typeof data === 'string' ? data : new Uint8Array(data)
}

function isData(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || isBytes(value)
}
