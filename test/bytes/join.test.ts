import { expect, test } from 'vitest'
import { join } from '../../src/bytes/join.ts'
import { hex } from '../wire.ts'

test('arrays become one, in order; a single one stays what it is; none are none', () => {
  const single = hex('01')
  expect(join([hex('01 02'), hex(''), hex('03')])).toEqual(hex('01 02 03'))
  expect(join([single])).toBe(single)
  expect(join([])).toEqual(hex(''))
})
