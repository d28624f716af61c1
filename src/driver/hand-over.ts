/**
 * Moves a WebSocket from one endpoint to another, in this process or another one, while its stream stays open. Separate from the peer, so
 * that only programs that use it load it.
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

/** A WebSocket that has left its endpoint. `attach` needs all three members. */
export interface DetachedPeer {
  /** Its stream: paused, open, and without any of the endpoint's listeners, not even one for `error`. */
  readonly stream: DuplexLike
  /** Its connection, with output that was not written and input that was not delivered. Contains the peer's data. */
  readonly snapshot: ConnectionSnapshot
  /** Bytes that the stream had read after that input. */
  readonly rest: Bytes
}

/**
 * Takes a peer off its endpoint without ending its WebSocket, for {@link attach}. Reading and writing stop, and the endpoint waits until
 * the stream has taken all bytes written to it. It then calls `gone`, but not `close`. From then on the peer's `send` returns `false`. The
 * `written` functions of messages that were not written get an error, although the snapshot contains the messages and they will be sent.
 *
 * In Node you can pass a `node:net` socket to another process with `process.send({ snapshot, rest }, stream)`, if messages are sent with
 * `serialization: 'advanced'`, so that they may contain bytes. A `node:tls` socket or `node:http2` stream cannot leave its process, because
 * the state of the encryption or the session stays there; it can move to another endpoint.
 *
 * @returns `undefined` if the peer could not be moved within the endpoint's `closeTimeout`; it continues unchanged. Reasons: its WebSocket
 *   has begun to end; an extension has no snapshot; the peer does not read what was written to it; or a message that is compressed and
 *   incoming, or large and being compressed, takes longer.
 * @throws TypeError, as a rejection, for anything but a peer, for a peer that is being detached or was detached, and for a peer whose
 *   messages go to a `messageStream`.
 * @example
 * const detached = await detach(peer)
 * if (detached === undefined) peer.close(1012)
 * else attach(second, detached.stream, detached.snapshot, { rest: detached.rest, data: peer.data })
 */
export function detach(peer: AnyPeer): Promise<DetachedPeer | undefined> {
  // An error thrown here rejects the promise.
  return new Promise((resolve, reject) => {
    if (!(peer instanceof Peer)) throw wrongArgument('`peer`', 'a Peer', describeType(peer))
    if (peer.departure !== undefined) throw new TypeError('this peer was detached or is being detached')
    if (peer.handlers !== peer.host.handlers) throw new TypeError('a peer with a messageStream cannot be detached')
    new Detaching(peer, resolve, reject).start()
  })
}

/**
 * Resumes a WebSocket that {@link detach} has taken off an endpoint, or whose connection `snapshotConnection` has saved. Calls this
 * endpoint's `open`, then delivers pending input and sends pending output. As for {@link drive}, `maxPeers` has no effect.
 *
 * @param stream The same stream, or the one that represents it in this process.
 * @param snapshot Contains the role and the agreement. The connection's other options are the endpoint's, including a client's extensions.
 *   A snapshot from another process is plain data.
 * @param options Pass the `rest` that {@link detach} has returned. The snapshot does not contain the former peer's `data`.
 * @throws TypeError for wrong arguments, for a snapshot that is invalid or was made with other options, and for a stream that was already
 *   given to an endpoint.
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
  // Last, because nobody listens to the stream if something above throws.
  readOn(stream)
  return peer
}

/** A peer that is to leave its stream, until it has left or cannot. */
class Detaching implements Departure, Timed {
  dueAt = 0
  place = -1
  readonly #peer: AnyPeer
  readonly #resolve: (detached: DetachedPeer | undefined) => void
  readonly #reject: (error: unknown) => void
  /** A compressed message is being read to its end. */
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

  /** Stops reading. Returns whether nothing is in flight. */
  #isQuiet(): boolean {
    const peer = this.#peer
    // Keepalive does not judge a peer that is not being read from.
    peer.host.deadlines.remove(peer)
    if (peer.flowing) {
      peer.flowing = false
      peer.stream.pause()
    }
    const inFlight = peer.bufferedAmount - peer.connection.outputSize
    return peer.job === undefined && inFlight === 0 && !peer.isWriting && peer.flowing !== undefined
  }

  /** Leaves, unless an extension cannot move, or cannot move yet. */
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

  /** Gives up after the timeout. */
  due(): void {
    this.#giveUp()
    this.#peer.settle()
  }

  #stay(): void {
    this.#peer.departure = undefined
    this.#peer.host.deadlines.remove(this)
  }
}

/** Takes a peer off its stream after its connection was saved. */
function release(peer: AnyPeer, snapshot: ConnectionSnapshot): DetachedPeer {
  const { stream, connection, waiting = [], held = nothing } = peer
  giveAway(stream)
  // The connection sends no more, and its extensions release their resources.
  connection.incoming = undefined
  connection.outgoing = undefined
  connection.receiveEnd()
  peer.held = undefined
  peer.waiting = undefined
  peer.leave()
  for (const resolve of waiting) resolve()
  return { stream, snapshot, rest: join([held, stopReading(stream)]) }
}

/** The additional members of a Node stream. A paused socket continues to read into its own buffer unless its handle is stopped. */
interface NodeStreamLike extends DuplexLike {
  /** The number of bytes in its buffer. Only Node's streams have it, and only their `read` has Node's semantics. */
  readonly readableLength?: number
  read?(): Uint8Array | null
  readonly _handle?: { reading?: boolean; readStop?(): unknown; readStart?(): unknown } | null
}

/**
 * Stops a socket from reading, at once. A paused Node socket continues to read into its own buffer, which is lost when the socket is passed
 * to another process. Call this function before you pass one on; {@link detach} calls it for you.
 *
 * @returns The bytes that the stream had read: append them to the earlier `rest`.
 * @example
 * worker.send({ rest: stopReading(socket) }, socket)
 */
export function stopReading(stream: DuplexLike): Bytes {
  const node: NodeStreamLike = stream
  const { _handle } = node
  stream.pause()
  const chunks: Uint8Array[] = []
  // Reads until a call finds nothing. After that the stream does not ask its handle for more.
  const read = (): Uint8Array | null | undefined => (node.readableLength === undefined ? undefined : node.read?.())
  for (let chunk = read(); chunk; chunk = read()) chunks.push(chunk)
  _handle?.readStop?.()
  if (_handle?.reading) _handle.reading = false
  return join(chunks)
}

/** Undoes `stopReading`, in the same process. */
function readOn({ _handle }: NodeStreamLike): void {
  if (_handle?.reading !== false) return
  _handle.reading = true
  _handle.readStart?.()
}
