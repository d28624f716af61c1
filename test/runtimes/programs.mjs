/**
 * The runtimes that run a file: where npm has installed each program, and how it is called. The programs are in packages of their
 * own, one per platform, so no install script is needed.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, run, startServer } from './processes.mjs'

const modules = fileURLToPath(new URL('node_modules/', import.meta.url))

/** Deno keeps its cache here and not in the user's home; update checks are off. */
export const environment = {
  ...process.env,
  DENO_DIR: join(modules, '.deno'),
  DENO_NO_UPDATE_CHECK: '1',
  NO_COLOR: '1',
}

/** A runtime that runs a file. `flags` come before the file. */
export function programHost({ name, family, programs, flags, version }) {
  return {
    name,
    family,
    without: {},
    async find() {
      const found = findProgram(programs(), version)
      if (found === undefined) return undefined
      const { program } = found
      return {
        version: found.version,
        program,
        run: (module, given) =>
          run(program, [...flags, 'test/runtimes/start.mjs', module, JSON.stringify(given)], environment),
        serve: (example) => startServer(program, [...flags, `examples/${example}`, '0'], environment, readPort),
        stop: async () => {},
      }
    },
  }
}

/** The first program that starts, and its version: not every build runs on every processor. */
export function findProgram(programs, pattern) {
  for (const program of programs) {
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', env: environment })
    const version = pattern.exec(stdout ?? '')?.[1]
    if (version !== undefined) return { program, version }
  }
  return undefined
}

/** Every program at `path` inside a package folder, where `*` stands for any of its folders (npm may install several builds). */
export function within(folder, path) {
  const home = join(modules, folder)
  if (!existsSync(home)) return []
  const names = path.startsWith('*/') ? readdirSync(home).map((name) => path.replace('*', name)) : [path]
  return names.flatMap((name) => [join(home, name), join(home, `${name}.exe`)]).filter((program) => existsSync(program))
}

/** What the examples print. */
function readPort(said) {
  const port = /port: (\d+)/.exec(said)?.[1]
  return port === undefined ? undefined : { tcp: Number(port), http: Number(port) }
}

/** Only reading this folder and the loopback interface are allowed; nothing of the user's is written. */
const deno = ['run', '--no-prompt', '--no-remote', '--no-lock', '--node-modules-dir=manual']
const denoMay = [`--allow-read=${root}`, '--allow-net=127.0.0.1']
/** Otherwise Bun downloads what it does not find. */
const bun = ['run', '--no-install']

function node(major) {
  return {
    name: `Node ${major}`,
    family: 'Node',
    programs: () => within(`node${major}`, 'bin/node'),
    // Node 20 has a WebSocket only with a flag.
    flags: major === 20 ? ['--experimental-websocket'] : [],
    version: /^v(\S+)/,
  }
}

/** The Node that runs this file, unless the same version is among the installed ones. */
export function ownNode() {
  return { ...node(Number.parseInt(process.versions.node, 10)), name: 'this Node', programs: () => [process.execPath] }
}

export const programs = [
  ...[20, 22, 24, 26].map(node),
  {
    name: 'Deno',
    family: 'Deno',
    programs: () => within('@deno', '*/deno'),
    flags: [...deno, ...denoMay],
    version: /^deno (\S+)/,
  },
  {
    name: 'Bun',
    family: 'Bun',
    // Where npm runs the install script of `bun`, it moves the program there.
    programs: () => [...within('@oven', '*/bin/bun'), ...within('bun', 'bin/bun')],
    flags: bun,
    version: /^(\d\S*)/,
  },
]
