/**
 * The runtime that figures are measured in, and the others beside it. As a program it runs a script there:
 *
 *   node bench/reference.mjs bench/compare.mjs ../before
 *   RUNTIME='Node 20' node bench/reference.mjs bench/compare.mjs ../before
 */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { install } from '../test/runtimes/install.mjs'
import { environment, findProgram, programs } from '../test/runtimes/programs.mjs'

export const REFERENCE = 'Node 24'

/** The runtime of this name, `{ name, program, flags }`; the Node at hand, if it is not installed. */
export function findRuntime(name = REFERENCE) {
  const host = programs.find((program) => program.name.toLowerCase() === name.toLowerCase())
  if (host === undefined)
    throw new Error(`no runtime is called ${name}; there are ${programs.map((each) => each.name)}`)
  const found = locate(host)
  if (found !== undefined) return found
  console.log(`*** ${name} is not installed here: this runs on Node ${process.versions.node} instead. ***\n`)
  return { name: 'this Node', program: process.execPath, flags: [] }
}

/** All but the reference, of those that are installed. */
export function otherRuntimes() {
  return programs
    .filter(({ name }) => name !== REFERENCE)
    .map(locate)
    .filter((found) => found !== undefined)
}

function locate({ name, family, programs: places, version }) {
  const found = findProgram(places(), version)
  return found && { name, program: found.program, flags: flagsOf(family) }
}

function flagsOf(family) {
  if (family === 'Deno') return ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual']
  return family === 'Bun' ? ['run', '--no-install'] : []
}

/** Runs a script to its end; returns its exit code. */
export function runIn({ program, flags }, words) {
  const { status, error } = spawnSync(program, [...flags, ...words], { stdio: 'inherit', env: environment })
  if (error !== undefined) throw error
  return status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install()
  process.exitCode = runIn(findRuntime(process.env.RUNTIME), process.argv.slice(2))
}
