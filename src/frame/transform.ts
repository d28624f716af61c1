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
  readonly first: boolean
  readonly last: boolean
  /** `decode` only: bytes that the message may still grow by. Past it throw, or return more and the connection fails (1009). */
  readonly room: number
}

/** The state of one extension on one connection. */
export interface Transform {
  /** A piece of a message that carries the extension's bits, as it came. Throws `ProtocolError` for bad data. */
  decode(piece: Uint8Array, info: PieceInfo): Uint8Array
  /** A piece of a message to be sent. `undefined` for the first: this message goes as it is, bits clear. */
  encode(piece: Uint8Array, info: PieceInfo): Uint8Array | undefined
}
