/**
 * Our own server and client: the adapter for Node, from the source, on `node:net`. Their streams can split the bytes at random
 * places in both directions.
 */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import {
  acceptSocket,
  connectSocket,
  Endpoint,
  type EndpointOptions,
  HandshakeError,
  type Peer,
} from '../../src/adapters/node/index.ts'
import {
  type Accepted,
  type AcceptOptions,
  type Agreement,
  acceptHandshake,
  type Connection,
  type ConnectionEvent,
  type OfferOptions,
  offerHandshake,
  type Rejected,
  type RequestHead,
  type Verified,
} from '../../src/index.ts'
import { type Host, within } from './support.ts'
import type { Wire } from './wire.ts'

/** How bytes are split in transit; whole by default. */
export type Cut = (bytes: Uint8Array) => Iterable<Uint8Array>

const whole: Cut = (bytes) => [bytes]

/** Pieces of 1 byte to 64 KiB, small ones as likely as large ones. */
export function cutAtRandom(random: () => number): Cut {
  return function* pieces(bytes) {
    for (let start = 0; start < bytes.length; ) {
      const end = start + Math.floor(2 ** (16 * random()))
      yield bytes.subarray(start, end)
      start = end
    }
  }
}

/** What happens to the bytes between an adapter and its socket. */
interface Transport {
  readonly cut?: Cut | undefined
  /** Sees all bytes of one connection, without the heads. */
  readonly wire?: Wire | undefined
}

/** A socket whose bytes are split and seen. */
class CutStream extends Duplex {
  readonly #socket: Socket
  readonly #cut: Cut
  readonly #sent: (bytes: Uint8Array) => void

  constructor(socket: Socket, { cut = whole, wire }: Transport) {
    super()
    this.#socket = socket
    this.#cut = cut
    const received = afterHead((bytes) => wire?.received.push(bytes))
    this.#sent = afterHead((bytes) => wire?.sent.push(bytes))
    socket.on('data', (chunk) => {
      received(chunk)
      let isReady = true
      for (const piece of cut(chunk)) isReady = this.push(piece)
      if (!isReady) socket.pause()
    })
    socket.on('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Uint8Array, _: string, done: (error?: Error | null) => void): void {
    this.#sent(chunk)
    let left = 0
    for (const piece of this.#cut(chunk)) {
      left++
      this.#socket.write(piece, (error) => --left === 0 && done(error))
    }
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}

/** Passes on the bytes after the first empty line. */
function afterHead(pass: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  let tail: Buffer | undefined = Buffer.alloc(0)
  return (bytes) => {
    if (tail === undefined) return pass(bytes)
    const seen = Buffer.concat([tail, bytes])
    const end = seen.indexOf('\r\n\r\n')
    tail = end === -1 ? seen : undefined
    if (end !== -1) pass(seen.subarray(end + 4))
  }
}

/** One of our connections. */
export class Link {
  readonly peer: Peer<Link | undefined>
  readonly #socket: Socket

  constructor(peer: Peer<Link | undefined>, socket: Socket) {
    this.peer = peer
    this.#socket = socket
  }

  get connection(): Connection {
    return this.peer.connection
  }

  get agreement(): Agreement {
    return this.peer.agreement as Agreement
  }

  get subprotocol(): string | undefined {
    return this.agreement.subprotocol
  }

  /** The names of the agreed extensions. */
  get extensions(): readonly string[] {
    return this.agreement.extensions.map(({ name }) => name)
  }

  send({ type, bytes }: { type: 'text' | 'binary' | 'ping'; bytes: Buffer }): void {
    if (type === 'ping') this.peer.ping(bytes)
    else this.peer.send(type === 'binary' ? bytes : bytes.toString())
  }

  /** Ends without a Close. */
  lose(): void {
    this.#socket.destroy()
  }
}

type OnEvent = (event: ConnectionEvent, link: Link) => void

interface ServeOptions extends AcceptOptions, Transport {
  readonly fragmentSize?: number | undefined
  /** Gets the agreement and its request. */
  readonly onAccept?: (accepted: Accepted, request: RequestHead) => void
  readonly onOpen?: (link: Link) => void
}

/** A server on a free port that passes every event to `onEvent`. */
export async function serve(onEvent: OnEvent, options: ServeOptions = {}): Promise<Host> {
  const { cut, wire, fragmentSize, onAccept, onOpen, extensions, ...handshake } = options
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    const endpoint = new Endpoint<Link | undefined>({
      ...common(onEvent),
      handshake,
      extensions,
      fragmentSize,
      open: (peer) => {
        peer.data = new Link(peer, socket)
        onAccept?.(
          acceptHandshake(peer.request as RequestHead, { ...handshake, extensions }) as Accepted,
          peer.request as RequestHead,
        )
        onOpen?.(peer.data)
      },
    })
    acceptSocket(endpoint, cut === undefined && wire === undefined ? socket : new CutStream(socket, { cut, wire }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await within(once(server, 'close'), 'our server to close')
  }
  return { port, url: `ws://127.0.0.1:${port}/`, stop }
}

function common(onEvent: OnEvent): EndpointOptions<Link | undefined> {
  return { event: (peer, event) => onEvent(event, peer.data as Link) }
}

/** What our server does with its clients' messages. */
export function echo(event: ConnectionEvent, link: Link): void {
  if (event.type === 'text' || event.type === 'binary') link.peer.send(event.data)
}

interface OpenOptions extends OfferOptions, Transport {
  readonly fragmentSize?: number | undefined
  /** An existing socket to the server, instead of a new one. */
  readonly socket?: Socket
}

/** Only the server's response to our offer; then ends. */
export async function ask(url: string, options: OfferOptions = {}): Promise<Verified | Rejected> {
  try {
    const { peer } = await open(url, () => {}, options)
    peer.terminate()
    return { ok: true, version: 13, ...(peer.agreement as Agreement) } as Verified
  } catch (error) {
    if (error instanceof HandshakeError && error.rejection !== undefined) return error.rejection
    throw error
  }
}

/** A client that has opened. Every event goes to `onEvent`. */
export async function open(url: string, onEvent: OnEvent, options: OpenOptions = {}): Promise<Link> {
  const { cut, wire, fragmentSize, socket: given, ...offerOptions } = options
  const offer = offerHandshake(url, offerOptions)
  const socket = given ?? connect(offer.port, offer.hostname)
  const endpoint = new Endpoint<Link | undefined>({
    ...common(onEvent),
    fragmentSize,
    extensions: offerOptions.extensions,
    open: (peer) => {
      peer.data = new Link(peer, socket)
    },
  })
  const stream = cut === undefined && wire === undefined ? socket : new CutStream(socket, { cut, wire })
  const peer = await within(connectSocket(endpoint, stream, offer), 'an answer to our offer')
  return peer.data as Link
}
