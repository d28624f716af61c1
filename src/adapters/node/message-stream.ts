/**
 * A peer as a Node stream of messages.
 *
 * @module
 */

import { describeType, type Kind, type Kinds, requireOptions, requireType, wrongArgument } from '../../arguments.ts'
import { join } from '../../bytes/join.ts'
import type { ConnectionClosed } from '../../connection/events.ts'
import { ClosedError, readCloseReason } from '../../driver/closed-error.ts'
import type { PeerMessage } from '../../driver/messages.ts'
import { type AnyPeer, Peer } from '../../driver/peer.ts'
import { asBuffer } from '../../platform/native.ts'
import { CloseCode } from '../../registry/websocket.ts'

/** The options of the stream's constructor, as Node's `Duplex` takes them. */
export interface MessageDuplexOptions {
  /** Whether it is a stream of messages, not of bytes. */
  readonly objectMode: boolean
  /** As passed to {@link messageStream}. */
  readonly allowHalfOpen: boolean
  /** Called when the reader wants more. */
  readonly read: () => void
  /** Called with messages to send. */
  readonly writev: (
    chunks: readonly { readonly chunk: PeerMessage }[],
    callback: (error?: Error | null) => void,
  ) => void
  /** Called when everything has been written. */
  readonly final: (callback: (error?: Error | null) => void) => void
  /** Called when the stream is destroyed. */
  readonly destroy: (error: Error | null, callback: (error: Error | null) => void) => void
}

/** The part of Node's `Duplex` that is used. */
export interface MessageDuplex {
  /** Adds a message to read, or ends the readable side with `null`. Returns `false` when the stream is full. */
  push(message: unknown): boolean
  /** Ends the stream at once. */
  destroy(error?: Error): unknown
  /** Whether `destroy` was called. */
  readonly destroyed: boolean
}

/** A stream class. */
export interface MessageDuplexClass<Stream extends MessageDuplex> {
  /** Creates a stream. */
  new (options: MessageDuplexOptions): Stream
}

/** Options of {@link messageStream}. */
export interface MessageStreamOptions<Stream extends MessageDuplex> {
  /** The class: `Duplex` of `node:stream`, or another version of it. */
  readonly Duplex: MessageDuplexClass<Stream>
  /**
   * Whether the writable side stays open after the peer's Close; writes then fail. Default: false, the writable side ends when everything
   * has been read.
   */
  readonly allowHalfOpen?: boolean | undefined
  /**
   * Whether it is a stream of messages. With `false` it is a stream of bytes, for protocols without messages, such as MQTT: text and binary
   * messages are read as bytes, strings are written as bytes, and everything is sent as binary messages. Writes that wait together are sent
   * as one message. Default: true.
   */
  readonly objectMode?: boolean | undefined
}

/** The maximum size of a message joined from small writes, in bytes: peers limit the size of messages. */
const MAX_JOINED = 65_536

/** How many bytes a full stream takes after our own Close. A peer may have sent this much before it sees the Close. */
const MIN_EXCESS = 1_048_576

const streamKinds: Kinds = {
  Duplex: 'function',
  allowHalfOpen: 'boolean',
  objectMode: 'boolean',
} satisfies Record<keyof MessageStreamOptions<MessageDuplex>, Kind>

/**
 * Creates a stream of a peer's messages, in object mode: strings are text messages, and bytes (a `Buffer` on Node) are binary messages. You
 * can write anything that {@link Peer.send} accepts. A slow reader makes the peer wait, and a write completes when its bytes have been
 * written. From then on the endpoint's `message` does not get this peer's messages; its other functions are called as before.
 *
 * `end()` closes with 1000, and `finish` waits for the peer's Close. `destroy(error)` closes with the error's `closeCode` and `reason`.
 * Without an error, or with an `AbortError` (when a loop is left), it closes with 1000; for any other error it terminates the peer. The
 * peer's Close ends the readable side. Any other end destroys the stream with a {@link ClosedError}.
 *
 * @param peer A peer of an endpoint without `pieces`. Call this function in `open`, or before the first message is read.
 * @throws TypeError for wrong arguments, for a peer whose messages arrive in pieces, and for a peer that was detached or is being detached.
 * @example
 * import { Duplex, pipeline } from 'node:stream'
 *
 * const endpoint = new Endpoint({
 *   open(peer) {
 *     const stream = messageStream(peer, { Duplex })
 *     pipeline(stream, stream, (error) => console.log(error ?? 'closed')) // an echo
 *   },
 * })
 *
 * @example
 * import { Duplex } from 'node:stream'
 *
 * const endpoint = new Endpoint({
 *   open: (peer) => messageStream(peer, { Duplex, objectMode: false }).on('data', (bytes) => console.log(bytes)),
 * })
 */
