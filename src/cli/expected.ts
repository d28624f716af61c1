/**
 * The file of expected failures: with it, a run fails only if a verdict changes.
 *
 * @module
 */

import { existsSync } from 'node:fs'
import type { Case, Side } from '../testing/case.ts'
import type { CaseResult } from '../testing/result.ts'
import { readJson } from './load.ts'
import { writeOutput } from './reports.ts'
import { findCase } from './select.ts'
import { UsageError } from './usage.ts'

type ResultVerdict = CaseResult['verdict']

/** The expected verdicts by slug. A case that is not listed must not fail. */
export type Expected = ReadonlyMap<string, { readonly verdict: ResultVerdict; readonly reason?: string }>

const verdicts: readonly ResultVerdict[] = ['pass', 'warn', 'fail', 'info', 'skip', 'error']

/**
 * Reads `{ "server/framing/opcode-3": "fail", "…": { "verdict": "fail", "reason": "our issue 12" } }`.
 *
 * @param mayBeMissing Whether a missing file counts as an empty one, because the run is about to write it.
 * @throws UsageError if the file does not have this form.
 */
export function loadExpected(file: string | undefined, mayBeMissing: boolean): Expected {
  if (file === undefined || (mayBeMissing && !existsSync(file))) return new Map()
  if (!existsSync(file)) throw new UsageError(`--expected ${file} does not exist: write it with --update-expected`)
  const value = readJson(file)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file} must be an object of slugs and their expected verdicts`)
  return new Map(
    Object.entries(value).map(([id, entry]) => {
      const { verdict, reason } = typeof entry === 'object' && entry !== null ? entry : { verdict: entry }
      if (!verdicts.includes(verdict))
        throw new UsageError(
          `${file}: ${JSON.stringify(id)} must be one of ${verdicts.join(', ')}, or an object with it as \`verdict\``,
        )
      return [id, typeof reason === 'string' ? { verdict, reason } : { verdict }]
    }),
  )
}

/**
 * @param cases The cases of both sides, which may share the file.
 * @throws UsageError if an entry names no case. Such an entry would otherwise go unnoticed.
 */
export function requireKnown(expected: Expected, cases: readonly Case[]): void {
  for (const id of expected.keys()) findCase(cases, id)
}

/** Returns why a result makes the run fail, or `undefined` if it does not. */
export function findProblem(result: CaseResult, expected: Expected, strict: boolean): string | undefined {
  const { id, verdict, reason } = result
  const entry = expected.get(id)
  const fails = isFailure(verdict, strict)
  if (entry === undefined) {
    if (!fails) return undefined
    return expected.size === 0 ? reason : `New, not in the file of expected failures: ${reason}`
  }
  if (entry.verdict === verdict) return undefined
  const advice = fails ? '' : ', so run with --update-expected'
  return `Expected ${entry.verdict} by the file of expected failures, but it is ${verdict}${advice}: ${reason}`
}

/**
 * Removes the entries of this side that no longer name a case. Entries of the other side stay, because its cases may be in another
 * file.
 *
 * @param cases All of this side.
 */
export function dropUnknown(expected: Expected, side: Side, cases: readonly Case[]): Expected {
  const other: Side = side === 'server' ? 'client' : 'server'
  const known = new Set(cases.map(({ id }) => id))
  return new Map([...expected].filter(([id]) => known.has(id) || id.startsWith(`${other}/`)))
}

/** Writes the failures of a run. Keeps the entries of cases that were not run, and the reasons of failures that have not changed. */
export function writeExpected(file: string, expected: Expected, results: readonly CaseResult[], strict: boolean): void {
  const entries = new Map(expected)
  for (const { id, verdict } of results) {
    const kept = entries.get(id)?.verdict === verdict
    if (!isFailure(verdict, strict)) entries.delete(id)
    else if (!kept) entries.set(id, { verdict })
  }
  const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1))
  const short = sorted.map(([id, entry]) => [id, entry.reason === undefined ? entry.verdict : entry])
  writeOutput(file, `${JSON.stringify(Object.fromEntries(short), null, 2)}\n`)
}

function isFailure(verdict: ResultVerdict, strict: boolean): boolean {
  return verdict === 'fail' || verdict === 'error' || (strict && verdict === 'warn')
}
