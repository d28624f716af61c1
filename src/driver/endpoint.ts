/**
 * What all WebSockets of a program, or of a part of it, share: the functions that are called with their events, the options, one timer, and
 * their end.
 *
 * @module
 */

import { describeType, requireOptions, wrongArgument } from '../arguments.ts'
import { Queue } from '../bytes/queue.ts'
import type { TextForm } from '../connection/events.ts'
import type { SharedConnectionOptions } from '../connection/options.ts'
import { formatClosePayload } from '../frame/close.ts'
import type { HandshakeOptions } from '../handshake/accept-options.ts'
import type { RequestHead } from '../http/request.ts'
import { inMicrotask, type Timers, throwUncaught } from '../platform/timers.ts'
import { CloseCode } from '../registry/websocket.ts'
import type { Role } from '../types.ts'
import { Deadlines, type Timed } from './deadlines.ts'
import type { Holder } from './holder.ts'
import type { Job } from './job.ts'
import {
  type EndpointNumbers,
  type EndpointOptions,
  requireEndpointOptions,
  requireSpread,
  resolveConnection,
  resolveHandshake,
  resolveNumbers,
  resolveTimers,
} from './options.ts'
import type { Peer } from './peer.ts'
import type { DuplexLike } from './shapes.ts'

/** Options of {@link Endpoint.close}. */
export interface EndpointCloseOptions {
  /** The code of the Closes. Default: 1001 (going away). */
  readonly code?: number | undefined
  /** The reason in the Closes: at most 123 bytes of UTF-8. */
  readonly reason?: string | undefined
  /** The time in ms over which the Closes are spread, so that not all clients reconnect at once. Default: 0. */
  readonly spread?: number | undefined
}

/**
 * Drives any number of WebSockets over Node's streams, as a server, as a client, or as both. An endpoint does not listen or connect;
 * `acceptUpgrade`, `acceptSocket`, `acceptHttp2Stream`, `connectSocket`, `connectHttp2Stream` and `drive` give it streams. It releases each
 * stream within a bounded time, whatever the peer does.
 *
 * `Data` is inferred from `data`; `Text` and `Pieces` from the options with these names.
 *
 * @example
 * const endpoint = new Endpoint({ message: (peer, data) => peer.send(data) })
 * createServer()
 *   .on('upgrade', (request, socket, head) => acceptUpgrade(endpoint, request, socket, head))
 *   .listen(8080)
 */
export class Endpoint<Data = undefined, Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** The peers whose WebSocket has not ended, for you to iterate over. */
  readonly peers: ReadonlySet<Peer<Data, Text, Pieces>>
  /**
   * The same set, mutable.
   *
   * @internal
   */
  readonly openPeers: Set<Peer<Data, Text, Pieces>> = new Set()
  /** @internal */
  readonly handlers: EndpointOptions<Data, Text, Pieces>
  /** @internal */
  readonly numbers: EndpointNumbers
  /** @internal */
  readonly handshake: HandshakeOptions
  /** @internal */
  readonly timers: Timers
  /** @internal */
  readonly deadlines: Deadlines
  /**
   * The number of streams that are held, for whatever purpose.
   *
   * @internal
   */
  streams = 0
  /**
   * How many of those streams have a peer.
   *
   * @internal
   */
  peerStreams = 0
  /**
   * How many of those streams are being refused.
   *
   * @internal
   */
  refusals = 0
  /**
   * Whether `close` has been called.
   *
   * @internal
   */
  closing = false
  /** @internal */
  readonly jobs: Queue<Job> = new Queue()
  /** Peers that have to write or read after the code that runs now. */
  #woken: Peer<Data, Text, Pieces>[] = []
  /** The options of connections, by role and by how the stream treats arrays. */
  readonly #connections: Map<string, SharedConnectionOptions<Text, Pieces>> = new Map()
  #shutdown: Shutdown<Data, Text, Pieces> | undefined = undefined

  /**
   * @throws TypeError for unknown options and values of the wrong type, `RangeError` for numbers out of range.
   */
  constructor(options: EndpointOptions<Data, Text, Pieces> = {}) {
    requireEndpointOptions(options)
    // Inherited options count too.
    const handlers: { [name: string]: unknown } = {}
    for (const name in options) handlers[name] = options[name as keyof typeof options]
    this.handlers = handlers as EndpointOptions<Data, Text, Pieces>
    this.numbers = resolveNumbers(options)
    this.handshake = resolveHandshake(options)
    this.timers = resolveTimers(options.timers)
    this.deadlines = new Deadlines(this.timers, () => this.closing || this.streams > this.openPeers.size)
    this.peers = this.openPeers
    this.connectionOptions('server', undefined)
  }

  /**
   * Closes all peers and accepts no more requests: they get 503. Calling it again has no effect.
   *
   * @returns Resolves when all streams have been released: at most `closeTimeout` plus `spread` later, whatever the peers do.
   * @throws RangeError for a code or reason that a Close cannot have, and for an invalid `spread`; `TypeError` for unknown options.
   * @example
   * process.once('SIGTERM', () => {
   *   server.close()
   *   void endpoint.close({ spread: 5000 }) // after that nothing keeps the process alive
   * })
   */
  close(options: EndpointCloseOptions = {}): Promise<void> {
    requireOptions(options, { code: 'number', reason: 'string', spread: 'number' }, 'the options of `close`')
    const { code = CloseCode.GoingAway, reason, spread = 0 } = options
    formatClosePayload(code, reason)
    requireSpread(spread)
    if (this.#shutdown === undefined) {
      this.closing = true
      this.#shutdown = new Shutdown(this, code, reason, spread)
      this.#shutdown.start()
    }
    return this.#shutdown.over
  }

  /**
   * Returns the options of a connection over this stream.
   *
   * @internal
   */
  connectionOptions(role: Role, stream: DuplexLike | undefined): SharedConnectionOptions<Text, Pieces> {
    // Nobody else has the chunks that a socket has read. A pipe passes on the writer's array.
    const ownsChunks = stream?.setNoDelay !== undefined
    // A Node socket only reads the arrays that are written to it.
    const sharesOutput = ownsChunks && stream?.cork !== undefined
    const key = `${role} ${ownsChunks} ${sharesOutput}`
    let found = this.#connections.get(key)
    if (found === undefined) {
      found = resolveConnection(this.handlers, role, ownsChunks, sharesOutput)
      this.#connections.set(key, found)
    }
    return found
  }

  /**
   * Creates `data` of a new peer. Throws what the user's function throws.
   *
   * @internal
   */
  createData(request: RequestHead | undefined): Data {
    return this.handlers.data?.(request) as Data
  }

  /** @internal */
  wake(peer: Peer<Data, Text, Pieces>): void {
    if (this.#woken.push(peer) > 1) return
    inMicrotask(() => {
      const woken = this.#woken
      this.#woken = []
      const now = this.timers.now()
      for (const peer of woken) {
        try {
          peer.settle(now)
        } catch (error) {
          // The user's own stream, `allocate` or `maskKeys` has thrown. The other peers continue.
          peer.abandon()
          this.report(error, peer)
        }
      }
    })
  }

  /** @internal */
  report(error: unknown, peer: Peer<Data, Text, Pieces> | undefined): void {
    const { handlers } = this
    if (handlers.error === undefined) return void throwUncaught(error)
    try {
      handlers.error(error, peer)
    } catch (thrown) {
      throwUncaught(thrown)
    }
  }

  /** @internal */
  streamReleased(): void {
    this.streams--
    if (this.streams === 0) this.#shutdown?.finish()
  }
}

