/** `npm run fuzz`: bundles the fuzzer, because Node 20 does not run TypeScript, and starts it. */

import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

const root = fileURLToPath(new URL('../..', import.meta.url))
// In this folder, so that it finds its packages; with the process id in its name, so that several runs do not conflict.
const outDir = `${root}node_modules/.cache/fuzz-${process.pid}`
process.on('exit', () => rmSync(outDir, { recursive: true, force: true }))
process.chdir(root)
await build({
  entry: ['test/fuzz/main.ts'],
  config: false,
  outDir,
  format: 'esm',
  target: 'node20',
  platform: 'node',
  external: ['fast-check', 'pako'],
  removeNodeProtocol: false,
  sourcemap: 'inline',
  silent: true,
})
process.setSourceMapsEnabled(true)
await import(pathToFileURL(`${outDir}/main.js`).href)
