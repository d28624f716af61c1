/**
 * One of two connections: how it is set up, what it has sent, and whether it receives what the other one sent. Throws if it does
 * not. The order of events is decided elsewhere.
 *
 * @module
 */

import fc from 'fast-check'
import {
  Connection,
  type ConnectionClosed,
  type ConnectionEvent,
  type ConnectionOptions,
  type OutgoingMessage,
  resumeConnection,
  sendEncoded,
  sendPrepared,
  snapshotConnection,
  startMessage,
  type TextForm,
} from '../../src/connection/index.ts'
import type { Agreement, DefinedExtension } from '../../src/handshake/index.ts'
import {
  bytesOf,
  encoder,
  noise,
  type Prepared,
  preparable,
  SMALL_PREPARED,
  type Type,
  textOf,
} from './connection-data.ts'
import { must } from './show.ts'

/** `hasPending`: `receive` has more to return than it did. */
type Driven = Connection<TextForm, boolean> & { readonly hasPending?: boolean }

/** Errors injected by the fuzzer, distinguished by identity from all others. */
class Injected extends Error {
  override readonly name = 'Injected'
}

const nothing = new Uint8Array(0)
export interface Setup {
  readonly text: TextForm
  readonly pieces: boolean
  readonly ownsChunks: boolean
  readonly autoPong: boolean
  readonly autoClose: boolean
  readonly fragmentSize: number | undefined
  readonly maxOutput: number | undefined
  readonly keepalive: boolean
  readonly closeTimeout: number | undefined
  readonly limited: boolean
  readonly flood: boolean
  readonly lone: 'replace' | 'error'
  readonly allocate: 'own' | 'plain' | 'pool' | 'fails'
  readonly maskKeys: 'own' | 'plain' | 'fails'
  /** The interval between failures of injected calls. */
  readonly failsAt: number
  readonly after: number
}
const seldom = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true))
export const setup: fc.Arbitrary<Setup> = fc.record({
  text: fc.constantFrom('string', 'bytes'),
  pieces: fc.boolean(),
  ownsChunks: fc.boolean(),
  autoPong: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
  autoClose: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
  fragmentSize: fc.constantFrom(undefined, undefined, 1, 7, 100, 5000),
  maxOutput: fc.constantFrom(undefined, undefined, 50, 1000, 20_000),
  keepalive: fc.boolean(),
  closeTimeout: fc.constantFrom(undefined, 50),
  limited: seldom,
  flood: seldom,
  lone: fc.constantFrom('replace', 'error'),
  allocate: fc.constantFrom('own', 'own', 'plain', 'pool', 'fails'),
  maskKeys: fc.constantFrom('own', 'plain', 'plain', 'fails'),
  failsAt: fc.integer({ min: 1, max: 12 }),
  after: fc.nat(12),
})

/** A message as the peer must receive it. */
interface Sent {
  readonly type: Type | 'encoded'
  readonly bytes: Uint8Array
}
/** A message in pieces that has begun. */
interface Open {
  readonly type: Type
  writer: OutgoingMessage | undefined
  first: boolean
  readonly pieces: Uint8Array[]
  /** A high surrogate that the next piece may complete. */
  text: string
}

export class Side {
  peer: Side | undefined
  connection: Driven
  readonly sent: Sent[] = []
  /** Bytes in transit to the peer. */
  pipe: Uint8Array = nothing
  closed: ConnectionClosed | undefined
  got = 0
  /** An injected error was thrown from it: its output may end anywhere. */
  broken = false
  /** What it received is not what was sent. */
  damaged = false
  /** The transport has ended. */
  cut = false
  private open: Open | undefined
  private partial: { type: string; bytes: Uint8Array[] } | undefined
  private calls = 0
  /** Until the end, when everything sent must arrive. */
  mayStillFail = true
  private readonly injected = new Set<unknown>()
  /** Errors of an extension that have not been reported yet. */
  private readonly unheard = new Set<unknown>()
  private readonly options: ConnectionOptions<TextForm, boolean>

  constructor(
    readonly role: 'client' | 'server',
    private readonly setup: Setup,
    agreement: Agreement | undefined,
    extensions: readonly DefinedExtension[],
    private readonly prepared: Prepared,
  ) {
    const { keepalive, limited, flood, allocate, maskKeys, lone, failsAt: _, after: __, ...rest } = setup
    this.options = {
      ...rest,
      role,
      loneSurrogates: lone,
      keepalive: keepalive ? { interval: 1000, timeout: 200 } : undefined,
      limits: {
        ...(limited && { maxMessageSize: 3000, maxFragments: 40 }),
        ...(flood && { maxControlFrames: 5, controlWindow: 100 }),
      },
      ...(agreement !== undefined && { agreement, extensions }),
      ...(allocate !== 'own' && { native: { allocate: this.allocator(allocate) } }),
      ...(maskKeys !== 'own' && { maskKeys: () => this.maskKey() }),
    }
    this.connection = new Connection(this.options)
  }

