/**
 * Knows how to try the built package in every runtime: installs them once (then it works offline), runs the cases in each
 * and prints a table. A runtime that cannot be had on this platform is skipped in sight; in CI that is a failure.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hosts } from './hosts.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
/** Files that run in every host, each printing lines as `runCases` does. */
const files = ['smoke.mjs', 'deflate.mjs']
const inCI = Boolean(process.env.CI)
/** What one file may take in one host. Far more than needed: only a hang gets there. */
const TIMEOUT = 60_000

if (!existsSync(join(here, '../../dist/index.js'))) {
  console.error('There is no dist/: run `npm run build` first.')
  process.exit(1)
}
install()
const rows = [...ownHost(), ...hosts].map(tryHost)
printTable(rows)
const outcomes = rows.flatMap(({ results }) => [...results.values()])
const failed = outcomes.filter(({ state }) => state === 'FAIL').length
const passed = outcomes.filter(({ state }) => state === 'ok').length
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

/** Asks npm only when something is missing. What it cannot install is seen later, as a host without a program. */
function install() {
  const { optionalDependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
  const outdated = Object.entries(optionalDependencies).some(([name, wanted]) => {
    const manifest = join(here, 'node_modules', name, 'package.json')
    return !existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== wanted.replace(/^.*@/, '')
  })
  if (!outdated && hosts.every((host) => host.programs().length > 0)) return
  console.log('Installing the runtimes (about 1 GB) …')
  const flags = [
    '--prefix',
    here,
    '--ignore-scripts',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const { status, error } = npm(['install', ...flags])
  if (status !== 0) console.error(`npm could not install the runtimes${error ? `: ${error.message}` : ''}`)
}

/** npm by the program that runs us, where npm did start us: `npm` on the path is a shell script on Windows. */
function npm(args) {
  const { npm_execpath: script } = process.env
  return script === undefined
    ? spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' })
    : spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' })
}

/** The Node that runs this file, unless the same version is among the installed ones. */
function ownHost() {
  const program = process.execPath
  if (hosts.some((host) => host.name.startsWith('Node') && find(host)?.version === process.versions.node)) return []
  return [{ name: 'Node (this one)', programs: () => [program], run: [], version: /^v(\S+)/ }]
}

/** The first program that starts: not each build suits each processor. */
function find(host) {
  for (const program of host.programs()) {
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', env: environment() })
    const version = host.version.exec(stdout ?? '')?.[1]
    if (version !== undefined) return { program, version }
  }
  return undefined
}

function tryHost(host) {
  const results = new Map()
  const found = find(host)
  if (found === undefined) {
    const message = `has no program for ${process.platform} ${process.arch}, or it does not start`
    results.set('start', { state: inCI ? 'FAIL' : 'skip', error: message })
    return { title: host.name, results }
  }
  for (const file of files) runFile(host, found.program, file, results)
  return { title: `${host.name} (${found.version})`, results }
}

function runFile(host, program, file, results) {
  const options = { cwd: here, encoding: 'utf8', timeout: TIMEOUT, env: environment() }
  const { stdout, stderr, status, error } = spawnSync(program, [...host.run, file], options)
  const lines = (stdout ?? '').split('\n').flatMap(parseLine)
  const announced = lines.flatMap((line) => line.cases ?? [])
  for (const name of announced) results.set(name, { state: 'FAIL', error: `not reached\n${stderr}` })
  for (const line of lines)
    if ('ok' in line) results.set(line.case, { state: line.ok ? 'ok' : 'FAIL', error: line.error })
  if (status !== 0 || announced.length === 0)
    results.set('start', { state: 'FAIL', error: `${file}: ${error?.message ?? `status ${status}`}\n${stderr}` })
}

function parseLine(line) {
  try {
    return line.startsWith('{') ? [JSON.parse(line)] : []
  } catch {
    return []
  }
}

/** Deno keeps its cache here and not in the user's home; nobody asks for updates. */
function environment() {
  return { ...process.env, DENO_DIR: join(here, 'node_modules/.deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
}

function printTable(rows) {
  const names = [...new Set(rows.flatMap(({ results }) => [...results.keys()]))]
  const cells = rows.map(({ title, results }) => [title, ...names.map((name) => results.get(name)?.state ?? '–')])
  const table = [['', ...names], ...cells]
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
  console.log('')
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
  console.log('')
  for (const { title, results } of rows)
    for (const [name, { state, error }] of results)
      if (state !== 'ok') console.log(`${state} ${title}, ${name}: ${error?.trim()}\n`)
}
