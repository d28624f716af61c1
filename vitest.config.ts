/** Knows how the tests are run: from source, nothing aliased, so that what a test imports is what it says. */

import { defineConfig } from 'vitest/config'

/** Of several runs each has its own. */
const report = process.env.REPORT ?? 'tests'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Other runtimes run the built package: `npm run test:runtimes`; others install it: `npm run test:consumers`.
    exclude: ['**/node_modules/**', 'test/runtimes/**', 'test/consumers/**'],
    // No test replaces a module or leaves anything behind; a process for each file would take as long as all of the tests.
    isolate: false,
    maxWorkers: '100%',
    testTimeout: 15_000,
    hookTimeout: 15_000,
    // CI adds up the totals of several runners, so it needs this one's in a file.
    reporters: process.env.CI ? ['default', ['json', { outputFile: `reports/${report}.json` }]] : ['default'],
  },
})
