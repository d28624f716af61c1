/**
 * Two connections and a pipe that delivers random amounts until both have ended. Chooses the actions and the kind of end; the sides check
 * the results.
 */

import type { ConnectionClosed } from '../../src/connection/events.ts'
import { deflating } from './outgoing-support.ts'
import { Chance } from './walk-random.ts'
import { must, Side } from './walk-side.ts'

const key = new Uint8Array(4)
const agreements = [
  {},
  {},
  {},
  deflating(),
  deflating({ serverNoContextTakeover: true }, 20),
  deflating({ clientNoContextTakeover: true, serverNoContextTakeover: true, serverMaxWindowBits: 9 }),
]
const times = { keepalive: { interval: 1000, timeout: 10 }, closeTimeout: 500 }

export type Ending = 'closed' | 'cut' | 'stalled'

/** Runs one walk, and returns how it ended. Throws if a requirement is not met. */
export function walk(seed: number): Ending {
  const chance = new Chance(seed)
  const agreement = chance.of(agreements)
  const open = (role: 'client' | 'server'): Side => {
    const ownsChunks = chance.once(2)
    const autoClose = !chance.once(4)
    const maskKeys = chance.once(10) ? undefined : () => key.fill(chance.below(256))
    const fragmentSize = chance.of([undefined, undefined, 1 + chance.below(40), 100])
    const text = chance.of(['string', 'bytes'] as const)
    const options = { ...agreement, ...times, role, ownsChunks, autoClose, maskKeys, fragmentSize, text }
    return new Side({ ...options, pieces: chance.once(2) }, chance)
  }
  const client = open('client')
  const server = open('server')
  client.peer = server
  server.peer = client
  const ending: Ending = chance.once(4) ? 'cut' : chance.once(10) ? 'stalled' : 'closed'
  wander(chance, [client, server])
  if (ending === 'closed') close(chance, client, server)
  else if (ending === 'cut') cut(chance, [client, server])
  else stall(chance, [client, server])
  for (const side of [client, server]) {
    side.checkReceived()
    side.checkOver()
  }
  if (ending === 'closed') checkCodes(client, server)
  return ending
}

function wander(chance: Chance, sides: readonly Side[]): void {
  const steps = chance.below(40)
  const closes = chance.once(3) ? 30 : Infinity
  const moves = chance.once(2) ? 10 : Infinity
  for (let step = 0; step < steps; step++) {
    const side = chance.of(sides)
    const what = chance.below(8)
    if (what < 4) side.send()
    else if (what < 6) side.flush()
    else
      side.deliver(chance.once(4) ? Infinity : 1 + chance.below(chance.of([1, 10, 200])), chance.of([undefined, step]))
    if (chance.once(5)) side.answer()
    if (chance.once(moves)) side.handOver()
    if (chance.once(closes)) closeBy(chance, side)
  }
}

function closeBy(chance: Chance, side: Side): void {
  if (side.closed !== undefined) {
    side.answer()
    return
  }
  const code = chance.of([undefined, 1000, 1001, 3000 + chance.below(2000)])
  if (code === undefined) side.close()
  else side.close(code, chance.of([undefined, '', 'done', 'grüße']))
}

/** Delivers both Closes, and lets the server end the transport. */
function close(chance: Chance, client: Side, server: Side): void {
  const sides = [client, server]
  closeBy(chance, chance.of(sides))
  for (
    let round = 0;
    server.connection.transport === 'keep' || client.closed === undefined || server.connection.outputSize > 0;
    round++
  ) {
    must(round < 1000, 'it does not end')
    const side = chance.of(sides)
    side.answer()
    side.flush()
    side.deliver(chance.once(2) ? Infinity : 1 + chance.below(300), undefined)
  }
  for (const side of sides) side.flush()
  for (const side of sides) side.deliver(Infinity, undefined)
  must(server.connection.transport === 'end' && client.connection.transport === 'keep', 'not for the server to end')
  client.take(client.connection.receiveEnd())
}

/** Ends the pipe at any byte in transit. */
function cut(chance: Chance, sides: readonly Side[]): void {
  for (const side of sides) {
    const { pipe } = side.peer as Side
    side.deliver(chance.below(pipe.length + 1), undefined)
    const wasOpen = side.connection.state === 'open'
    side.take(side.connection.receiveEnd())
    if (wasOpen) must(side.closed?.code === 1006 && side.closed.by === 'transport', 'not ended by the transport')
    side.connection.takeOutput()
  }
}

/** Stalls the pipe, and lets time pass. */
function stall(chance: Chance, sides: readonly Side[]): void {
  for (const side of sides) {
    const { connection } = side
    if (chance.once(2)) closeBy(chance, side)
    const open = connection.state === 'open'
    for (const now of [100, 600, 1100, 1105, 1110]) side.take(connection.poll(now))
    must(connection.transport === 'destroy' && (!open || side.closed?.error?.code === 'timeout'), 'no timeout')
    connection.takeOutput()
    side.take(connection.receiveEnd())
  }
}

function checkCodes(client: Side, server: Side): void {
  const [a, b] = [client.closed, server.closed] as [ConnectionClosed, ConnectionClosed]
  must(a.clean && b.clean && a.error === undefined && b.error === undefined, 'not clean')
  must(a.by !== 'remote' || b.by !== 'remote', 'nobody began')
  // A side that answers by hand need not know its answer yet.
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const)
    must(
      one.sentCode === other.code || (one.sentCode === undefined && one.by === 'remote'),
      'not the code that was sent',
    )
  // One side began, and the other has answered with the same code.
  if (a.by !== b.by) must(a.code === b.code, 'other codes')
}
