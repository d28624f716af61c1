/** Holds that fields are found in one pass as they are one by one. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FieldPicker } from '../../src/http/field-picker.ts'
import { getHeaders } from '../../src/http/headers.ts'

const names = ['Host', 'Date', 'Upgrade', 'Connection', 'X']
const picker = new FieldPicker(names)

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
  expect(picker.pick(headers)).toEqual([['a'], ['b'], ['c', 'd', ''], [], []])
  expect(picker.pick([])).toEqual([[], [], [], [], []])
})

it('keeps nothing of one head for the next', () => {
  expect(picker.pick([['X', '1']])[4]).toEqual(['1'])
  expect(picker.pick([['x', '2']])[4]).toEqual(['2'])
  expect(picker.pick([])[4]).toEqual([])
})

it('folds A–Z only', () => {
  expect(new FieldPicker(['K']).pick([['\u212a', 'kelvin']])).toEqual([[]])
  expect(new FieldPicker(['[']).pick([['{', 'brace']])).toEqual([[]])
})

it('finds what a search for each name finds', () => {
  const name = fc.oneof(
    fc.constantFrom(...names, 'HOST', 'x', 'connection', 'Conneçtion', 'Hos', 'Hosts'),
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), (headers) => {
      expect(picker.pick(headers)).toEqual(names.map((each) => getHeaders(headers, each)))
    }),
  )
})

it('tens of thousands of lines take no harm', () => {
  const headers = Array.from({ length: 50_000 }, (_, i) => ['Upgrade', String(i)] as const)
  expect(picker.pick(headers)[2]).toHaveLength(50_000)
})
