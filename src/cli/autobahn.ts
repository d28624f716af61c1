/**
 * Results in the shape of the Autobahn test suite's `index.json`, for scripts that read that.
 *
 * @module
 */

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from '../testing/case.ts'
import type { CaseResult, Ending } from '../testing/result.ts'
import { readJson } from './load.ts'
import { writeOutput } from './reports.ts'
import { UsageError } from './usage.ts'

/** What Autobahn calls a verdict. */
export const behaviors: Readonly<Record<CaseResult['verdict'], string>> = {
  pass: 'OK',
  warn: 'NON-STRICT',
  info: 'INFORMATIONAL',
  skip: 'UNIMPLEMENTED',
  fail: 'FAILED',
  error: 'FAILED',
}

/** One entry of `index.json`. */
interface Entry {
  readonly behavior: string
  readonly behaviorClose: string
  /** Milliseconds. */
  readonly duration: number
  readonly remoteCloseCode: number | null
  readonly reportfile: string
}

/** From best to worst: cases that share a number are one entry, the worst. */
const order: readonly CaseResult['verdict'][] = ['skip', 'pass', 'info', 'warn', 'fail', 'error']

/**
 * Makes the folder before a run, so that none is lost for a wrong one.
 *
 * @throws UsageError if it cannot be made, or has another kind of `index.json`.
 */
export function requireFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new UsageError(`--autobahn ${folder} cannot be made: ${(error as Error).message}`)
  }
  loadIndex(folder)
}

/** What earlier runs have written: the table has a column for each agent. */
function loadIndex(folder: string): Readonly<Record<string, unknown>> {
  const file = join(folder, 'index.json')
  if (!existsSync(file)) return {}
  const value = readJson(file)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new UsageError(`${file} is no index of Autobahn's`)
}

/**
 * Writes `index.json`, and a file for each case. A case is called by Autobahn's number where Autobahn has it too, and otherwise by its
 * slug.
 *
 * @throws UsageError if they cannot be written.
 */
export function writeIndex(
  folder: string,
  agent: string,
  cases: readonly Case[],
  results: readonly CaseResult[],
): void {
  const entries = new Map<string, { entry: Entry; result: CaseResult }>()
  const sorted = [...results].sort((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
  const numbers = new Map(cases.map(({ id, autobahn }) => [id, autobahn ?? [id]]))
  for (const result of sorted)
    for (const name of numbers.get(result.id) ?? [])
      entries.set(name, { entry: toEntry(result, fileName(agent, name)), result })
  const names = [...entries].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
  const own = Object.fromEntries(names.map(([name, { entry }]) => [name, entry]))
  for (const { entry, result } of entries.values()) writeJson(join(folder, entry.reportfile), { ...entry, ...result })
  writeJson(join(folder, 'index.json'), Object.fromEntries([...Object.entries(loadIndex(folder)), [agent, own]]))
}

function writeJson(file: string, value: unknown): void {
  writeOutput(file, `${JSON.stringify(value, null, 3)}\n`)
}

function toEntry({ verdict, ending, duration }: CaseResult, reportfile: string): Entry {
  return {
    behavior: behaviors[verdict],
    behaviorClose: describeClose(verdict, ending),
    duration: Math.round(duration),
    remoteCloseCode: ending?.code ?? null,
    reportfile,
  }
}

/** Where a case expects no Close, its absence is no fault. */
function describeClose(verdict: CaseResult['verdict'], ending: Ending | undefined): string {
  if (ending?.how === 'closed') return 'OK'
  if (ending?.how === 'refused' || verdict === 'pass' || verdict === 'info' || verdict === 'skip')
    return 'INFORMATIONAL'
  return 'UNCLEAN'
}

/** The agent chose its name: nothing of it but letters and digits gets into a path. */
function fileName(agent: string, name: string): string {
  return `${clean(agent)}_case_${clean(name)}.json`
}

function clean(text: string): string {
  return text.slice(0, 80).replace(/[^A-Za-z0-9]/g, '_')
}
