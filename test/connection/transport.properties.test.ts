// The transport, over invented clocks: whatever is received, sent, taken and polled, in any order, on time, late or after a jump of the
// clock, the end only advances and takes a limited time, and the output is whole frames with the Close last.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AnyConnection, Connection } from '../../src/connection/connection.ts'
import type { ConnectionEvent, TextForm } from '../../src/connection/events.ts'
import { decodeFrameHeader, frameHeaderSize } from '../../src/frame/header.ts'
import type { Role } from '../../src/types.ts'
import { runs } from '../share.ts'
import { hex } from '../wire.ts'
import { zeroKeys } from './outgoing-support.ts'

const CLOSE = 8
const PING = 9
const PONG = 10

interface Frame {
  readonly opcode: number
  readonly fin: boolean
  readonly payload: Uint8Array
  /** The offset of its end in the stream. */
  readonly end: number
}

/** Returns the whole frames of a stream whose mask keys are zero. */
function framesOf(stream: Uint8Array): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; ; ) {
    const header = decodeFrameHeader(stream, at)
    const start = header === undefined ? Infinity : at + frameHeaderSize(header)
    const end = start + (header?.payloadLength ?? 0)
    if (header === undefined || end > stream.length) return frames
    frames.push({ opcode: header.opcode, fin: header.fin, payload: stream.subarray(start, end), end })
    at = end
  }
}

/** Returns a frame from the peer of this side. */
function from(role: Role, opcode: number, payload: Uint8Array): Uint8Array {
  const masked = role === 'server'
  return Uint8Array.of(0x80 | opcode, (masked ? 0x80 : 0) | payload.length, ...(masked ? [0, 0, 0, 0] : []), ...payload)
}

const T = 5000

interface Setup {
  readonly role: Role
  readonly autoClose: boolean
  readonly maxOutput: number | undefined
  readonly fragmentSize: number | undefined
  readonly keepalive: { readonly interval: number; readonly timeout: number } | undefined
}
const setup: fc.Arbitrary<Setup> = fc.record({
  role: fc.constantFrom('server', 'client'),
  autoClose: fc.boolean(),
  maxOutput: fc.constantFrom(undefined, 1, 3, 20, 150),
  fragmentSize: fc.constantFrom(undefined, 5, 100),
  keepalive: fc.constantFrom(undefined, { interval: 3000, timeout: 1000 }),
})

const actions = [
  ...['send', 'send', 'ping', 'pong', 'close', 'take', 'take', 'take', 'empty', 'untimed take'],
  ...[
    'message',
    'their ping',
    'their pong',
    'their Close',
    'error',
    'half a frame',
    'end',
    'wait',
    'wait',
    'jump',
    'late',
  ],
] as const
interface Step {
  readonly action: (typeof actions)[number]
  readonly size: number
}
const steps = fc.array(fc.record({ action: fc.constantFrom(...actions), size: fc.nat(300) }), { maxLength: 40 })

/** A connection and its driver, with a check after each step. */
class Driven {
  readonly connection: AnyConnection
  now = 0
  readonly taken: Uint8Array[] = []
  /** Messages accepted, by their sizes. */
  readonly accepted: number[] = []
  closes = 0
  /** When the end began, at the latest. */
  begun: number | undefined = undefined
  beginning = false
  private seen: 'keep' | 'end' | 'destroy' = 'keep'

  constructor(private readonly setup: Setup) {
    this.connection = new Connection<TextForm, boolean>({ ...setup, closeTimeout: T, maskKeys: zeroKeys })
  }

  step({ action, size }: Step): void {
    const { connection, setup } = this
    const { role } = setup
    switch (action) {
      case 'send':
        if (connection.sendBinary(new Uint8Array(size).fill(size))) this.accepted.push(size)
        break
      case 'ping':
        connection.ping(new Uint8Array(size % 126))
        break
      case 'pong':
        connection.pong(new Uint8Array(size % 126))
        break
      case 'close':
        connection.close(1000)
        break
      case 'take':
        this.take(this.now)
        break
      case 'untimed take':
        this.take(undefined)
        break
      case 'empty':
        while (this.take(this.now) > 0) this.check()
        break
      case 'message':
        this.receive(from(role, 1, Uint8Array.of(0x61)))
        break
      case 'their ping':
        this.receive(from(role, PING, new Uint8Array(size % 126)))
        break
      case 'their pong':
        this.receive(from(role, PONG, new Uint8Array(0)))
        break
      case 'their Close':
        this.receive(from(role, CLOSE, hex('03 e8')))
        break
      case 'error':
        this.receive(from(role, 3, new Uint8Array(0)))
        break
      case 'half a frame':
        this.receive(from(role, 2, Uint8Array.of(1, 2, 3)).subarray(0, 2))
        break
      case 'end':
        this.beginning = true
        this.timed()
        this.hear(connection.receiveEnd(this.now))
        break
      case 'wait':
        this.pass(this.now + size * 10)
        break
      case 'jump':
        // A sleep: one poll at its end.
        this.now += size * 100
        this.poll()
        break
      case 'late':
        // No poll, whatever is due.
        this.now += size
        break
    }
    this.check()
  }

