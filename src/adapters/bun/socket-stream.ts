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
  /** Nothing more is read. */
  #isLost = false
  readonly #writes: Queue<Write> = new Queue()
  /** `end` has been called. */
  #ending = false
  /** Our direction has ended. */
  #isShut = false
  /** Its handshake is over. */
  #isTls = false
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

  /** Bytes have come. */
  received(chunk: Uint8Array): void {
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
    while (!this.#paused && !this.#isLost && this.#held.length > 0) this.#emit('data', this.#held.shift())
    if (!this.#paused && !this.#isLost && this.#ended && !this.readableEnded) {
      this.readableEnded = true
      this.#emit('end')
    }
    const isRead = this.#held.length === 0 && this.#ended === this.readableEnded
    if (!(isRead || this.#isLost) || !this.#closed || this.#closeTold) return
    this.#closeTold = true
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

  /** What has been taken still goes out, unless the peer does not read. */
  destroy(error?: Error): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#error ??= error
    this.#isLost = true
    if (!this.#closed) this.#close()
    this.lost(undefined)
    inMicrotask(() => this.#tell())
  }

  /** What the system has taken still goes out, where that is possible. */
  #close(): void {
    const socket = this.#socket
    if (!this.#isTls) {
      // It closes both directions, like `close` of the system.
      socket.end()
      // In case that Bun changes its mind about that.
      if (!this.#closed) socket.terminate()
    } else if (!(this.#isShut && this.#ended)) {
      // `end` would keep a socket with TLS for as long as its peer likes, and `terminate` behind it changes nothing. These two say
      // close_notify and close it at once: by a reset if bytes wait that the peer does not take. A socket whose directions have both
      // ended is closed by Bun.
      socket.shutdown()
      socket.terminate()
    }
  }

  /** The handshake of TLS is over. If it has failed, Bun closes the socket. */
  handshaken(success: boolean, error: Error | undefined): void {
    this.#isTls = true
    if (!success) this.#error = error
  }

  /** The socket is closed: with an error, if it was reset. */
  lost(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    // What came before a reset is of no use: no answer can be sent.
    if (error !== undefined) this.#isLost = true
    this.#error ??= error
    for (const write of this.#writes.list()) fail(write, this.#error)
    inMicrotask(() => this.#tell())
  }
}

function fail({ callback }: Write, error: Error = new Error('the socket is closed')): void {
  if (callback !== undefined) inMicrotask(() => callback(error))
}
