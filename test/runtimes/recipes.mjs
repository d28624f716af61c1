/** The tests that users can copy from `docs/testing.md`, each run unchanged by its test runner. */

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runRecipes, writeRecipes } from '../docs/recipes.mjs'
import { root } from './processes.mjs'
import { environment } from './programs.mjs'

const mjs = { tests: ['server.test.mjs', 'client.test.mjs'], suite: 'suite.test.mjs' }
const ts = { tests: ['server.test.ts', 'client.test.ts'], suite: 'suite.test.ts' }

const runners = [
  { runner: 'node', families: ['Node'], ...mjs, suite: 'server-suite.test.mjs', clientSuite: 'client-suite.test.mjs' },
  { runner: 'vitest', families: ['Node'], ...mjs },
  { runner: 'deno', families: ['Deno'], ...ts },
  { runner: 'bun', families: ['Bun'], ...ts },
]

/** Runs the tests, and then the whole suites. In these a third-party agent may fail, but each case must have a result. */
export async function* tryRecipes({ family }, { program }) {
  const folder = writeRecipes()
  try {
    for (const { runner, families, tests, suite, clientSuite } of runners) {
      const suites = clientSuite === undefined ? { server: suite } : { server: suite, client: clientSuite }
      const run = (names) => runRecipes(folder, runner, program, names, environment)
      const isFor = families.includes(family)
      const others = { state: 'n/a', reason: `for ${families.join(', ')}` }
      const name = `docs/testing.md: ${runner}`
      yield {
        case: name,
        ...(isFor ? judge(await run(tests), (result) => result.passed === 2 && result.code === 0) : others),
      }
      for (const [side, file] of Object.entries(suites)) {
        const count = countCases(side)
        const isWhole = ({ passed, failed, skipped }) =>
          passed + failed + skipped === count && passed > 0.8 * (count - skipped)
        yield { case: `${name}, all cases of a ${side}`, ...(isFor ? judge(await run([file]), isWhole) : others) }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function countCases(side) {
  return JSON.parse(readFileSync(join(root, `dist/testing/${side}.json`), 'utf8')).cases.length
}

function judge(result, isRight) {
  if (isRight(result)) return { state: 'ok' }
  const { code, passed, failed, skipped, output } = result
  return {
    state: 'FAIL',
    reason: `exit code ${code}, ${passed} passed, ${failed} failed, ${skipped} skipped\n${output.slice(-2000)}`,
  }
}
