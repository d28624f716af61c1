// Random walks of two connections: whatever they send, and wherever the pipe splits the bytes or ends, nothing is lost or changed before
// the end, and both end once. `RUNS` is the number of walks, `SEED` the first seed.

import { expect, test } from 'vitest'
import { runs as count } from '../share.ts'
import { type Ending, walk } from './walk.ts'

const runs = count(500, 2000)
const from = Number(process.env.SEED ?? 1)

test(`${runs} random walks of two connections, from seed ${from} on (RFC 6455 §5.4, §5.5.1, §7.1)`, () => {
  const endings: { [Name in Ending]: number } = { closed: 0, cut: 0, stalled: 0 }
  for (let seed = from; seed < from + runs; seed++)
    try {
      endings[walk(seed)]++
    } catch (cause) {
      throw new Error(`the walk of seed ${seed}: ${(cause as Error).message}`, { cause })
    }
  if (runs >= 1000) expect(Math.min(...Object.values(endings))).toBeGreaterThan(runs / 20)
}, 3_600_000)
