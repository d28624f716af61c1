/**
 * The options and results that all entry points of the streams layer share.
 *
 * @module
 */

import type { Kind } from '../arguments.ts'
import type { ConnectionClosed } from '../connection/events.ts'
import type { ConnectionOptions } from '../connection/options.ts'
import type { Keepalive } from '../connection/time.ts'
import { limitKinds } from '../limits.ts'
import type { AbortSignalLike } from '../platform/abort.ts'
import type { ChunkSource, ChunkTarget, ReadableStreamLike, WritableStreamLike } from '../platform/streams.ts'
import type { Timers } from '../platform/timers.ts'
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
  /** Ends our direction only, where closing `writable` ends both: as in Deno. */
  closeWrite?(): unknown
  /**
   * Reads into a buffer, where the end of `readable` ends both directions: as in Deno. Then `readable` is only locked.
   *
   * @returns How many bytes; `null` at the end.
   */
  read?(buffer: Bytes): Promise<number | null>
  /** Called at the end, and to destroy the transport. */
  close?(): unknown
}

/** How a WebSocket behind message streams behaves. All times are in milliseconds. */
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
  /**
   * After `interval` without a byte a ping, then `timeout` for the answer. While reading has stopped because messages wait unread,
   * silence means nothing, ten times over. Default: 30 000 both. `false`: none.
   */
  readonly keepalive?: Keepalive | false | undefined
  /**
   * For the end of the WebSocket, from its begin: for what is still to be written and read, the peer's Close among it. The transport
   * is destroyed twice as long after the begin at most, whatever the peer does. Default: 10 000.
   */
  readonly closeTimeout?: number | undefined
  /**
   * Gives up. While a handshake is awaited, the call rejects with its `reason`, and the transport is destroyed; afterwards it is as if
   * `writable` was aborted with the `reason`.
   */
  readonly signal?: AbortSignalLike | undefined
  /** A clock and timers, for tests. Default: those of the platform. */
  readonly timers?: Timers | undefined
}

/** The same where a head is awaited. */
export interface HeadOptions extends StreamOptions {
  /** For the head of the request, or of the response, to arrive. Default: 10 000. */
  readonly headTimeout?: number | undefined
}

/** What a writable stream of messages takes: strings are texts, all else is binary. Buffers may be shared. */
export type StreamMessage = string | ArrayBufferView | ArrayBufferLike

/** A WebSocket as streams, modelled on the browsers' `WebSocketStream`. */
export interface MessageStreams {
  /**
   * The peer's messages. Ends after the last one if both sides sent a Close; fails with a `ProtocolError` for the peer's error or a
   * time that was over, or a {@link ClosedError} if the transport ended without a Close (1006). Earlier messages are delivered first.
   *
   * Cancelling closes the WebSocket: for no reason with 1000, otherwise as aborting `writable` does.
   */
  readonly readable: ReadableStreamLike<string | Bytes>
  /**
   * Messages to the peer: strings as text, bytes as binary. A write resolves when the transport has taken the message, so a writer
   * that awaits holds a single one; until then its bytes must not change. It rejects with a {@link ClosedError} at the end, and with a
   * `TypeError` for anything else, which closes with 1011.
   *
   * Closing sends Close 1000 after all messages and waits for the peer's; it rejects if that never arrives. Aborting fails what
   * waits, at once, and closes: with the `closeCode` and `reason` of its reason if it has them and they can be sent (the reason is
   * cut to 123 bytes), with 1001 for an `AbortError` or `TimeoutError`, otherwise with 1011.
   */
  readonly writable: WritableStreamLike<StreamMessage>
  /**
   * The close event, once the outcome is settled and our last byte is written, or the transport has ended: at most twice
   * `closeTimeout` after the end began. Never rejects.
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
  /**
   * Sends a ping behind what has been written.
   *
   * @param data At most 125 bytes, a string as UTF-8. Default: a number, a new one each time.
   * @returns The milliseconds until its pong arrived. Rejects with a {@link ClosedError} if the WebSocket ends before; with a
   *   `RangeError` for too much data. A pong is read only as far as messages are: see `readAhead`.
   */
  ping(data?: string | Uint8Array): Promise<number>
}

/** The members of {@link StreamOptions}, for `requireOptions`. The connection and the endpoint check their own. */
export const streamOptionKinds: { readonly [name in keyof StreamOptions]-?: Kind } = {
  limits: limitKinds,
  ownsChunks: 'boolean',
  explainErrors: 'boolean',
  fragmentSize: 'number',
  maskKeys: 'function',
  loneSurrogates: 'any',
  readAhead: 'number',
  keepalive: 'any',
  closeTimeout: 'number',
  signal: 'object',
  timers: 'object',
}

/** Those of {@link HeadOptions}. */
export const headOptionKinds: { readonly [name in keyof HeadOptions]-?: Kind } = {
  ...streamOptionKinds,
  headTimeout: 'number',
}
