/** Knows how `src/` becomes `dist/`. */

import { defineConfig } from 'tsup'

export default defineConfig({
  // The root, each public folder (one that has an index.ts), and each codec. `test/package.test.ts` holds `exports` against them.
  entry: ['src/index.ts', 'src/*/index.ts', 'src/codec/pako.ts', 'src/codec/zlib.ts'],
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
  // tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated.
  // Only codec/zlib looks at Node's types; `src/codec/tsconfig.json` says so too.
  dts: { compilerOptions: { ignoreDeprecations: '6.0', types: ['node'] } },
})
