/**
 * What goes into the shells and what comes out of them. Types, and the checks of what can be wrong with them.
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import type { ConnectionClosed } from '../connection/events.ts'
import type { ConnectionOptions } from '../connection/options.ts'
import type { ChunkSource, ChunkTarget, ReadableStreamLike, WritableStreamLike } from '../platform/streams.ts'
import type { Bytes } from '../types.ts'

/**
 * Any pair of byte streams: `Deno.Conn`, a Workers `Socket`, `Duplex.toWeb(socket)`. Both are locked until the WebSocket and
 * its transport are over.
 */
export interface ByteStreams {
  /** What the peer sends, in chunks of any size. */
  readonly readable: ChunkSource<Uint8Array>
  /** What goes to the peer; a write that has not been taken yet holds the next one back. */
  readonly writable: ChunkTarget<Bytes>
}

/** How a WebSocket behaves behind its streams. */
export interface StreamOptions
  extends Pick<
    ConnectionOptions,
    'limits' | 'ownsChunks' | 'explainFaults' | 'fragmentSize' | 'maskKeys' | 'loneSurrogates'
  > {
  /**
   * Bytes of messages that may wait unread before reading stops; each counts as its length and 64 more. Reading ahead is what
   * lets pings be answered and a Close be seen while nobody reads; that it is bounded is what makes the peer wait. What one
   * chunk of the transport holds, inflated, may come on top. With 0 the transport is read only while somebody waits for a
   * message. Default: 65 536, what most transports deliver at once.
   */
  readonly readAhead?: number | undefined
}

/** A WebSocket as streams, in the shape of the browsers' `WebSocketStream`. */
export interface MessageStreams {
  /**
   * The peer's messages. Ends after the last of them where Close frames went both ways; fails with the peer's fault, a
   * `ProtocolError`, or a {@link ClosedError} where the transport ended without a Close (1006). What came before is read first.
   * Cancelling closes: with the reason's `closeCode` and `reason` if it has them, else with 1000, or 1011 for any other reason.
   */
  readonly readable: ReadableStreamLike<string | Bytes>
  /**
   * Messages to the peer: a string is a text, bytes are binary. A write is done when the transport has taken it, so a writer
   * who waits holds one message and no more. Closing sends Close 1000 behind all of them and waits for the peer's; that fails
   * where the peer's does not come. Aborting closes with the reason's `closeCode` and `reason` if it has them, else with 1011.
   */
  readonly writable: WritableStreamLike<string | Uint8Array>
  /**
   * The close event, once the outcome is settled and our last byte is written, or the transport has ended. Never rejects. There
   * is no clock here: a peer that does not answer is given up by ending the transport.
   */
  readonly closed: Promise<ConnectionClosed>
  /**
   * Begins the end, and overtakes what waits in `writable`; nothing can be written any more. Messages that still come can be
   * read: whoever holds a reader is waited for, past `readAhead` too; while nobody does, what comes behind it is dropped.
   *
   * @param code 1000–1003, 1007–1014 or 3000–4999; none: an empty Close (RFC 6455 §7.4).
   * @param reason At most 123 bytes of UTF-8.
   * @throws RangeError for a code that may not travel or a reason that is too long; `TypeError` for a reason alone.
   */
  close(code?: number, reason?: string): void
}

/** The members of {@link StreamOptions}, for checks of options. */
export const streamOptionNames: readonly (keyof StreamOptions)[] = [
  'limits',
  'ownsChunks',
  'explainFaults',
  'fragmentSize',
  'maskKeys',
  'loneSurrogates',
  'readAhead',
]

/** Those that are a connection's. */
export function connectionOptionsOf({
  limits,
  ownsChunks,
  explainFaults,
  fragmentSize,
  maskKeys,
  loneSurrogates,
}: StreamOptions): Omit<StreamOptions, 'readAhead'> {
  return { limits, ownsChunks, explainFaults, fragmentSize, maskKeys, loneSurrogates }
}

/** Unread bytes before reading stops, if nobody says. */
const READ_AHEAD = 65_536

/** Throws `TypeError` for what is no number, `RangeError` for what is no number of bytes. */
export function resolveReadAhead(readAhead: number = READ_AHEAD): number {
  if (typeof readAhead !== 'number')
    throw new TypeError(`\`readAhead\` must be a number, not ${describeValue(readAhead)}`)
  if (readAhead >= 0) return readAhead
  throw new RangeError(`\`readAhead\` must be a number of bytes from 0 on, not ${readAhead}`)
}
