import { expect, test } from 'vitest'
import { join } from '../../src/bytes/join.ts'
import { hex } from '../wire.ts'

test('joins arrays in order, returns a single array without a copy, and returns an empty array for none', () => {
  const single = hex('01')
  expect(join([hex('01 02'), hex(''), hex('03')])).toEqual(hex('01 02 03'))
  expect(join([single])).toBe(single)
  expect(join([])).toEqual(hex(''))
})
