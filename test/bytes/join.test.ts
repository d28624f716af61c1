import { expect, test } from 'vitest'
import { join } from '../../src/bytes/join.ts'
import { hex } from '../wire.ts'

test('arrays are joined in order; a single one is returned as it is; none gives an empty array', () => {
  const single = hex('01')
  expect(join([hex('01 02'), hex(''), hex('03')])).toEqual(hex('01 02 03'))
  expect(join([single])).toBe(single)
  expect(join([])).toEqual(hex(''))
})
