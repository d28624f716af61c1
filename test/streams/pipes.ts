/**
 * In-memory transports for tests: a pair of byte streams for each of two peers, which split at random, count bytes and fail on
 * demand; and helpers for streams.
 */

import { Connection, type ConnectionOptions, type Role } from '../../src/index.ts'
import type { MessageStreams } from '../../src/streams/index.ts'
import { type MessageStreamsOptions, messageStreams } from '../../src/streams/message-streams.ts'
import { within } from '../peers/support.ts'
import { receiveAll } from '../receive.ts'
import { concat } from '../wire.ts'

export interface PipeOptions {
  /** Splits into pieces of 1 byte to 16 KiB. Default: whole chunks. */
  readonly random?: (() => number) | undefined
  /** Both ends fail after this many bytes. */
  readonly failsAt?: number | undefined
}

/** One direction. A chunk passes when a reader waits for it: only the pending write is stored. */
class Pipe {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  /** Bytes that have passed. */
  passed = 0
  private control: TransformStreamDefaultController<Uint8Array> | undefined

  constructor({ random, failsAt = Infinity }: PipeOptions = {}) {
    const stream = new TransformStream<Uint8Array, Uint8Array>({
      start: (control) => {
        this.control = control
      },
      transform: (chunk, control) => {
        for (const piece of cut(chunk, random)) {
          if (this.passed + piece.length > failsAt) return control.error(new Error('the line is cut'))
          this.passed += piece.length
          // A copy, as from any real transport.
          control.enqueue(piece.slice())
        }
      },
    })
    this.readable = stream.readable
    this.writable = stream.writable
  }

  fail(error: unknown): void {
    this.control?.error(error)
  }
}

function* cut(chunk: Uint8Array, random: (() => number) | undefined): Generator<Uint8Array> {
  for (let start = 0; start < chunk.length; ) {
    const end = random === undefined ? chunk.length : start + Math.floor(2 ** (14 * random()))
    yield chunk.subarray(start, end)
    start = end
  }
}

/** Two connected transports. */
export interface Line {
  readonly client: Ends
  readonly server: Ends
  readonly toServer: Pipe
  readonly toClient: Pipe
}
interface Ends {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

export function line(toServerOptions?: PipeOptions, toClientOptions = toServerOptions): Line {
  const toServer = new Pipe(toServerOptions)
  const toClient = new Pipe(toClientOptions)
  return {
    client: { readable: toClient.readable, writable: toServer.writable },
    server: { readable: toServer.readable, writable: toClient.writable },
    toServer,
    toClient,
  }
}

type Options = Omit<MessageStreamsOptions, 'role'>

export interface Both extends Line {
  readonly clientStreams: MessageStreams
  readonly serverStreams: MessageStreams
}

/** Two connected, open WebSockets. */
export function both(lineOptions?: PipeOptions, client?: Options, server?: Options): Both {
  const between = line(lineOptions)
  return {
    ...between,
    clientStreams: messageStreams(between.client, { role: 'client', ...client }),
    serverStreams: messageStreams(between.server, { role: 'server', ...server }),
  }
}

/** One WebSocket, and a peer that is driven by hand. */
export class Puppet {
  readonly streams: MessageStreams
  readonly connection: Connection
  readonly between: Line
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>
  private readonly writer: WritableStreamDefaultWriter<Uint8Array>

  constructor(role: Role, options?: Options, connectionOptions?: Partial<ConnectionOptions>, pipes?: PipeOptions) {
    this.between = line(pipes)
    const theirs: Role = role === 'client' ? 'server' : 'client'
    this.streams = messageStreams(this.between[role], { role, ...options })
    this.connection = new Connection({ role: theirs, ...connectionOptions })
    this.reader = this.between[theirs].readable.getReader()
    this.writer = this.between[theirs].writable.getWriter()
  }

  /** Sends the connection's output, or the given bytes. */
  async send(bytes = this.connection.takeOutput()): Promise<void> {
    if (bytes !== undefined) await this.writer.write(bytes)
  }

  end(): Promise<void> {
    return this.writer.close()
  }

  /** The events of the next chunk; `undefined`: the end. */
  async next() {
    const { done, value } = await within(this.reader.read(), 'bytes')
    return done ? undefined : receiveAll(this.connection, value)
  }

  /** All events until the transport ends. */
  async rest() {
    const events = []
    for (let more = await this.next(); more !== undefined; more = await this.next()) events.push(...more)
    return events
  }
}

/** All messages until the end. Rejects as the stream does. */
export async function readAll(readable: MessageStreams['readable']): Promise<(string | Uint8Array)[]> {
  const messages: (string | Uint8Array)[] = []
  for await (const message of readable) messages.push(message)
  return messages
}

/** Writes all messages, one after the other. */
export async function writeAll(
  writable: MessageStreams['writable'],
  messages: Iterable<string | Uint8Array>,
): Promise<void> {
  const writer = writable.getWriter()
  for (const message of messages) await writer.write(message)
  writer.releaseLock()
}

/** The reason of a rejected promise. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const nothing = Symbol('resolved')
  const error = await within(
    promise.then(
      () => nothing,
      (reason: unknown) => reason,
    ),
    'a rejection',
  )
  if (error === nothing) throw new Error('it was not rejected')
  return error
}

/** Waits until nothing more happens without new bytes. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Whether a promise is still pending when nothing more happens without new bytes. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open')
  return (await Promise.race([promise, quiet().then(() => open)])) === open
}

/** Waits until both ends of a transport are unlocked. */
export async function released({ readable, writable }: Ends): Promise<void> {
  for (let turn = 0; turn < 100 && (readable.locked || writable.locked); turn++) await quiet()
  if (readable.locked || writable.locked) throw new Error('still locked')
}

/** All bytes of a byte stream. */
export async function readBytes(readable: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readable) chunks.push(chunk)
  return concat(...chunks)
}
