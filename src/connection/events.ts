/**
 * The types of the events that a connection returns: messages, pings and pongs, and one close.
 *
 * In events, in `send` and in extensions (`PieceInfo`), `first` and `last` mean that the *message* begins or ends with this piece. In
 * `FrameDecoder` and `FramePiece` they refer to the *frame*; there the message ends if both `fin` and `last` are true.
 *
 * @module
 */

import type { ProtocolError } from '../errors.ts'
import type { Bytes } from '../types.ts'

/**
 * The form of received text: strings, or validated bytes for relays.
 *
 * @category Connections
 */
export type TextForm = 'string' | 'bytes'

/**
 * A text message, or with `pieces` a piece of one.
 *
 * @category Connections
 */
export interface TextReceived<Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** The event type. */
  type: 'text'
  /** A string of whole characters, or bytes; a piece in bytes may end inside a character. */
  data: Text extends 'bytes' ? Bytes : string
  /** Whether the message begins with this piece. */
  first: Pieces extends true ? boolean : true
  /** Whether the message ends with this piece. */
  last: Pieces extends true ? boolean : true
}

/**
 * A binary message, or with `pieces` a piece of one.
 *
 * @category Connections
 */
export interface BinaryReceived<Pieces extends boolean = false> {
  /** The event type. */
  type: 'binary'
  /** Belongs to you: a copy, or with `ownsChunks` a view of the chunk. */
  data: Bytes
  /** Whether the message begins with this piece. */
  first: Pieces extends true ? boolean : true
  /** Whether the message ends with this piece. */
  last: Pieces extends true ? boolean : true
}

/**
 * A message, or with `pieces` a piece of one, that has the RSV bits of an extension without a transform. The application decodes it. Text
 * is not validated, and limits apply to the encoded bytes.
 *
 * @category Connections
 */
export interface EncodedReceived<Pieces extends boolean = false> {
  /** The event type. */
  type: 'encoded'
  /** The type of the decoded message. */
  of: 'text' | 'binary'
  /** The RSV bits of the message, 0–7. */
  rsv: number
  /** Belongs to you, as in {@link BinaryReceived}. */
  data: Bytes
  /** Whether the message begins with this piece. */
  first: Pieces extends true ? boolean : true
  /** Whether the message ends with this piece. */
  last: Pieces extends true ? boolean : true
}

/** A message of any type and form, before its type is narrowed to the form that the options ask for. */
export interface AnyMessage {
  type: 'text' | 'binary' | 'encoded'
  of?: 'text' | 'binary'
  rsv?: number
  data: string | Bytes
  first: boolean
  last: boolean
}

/**
 * A ping. Unless `autoPong` is false, the output already contains its pong.
 *
 * @category Connections
 */
export interface PingReceived {
  /** The event type. */
  type: 'ping'
  /** At most 125 bytes. */
  data: Bytes
}

/**
 * A pong, solicited or not.
 *
 * @category Connections
 */
export interface PongReceived {
  /** The event type. */
  type: 'pong'
  /** At most 125 bytes. */
  data: Bytes
  /** Milliseconds since the ping it answers; `undefined` if no times were given or no ping matches. */
  roundTrip: number | undefined
}

/**
 * The end of the connection. Reported exactly once, as the last event.
 *
 * @category Connections
 */
export interface ConnectionClosed {
  /** The event type. */
  type: 'close'
  /**
   * The code of the peer's Close; 1005 if the Close has no code; 1006 if no Close arrived; or, after an error of the peer, the code with
   * which we failed the connection.
   */
  code: number
  /** The reason of the peer's Close (RFC 6455 §7.1.6). Empty if the Close has none, or no Close arrived; then see `error`. */
  reason: string
  /**
   * The code of our own Close, even if it has not been taken from the output; 1005 if the Close has no code. `undefined` if there is no
   * Close: nothing can be sent any more, or `autoClose` is false and you must call `close()`.
   */
  sentCode: number | undefined
  /** Whether both sides send a Close frame. */
  clean: boolean
  /** The side that began the close. `'transport'`: neither side, the transport ended without a Close. */
  by: 'local' | 'remote' | 'transport'
  /** The peer's error or timeout, with a `message` for people. `undefined` if there is none. */
  error: ProtocolError | undefined
  /** An extension's exception, not a `ProtocolError`, that stopped reading. Absent if there is none. `receive` also throws it. */
  cause?: unknown
}

/**
 * Any event of a connection, discriminated by `type`.
 *
 * @category Connections
 */
export type ConnectionEvent<Text extends TextForm = 'string', Pieces extends boolean = false> =
  | TextReceived<Text, Pieces>
  | BinaryReceived<Pieces>
  | EncodedReceived<Pieces>
  | PingReceived
  | PongReceived
  | ConnectionClosed
