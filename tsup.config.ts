/**
 * Builds `dist/` from `src/`: an entry for each subpath, and `core.js` with all that the root needs, because each file costs time to
 * load. `test/package.test.ts` compares `exports` in package.json with what is built. Conformance cases are in no entry: they are
 * written as JSON.
 *
 * @module
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rollup } from 'rollup'
import { defineConfig } from 'tsup'
import { clientCases, serverCases } from './src/cases/all.ts'
import type { Case } from './src/testing/case.ts'
import { parseCases } from './src/testing/parse-cases.ts'
import { caseFileSchema } from './src/testing/schema.ts'

const codecs = ['codec/pako', 'codec/zlib']
const entries = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /(^|\/)index\.ts$/.test(path))
  .map((path) => path.replace('.ts', ''))
  .concat(codecs, 'cli/main')

/** esbuild makes a chunk for each set of entries that share code. Joins those that the root loads. */
async function joinChunks(): Promise<void> {
  const root = join(process.cwd(), 'dist/index.js')
  const bundle = await rollup({
    input: Object.fromEntries(entries.map((entry) => [entry, join('dist', `${entry}.js`)])),
    external: (name) => !/^[./]/.test(name),
    // esbuild has dropped what nobody uses.
    treeshake: false,
    plugins: [{ name: 'source-maps', load: readBuilt }],
  })
  for (const file of readdirSync('dist').filter((name) => name.startsWith('chunk-'))) rmSync(join('dist', file))
  await bundle.write({
    dir: 'dist',
    sourcemap: true,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    chunkFileNames: '[name].js',
    manualChunks: (id, { getModuleInfo }) => {
      const isLoaded = (from: string): boolean =>
        from === id || (getModuleInfo(from)?.importedIds ?? []).some((next) => next !== from && isLoaded(next))
      return id !== root && isLoaded(root) ? 'core' : undefined
    },
  })
}

function readBuilt(path: string): { code: string; map: string } {
  return { code: readFileSync(path, 'utf8'), map: readFileSync(`${path}.map`, 'utf8') }
}

/** A line a case, so that a changed one can be found. */
function writeCases(side: string, cases: readonly Case[]): void {
  parseCases({ format: 1, cases })
  const lines = cases.map((one) => JSON.stringify(one)).join(',\n')
  writeFileSync(`dist/testing/${side}.json`, `{"format":1,"cases":[\n${lines}\n]}\n`)
}

export default defineConfig({
  entry: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
  format: 'esm',
  target: 'es2022',
  // For every runtime. Dependencies, pako too, stay outside the bundle.
  platform: 'neutral',
  external: [/^node:/],
  // Without `node:` only Node finds the module.
  removeNodeProtocol: false,
  // Shared code goes into chunks, so that all subpaths have the same `ProtocolError` and `instanceof` works.
  splitting: true,
  sourcemap: true,
  clean: true,
  // tsup adds imports of nothing (`import "./chunk.js"`) between chunks. No module here has side effects, and each would be loaded.
  // An empty line remains, for the source map.
  plugins: [{ name: 'no-empty-imports', renderChunk: (code) => ({ code: code.replace(/^import "\.[^"]*";$/gm, '') }) }],
  onSuccess: async () => {
    await joinChunks()
    writeCases('server', serverCases)
    writeCases('client', clientCases)
    writeFileSync('dist/testing/schema.json', `${JSON.stringify(caseFileSchema, undefined, 2)}\n`)
  },
  dts: {
    // Nobody imports the command.
    entry: Object.fromEntries(
      entries.filter((entry) => !entry.startsWith('cli/')).map((entry) => [entry, `src/${entry}.ts`]),
    ),
    // tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated.
    // Only codec/zlib uses Node's types, as `src/codec/tsconfig.json` says too.
    compilerOptions: { ignoreDeprecations: '6.0', types: ['node'], stripInternal: true },
  },
})
