/**
 * The words that all outputs share: names, counts and endings.
 *
 * @module
 */

import type { CaseResult, Ending, Report } from '../../testing/result.ts'
import { escapeControls } from './escape.ts'

export type ResultVerdict = CaseResult['verdict']

/** In the order of columns and lists. What needs a look comes first. */
export const verdicts: readonly ResultVerdict[] = ['fail', 'error', 'warn', 'info', 'skip', 'pass']

/** What each verdict means, for a heading or a tooltip. */
export const meanings: Readonly<Record<ResultVerdict, string>> = {
  fail: 'The agent breaks a rule that binds it.',
  error: 'The suite could not run the case.',
  warn: 'The agent does not do what it should.',
  info: 'A choice that the agent makes, neither good nor bad.',
  skip: 'The case does not apply to this agent.',
  pass: 'The agent does what the case expects.',
}

/** For example `ws 8.23.0`. */
export function nameAgent({ agent }: Report): string {
  return escapeControls(agent.version === undefined ? agent.name : `${agent.name} ${agent.version}`)
}

/** Returns the second part of a slug: `framing` of `server/framing/opcode-3`. */
export function sectionOf(id: string): string {
  return id.split('/')[1] ?? id
}

/** Groups results by section, in the order of their first case. */
export function groupBySection<One extends { readonly id: string }>(
  items: readonly One[],
): ReadonlyMap<string, readonly One[]> {
  return groupBy(items, ({ id }) => sectionOf(id))
}

/** Groups items by a key, in the order of the first item of each. */
export function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** How many results have each verdict. */
export type Tally = Readonly<Record<ResultVerdict, number>>

export function tally(results: readonly CaseResult[]): Tally {
  const counts = { fail: 0, error: 0, warn: 0, info: 0, skip: 0, pass: 0 }
  for (const { verdict } of results) counts[verdict]++
  return counts
}

/** For example `2 fail, 1 warn, 509 pass`. Verdicts without a case are left out. */
export function describeTally(counts: Tally): string {
  const parts = verdicts.filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`)
  return parts.join(', ') || 'no case'
}

const endings: Readonly<Record<Ending['how'], string>> = {
  closed: 'closed: the agent sent a Close, and the transport ended',
  kept: 'kept: the agent sent a Close, but kept the transport open',
  dropped: 'dropped: the agent ended the transport without a Close',
  reset: 'reset: the agent reset the transport without a Close',
  refused: 'refused: no WebSocket was opened',
  open: 'open: the agent neither sent a Close nor ended the transport, so the suite ended it',
}

/** Describes how a connection ended. */
export function describeEnding(ending: Ending | undefined): string {
  if (ending === undefined) return 'there was no connection'
  const code = ending.code === undefined ? '' : `, code ${ending.code}`
  const reason = ending.reason ? ` “${escapeControls(ending.reason)}”` : ''
  return `${endings[ending.how]} (the ${ending.by} first)${code}${reason}`
}

/** Formats milliseconds as `12 ms` or `3.4 s`. */
export function describeDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** `1 byte`, `2 bytes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
