/**
 * Results as text: a table of the sections, then whatever did not pass.
 *
 * @module
 */

import type { CaseResult, Report } from '../../testing/result.ts'
import { escapeControls } from './escape.ts'
import { defaultProblem, type Formatter } from './formatter.ts'
import {
  count,
  describeDuration,
  describeEnding,
  describeTally,
  groupBy,
  groupBySection,
  nameAgent,
  tally,
  verdicts,
} from './summary.ts'
import { describeTranscript } from './transcript.ts'

/** For a terminal or a log. Failures, errors and warnings are shown in full; of the others a line each. */
export const formatText: Formatter = (reports, { problem = defaultProblem } = {}) => {
  const parts = reports.map((report) => describeReport(report, problem))
  return `${parts.join('\n\n')}\n`
}

function describeReport(report: Report, problem: (result: CaseResult) => string | undefined): string {
  const { results, side, seed, suite, duration } = report
  const of = (verdict: CaseResult['verdict']) => results.filter((result) => result.verdict === verdict)
  const problems = results.filter((result) => problem(result) !== undefined).length
  return [
    `${nameAgent(report)} as a ${side}: ${count(results.length, 'case')} of websocket-primitives ${suite}, seed ${seed}`,
    '',
    ...describeSections(results),
    '',
    ...[...of('fail'), ...of('error'), ...of('warn')].flatMap((result) => [...describeResult(result), '']),
    ...describeGroups('info', of('info')),
    ...describeGroups('skip', of('skip')),
    `${describeTally(tally(results))}; ${count(problems, 'problem')}; ${describeDuration(duration)}`,
  ].join('\n')
}

function describeSections(results: readonly CaseResult[]): readonly string[] {
  const groups = groupBySection(results)
  const rows: [string, readonly CaseResult[]][] = [...groups, ['all', results]]
  const width = Math.max(...rows.map(([name]) => name.length))
  const line = (name: string, cells: readonly string[]) =>
    `  ${[escapeControls(name).padEnd(width), ...cells.map((cell) => cell.padStart(5))].join('  ')}`
  return [
    line('', verdicts),
    ...rows.map(([name, group]) => {
      const counts = tally(group)
      return line(
        name,
        verdicts.map((verdict) => String(counts[verdict] || '·')),
      )
    }),
  ]
}

/** One result in full: what came, what was expected and by which rule, how it ended, and the bytes. */
export function describeResult(result: CaseResult): readonly string[] {
  const { id, title, verdict, level, carrier, reason, expected, references, ending, transcript } = result
  const over = carrier === 'http/2' ? ', over HTTP/2' : ''
  return [
    `${verdict.toUpperCase()} ${escapeControls(id)} (${level}${over})`,
    ...labelled('title', [title]),
    ...labelled('came', [reason]),
    ...labelled('expected', expected),
    ...labelled(
      'rule',
      references.map(({ section, quote }) => `${section}: “${quote}”`),
    ),
    ...labelled('ending', [describeEnding(ending)]),
    ...describeTranscript(transcript).map((line) => `  ${line}`),
  ]
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => {
    const first = index === 0 ? label : label === 'expected' ? 'or' : ''
    return `  ${first.padEnd(8)}  ${escapeControls(line)}`
  })
}

/** Results that ask for no action: by reason, since many have the same one. */
function describeGroups(verdict: string, results: readonly CaseResult[]): readonly string[] {
  const groups = groupBy(results, ({ reason }) => reason)
  const lines = [...groups].flatMap(([reason, group]) => [
    `${verdict.toUpperCase()} ${escapeControls(reason)}`,
    ...group.map(({ id }) => `  ${escapeControls(id)}`),
  ])
  return lines.length === 0 ? [] : [...lines, '']
}
