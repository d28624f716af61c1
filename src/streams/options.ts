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
  /**
   * Reads into an array and returns the number of bytes, or `null` at the end. If present, it is called instead of reading `readable`: in
   * Deno the end of `readable` closes both directions.
   */
  read?(buffer: Uint8Array): Promise<number | null>
  /** Ends our direction only. If present, it is called instead of closing `writable`, which in Deno closes both directions. */
  closeWrite?(): unknown
  /** Called at the end, and to destroy the transport. */
  close?(): unknown
}

/** How a WebSocket over message streams behaves. All times are in milliseconds. */
export interface StreamOptions
  extends Pick<
    ConnectionOptions,
    'limits' | 'ownsChunks' | 'explainErrors' | 'fragmentSize' | 'maskKeys' | 'loneSurrogates'
  > {
  /**
   * How many bytes of messages may wait unread before reading stops; each message counts as its length plus 64. Reading ahead allows pings
   * to be answered and a Close to be noticed while the application does not read; the limit makes the peer wait. The inflated contents of
   * one transport chunk may exceed it. With 0 the transport is read only while a reader waits for a message. Default: 65 536, the amount
   * that most transports deliver at once.
   */
  readonly readAhead?: number | undefined
  /**
   * Sends a ping after `interval` without a byte, then waits `timeout` for the answer. While reading has stopped because messages wait
   * unread, silence is not judged: the timeout is postponed, at most ten times. Default: 30 000 ms each. `false`: no keepalive.
   */
  readonly keepalive?: Keepalive | false | undefined
  /**
   * The time for the end of the WebSocket, from its beginning: for the remaining writes and reads, including the peer's Close. The
   * transport is destroyed at most twice this time after the beginning, whatever the peer does. Default: 10 000 ms.
   */
  readonly closeTimeout?: number | undefined
  /**
   * Gives up. During a handshake, the call rejects with the signal's `reason`, and the transport is destroyed. After it, this has the same
   * effect as aborting `writable` with the `reason`.
   */
  readonly signal?: AbortSignalLike | undefined
  /** A clock and timers, for tests. Default: the platform's. */
  readonly timers?: Timers | undefined
}

/** The options of functions that wait for a head. */
export interface HeadOptions extends StreamOptions {
  /** The time for the head of the request, or of the response, to arrive. Default: 10 000 ms. */
  readonly headTimeout?: number | undefined
}

/** A message to write: strings are text, everything else is binary. Buffers may be shared. */
export type StreamMessage = string | ArrayBufferView | ArrayBufferLike

/** A WebSocket as streams, modeled on the browsers' `WebSocketStream`. */
export interface MessageStreams {
  /**
   * The peer's messages. Ends after the last message if both sides sent a Close. Fails with a `ProtocolError` for the peer's error or a
   * timeout, or with a {@link ClosedError} if the transport ended without a Close (1006). Earlier messages are delivered first.
   *
   * Canceling closes the WebSocket: with 1000 if there is no reason, otherwise as aborting `writable` does.
   */
  readonly readable: ReadableStreamLike<string | Bytes>
  /**
   * Messages to the peer: strings as text, bytes as binary. A write resolves when the transport has taken the message, so a writer that
   * awaits each write has one message in memory; its bytes must not change until then. A write rejects with a {@link ClosedError} at the
   * end, and with a `TypeError` for anything else, which closes with 1011.
   *
   * Closing sends a Close with 1000 after all messages and waits for the peer's; it rejects if that never arrives. Aborting fails pending
   * writes at once, and closes: with the `closeCode` and `reason` of the abort reason if it has them and they can be sent (the reason is
   * cut to 123 bytes), with 1001 for an `AbortError` or `TimeoutError`, otherwise with 1011.
   */
  readonly writable: WritableStreamLike<StreamMessage>
  /**
   * The close event. Resolves when the outcome is settled and our last byte is written, or when the transport has ended without a Close: at
   * most twice `closeTimeout` after the end began. Never rejects.
   */
  readonly closed: Promise<ConnectionClosed>
  /**
   * Starts the closing handshake ahead of pending writes; nothing can be written after it. Messages that still arrive can be read: the
   * endpoint waits for an active reader, even past `readAhead`. Without an active reader, messages beyond `readAhead` are dropped.
   *
   * @param code 1000–1003, 1007–1014 or 3000–4999; omitted: an empty Close (RFC 6455 §7.4).
   * @param reason At most 123 bytes of UTF-8.
   * @throws RangeError for a code that must not be sent or a reason that is too long; `TypeError` for a reason without a code.
   */
  close(code?: number, reason?: string): void
  /**
   * Sends a ping after the messages that have been written.
   *
   * @param data At most 125 bytes, a string as UTF-8. Default: a number, a new one each time.
   * @returns The milliseconds until the pong arrived. Rejects with a {@link ClosedError} if the WebSocket ends first, and with a
   *   `RangeError` for too much data. A pong is read only as far as messages are: see `readAhead`.
   */
  ping(data?: string | Uint8Array): Promise<number>
}

/** The members of {@link StreamOptions}, for `requireOptions`. The connection and the endpoint check their own options. */
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

/** The members of {@link HeadOptions}. */
export const headOptionKinds: { readonly [name in keyof HeadOptions]-?: Kind } = {
  ...streamOptionKinds,
  headTimeout: 'number',
}
