/**
 * The tests that users can copy from `docs/testing.md`: they are as short as the guide says, and run unchanged. Deno's and Bun's, and whole
 * suites, are run by `npm run test:runtimes`.
 *
 * @module
 */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { patient } from '../peers/support.ts'
import { findRecipes, runRecipes, writeRecipes } from './recipes.mjs'

vi.setConfig(patient)

const recipes = findRecipes()
const folder = writeRecipes()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('each runner has a server, a client, a test of each, and the whole suite', () => {
  const expected = ['server', 'server.test', 'client', 'client.test']
  const namesOf = (runner: string): string[] =>
    [...recipes.keys()]
      .filter((path) => path.startsWith(`${runner}/`))
      .map((path) => path.replace(/^.*\/|\.m?[jt]s$/g, ''))
  const others = ['memory.test', 'waits.test', 'server-suite.test', 'client-suite.test']
  expect(namesOf('node').sort()).toEqual([...expected, ...others].sort())
  for (const runner of ['vitest', 'deno', 'bun'])
    expect(namesOf(runner).sort(), runner).toEqual([...expected, 'suite.test'].sort())
})

describe('ten lines', () => {
  const lines = (code: string): number => code.split('\n').filter((line) => line.trim() !== '').length

  test.each([...recipes.keys()].filter((path) => /server\.test/.test(path)))('%s in full', (path) => {
    expect(lines(recipes.get(path) ?? '')).toBeLessThanOrEqual(10)
  })

  test.each([...recipes.keys()].filter((path) => /client\.test/.test(path)))('%s without its imports', (path) => {
    const code = (recipes.get(path) ?? '').replace(/^import .*\n/gm, '')
    expect(lines(code)).toBeLessThanOrEqual(10)
  })
})

test.each(['node', 'vitest'] as const)('the tests for %s pass', async (runner) => {
  const names = [
    'server.test.mjs',
    'client.test.mjs',
    ...(runner === 'node' ? ['memory.test.mjs', 'waits.test.mjs'] : []),
  ]
  const { code, passed, output } = await runRecipes(folder, runner, process.execPath, names)
  expect([code, passed], output).toEqual([0, names.length])
})

describe.each([
  ['node', 'server-suite.test.mjs', 'server/host/query', 'server/key/missing'],
  ['node', 'client-suite.test.mjs', 'client/fields/fold', 'client/upgrade/missing'],
  ['vitest', 'suite.test.mjs', 'server/host/query', 'server/key/missing'],
] as const)('%s: %s', (runner, name, failing, passing) => {
  const recipe = recipes.get(`${runner}/${name}`) ?? ''

  /** Runs two cases of the suite with this file of expected failures. */
  async function runTwo(expected: Readonly<Record<string, string>>): Promise<readonly (number | null)[]> {
    const two = `file.cases.filter(({ id }) => ${JSON.stringify([failing, passing])}.includes(id))`
    expect(recipe).toContain("import expected from './expected.json' with { type: 'json' }\n")
    writeFileSync(join(folder, runner, 'two.test.mjs'), recipe.replace('file.cases', two))
    writeFileSync(join(folder, runner, 'expected.json'), JSON.stringify(expected))
    const result = await runRecipes(folder, runner, process.execPath, ['two.test.mjs'])
    return [result.passed, result.failed, result.code]
  }

  test('is green if the verdicts are unchanged', async () => {
    expect(await runTwo({ [failing]: 'fail' })).toEqual([2, 0, 0])
  })

  test('is red for an unexpected failure, and for an expected failure that no longer occurs', async () => {
    expect(await runTwo({})).toEqual([1, 1, 1])
    expect(await runTwo({ [failing]: 'fail', [passing]: 'fail' })).toEqual([1, 1, 1])
  })
})

test('a client that does not connect fails its case, and is not waited for forever', async () => {
  const recipe = recipes.get('node/client-suite.test.mjs') ?? ''
  const changes = [
    ['file.cases', 'file.cases.slice(0, 1)'],
    ["import { run } from './client.mjs'", 'const run = () => {}'],
    ['60_000', '100'],
  ] as const
  for (const [written] of changes) expect(recipe).toContain(written)
  const code = changes.reduce((text, [written, other]) => text.replace(written, other), recipe)
  writeFileSync(join(folder, 'node/absent.test.mjs'), code)
  const { passed, failed, output } = await runRecipes(folder, 'node', process.execPath, ['absent.test.mjs'])
  expect([passed, failed]).toEqual([0, 1])
  expect(output).toContain('error: The run was stopped.')
})
