/**
 * Formats results as text: a table of the sections, one line for each case that did not pass, and at the end the problems in full.
 *
 * @module
 */

import type { CaseResult, Report } from '../../testing/result.ts'
import { escapeControls } from './escape.ts'
import { defaultProblem, type FormatOptions, type Formatter } from './formatter.ts'
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

/** So many problems with the same reason are shown together, because they may have one cause. */
const MANY = 4

type Problem = NonNullable<FormatOptions['problem']>

/** For a terminal or a log, whose end is read first. */
export const formatText: Formatter = (reports, { problem = defaultProblem, brief = false } = {}) => {
  const parts = reports.map((report) => describeReport(report, problem, brief))
  return `${parts.join('\n\n')}\n`
}

function describeReport(report: Report, problem: Problem, brief: boolean): string {
  const { results, side, seed, suite, duration } = report
  const problems = results.filter((result) => problem(result) !== undefined)
  const others = results.filter((result) => problem(result) === undefined)
  // Cases that could not be run, for example because the server is gone, are only counted.
  const errors = groupBy(
    problems.filter(({ verdict }) => verdict === 'error'),
    (result) => problem(result) ?? result.reason,
  )
  const crowds = new Map([...errors].filter(([, group]) => group.length >= MANY))
  const single = problems.filter((one) => one.verdict !== 'error' || !crowds.has(problem(one) ?? one.reason))
  const of = (verdict: CaseResult['verdict']) => others.filter((result) => result.verdict === verdict)
  return [
    `${nameAgent(report)} as a ${side}: ${count(results.length, 'case')} of websocket-primitives ${suite}, seed ${seed}`,
    '',
    ...describeSections(results),
    '',
    ...describeByReason(
      'SKIP',
      groupBy(of('skip'), ({ reason }) => reason),
    ),
    ...describeInLines(of('info'), ''),
    ...describeInLines(of('warn'), ''),
    ...describeInLines([...of('error'), ...of('fail')], ' (expected)'),
    ...describeByReason('ERROR', crowds),
    ...(brief ? describeInLines(single, '', problem) : describeInFull(single, problem)),
    `${describeTally(tally(results))}; ${count(problems.length, 'problem')}; ${describeDuration(duration)}`,
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

/** Returns a line for each reason, with the number of its cases. */
function describeByReason(name: string, groups: ReadonlyMap<string, readonly CaseResult[]>): readonly string[] {
  return withSpace(
    [...groups].map(([reason, group]) => `${name} ${count(group.length, 'case')}: ${escapeControls(reason)}`),
  )
}

/** Returns a line for each result. */
function describeInLines(results: readonly CaseResult[], mark: string, problem?: Problem): readonly string[] {
  return withSpace(
    results.map((result) => {
      const { verdict, id, reason } = result
      return escapeControls(`${verdict.toUpperCase()}${mark} ${id}: ${problem?.(result) ?? reason}`)
    }),
  )
}

function describeInFull(problems: readonly CaseResult[], problem: Problem): readonly string[] {
  // The same fault can occur at another byte.
  const groups = groupBy(problems, (result) => problem(result)?.replace(/, at byte \d+/, ''))
  return [...groups.values()].flatMap((group) => {
    if (group.length < MANY) return group.flatMap((result) => [...describeResult(result, problem(result)), ''])
    const [first, ...others] = group as readonly [CaseResult, ...CaseResult[]]
    return [
      ...describeResult(first, problem(first)),
      `  The same outcome in ${count(others.length, 'other case')}; they may have one cause: fix it and run again.`,
      ...others.map(({ id, title }) => `    ${escapeControls(`${id}: ${title}`)}`),
      '',
    ]
  })
}

/** Appends an empty line, if there are any lines. */
function withSpace(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [...lines, '']
}

/**
 * Describes one result in full: what the agent did, what was expected, the rule and its purpose, how the connection ended, and the
bytes.
 *
 * @param actual What the agent did. Default: the result's reason.
 */
export function describeResult(result: CaseResult, actual: string = result.reason): readonly string[] {
  const { id, title, verdict, level, carrier, why, expected, references, ending, transcript } = result
  const over = carrier === 'http/2' ? ', over HTTP/2' : ''
  return [
    `${verdict.toUpperCase()} ${escapeControls(id)} (${level}${over})`,
    ...labelled('title', [title]),
    ...labelled('actual', [actual]),
    ...labelled('expected', expected),
    ...labelled(
      'rule',
      references.map(({ section, quote }) => `${section}: “${quote}”`),
    ),
    // Some cases, and reports of older versions, have none.
    ...labelled('why', why ? [why] : []),
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
