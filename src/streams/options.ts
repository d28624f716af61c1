/**
 * The options and results that all entry points of the streams layer share, and the checks of the options.
 *
 * @module
 */

import type { Kind } from '../arguments.ts'
import type { ConnectionClosed } from '../connection/events.ts'
import type { ConnectionOptions } from '../connection/options.ts'
import { limitKinds } from '../limits.ts'
import type { ChunkSource, ChunkTarget, ReadableStreamLike, WritableStreamLike } from '../platform/streams.ts'
import type { Bytes } from '../types.ts'

/**
 * Any pair of byte streams: `Deno.Conn`, a Workers `Socket`, `Duplex.toWeb(socket)`. Both stay locked until the WebSocket has
 * closed and the transport has ended.
 */
export interface ByteStreams {
  /** What the peer sends, in chunks of any size. */
  readonly readable: ChunkSource<Uint8Array>
  /** Bytes to the peer; a pending write delays the next one. */
  readonly writable: ChunkTarget<Bytes>
}

/** How a WebSocket behind message streams behaves. */
export interface StreamOptions
  extends Pick<
    ConnectionOptions,
    'limits' | 'ownsChunks' | 'explainErrors' | 'fragmentSize' | 'maskKeys' | 'loneSurrogates'
  > {
  /**
   * How many bytes of messages may wait unread before reading stops; each message counts as its length plus 64. Reading ahead lets
   * pings be answered and a Close be noticed while the application does not read; the limit makes the peer wait. The inflated
   * contents of one transport chunk may exceed it. With 0 the transport is read only while a reader waits for a message. Default:
   * 65 536, what most transports deliver at once.
   */
  readonly readAhead?: number | undefined
}

/** A WebSocket as streams, modelled on the browsers' `WebSocketStream`. */
export interface MessageStreams {
  /**
   * The peer's messages. Ends after the last one if both sides sent a Close; fails with a `ProtocolError` for the peer's error, or
   * a {@link ClosedError} if the transport ended without a Close (1006). Earlier messages are delivered first. Cancelling closes
   * with the reason's `closeCode` and `reason` if it has them, otherwise with 1000 for no reason, 1011 for any other.
   */
  readonly readable: ReadableStreamLike<string | Bytes>
  /**
   * Messages to the peer: strings as text, bytes as binary. A write resolves when the transport has accepted it, so a writer that
   * awaits holds a single message. Closing sends Close 1000 after all of them and waits for the peer's; it rejects if that never
   * arrives. Aborting closes with the reason's `closeCode` and `reason` if it has them, otherwise with 1011.
   */
  readonly writable: WritableStreamLike<string | Uint8Array>
  /**
   * The close event, once the outcome is settled and our last byte is written, or the transport has ended. Never rejects. There is
   * no timeout: to give up on a peer that does not answer, end the transport.
   */
  readonly closed: Promise<ConnectionClosed>
  /**
   * Starts the closing handshake ahead of pending writes; nothing can be written afterwards. Messages that still arrive can be
   * read: an active reader is waited for, even past `readAhead`; without one, what exceeds it is dropped.
   *
   * @param code 1000–1003, 1007–1014 or 3000–4999; omitted: an empty Close (RFC 6455 §7.4).
   * @param reason At most 123 bytes of UTF-8.
   * @throws RangeError for a code that must not be sent or a reason that is too long; `TypeError` for a reason without a code.
   */
  close(code?: number, reason?: string): void
}

/** The members of {@link StreamOptions}, for `requireOptions`. The connection checks its own. */
export const streamOptionKinds: { readonly [name in keyof StreamOptions]-?: Kind } = {
  limits: limitKinds,
  ownsChunks: 'any',
  explainErrors: 'any',
  fragmentSize: 'any',
  maskKeys: 'any',
  loneSurrogates: 'any',
  readAhead: 'number',
}

/** The options that go to the connection. */
export function connectionOptionsOf({
  limits,
  ownsChunks,
  explainErrors,
  fragmentSize,
  maskKeys,
  loneSurrogates,
}: StreamOptions): Omit<StreamOptions, 'readAhead'> {
  return { limits, ownsChunks, explainErrors, fragmentSize, maskKeys, loneSurrogates }
}

/** The default of `readAhead`. */
const READ_AHEAD = 65_536

/** Throws `RangeError` for an invalid number of bytes. */
export function resolveReadAhead(readAhead: number = READ_AHEAD): number {
  if (readAhead >= 0) return readAhead
  throw new RangeError(`\`readAhead\` must be a number of bytes from 0 on, not ${readAhead}`)
}