  /** Calls that may fail do so from time to time. */
  private mayFail(what: string): void {
    if (!this.mayStillFail) return
    this.calls++
    if (this.calls <= this.setup.after * 3 || this.calls % this.setup.failsAt !== 0) return
    const error = new Injected(what)
    this.injected.add(error)
    throw error
  }

  /** The same for an extension's own work: afterwards nothing more can be sent, or nothing read. */
  mayFailInside(what: string): void {
    if (this.setup.allocate !== 'fails') return
    try {
      this.mayFail(what)
    } catch (error) {
      this.broken = true
      this.unheard.add(error)
      throw error
    }
  }

  private allocator(kind: 'plain' | 'pool' | 'fails'): (size: number) => Uint8Array {
    if (kind === 'pool') return (size) => Buffer.allocUnsafe(size).fill(0xdd)
    return (size) => {
      if (kind === 'fails') this.mayFail('allocate')
      return new Uint8Array(size).fill(0xdd)
    }
  }

  private maskKey(): Uint8Array {
    if (this.setup.maskKeys === 'fails') this.mayFail('maskKeys')
    return Uint8Array.of(this.calls, 2, 3, 4)
  }

  /** Runs a call of the connection. `undefined`: an injected error was thrown. */
  private attempt<Result>(call: () => Result): Result | undefined {
    try {
      return call()
    } catch (error) {
      this.hearOf(error)
      // The extensions have moved on without those of the peer.
      if (this.options.extensions !== undefined) this.broken = true
      return undefined
    }
  }

  /** Sends a message, and records it if the connection accepts it. */
  private note(taken: boolean | undefined, sent: Sent): void {
    if (taken === true) this.sent.push(sent)
  }

  sendText(a: number, b: number): void {
    if (this.open !== undefined) return
    const text = textOf(a, this.setup)
    const bytes = encoder.encode(text)
    const options = compressions[b % compressions.length]
    const taken = this.attempt(() => {
      if (b % 3 === 0) return this.connection.sendText(Uint8Array.from(bytes), options)
      return b % 3 === 1
        ? this.connection.sendText(text, options)
        : this.connection.send({ type: 'text', data: text }, options)
    })
    this.note(taken, { type: 'text', bytes })
  }

  sendBinary(a: number, b: number): void {
    if (this.open !== undefined) return
    const bytes = bytesOf(a, b, this.setup)
    const given = Uint8Array.from(bytes)
    const options = compressions[b % compressions.length]
    const taken = this.attempt(() =>
      b % 2 === 0
        ? this.connection.sendBinary(given, options)
        : this.connection.send({ type: 'binary', data: given }, options),
    )
    given.fill(0xee)
    this.note(taken, { type: 'binary', bytes })
  }

  sendPrepared(a: number, b: number): void {
    if (this.open !== undefined) return
    const large = b % 9 === 0 && (this.setup.fragmentSize ?? Infinity) >= 100
    const index = a % (large ? preparable.length : SMALL_PREPARED)
    const { type, bytes } = preparable[index] as (typeof preparable)[number]
    const message = this.prepared.of(index)
    const taken = this.attempt(() => sendPrepared(this.connection, message, compressions[b % compressions.length]))
    this.note(taken, { type, bytes })
  }

  sendEncoded(a: number): void {
    if (
      this.open !== undefined ||
      !(this.options.agreement?.extensions.some(({ name }) => name === 'x-later') ?? false)
    )
      return
    const bytes = noise.slice(a, a + (a % 300))
    const taken = this.attempt(() => sendEncoded(this.connection, { of: 'binary', rsv: 1, data: bytes }))
    this.note(taken, { type: 'encoded', bytes })
  }

  begin(a: number, b: number): void {
    if (this.open !== undefined || this.connection.state !== 'open') return
    const type = a % 2 === 0 ? 'text' : 'binary'
    const writer =
      b % 2 === 0 ? this.attempt(() => startMessage(this.connection, type, compressions[b % 3])) : undefined
    this.open = { type, writer, first: true, pieces: [], text: '' }
  }

