/**
 * The runtimes that load the installed package: the programs that npm has installed for `test/runtimes/package.json`, and how each
 * runs a file.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const modules = fileURLToPath(new URL('../runtimes/node_modules/', import.meta.url))

/** Nothing is downloaded, and only the loaded files are read. */
const deno = ['run', '--no-prompt', '--no-remote', '--no-lock', '--node-modules-dir=manual']
const bun = ['run', '--no-install']

/** In the order of the rows; `program` is `undefined` if this platform has none. */
export const hosts = [
  ...[20, 22, 24, 26].map((major) => host(`Node ${major}`, `node${major}`, 'bin/node', [])),
  host('Deno', '@deno', '*/deno', deno),
  host('Bun', '@oven', '*/bin/bun', bun),
]

export function programOf(name) {
  return hosts.find((each) => each.name === name).program
}

function host(name, folder, path, flags) {
  const program = candidates(join(modules, folder), path).find(starts)
  return { name, program, flags, missing: `${name} has no program for ${process.platform} ${process.arch}` }
}

/** Every program at `path`, where `*` stands for any folder: npm may install several builds. */
function candidates(folder, path) {
  if (!existsSync(folder)) return []
  const names = path.startsWith('*/') ? readdirSync(folder).map((name) => path.replace('*', name)) : [path]
  return names.flatMap((name) => [join(folder, name), join(folder, `${name}.exe`)]).filter((file) => existsSync(file))
}

/** Not every build runs on every processor. */
function starts(program) {
  return spawnSync(program, ['--version']).status === 0
}
