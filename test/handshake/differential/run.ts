/**
 * Runs thousands of handshakes through a peer and through our code, and compares every difference with a list of classes. Sets the number
 * of handshakes and the seed; other files create the handshakes.
 */

import { afterAll, expect, test } from 'vitest'
import { runs } from '../../share.ts'
import {
  compare,
  type Difference,
  type DifferenceClasses,
  explain,
  isExpected,
  type Outcome,
  type Peer,
} from './difference.ts'
import { type Chance, createChance } from './message.ts'

/**
 * 100 000 handshakes show every class, in 8 s for each peer. The default takes 1 s. `SEED=… RUNS=…` repeats or extends a run, and
 * `COUNTS=1` prints the number of differences in each class.
 */
const RUNS = runs(1000, 10_000)
/** Each run has the same handshakes, so that it always shows a class that no longer occurs. */
const SEED = Number(process.env.SEED ?? 1)
/** Ten times the usual time. */
const TIMEOUT = Math.max(30_000, RUNS)
/** The number of handshakes sent to a peer at once. A peer in another process works on the next batch while we judge this one. */
const BATCH = 1000

/** A direction: requests to servers, or responses to clients. */
export interface Direction {
  readonly what: string
  readonly classes: DifferenceClasses
  mutate(chance: Chance): string
  judge(text: string): Outcome
}

/** The handshakes that a peer judges at once, and their place in the run. */
interface Batch {
  readonly first: number
  readonly texts: readonly string[]
  readonly theirs: Promise<Outcome[]>
}

/** Throws for a difference without a class. */
function fail(difference: Difference, place: string): never {
  throw new Error(`${place}: ${JSON.stringify(difference, undefined, 2)}`)
}

function* batches({ mutate }: Direction, peer: Peer): Generator<Batch> {
  const chance = createChance(SEED)
  for (let first = 0; first < RUNS; first += BATCH) {
    const texts = Array.from({ length: Math.min(BATCH, RUNS - first) }, () => mutate(chance))
    const theirs = peer.judge(texts)
    // The caller handles a rejection when it awaits this batch, unless an earlier batch has failed.
    theirs.catch(() => {})
    yield { first, texts, theirs }
  }
}

/** Judges a batch with our code, and counts the classes of all differences. */
async function judgeBatch(batch: Batch, direction: Direction, peer: Peer, counts: Map<string, number>): Promise<void> {
  const { first, texts, theirs } = batch
  const ours = texts.map(direction.judge)
  for (const [at, outcome] of (await theirs).entries()) {
    for (const difference of compare(peer.name, texts[at] as string, ours[at] as Outcome, outcome)) {
      const names = explain(difference, direction.classes)
      if (names.length === 0) fail(difference, `SEED=${SEED}, handshake ${first + at}, unexplained`)
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
}

async function judgeAll(direction: Direction, peer: Peer): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let before: Batch | undefined
  for (const batch of batches(direction, peer)) {
    if (before !== undefined) await judgeBatch(before, direction, peer, counts)
    before = batch
  }
  if (before !== undefined) await judgeBatch(before, direction, peer, counts)
  return counts
}

async function differencesOf(example: string, direction: Direction, peer: Peer): Promise<Difference[]> {
  const [theirs] = await peer.judge([example])
  return compare(peer.name, example, direction.judge(example), theirs as Outcome)
}

/** Defines the tests of one direction against one peer, which is created when the tests begin. */
export function testAgainst(peerName: Peer['name'], direction: Direction, create: () => Peer): void {
  const expected = Object.entries(direction.classes).filter(([, each]) => isExpected(each[peerName]))
  let made: Peer | undefined
  const peer = (): Peer => {
    made ??= create()
    return made
  }
  afterAll(() => made?.stop())

  test(`agrees on ${RUNS} ${direction.what}, except for explained differences`, { timeout: TIMEOUT }, async () => {
    const { stackTraceLimit } = Error
    // Half of all handshakes are refused, and the test does not use the stack.
    Error.stackTraceLimit = 0
    const counts = await judgeAll(direction, peer()).finally(() => {
      Error.stackTraceLimit = stackTraceLimit
    })
    if (process.env.COUNTS) console.log(peerName, direction.what, Object.fromEntries(counts))
    // No class may be obsolete. With fewer handshakes, some classes do not occur.
    if (RUNS >= 100_000) for (const [name] of expected) expect(counts.get(name) ?? 0, name).toBeGreaterThan(0)
  })

  test.each(expected)('explains %s', async (name, { example }) => {
    const differences = await differencesOf(example, direction, peer())
    expect(differences.flatMap((difference) => explain(difference, direction.classes))).toContain(name)
  })
}
