/**
 * A short run of what `npm run fuzz` does without end: handshakes in every form, and two connections with every feature. `SEED=…
 * RUNS=…` repeats or extends a run.
 */

import fc from 'fast-check'
import { test } from 'vitest'
import { meet, meeting } from './connections.ts'
import { handshake, shake } from './handshakes.ts'

const RUNS = Number(process.env.RUNS ?? 100)
const SEED = Number(process.env.SEED ?? 1)
const TIMEOUT = Math.max(30_000, 10 * RUNS)

test(`${RUNS} handshakes get an answer, the same in any chunks`, { timeout: TIMEOUT }, () => {
  fc.assert(fc.property(handshake, shake), { numRuns: RUNS, seed: SEED })
})

test(`${RUNS} runs of two connections lose nothing`, { timeout: TIMEOUT }, () => {
  fc.assert(fc.property(meeting, meet), { numRuns: RUNS, seed: SEED })
})
