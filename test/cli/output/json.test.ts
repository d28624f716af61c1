/** Results as JSON. */

import { expect, test } from 'vitest'
import { formatJson } from '../../../src/cli/output/json.ts'
import { bad, mixed, report } from './fixtures.ts'

test('writes one report as an object, several as a list', () => {
  const other = report([bad], 'other')
  expect(JSON.parse(formatJson([mixed]))).toEqual(mixed)
  expect(JSON.parse(formatJson([mixed, other]))).toEqual([mixed, other])
})
