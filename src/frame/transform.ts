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
  /** Whether the message ends with this piece. */
  readonly last: boolean
  /** `decode` only: bytes that the message may still grow by. Past it throw, or return more and the connection fails (1009). */
  readonly room: number
  /** `decode` only: what decides `room`, for messages to people, such as `limits.maxMessageSize is 1048576`. */
  readonly roomLimit?: string | undefined
  /**
   * `decode` only: return at most about this many bytes now; Infinity: all. Of a text no more than `room`, or 1 where that is 0. Only an extension that has `hasMore` can keep to it:
   * what it does not return now comes with the next calls.
   */
  readonly wanted: number
  /** `encode` only: what the sender wishes for this message; `undefined`: nothing. */
  readonly compress?: boolean | undefined
}

/** The state of one extension on one connection. */
export interface Transform {
  /**
   * A piece of a message that carries the extension's bits (of every message, if it has none), as it came: to be read during
   * the call, unless it is handed on. Only the last piece of a message may be empty. What is returned is given away. Throws
   * `ProtocolError` for bad data; must not call back into its connection.
   */
  decode(piece: Uint8Array, info: PieceInfo): Uint8Array
  /**
   * Whether more output of the pieces that came is waiting. Then `decode` is called again with an empty piece, `first: false` and
   * `last` as it was, until this returns false. No new input is handed over before.
   */
  hasMore?(): boolean
  /**
   * A piece of a message to be sent, to be read only. `undefined` for the first: this message goes as it is, bits clear. What is
   * returned is read at once.
   */
  encode(piece: Uint8Array, info: PieceInfo): Uint8Array | undefined
  /**
   * Its state as plain data (what JSON keeps), from which `resume` goes on elsewhere; `null`: it needs none. `undefined`, or no
   * such member: it cannot move, now or ever.
   */
  snapshot?(): unknown
  /** Goes on from a snapshot. In its first state only. */
  resume?(state: unknown): void
  /**
   * Where a whole message is encoded the same whatever went before it: by what those transforms are known that encode it alike.
   * A prepared message is then encoded once for all of them. `undefined`, or no such member: it depends on what went before.
   */
  readonly sharing?: string | undefined
  /**
   * The connection is over: lets go of what would otherwise stay until the garbage is collected. Nothing is called after it, and
   * what it throws goes nowhere.
   */
  close?(): void
}
