/**
 * One of two connections that are joined by a pipe. Records what it sent, and where in the stream each message ended, and throws if it does
 * not receive what the other one sent. The order of events is decided elsewhere.
 */

import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionClosed, ConnectionEvent, TextForm } from '../../src/connection/events.ts'
import { resumeConnection, sendPrepared, snapshotConnection, startMessage } from '../../src/connection/index.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import type { OutgoingMessage } from '../../src/connection/start-message.ts'
import { decodeFrameHeader, frameHeaderSize } from '../../src/frame/header.ts'
import { receiveAll } from '../receive.ts'
import { type Chance, drawBytes, prepared, texts } from './walk-random.ts'

type Type = 'text' | 'binary'

/** The rest of a message in pieces. */
interface Open {
  readonly whole: string | Uint8Array
  readonly writer: OutgoingMessage | undefined
  readonly type: Type
  at: number
}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

const same = (a: string | Uint8Array, b: string | Uint8Array): boolean =>
  typeof a === 'string' ? a === b : typeof b !== 'string' && Buffer.compare(a, b) === 0

export class Side {
  peer: Side | undefined = undefined
  /** In transit to the peer. */
  pipe: Uint8Array = new Uint8Array(0)
  closed: ConnectionClosed | undefined = undefined
  /** The code and reason of our Close frame. */
  closeSent: readonly [number, string] | undefined = undefined
  private asked = false
  private readonly messages: (string | Uint8Array)[] = []
  private readonly pings: string[] = []
  /** All output taken. */
  private readonly stream: Uint8Array[] = []
  private open: Open | undefined = undefined
  private taken = 0
  private delivered = 0
  private gotMessages = 0
  private gotPings = 0
  private lastPong = 0
  private partial: Uint8Array[] = []
  private partialText = ''

  connection: Connection<TextForm, boolean>

  constructor(
    private readonly options: ConnectionOptions<TextForm, boolean>,
    private readonly chance: Chance,
  ) {
    this.connection = new Connection(options)
  }

  /** Sends something, if allowed. */
  send(): void {
    const { chance } = this
    if (chance.once(6)) this.ping()
    else if (this.open !== undefined) this.continueMessage()
    else this.begin()
  }

  /** Closes, and returns whether this side was the first. */
  close(code?: number, reason?: string): boolean {
    if (!this.connection.close(code, reason)) return false
    this.asked = true
    this.closeSent = [code ?? 1005, reason ?? '']
    return true
  }

  /** Replaces the connection with one resumed from its snapshot, if it can move. */
  handOver(): void {
    const snapshot = snapshotConnection(this.connection)
    if (snapshot === undefined) return
    const size = this.connection.outputSize
    this.connection = resumeConnection(JSON.parse(JSON.stringify(snapshot)), this.options)
    must(this.connection.outputSize === size, 'another output')
    if (this.open !== undefined) this.open = { ...this.open, writer: undefined }
  }

  /** Moves pending output into the pipe. */
  flush(): void {
    const { connection, chance } = this
    const size = connection.outputSize
    const output = chance.once(3) ? Buffer.concat(connection.takeOutputParts()) : connection.takeOutput()
    if (output === undefined || output.length === 0) return
    must(output.length === size, 'outputSize is not the size of the output taken')
    this.taken += output.length
    this.stream.push(Uint8Array.from(output))
    this.pipe = this.pipe.length === 0 ? output : Buffer.concat([this.pipe, output])
  }

  /** Receives this many of the peer's bytes. */
  deliver(size: number, now: number | undefined): void {
    const { pipe } = this.peer as Side
    const chunk = new Uint8Array(pipe.subarray(0, size))
    if (chunk.length === 0) return
    ;(this.peer as Side).pipe = pipe.subarray(chunk.length)
    this.delivered += chunk.length
    this.take(receiveAll(this.connection, chunk, now))
    if (!this.options.ownsChunks) chunk.fill(0xee)
  }

  take(events: readonly ConnectionEvent<TextForm, boolean>[]): void {
    for (const event of events) {
      must(this.closed === undefined, 'an event after the close event')
      if (event.type === 'close') this.end(event)
      else if (event.type === 'ping') this.gotPing(event.data)
      else if (event.type === 'pong') this.gotPong(event.data)
      else this.gotPiece(event.data, event.last)
    }
  }

  /** The Close that we must answer by hand, if any. */
  answer(): void {
    const { closed } = this
    if (this.options.autoClose || closed?.by !== 'remote' || this.closeSent !== undefined) return
    if (closed.code === 1005) this.close()
    else this.close(closed.code)
  }

  /** Everything complete in the received bytes has been reported, and nothing more. */
  checkReceived(): void {
    const { messages, stream, open } = this.peer as Side
    const complete = countComplete(Buffer.concat(stream).subarray(0, this.delivered))
    must(this.gotMessages === complete.messages, 'a message is missing')
    must(this.gotPings === complete.pings, 'a ping is missing')
    if (this.partialText === '' && this.partial.length === 0) return
    const whole = messages[this.gotMessages] ?? open?.whole ?? ''
    if (typeof whole === 'string' && this.partialText !== '')
      must(whole.startsWith(this.partialText), 'another beginning')
    else must(Buffer.from(whole as string).indexOf(Buffer.concat(this.partial)) === 0, 'another beginning')
  }