export function messageStream<Stream extends MessageDuplex>(
  peer: AnyPeer,
  options: MessageStreamOptions<Stream>,
): Stream {
  if (!(peer instanceof Peer)) throw wrongArgument('`peer`', 'a Peer', describeType(peer))
  requireOptions(options, streamKinds, 'the options of messageStream')
  requireType(options.Duplex, 'function', '`Duplex`')
  if (peer.connection.options.pieces) throw new TypeError('messageStream needs an endpoint without `pieces`')
  if (peer.departure !== undefined) throw new TypeError('a detached peer has no messages for a stream')
  return new Bridge(peer, options).stream
}

/** Connects a peer to its stream. */
class Bridge<Stream extends MessageDuplex> {
  readonly stream: Stream
  readonly #peer: AnyPeer
  /** The stream is full, and reading has stopped. */
  #paused = false
  /** The size of the messages that arrived since the stream was full. */
  #excess = 0
  /** Completes `end()`. */
  #finish: ((error?: Error | null) => void) | undefined = undefined

  constructor(peer: AnyPeer, { Duplex, allowHalfOpen = false, objectMode = true }: MessageStreamOptions<Stream>) {
    this.#peer = peer
    this.stream = new Duplex({
      objectMode,
      allowHalfOpen,
      read: () => this.#read(),
      writev: (chunks, callback) => {
        try {
          const messages = chunks.map(({ chunk }) => chunk)
          // Without object mode Node has converted strings and views to bytes.
          this.#write(objectMode ? messages : joinSmall(messages as Uint8Array[]), callback)
        } catch (error) {
          callback(error as Error)
        }
      },
      final: (callback) => this.#final(callback),
      destroy: (error, callback) => {
        this.#end(error)
        callback(error)
      },
    })
    const { handlers } = peer
    peer.handlers = {
      ...handlers,
      message: (_, data) => this.#receive(data),
      close: (from, closed) => {
        this.#closed(closed)
        return handlers.close?.(from, closed)
      },
    }
    if (peer.closed !== undefined) this.#closed(peer.closed)
  }

  // Reading

  #receive(data: string | Uint8Array): void {
    const { stream } = this
    if (stream.destroyed) return
    if (this.#paused) this.#excess += data.length
    // Reading continues after our own Close, to find the peer's.
    if (this.#excess > Math.max(this.#peer.connection.options.limits.maxMessageSize, MIN_EXCESS))
      return void stream.destroy(this.#error('too many messages after our Close were not read'))
    if (stream.push(typeof data === 'string' ? data : asBuffer(data))) return
    this.#paused = true
    this.#peer.pause()
  }

  #read(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#excess = 0
    this.#peer.resume()
  }

  // Writing

  #write(messages: readonly PeerMessage[], callback: (error?: Error | null) => void): void {
    const written = (error?: Error): void => {
      callback(error === undefined ? null : this.#error('not written: the WebSocket has ended'))
    }
    for (const [i, message] of messages.entries())
      this.#peer.send(message, i < messages.length - 1 ? undefined : { written })
  }

  #final(callback: (error?: Error | null) => void): void {
    if (this.#peer.closed !== undefined) return void callback()
    this.#finish = callback
    this.#peer.close(CloseCode.Normal)
  }

  // The end

  #closed(closed: ConnectionClosed): void {
    if (!closed.clean)
      return void this.stream.destroy(this.#error(closed.error?.message ?? 'the transport ended without a Close'))
    if (!this.stream.destroyed) this.stream.push(null)
    this.#finish?.()
  }

  /** Handles the destruction of the stream. */
  #end(error: Error | null): void {
    const peer = this.#peer
    if (peer.closed !== undefined) return
    // Leaving a loop destroys its stream with an AbortError.
    const isWanted = error === null || error.name === 'AbortError'
    const { closeCode = isWanted ? CloseCode.Normal : undefined, reason } = readCloseReason(error)
    try {
      if (closeCode !== undefined) return void peer.close(closeCode, reason)
    } catch {
      // Codes such as 1006 and long reasons must not be sent.
    }
    peer.terminate()
  }

  #error(message: string): ClosedError {
    const { code = CloseCode.Abnormal, reason = '', error, cause = error } = this.#peer.closed ?? {}
    return new ClosedError(message, { closeCode: code, reason, cause })
  }
}

/** Joins neighboring chunks to at most {@link MAX_JOINED} bytes each. */
function joinSmall(chunks: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = []
  let start = 0
  let size = 0
  for (const [i, { length }] of chunks.entries()) {
    if (i > start && size + length > MAX_JOINED) {
      joined.push(join(chunks.slice(start, i)))
      start = i
      size = 0
    }
    size += length
  }
  return [...joined, join(chunks.slice(start))]
}
