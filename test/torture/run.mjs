/**
 * Tries every program of the package (the examples, the programs of README and guides, and some on the adapter) on peers that
 * misbehave, and prints a table of peers × programs, then a line for each failure.
 *
 *   npm run test:torture                              all, and a few on newer versions of Node
 *   npm run test:torture -- examples/echo docs/       the programs whose names begin so
 *   npm run test:torture -- --peer 'plain GET'        one peer only
 *   npm run test:torture -- --speed 1                 by the real clock
 */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from './program.mjs'
import { findPrograms, findUnknown } from './programs.mjs'
import { printTable } from './table.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peer: { type: 'string', multiple: true, default: [] },
    speed: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
})

if (!existsSync(join(root, 'dist/index.js'))) {
  console.error('There is no dist/: run `npm run build` first.')
  process.exit(1)
}

const start = Date.now()
const results = findUnknown().map((program) => ({
  program,
  peer: 'it is in the table of programs',
  failure: 'it is not',
}))
const asked = [...findPrograms().values()].filter(
  ({ name }) => positionals.length === 0 || positionals.some((start) => name.startsWith(start)),
)
await Promise.all(Array.from({ length: Number(values.jobs) }, work))
printTable(results)
const failed = results.filter(({ failure }) => failure !== undefined).length
console.log(`${Math.round((Date.now() - start) / 1000)} s`)
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 || results.length === 0 ? 1 : 0

/** Takes one program after the other. */
async function work() {
  for (;;) {
    const entry = asked.shift()
    if (entry === undefined) return
    results.push(...(await tryProgram(entry)))
  }
}

/** The results of a bench, which is a process of its own. */
async function tryProgram({ name }) {
  const file = fileURLToPath(new URL('bench.mjs', import.meta.url))
  const env = { ...process.env, ...(values.speed && { SPEED: values.speed }) }
  const bench = spawn(process.execPath, [file, name, ...values.peer], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const found = []
  for await (const line of createInterface(bench.stdout)) found.push(JSON.parse(line))
  const status = bench.exitCode ?? bench.signalCode ?? (await new Promise((resolve) => bench.once('exit', resolve)))
  if (status !== 0) found.push({ program: name, peer: 'the bench itself', failure: `it ended with ${status}` })
  const failures = found.filter(({ failure }) => failure !== undefined).length
  console.error(`${name}: ${found.length - failures} of ${found.length}`)
  return found
}
