/**
 * Formats results as Markdown, for the summary of a CI run or a comment.
 *
 * @module
 */

import type { CaseResult, Report } from '../../testing/result.ts'
import { escapeMarkdown } from './escape.ts'
import { defaultProblem, type FormatOptions, type Formatter } from './formatter.ts'
import {
  count,
  describeDuration,
  describeTally,
  groupBy,
  groupBySection,
  nameAgent,
  tally,
  verdicts,
} from './summary.ts'
import { describeResult } from './text.ts'

/** How many results have their transcript. GitHub accepts a summary of 1 MiB for each step. */
const DETAILED = 50

/** Formats a table of the sections, then each problem and warning as a line that opens its details. */
export const formatMarkdown: Formatter = (reports, { problem = defaultProblem } = {}) =>
  `${reports.map((report) => formatReport(report, problem)).join('\n\n')}\n`

function formatReport(report: Report, problem: NonNullable<FormatOptions['problem']>): string {
  const { results, side, suite, seed, duration } = report
  const problems = results.filter((result) => problem(result) !== undefined)
  const others = results.filter((result) => problem(result) === undefined)
  const known = others.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skip')
  const skipped = others.filter(({ verdict }) => verdict === 'skip')
  return [
    `## ${escapeMarkdown(nameAgent(report))} as a ${side}: ${problems.length === 0 ? 'no problem' : count(problems.length, 'problem')}`,
    '',
    `${count(results.length, 'case')} of websocket-primitives ${escapeMarkdown(suite)}, seed ${seed}: ${describeTally(tally(results))}; ${describeDuration(duration)}.`,
    '',
    ...formatSections(results),
    ...formatDetails('Problems', problems, problem),
    ...formatDetails('Warnings, information, expected failures', known, () => undefined),
    ...formatSkipped(skipped),
  ].join('\n')
}

function formatSections(results: readonly CaseResult[]): readonly string[] {
  const rows: [string, readonly CaseResult[]][] = [...groupBySection(results), ['all', results]]
  return [
    `| section | ${verdicts.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(verdicts.length)}`,
    ...rows.map(([name, group]) => {
      const counts = tally(group)
      return `| ${escapeMarkdown(name)} | ${verdicts.map((verdict) => counts[verdict] || '').join(' | ')} |`
    }),
  ]
}

function formatDetails(
  heading: string,
  results: readonly CaseResult[],
  problem: NonNullable<FormatOptions['problem']>,
): readonly string[] {
  if (results.length === 0) return []
  return [
    '',
    `### ${heading}`,
    '',
    ...results.flatMap((result, index) => {
      const { verdict, id, reason } = result
      const line = `**${verdict}** ${escapeMarkdown(id)}: ${escapeMarkdown(problem(result) ?? reason)}`
      return index < DETAILED && verdict !== 'info' ? formatOpening(line, describeResult(result)) : [`- ${line}`]
    }),
  ]
}

/** After a blank line, Markdown continues inside HTML. The fence is longer than any in the text. */
function formatOpening(line: string, details: readonly string[]): readonly string[] {
  const text = details.join('\n')
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = '`'.repeat(longest + 1)
  return ['<details><summary>', '', line, '', '</summary>', '', fence, text, fence, '', '</details>']
}

function formatSkipped(results: readonly CaseResult[]): readonly string[] {
  if (results.length === 0) return []
  const lines = [...groupBy(results, ({ reason }) => reason)].map(
    ([reason, group]) => `- ${count(group.length, 'case')}: ${escapeMarkdown(reason)}`,
  )
  return ['', '### Skipped', '', ...lines]
}
