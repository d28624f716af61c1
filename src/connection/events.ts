/**
 * The events a connection returns: messages, pings and pongs, and one close. Types only.
 *
 * `first` and `last` of events, of `send`, and of extensions (`PieceInfo`) say whether the *message* begins and ends with this
 * piece. Of `FrameDecoder` and `FramePiece` they say it of the *frame*; there the message ends if `fin` and `last` are true.
 *
 * @module
 */

import type { ProtocolError } from '../errors.ts'
import type { Bytes } from '../types.ts'

/** How text is returned: as strings, or as validated bytes, for relays. */
export type TextForm = 'string' | 'bytes'

/** A text message, or with `pieces` a piece of one. */
export interface TextReceived<Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** The event type. */
  type: 'text'
  /** A string of whole characters; as bytes, a piece may end inside a character. */
  data: Text extends 'bytes' ? Bytes : string
  /** Whether the message begins with this piece. */
  first: Pieces extends true ? boolean : true
  /** Whether the message ends with this piece. */
  last: Pieces extends true ? boolean : true
}

/** A binary message, or with `pieces` a piece of one. */
export interface BinaryReceived<Pieces extends boolean = false> {
  /** The event type. */
  type: 'binary'
  /** Yours: a copy, or with `ownsChunks` a view of the chunk. */
  data: Bytes
  /** Whether the message begins with this piece. */
  first: Pieces extends true ? boolean : true
  /** Whether the message ends with this piece. */
  last: Pieces extends true ? boolean : true
}

/**
 * A message, or with `pieces` a piece of one, marked by an extension that has no transform: as received, for the application to
 * decode. Text is not validated, and limits apply to the encoded bytes.
 */
export interface EncodedReceived<Pieces extends boolean = false> {
  /** The event type. */
  type: 'encoded'
  /** The type of the decoded message. */
  of: 'text' | 'binary'
  /** Its RSV bits, 0–7. */
  rsv: number
  /** Yours, as in {@link BinaryReceived}. */
  data: Bytes
  /** Whether the message begins with this piece. */
  first: Pieces extends true ? boolean : true
  /** Whether the message ends with this piece. */
  last: Pieces extends true ? boolean : true
}

/** A message of any type and form, before it is narrowed to the form the options ask for. */
export interface AnyMessage {
  type: 'text' | 'binary' | 'encoded'
  of?: 'text' | 'binary'
  rsv?: number
  data: string | Bytes
  first: boolean
  last: boolean
}

/** A ping; unless `autoPong` is off, its pong is already in the output. */
export interface PingReceived {
  /** The event type. */
  type: 'ping'
  /** 125 bytes at most. */
  data: Bytes
}

/** A pong, solicited or not. */
export interface PongReceived {
  /** The event type. */
  type: 'pong'
  /** 125 bytes at most. */
  data: Bytes
  /** Milliseconds since the ping it answers; `undefined` if no times were given or no ping matches. */
  roundTrip: number | undefined
}

/** The end: reported exactly once, and last. */
export interface ConnectionClosed {
  /** The event type. */
  type: 'close'
  /** The peer's code; 1005: a Close without a code; 1006: no Close at all; or the code that we failed the connection with. */
  code: number
  /** The reason sent with the peer's code (RFC 6455 §7.1.6). Empty if it sent none or no Close arrived; then see `error`. */
  reason: string
  /**
   * The code of our own Close, even if it is still in the output; 1005: it has none. `undefined`: there is none, because nothing
   * can be sent any more, or `autoClose` is off and you must call `close()`.
   */
  sentCode: number | undefined
  /** Close frames go both ways. */
  clean: boolean
  /** Who began the close. `'transport'`: neither, the bytes just ended. */
  by: 'local' | 'remote' | 'transport'
  /** The peer's error or timeout; its `message` is for people. `undefined`: none. */
  error: ProtocolError | undefined
  /** What an extension threw, other than a `ProtocolError`, which stopped reading. Absent: nothing. `receive` throws it as well. */
  cause?: unknown
}

/** Discriminated by `type`. */
export type ConnectionEvent<Text extends TextForm = 'string', Pieces extends boolean = false> =
  | TextReceived<Text, Pieces>
  | BinaryReceived<Pieces>
  | EncodedReceived<Pieces>
  | PingReceived
  | PongReceived
  | ConnectionClosed
