/**
 * Compares two reports: the cases whose verdict differs, with new failures first.
 *
 * @module
 */

import type { CaseResult, Report } from '../testing/result.ts'
import { escapeControls } from './output/escape.ts'
import { count, groupBy, groupBySection, nameAgent, verdicts } from './output/summary.ts'

/** A case whose verdict differs. */
interface Change {
  readonly id: string
  readonly before: CaseResult | undefined
  readonly after: CaseResult | undefined
}

/** Returns the differences as lines, and how many there are. */
export function compareReports(
  one: Report,
  other: Report,
): { readonly lines: readonly string[]; readonly count: number } {
  const before = byId(one)
  const after = byId(other)
  const changes = [...new Set([...before.keys(), ...after.keys()])]
    .map((id): Change => ({ id, before: before.get(id), after: after.get(id) }))
    .filter((change) => change.before?.verdict !== change.after?.verdict)
  const kinds = [...groupBy(changes, describeKind)].sort(([, [a]], [, [b]]) => rankOf(a) - rankOf(b))
  const lines = kinds.flatMap(([kind, group]) => [
    '',
    `${kind}: ${describeSections(group)}`,
    ...group.map(describeChange),
  ])
  const title = `${nameAgent(one)} → ${nameAgent(other)}: ${changes.length === 0 ? 'no difference' : `${changes.length} different`}`
  return { lines: [title, ...lines], count: changes.length }
}

function byId({ results }: Report): ReadonlyMap<string, CaseResult> {
  return new Map(results.map((result) => [result.id, result]))
}

function describeKind({ before, after }: Change): string {
  return `${before?.verdict ?? 'not run'} → ${after?.verdict ?? 'not run'}`
}

/** New failures come first, mended ones last. */
function rankOf(change: Change | undefined): number {
  const [from, to] = [change?.before, change?.after].map((result) =>
    result === undefined ? verdicts.length : verdicts.indexOf(result.verdict),
  ) as [number, number]
  return to * (verdicts.length + 1) - from
}

/** For example `5 cases (framing 2, utf8 3)`. */
function describeSections(changes: readonly Change[]): string {
  const sections = [...groupBySection(changes)].map(([section, group]) => `${section} ${group.length}`)
  return escapeControls(`${count(changes.length, 'case')} (${sections.join(', ')})`)
}

/** Shows the reason of the later verdict, or of the earlier one if the case passes now. */
function describeChange({ id, before, after }: Change): string {
  const shown = after === undefined || after.verdict === 'pass' ? (before ?? after) : after
  return `  ${escapeControls(`${id}: ${shown?.reason}`)}`
}
