/**
 * Slugs never change: reports, lists of expected failures and links name them. `slugs.txt` holds all that there have been.
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

test('no slug has gone', () => {
  const gone = known.filter((slug) => !slugs.includes(slug))
  expect(gone, 'cases keep their slugs: give the changed ones theirs back, in src/cases/').toEqual([])
})

test('every slug is in the list', () => {
  const file = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  const added = slugs.filter((slug) => !file.includes(slug))
  expect(added, 'add new cases by `ADD=slugs npx vitest run test/cases/slugs.test.ts`').toEqual([])
  expect(file).toEqual([...new Set(file)].sort())
})
