/**
 * Runs the benches in the reference runtime, Node 24, and shows the targets. A whole run also takes the rows that other runtimes can
 * run there, and writes all figures to bench/results/latest.json.
 *
 *   npm run bench                       all, about ten minutes
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
import { machine, versions } from './machine.mjs'
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
  const reference = run(findRuntime(values.runtime), asked, values.quick)
  if (reference === undefined) throw new Error('the reference has measured nothing')
  const common = everywhere.filter((name) => asked.includes(name))
  const others = whole || values.runtimes ? otherRuntimes().map((host) => run(host, common, true)) : []
  const runs = [reference, ...others].filter((each) => each !== undefined)
  const results = { date: new Date().toISOString().slice(0, 10), machine: machine(), versions: versions(), runs }
  showTargets(results)
  if (whole) {
    mkdirSync(new URL('.', latest), { recursive: true })
    writeFileSync(latest, format(results))
    console.log('Written to bench/results/latest.json; `node bench/report.mjs` draws tables and charts from it.')
  }
} finally {
  rmSync(folder, { recursive: true })
}
console.log(`${((performance.now() - start) / 60_000).toFixed(1)} minutes`)

/**
 * What one runtime has measured; `undefined` if that is nothing. Each bench has a process of its own: what the others have made the
 * compiler expect does not change its figures.
 */
function run(runtime, names, quick) {
  const parts = names.flatMap((name, index) => {
    console.log(`${runtime.name}: ${name} (${index + 1} of ${names.length}) …\n`)
    return measure(runtime, name, quick) ?? []
  })
  if (parts.length === 0) return undefined
  const [{ runtime: version, targets }] = parts
  const find = (work) =>
    parts.flatMap((part) => part.targets).find((target) => target.work === work && 'value' in target)
  return {
    runtime: version,
    failures: parts.flatMap(({ failure }) => failure ?? []),
    targets: targets.map((target) => find(target.work) ?? target),
    rows: parts.flatMap(({ rows }) => rows),
  }
}

function measure(runtime, name, quick) {
  const path = join(folder, 'results.json')
  rmSync(path, { force: true })
  if (runIn(runtime, [script, name, path, ...(quick ? ['--quick'] : [])]) !== 0) process.exitCode = 1
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    console.error(`${runtime.name}: ${name} has ended without results\n`)
    return undefined
  }
}

/** JSON with a line for each row, so that two runs can be compared. */
function format({ runs, ...about }) {
  const list = (items) => `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]`
  const open = (object) => JSON.stringify(object).slice(0, -1)
  const told = runs.map(
    ({ targets, rows, ...run }) => `${open(run)},\n"targets": ${list(targets)},\n"rows": ${list(rows)}}`,
  )
  return `${open(about)},\n"runs": [\n${told.join(',\n')}\n]}\n`
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
