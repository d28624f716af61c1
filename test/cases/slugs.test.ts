/**
 * Slugs never change, because reports, lists of expected failures and links use them. `slugs.txt` contains all slugs so far.
 *
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { clientCases, serverCases } from '../../src/cases/all.ts'

const path = fileURLToPath(new URL('slugs.txt', import.meta.url))
const known = readFileSync(path, 'utf8').split('\n').filter(Boolean)
const slugs = [...serverCases, ...clientCases].map(({ id }) => id)

/** Adds new ones, and never removes one. */
if (process.env.ADD === 'slugs') writeFileSync(path, `${[...new Set([...known, ...slugs])].sort().join('\n')}\n`)

test('removes no slug', () => {
  const gone = known.filter((slug) => !slugs.includes(slug))
  expect(gone, 'slugs must not change: restore them in src/cases/').toEqual([])
})

test('lists every slug', () => {
  const file = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  const added = slugs.filter((slug) => !file.includes(slug))
  expect(added, 'add new cases with `ADD=slugs npx vitest run test/cases/slugs.test.ts`').toEqual([])
  expect(file).toEqual([...new Set(file)].sort())
})
