/**
 * Compares two reports: which cases gave another verdict.
 *
 * @module
 */

import type { CaseResult, Report } from '../testing/result.ts'
import { escapeControls } from './output/escape.ts'
import { nameAgent } from './output/summary.ts'

/** The differences as lines, and how many there are. */
export function compareReports(
  one: Report,
  other: Report,
): { readonly lines: readonly string[]; readonly count: number } {
  const before = byId(one)
  const after = byId(other)
  const changes = [...before].flatMap(([id, { verdict }]) => {
    const now = after.get(id)
    if (now === undefined) return [`${id}: ${verdict} → not run`]
    return now.verdict === verdict ? [] : [`${id}: ${verdict} → ${now.verdict}: ${now.reason}`]
  })
  const added = [...after.values()]
    .filter(({ id }) => !before.has(id))
    .map(({ id, verdict, reason }) => `${id}: not run → ${verdict}: ${reason}`)
  const lines = [...changes, ...added].map(escapeControls)
  const title = `${nameAgent(one)} → ${nameAgent(other)}: ${lines.length === 0 ? 'no difference' : `${lines.length} different`}`
  return { lines: [title, ...lines.map((line) => `  ${line}`)], count: lines.length }
}

function byId({ results }: Report): ReadonlyMap<string, CaseResult> {
  return new Map(results.map((result) => [result.id, result]))
}
