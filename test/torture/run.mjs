/**
 * Runs every program of the package (the examples, the programs of README and guides, and some on the adapter) against peers that
 * misbehave, and prints a table of peers × programs, then a line for each failure.
 *
 *   npm run test:torture                              all for Node, and a few on newer versions and in other runtimes
 *   npm run test:torture -- --runtime deno            all for Deno; or bun, workerd
 *   npm run test:torture -- examples/echo docs/       the programs whose names begin with these
 *   npm run test:torture -- --peer 'plain GET'        one peer only
 *   npm run test:torture -- --speed 1                 with the real clock
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { install } from '../runtimes/install.mjs'
import { findPrograms, findUnknown } from './programs.mjs'
import { root } from './runtimes.mjs'
import { printTable } from './table.mjs'

const installed = fileURLToPath(new URL('../runtimes/node_modules', import.meta.url))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: 'string', default: 'node' },
    peer: { type: 'string', multiple: true, default: [] },
    speed: { type: 'string' },
    jobs: { type: 'string', default: '3' }, // usually they wait
  },
})

if (process.platform !== 'linux') {
  console.error('Sockets are counted in /proc, which only Linux has.')
  process.exit(1)
}
if (!existsSync(join(root, 'dist/index.js'))) {
  console.error('There is no dist/: run `npm run build` first.')
  process.exit(1)
}

/** The longest programs, which run first. */
const roles = ['download', 'proxy', 'crowd', 'server', 'client', 'worker']
/** Also run on newer versions of Node. */
const smoke = ['examples/client-node-net.mjs', 'examples/echo-node-http.mjs', 'examples/echo-node-http2.mjs']
/** Run in their runtime, whose other programs `--runtime` runs. */
const elsewhere = ['examples/echo-bun-listen.mjs', 'examples/echo-deno-listen.mjs', 'examples/echo-workers-tcp.mjs']

/**
 * In ms per second. A machine that gives the bench less time is too busy to judge a deadline: a program that failed on such a machine is
 * run once more, alone, after all others.
 */
const LATE = 300

const start = Date.now()
const results = findUnknown().map((program) => ({
  program,
  peer: 'it is in the table of programs',
  failure: 'it is not',
}))
const runs = findRuns()
const again = []
await Promise.all(Array.from({ length: Number(values.jobs) }, work))
for (const run of again) results.push(...(await tryProgram(run)).found)
printTable(results)
const failed = results.filter(({ failure }) => failure !== undefined).length
console.log(`${Math.round((Date.now() - start) / 1000)} s`)
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 || results.length === 0 ? 1 : 0

/** The programs to run, and the runtimes to run them in. */
function findRuns() {
  install()
  const all = [...findPrograms().values()].flatMap(({ name, role, runtimes }) =>
    runtimes.map((runtime) => ({
      name,
      role,
      runtime,
      title: runtime === 'node' ? name : `${name}, in ${runtime}`,
      node: process.execPath,
    })),
  )
  const newer = ['22', '24', '26'].flatMap((version) =>
    all
      .filter(({ name, runtime }) => runtime === 'node' && smoke.includes(name))
      .map((run) => ({
        ...run,
        title: `${run.name}, on Node ${version}`,
        node: join(installed, `node${version}/bin/node`),
      })),
  )
  return [...all, ...newer]
    .filter(
      ({ name, runtime }) => runtime === values.runtime || (values.runtime === 'node' && elsewhere.includes(name)),
    )
    .filter(({ title }) => positionals.length === 0 || positionals.some((start) => title.startsWith(start)))
    .sort((one, another) => (roles.indexOf(one.role) >>> 0) - (roles.indexOf(another.role) >>> 0))
}

/** Runs one after the other. */
async function work() {
  for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
    const { found, lateness, failed } = await tryProgram(run)
    if (failed > 0 && lateness > LATE) again.push(run)
    else results.push(...found)
  }
}

/** The results of a bench, which is a separate process. */
async function tryProgram({ name, title, runtime, node }) {
  const file = fileURLToPath(new URL('bench.mjs', import.meta.url))
  const env = { ...process.env, RUNTIME: runtime, NODE_UNDER_TEST: node, ...(values.speed && { SPEED: values.speed }) }
  const bench = spawn(process.execPath, [file, name, ...values.peer], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(bench, 'exit')
  const lines = []
  for await (const line of createInterface(bench.stdout)) lines.push({ program: title, ...JSON.parse(line) })
  const [status] = await exited
  const found = lines.filter(({ peer }) => peer !== undefined)
  if (status !== 0) found.push({ program: title, peer: 'the bench itself', failure: `it ended with ${status}` })
  const failed = found.filter(({ failure }) => failure !== undefined).length
  const lateness = lines.at(-1)?.lateness ?? 0
  const late = lateness > LATE ? `; the machine was late by up to ${Math.round(lateness)} ms` : ''
  console.error(`${title}: ${found.length - failed} of ${found.length}${late}`)
  return { found, lateness, failed }
}