  write(a: number, b: number, last: boolean): void {
    const { open, connection } = this
    if (open === undefined) return
    const { type, writer } = open
    const whole = type === 'text' ? textOf(a, this.setup) : bytesOf(a, b, this.setup)
    // Cut anywhere, inside characters too; not for a side that rejects lone surrogates.
    const data = typeof whole === 'string' && this.setup.lone === 'replace' ? whole.slice(b % 5 === 0 ? 1 : 0) : whole
    const taken = this.attempt(() => {
      if (writer !== undefined) return last ? writer.end(data) : writer.write(data)
      return connection.send({ type, data, first: open.first, last })
    })
    if (taken === undefined) {
      // If the first piece of `send` fails, no message has begun.
      if (open.first && writer === undefined) this.open = undefined
      return
    }
    if (!taken) {
      this.open = undefined
      return
    }
    open.first = false
    if (typeof data === 'string') open.text += data
    else open.pieces.push(data)
    if (!last) return
    this.open = undefined
    this.sent.push({ type, bytes: type === 'text' ? encoder.encode(open.text) : Buffer.concat(open.pieces) })
  }

  ping(a: number, now: number): void {
    this.attempt(() => this.connection.ping(noise.slice(a, a + (a % 126)), a % 2 === 0 ? now : undefined))
  }

  pong(a: number): void {
    this.attempt(() => this.connection.pong(a % 3 === 0 ? 'grüße' : noise.slice(a, a + (a % 126))))
  }

  close(a: number, b: number): void {
    const code = [undefined, 1000, 1001, 3000 + b][a % 4]
    const reason = ['', 'done', 'grüße'][b % 3]
    const closes = this.attempt(() =>
      code === undefined ? this.connection.close() : this.connection.close(code, reason),
    )
    if (closes === true) this.open = undefined
  }

  /** The Close that the caller sends with `autoClose: false`. */
  answer(): void {
    const { closed, setup } = this
    if (closed === undefined || setup.autoClose || closed.by !== 'remote') return
    this.attempt(() => this.connection.close(closed.code === 1005 ? undefined : closed.code))
  }

  /** Moves the output into the pipe, and overwrites the arrays that were returned. */
  take(inParts: boolean, a: number): void {
    const { connection } = this
    const before = connection.outputSize
    const parts = this.attempt(() => {
      if (inParts) return connection.takeOutputParts()
      const output = connection.takeOutput()
      return output === undefined ? [] : [output]
    })
    if (parts === undefined) return
    const copies = parts.map((part) => Buffer.from(part))
    const total = copies.reduce((sum, { length }) => sum + length, 0)
    const expected = Math.min(before, this.setup.maxOutput ?? Infinity)
    must(total === expected, `outputSize said ${before}, and ${total} bytes came`)
    must(connection.outputSize === before - total, `${connection.outputSize} bytes wait after the bytes taken`)
    this.pipe =
      this.pipe.length === 0 && copies.length === 1 ? (copies[0] as Uint8Array) : Buffer.concat([this.pipe, ...copies])
    for (const part of parts) spoil(part, a, this.setup.allocate !== 'pool')
  }

  /** Takes until nothing waits. */
  takeAll(inParts: boolean): void {
    for (let before = Infinity; this.connection.outputSize < before; ) {
      before = this.connection.outputSize
      this.take(inParts, 1)
    }
  }

  /** Receives this many bytes of the peer's. */
  deliver(size: number, now: number | undefined, drains: boolean): void {
    const { connection, setup } = this
    const peer = this.peer as Side
    const chunk = new Uint8Array(peer.pipe.subarray(0, size))
    if (chunk.length === 0 || this.cut) return
    peer.pipe = peer.pipe.subarray(chunk.length)
    this.listen(() => connection.receive(chunk, now))
    if (!setup.ownsChunks) spoil(chunk, size, true)
    if (drains) this.drain(now)
  }

  /** Also reads what `receive` has kept pending. */
  drain(now: number | undefined): void {
    for (let round = 0; this.connection.hasPending === true && !this.broken; round++) {
      must(round < 100_000, 'hasPending does not end')
      this.listen(() => this.connection.receive(nothing, now))
    }
  }

  poll(now: number): void {
    this.listen(() => this.connection.poll(now))
    const at = this.connection.pollAt
    must(at === undefined || Number.isFinite(at) || at === -Infinity, `pollAt is ${at}`)
  }

  /** Polls until there is nothing to poll for. */
  passTime(): void {
    for (let polls = 0; this.connection.pollAt !== undefined; polls++) {
      must(polls < 5, 'it wants to be polled for good')
      this.poll(Math.max(this.connection.pollAt, 1e9))
    }
    must(this.connection.transport === 'destroy', 'the transport is left')
  }

  /** Ends the transport. */
  end(): void {
    if (this.cut) return
    this.cut = true
    this.listen(() => this.connection.receiveEnd())
    this.drain(undefined)
    if (this.closed === undefined) this.listen(() => this.connection.receiveEnd())
    if (!this.broken) must(this.closed !== undefined, 'no close event, and the transport has ended')
    must(this.unheard.size === 0, 'what an extension has thrown nobody was told of')
  }

