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
  // tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated.
  // Only codec/zlib looks at Node's types; `src/codec/tsconfig.json` says so too.
  dts: { compilerOptions: { ignoreDeprecations: '6.0', types: ['node'] } },
})
