/** Knows how `src/` becomes `dist/`. */

import { defineConfig } from 'tsup'

export default defineConfig({
  // The root, and each public folder: one that has an index.ts. `test/package.test.ts` holds `exports` against them.
  entry: ['src/index.ts', 'src/*/index.ts'],
  format: 'esm',
  target: 'es2022',
  // No runtime is preferred: what is imported stays as it is written. Dependencies stay outside of the bundle.
  platform: 'neutral',
  // Shared code goes into chunks, so that each subpath has the same `ProtocolError` and `instanceof` holds.
  splitting: true,
  sourcemap: true,
  clean: true,
  // tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
})
