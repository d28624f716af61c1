/**
 * Two connections, a pipe in each direction that delivers any amount, and a list of actions on them. Defines the actions and how a
 * run must end.
 *
 * @module
 */

import fc from 'fast-check'
import { noise, Prepared } from './connection-data.ts'
import { type Setup, Side, setup } from './connection-side.ts'
import { agree, type Terms, terms } from './connection-terms.ts'
import { must } from './show.ts'

const doings = [
  'text',
  'text',
  'binary',
  'prepared',
  'prepared',
  'begin',
  'write',
  'write',
  'end',
  'ping',
  'pong',
  'encoded',
  'take',
  'take',
  'take',
  'parts',
  'deliver',
  'deliver',
  'deliver',
  'drain',
  'move',
  'poll',
  'jump',
] as const
const rarer = ['close', 'answer', 'damage', 'cut', 'insert'] as const
type Doing = (typeof doings)[number] | (typeof rarer)[number]
interface Step {
  readonly side: 0 | 1
  readonly doing: Doing
  readonly a: number
  readonly b: number
}
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    side: fc.constantFrom(0, 1),
    doing: fc.oneof(
      { weight: 24, arbitrary: fc.constantFrom(...doings) },
      { weight: 1, arbitrary: fc.constantFrom(...rarer) },
    ),
    a: fc.nat(999),
    b: fc.nat(999),
  }) as fc.Arbitrary<Step>,
  { maxLength: 60, size: 'max' },
)

export interface Meeting {
  readonly terms: Terms
  readonly setups: readonly [Setup, Setup]
  readonly steps: readonly Step[]
}
export const meeting: fc.Arbitrary<Meeting> = fc.record({ terms, setups: fc.tuple(setup, setup), steps })

/** Throws if a requirement is not met. */
export function meet({ terms, setups, steps }: Meeting): void {
  const sides: Side[] = []
  const prepared = new Prepared()
  const failing = (index: 0 | 1) => (what: string) => sides[index]?.mayFailInside(what)
  const [atClient, atServer] = agree(terms, [failing(0), failing(1)])
  const client = new Side('client', setups[0], atClient.agreement, atClient.extensions, prepared)
  const server = new Side('server', setups[1], atServer.agreement, atServer.extensions, prepared)
  sides.push(client, server)
  client.peer = server
  server.peer = client
  let now = 0
  for (const { side, doing, a, b } of steps) {
    now += a % 7
    if (doing === 'jump') now += [1000, 199, 1201, 100_000, 0.5][b % 5] as number
    acts[doing](sides[side] as Side, a, b, now)
  }
  finish(client, server)
}

type Act = (side: Side, a: number, b: number, now: number) => void
const portions = [Infinity, 20, 1000]

const acts: Readonly<Record<Doing, Act>> = {
  text: (side, a, b) => side.sendText(a, b),
  binary: (side, a, b) => side.sendBinary(a, b),
  prepared: (side, a, b) => side.sendPrepared(a, b),
  encoded: (side, a) => side.sendEncoded(a),
  begin: (side, a, b) => side.begin(a, b),
  write: (side, a, b) => side.write(a, b, false),
  end: (side, a, b) => side.write(a, b, true),
  ping: (side, a, _, now) => side.ping(a, now),
  pong: (side, a) => side.pong(a),
  take: (side, a) => side.take(false, a),
  parts: (side, a) => side.take(true, a),
  deliver(side, a, b, now) {
    const most = portions[a % 3] as number
    side.deliver(most === Infinity ? most : 1 + (b % most), a % 4 === 0 ? undefined : now, b % 4 !== 0)
  },
  drain: (side, _, __, now) => side.drain(now),
  move: (side, a) => side.move(a % 2 === 0),
  poll: (side, _, __, now) => side.poll(now),
  jump: (side, _, __, now) => side.poll(now),
  close: (side, a, b) => side.close(a, b),
  answer: (side) => side.answer(),
  cut: (side) => side.end(),
  damage: (side, a, b) => damage(side.peer as Side, side, a, b),
  insert: (side, a, b) => insert(side.peer as Side, side, a, b),
}

/** Flips a bit of the bytes in transit. */
function damage(from: Side, to: Side, a: number, b: number): void {
  const { pipe } = from
  if (pipe.length === 0) return
  to.damaged = true
  from.pipe = Uint8Array.from(pipe)
  const at = a % Math.min(pipe.length, 20)
  from.pipe[at] = (from.pipe[at] as number) ^ (1 << (b % 8))
}

/** Bytes that neither side has sent. */
function insert(from: Side, to: Side, a: number, b: number): void {
  to.damaged = true
  from.pipe = Buffer.concat([noise.subarray(a, a + (b % 12)), from.pipe])
}

/** Delivers everything still deliverable, then ends the transports. */
function finish(client: Side, server: Side): void {
  const sides = [client, server]
  for (let round = 0; round < 8; round++)
    for (const side of sides) {
      side.answer()
      side.mayStillFail = false
      side.takeAll(round % 2 === 0)
      side.deliver(Infinity, undefined, true)
      side.drain(undefined)
    }
  for (const side of sides) {
    const peer = side.peer as Side
    // After an error or a timeout a side drops its queued output.
    const drops = [side, peer].some(({ closed, connection }) => closed?.error || connection.transport === 'destroy')
    const whole = !side.cut && !side.damaged && !side.broken && !peer.broken && !drops
    if (whole)
      must(side.got === peer.sent.length, `${side.got} of ${peer.sent.length} messages came to the ${side.role}`)
    if (!side.damaged && !peer.damaged && !side.broken && !peer.broken) soundEnd(side)
  }
  for (const side of sides) {
    side.end()
    if (!side.broken) {
      side.takeAll(false)
      must(side.connection.transport !== 'keep' && side.connection.state === 'closed', 'not over')
      side.passTime()
      must(!side.connection.sendText('x') && !side.connection.ping() && !side.connection.close(1000), 'it still sends')
      must(side.connection.receive(Uint8Array.of(0x81, 0)).length === 0, 'it still receives')
    }
  }
}

/** Between our own sides the only errors are timeouts and limits. */
function soundEnd({ closed }: Side): void {
  const code = closed?.error?.code
  must(
    code === undefined || code === 'timeout' || code === 'too-large' || code === 'too-many',
    `an error that nobody has made: ${closed?.error}`,
  )
}
