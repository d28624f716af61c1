/**
 * Runs benches by name in the runtime that runs this file; `run.mjs` starts it. Prints a table for each, and writes all figures to a
 * file.
 *
 *   node bench/main.mjs RESULTS.json [--quick] [name ...]
 */

import { writeFileSync } from 'node:fs'
import { benches } from './benches.mjs'
import { machine, runtime, versions } from './machine.mjs'
import { recorded } from './results.mjs'
import { ROUNDS } from './rounds.mjs'
import { judge } from './targets.mjs'

const [path, ...words] = process.argv.slice(2)
const names = words.filter((word) => !word.startsWith('--'))
const failures = []

console.log(`${runtime()}, ${process.platform} ${process.arch}; median of ${ROUNDS} rounds\n`)
for (const [index, name] of names.entries()) {
  console.log(`${name} (${index + 1} of ${names.length}) …\n`)
  const start = performance.now()
  try {
    const { bench } = await benches[name]()
    await bench()
  } catch (error) {
    // The other benches are of use without it.
    console.error(`${name} has failed: ${error.stack}\n`)
    failures.push({ bench: name, message: String(error.message) })
  }
  console.log(`${name} took ${((performance.now() - start) / 1000).toFixed(0)} s.\n`)
}
writeFileSync(
  path,
  JSON.stringify({
    runtime: runtime(),
    machine: machine(),
    versions: versions(),
    failures,
    targets: judge(),
    rows: recorded(),
  }),
)
// Some rivals keep timers or sockets.
process.exit(failures.length > 0 ? 1 : 0)
