/**
 * The stored results: complete, only of existing cases, and shown in the guide's tables.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { clientCases, serverCases } from '../../src/cases/all.ts'
import { formatTable, listResults } from './results.mjs'

const guide = readFileSync(fileURLToPath(new URL('../../docs/conformance.md', import.meta.url)), 'utf8')
const casesOf = { server: serverCases, client: clientCases }

describe.each(['server', 'client'] as const)('the stored results of %ss', (side) => {
  const overHttp1 = casesOf[side].filter(({ carriers }) => carriers.includes('http/1.1'))
  const ids = new Set(overHttp1.map(({ id }) => id))

  test.each(listResults(side).map((results) => [results.agent.name, results] as const))(
    '%s: cover all cases, and no others',
    (_, results) => {
      expect(Object.keys(results.cases).filter((id) => !ids.has(id))).toEqual([])
      const counted = Object.values(results.sections).flatMap((section) => Object.values(section))
      expect(counted.reduce((sum, number) => sum + number, 0)).toBe(ids.size)
    },
  )

  test('equal the table of the guide', () => {
    expect(guide).toContain(formatTable(side))
  })
})
