/**
 * One run: handshakes by the thousand to a peer and to us, every difference held against a list of classes. Knows how many,
 * and how a run is repeated; not what a handshake is.
 */

import { afterAll, expect, test } from 'vitest'
import { runs } from '../../share.ts'
import {
  compare,
  type Difference,
  type DifferenceClasses,
  explain,
  isExpected,
  type Peer,
  type Verdict,
} from './difference.ts'
import { type Chance, createChance } from './message.ts'

/**
 * A hundred thousand bring up every class, in 8 s for each peer; these take 1 s. `SEED=… RUNS=…` repeats or prolongs a run,
 * and `COUNTS=1` tells how often each class came up.
 */
const RUNS = runs(1000, 10_000)
/** The same handshakes in each run, so that a class that no longer occurs is no matter of luck. */
const SEED = Number(process.env.SEED ?? 1)
/** Ten times what it takes here. */
const TIMEOUT = Math.max(30_000, RUNS)
/** So many handshakes go to a peer at once; one whose process is its own has the next while we judge these. */
const BATCH = 1000

/** One way: requests to servers, or answers to clients. */
export interface Way {
  readonly what: string
  readonly classes: DifferenceClasses
  mutate(chance: Chance): string
  judge(text: string): Verdict
}

/** What is judged by a peer, by its place in the run. */
interface Batch {
  readonly first: number
  readonly texts: readonly string[]
  readonly theirs: Promise<Verdict[]>
}

/** What differs, and nobody knows why. */
function fail(difference: Difference, place: string): never {
  throw new Error(`${place}: ${JSON.stringify(difference, undefined, 2)}`)
}

function* batches({ mutate }: Way, peer: Peer): Generator<Batch> {
  const chance = createChance(SEED)
  for (let first = 0; first < RUNS; first += BATCH) {
    const texts = Array.from({ length: Math.min(BATCH, RUNS - first) }, () => mutate(chance))
    const theirs = peer.judge(texts)
    // What goes wrong is met where it is waited for, unless an earlier batch has failed already.
    theirs.catch(() => {})
    yield { first, texts, theirs }
  }
}

/** Judges a batch as we do, and counts the classes of all differences. */
async function judgeBatch(batch: Batch, way: Way, peer: Peer, counts: Map<string, number>): Promise<void> {
  const { first, texts, theirs } = batch
  const ours = texts.map(way.judge)
  for (const [at, verdict] of (await theirs).entries()) {
    for (const difference of compare(peer.name, texts[at] as string, ours[at] as Verdict, verdict)) {
      const names = explain(difference, way.classes)
      if (names.length === 0) fail(difference, `SEED=${SEED}, handshake ${first + at}, unexplained`)
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
}

async function judgeAll(way: Way, peer: Peer): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let before: Batch | undefined
  for (const batch of batches(way, peer)) {
    if (before !== undefined) await judgeBatch(before, way, peer, counts)
    before = batch
  }
  if (before !== undefined) await judgeBatch(before, way, peer, counts)
  return counts
}

async function differencesOf(example: string, way: Way, peer: Peer): Promise<Difference[]> {
  const [theirs] = await peer.judge([example])
  return compare(peer.name, example, way.judge(example), theirs as Verdict)
}

/** The tests of one way beside one peer, made once its tests begin. */
export function testBeside(peerName: Peer['name'], way: Way, create: () => Peer): void {
  const expected = Object.entries(way.classes).filter(([, each]) => isExpected(each[peerName]))
  let made: Peer | undefined
  const peer = (): Peer => {
    made ??= create()
    return made
  }
  afterAll(() => made?.stop())

  test(`agree on ${RUNS} ${way.what}, but for what is explained`, { timeout: TIMEOUT }, async () => {
    const { stackTraceLimit } = Error
    // Half of all handshakes are refused, and nobody looks at where.
    Error.stackTraceLimit = 0
    const counts = await judgeAll(way, peer()).finally(() => {
      Error.stackTraceLimit = stackTraceLimit
    })
    if (process.env.COUNTS) console.log(peerName, way.what, Object.fromEntries(counts))
    // So that the list holds nothing that is needed no more; fewer need not bring up all of it.
    if (RUNS >= 100_000) for (const [name] of expected) expect(counts.get(name) ?? 0, name).toBeGreaterThan(0)
  })

  test.each(expected)('explained: %s', async (name, { example }) => {
    const differences = await differencesOf(example, way, peer())
    expect(differences.flatMap((difference) => explain(difference, way.classes))).toContain(name)
  })
}
