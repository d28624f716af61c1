/** The scratch project that each package manager installs, and how every runtime loads each subpath of the package in it. */

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hosts } from './hosts.mjs'
import { installation, managers } from './managers.mjs'
import { inPairs, Outcomes } from './tools.mjs'

const INSTALL = 'install'
const COMMAND = 'command'
const here = fileURLToPath(new URL('.', import.meta.url))

/** Imports are written out, as users write them: a static loader must find each. */
function program(subpaths, load, tail) {
  const loads = subpaths.map((subpath, index) => load(`m${index}`, subpath))
  const modules = subpaths.map((subpath, index) => `'${subpath}': m${index}`)
  return `${loads.join('\n')}\n${tail}\ncheck({ ${modules.join(', ')} })\n`
}

/** A project that depends only on the packed package. */
export function writeProject(folder, { tarball, subpaths, dependencies }) {
  mkdirSync(folder, { recursive: true })
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { ...dependencies, 'websocket-primitives': `file:${tarball}` },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  copyFileSync(join(here, 'project/check.cjs'), join(folder, 'check.cjs'))
  const imported = program(
    subpaths,
    (name, subpath) => `import * as ${name} from '${subpath}'`,
    `import { check } from './check.cjs'`,
  )
  writeFileSync(join(folder, 'import.mjs'), imported)
  const required = program(
    subpaths,
    (name, subpath) => `const ${name} = require('${subpath}')`,
    `const { check } = require('./check.cjs')`,
  )
  writeFileSync(join(folder, 'require.cjs'), required)
}

/** Deno loads ES modules; older programs on Node and Bun use `require`. */
const files = ({ name }) => (name === 'Deno' ? ['import.mjs'] : ['import.mjs', 'require.cjs'])
const rowOf = (host, file) => `${host.name}, ${file === 'import.mjs' ? 'import' : 'require'}`

/** @returns The results, and the folder in which npm has installed the project. */
export async function tryImports(scratch, project) {
  const outcomes = new Outcomes('')
  // One after the other: each keeps both cores busy.
  for (const manager of managers) {
    const folder = join(scratch, manager.name.replace(/\W+/g, '-').toLowerCase(), 'project')
    writeProject(folder, project)
    const missing = manager.missing?.()
    if (missing !== undefined) outcomes.miss(INSTALL, manager.name, missing)
    else if (await outcomes.run(INSTALL, manager.name, ...installation(manager, folder))) {
      // The first case that it lists comes from a file of the package.
      const command = join(folder, 'node_modules/.bin/websocket-primitives')
      if (!manager.pnp) await outcomes.run(COMMAND, manager.name, command, ['list', 'framing'], inScratch(folder))
      await inPairs(loads(outcomes, manager, folder))
    }
  }
  outcomes.print(
    [INSTALL, COMMAND, ...hosts.flatMap((host) => files(host).map((file) => rowOf(host, file)))],
    managers.map(({ name }) => name),
  )
  return { outcomes, folder: join(scratch, 'npm/project') }
}

function loads(outcomes, { name, pnp }, folder) {
  // Only Node can be given a loader, and Node 20 asks no loader when it requires an ES module.
  const able = (host, file) =>
    !pnp || (host.name.startsWith('Node') && !(host.name === 'Node 20' && file === 'require.cjs'))
  const flags = pnp ? ['--require', './.pnp.cjs', '--experimental-loader', './.pnp.loader.mjs'] : []
  return hosts.flatMap((host) =>
    files(host)
      .filter((file) => able(host, file))
      .map((file) => async () => {
        const { program, missing } = host
        if (program === undefined) outcomes.miss(rowOf(host, file), name, missing)
        else await outcomes.run(rowOf(host, file), name, program, [...flags, ...host.flags, file], inScratch(folder))
      }),
  )
}

/** Deno keeps its cache there; update checks are off. */
export function inScratch(folder) {
  const env = { ...process.env, DENO_DIR: join(folder, '../deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }
  return { cwd: folder, env }
}
