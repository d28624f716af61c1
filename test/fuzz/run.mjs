/** `npm run fuzz`: bundles the fuzzer, for Node 20 runs no TypeScript, and starts it. */

import { rmSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'tsup'

const root = fileURLToPath(new URL('../..', import.meta.url))
// In here, so that it finds its packages; by its own number, so that several runs do not get into each other's way.
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
