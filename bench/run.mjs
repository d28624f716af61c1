/**
 * Runs the benches in the reference runtime, Node 24, and shows the targets. A whole run also takes the rows that other runtimes can
 * run there, and writes all figures to bench/results/latest.json.
 *
 *   npm run bench                       all, about 15 minutes
 *   npm run bench -- frames mask        only these
 *   npm run bench -- --quick            fewer rounds, for a first look, in Node 24 alone
 *   npm run bench -- --runtime Deno     another runtime in its place: Node 20, 22, 24 or 26, Deno, Bun
 *   npm run bench -- --runtimes texts   these, and beside them in the other runtimes
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { install } from '../test/runtimes/install.mjs'
import { benches, everywhere, onRequest } from './benches.mjs'
import { latest } from './figures.mjs'
import { findRuntime, otherRuntimes, runIn } from './reference.mjs'
import { printTable } from './rounds.mjs'
import { figureOf, limitOf, spreadOf, verdictOf } from './told.mjs'

const script = fileURLToPath(new URL('main.mjs', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, runtime: { type: 'string' }, runtimes: { type: 'boolean' } },
})
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) throw new Error(`no bench is called ${unknown}; there are ${Object.keys(benches)}`)
const asked = positionals.length > 0 ? positionals : Object.keys(benches).filter((name) => !onRequest.includes(name))
const whole = positionals.length === 0 && !values.quick && values.runtime === undefined

install()
const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const start = performance.now()
try {
  const reference = run(findRuntime(values.runtime), asked, values.quick ? ['--quick'] : [])
  if (reference === undefined) throw new Error('without the figures of the reference there is nothing to show')
  const common = everywhere.filter((name) => asked.includes(name))
  const runs = [
    reference,
    ...(whole || values.runtimes ? otherRuntimes().map((host) => run(host, common, ['--quick'])) : []),
  ]
  const results = { date: new Date().toISOString().slice(0, 10), runs: runs.filter((each) => each !== undefined) }
  showTargets(results)
  if (whole) {
    mkdirSync(new URL('.', latest), { recursive: true })
    writeFileSync(latest, format(results))
    console.log(
      'Written to bench/results/latest.json; `node bench/report.mjs` draws the tables and the charts from it.',
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`${((performance.now() - start) / 60_000).toFixed(1)} minutes`)

/** The results of one runtime; `undefined` if it did not come to its end. */
function run(runtime, names, options) {
  const path = join(folder, `${runtime.name}.json`)
  if (runIn(runtime, [script, path, ...options, ...names]) !== 0) process.exitCode = 1
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    console.error(`${runtime.name} has not written its results\n`)
    return undefined
  }
}

/** JSON with a line for each row, so that two runs can be compared. */
function format({ date, runs }) {
  const list = (items) => `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`
  const told = runs.map(({ targets, rows, ...about }) => {
    const start = JSON.stringify(about).slice(0, -1)
    return `${start},\n"targets": ${list(targets)},\n"rows": ${list(rows)}}`
  })
  return `{"date": ${JSON.stringify(date)}, "runs": [\n${told.join(',\n')}\n]}\n`
}

/** The first runtime, and the figures of the others beside it. A whole run tells what it lacks. */
function showTargets({ runs: [first, ...others] }) {
  const known = (first?.targets ?? []).filter(({ value }) => whole || value !== undefined)
  if (known.length === 0) return
  printTable('Targets, in times as fast unless a unit is given', [
    ['work', 'beside', 'target', first.runtime, 'quartiles', '', ...others.map(({ runtime }) => runtime)],
    ...known.map((target) => [
      target.work,
      target.beside ?? '',
      limitOf(target),
      figureOf(target),
      spreadOf(target),
      verdictOf(target),
      ...others.map((run) => figureOf(run.targets.find(({ work }) => work === target.work))),
    ]),
  ])
}
