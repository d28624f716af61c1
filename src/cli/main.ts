#!/usr/bin/env node
/**
 * The command `websocket-primitives`: `list`, `show`, `test server`, `test client`, `compare`, `report`.
 *
 * @module
 */

import type { Case, CaseFile } from '../testing/case.ts'
import { compareReports } from './compare.ts'
import { loadCases, loadReports, version } from './load.ts'
import { type CommandName, formatHelp, parseArguments, type Settings } from './options.ts'
import { explainCase } from './output/explain-case.ts'
import { requireOutputs, writeReports } from './reports.ts'
import { findCase, selectCases } from './select.ts'
import { testClient } from './test-client.ts'
import { testServer } from './test-server.ts'
import { UsageError } from './usage.ts'

/** The commands. Each returns the exit code. */
const commands: Readonly<Record<CommandName, (settings: Settings) => number | Promise<number>>> = {
  list: listCases,
  show: showCase,
  'test server': testServer,
  'test client': testClient,
  compare: compareFiles,
  report: reportFiles,
}

function listCases(settings: Settings): number {
  const { side, cases: file, positionals: patterns } = settings
  const sides = side === undefined ? (['server', 'client'] as const) : [side]
  const all = sides.flatMap((each) => loadCases(each, file))
  const chosen = selectCases(all, { ...settings, patterns })
  if (settings.json) {
    const value: CaseFile = { format: 1, cases: chosen }
    print(JSON.stringify(value, null, 1))
    return 0
  }
  const width = Math.max(...chosen.map(({ id }) => id.length))
  for (const { id, level, title } of chosen) print(`${id.padEnd(width)}  ${level.padEnd(6)}  ${title}`)
  return 0
}

function showCase({ positionals, cases: file, json }: Settings): number {
  const all = loadBoth(file)
  const [id] = positionals
  if (id === undefined || positionals.length > 1) throw new UsageError('show needs the slug of one case; see list')
  const one = findCase(all, id)
  print(json ? JSON.stringify(one, null, 1) : explainCase(one))
  return 0
}

function loadBoth(file: string | undefined): readonly Case[] {
  return [...loadCases('server', file), ...loadCases('client', file)]
}

function compareFiles({ positionals }: Settings): number {
  const [one, other, ...more] = positionals
  if (one === undefined || other === undefined || more.length > 0)
    throw new UsageError('compare needs two files: compare A.json B.json')
  const [before, after] = [loadReports(one), loadReports(other)]
  if (before.length !== after.length)
    throw new UsageError(`${one} has ${before.length} reports, ${other} has ${after.length}`)
  const comparisons = before.flatMap((report, i) => {
    const now = after[i]
    return now === undefined ? [] : [compareReports(report, now)]
  })
  for (const { lines } of comparisons) print(lines.join('\n'))
  return comparisons.some(({ count }) => count > 0) ? 1 : 0
}

function reportFiles(settings: Settings): number {
  if (settings.positionals.length === 0) throw new UsageError('report needs a file: report results.json')
  requireOutputs(settings)
  // A report that goes to files is not printed as well.
  const { output, positionals, brief } = settings
  writeReports(positionals.flatMap(loadReports), { ...settings, quiet: output.length > 0 }, { brief })
  return 0
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const parsed = parseArguments(args)
    if ('settings' in parsed) return await commands[parsed.name](parsed.settings)
    process.stdout.write('version' in parsed ? `${version}\n` : formatHelp(parsed.name))
    return 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

// A reader that stops early, such as `head`, is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.exitCode = await main(process.argv.slice(2))
