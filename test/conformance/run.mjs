/**
 * Runs the conformance suite with the built command: on servers and clients of this package and its examples, which must pass, and on
 * those of others, whose verdicts must equal those in `results/`. Prints a line for each agent and each difference. The last line is a
 * summary: a case of an agent passes if its verdict is the expected one.
 *
 *   npm run test:conformance                                    all
 *   npm run test:conformance -- ws Bun --side client            agents whose names begin like this
 *   npm run test:conformance -- ws --update                     also stores their results, and writes the tables of the guide
 *   npm run test:conformance -- --jobs 1                        one agent at a time; default: 2
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installTools } from '../consumers/tools.mjs'
import { install } from '../runtimes/install.mjs'
import { environment } from '../runtimes/programs.mjs'
import { compact, fileOf, readResults, storeResults, updateGuide } from './results.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../', import.meta.url))
const inCI = Boolean(process.env.CI)

/** Milliseconds for an agent. Only an agent that hangs takes so long. */
const TIMEOUT = 180_000
/** How often to repeat cases of other agents whose verdict differs from the stored one. */
const ATTEMPTS = 15
/** How often other agents run before their results are stored. */
const RUNS = 3
const { values, positionals } = parseArgs({
  options: { side: { type: 'string' }, update: { type: 'boolean' }, jobs: { type: 'string', default: '2' } },
  allowPositionals: true,
})

install()
installTools(here)
// So that programs can import the package by its name, as users do. npm removes the link each time.
const link = join(here, 'node_modules/websocket-primitives')
rmSync(link, { force: true })
symlinkSync(root, link, 'junction')
const reports = join(here, 'node_modules/.reports')
mkdirSync(reports, { recursive: true })

// The module looks for the runtimes, which are installed by now.
const { clients, servers } = await import('./agents.mjs')

const start = performance.now()
const counts = { passed: 0, failed: 0 }
const waiting = [...servers.map((agent) => ['server', agent]), ...clients.map((agent) => ['client', agent])].filter(
  ([side, { name }]) =>
    (values.side ?? side) === side && (positionals.length === 0 || positionals.some((one) => name.startsWith(one))),
)
const workers = Array.from({ length: Number(values.jobs) }, async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await tryAgent(...next)
})
await Promise.all(workers)
if (values.update) updateGuide()
console.log(`${Math.round((performance.now() - start) / 1000)} s`)
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0

/** Runs all cases on an agent, and compares the verdicts. */
async function tryAgent(side, agent) {
  const { name, own, explained = {} } = agent
  const title = `${side} ${name}`
  const version = agent.version()
  if (version === undefined) {
    if (inCI) counts.failed++
    return console.log(`${inCI ? 'FAIL' : 'skip'} ${title}: not installed`)
  }
  try {
    let report = await run(side, agent)
    if (values.update && !own) {
      const reports = [report]
      while (reports.length < RUNS) reports.push(await run(side, agent))
      report = { ...report, results: report.results.map((_, index) => mostFrequent(reports, index)) }
      storeResults(compact(report, { name, version }))
    }
    const isExpected = own ? isGood(explained) : isStored(side, name)
    let differences = report.results.filter((result) => !isExpected(result))
    for (let attempt = 0; attempt < ATTEMPTS && !own && isFew(differences); attempt++) {
      // Alternate between these cases alone and all cases, because some agents behave differently when they are busy.
      const again = await run(side, agent, attempt % 2 === 0 ? differences : [])
      const good = new Set(again.results.filter(isExpected).map(({ id }) => id))
      differences = differences.filter(({ id }) => !good.has(id))
    }
    counts.failed += differences.length
    counts.passed += report.results.length - differences.length
    const verdicts = Object.entries(count(report.results)).map(([verdict, number]) => `${number} ${verdict}`)
    console.log(`${title} ${version}: ${verdicts.join(', ')}; ${(report.duration / 1000).toFixed(1)} s`)
    for (const { id, verdict, reason } of differences) console.log(`  ${verdict} ${id}: ${reason}`)
  } catch (error) {
    counts.failed++
    console.log(`FAIL ${title} ${version}: ${error.message}`)
  }
}

/** Returns a result with the verdict that most of these reports have. */
function mostFrequent(reports, index) {
  const results = reports.map((report) => report.results[index])
  const votes = ({ verdict }) => results.filter((other) => other.verdict === verdict).length
  return results.reduce((best, result) => (votes(result) > votes(best) ? result : best))
}

/** Whether the differences may be chance. For example, whether a peer ends TCP or resets it is a race in some agents. */
function isFew({ length }) {
  return length > 0 && length <= 20
}

/** Checks a result of our own agents: nothing worse than `info`, except for explained warnings. */
function isGood(explained) {
  return ({ id, verdict }) => ['pass', 'info', 'skip'].includes(verdict) || (verdict === 'warn' && id in explained)
}

/** Checks a result of another agent against the stored verdict. Limits depend on time, so `'info'` equals `'pass'`. */
function isStored(side, name) {
  if (values.update) return () => true
  const file = fileOf(side, name)
  if (!existsSync(file)) throw new Error('no results are stored; --update stores them')
  const { cases } = readResults(file)
  const kind = (verdict) => (verdict === 'info' ? 'pass' : verdict)
  return ({ id, verdict }) => kind(verdict) === kind(cases[id]?.verdict ?? 'pass')
}

function count(results) {
  const counts = {}
  for (const { verdict } of results) counts[verdict] = (counts[verdict] ?? 0) + 1
  return counts
}

/** Runs the command and returns its report. @param cases If not empty, only these run. */
async function run(side, agent, cases = []) {
  const output = join(reports, `${side}-${agent.name.replace(/\W+/g, '-')}.json`)
  rmSync(output, { force: true })
  const more = [...cases.map(({ id }) => id), '--output', output, '--quiet', ...agent.options]
  if (side === 'client') await command(['test', 'client', '--command', quote(agent.command()), '--port', '0', ...more])
  else {
    const { url, stop } = await agent.start()
    try {
      await command(['test', 'server', url, ...more])
    } finally {
      await stop()
    }
  }
  return JSON.parse(readFileSync(output, 'utf8'))
}

/** Quotes arguments for the shell. */
function quote(args) {
  return args.map((text) => (/^[\w./:{}=,-]+$/.test(text) ? text : `'${text}'`)).join(' ')
}

/** Runs the command. The verdicts make it exit with 0 or 1. Any other exit is a failure of the run. */
function command(args) {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: TIMEOUT,
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) =>
      status === 0 || status === 1
        ? resolve()
        : reject(new Error(`the command ended with ${signal ?? status}\n${errors}`)),
    )
  })
}
