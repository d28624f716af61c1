/** Holds that fields are found in one pass as they are one by one. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FieldIndex } from '../../src/http/field-index.ts'
import { getHeaders } from '../../src/http/headers.ts'

const names = ['Host', 'Date', 'Upgrade', 'Connection', 'X']
const index = new FieldIndex(names)

it('gives every value of each name, in order, in any letter case', () => {
  const headers = [
    ['host', 'a'],
    ['DATE', 'b'],
    ['Upgrade', 'c'],
    ['upgradE', 'd'],
    ['Vary', 'e'],
    ['Upgrade-Insecure-Requests', 'f'],
    ['Upgrade', ''],
    ['', 'g'],
    ['__proto__', 'h'],
  ] as const
  expect(index.pick(headers)).toEqual([['a'], ['b'], ['c', 'd', ''], [], []])
  expect(index.pick([])).toEqual([[], [], [], [], []])
})

it('keeps nothing of one head for the next', () => {
  expect(index.pick([['X', '1']])[4]).toEqual(['1'])
  expect(index.pick([['x', '2']])[4]).toEqual(['2'])
  expect(index.pick([])[4]).toEqual([])
})

it('folds A–Z only', () => {
  expect(new FieldIndex(['K']).pick([['\u212a', 'kelvin']])).toEqual([[]])
  expect(new FieldIndex(['[']).pick([['{', 'brace']])).toEqual([[]])
})

it('finds what a search for each name finds', () => {
  const name = fc.oneof(
    fc.constantFrom(...names, 'HOST', 'x', 'connection', 'Conneçtion', 'Hos', 'Hosts'),
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), (headers) => {
      expect(index.pick(headers)).toEqual(names.map((each) => getHeaders(headers, each)))
    }),
  )
})

it('tens of thousands of lines take no harm', () => {
  const headers = Array.from({ length: 50_000 }, (_, i) => ['Upgrade', String(i)] as const)
  expect(index.pick(headers)[2]).toHaveLength(50_000)
})
