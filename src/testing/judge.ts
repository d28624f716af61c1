/**
 * Decides the verdict on one connection: broken rules first, then the outcomes of the case.
 *
 * @module
 */

import type { Case, Conditions, FieldCondition, Level, Outcome, Verdict } from './case.ts'
import { type Condition, findUnmet, type Moments } from './conditions.ts'
import type { Fault } from './incoming.ts'
import { fill, type Values } from './opening.ts'
import { describeSeen, describeUnmet } from './words.ts'

/** The evidence for a verdict. */
export interface Evidence extends Moments {
  /** The values for the strings of conditions. */
  readonly values: Values
  /** Whether the agent's head arrived. */
  readonly answered: boolean
  /** Whether a WebSocket was opened, as far as the handshake shows. */
  readonly opened: boolean
  /** The first rule that the agent's frames broke, or why its head could not be read. */
  readonly fault: Fault | undefined
  /** A rule that its head broke, if the head could be read. */
  readonly headFault: Fault | undefined
  /** What the case needs and the agent lacks. */
  readonly lacks: string | undefined
  /** How long a wait took that timed out and ended the steps, in milliseconds. */
  readonly spent: number | undefined
}

/** A verdict and its reason. */
export interface Judgement {
  readonly verdict: Verdict
  readonly reason: string
}

const headConditions: readonly Condition[] = ['status', 'fields', 'line', 'freshKey']

function namesHead({ when }: Outcome): boolean {
  return headConditions.some((name) => when[name] !== undefined)
}

/** Returns the verdict on a case, capped by its level: only a must can fail, and only a must or a should can warn. */
export function judge(given: Case, evidence: Evidence): Judgement {
  const { verdict, reason } = judgeStrictly(given, evidence)
  const isBad = verdict === 'fail' || verdict === 'warn'
  const most = worst(given.level)
  return { verdict: isBad && (verdict === 'fail' || most === 'info') ? most : verdict, reason }
}

function judgeStrictly(given: Case, evidence: Evidence): Judgement {
  const { fault, headFault, lacks } = evidence
  const one = { ...given, outcomes: given.outcomes.map((outcome) => fillIn(outcome, evidence.values)) }
  const { outcomes, side } = one
  const met = outcomes.find(({ when }) => findUnmet(when, evidence).length === 0)
  // Frames may be wrong only because the head is. A case about this fault gives a better reason.
  if (headFault !== undefined) return met?.verdict === 'fail' && namesHead(met) ? met : headFault
  if (fault?.verdict === 'fail') return fault
  if (met !== undefined && namesHead(met)) return met
  if (lacks !== undefined && !outcomes.some(({ when }) => when.fields !== undefined))
    return { verdict: 'skip', reason: lacks }
  // For a client, the case decides whether the suite opens the WebSocket.
  const unopened = side === 'server' ? !evidence.opened : !evidence.answered
  if (unopened && !outcomes.some(namesHead)) return judgeUnopened(one, evidence)
  if (met !== undefined) return fault !== undefined && met.verdict === 'pass' ? fault : met
  return explain(one, evidence)
}

/** Fills the values of the connection into the strings of an outcome. */
function fillIn(outcome: Outcome, values: Values): Outcome {
  const { fields } = outcome.when
  if (fields === undefined) return outcome
  const filled = Object.entries(fields).map(([name, condition]) => [name, fillField(condition, values)])
  return { ...outcome, when: { ...outcome.when, fields: Object.fromEntries(filled) } }
}

function fillField(condition: FieldCondition, values: Values): FieldCondition {
  if (typeof condition === 'string') return fill(condition, values)
  if (condition === null) return condition
  if ('token' in condition) return { token: fill(condition.token, values) }
  return 'pattern' in condition ? { pattern: fill(condition.pattern, escaped(values)) } : condition
}

/** Escapes the values for use in a regular expression. */
function escaped(values: Values): Values {
  const entries = Object.entries(values).map(([name, value]) => [name, value.replace(/\W/gu, toEscape)])
  return Object.fromEntries(entries)
}

function toEscape(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}

/** The worst verdict for a failure. */
function worst(level: Level): Verdict {
  return level === 'must' ? 'fail' : level === 'should' ? 'warn' : 'info'
}

function judgeUnopened({ side, needs }: Case, { last, spent }: Evidence): Judgement {
  if (side === 'client') return { verdict: 'fail', reason: `It sent no opening request${afterwards(last, spent)}.` }
  const { status } = last
  if (status === undefined)
    return { verdict: 'fail', reason: `It sent no response to a valid request${afterwards(last, spent)}.` }
  const special = needs.find((need) => need !== 'echo')
  return special === undefined
    ? { verdict: 'fail', reason: `It refused a valid request with ${status}.` }
    : { verdict: 'skip', reason: `It refuses the request with ${status}; the case needs ${special}.` }
}

function afterwards({ end }: Evidence['last'], spent: number | undefined): string {
  if (end === undefined) return within(spent)
  return end === 'fin' ? ', and ended the connection' : ', and reset the connection'
}

function within(spent: number | undefined): string {
  return spent === undefined ? '' : ` within ${spent} ms`
}

/** Describes a connection that no outcome fits: what the agent did, and what the closest outcome expects. */
function explain({ level, outcomes, references }: Case, evidence: Evidence): Judgement {
  const section = references[0] === undefined ? '' : ` (${references[0].section})`
  let nearest: { readonly when: Conditions; readonly unmet: readonly Condition[] } | undefined
  for (const { verdict, when } of outcomes) {
    if (verdict !== 'pass') continue
    const unmet = findUnmet(when, evidence)
    if (nearest === undefined || unmet.length < nearest.unmet.length) nearest = { when, unmet }
  }
  const { last } = evidence
  const actual = `${describeSeen(last)}${within(evidence.spent)}`
  if (nearest === undefined) return { verdict: 'fail', reason: `No outcome of the case fits${section}: ${actual}.` }
  const { when, unmet } = nearest
  // With another status, none of the other conditions could hold.
  const expected = `${describeUnmet(when, unmet.includes('status') ? ['status'] : unmet, last)}${section}`
  if (worst(level) === 'info')
    return { verdict: 'fail', reason: `No rule is broken: ${actual}. A pass requires ${expected}.` }
  // The expectation of a head already includes what is wrong with it.
  const isTold = last.fields !== undefined && unmet.every((name) => name !== 'status' && headConditions.includes(name))
  return { verdict: 'fail', reason: isTold ? `Expected ${expected}.` : `Expected ${expected}; ${actual}.` }
}
