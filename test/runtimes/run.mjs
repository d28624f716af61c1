/**
 * Tests the built package in every runtime: installs them once (then it works offline), runs the suite and the examples in each,
 * compares the results, and prints a table. A runtime that is not available on this platform is shown as skipped; in CI that is a
 * failure.
 *
 *   npm run test:runtimes                      all
 *   npm run test:runtimes -- Bun workerd       these, by prefixes of their names
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { tryExamples } from './examples.mjs'
import { hosts, thisNode } from './hosts.mjs'
import { install } from './install.mjs'
import { root } from './processes.mjs'
import { tryRecipes } from './recipes.mjs'
import { compare, count, printTable } from './table.mjs'

const inCI = Boolean(process.env.CI)

if (!existsSync(join(root, 'dist/index.js'))) {
  console.error('There is no dist/: run `npm run build` first.')
  process.exit(1)
}
install()
const asked = process.argv.slice(2)
const columns = []
for (const host of hosts)
  if (asked.length === 0 || asked.some((start) => host.name.startsWith(start))) columns.push(await tryHost(host))
// npm has no Node for this platform, or not this version.
const tried = columns.some(({ title, version }) => title.startsWith('Node') && version === process.versions.node)
if (!tried && asked.length === 0) columns.unshift(await tryHost(thisNode))
compare(columns)
printTable(columns)
const { passed, failed } = count(columns)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

/** A column of the table: the result of each case, by its name. */
async function tryHost(host) {
  const results = new Map()
  let trouble
  const runtime = await host.find().catch((error) => {
    trouble = error.message.split('\n')[0]
  })
  if (runtime === undefined) {
    trouble ??= `not available for ${process.platform} ${process.arch}, or it does not start`
    results.set('start', { state: inCI ? 'FAIL' : 'skip', reason: trouble })
    return { title: host.name, version: '', results }
  }
  results.set('start', { state: 'ok' })
  try {
    await trySuite(host, runtime, results)
    const node = { ...(await thisNode.find()), family: thisNode.family }
    for await (const { case: name, ...outcome } of tryExamples(host, runtime, node)) results.set(name, outcome)
    for await (const { case: name, ...outcome } of tryRecipes(host, runtime)) results.set(name, outcome)
  } finally {
    await runtime.stop()
  }
  return { title: host.name, version: runtime.version, results }
}

async function trySuite(host, runtime, results) {
  const { output, failure } = await runtime.run('./suite/index.mjs', { without: host.without })
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  const announced = lines.flatMap((line) => line.cases ?? [])
  for (const name of announced) results.set(name, { state: 'FAIL', reason: `not reached\n${failure}` })
  for (const { case: name, ...outcome } of lines) if (name !== undefined) results.set(name, outcome)
  if (failure !== undefined || announced.length === 0)
    results.set('start', { state: 'FAIL', reason: failure ?? output })
}
