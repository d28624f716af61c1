/**
 * Randomly damaged streams of frames, read by the receiver of `ws`, the parser of websocket-driver, and our connection. Each
 * difference must belong to a class in `differences.ts`, with its reason. `SEED=… RUNS=…` repeats or extends a run, and `COUNTS=1`
 * prints how often each class occurred.
 */

import { describe, expect, test } from 'vitest'
import { createChance } from '../../handshake/differential/message.ts'
import { runs } from '../../share.ts'
import { makeStream, type Stream } from '../streams.ts'
import { compare, type Difference, explain, type Peer } from './difference.ts'
import { differences } from './differences.ts'
import { driver, readOurs, ws } from './readers.ts'

/** A hundred thousand streams show every class. */
const RUNS = runs(1500, 10_000)
/** The same streams in each run, so that the classes that occur do not depend on chance. */
const SEED = Number(process.env.SEED ?? 1)
const TIMEOUT = Math.max(30_000, RUNS)

function differenceOf(peer: Peer, stream: Stream): Difference | undefined {
  return compare(peer.name, stream, readOurs(stream, peer.spell), peer.read(stream))
}

/** An unexplained difference. */
function fail({ bytes, ...rest }: Difference, place: string): never {
  throw new Error(`${place}: ${JSON.stringify({ ...rest, bytes: Buffer.from(bytes).toString('hex') }, undefined, 2)}`)
}

function countClasses(peer: Peer): Map<string, number> {
  const counts = new Map<string, number>()
  const chance = createChance(SEED)
  for (let run = 0; run < RUNS; run++) {
    const difference = differenceOf(peer, makeStream(chance))
    if (difference === undefined) continue
    const names = explain(difference, differences)
    if (names.length === 0) fail(difference, `SEED=${SEED}, stream ${run}, unexplained`)
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

describe.each([ws, driver])('$name and we', (peer) => {
  const expected = Object.entries(differences).filter(([, each]) => each[peer.name] !== undefined)

  test(`agree on ${RUNS} streams, except for explained differences`, { timeout: TIMEOUT }, () => {
    const { stackTraceLimit } = Error
    // Half of all streams end in an error, and its stack is not needed.
    Error.stackTraceLimit = 0
    const counts = countClasses(peer)
    Error.stackTraceLimit = stackTraceLimit
    if (process.env.COUNTS) console.log(peer.name, Object.fromEntries(counts))
    // The list must contain nothing obsolete; shorter runs need not show every class.
    if (RUNS >= 100_000) for (const [name] of expected) expect(counts.get(name) ?? 0, name).toBeGreaterThan(0)
  })

  test.each(expected)('explained: %s', (_, { example, role = 'server', ...each }) => {
    const bytes = Uint8Array.from(Buffer.from(example.replaceAll(' ', ''), 'hex'))
    const difference = differenceOf(peer, { role, bytes })
    expect(difference && explain(difference, { each: { ...each, example } })).toEqual(['each'])
  })
})
