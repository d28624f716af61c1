/**
 * Completes the site after typedoc: adds the pages of cases, with a link to them in the guide, and the inspector; then checks all links.
 * Part of `npm run docs`.
 */

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'
import { findErrors } from '../check.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
process.chdir(root)

// Node 20 does not run TypeScript.
const outDir = join(root, `node_modules/.cache/cases-${process.pid}`)
process.on('exit', () => rmSync(outDir, { recursive: true, force: true }))
await build({
  entry: { pages: 'docs/cases/pages.ts', cases: 'src/cases/all.ts' },
  config: false,
  outDir,
  format: 'esm',
  target: 'node20',
  platform: 'node',
  silent: true,
})
/** @param {string} name */
const load = (name) => import(pathToFileURL(join(outDir, name)).href)
const { formatPages } = await load('pages.js')
const { serverCases, clientCases } = await load('cases.js')

const pages = formatPages([...serverCases, ...clientCases], readResults('test/conformance/results'))
for (const [path, text] of pages) {
  const file = join('site/cases', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
linkGuide('site/documents/conformance.html')
await addInspector()
const errors = findErrors('site')
if (errors.length > 0) throw new Error(`The site has errors:\n${errors.join('\n')}`)
console.log(`${pages.size} pages of cases in site/cases/`)

/** Reads the stored results of agents. @param {string} folder */
function readResults(folder) {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
  return files.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

/** Links the name of the pages' folder in the guide to their index, which only the site has. @param {string} file */
function linkGuide(file) {
  const text = readFileSync(file, 'utf8')
  const folder = '<code>site/cases/</code>'
  if (!text.includes(folder)) throw new Error(`${file} does not name site/cases/`)
  writeFileSync(file, text.replace(folder, `<a href="../cases/index.html">${folder}</a>`))
}

/** Guides link to the inspector's page, which typedoc copies: its program and its style are put beside it. */
async function addInspector() {
  const { exports } = JSON.parse(readFileSync('jsr.json', 'utf8'))
  const alias = Object.entries(exports).map(([name, path]) => [
    `websocket-primitives${name.slice(1)}`,
    join(root, path),
  ])
  await build({
    entry: { inspector: 'examples/inspector/main.ts' },
    config: false,
    outDir: 'site/media/dist',
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    noExternal: [/./],
    esbuildOptions: (options) => Object.assign(options, { alias: Object.fromEntries(alias) }),
    minify: true,
    silent: true,
  })
  copyFileSync('examples/inspector/style.css', 'site/media/style.css')
}
