/**
 * Hands a WebSocket over from one endpoint to another, of this process or of another one, while its stream stays open. Apart from the
 * peer, so that only programs that do this load it.
 *
 * @module
 */

import { describeType, requireOptions, requireRecord, wrongArgument } from '../arguments.ts'
import { join } from '../bytes/join.ts'
import { nothing } from '../bytes/view.ts'
import type { TextForm } from '../connection/events.ts'
import { type ConnectionSnapshot, resumeConnection, snapshotConnection } from '../connection/snapshot.ts'
import type { Bytes } from '../types.ts'
import type { Timed } from './deadlines.ts'
import { type DriveOptions, driveKinds, driveOn } from './drive.ts'
import { type Endpoint, requireEndpoint } from './endpoint.ts'
import { giveAway, isOver, requireFree } from './holder.ts'
import { type AnyPeer, type Departure, Peer } from './peer.ts'
import type { DuplexLike } from './shapes.ts'

/** A WebSocket that has left its endpoint. `attach` needs all three. */
export interface DetachedPeer {
  /** Its stream: paused, open, and without any listener of the endpoint, not even one of `error`. */
  readonly stream: DuplexLike
  /** Its connection, with output that has not been written and input that has not been delivered. It holds data of the peer. */
  readonly snapshot: ConnectionSnapshot
  /** Bytes that came from the stream behind that. */
  readonly rest: Bytes
}

/**
 * Takes a peer off its endpoint without ending its WebSocket, for {@link attach}. Reading and writing stop, and what the stream holds is
 * waited for; then `gone` is called, but not `close`. From then on `send` of the peer returns `false`, and `written` of what was not
 * written gets an error, although that is part of the snapshot and will be sent.
 *
 * In Node a socket of `node:net` goes to another process with `process.send({ snapshot, rest }, stream)`, where messages are sent with
 * `serialization: 'advanced'`, so that they may hold bytes. One of `node:tls` or `node:http2` cannot leave its process, because the state
 * of the encryption or of the session stays there; it can go to another endpoint.
 *
 * @returns `undefined`: it could not be moved within `closeTimeout` of the endpoint, and goes on as before. Its WebSocket has begun to
 *   end; or an extension has no snapshot; or the peer does not read what was written to it; or a message, compressed and incoming, or
 *   large and being compressed, takes longer.
 * @throws TypeError for anything but a peer, for one that is being detached or has been, and for one whose messages go to a
 *   `messageStream`, as a rejection.
 * @example
 * const detached = await detach(peer)
 * if (detached === undefined) peer.close(1012)
 * else attach(second, detached.stream, detached.snapshot, { rest: detached.rest, data: peer.data })
 */
export function detach(peer: AnyPeer): Promise<DetachedPeer | undefined> {
  // What throws here rejects.
  return new Promise((resolve, reject) => {
    if (!(peer instanceof Peer)) throw wrongArgument('`peer`', 'a Peer', describeType(peer))
    if (peer.departure !== undefined) throw new TypeError('this peer is being detached, or has been')
    if (peer.handlers !== peer.host.handlers)
      throw new TypeError('a peer whose messages go to a stream of messages cannot be detached')
    new Detaching(peer, resolve, reject).start()
  })
}

/**
 * Goes on with a WebSocket that {@link detach} has taken off an endpoint, or whose connection was saved by `snapshotConnection`. `open` of
 * this endpoint is called, and what was pending is delivered and sent. As for {@link drive}, `maxPeers` has no effect.
 *
 * @param stream The same stream, or what it has become in this process.
 * @param snapshot It has the role and the agreement; the other options of the connection are those of the endpoint, a client's extensions
 *   too. From another process it comes as plain data.
 * @param options `rest`, what {@link detach} has returned, belongs here. `data` of the former peer is not part of the snapshot.
 * @throws TypeError for wrong arguments, a snapshot that is invalid or of other options, and a stream that has been given to an endpoint
 *   already.
 * @example
 * attach(endpoint, socket, JSON.parse(stored))
 */
export function attach<Data, Text extends TextForm, Pieces extends boolean>(
  endpoint: Endpoint<Data, Text, Pieces>,
  stream: DuplexLike,
  snapshot: ConnectionSnapshot,
  options: DriveOptions<Data> = {},
): Peer<Data, Text, Pieces> {
  requireEndpoint(endpoint)
  requireFree(stream)
  requireRecord(snapshot, 'the snapshot')
  requireOptions(options, driveKinds, 'the options of attach')
  const connection = resumeConnection(snapshot, endpoint.connectionOptions(snapshot.role, stream))
  const peer = driveOn(endpoint, stream, connection, options)
  // Last: where something has thrown, nobody listens to the stream.
  readOn(stream)
  return peer
}