  /** Polls whenever a poll is due, until `until`. */
  pass(until: number): void {
    for (let polls = 0; ; polls++) {
      expect(polls).toBeLessThan(10_000)
      const at = this.connection.pollAt
      if (at === undefined || at > until) break
      this.now = Math.max(this.now, at)
      this.poll()
      this.check()
    }
    this.now = Math.max(this.now, until)
  }

  private poll(): void {
    this.timed()
    this.hear(this.connection.poll(this.now))
  }

  private receive(bytes: Uint8Array): void {
    const { connection } = this
    this.timed()
    this.hear(connection.receive(bytes, this.now))
    if (connection.state !== 'open') {
      this.beginning = true
      this.timed()
    }
  }

  private take(now: number | undefined): number {
    const before = this.connection.outputSize
    const output = this.connection.takeOutput(now)
    const size = output?.length ?? 0
    expect(size).toBe(Math.min(before, this.setup.maxOutput ?? Infinity))
    expect(this.connection.outputSize).toBe(before - size)
    if (output !== undefined) this.taken.push(output)
    if (now !== undefined) this.timed()
    return size
  }

  /** Records that a time is passed in. */
  private timed(): void {
    if (this.beginning || this.connection.state !== 'open') this.begun ??= this.now
  }

  private hear(events: readonly ConnectionEvent<TextForm, boolean>[]): void {
    for (const event of events) {
      expect(this.closes).toBe(0)
      if (event.type === 'close') this.closes++
    }
  }

  check(): void {
    const { connection } = this
    const { transport } = connection
    const order = ['keep', 'end', 'destroy']
    expect(order.indexOf(transport)).toBeGreaterThanOrEqual(order.indexOf(this.seen))
    this.seen = transport
    if (transport !== 'keep') {
      expect([connection.outputSize, connection.sendText('x'), connection.ping(), connection.pong()]).toEqual([
        0,
        false,
        false,
        false,
      ])
    }
    if (transport === 'destroy') expect([connection.pollAt, connection.takeOutput()]).toEqual([undefined, undefined])
    else if (connection.state !== 'open' || this.beginning) expect(connection.pollAt).toBeDefined()
  }

  checkTaken(): void {
    const stream = Buffer.concat(this.taken)
    const frames = framesOf(stream)
    if (this.connection.transport === 'end') expect(frames.at(-1)?.end ?? 0).toBe(stream.length)
    const close = frames.findIndex(({ opcode }) => opcode === CLOSE)
    if (close >= 0) expect([close, stream.length]).toEqual([frames.length - 1, frames[close]?.end])
    // The messages that were accepted, in order and without a gap, perhaps not all of them.
    const data = frames.filter(({ opcode }) => opcode < CLOSE)
    const sizes: number[] = []
    let size = 0
    for (const { fin, payload } of data) {
      size += payload.length
      if (!fin) continue
      sizes.push(size)
      expect(payload.every((byte) => byte === size % 256)).toBe(true)
      size = 0
    }
    expect(sizes).toEqual(this.accepted.slice(0, sizes.length))
  }
}

describe('any order of calls', () => {
  test('advances, ends in time, and takes whole frames with the Close last', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(setup, steps, fc.boolean(), (setup, steps, cut) => {
        const driven = new Driven(setup)
        for (const step of steps) driven.step(step)
        driven.checkTaken()
        // Begin the end, if it has not begun.
        if (cut) driven.step({ action: 'end', size: 0 })
        else driven.step({ action: 'close', size: 0 })
        driven.pass(driven.now)
        driven.pass(Math.max(driven.now, (driven.begun ?? 0) + 2 * T))
        driven.checkTaken()
        expect([driven.connection.transport, driven.connection.pollAt, driven.closes]).toEqual([
          'destroy',
          undefined,
          1,
        ])
      }),
      { numRuns: runs(2000, 20_000) },
    )
  })

  test('polled when due, is over by twice `closeTimeout`', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(setup, steps, (setup, steps) => {
        const driven = new Driven(setup)
        for (const { action, size } of steps) {
          const late = action === 'late' || action === 'jump'
          driven.step({ action: late ? 'wait' : action, size })
          if (driven.begun !== undefined && driven.now > driven.begun + 2 * T)
            expect(driven.connection.transport).toBe('destroy')
        }
      }),
      { numRuns: runs(1000, 10_000) },
    )
  })
})

const H = 50
const keepalive = { interval: 300, timeout: 2 * H }

/** A driver between a connection and a peer, which answers pings. Time advances from event to event. */
class Line {
  readonly connection: AnyConnection
  now = 0
  private taken = 0
  private frames = 0
  private stream: Uint8Array = new Uint8Array(0)
  /** Pongs in transit to us. */
  private readonly pongs: { readonly at: number; readonly bytes: Uint8Array }[] = []
  closed = false

