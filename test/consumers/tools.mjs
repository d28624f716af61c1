/** Runs programs, two at a time, and records and prints the results. */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Milliseconds. Far more than anything here takes: only a hang reaches it. */
const TIMEOUT = 120_000

/** What ran, in order: each with its row and column in a table. */
export class Outcomes {
  list = []
  inCI = Boolean(process.env.CI)

  constructor(title) {
    this.title = title
  }

  /** Runs a program. Its output is shown if it fails. */
  async run(row, column, program, args, options) {
    const error = await complaint(program, args, options)
    this.list.push({ row, column, state: error === undefined ? 'ok' : 'FAIL', error })
    return error === undefined
  }

  /** What is not available here leaves a gap, and fails in CI. */
  miss(row, column, error) {
    this.list.push({ row, column, state: this.inCI ? 'FAIL' : 'skip', error })
  }

  count(state) {
    return this.list.filter((outcome) => outcome.state === state).length
  }

  print(rows, columns) {
    const cell = (row, column) =>
      this.list.find((outcome) => outcome.row === row && outcome.column === column)?.state ?? '–'
    const table = [[this.title, ...columns], ...rows.map((row) => [row, ...columns.map((column) => cell(row, column))])]
    const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)))
    const lines = table.map((line) => line.map((text, column) => text.padEnd(widths[column])).join('  '))
    console.log(`\n${lines.map((line) => line.trimEnd()).join('\n')}\n`)
    for (const { row, column, state, error } of this.list)
      if (state !== 'ok') console.log(`${state} ${row}, ${column}: ${error.trim()}\n`)
  }
}

/** The error message of a failed program; `undefined` if it succeeded. */
function complaint(program, args, options) {
  const child = spawn(program, args, { timeout: TIMEOUT, stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (status, signal) => resolve(status === 0 ? undefined : `${signal ?? status}\n${output}`))
  })
}

/** Does all of the work, two tasks at a time. */
export async function inPairs(pieces) {
  const waiting = pieces.values()
  const worker = async () => {
    for (const piece of waiting) await piece()
  }
  await Promise.all([worker(), worker()])
}

/** Runs npm only when something is missing; then everything works offline, except for the installs under test. */
export function installTools(folder) {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const missing = Object.entries({ ...dependencies, ...optionalDependencies }).some(([name, wanted]) => {
    const manifest = join(folder, 'node_modules', name, 'package.json')
    return !existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== wanted.replace(/^.*@/, '')
  })
  if (!missing) return
  console.log(`Installing what ${join(folder, 'package.json')} lists …`)
  const flags = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  npm(['install', '--prefix', folder, ...flags])
}

/** The npm that started this process, if any: on Windows `npm` on the path is a shell script. */
export function npm(args, options = { stdio: 'inherit' }) {
  const [program, ...first] = npmCommand()
  const { status, stdout, error } = spawnSync(program, [...first, ...args], { encoding: 'utf8', ...options })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed`, { cause: error })
  return stdout
}

export function npmCommand() {
  const { npm_execpath: script } = process.env
  return script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm']
}
