/**
 * Knows how `src/` becomes `dist/`: in few files, for each one costs a millisecond to load, and all of it loads faster as one than a
 * room by itself in its parts. `test/package.test.ts` holds `exports` against what is built.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { defineConfig } from 'tsup'
import ts from 'typescript'

/** Not in the root, so built beside it. */
const apart = ['src/streams/index.ts', 'src/testing/index.ts', 'src/codec/pako.ts', 'src/codec/zlib.ts']

/** The rooms that the root is the sum of: their files name what of the root is theirs. */
const rooms = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => `src/${path.replaceAll('\\', '/')}`)
  .filter((path) => /^src\/.+\/index\.ts$/.test(path) && !apart.includes(path))

/** What an `index.ts` exports, types left out. */
function exportedNames(path: string): string[] {
  const { statements } = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022)
  return statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) return []
    if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause))
      throw new Error(`${path} exports without names, so nobody can tell which of the root are its`)
    return statement.exportClause.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name }) => name.text)
  })
}

function writeRoom(path: string): void {
  const target = path.replace('src/', 'dist/').replace(/\.ts$/, '.js')
  const names = exportedNames(path).sort()
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, `export {\n${names.map((name) => `  ${name},\n`).join('')}} from '../index.js'\n`)
}

export default defineConfig({
  entry: ['src/index.ts', ...apart],
  format: 'esm',
  target: 'es2022',
  // No runtime is preferred: what is imported stays as it is written. Dependencies, pako too, stay outside of the bundle.
  platform: 'neutral',
  external: ['node:zlib'],
  // Else `node:` is cut off, which only Node understands.
  removeNodeProtocol: false,
  // Shared code goes into chunks, so that each subpath has the same `ProtocolError` and `instanceof` holds.
  splitting: true,
  sourcemap: true,
  clean: true,
  // A chunk names the chunks that its own need, by imports of nothing. No module here does anything when it is loaded, and whoever
  // bundles a linked copy is warned of each. What stays is an empty line, for the source map.
  plugins: [{ name: 'no-empty-imports', renderChunk: (code) => ({ code: code.replace(/^import "\.[^"]*";$/gm, '') }) }],
  onSuccess: async () => rooms.forEach(writeRoom),
  dts: {
    entry: ['src/index.ts', ...rooms, ...apart],
    // tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated.
    // Only codec/zlib looks at Node's types; `src/codec/tsconfig.json` says so too.
    compilerOptions: { ignoreDeprecations: '6.0', types: ['node'] },
  },
})