  /** Replaces the connection by another one from its snapshot, if it can move. */
  move(viaJson: boolean): void {
    const { connection } = this
    const snapshot = this.attempt(() => snapshotConnection(connection))
    if (snapshot === undefined) return
    const size = connection.outputSize
    const { role: _, agreement: __, ...options } = this.options
    const stored = viaJson ? JSON.parse(JSON.stringify(snapshot)) : structuredClone(snapshot)
    this.connection = resumeConnection(stored, options)
    must(this.connection.state === connection.state, 'another state')
    must(this.connection.transport === connection.transport, 'another `transport`')
    must(this.connection.outputSize === size, `${this.connection.outputSize} bytes wait, ${size} did before`)
    // A handle belongs to the old connection.
    if (this.open !== undefined && this.open.writer !== undefined) {
      this.open.writer = undefined
      // It has begun, although no piece has been sent.
      this.open.first = false
    }
  }

  /** Rethrows errors that the fuzzer has not injected. */
  private hearOf(error: unknown): void {
    if (!this.injected.has(error)) throw error
    this.unheard.delete(error)
  }

  private listen(call: () => readonly ConnectionEvent<TextForm, boolean>[]): void {
    let events: readonly ConnectionEvent<TextForm, boolean>[]
    try {
      events = call()
    } catch (error) {
      this.hearOf(error)
      this.broken = true
      return
    }
    // With `hasPending`, one call returns at most this much beyond one message or piece.
    if ('hasPending' in this.connection) must(sizeBefore(events) <= MAX_AT_ONCE, `${sizeBefore(events)} bytes at once`)
    for (const event of events) {
      must(this.closed === undefined, `a ${event.type} event after the close event`)
      this.hear(event)
    }
  }

  private hear(event: ConnectionEvent<TextForm, boolean>): void {
    switch (event.type) {
      case 'close':
        this.closed = event
        this.unheard.delete(event.error?.cause)
        this.unheard.delete((event as { readonly cause?: unknown }).cause)
        if (event.code === 1006) must(!event.clean, 'a clean 1006')
        return
      case 'ping':
        must(event.data.length <= 125, 'a long ping')
        // By hand, if configured so.
        if (!this.setup.autoPong) this.attempt(() => this.connection.pong(event.data))
        spoil(event.data, 1, !this.setup.ownsChunks)
        return
      case 'pong':
        must(event.roundTrip === undefined || event.roundTrip >= 0, `a round trip of ${event.roundTrip}`)
        spoil(event.data, 1, !this.setup.ownsChunks)
        return
    }
    const { type, first, last, data } = event
    must(this.setup.pieces || (first && last), 'a piece that nobody asked for')
    must((this.partial === undefined) === first, first ? 'a message inside another one' : 'a piece without a beginning')
    if (type === 'text') must((typeof data === 'string') === (this.setup.text === 'string'), 'a text in another form')
    this.partial ??= { type, bytes: [] }
    must(this.partial.type === type, 'a piece of another type')
    this.partial.bytes.push(typeof data === 'string' ? encoder.encode(data) : Buffer.from(data))
    if (typeof data !== 'string') spoil(data, 2, !this.setup.ownsChunks)
    if (last) this.gotMessage()
  }

  private gotMessage(): void {
    const { type, bytes } = this.partial as { type: string; bytes: Uint8Array[] }
    this.partial = undefined
    const peer = this.peer as Side
    const expected = peer.sent[this.got++]
    if (this.damaged) return
    // For a message that failed midway, the part before is there.
    must(expected !== undefined, `a message too many: ${type}`)
    must(expected.type === type, `a ${type} message, where a ${expected.type} one was sent`)
    const whole = Buffer.concat(bytes)
    if (Buffer.compare(whole, expected.bytes) === 0) return
    throw new Error(
      `message ${this.got - 1}, ${type}: ${whole.length} bytes came, ${expected.bytes.length} other ones were sent`,
    )
  }
}

const MAX_AT_ONCE = 262_144

/** Bytes of all events but the last. */
function sizeBefore(events: readonly ConnectionEvent<TextForm, boolean>[]): number {
  return events.slice(0, -1).reduce((sum, event) => sum + ('data' in event ? event.data.length : 0), 0)
}

const compressions = [undefined, { compress: true }, { compress: false }]

/** Changes or transfers the returned arrays at once. */
function spoil(bytes: Uint8Array, chance: number, transfers: boolean): void {
  bytes.fill(0xee)
  if (transfers && chance % 2 === 0 && bytes.buffer.byteLength === bytes.length && bytes.length > 0)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
}
