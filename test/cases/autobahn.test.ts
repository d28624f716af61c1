/**
 * The Autobahn test suite and this one agree on all cases that both have: on the verdict and on the code of the agent's Close. OK
 * matches a pass, and NON-STRICT a warning. INFORMATIONAL matches information, or a pass if the case allows every behavior. FAILED
 * matches the worst verdict that the level of the case allows, which is never a pass.
 */

import { expect, test, vi } from 'vitest'
import { clientCases, serverCases } from '../../src/cases/all.ts'
import type { Case } from '../../src/testing/case.ts'
import type { CaseResult } from '../../src/testing/result.ts'
import { testOurClient, testOurServer, testWsServer } from './agents.ts'
import { autobahnResults } from './autobahn-results.ts'

vi.setConfig({ testTimeout: 120_000 })

const matching: Readonly<Record<string, readonly string[]>> = {
  OK: ['pass'],
  'NON-STRICT': ['warn'],
  INFORMATIONAL: ['info', 'pass'],
  FAILED: ['fail', 'warn', 'info'],
}

/** The behavior and the code by the number of the case, such as `OK 1000`. */
function byNumber(found: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const results = new Map<string, string>()
  for (const [outcome, numbers] of Object.entries(found))
    for (const range of numbers.split(' ')) {
      const [, section = '', from = '', to = from] = /^(.+\.)(\d+)(?:-(\d+))?$/.exec(range) ?? []
      for (let number = Number(from); number <= Number(to); number++) results.set(section + number, outcome)
    }
  return results
}

interface Comparison {
  readonly compared: number
  readonly differences: readonly string[]
}

async function compare(
  cases: readonly Case[],
  run: (cases: readonly Case[]) => Promise<readonly CaseResult[]>,
  found: Readonly<Record<string, string>>,
): Promise<Comparison> {
  const numbers = byNumber(found)
  const shared = cases.filter(({ autobahn = [] }) => autobahn.some((number) => numbers.has(number)))
  const results = new Map((await run(shared)).map((result) => [result.id, result]))
  const pairs = shared.flatMap(({ id, autobahn = [] }) =>
    autobahn.flatMap((number) => {
      const theirs = numbers.get(number)
      return theirs === undefined ? [] : [{ number, theirs, ours: results.get(id) as CaseResult }]
    }),
  )
  const differences = pairs.flatMap(({ number, theirs, ours }) => {
    const [behaviour = '', code] = theirs.split(' ')
    const ownCode = String(ours.ending?.code ?? 'none')
    const same = matching[behaviour]?.includes(ours.verdict) && ownCode === code
    return same ? [] : [`${number} ${theirs}: ${ours.id} ${ours.verdict} ${ownCode}, ${ours.reason}`]
  })
  return { compared: pairs.length, differences }
}

test.each([
  ['our server', serverCases, testOurServer, autobahnResults.ours],
  ['our client', clientCases, testOurClient, autobahnResults.ours],
  ['the server of ws', serverCases, testWsServer, autobahnResults.ws],
] as const)('agrees with Autobahn on %s', async (_, cases, run, found) => {
  const { compared, differences } = await compare(cases, (shared) => run(shared), found)
  expect(differences).toEqual([])
  expect(compared).toBeGreaterThanOrEqual(230)
})
