/**
 * Adapts a pair of WHATWG byte streams to the shape that an endpoint drives: the lowest part of the streams layer.
 *
 * @module
 */

import { describeType, requireOptions } from '../arguments.ts'
import type { DuplexLike, Listener } from '../driver/shapes.ts'
import type { ChunkReader, ChunkWriter } from '../platform/streams.ts'
import { inMicrotask } from '../platform/timers.ts'
import type { Bytes } from '../types.ts'
import type { ByteStreams } from './options.ts'

/** Options of {@link toDuplex}. */
export interface ToDuplexOptions {
  /**
   * Nobody else uses the transport's chunks, so they are unmasked in place. True of `Deno.Conn` and a Workers `Socket`, but not of a stream
   * in memory whose writer keeps its chunks. Default: false.
   */
  readonly ownsChunks?: boolean | undefined
}

/**
 * Converts a pair of byte streams to a stream that an {@link Endpoint} accepts, so that `acceptSocket`, `connectSocket` and `drive` work
 * over it. You can then broadcast to `peers`, set `maxPeers` and close all peers at once, as on Node.
 *
 * On Workers, I/O objects belong to the request that created them. Do not share an endpoint between requests there: create one per
 * connection, or one in a Durable Object.
 *
 * @param transport Locked until it has ended. Its `close`, if it has one, is called then.
 * @throws TypeError for anything but a pair of streams, for streams that are already locked, and for wrong options.
 * @example
 * const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
 * const serve = (conn: Deno.Conn) => acceptSocket(endpoint, toDuplex(conn, { ownsChunks: true }))
 */
export function toDuplex(transport: ByteStreams, options: ToDuplexOptions = {}): DuplexLike {
  requireOptions(options, { ownsChunks: 'boolean' }, 'the options of toDuplex')
  const duplex = new StreamDuplex(transport)
  // An endpoint recognizes a socket by `setNoDelay`, and unmasks its chunks in place.
  return options.ownsChunks ? Object.assign(duplex, { setNoDelay: ignore }) : duplex
}

/** The maximum size of one `read` of the transport, in bytes: the size that Deno reads at once. */
const READ_SIZE = 65_536

/** The pair of streams, with its only reader and only writer. */
export class StreamDuplex implements DuplexLike {
  destroyed = false
  readableEnded = false
  /** Called when everything written has been taken, and when a direction has ended. */
  onprogress: (() => void) | undefined = undefined
  /** The end of the readable side is reported only after this. */
  beforeEnd: Promise<void> | undefined = undefined
  readonly #transport: ByteStreams
  readonly #reader: ChunkReader<Uint8Array>
  readonly #writer: ChunkWriter<Bytes>
  readonly #listeners: Map<string, Set<Listener>> = new Map()
  /** The number of pending writes, including the end. */
  #unsettled = 0
  #lastWrite: Promise<unknown> = Promise.resolve()
  #flowing = false
  /** The reading loop is running. */
  #reading = false
  /** A chunk that arrived while the stream was paused. */
  #held: Uint8Array | undefined = undefined

  /** @throws TypeError for anything but a pair of streams, and for streams that are already locked. */
  constructor(transport: ByteStreams) {
    requireStreams(transport)
    const { readable, writable } = transport
    this.#transport = transport
    this.#reader = readable.getReader()
    try {
      this.#writer = writable.getWriter()
    } catch (error) {
      this.#reader.releaseLock()
      throw error
    }
    // Either direction may fail while nothing is read or written.
    const failed = (error: unknown): void => this.#fail(error)
    this.#reader.closed.catch(failed)
    this.#writer.closed.catch(failed)
  }

