/** Results as JSON. */

import { expect, test } from 'vitest'
import { formatJson } from '../../../src/cli/output/json.ts'
import { bad, mixed, report } from './fixtures.ts'

test('one report is written as it is, several as a list', () => {
  const other = report([bad], 'other')
  expect(JSON.parse(formatJson([mixed]))).toEqual(mixed)
  expect(JSON.parse(formatJson([mixed, other]))).toEqual([mixed, other])
})
