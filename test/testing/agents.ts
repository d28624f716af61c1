/** Agents that tests script by hand, and cases for them. */

import { open, section } from '../../src/cases/build.ts'
import { systemTimers } from '../../src/platform/timers.ts'
import type { Case, Outcome, Side, Step } from '../../src/testing/case.ts'
import type { CaseOptions } from '../../src/testing/case-options.ts'
import { memoryPair, type PairOptions } from '../../src/testing/memory-pair.ts'
import { acceptPeer, openPeer } from '../../src/testing/open-peer.ts'
import type { TestPeer } from '../../src/testing/peer.ts'
import type { CaseResult } from '../../src/testing/result.ts'
import { runCase } from '../../src/testing/run.ts'
import { quickTimers } from './quick-timers.ts'

type CaseChanges = Partial<Omit<Case, 'steps' | 'outcomes'>>

/** Returns a case with the conditions `when`. */
export function caseOf(side: Side, steps: readonly Step[], when: Outcome['when'], changes: CaseChanges = {}): Case {
  const [one] = section(side, 'test', { references: [{ section: 'RFC 6455 §5.1', quote: '' }], why: '' }, [
    { name: 'one', title: 'one', steps, outcomes: [{ verdict: 'pass', reason: 'as it must', when }] },
  ])
  return { ...(one as Case), ...changes }
}

/** A function that controls the agent's end of the transport. */
export type Agent = (end: ReturnType<typeof memoryPair>[0]) => void | Promise<void>

/** Options for agents whose waits never time out. */
const patient = { timeout: 1e9, timers: { ...systemTimers, set: () => undefined } }

/** A server that opens correctly, then follows a script. */
export function server(script: (peer: TestPeer) => void | Promise<void>): Agent {
  return async (end) => script(await acceptPeer(end, patient))
}

/** A client that opens correctly, then follows a script. */
export function client(script: (peer: TestPeer) => void | Promise<void>): Agent {
  return async (end) => script(await openPeer(end, patient))
}

/** An agent that writes these bytes at once, and nothing else. */
export function writes(text: string): Agent {
  return (end) => {
    end.resume()
    end.on('error', () => {})
    end.write(Buffer.from(text, 'latin1'))
  }
}

/** Runs a case against an agent in memory. Silence costs no real time. Errors of the agent's script are ignored. */
export async function run(
  one: Case,
  agent: Agent,
  options: CaseOptions = {},
  pair: PairOptions = {},
): Promise<CaseResult> {
  const { timers = quickTimers() } = options
  const [near, far] = memoryPair({ timers, ...pair })
  const [suite, agentEnd] = one.side === 'server' ? [near, far] : [far, near]
  const done = (async () => agent(agentEnd))().catch(() => {})
  const result = await runCase(one, suite, { ...options, timers })
  agentEnd.destroy()
  await done
  return result
}

export { open }
