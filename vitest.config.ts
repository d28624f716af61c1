/** How tests run: from source, with nothing aliased, so that a test imports what it says. */

import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/** `npm run test:long` runs the tests of which `npm test` runs a share: those that import `share.ts`. */
function listLongTests(): string[] {
  const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'))
  return files.map((file) => `test/${file}`).filter((file) => readFileSync(file, 'utf8').includes('/share.ts'))
}

/** Each of several runs has its own. */
const report = process.env.REPORT ?? 'tests'

export default defineConfig({
  test: {
    include: process.env.LONG ? listLongTests() : ['test/**/*.test.ts'],
    // Other runtimes run the built package: `npm run test:runtimes`; others install it: `npm run test:consumers`.
    exclude: ['**/node_modules/**', 'test/runtimes/**', 'test/consumers/**'],
    // No test replaces a module or leaves anything behind, and a process for each file takes longer than the tests.
    isolate: false,
    maxWorkers: '100%',
    // Most tests take milliseconds. Some that compute take 10 s on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // CI adds up the totals of several runners, so it needs this one's in a file.
    reporters: process.env.CI ? ['default', ['json', { outputFile: `reports/${report}.json` }]] : ['default'],
  },
})
