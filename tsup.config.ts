/**
 * Builds `dist/` from `src/`. The root is one file, because each file costs a millisecond to load; its subpaths re-export from it.
 * `test/package.test.ts` compares `exports` in package.json with what is built.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { defineConfig } from 'tsup'
import ts from 'typescript'

/** Subpaths that are not part of the root. */
const apart = ['src/streams/index.ts', 'src/testing/index.ts', 'src/codec/pako.ts', 'src/codec/zlib.ts']

/** Subpaths that are part of the root. */
const partsOfRoot = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => `src/${path.replaceAll('\\', '/')}`)
  .filter((path) => /^src\/.+\/index\.ts$/.test(path) && !apart.includes(path))

/** The names that an `index.ts` exports, without types. */
function exportedNames(path: string): string[] {
  const { statements } = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022)
  return statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) return []
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause))
      throw new Error(`${path} must export by name, so that its subpath can`)
    return statement.exportClause.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name.text)
  })
}

function writeSubpath(path: string): void {
  const target = path.replace('src/', 'dist/').replace(/\.ts$/, '.js')
  const names = exportedNames(path).sort()
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, `export {\n${names.map((name) => `  ${name},\n`).join('')}} from '../index.js'\n`)
}

export default defineConfig({
  entry: ['src/index.ts', ...apart],
  format: 'esm',
  target: 'es2022',
  // For every runtime. Dependencies, pako too, stay outside the bundle.
  platform: 'neutral',
  external: ['node:zlib'],
  // Without `node:` only Node finds the module.
  removeNodeProtocol: false,
  // Shared code goes into chunks, so that all subpaths have the same `ProtocolError` and `instanceof` works.
  splitting: true,
  sourcemap: true,
  clean: true,
  // tsup adds imports of nothing (`import "./chunk.js"`) between chunks. No module here has side effects, and bundlers warn about
  // each such import in a linked copy. An empty line remains, for the source map.
  plugins: [{ name: 'no-empty-imports', renderChunk: (code) => ({ code: code.replace(/^import "\.[^"]*";$/gm, '') }) }],
  onSuccess: async () => partsOfRoot.forEach(writeSubpath),
  dts: {
    entry: ['src/index.ts', ...partsOfRoot, ...apart],
    // tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated.
    // Only codec/zlib uses Node's types, as `src/codec/tsconfig.json` says too.
    compilerOptions: { ignoreDeprecations: '6.0', types: ['node'], stripInternal: true },
  },
})