/** A peer that is to leave its stream, until it has, or cannot. */
class Detaching implements Departure, Timed {
  dueAt = 0
  place = -1
  readonly #peer: AnyPeer
  readonly #resolve: (detached: DetachedPeer | undefined) => void
  readonly #reject: (error: unknown) => void
  /** A compressed message is read to its end. */
  #readsOn = false

  constructor(peer: AnyPeer, resolve: (detached: DetachedPeer | undefined) => void, reject: (error: unknown) => void) {
    this.#peer = peer
    this.#resolve = resolve
    this.#reject = reject
  }

  start(): void {
    const { host } = this.#peer
    this.#peer.departure = this
    host.deadlines.set(this, host.timers.now() + host.numbers.closeTimeout)
    host.wake(this.#peer)
    this.#peer.awaitWritten()
  }

  holds(): boolean {
    const { connection, stream } = this.#peer
    if (connection.state !== 'open' || isOver(stream)) return this.#giveUp()
    this.#readsOn &&= connection.incoming?.isInMessage === true
    if (this.#readsOn) return false
    return this.#isQuiet() ? this.#leave() : true
  }

  /** Stops reading; whether nothing has to be waited for then. */
  #isQuiet(): boolean {
    const peer = this.#peer
    // Keepalive judges no peer that is not read from.
    peer.host.deadlines.remove(peer)
    if (peer.flowing) {
      peer.flowing = false
      peer.stream.pause()
    }
    const inFlight = peer.bufferedAmount - peer.connection.outputSize
    return peer.job === undefined && inFlight === 0 && !peer.isWriting && peer.flowing !== undefined
  }

  /** Leaves, unless an extension cannot move, or not now. */
  #leave(): boolean {
    const { connection } = this.#peer
    let snapshot: ConnectionSnapshot | undefined
    try {
      snapshot = snapshotConnection(connection)
    } catch (error) {
      this.#stay()
      this.#reject(error)
      return false
    }
    if (snapshot === undefined && connection.incoming?.isInMessage) {
      this.#readsOn = true
      return false
    }
    if (snapshot === undefined) return this.#giveUp()
    this.#peer.host.deadlines.remove(this)
    this.#resolve(release(this.#peer, snapshot))
    return true
  }

  #giveUp(): false {
    this.#stay()
    this.#resolve(undefined)
    return false
  }

  /** It has taken too long. */
  due(): void {
    this.#giveUp()
    this.#peer.settle()
  }

  #stay(): void {
    this.#peer.departure = undefined
    this.#peer.host.deadlines.remove(this)
  }
}

/** Takes a peer whose connection has been saved off its stream. */
function release(peer: AnyPeer, snapshot: ConnectionSnapshot): DetachedPeer {
  const { stream, connection, waiting = [], held = nothing } = peer
  giveAway(stream)
  // It sends no more, and its extensions give back what they hold.
  connection.incoming = undefined
  connection.outgoing = undefined
  connection.receiveEnd()
  peer.held = undefined
  peer.waiting = undefined
  peer.leave()
  for (const resolve of waiting) resolve()
  return { stream, snapshot, rest: join([held, stopReading(stream)]) }
}

/** What a stream of Node's has besides: a socket that is paused reads on into its own buffer, but for its handle. */
interface NodeStreamLike extends DuplexLike {
  /** Bytes in its buffer. Only Node's have it, so that `read` is what it is in Node. */
  readonly readableLength?: number
  read?(): Uint8Array | null
  readonly _handle?: { reading?: boolean; readStop?(): unknown; readStart?(): unknown } | null
}

/**
 * Stops a socket from reading, at once. A socket of Node's that is paused reads on into a buffer of its own, which is lost when
 * the socket is passed to another process; so call this before you pass one on. {@link detach} has done it.
 *
 * @returns What the stream had read: it stands behind the `rest` of before.
 * @example
 * worker.send({ rest: stopReading(socket) }, socket)
 */
export function stopReading(stream: DuplexLike): Bytes {
  const node: NodeStreamLike = stream
  const { _handle } = node
  stream.pause()
  const chunks: Uint8Array[] = []
  // Up to a call that finds nothing: behind it the stream asks its handle for no more by itself.
  const read = (): Uint8Array | null | undefined => (node.readableLength === undefined ? undefined : node.read?.())
  for (let chunk = read(); chunk; chunk = read()) chunks.push(chunk)
  _handle?.readStop?.()
  if (_handle?.reading) _handle.reading = false
  return join(chunks)
}

/** Undoes that, in the same process. */
function readOn({ _handle }: NodeStreamLike): void {
  if (_handle?.reading !== false) return
  _handle.reading = true
  _handle.readStart?.()
}
