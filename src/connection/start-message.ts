/**
 * Messages whose length is not known when they begin. You write them piece by piece; each piece becomes a frame.
 *
 * @module
 */

import { nothing } from '../bytes/view.ts'
import { type AnyConnection, queued } from './connection.ts'
import { readCompress, type SendOptions } from './options.ts'
import { type OpenMessage, requireData, requireMessageType } from './outgoing.ts'

/**
 * A message of unknown length. While it is open, no other message can be sent, but pings, pongs and a Close can.
 *
 * @category Connections
 */
export interface OutgoingMessage {
  /**
   * Sends the next piece: a frame, or several if `fragmentSize` is smaller. A string may end between the halves of a surrogate
   * pair.
   *
   * @returns `false` if the connection no longer sends; nothing was queued.
   * @throws TypeError for a string in a binary message, and after `end`.
   */
  write(piece: string | Uint8Array): boolean
  /** Sends the last piece, and ends the message. Without an argument the piece is empty. Otherwise like `write`. */
  end(piece?: string | Uint8Array): boolean
}

/** Returned when the connection no longer sends. */
const noMessage: OutgoingMessage = /* @__PURE__ */ Object.freeze({ write: () => false, end: () => false })

/**
 * Begins a message in pieces, whose length need not be known.
 *
 * @throws TypeError for another `type` and invalid options, and while a message is open.
 * @see RFC 6455 §5.4
 * @example
 * const message = startMessage(connection, 'text')
 * message.write('Hel')
 * message.end('lo')
 *
 * @category Connections
 */
export function startMessage(
  connection: AnyConnection,
  type: 'text' | 'binary',
  options?: SendOptions,
): OutgoingMessage {
  const opcode = requireMessageType(type)
  const compress = readCompress(options)
  connection.requireIdle()
  if (!connection.lifecycle.sends) return noMessage
  return new MessageWriter(connection, connection.ensureOutgoing().open(opcode, compress))
}

/** Writes the pieces of one message. */
class MessageWriter implements OutgoingMessage {
  readonly #connection: AnyConnection
  readonly #message: OpenMessage

  constructor(connection: AnyConnection, message: OpenMessage) {
    this.#connection = connection
    this.#message = message
  }

  write(piece: string | Uint8Array): boolean {
    return this.#add(piece, false)
  }

  end(piece: string | Uint8Array = nothing): boolean {
    return this.#add(piece, true)
  }

  #add(piece: string | Uint8Array, last: boolean): boolean {
    const connection = this.#connection
    if (this.#message.ended) throw new TypeError('this message has ended')
    connection.requireIdle()
    if (!connection.lifecycle.sends) return false
    requireData(this.#message.opcode, piece)
    connection.ensureOutgoing().addPiece(this.#message, piece, last)
    return queued(connection)
  }
}
