/**
 * A peer as one of Node's streams of messages.
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

/** What the stream's class is constructed with: as Node's `Duplex` takes it. */
export interface MessageDuplexOptions {
  /** Messages, or bytes. */
  readonly objectMode: boolean
  /** As given. */
  readonly allowHalfOpen: boolean
  /** More is wanted. */
  readonly read: () => void
  /** Messages to send. */
  readonly writev: (
    chunks: readonly { readonly chunk: PeerMessage }[],
    callback: (error?: Error | null) => void,
  ) => void
  /** All has been written. */
  readonly final: (callback: (error?: Error | null) => void) => void
  /** It is destroyed. */
  readonly destroy: (error: Error | null, callback: (error: Error | null) => void) => void
}

/** The part of Node's `Duplex` that is used. */
export interface MessageDuplex {
  /** Adds a message to read; `null`: the last one has been read. `false`: that is enough. */
  push(message: unknown): boolean
  /** Ends it at once. */
  destroy(error?: Error): unknown
  /** Whether that was called. */
  readonly destroyed: boolean
}

/** A class of streams. */
export interface MessageDuplexClass<Stream extends MessageDuplex> {
  /** Makes one. */
  new (options: MessageDuplexOptions): Stream
}

/** Options of {@link messageStream}. */
export interface MessageStreamOptions<Stream extends MessageDuplex> {
  /** The class: that of `node:stream`, or another version of it. */
  readonly Duplex: MessageDuplexClass<Stream>
  /**
   * Whether the writable side stays open behind the peer's Close; what is written then fails. Default: false, it ends once all has been
   * read.
   */
  readonly allowHalfOpen?: boolean | undefined
  /**
   * Whether it is a stream of messages. `false`: of bytes, for protocols that know no messages, such as MQTT: texts and binary messages
   * are read as bytes, strings are written as bytes, and all goes as binary messages; writes that wait together go as one. Default: true.
   */
  readonly objectMode?: boolean | undefined
}

/** The most bytes of small writes that are joined to one message: peers limit the size of messages. */
const MAX_JOINED = 65_536

/** Bytes that a full stream takes behind our own Close. A peer that is told to stop may have as much on its way. */
const MIN_EXCESS = 1_048_576

const streamKinds: Kinds = {
  Duplex: 'function',
  allowHalfOpen: 'boolean',
  objectMode: 'boolean',
} satisfies Record<keyof MessageStreamOptions<MessageDuplex>, Kind>

/**
 * Makes a stream of the messages of a peer, in object mode: strings are texts, and bytes (a `Buffer` on Node) are binary messages; it
 * takes whatever {@link Peer.send} takes. A reader that is slow makes the peer wait, and a write is complete when its bytes have been
 * written. From here on the endpoint's `message` does not get the messages of this peer; its other functions are called as before.
 *
 * `end()` closes with 1000, and `finish` waits for the peer's Close. `destroy(error)` closes with the `closeCode` and `reason` of the
 * error; without an error, or with an `AbortError` (of a loop that is left), with 1000; for any other it terminates the peer. The
 * peer's Close ends the readable side. Any other end destroys the stream with a {@link ClosedError}.
 *
 * @param peer Of an endpoint without `pieces`. Call it in `open`, or before the first message is read.
 * @throws TypeError for wrong arguments, a peer whose messages come in pieces, and one that `detach` has taken or is taking off.
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
  if (peer.connection.options.pieces)
    throw new TypeError('messageStream needs whole messages: an endpoint without `pieces`')
  if (peer.departure !== undefined) throw new TypeError('a peer that is detached has no messages for a stream')
  return new Bridge(peer, options).stream
}

/** What joins a peer and its stream. */
class Bridge<Stream extends MessageDuplex> {
  readonly stream: Stream
  readonly #peer: AnyPeer
  /** The stream is full, and the peer waits. */
  #paused = false
  /** Bytes that have come since. */
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
          // Without object mode Node has made bytes of strings and views.
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
    // Reading goes on behind our own Close, to find that of the peer.
    if (this.#excess > Math.max(this.#peer.connection.options.limits.maxMessageSize, MIN_EXCESS))
      return void stream.destroy(this.#error('the messages behind our Close are not read'))
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

  /** The stream has been destroyed. */
  #end(error: Error | null): void {
    const peer = this.#peer
    if (peer.closed !== undefined) return
    // A loop that is left destroys its stream with an AbortError.
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

/** Joins neighbours, up to {@link MAX_JOINED} bytes each. */
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
