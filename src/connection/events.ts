/**
 * What a connection reports: messages, pings and pongs, and one end. Types only.
 *
 * @module
 */

import type { ProtocolError } from '../errors.ts'
import type { Bytes } from '../types.ts'

/** A whole text message. */
export interface TextReceived {
  type: 'text'
  data: string
}

/** A whole binary message. */
export interface BinaryReceived {
  type: 'binary'
  /** Yours: a copy, or with `ownsChunks` a view of the chunk. */
  data: Bytes
}

/** A ping; the pong that it is owed is in the output already. */
export interface PingReceived {
  type: 'ping'
  /** 125 bytes at most. */
  data: Bytes
}

/** A pong, asked for or not. */
export interface PongReceived {
  type: 'pong'
  /** 125 bytes at most. */
  data: Bytes
}

/** The end: exactly once, and last. */
export interface ConnectionClosed {
  type: 'close'
  /** What the peer sent; 1005: a Close without a code; 1006: no Close at all; or the code that we failed it with. */
  code: number
  reason: string
  /** Close frames go both ways. */
  clean: boolean
  /** Who began. `'transport'`: nobody, the bytes just ended. */
  by: 'local' | 'remote' | 'transport'
  /** What the peer did wrong. */
  error: ProtocolError | undefined
}

/** Told apart by `type`. */
export type ConnectionEvent = TextReceived | BinaryReceived | PingReceived | PongReceived | ConnectionClosed
