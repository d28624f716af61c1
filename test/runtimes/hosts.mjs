/**
 * Knows the runtimes: where npm has put each one's program and how it runs a file. The programs lie in packages of their
 * own, one a platform, so no install script is needed. To add a host, add a line to package.json and one here.
 */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const modules = fileURLToPath(new URL('node_modules/', import.meta.url))

/** Nothing but reading the program is allowed, no network, no file of the user's written. */
const deno = ['run', '--no-prompt', '--no-remote', '--no-lock', '--node-modules-dir=manual']
/** Else Bun fetches what it does not find. */
const bun = ['run', '--no-install']

/** @type {{ name: string, programs: () => string[], run: string[], version: RegExp }[]} */
export const hosts = [
  ...[20, 22, 24, 26].map((major) => ({
    name: `Node ${major}`,
    programs: () => within(`node${major}`, 'bin/node'),
    run: [],
    version: /^v(\S+)/,
  })),
  { name: 'Deno', programs: () => within('@deno', '*/deno'), run: deno, version: /^deno (\S+)/ },
  { name: 'Bun', programs: () => within('@oven', '*/bin/bun'), run: bun, version: /^(\S+)/ },
]

/** Every program at `path` inside a package folder, where `*` stands for each of its folders (npm may take several builds). */
function within(folder, path) {
  const root = join(modules, folder)
  if (!existsSync(root)) return []
  const names = path.startsWith('*/') ? readdirSync(root).map((name) => path.replace('*', name)) : [path]
  return names.flatMap((name) => [join(root, name), join(root, `${name}.exe`)]).filter((program) => existsSync(program))
}