  /** Nothing more is sent or received. */
  checkOver(): void {
    const { connection } = this
    must(this.closed !== undefined, 'no close event')
    must(connection.transport !== 'keep' && connection.state === 'closed', 'not over')
    must(!connection.sendText('x') && !connection.sendBinary(new Uint8Array(1)) && !connection.ping(), 'it sends')
    must(!connection.pong() && !connection.close(1000) && !connection.send({ type: 'text', data: 'x' }), 'it sends')
    must(!(this.open?.writer?.end() ?? false), 'it sends the end of a message')
    must(connection.receive(Uint8Array.of(0x81, 0)).length === 0, 'it receives')
    must(connection.receiveEnd().length === 0 && connection.poll(1e9).length === 0, 'it ends twice')
    for (let now = 1e9; connection.transport !== 'destroy'; now += 500) connection.poll(now)
    must(connection.pollAt === undefined, 'it polls on')
    must(connection.takeOutput() === undefined && connection.outputSize === 0, 'it has output')
  }

  private begin(): void {
    const { connection, chance } = this
    const data = chance.once(2) ? chance.of(texts) : drawBytes(chance)
    const type = typeof data === 'string' ? 'text' : 'binary'
    const compress = chance.of([undefined, undefined, true, false])
    const kind = chance.below(8)
    if (kind === 0) {
      const shared = chance.of(prepared)
      this.sent(sendPrepared(connection, shared.message, { compress }), shared.data)
      return
    }
    if (kind <= 2) {
      this.open = { whole: data, writer: startMessage(connection, type, { compress }), type, at: 0 }
      return
    }
    // The first piece of a message in pieces through `send`: not the whole message, though it may be empty.
    if (kind === 3) {
      const open = { whole: data, writer: undefined, type, at: chance.below(data.length) } as const
      if (connection.send({ type, data: data.slice(0, open.at), last: false }, { compress })) this.open = open
      return
    }
    if (typeof data === 'string') this.sent(connection.sendText(data, { compress }), data)
    else this.sent(connection.sendBinary(data, { compress }), data)
  }

  private ping(): void {
    const data = `${this.pings.length + 1}`
    const sent = this.connection.ping(data, this.chance.once(2) ? this.taken : undefined)
    if (sent) this.pings.push(data)
  }

  private continueMessage(): void {
    const { chance, connection } = this
    const open = this.open as Open
    const rest = open.whole.length - open.at
    const size = chance.below(rest + 1)
    const last = size === rest && chance.once(2)
    const data = open.whole.slice(open.at, open.at + size)
    const { type, writer } = open
    const send = last ? writer?.end(data) : writer?.write(data)
    if (!(send ?? connection.send({ type, data, first: false, last }))) return
    open.at += size
    if (!last) return
    this.open = undefined
    this.sent(true, open.whole)
  }

  private sent(taken: boolean, data: string | Uint8Array): void {
    must(!taken || !this.asked, 'a message after our Close')
    if (taken) this.messages.push(data)
  }

  private end(event: ConnectionClosed): void {
    this.closed = event
    if (!event.clean) return
    const [code, reason] = (this.peer as Side).closeSent ?? []
    must(event.code === code && event.reason === reason, 'another code or reason than the peer sent')
    if (this.options.autoClose && event.by === 'remote') this.closeSent = [event.code, '']
  }

  private gotPing(data: Uint8Array): void {
    const sent = (this.peer as Side).pings[this.gotPings++]
    must(sent === Buffer.from(data).toString(), 'another ping')
  }

  // In order, each at most once: which are answered depends on which side has closed.
  private gotPong(data: Uint8Array): void {
    const number = Number(Buffer.from(data).toString())
    must(number > this.lastPong && number <= this.pings.length, 'a pong for no ping')
    this.lastPong = number
  }

  private gotPiece(data: string | Uint8Array, last: boolean): void {
    if (typeof data === 'string') this.partialText += data
    else this.partial.push(new Uint8Array(data))
    if (!last) return
    const expected = (this.peer as Side).messages[this.gotMessages++]
    must(expected !== undefined, 'a message that nobody sent')
    const bytes = Buffer.concat(this.partial)
    const got = typeof data === 'string' ? this.partialText : typeof expected === 'string' ? bytes.toString() : bytes
    must(same(expected, got), 'another message')
    this.partial = []
    this.partialText = ''
  }
}

/** Returns the messages and pings that are complete in a stream, which may end anywhere. */
function countComplete(stream: Uint8Array): { messages: number; pings: number } {
  const count = { messages: 0, pings: 0 }
  for (let at = 0; ; ) {
    const header = decodeFrameHeader(stream, at)
    if (header === undefined) return count
    at += frameHeaderSize(header) + header.payloadLength
    if (at > stream.length) return count
    if (header.opcode === 9) count.pings++
    else if (header.opcode < 8 && header.fin) count.messages++
  }
}
