/**
 * Two ends connected in memory, like the ends of a TCP connection, but without a port, with any clock, and with faults on purpose.
 *
 * @module
 */

import { type Kind, requireOptions } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import type { DuplexLike, Listener } from '../driver/shapes.ts'
import {
  createReadable,
  createWritable,
  type ReadableStreamLike,
  type WritableStreamLike,
} from '../platform/streams.ts'
import { inMicrotask, systemTimers, type Timers } from '../platform/timers.ts'
import type { Bytes } from '../types.ts'
import { faultKinds, type PairFaults, Pipe, type PipeEnd } from './memory-pipe.ts'

/** Options of {@link memoryPair} and {@link streamPair}. */
export interface PairOptions {
  /** Faults of the direction from the client. */
  readonly fromClient?: PairFaults | undefined
  /** Faults of the direction from the server. */
  readonly fromServer?: PairFaults | undefined
  /** A clock and timers. Default: the platform's. */
  readonly timers?: Timers | undefined
}

/** One end of a pair in memory. */
export interface MemoryDuplex extends DuplexLike {
  /** Ends both directions at once. The other end sees a reset. */
  resetAndDestroy(): void
}

const optionKinds = {
  fromClient: faultKinds,
  fromServer: faultKinds,
  timers: 'object',
} satisfies { readonly [name in keyof PairOptions]-?: Kind }

/**
 * Creates two ends that are connected in memory, for `acceptSocket`, `connectSocket`, `drive` and everything that takes a `DuplexLike`.
 * Both behave in the same way. Their names only show which direction a fault belongs to.
 *
 * They behave as TCP does. The callback of a write waits while `capacity` bytes are unread. `end` ends one direction. After `destroy`,
 * accepted bytes still arrive, and then the end; the other end sees a reset instead if bytes were left unread, or if it sends more. An
 * end emits `close` once both directions have ended. Bytes arrive in a later turn, never inside the call that wrote them, and each
 * array belongs to its reader.
 *
 * @returns The client's end and the server's.
 * @throws TypeError or RangeError for wrong options.
 * @example
 * const [client, server] = memoryPair({ fromClient: { chunks: 'bytes' }, fromServer: { cut: { after: 200, by: 'reset' } } })
 * acceptSocket(endpoint, server)
 * const peer = await connectSocket(endpoint, client, offerHandshake('ws://localhost/'))
 */
export function memoryPair(options: PairOptions = {}): [client: MemoryDuplex, server: MemoryDuplex] {
  requireOptions(options, optionKinds, 'the options of memoryPair')
  return joinedEnds(options)
}

/** One end of a pair of streams in memory: a `ByteStreams`, with the members of a `Deno.Conn`. */
export interface MemoryStreams {
  /** The bytes that the other end has written. */
  readonly readable: ReadableStreamLike<Bytes>
  /** Takes the bytes for the other end. */
  readonly writable: WritableStreamLike<Uint8Array>
  /** Ends both directions at once. */
  close(): void
}

/**
 * Creates a pair as {@link memoryPair} does, with ends that are pairs of WHATWG byte streams, for `acceptStream`, `openStream` and
 * `messageStreams`. Closing `writable` ends one direction. Aborting it, canceling `readable` and calling `close` work as `destroy`. A
 * reset fails both streams.
 *
 * @returns The client's end and the server's.
 * @throws TypeError or RangeError for wrong options.
 * @example
 * const [client, server] = streamPair({ fromServer: { delay: 50 } })
 * const offer = offerHandshake('ws://localhost/')
 * const [opened, accepted] = await Promise.all([openStream(client, offer), acceptStream(server)])
 */
export function streamPair(options: PairOptions = {}): [client: MemoryStreams, server: MemoryStreams] {
  requireOptions(options, optionKinds, 'the options of streamPair')
  const [client, server] = joinedEnds(options)
  return [toStreams(client), toStreams(server)]
}

