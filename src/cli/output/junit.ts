/**
 * Formats results as JUnit XML, which CI systems read, with a suite for each agent and section.
 *
 * @module
 */

import type { CaseResult, Report } from '../../testing/result.ts'
import { escapeMarkup } from './escape.ts'
import { defaultProblem, type FormatOptions, type Formatter } from './formatter.ts'
import { groupBySection, nameAgent } from './summary.ts'
import { describeResult } from './text.ts'

type Problem = NonNullable<FormatOptions['problem']>

/**
 * A result that makes the run fail becomes a `<failure>`, or an `<error>` if the suite could not run the case. Skipped cases become
 * `<skipped>`. Warnings, information and expected failures pass, with their reason in `<system-out>`.
 */
export const formatJunit: Formatter = (reports, { problem = defaultProblem } = {}) => {
  const cases = reports.flatMap(({ results }) => results)
  const suites = reports.flatMap((report) =>
    [...groupBySection(report.results)].map(([name, results]) => formatSuite(report, name, results, problem)),
  )
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="websocket-primitives" ${formatCounts(cases, problem)}>`,
    ...suites,
    '</testsuites>',
  ].join('\n')}\n`
}

function formatSuite(report: Report, section: string, results: readonly CaseResult[], problem: Problem): string {
  const name = `${nameAgent(report)} ${report.side}/${section}`
  return [
    `  <testsuite name="${escapeMarkup(name)}" ${formatCounts(results, problem)}>`,
    '    <properties>',
    `      <property name="suite" value="${escapeMarkup(report.suite)}"/>`,
    `      <property name="seed" value="${report.seed}"/>`,
    '    </properties>',
    ...results.map((result) => formatCase(name, result, problem(result))),
    '  </testsuite>',
  ].join('\n')
}

function formatCounts(results: readonly CaseResult[], problem: Problem): string {
  const problems = results.filter((result) => problem(result) !== undefined)
  const errors = problems.filter(({ verdict }) => verdict === 'error').length
  const skipped = results.filter((result) => result.verdict === 'skip' && problem(result) === undefined).length
  const time = results.reduce((sum, { duration }) => sum + duration, 0)
  return [
    `tests="${results.length}"`,
    `failures="${problems.length - errors}"`,
    `errors="${errors}"`,
    `skipped="${skipped}"`,
    `time="${formatSeconds(time)}"`,
  ].join(' ')
}

function formatCase(suite: string, result: CaseResult, problem: string | undefined): string {
  const { id, verdict, level, reason, duration } = result
  const start = `    <testcase classname="${escapeMarkup(suite)}" name="${escapeMarkup(id)}" time="${formatSeconds(duration)}"`
  const details = () => describeResult(result, problem).map(escapeMarkup).join('\n')
  if (problem !== undefined) {
    const element = verdict === 'error' ? 'error' : 'failure'
    return `${start}><${element} type="${level}" message="${escapeMarkup(problem)}">${details()}</${element}></testcase>`
  }
  if (verdict === 'pass') return `${start}/>`
  if (verdict === 'skip') return `${start}><skipped message="${escapeMarkup(reason)}"/></testcase>`
  const shown = verdict === 'info' ? escapeMarkup(`INFO ${reason}`) : details()
  return `${start}><system-out>${shown}</system-out></testcase>`
}

function formatSeconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
