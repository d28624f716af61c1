/** Tests that one pass finds the same fields as a search for each. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createFieldPicker } from '../../src/http/field-picker.ts'
import { getHeaders } from '../../src/http/headers.ts'

const names = ['Host', 'Date', 'Upgrade', 'Connection', 'X'] as const
const pick = createFieldPicker(names)

it('returns every value of each name, in order, in any letter case', () => {
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
  expect(pick(headers)).toEqual([['a'], ['b'], ['c', 'd', ''], [], []])
  expect(pick([])).toEqual([[], [], [], [], []])
})

it('keeps no values of one head for the next', () => {
  expect(pick([['X', '1']])[4]).toEqual(['1'])
  expect(pick([['x', '2']])[4]).toEqual(['2'])
  expect(pick([])[4]).toEqual([])
})

it('folds A–Z only', () => {
  expect(createFieldPicker(['K'])([['\u212a', 'kelvin']])).toEqual([[]])
  expect(createFieldPicker(['['])([['{', 'brace']])).toEqual([[]])
})

it('finds what a search for each name finds', () => {
  const name = fc.oneof(
    fc.constantFrom(...names, 'HOST', 'x', 'connection', 'Conneçtion', 'Hos', 'Hosts'),
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), (headers) => {
      expect(pick(headers)).toEqual(names.map((each) => getHeaders(headers, each)))
    }),
  )
})

it('picks from tens of thousands of lines', () => {
  const headers = Array.from({ length: 50_000 }, (_, i) => ['Upgrade', String(i)] as const)
  expect(pick(headers)[2]).toHaveLength(50_000)
})