  constructor(
    private readonly role: Role,
    maxOutput: number,
    /** How long the peer takes to answer, in ms; `undefined` if it is dead. */
    private readonly delay: (() => number) | undefined,
  ) {
    this.connection = new Connection<TextForm, boolean>({ role, keepalive, maxOutput, maskKeys: zeroKeys })
    this.connection.poll(0)
  }

  /** Takes the output of one call, and lets the peer answer the pings that are complete with it. */
  take(): boolean {
    const output = this.connection.takeOutput(this.now)
    if (output === undefined) return false
    this.taken += output.length
    this.stream = Buffer.concat([this.stream, output])
    const frames = framesOf(this.stream)
    for (const { opcode, payload } of frames)
      if (opcode === PING && this.delay !== undefined)
        this.pongs.push({ at: this.now + this.delay(), bytes: from(this.role, PONG, payload) })
    this.frames += frames.length
    this.stream = this.stream.subarray(frames.at(-1)?.end ?? 0)
    return true
  }

  /** Reads bytes before it checks deadlines, as drivers must do. */
  read(): void {
    this.pongs.sort((a, b) => a.at - b.at)
    while ((this.pongs[0]?.at ?? Infinity) <= this.now)
      this.connection.receive((this.pongs.shift() as { bytes: Uint8Array }).bytes, this.now)
  }

  poll(paused = false): void {
    if (this.connection.poll(this.now, paused).length > 0) this.closed = true
  }
}

const roles = fc.constantFrom<Role[]>('server', 'client')
const outputs = fc.constantFrom(Infinity, 1000, 40, 1)

interface Stretch {
  readonly passes: number
  /** Advances the clock first, as after a sleep or in a loop that was blocked. */
  readonly jumps: number
  readonly sends: number
  readonly takes: number
  readonly delay: number
  readonly step: number
  /** The number of steps between two takes. */
  readonly gap: number
}
const stretches: fc.Arbitrary<readonly Stretch[]> = fc.array(
  fc.record({
    passes: fc.oneof(fc.nat(20), fc.nat(2000)),
    jumps: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3000)),
    sends: fc.oneof(fc.constant(0), fc.nat(500)),
    takes: fc.integer({ min: 1, max: 4 }),
    delay: fc.nat(H - 1),
    step: fc.integer({ min: 1, max: 30 }),
    gap: fc.nat(50),
  }),
  { maxLength: 60 },
)

/** A transport that takes something within `timeout`, and everything when little is left. */
function run(line: Line, { passes, jumps, sends, takes, step, gap }: Stretch): void {
  if (sends > 0) line.connection.sendBinary(new Uint8Array(sends))
  if (jumps > 0) line.take()
  const until = line.now + jumps + passes
  const every = Math.min(gap + 1, Math.floor((2 * H - 1) / step))
  for (let next = line.now + jumps, count = 0; next <= until; next += step, count++) {
    line.now = next
    line.read()
    line.poll()
    if (count % every > 0) continue
    for (let left = takes; left > 0 && line.take(); left--);
    while (line.connection.outputSize < 100 && line.take());
  }
}

describe('keepalive', () => {
  test('never ends a peer that answers pings within half of `timeout` of their being taken', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(roles, outputs, stretches, (role, maxOutput, stretches) => {
        let delay = 0
        const line = new Line(role, maxOutput, () => delay)
        for (const stretch of stretches) {
          delay = stretch.delay
          run(line, stretch)
          expect([line.closed, line.connection.state]).toEqual([false, 'open'])
        }
      }),
      { numRuns: runs(300, 5000) },
    )
  })

  test('ends a dead peer after interval and timeout, whether its pings are taken or not, whatever is sent', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(roles, fc.boolean(), fc.nat(500), fc.array(fc.nat(40)), (role, takes, start, sends) => {
        const line = new Line(role, Infinity, undefined)
        line.now = start
        line.connection.receive(from(role, PONG, new Uint8Array(0)), start)
        while (!line.closed) {
          const size = sends.shift()
          if (size !== undefined) line.connection.sendBinary(new Uint8Array(size))
          if (takes) line.take()
          line.now = Math.min(line.now + 7, line.connection.pollAt as number)
          line.poll()
          expect(line.now).toBeLessThanOrEqual(start + keepalive.interval + keepalive.timeout)
        }
        expect([line.now, line.connection.transport]).toEqual([
          start + keepalive.interval + keepalive.timeout,
          'destroy',
        ])
      }),
      { numRuns: runs(300, 3000) },
    )
  })

  test('waits for a user who has paused, but not forever', () => {
    const line = new Line('server', Infinity, undefined)
    const polls: number[] = []
    while (!line.closed) {
      line.take()
      line.now = line.connection.pollAt as number
      polls.push(line.now)
      line.poll(true)
    }
    const { interval } = keepalive
    const putOff = Array.from({ length: 11 }, (_, i) => (i + 1) * interval)
    expect(polls).toEqual([...putOff, 11 * interval + H, 11 * interval + 2 * H])
  })
})
