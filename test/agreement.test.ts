/**
 * Nothing that a peer sends can make two of our functions disagree: every value that one returns is accepted by every other function that
 * takes such a value. `SEED=… RUNS=…` repeats or extends a run; `npm run fuzz -- --only values` runs until it is stopped.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { agrees, anything, exclusions, functions } from './fuzz/agreement.ts'
import type { Kind } from './fuzz/values.ts'
import { runs } from './share.ts'

const RUNS = runs(150, 2000)
const SEED = Number(process.env.SEED ?? 1)
const TIMEOUT = Math.max(30_000, RUNS)
const nothing = new Set<string>()

test(`${RUNS} values from peers are accepted by every function that takes such a value`, { timeout: TIMEOUT }, () => {
  functions.called.clear()
  fc.assert(
    fc.property(anything, (sent) => agrees(sent, nothing)),
    { numRuns: RUNS, seed: SEED },
  )
  if (RUNS >= 2000)
    expect(functions.steps.map(({ name }) => name).filter((name) => !functions.called.has(name))).toEqual([])
})

describe('the table', () => {
  const { steps } = functions
  const taken = new Set<Kind>(steps.map(({ takes }) => takes))

  test('produces no value that no function takes', () => {
    for (const { name, gives } of steps)
      for (const kind of gives) expect(taken, `${name} gives ${kind}`).toContain(kind)
  })

  test('names each function once, and has a reason for each exclusion', () => {
    const names = [...steps, ...exclusions].map(({ name, takes }) => `${name}: ${takes}`)
    expect(new Set(names).size).toBe(names.length)
    for (const { reason } of exclusions) expect(reason).not.toBe('')
  })
})