  // Reading

  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event)
    if (listeners === undefined) this.#listeners.set(event, new Set([listener]))
    else listeners.add(listener)
  }

  off(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener)
  }

  pause(): void {
    this.#flowing = false
  }

  resume(): void {
    this.#flowing = true
    if (this.#reading || this.destroyed) return
    this.#reading = true
    void this.#read()
  }

  async #read(): Promise<void> {
    try {
      // As with any stream, `resume` itself emits nothing.
      await undefined
      while (this.#flowing && !this.readableEnded && !this.destroyed) {
        const chunk = this.#held ?? (await this.#next())
        if (this.destroyed) break
        this.#held = undefined
        if (chunk === undefined) {
          await this.beforeEnd
          if (this.destroyed) break
          this.readableEnded = true
          this.#emit('end')
          this.onprogress?.()
        } else if (this.#flowing) this.#emit('data', chunk)
        // The chunk was requested before a `pause`.
        else this.#held = chunk
      }
    } catch (error) {
      this.#fail(error)
    }
    this.#reading = false
  }

  async #next(): Promise<Uint8Array | undefined> {
    const transport = this.#transport
    if (transport.read !== undefined) {
      const buffer = new Uint8Array(READ_SIZE)
      const size = await transport.read(buffer)
      return size === null ? undefined : buffer.subarray(0, size)
    }
    const { done, value } = await this.#reader.read()
    return done ? undefined : value
  }

  #emit(event: string, ...given: readonly unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener.apply(this, [...given])
  }

  // Writing

  /** Whether the transport has taken everything that was written. */
  get isFlushed(): boolean {
    return this.#unsettled === 0 || this.destroyed
  }

  write(chunk: Uint8Array, callback: (error?: Error) => void = ignore): boolean {
    // `ready` would report less: `Duplex.toWeb` counts chunks as if they were bytes, and is ready for 16 384 chunks of any size.
    this.#lastWrite = this.#writer.write(chunk as Bytes)
    this.#settle(this.#lastWrite, callback)
    return false
  }

  end(callback: () => void = ignore): void {
    const { closeWrite } = this.#transport
    // Closing the whole connection while bytes are unread makes the system reset it, and our last bytes are lost.
    const ended =
      closeWrite === undefined ? this.#writer.close() : this.#lastWrite.then(() => closeWrite.call(this.#transport))
    this.#settle(ended, (error) => error ?? callback())
  }

  /** Calls back when the transport has taken a write. */
  #settle(taken: Promise<unknown>, callback: (error?: Error) => void): void {
    this.#unsettled++
    const settled = (error: unknown): void => {
      this.#unsettled--
      if (error !== undefined) this.#fail(error)
      callback(error === undefined ? undefined : (error as Error))
      if (this.#unsettled === 0) this.onprogress?.()
    }
    taken
      .then(
        () => settled(undefined),
        (error: unknown) => settled(error ?? new Error('the transport failed')),
      )
      .catch((error: unknown) => this.#fail(error))
  }

  // The end

  destroy(error?: unknown): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#held = undefined
    // All three, because no single one settles all pending operations in every runtime. None waits for another.
    void attempt(() => this.#writer.abort(error))
    const canceled = attempt(() => this.#reader.cancel(error))
    void attempt(() => this.#transport.close?.())
    this.#unlock()
    // workerd does not unlock a reader while a read is pending.
    void canceled.then(() => this.#unlock())
    inMicrotask(() => {
      this.#emit('close')
      this.onprogress?.()
    })
  }

  /** Releases the streams unchanged. No read or write may be pending. */
  giveBack(): void {
    this.destroyed = true
    this.#unlock()
  }

  #unlock(): void {
    void attempt(() => this.#reader.releaseLock())
    void attempt(() => this.#writer.releaseLock())
  }

  #fail(error: unknown): void {
    if (this.destroyed) return
    this.destroy(error)
    this.#emit('error', error)
  }
}

/** Runtimes throw or reject if a stream has already ended: `close` of a `Deno.Conn`, and any second call. */
async function attempt(action: () => unknown): Promise<void> {
  try {
    await action()
  } catch {
    // The stream has already ended.
  }
}

function ignore(): void {}

function requireStreams(transport: ByteStreams | null | undefined): void {
  if (typeof transport?.readable?.getReader === 'function' && typeof transport.writable?.getWriter === 'function')
    return
  throw new TypeError(
    `\`transport\` must have a \`readable\` and a \`writable\` stream; this is ${describeType(transport)} without them`,
  )
}
