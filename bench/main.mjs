/**
 * Runs one bench in the runtime that runs this file; `run.mjs` starts it. Prints its tables, and writes all figures to a file.
 *
 *   node bench/main.mjs NAME RESULTS.json [--quick]
 */

import { writeFileSync } from 'node:fs'
import { benches } from './benches.mjs'
import { runtime } from './machine.mjs'
import { recorded } from './results.mjs'
import { judge } from './targets.mjs'

const [name, path] = process.argv.slice(2)
let failure
try {
  await benches[name]()
} catch (error) {
  // What it had measured before is of use.
  console.error(`${name} has failed: ${error.stack}\n`)
  failure = String(error.message)
}
writeFileSync(path, JSON.stringify({ runtime: runtime(), failure, targets: judge(), rows: recorded() }))
// Some rivals keep timers or sockets.
process.exit(failure === undefined ? 0 : 1)
