/**
 * Our own server and client, from the source, on `node:net`. Their transports can split the bytes at random places in both
 * directions.
 */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import {
  type Accepted,
  type AcceptOptions,
  type Agreement,
  acceptHandshake,
  Connection,
  type ConnectionEvent,
  type ConnectionOptions,
  formatRequestHead,
  formatResponse,
  type OfferOptions,
  offerHandshake,
  type Rejected,
  type RequestHead,
  RequestHeadParser,
  ResponseHeadParser,
  type Verified,
  verifyHandshake,
} from '../../src/index.ts'
import { receiveAll } from '../receive.ts'
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

/** The pipe between a connection and its socket. */
interface Transport {
  readonly cut?: Cut | undefined
  /** Sees all bytes of one connection. */
  readonly wire?: Wire | undefined
}

/** A connection with its socket. */
export class Link {
  readonly connection: Connection
  readonly agreement: Agreement
  private readonly socket: Socket
  private readonly cut: Cut
  private readonly wire: Wire | undefined

  constructor(connection: Connection, socket: Socket, agreement: Agreement, { cut = whole, wire }: Transport) {
    this.connection = connection
    this.socket = socket
    this.agreement = agreement
    this.cut = cut
    this.wire = wire
  }

  get subprotocol(): string | undefined {
    return this.agreement.subprotocol
  }

  /** The names of the agreed extensions. */
  get extensions(): readonly string[] {
    return this.agreement.extensions.map(({ name }) => name)
  }

  send({ type, bytes }: { type: 'text' | 'binary' | 'ping'; bytes: Buffer }): void {
    if (type === 'ping') this.connection.ping(bytes)
    else if (type === 'binary') this.connection.sendBinary(bytes)
    else this.connection.sendText(bytes.toString())
    this.flush()
  }

  /** Ends without a Close. */
  lose(): void {
    this.socket.destroy()
  }

  flush(): void {
    const output = this.connection.takeOutput()
    if (output) {
      this.wire?.sent.push(output)
      for (const piece of this.cut(output)) this.socket.write(piece)
    }
    if (this.connection.transport !== 'keep') this.socket.end()
  }

  /** Reports events from now on, starting with those so far. */
  listen(rest: Uint8Array, onEvent: (event: ConnectionEvent, link: Link) => void): void {
    const receive = (chunk: Uint8Array): void => {
      this.wire?.received.push(chunk)
      for (const piece of this.cut(chunk)) {
        for (const event of receiveAll(this.connection, piece)) onEvent(event, this)
        this.flush()
      }
    }
    receive(rest)
    this.socket.on('data', receive)
    this.socket.on('close', () => {
      for (const event of this.connection.receiveEnd()) onEvent(event, this)
    })
  }
}

interface ServeOptions extends AcceptOptions, Transport {
  readonly fragmentSize?: number
  /** Gets the agreement and its request. */
  readonly onAccept?: (accepted: Accepted, request: RequestHead) => void
  readonly onOpen?: (link: Link) => void
}

/** A server on a free port that passes every event to `onEvent`. */
export async function serve(
  onEvent: (event: ConnectionEvent, link: Link) => void,
  options: ServeOptions = {},
): Promise<Host> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    acceptOn(socket, options, onEvent)
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

function acceptOn(
  socket: Socket,
  { cut, wire, fragmentSize, onAccept, onOpen, ...acceptOptions }: ServeOptions,
  onEvent: (event: ConnectionEvent, link: Link) => void,
): void {
  const heads = new RequestHeadParser()
  socket.on('data', function open(chunk) {
    const parsed = heads.push(chunk)
    if (!parsed) return
    socket.off('data', open)
    const accepted = acceptHandshake(parsed, acceptOptions)
    socket.write(formatResponse(accepted.response))
    if (!accepted.ok || !parsed.ok) return void socket.end()
    onAccept?.(accepted, parsed.head)
    const { extensions } = acceptOptions
    const connection = new Connection({ role: 'server', agreement: accepted, extensions, fragmentSize })
    const link = new Link(connection, socket, accepted, { cut, wire })
    onOpen?.(link)
    link.listen(parsed.rest, onEvent)
  })
}

/** What our server does with its clients' messages. */
export function echo(event: ConnectionEvent, link: Link): void {
  if (event.type === 'text') link.connection.sendText(event.data)
  if (event.type === 'binary') link.connection.sendBinary(event.data)
  link.flush()
}

interface OpenOptions extends OfferOptions, Transport, Pick<ConnectionOptions, 'fragmentSize'> {
  /** An existing socket to the server, instead of a new one. */
  readonly socket?: Socket
}

/** The response to our offer, in the turn in which it arrives, with the bytes after it. */
async function offerTo<Result>(
  url: string,
  { socket: given, ...options }: OfferOptions & Pick<OpenOptions, 'socket'>,
  take: (answer: Verified | Rejected, socket: Socket, rest: Uint8Array) => Result,
): Promise<Result> {
  const offer = offerHandshake(url, options)
  const socket = given ?? connect(offer.port, offer.hostname)
  socket.on('error', () => socket.destroy())
  const heads = new ResponseHeadParser()
  socket.write(formatRequestHead(offer.request))
  const answered = new Promise<Result>((resolve, reject) => {
    socket.on('close', () => reject(new Error('the server ended the handshake')))
    socket.on('data', function receiveHead(chunk) {
      const parsed = heads.push(chunk)
      if (!parsed) return
      socket.off('data', receiveHead)
      resolve(take(verifyHandshake(parsed, offer), socket, parsed.ok ? parsed.rest : new Uint8Array(0)))
    })
  })
  return within(answered, 'an answer to our offer')
}

/** Only the server's response to our offer; then ends. */
export function ask(url: string, options: OfferOptions = {}): Promise<Verified | Rejected> {
  return offerTo(url, options, (answer, socket) => {
    socket.resume().end()
    return answer
  })
}

/** A client that has opened: send by its connection, then `flush`. Every event goes to `onEvent`. */
export async function open(
  url: string,
  onEvent: (event: ConnectionEvent, link: Link) => void,
  { cut, wire, fragmentSize, ...offerOptions }: OpenOptions = {},
): Promise<Link> {
  const opened = await offerTo(url, offerOptions, (answer, socket, rest) => {
    if (!answer.ok) {
      socket.destroy()
      return answer.errors[0]
    }
    const { extensions } = offerOptions
    const connection = new Connection({ role: 'client', agreement: answer, extensions, fragmentSize })
    const link = new Link(connection, socket, answer, { cut, wire })
    link.listen(rest, onEvent)
    return link
  })
  if (opened instanceof Link) return opened
  throw opened
}
