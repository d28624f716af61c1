/**
 * What a connection reports: messages, pings and pongs, and one end. Types only.
 *
 * @module
 */

import type { ProtocolError } from '../errors.ts'
import type { Bytes } from '../types.ts'

/** How texts are handed out: as strings, or as bytes that have been judged, for those who only pass them on. */
export type TextForm = 'string' | 'bytes'

/** A text, or with `pieces` a piece of one. */
export interface TextReceived<Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** Tells the events apart. */
  type: 'text'
  /** A string of whole characters; as bytes a piece may end inside one. */
  data: Text extends 'bytes' ? Bytes : string
  /** Whether the message begins, and ends, with this piece. */
  first: Pieces extends true ? boolean : true
  /** Whether the message ends with this piece. */
  last: Pieces extends true ? boolean : true
}

/** A binary message, or with `pieces` a piece of one. */
export interface BinaryReceived<Pieces extends boolean = false> {
  /** Tells the events apart. */
  type: 'binary'
  /** Yours: a copy, or with `ownsChunks` a view of the chunk. */
  data: Bytes
  /** Whether the message begins, and ends, with this piece. */
  first: Pieces extends true ? boolean : true
  /** Whether the message ends with this piece. */
  last: Pieces extends true ? boolean : true
}

/**
 * A message, or with `pieces` a piece of one, that an extension without a transform has marked: as it came, to be decoded by
 * somebody else. No text has been judged, and limits were held against the bytes as they came.
 */
export interface EncodedReceived<Pieces extends boolean = false> {
  /** Tells the events apart. */
  type: 'encoded'
  /** What it is once it is decoded. */
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

/** A message in any form, as it is made before it is known which one is wanted. */
export interface AnyMessage {
  type: 'text' | 'binary' | 'encoded'
  of?: 'text' | 'binary'
  rsv?: number
  data: string | Bytes
  first: boolean
  last: boolean
}

/** A ping; the pong that it is owed is in the output already, unless `autoPong` is off. */
export interface PingReceived {
  /** Tells the events apart. */
  type: 'ping'
  /** 125 bytes at most. */
  data: Bytes
}

/** A pong, asked for or not. */
export interface PongReceived {
  /** Tells the events apart. */
  type: 'pong'
  /** 125 bytes at most. */
  data: Bytes
  /** Since the ping that it answers, in the unit of the times that were told; `undefined`: they were not, or nobody asked. */
  roundTrip: number | undefined
}

/** The end: exactly once, and last. */
export interface ConnectionClosed {
  /** Tells the events apart. */
  type: 'close'
  /** What the peer sent; 1005: a Close without a code; 1006: no Close at all; or the code that we failed it with. */
  code: number
  /**
   * What the peer sent with its code (RFC 6455 §7.1.6). Empty where it sent none, and where no Close came: what was wrong then says
   * `error`.
   */
  reason: string
  /**
   * The code of our own Close, be it on its way still; 1005: it has none. `undefined`: there is none, for nothing can be sent
   * any more, or because `autoClose` is off and `close()` is yours to call.
   */
  sentCode: number | undefined
  /** Close frames go both ways. */
  clean: boolean
  /** Who began. `'transport'`: nobody, the bytes just ended. */
  by: 'local' | 'remote' | 'transport'
  /** What the peer did wrong, or what it did not do in time; its `message` is for people. `undefined`: nothing. */
  error: ProtocolError | undefined
  /**
   * What an extension has thrown that was no `ProtocolError`, so that nothing more could be read. Absent: nothing. `receive`
   * throws it as well.
   */
  cause?: unknown
}

/** Told apart by `type`. */
export type ConnectionEvent<Text extends TextForm = 'string', Pieces extends boolean = false> =
  | TextReceived<Text, Pieces>
  | BinaryReceived<Pieces>
  | EncodedReceived<Pieces>
  | PingReceived
  | PongReceived
  | ConnectionClosed
