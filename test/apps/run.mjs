/**
 * Runs third-party applications on our WebSocket: each file has a server, its own clients, and the expected results. Prints each test; the
 * last line is a summary. Arguments select files by a part of their names.
 */

import { readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { installTools } from '../consumers/tools.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))

/** The time limit of a file, in ms. Only a hang reaches it: each file takes a few seconds. */
const TIMEOUT = 60_000

installTools(here)
// Imported by its name, as users do. npm removes packages that it has not installed.
const link = join(here, 'node_modules/websocket-primitives')
rmSync(link, { force: true })
symlinkSync(join(here, '../..'), link, 'junction')

const wanted = process.argv.slice(2)
const files = readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs') && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .map((name) => join(here, name))

const start = performance.now()
const counts = { passed: 0, failed: 0 }
const tests = run({ files, concurrency: 2, timeout: TIMEOUT })
tests.on('test:pass', ({ details }) => {
  if (details.type !== 'suite') counts.passed++
})
tests.on('test:fail', ({ details }) => {
  // A suite or a file, whose tests were already counted.
  if (details.error?.failureType !== 'subtestsFailed') counts.failed++
})
const report = tests.compose(spec)
report.pipe(process.stdout, { end: false })
report.once('end', () => {
  console.log(`${Math.round((performance.now() - start) / 1000)} s`)
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0
})
