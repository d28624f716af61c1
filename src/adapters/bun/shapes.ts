/**
 * The shapes of Bun's objects that are used, so that nothing is imported from Bun.
 *
 * @module
 */

import type { DuplexLike } from '../../driver/shapes.ts'

/** The part of Bun's `Socket` that is used. */
export interface BunSocketLike {
  /** The stream of this socket. */
  data: DuplexLike
  /** Returns how many bytes were taken: 0 if none for now (`drain` follows), -1 if the socket is closed. */
  write(bytes: Uint8Array): number
  /** Stops `data`. */
  pause(): unknown
  /** Continues it. */
  resume(): unknown
  /** Ends our direction. */
  shutdown(): unknown
  /** Closes the socket; with TLS it waits for the peer's end. */
  end(): unknown
  /** Closes the socket at once: with a reset, unless our direction has ended. */
  terminate(): unknown
  /** Sets whether small writes are sent at once. */
  setNoDelay(noDelay: boolean): unknown
}

/** The handlers to pass as `socket` to `Bun.listen` and `Bun.connect`. */
export interface BunSocketHandlers {
  /** The type of the chunks that `data` gets. */
  readonly binaryType: 'uint8array'
  /** Called when the socket is connected. */
  open(socket: BunSocketLike): void
  /** TLS: called when the handshake has succeeded or failed. */
  handshake(socket: BunSocketLike, success: boolean, error?: Error | null): void
  /** Called when bytes have arrived. */
  data(socket: BunSocketLike, chunk: Uint8Array): void
  /** Called when the socket takes bytes again. */
  drain(socket: BunSocketLike): void
  /** Called when the peer has ended its direction. */
  end(socket: BunSocketLike): void
  /** Called when the socket is closed: with an error if it was reset. */
  close(socket: BunSocketLike, error?: Error | null): void
}