/** Throws a `TypeError` unless the argument is an endpoint. */
export function requireEndpoint(endpoint: unknown): void {
  if (!(endpoint instanceof Endpoint)) throw wrongArgument('`endpoint`', 'an Endpoint', describeType(endpoint))
}

/** The end of an endpoint: sends a Close to all peers, spread over time if asked to, then destroys the streams that are left. */
class Shutdown<Data, Text extends TextForm, Pieces extends boolean> implements Timed {
  dueAt = 0
  place = -1
  readonly over: Promise<void>
  readonly #endpoint: Endpoint<Data, Text, Pieces>
  readonly #code: number
  readonly #reason: string | undefined
  readonly #begun: number
  readonly #spread: number
  readonly #peers: readonly Peer<Data, Text, Pieces>[]
  #next = 0
  #resolve: () => void = () => {}

  constructor(endpoint: Endpoint<Data, Text, Pieces>, code: number, reason: string | undefined, spread: number) {
    this.#endpoint = endpoint
    this.#code = code
    this.#reason = reason
    this.#spread = spread
    this.#begun = endpoint.timers.now()
    this.#peers = [...endpoint.peers]
    this.over = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Starts the shutdown. The user's functions that are called here may call `close` again. */
  start(): void {
    const endpoint = this.#endpoint
    for (const item of [...endpoint.deadlines.items]) if (isHolder(item)) item.shutDown?.()
    this.due(this.#begun)
    if (endpoint.streams === 0) this.finish()
  }

  /** Returns when the Close of a peer is sent: the last one `spread` after the first. */
  #at(index: number): number {
    return this.#begun + (this.#spread * index) / Math.max(1, this.#peers.length - 1)
  }

  due(now: number): void {
    const { deadlines, numbers } = this.#endpoint
    const end = this.#begun + this.#spread + numbers.closeTimeout
    while (this.#next < this.#peers.length && this.#at(this.#next) <= now)
      this.#peers[this.#next++]?.close(this.#code, this.#reason)
    if (now < end) return void deadlines.set(this, this.#next < this.#peers.length ? this.#at(this.#next) : end)
    for (const item of [...deadlines.items, ...this.#endpoint.peers]) if (isHolder(item)) item.abandon()
  }

  /** Called when all streams have been released. */
  finish(): void {
    this.#endpoint.deadlines.remove(this)
    this.#resolve()
  }
}

function isHolder(item: Timed): item is Holder {
  return 'abandon' in item
}
