/**
 * The shapes of what Bun provides, so that nothing of Bun's is imported.
 *
 * @module
 */

import type { DuplexLike } from '../../driver/shapes.ts'

/** The part of Bun's `Socket` that is used. */
export interface BunSocketLike {
  /** The stream of this socket. */
  data: DuplexLike
  /** How many of the bytes were taken; 0: none for now, `drain` follows; -1: it is closed. */
  write(bytes: Uint8Array): number
  /** Stops `data`. */
  pause(): unknown
  /** Continues it. */
  resume(): unknown
  /** Ends our direction. */
  shutdown(): unknown
  /** Closes the socket; with TLS it waits for the peer's end. */
  end(): unknown
  /** Closes the socket at once: by a reset, unless our direction has ended. */
  terminate(): unknown
  /** Whether small writes wait for each other. */
  setNoDelay(noDelay: boolean): unknown
}

/** The handlers: what `socket` of `Bun.listen` and `Bun.connect` takes. */
export interface BunSocketHandlers {
  /** What `data` gets. */
  readonly binaryType: 'uint8array'
  /** It is connected. */
  open(socket: BunSocketLike): void
  /** TLS: the handshake is over, or has failed. */
  handshake(socket: BunSocketLike, success: boolean, error?: Error | null): void
  /** Bytes have come. */
  data(socket: BunSocketLike, chunk: Uint8Array): void
  /** It takes bytes again. */
  drain(socket: BunSocketLike): void
  /** The peer has ended its direction. */
  end(socket: BunSocketLike): void
  /** It is closed: with an error, if it was reset. */
  close(socket: BunSocketLike, error?: Error | null): void
}