function joinedEnds({ fromClient = {}, fromServer = {}, timers = systemTimers }: PairOptions): [MemoryEnd, MemoryEnd] {
  const client = new MemoryEnd()
  const server = new MemoryEnd()
  const up = new Pipe(fromClient, 'fromClient', timers, client, server)
  const down = new Pipe(fromServer, 'fromServer', timers, server, client)
  client.join(down, up)
  server.join(up, down)
  return [client, server]
}

class MemoryEnd implements MemoryDuplex, PipeEnd {
  destroyed = false
  readableEnded = false
  /** Whether it reads. `undefined` until the user decides. */
  flowing: boolean | undefined = undefined
  #in: Pipe | undefined
  #out: Pipe | undefined
  readonly #listeners: Map<string, readonly Listener[]> = new Map()
  #ending = false
  #finished = false

  join(input: Pipe, output: Pipe): void {
    this.#in = input
    this.#out = output
  }

  // Events

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
    // As with Node's streams.
    if (event === 'data' && this.flowing === undefined) this.resume()
    return this
  }

  off(event: string, listener: Listener): this {
    this.#listeners.set(
      event,
      (this.#listeners.get(event) ?? []).filter((one) => one !== listener),
    )
    return this
  }

  #emit(event: string, ...given: readonly unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener.apply(this, [...given])
  }

  // Reading

  pause(): this {
    this.flowing = false
    return this
  }

  resume(): this {
    this.flowing = true
    this.#in?.wake()
    return this
  }

  received(chunk: Uint8Array): void {
    this.#emit('data', chunk)
  }

  ended(): void {
    this.readableEnded = true
    this.#emit('end')
    this.#closeIfOver()
  }

  // Writing

  write(chunk: Uint8Array, callback: (error?: Error | null) => void = ignore): boolean {
    requireBytes(chunk, 'a chunk')
    if (!this.#ending && !this.destroyed) return this.#out?.write(chunk, callback) ?? false
    const error = new Error(this.destroyed ? 'the stream was destroyed' : 'a write after the end')
    inMicrotask(() => callback(error))
    return false
  }

  end(callback: () => void = ignore): this {
    if (this.#ending || this.destroyed) {
      inMicrotask(callback)
      return this
    }
    this.#ending = true
    this.#out?.end((error) => {
      this.#finished = error == null
      callback()
      this.#closeIfOver()
    })
    return this
  }

  // The end

  destroy(error?: Error): this {
    this.#close(this.#in?.hasUnread === true, error)
    return this
  }

  resetAndDestroy(): this {
    this.#close(true, undefined)
    return this
  }

  failed(): void {
    this.#out?.drop()
    this.#close(false, Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' }))
  }

  #closeIfOver(): void {
    if (this.readableEnded && this.#finished) this.#close(false, undefined)
  }

  #close(resets: boolean, error: Error | undefined): void {
    if (this.destroyed) return
    this.destroyed = true
    this.#in?.wake()
    this.#out?.close(resets)
    inMicrotask(() => {
      if (error !== undefined) this.#emit('error', error)
      this.#emit('close')
    })
  }
}

function toStreams(end: MemoryEnd): MemoryStreams {
  end.pause()
  const readable = createReadable<Bytes>({
    start(controller) {
      end.on('data', (chunk: Bytes) => {
        end.pause()
        controller.enqueue(chunk)
      })
      end.on('end', () => controller.close())
      failWith(end, controller)
    },
    pull: () => void end.resume(),
    cancel: () => void end.destroy(),
  })
  const writable = createWritable<Uint8Array>({
    start: (controller) => failWith(end, controller),
    write: (chunk) =>
      new Promise((resolve, reject) => {
        end.write(chunk, (error) => (error ? reject(error) : resolve()))
      }),
    close: () => new Promise((resolve) => end.end(resolve)),
    abort: async () => void end.destroy(),
  })
  return { readable, writable, close: () => void end.destroy() }
}

/** Fails a stream once its end is over. This changes nothing if the stream has already ended. */
function failWith(end: MemoryEnd, controller: { error(reason: unknown): void }): void {
  end.on('error', (error) => controller.error(error))
  end.on('close', () => controller.error(new Error('the stream was destroyed')))
}

function ignore(): void {}
