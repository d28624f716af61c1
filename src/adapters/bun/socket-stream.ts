/**
 * A Bun socket as a stream.
 *
 * @module
 */

import { Queue } from '../../bytes/queue.ts'
import type { DuplexLike, Listener } from '../../driver/shapes.ts'
import { inMicrotask } from '../../platform/timers.ts'
import type { BunSocketLike } from './shapes.ts'

type WriteCallback = (error?: Error | null) => void

interface Write {
  /** The bytes that the socket has not taken yet; `undefined` for the end. */
  bytes: Uint8Array | undefined
  readonly callback: WriteCallback | undefined
}

/**
 * A Bun socket takes as much of a write as the system can buffer; the rest waits here until `drain`. As in Node, events caused by a call
 * are emitted after the code that runs now.
 */
export class SocketStream implements DuplexLike {
  destroyed = false
  readableEnded = false
  readonly #socket: BunSocketLike
  readonly #listeners: { [event: string]: readonly Listener[] } = {}
  /** Chunks that arrived in spite of `pause`: one read may bring several chunks of TLS, and a reset brings the bytes before it. */
  #held: Uint8Array[] = []
  #paused = true
  /** The peer has ended its direction. */
  #ended = false
  /** Nothing more is read. */
  #isLost = false
  readonly #writes: Queue<Write> = new Queue()
  /** `end` has been called. */
  #ending = false
  /** Our direction has ended. */
  #isShut = false
  /** The TLS handshake is over. */
  #isTls = false
  /** The socket is closed. */
  #closed = false
  #closeEmitted = false
  #error: Error | undefined = undefined

  constructor(socket: BunSocketLike) {
    this.#socket = socket
    socket.pause()
  }

  on(event: string, listener: Listener): void {
    this.#listeners[event] = [...(this.#listeners[event] ?? []), listener]
  }

  off(event: string, listener: Listener): void {
    this.#listeners[event] = (this.#listeners[event] ?? []).filter((one) => one !== listener)
  }

  #emit(event: string, argument?: unknown): void {
    for (const listener of this.#listeners[event] ?? []) listener.call(this, argument)
  }

  // Reading

  pause(): void {
    this.#paused = true
    if (!this.#closed) this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    if (!this.#closed) this.#socket.resume()
    if (this.#held.length > 0 || this.#ended) inMicrotask(() => this.#emitPending())
  }

  /** Handles a chunk. */
  received(chunk: Uint8Array): void {
    if (this.#closed) return
    if (this.#paused || this.#held.length > 0) this.#held.push(chunk)
    else this.#emit('data', chunk)
  }

  /** Handles the end of the peer's direction. */
  ended(): void {
    this.#ended = true
    this.#emitPending()
  }

  /** Emits what has arrived, in order, unless the stream is paused. */
  #emitPending(): void {
    while (!this.#paused && !this.#isLost && this.#held.length > 0) this.#emit('data', this.#held.shift())
    if (!this.#paused && !this.#isLost && this.#ended && !this.readableEnded) {
      this.readableEnded = true
      this.#emit('end')
    }
    const isRead = this.#held.length === 0 && this.#ended === this.readableEnded
    if (!(isRead || this.#isLost) || !this.#closed || this.#closeEmitted) return
    this.#closeEmitted = true
    this.destroyed = true
    if (this.#error !== undefined) this.#emit('error', this.#error)
    this.#emit('close')
  }

  // Writing

  write(chunk: Uint8Array, callback?: WriteCallback): boolean {
    this.#add({ bytes: chunk, callback })
    return this.#writes.size === 0
  }

  end(callback?: () => void): void {
    this.#add({ bytes: undefined, callback })
    this.#ending = true
  }

  #add(write: Write): void {
    if (this.#closed || this.#ending) return void fail(write, this.#error)
    this.#writes.push(write)
    if (this.#writes.size === 1) this.#writeOn()
  }

  /** Handles `drain`: the socket may take bytes again. */
  drained(): void {
    if (!this.#closed) this.#writeOn()
  }

  #writeOn(): void {
    for (let { first } = this.#writes; first !== undefined; { first } = this.#writes) {
      const { bytes, callback } = first
      // Bun also returns 0 if there are no bytes to write.
      const taken = bytes === undefined || bytes.length === 0 ? 0 : this.#socket.write(bytes)
      if (taken < 0) return void this.destroy()
      // The queue is empty if the socket was closed during the write.
      if (this.#closed) return
      if (bytes !== undefined && taken < bytes.length) {
        first.bytes = bytes.subarray(taken)
        return
      }
      this.#writes.take()
      if (bytes === undefined) {
        this.#isShut = true
        // Not `end`, which closes both directions.
        this.#socket.shutdown()
      }
      if (callback !== undefined) inMicrotask(() => callback())
    }
  }

  setNoDelay(noDelay: boolean): void {
    if (!this.#closed) this.#socket.setNoDelay(noDelay)
  }

  // The end

  /** Destroys the stream. The system still sends the bytes that it has taken, unless the peer does not read. */
  destroy(error?: Error): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#error ??= error
    this.#isLost = true
    if (!this.#closed) this.#close()
    this.lost(undefined)
    inMicrotask(() => this.#emitPending())
  }

  /** Closes the socket. The system still sends the bytes that it has taken, if possible. */
  #close(): void {
    const socket = this.#socket
    if (!this.#isTls) {
      // This closes both directions, like the system's `close`.
      socket.end()
      // In case Bun changes that.
      if (!this.#closed) socket.terminate()
    } else if (!(this.#isShut && this.#ended)) {
      // With TLS `end` would keep the socket open for as long as its peer likes, and `terminate` after it has no effect. These two calls
      // send
      // close_notify and close the socket at once: with a reset if the peer does not take the queued bytes. If both directions have ended,
      // Bun
      // closes the socket.
      socket.shutdown()
      socket.terminate()
    }
  }

  /** Handles the end of the TLS handshake. If it has failed, Bun closes the socket. */
  secured(success: boolean, error: Error | undefined): void {
    this.#isTls = true
    if (!success) this.#error = error
  }

  /** Handles the close of the socket: with an error if it was reset. */
  lost(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    // The bytes before a reset are of no use, because no answer can be sent.
    if (error !== undefined) this.#isLost = true
    this.#error ??= error
    for (const write of this.#writes.list()) fail(write, this.#error)
    inMicrotask(() => this.#emitPending())
  }
}

function fail({ callback }: Write, error: Error = new Error('the socket is closed')): void {
  if (callback !== undefined) inMicrotask(() => callback(error))
}
