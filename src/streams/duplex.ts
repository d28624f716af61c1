/**
 * A pair of WHATWG byte streams in the shape that an endpoint drives: the lowest part of the streams layer.
 *
 * @module
 */

import { describeType, requireOptions } from '../arguments.ts'
import type { DuplexLike, Listener } from '../driver/shapes.ts'
import type { ChunkReader, ChunkWriter } from '../platform/streams.ts'
import { inMicrotask } from '../platform/timers.ts'
import type { Bytes } from '../types.ts'
import type { ByteStreams } from './options.ts'

/** Of one `read` of a transport: what Deno's own streams take. */
const BUFFER_SIZE = 65_536

/** A chunk, or the end. */
type Next = Awaited<ReturnType<ChunkReader<Uint8Array>['read']>>

/** Options of {@link toDuplex}. */
export interface ToDuplexOptions {
  /**
   * The transport's chunks are nobody else's, so they are unmasked in place. True of `Deno.Conn` and a Workers `Socket`; not of a
   * stream in memory whose writer keeps its chunks. Default: false.
   */
  readonly ownsChunks?: boolean | undefined
}

/**
 * Makes of a pair of byte streams what an {@link Endpoint} takes, so that `acceptSocket`, `connectSocket` and `drive` work over it:
 * rooms, `maxPeers` and the end of all peers at once, as on Node.
 *
 * On Workers what does I/O belongs to the request that it began in. There an endpoint must not be shared between requests: make one
 * per connection, or one in a Durable Object.
 *
 * @param transport Locked until it is over. Then its `close` is called, where there is one.
 * @throws TypeError for anything but a pair of streams, for streams that are already locked, and for wrong options.
 * @example
 * const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
 * const serve = (conn: Deno.Conn) => acceptSocket(endpoint, toDuplex(conn, { ownsChunks: true }))
 */
export function toDuplex(transport: ByteStreams, options: ToDuplexOptions = {}): DuplexLike {
  requireOptions(options, { ownsChunks: 'boolean' }, 'the options of toDuplex')
  const duplex = new StreamDuplex(transport)
  // What an endpoint tells a socket by, and unmasks in place.
  return options.ownsChunks ? Object.assign(duplex, { setNoDelay: ignore }) : duplex
}

/** The pair, with the only reader and the only writer of it. */
export class StreamDuplex implements DuplexLike {
  destroyed = false
  readableEnded = false
  /** The end is held back, for behind it nothing more is sent: see {@link letEnd}. */
  endWaits = false
  /** Called when what was written has been taken, and when a direction is over. */
  onprogress: (() => void) | undefined = undefined
  readonly #transport: ByteStreams
  readonly #reader: ChunkReader<Uint8Array>
  readonly #writer: ChunkWriter<Bytes>
  readonly #listeners: Map<string, Set<Listener>> = new Map()
  /** Writes that have not been taken, and the end. */
  #unsettled = 0
  #lastWrite: Promise<unknown> = Promise.resolve()
  #flowing = false
  /** The loop that reads runs. */
  #reading = false
  /** Came while nothing is to be read. */
  #held: Next | undefined = undefined

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

  /** Holds the end back no longer. */
  letEnd(): void {
    this.endWaits = false
    if (this.#flowing) this.resume()
  }

  async #read(): Promise<void> {
    try {
      // Like any stream: nobody gets a chunk inside `resume`.
      await undefined
      while (this.#flowing && !this.readableEnded && !this.destroyed) {
        const next = this.#held ?? (await this.#next())
        if (this.destroyed) break
        // It was asked for before a `pause`.
        const waits = !this.#flowing || (next.done && this.endWaits)
        this.#held = waits ? next : undefined
        if (waits) break
        if (!next.done) this.#emit('data', next.value)
        else {
          this.readableEnded = true
          this.#emit('end')
          this.onprogress?.()
        }
      }
    } catch (error) {
      this.#fail(error)
    }
    this.#reading = false
  }

  async #next(): Promise<Next> {
    const { read } = this.#transport
    if (read === undefined) return this.#reader.read()
    const buffer = new Uint8Array(BUFFER_SIZE)
    const size = await read.call(this.#transport, buffer)
    return { done: size === null, value: buffer.subarray(0, size ?? 0) }
  }

  #emit(event: string, ...given: readonly unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener.apply(this, [...given])
  }

  // Writing

  /** Nothing more than what was written has to be taken. */
  get isFlushed(): boolean {
    return this.#unsettled === 0 || this.destroyed
  }

  write(chunk: Uint8Array, callback: (error?: Error) => void = ignore): boolean {
    // `ready` would say less: `Duplex.toWeb` counts chunks as if they were bytes, and is ready for 16 384 of any size.
    this.#lastWrite = this.#writer.write(chunk as Bytes)
    this.#settle(this.#lastWrite, callback)
    return false
  }

  end(callback: () => void = ignore): void {
    const { closeWrite } = this.#transport
    // In Deno the end of the writable stream closes the whole connection; the system then resets it if bytes are still unread,
    // and our last ones are lost.
    const ended =
      closeWrite === undefined ? this.#writer.close() : this.#lastWrite.then(() => closeWrite.call(this.#transport))
    this.#settle(ended, (error) => error ?? callback())
  }

  /** Calls back once the transport has taken this. */
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
    // All three, because no single one of them settles in every runtime what is pending, and none waits for another.
    void attempt(() => this.#writer.abort(error))
    const cancelled = attempt(() => this.#reader.cancel(error))
    void attempt(() => this.#transport.close?.())
    this.#unlock()
    // workerd unlocks no reader with a read pending.
    void cancelled.then(() => this.#unlock())
    inMicrotask(() => {
      this.#emit('close')
      this.onprogress?.()
    })
  }

  /** Gives the streams back as they are. Nothing may be read or written at the moment. */
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

/** Runtimes throw here, or reject, where a stream has ended already: `close` of a `Deno.Conn`, and any second call. */
async function attempt(action: () => unknown): Promise<void> {
  try {
    await action()
  } catch {
    // It has ended already.
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
