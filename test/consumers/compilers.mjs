/**
 * The compilers and settings under which the types must hold, with and without a platform's types; `types/` contains the programs.
 */

import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programOf } from './hosts.mjs'
import { inScratch } from './imports.mjs'
import { inPairs, Outcomes } from './tools.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
/** By the name and version under which they are installed. */
export const compilers = ['5.4', '5.9', '6', '7'].map((version) => ({ name: `TypeScript ${version}`, version }))
/** The program of a compiler. */
export const compilerOf = (version) => join(here, `node_modules/typescript-${version}/bin/tsc`)
const resolutions = ['bundler', 'node16', 'nodenext']

/** What a program may use besides the language. TypeScript before 5.8 does not allow CommonJS to load an ES module. */
const worlds = [
  { name: 'no platform', files: ['plain.ts'], lib: ['es2022'], types: [] },
  { name: 'DOM', files: ['plain.ts', 'dom.ts'], lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
  { name: 'Node', files: ['plain.ts', 'node.ts'], lib: ['es2022'], types: ['node'] },
  { name: 'CommonJS', files: ['commonjs.cts'], lib: ['es2022'], types: [], only: 'nodenext', not: '5.4' },
]
const CHECK = 'deno check'
const PUBLISH = 'deno publish --dry-run'

/** Type-checks a project in which the package is installed, then the sources as JSR would. */
export async function tryTypes(folder, root) {
  const outcomes = new Outcomes('')
  const cases = resolutions.flatMap((resolution) =>
    worlds.filter(({ only = resolution }) => only === resolution).map((world) => ({ resolution, world })),
  )
  const rowOf = ({ resolution, world }) => `${resolution}, ${world.name}`
  for (const file of new Set(worlds.flatMap(({ files }) => files)))
    copyFileSync(join(here, 'types', file), join(folder, file))
  for (const { resolution, world } of cases)
    writeFileSync(join(folder, configOf(resolution, world)), JSON.stringify(settings(resolution, world), null, 2))
  await inPairs(
    compilers.flatMap(({ name, version }) =>
      cases
        .filter(({ world }) => world.not !== version)
        .map((each) => () => {
          const args = [
            compilerOf(version),
            '--project',
            configOf(each.resolution, each.world),
            ...exceptions(version, each.world),
          ]
          return outcomes.run(rowOf(each), name, process.execPath, args, { cwd: folder })
        }),
    ),
  )
  await tryDeno(outcomes, folder, root)
  outcomes.print([...cases.map(rowOf), CHECK, PUBLISH], [...compilers.map(({ name }) => name), 'Deno'])
  return outcomes
}

/**
 * With the DOM types of TypeScript 5.4 no user-defined stream matches exactly: its end has no `value`, but the types require one.
 */
function exceptions(version, { lib }) {
  return version === '5.4' && lib.includes('dom') ? ['--exactOptionalPropertyTypes', 'false'] : []
}

function configOf(resolution, world) {
  return `tsconfig.${resolution}.${world.name.replaceAll(' ', '-')}.json`
}

function settings(resolution, { files, lib, types, only }) {
  const compilerOptions = {
    target: 'es2022',
    lib,
    types,
    module: resolution === 'bundler' ? 'esnext' : resolution,
    moduleResolution: resolution,
    moduleDetection: 'force',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: resolution !== 'bundler' && only === undefined,
    skipLibCheck: false,
    noEmit: true,
  }
  return { compilerOptions, files }
}

/** Deno's own compiler, on the installed package, and JSR's requirement for the sources: explicit types on every export. */
async function tryDeno(outcomes, folder, root) {
  const deno = programOf('Deno')
  if (deno === undefined)
    for (const row of [CHECK, PUBLISH]) outcomes.miss(row, 'Deno', 'Deno has no program for this platform')
  else {
    const flags = ['--no-lock', '--node-modules-dir=manual']
    const { env } = inScratch(folder)
    await outcomes.run(CHECK, 'Deno', deno, ['check', ...flags, 'plain.ts', 'dom.ts'], { cwd: folder, env })
    await outcomes.run(PUBLISH, 'Deno', deno, ['publish', '--dry-run', '--allow-dirty', ...flags], { cwd: root, env })
  }
}
