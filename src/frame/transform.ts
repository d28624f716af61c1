/**
 * What an extension does to messages on one connection, as a type: the seam between negotiation, which opens it, and the
 * connection, which runs it (RFC 6455 §5.8). Knows neither.
 *
 * @module
 */

/** A piece of a message and where in it it stands. Valid during the call only: it is one object, used again. */
export interface PieceInfo {
  /** 1 text, 2 binary. */
  readonly opcode: number
  /** Whether the message begins, and ends, with this piece. */
  readonly first: boolean
  readonly last: boolean
  /** `decode` only: bytes that the message may still grow by. Past it throw, or return more and the connection fails (1009). */
  readonly room: number
  /** `encode` only: what the sender wishes for this message; `undefined`: nothing. */
  readonly compress?: boolean | undefined
}

/** The state of one extension on one connection. */
export interface Transform {
  /**
   * A piece of a message that carries the extension's bits (of every message, if it has none), as it came: to be read during the
   * call, unless it is handed on. Pieces may be empty. Throws `ProtocolError` for bad data.
   */
  decode(piece: Uint8Array, info: PieceInfo): Uint8Array
  /** A piece of a message to be sent. `undefined` for the first: this message goes as it is, bits clear. */
  encode(piece: Uint8Array, info: PieceInfo): Uint8Array | undefined
  /** The connection is over: lets go of what would otherwise stay until the garbage is collected. Nothing is called after it. */
  close?(): void
}
