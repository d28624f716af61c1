/**
 * The type of the transforms with which an extension encodes and decodes messages on one connection (RFC 6455 §5.8). Extensions create
 * them; the connection runs them.
 *
 * @module
 */

/**
 * The position of a piece in its message. Valid only during the call, because the object is reused.
 *
 * @category Compression and extensions
 */
export interface PieceInfo {
  /** 1 text, 2 binary. */
  readonly opcode: number
  /** Whether the message begins with this piece. */
  readonly first: boolean
  /** Whether the message ends with this piece. */
  readonly last: boolean
  /**
   * `decode` only: the number of bytes by which the message may still grow. If the output exceeds it, throw; if you return more, the
   * connection fails with 1009 (message too big).
   */
  readonly remaining: number
  /** `decode` only: the limit that `remaining` comes from, for error messages, such as `limits.maxMessageSize is 1048576`. */
  readonly limitName?: string | undefined
  /**
   * `decode` only: return at most about this many bytes now; Infinity: all. For text it is at most `remaining`, or 1 if `remaining` is 0. Only an
   * extension with `hasMore` can honor it: later calls return the rest.
   */
  readonly wanted: number
  /** `encode` only: the sender's `compress` option for this message; `undefined` if not set. */
  readonly compress?: boolean | undefined
}

/**
 * Encodes and decodes the messages of one connection for one extension, and has the state for it.
 *
 * @category Compression and extensions
 */
export interface Transform {
  /**
   * Decodes a piece of a message that has the extension's RSV bits, or of every message if the extension has none. Read the piece only
   * during the call, unless you return it. Only the last piece of a message may be empty. The result is given away. Throw a
   * `ProtocolError` for invalid data. Must not call back into its connection.
   */
  decode(piece: Uint8Array, info: PieceInfo): Uint8Array
  /**
   * Whether there is more output for earlier pieces. If so, `decode` is called again with an empty piece, `first: false` and the same
   * `last`, until this returns false; no new input is passed before. More than 10 000 consecutive empty outputs are a `TypeError`.
   */
  hasMore?(): boolean
  /**
   * Encodes a piece of an outgoing message. Do not write to the piece. The result is read at once. Return `undefined` for the first
   * piece to send the message unchanged, without the RSV bits.
   */
  encode(piece: Uint8Array, info: PieceInfo): Uint8Array | undefined
  /**
   * Returns the state as plain data that JSON preserves, from which `resume` continues elsewhere; `null` if there is no state;
   * `undefined` if the connection cannot move now. Without this method it can never move.
   */
  snapshot?(): unknown
  /** Restores a snapshot. Called only in the initial state. */
  resume?(state: unknown): void
  /**
   * A key shared by all transforms that encode a whole message identically, if they encode it independently of earlier messages. A
   * prepared message is then encoded once for all of them. `undefined` or absent: the encoding depends on earlier messages.
   */
  readonly sharing?: string | undefined
  /**
   * Messages of at least this many bytes are encoded, unless `compress` decides otherwise, and may be encoded in pieces. An adapter sends
   * large messages in pieces, so that none of them blocks the event loop. Absent: it sends them whole.
   */
  readonly threshold?: number | undefined
  /**
   * Releases resources without waiting for garbage collection, when the connection has ended. Nothing is called after it, and its
   * exceptions are ignored.
   */
  close?(): void
}
