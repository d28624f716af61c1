/**
 * What an extension does to messages on one connection, as a type: the interface between negotiation, which creates it, and the
 * connection, which runs it (RFC 6455 §5.8).
 *
 * @module
 */

/** The position of a piece in its message. Valid during the call only: the object is reused. */
export interface PieceInfo {
  /** 1 text, 2 binary. */
  readonly opcode: number
  /** Whether the message begins with this piece. */
  readonly first: boolean
  /** Whether the message ends with this piece. */
  readonly last: boolean
  /** `decode` only: bytes that the message may still grow by. Past it throw, or return more and the connection fails (1009). */
  readonly room: number
  /** `decode` only: the limit behind `room`, for error messages, such as `limits.maxMessageSize is 1048576`. */
  readonly roomLimit?: string | undefined
  /**
   * `decode` only: return at most about this many bytes now; Infinity: all. For text at most `room`, or 1 if that is 0. Only an
   * extension with `hasMore` can honor it: the rest is returned by later calls.
   */
  readonly wanted: number
  /** `encode` only: the sender's choice for this message; `undefined`: none. */
  readonly compress?: boolean | undefined
}

/** The state of one extension on one connection. */
export interface Transform {
  /**
   * Decodes a piece of a message that carries the extension's bits (of every message, if it has none). Read it during the call
   * only, unless you return it. Only the last piece of a message may be empty. The result is given away. Throws `ProtocolError` for
   * bad data; must not call back into its connection.
   */
  decode(piece: Uint8Array, info: PieceInfo): Uint8Array
  /**
   * Whether more output of earlier pieces is waiting. Then `decode` is called again with an empty piece, `first: false` and the
   * same `last`, until this returns false. No new input is passed before. More than 10 000
   * empty outputs in a row are a `TypeError`.
   */
  hasMore?(): boolean
  /**
   * Encodes a piece of an outgoing message, read only. `undefined` for the first piece: the message is sent unchanged, bits clear.
   * The result is read at once.
   */
  encode(piece: Uint8Array, info: PieceInfo): Uint8Array | undefined
  /**
   * Its state as plain data (what JSON keeps), from which `resume` can continue elsewhere; `null`: it needs none. `undefined`, or
   * no such method: it cannot move, now or ever.
   */
  snapshot?(): unknown
  /** Restores a snapshot. Called only in the initial state. */
  resume?(state: unknown): void
  /**
   * If a whole message is encoded independently of earlier ones: a key shared by the transforms that encode it identically. A
   * prepared message is then encoded once for all of them. `undefined`, or no such member: it depends on earlier messages.
   */
  readonly sharing?: string | undefined
  /**
   * Messages of at least this many bytes are encoded, unless `compress` says otherwise, and may as well be encoded in pieces: so an
   * adapter sends large ones, and none of them blocks. No such member: it sends them whole.
   */
  readonly threshold?: number | undefined
  /**
   * The connection has ended: releases resources before garbage collection would. Nothing is called after it, and what it throws is
   * ignored.
   */
  close?(): void
}
