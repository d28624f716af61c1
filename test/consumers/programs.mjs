/**
 * Compiles every Node program that users can copy (examples, README, guides) with the packed package, each compiler and each version
 * of Node's types, without `skipLibCheck`: sockets, streams and signals of every version must fit the declarations.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compilerOf, compilers } from './compilers.mjs'
import { inPairs, npm, Outcomes } from './tools.mjs'

/** Node's types: those of each supported release line, and the newest. */
const nodeTypes = ['20.19.25', '22.20.7', '24.19.4', '26.6.7']
/** Types that a compiler is too old for, whatever the program. */
const unreadable = new Set(['@types/node 26.6.7, TypeScript 5.4'])
/** Packages that programs import. */
const others = ['pako', 'redis', 'selfsigned', '@types/ws', 'ws']

/** The types of parameters may be missing, as in most JavaScript; those of the examples are checked by `npm run check`. */
const compilerOptions = {
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  noImplicitAny: false,
  exactOptionalPropertyTypes: true,
  allowJs: true,
  checkJs: true,
  skipLibCheck: false,
  noEmit: true,
}

/** @param tarball The packed package. */
export async function tryPrograms(scratch, root, tarball) {
  const outcomes = new Outcomes('')
  const programs = findPrograms(root)
  const rows = nodeTypes.map((version) => `@types/node ${version}`)
  const folderOf = (row) => join(scratch, row.replace(/\W+/g, '-'))
  for (const [index, row] of rows.entries()) install(folderOf(row), root, tarball, nodeTypes[index], programs)
  const tasks = rows.flatMap((row) =>
    compilers
      .filter(({ name }) => !unreadable.has(`${row}, ${name}`))
      .map(({ name, version }) => () => {
        const args = [compilerOf(version), '--project', 'tsconfig.json']
        return outcomes.run(row, name, process.execPath, args, { cwd: folderOf(row) })
      }),
  )
  await inPairs(tasks)
  console.log(`${programs.size} programs:`)
  outcomes.print(
    rows,
    compilers.map(({ name }) => name),
  )
  return outcomes
}

/** File names and texts: the examples for Node or for any platform, and each block of Markdown that imports of Node and of this package. */
function findPrograms(root) {
  const programs = new Map()
  const isOnNode = (text) => text.includes(" from 'node:")
  for (const name of readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.mjs'))) {
    const text = readFileSync(join(root, 'examples', name), 'utf8')
    if (isOnNode(text) || !/\b(Deno|Bun|WebSocketPair|DurableObjects|cloudflare)\b/.test(text)) programs.set(name, text)
  }
  const guides = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))
  for (const path of ['README.md', ...guides.map((file) => `docs/${file}`)]) {
    const blocks = readFileSync(join(root, path), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)
    for (const [index, [, text]] of [...blocks].entries())
      if (isOnNode(text) && text.includes(" from 'websocket-primitives"))
        programs.set(`${path.replace(/\W+/g, '-')}-${index + 1}.mjs`, text)
  }
  return programs
}

function install(folder, root, tarball, version, programs) {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const dependencies = { 'websocket-primitives': `file:${tarball}`, '@types/node': version }
  for (const name of others) dependencies[name] = devDependencies[name]
  // `@types/ws` accepts any version of Node's types, and must not bring a second one.
  const manifest = { private: true, type: 'module', dependencies, overrides: { '@types/node': version } }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [...programs.keys()] }))
  for (const [name, text] of programs) writeFileSync(join(folder, name), text)
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder })
}
