/**
 * Tests the package as its users get it: packs it, installs the tarball with every package manager, loads each subpath in every
 * runtime, type-checks programs with every compiler and every version of Node's types, and prepares what JSR gets. Prints tables; the
 * last line is a summary. What is not available on this platform is shown as skipped; in CI that is a failure.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installTools, npm } from './tools.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const subpaths = Object.keys(manifest.exports)
  .filter((subpath) => !subpath.endsWith('.json'))
  .map((subpath) => subpath.replace('.', manifest.name))

for (const folder of ['test/runtimes', 'test/consumers']) installTools(join(root, folder))
// They search for what has just been installed.
const { tryImports } = await import('./imports.mjs')
const { tryTypes } = await import('./compilers.mjs')
const { tryPrograms } = await import('./programs.mjs')
const scratch = mkdtempSync(join(tmpdir(), `${manifest.name}-`))
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))

const start = performance.now()
const [{ filename }] = JSON.parse(
  npm(['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], { cwd: root }),
)
const { dependencies } = JSON.parse(readFileSync(join(root, 'test/consumers/package.json'), 'utf8'))
const project = {
  tarball: join(scratch, filename),
  subpaths,
  dependencies: { pako: dependencies.pako, '@types/node': dependencies['@types/node'] },
}
const { outcomes: imports, folder } = await tryImports(scratch, project)
const types = await tryTypes(folder, root)
const programs = await tryPrograms(scratch, root, project.tarball)

const sum = (state) => [imports, types, programs].reduce((count, outcomes) => count + outcomes.count(state), 0)
console.log(`${Math.round((performance.now() - start) / 1000)} s`)
console.log(`${sum('ok')} passed, ${sum('FAIL')} failed`)
process.exitCode = sum('FAIL') > 0 || sum('ok') === 0 ? 1 : 0
