/**
 * Writes results as the Autobahn test suite's `index.json`, for scripts that read it.
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

/** Autobahn's name for each verdict. */
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

/** From best to worst. Cases that share a number become one entry with the worst result. */
const order: readonly CaseResult['verdict'][] = ['skip', 'pass', 'info', 'warn', 'fail', 'error']

/**
 * Creates the folder before a run, so that a wrong folder does not cost the results of a run.
 *
 * @throws UsageError if it cannot be created, or if its `index.json` is not Autobahn's.
 */
export function requireFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new UsageError(`--autobahn ${folder} cannot be created: ${(error as Error).message}`)
  }
  loadIndex(folder)
}

/** Reads what earlier runs have written: the table has a column for each agent. */
function loadIndex(folder: string): Readonly<Record<string, unknown>> {
  const file = join(folder, 'index.json')
  if (!existsSync(file)) return {}
  const value = readJson(file)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new UsageError(`${file} is not an index of Autobahn's`)
}

/**
 * Writes `index.json`, and a file for each case. A case has Autobahn's number if Autobahn has the case too, and otherwise its slug.
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

/** A missing Close is not a fault if the case expects none. */
function describeClose(verdict: CaseResult['verdict'], ending: Ending | undefined): string {
  if (ending?.how === 'closed') return 'OK'
  if (ending?.how === 'refused' || verdict === 'pass' || verdict === 'info' || verdict === 'skip')
    return 'INFORMATIONAL'
  return 'UNCLEAN'
}

/** The agent chose its name, so only its letters and digits get into a path. */
function fileName(agent: string, name: string): string {
  return `${clean(agent)}_case_${clean(name)}.json`
}

function clean(text: string): string {
  return text.slice(0, 80).replace(/[^A-Za-z0-9]/g, '_')
}
