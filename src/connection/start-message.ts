/**
 * Messages whose length is not known when they begin: they are written piece by piece, and each piece becomes a frame.
 *
 * @module
 */

import { nothing } from '../bytes/view.ts'
import { type AnyConnection, queued } from './connection.ts'
import { readCompress, type SendOptions } from './options.ts'
import { type OpenMessage, requireData, requireMessageType } from './outgoing.ts'

/** A message of unknown length. While it is open no other message can be sent; pings, pongs and a Close can. */
export interface OutgoingMessage {
  /**
   * Sends the next piece: a frame, or several if `fragmentSize` is smaller. A string may end between the halves of a surrogate
   * pair.
   *
   * @returns `false`: the connection no longer sends, and nothing was queued.
   * @throws TypeError for a string in a binary message, and after `end`.
   */
  write(piece: string | Uint8Array): boolean
  /** Sends the last piece, which may be empty; otherwise like `write`. */
  end(piece?: string | Uint8Array): boolean
}

/** Returned when the connection no longer sends. */
const noMessage: OutgoingMessage = /* @__PURE__ */ Object.freeze({ write: () => false, end: () => false })

/**
 * Begins a message in pieces; its length need not be known. Throws as {@link Connection.sendText} does.
 *
 * @see RFC 6455 §5.4
 * @example
 * const message = startMessage(connection, 'text')
 * message.write('Hel')
 * message.end('lo')
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
