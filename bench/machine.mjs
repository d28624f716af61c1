/** What the figures were measured on: the machine, the runtime, the rivals. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findProgram, programs } from '../test/runtimes/programs.mjs'

/** The name and version of the runtime that runs this. Deno and Bun tell a version of Node's, too. */
export function runtime() {
  const { bun, deno, node } = process.versions
  if (bun !== undefined) return `Bun ${bun}`
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`
}

export function machine() {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${distribution() ?? type()}, ${type()} ${release()} ${arch()}`,
  }
}

function distribution() {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

/** Of this package, of its rivals and of what compiles them; without those that are not installed. */
export function versions() {
  const installed = (name) => {
    try {
      return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
    } catch {
      return undefined
    }
  }
  const native = (name) => {
    const { programs: places, version } = programs.find((program) => program.name === name)
    return findProgram(places(), version)?.version
  }
  return Object.fromEntries(
    Object.entries({
      'websocket-primitives': commit(),
      ws: installed('ws'),
      bufferutil: installed('bufferutil'),
      'websocket-driver': installed('websocket-driver'),
      wslay: line('dpkg-query', '--show', 'libwslay-dev')?.split('\t')[1],
      gcc: line('gcc', '-dumpfullversion'),
      Bun: native('Bun'),
      Deno: native('Deno'),
    }).filter(([, version]) => version !== undefined),
  )
}

/** The commit, because figures are taken between releases; "changed" with files that are not committed. */
function commit() {
  const id = line('git', 'rev-parse', '--short', 'HEAD')
  if (id === undefined) return undefined
  return line('git', 'status', '--porcelain', '--untracked-files=no', 'src') ? `${id}, changed` : id
}

/** The first line that a program prints; `undefined` without it. */
function line(program, ...words) {
  const { status, stdout } = spawnSync(program, words, {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  })
  return status === 0 ? stdout.trim().split('\n')[0] : undefined
}
