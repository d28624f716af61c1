/**
 * A socket of Bun's as a stream.
 *
 * @module
 */

import { Queue } from '../../bytes/queue.ts'
import type { DuplexLike, Listener } from '../../driver/shapes.ts'
import { inMicrotask } from '../../platform/timers.ts'
import type { BunSocketLike } from './shapes.ts'

type WriteCallback = (error?: Error | null) => void

interface Write {
  /** What the socket has not taken yet; `undefined`: the end. */
  bytes: Uint8Array | undefined
  readonly callback: WriteCallback | undefined
}

/**
 * A socket of Bun's takes as much of a write as the system has room for; the rest waits here until `drain`. What a call causes is told
 * behind the code that runs now, as Node does it.
 */
export class SocketStream implements DuplexLike {
  destroyed = false
  readableEnded = false
  readonly #socket: BunSocketLike
  readonly #listeners: { [event: string]: readonly Listener[] } = {}
  /** What came in spite of `pause`: one read may bring several chunks of TLS, and a reset brings what came before it. */
  #held: Uint8Array[] = []
  #paused = true
  /** The peer has ended its direction. */
  #ended = false
  readonly #writes: Queue<Write> = new Queue()
  /** `end` has been called. */
  #ending = false
  /** The socket is closed. */
  #closed = false
  #closeTold = false
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
    if (this.#held.length > 0 || this.#ended) inMicrotask(() => this.#tell())
  }

  /** The socket has read. */
  read(chunk: Uint8Array): void {
    if (this.#closed) return
    if (this.#paused || this.#held.length > 0) this.#held.push(chunk)
    else this.#emit('data', chunk)
  }

  /** The peer has ended its direction. */
  ended(): void {
    this.#ended = true
    this.#tell()
  }

  /** Tells what has come, in its order, unless the stream is paused. */
  #tell(): void {
    while (!this.#paused && this.#held.length > 0) this.#emit('data', this.#held.shift())
    if (!this.#paused && this.#ended && !this.readableEnded) {
      this.readableEnded = true
      this.#emit('end')
    }
    const isRead = this.#held.length === 0 && this.#ended === this.readableEnded
    if (!isRead || !this.#closed || this.#closeTold) return
    this.#closeTold = true
    this.destroyed = true
    if (this.#error !== undefined) this.#emit('error', this.#error)
    this.#emit('close')
  }

  /** Nothing more is read. */
  #drop(): void {
    this.#held = []
    this.#ended = this.readableEnded
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

  /** The socket may have room again. */
  drained(): void {
    if (!this.#closed) this.#writeOn()
  }

  #writeOn(): void {
    for (let { first } = this.#writes; first !== undefined; { first } = this.#writes) {
      const { bytes, callback } = first
      // Bun says 0 for no bytes, too.
      const taken = bytes === undefined || bytes.length === 0 ? 0 : this.#socket.write(bytes)
      if (taken < 0) return void this.destroy()
      // Nothing is left if the socket has been closed meanwhile.
      if (this.#closed) return
      if (bytes !== undefined && taken < bytes.length) {
        first.bytes = bytes.subarray(taken)
        return
      }
      this.#writes.take()
      // Not `end`, which closes both directions.
      if (bytes === undefined) this.#socket.shutdown()
      if (callback !== undefined) inMicrotask(() => callback())
    }
  }

  setNoDelay(noDelay: boolean): void {
    if (!this.#closed) this.#socket.setNoDelay(noDelay)
  }

  // The end

  /** What has been taken still goes out, unless the peer does not read. */
  destroy(error?: Error): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#error ??= error
    this.#drop()
    // `terminate` alone would be a reset, and lose what has been taken. Behind `end` and `close` Bun keeps a socket with TLS for as
    // long as its peer likes, and then `terminate` changes nothing. With both it is closed at once, by a reset only if bytes wait
    // that the peer does not take.
    if (!this.#closed) {
      this.#socket.shutdown()
      this.#socket.terminate()
    }
    this.lost(undefined)
    inMicrotask(() => this.#tell())
  }

  /** The handshake of TLS is over. If it has failed, Bun closes the socket. */
  handshaken(success: boolean, error: Error | undefined): void {
    if (!success) this.#error = error
  }

  /** The socket is closed: with an error, if it was reset. */
  lost(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    // What came before a reset is of no use: no answer can be sent.
    if (error !== undefined) this.#drop()
    this.#error ??= error
    for (const write of this.#writes.list()) fail(write, this.#error)
    inMicrotask(() => this.#tell())
  }
}

function fail({ callback }: Write, error: Error = new Error('the socket is closed')): void {
  if (callback !== undefined) inMicrotask(() => callback(error))
}
