/**
 * The verdict on one connection: broken rules first, then the outcomes of the case.
 *
 * @module
 */

import type { Case, Conditions, Level, Outcome, Verdict } from './case.ts'
import { type Condition, findUnmet, type Moments } from './conditions.ts'
import type { Fault } from './incoming.ts'
import { describeSeen, describeUnmet } from './words.ts'

/** What a verdict rests on. */
export interface Evidence extends Moments {
  /** Whether a WebSocket was opened, as far as the handshake shows. */
  readonly opened: boolean
  /** The first rule that the agent's frames broke, or its head could not be read. */
  readonly fault: Fault | undefined
  /** A rule that its readable head broke. */
  readonly headFault: Fault | undefined
  /** The agent lacks what the case needs. */
  readonly lacks: string | undefined
  /** Milliseconds that the case took. */
  readonly elapsed: number
}

/** A verdict and why. */
export interface Judgement {
  readonly verdict: Verdict
  readonly reason: string
}

const headConditions: readonly Condition[] = ['status', 'fields', 'line', 'freshKey']

function namesHead({ when }: Outcome): boolean {
  return headConditions.some((name) => when[name] !== undefined)
}

/** The verdict on a case. */
export function judge(one: Case, evidence: Evidence): Judgement {
  const { outcomes, level } = one
  const { fault, headFault, lacks, opened } = evidence
  if (fault?.verdict === 'fail') return fault
  const met = outcomes.find(({ when }) => findUnmet(when, evidence).length === 0)
  const result = met && { verdict: cap(met.verdict, level), reason: met.reason }
  if (result !== undefined && met !== undefined && namesHead(met)) return result
  if (headFault !== undefined) return headFault
  if (lacks !== undefined && !outcomes.some(({ when }) => when.fields !== undefined))
    return { verdict: 'skip', reason: lacks }
  if (!opened && !outcomes.some(namesHead)) return judgeUnopened(one, evidence)
  if (result !== undefined) return fault !== undefined && result.verdict === 'pass' ? fault : result
  return explain(one, evidence)
}

/** An outcome cannot weigh more than its case. */
function cap(verdict: Verdict, level: Level): Verdict {
  return verdict === 'fail' ? worst(level) : verdict
}

function worst(level: Level): Verdict {
  return level === 'must' ? 'fail' : level === 'should' ? 'warn' : 'info'
}

function judgeUnopened({ side, needs }: Case, { last, elapsed }: Evidence): Judgement {
  if (side === 'client') return { verdict: 'fail', reason: `It sent no opening request${afterwards(last, elapsed)}.` }
  const { status } = last
  if (status === undefined)
    return { verdict: 'fail', reason: `It sent no response to a sound request${afterwards(last, elapsed)}.` }
  const special = needs.find((need) => need !== 'echo')
  return special === undefined
    ? { verdict: 'fail', reason: `It refused a sound request with ${status}.` }
    : { verdict: 'skip', reason: `It refuses the request with ${status}; the case needs ${special}.` }
}

function afterwards({ end }: Evidence['last'], elapsed: number): string {
  if (end === undefined) return ` within ${Math.round(elapsed)} ms`
  return end === 'fin' ? ', and ended the connection' : ', and reset the connection'
}

/** No outcome fits: says what came, and what was expected by the outcome that fits best. */
function explain({ outcomes, level, references }: Case, evidence: Evidence): Judgement {
  const section = references[0] === undefined ? '' : ` (${references[0].section})`
  let nearest: { readonly when: Conditions; readonly unmet: readonly Condition[] } | undefined
  for (const { verdict, when } of outcomes) {
    if (verdict !== 'pass') continue
    const unmet = findUnmet(when, evidence)
    if (nearest === undefined || unmet.length < nearest.unmet.length) nearest = { when, unmet }
  }
  const came = describeSeen(evidence.last)
  const expected = nearest === undefined ? undefined : describeUnmet(nearest.when, nearest.unmet, evidence.last)
  const reason =
    expected === undefined
      ? `No outcome of the case fits${section}: ${came}.`
      : `Expected ${expected}${section}; ${came}.`
  return { verdict: worst(level), reason }
}
