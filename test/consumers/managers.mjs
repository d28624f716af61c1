/** The package managers: how each installs a project, offline from the user's own caches, and how its layout is run. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programOf } from './hosts.mjs'
import { npmCommand } from './tools.mjs'

const script = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url))
const bun = () => programOf('Bun')

/**
 * `prepare` writes the files that a manager needs; `pnp` means that there is no `node_modules`, so only Node can be given a loader.
 * Caches are in the scratch folder: otherwise tarballs of the same name and version would be taken from older runs.
 */
export const managers = [
  {
    name: 'npm',
    command: () => [...npmCommand(), 'install', '--ignore-scripts', '--no-audit', '--no-fund'],
  },
  {
    name: 'pnpm',
    command: (cache) => [process.execPath, script('pnpm/bin/pnpm.mjs'), 'install', '--store-dir', cache],
  },
  {
    name: 'Yarn 1',
    command: (cache) => [
      process.execPath,
      script('yarn/bin/yarn.js'),
      ...['install', '--no-lockfile', '--non-interactive', '--ignore-scripts', '--cache-folder', cache],
    ],
  },
  {
    name: 'Yarn 4, PnP',
    pnp: true,
    prepare: (folder) => writeFileSync(join(folder, 'yarn.lock'), ''),
    command: () => [process.execPath, script('@yarnpkg/cli-dist/bin/yarn.js'), 'install'],
    environment: (cache) => ({
      YARN_CACHE_FOLDER: cache,
      YARN_GLOBAL_FOLDER: cache,
      YARN_ENABLE_GLOBAL_CACHE: '0',
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_SCRIPTS: '0',
      YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
      YARN_NODE_LINKER: 'pnp',
    }),
  },
  {
    name: 'Bun',
    missing: () => (bun() === undefined ? 'Bun has no program for this platform' : undefined),
    command: () => [bun(), 'install', '--no-save', '--ignore-scripts'],
    environment: (cache) => ({ BUN_INSTALL_CACHE_DIR: cache }),
  },
]

/** A mirror configured for npm, passed to managers with a setting of their own. */
function mirror() {
  const registry = process.env.npm_config_registry
  return registry === undefined ? {} : { YARN_NPM_REGISTRY_SERVER: registry, NPM_CONFIG_REGISTRY: registry }
}

/** Installs a project in `folder`; returns the arguments for a run. */
export function installation({ command, prepare, environment }, folder) {
  const cache = join(folder, '..', 'cache')
  mkdirSync(cache, { recursive: true })
  prepare?.(folder)
  const [program, ...args] = command(cache)
  return [program, args, { cwd: folder, env: { ...process.env, ...mirror(), ...environment?.(cache) } }]
}
