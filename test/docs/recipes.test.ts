/**
 * The tests that users can copy from `docs/testing.md`: they are as short as it says, and run as they stand. Deno's and Bun's, and whole
 * suites, are run by `npm run test:runtimes`.
 *
 * @module
 */

import { rmSync } from 'node:fs'
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
  expect(namesOf('node').sort()).toEqual([...expected, 'server-suite.test', 'client-suite.test'].sort())
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
  const names = ['server.test.mjs', 'client.test.mjs']
  const { code, passed, output } = await runRecipes(folder, runner, process.execPath, names)
  expect([code, passed], output).toEqual([0, 2])
})
