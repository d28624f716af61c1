/** Holds which fields the handshake writes itself. */

import { expect, it } from 'vitest'
import { field, toExtraHeaders } from '../../src/handshake/fields.ts'

it('fields of one’s own come through as a list', () => {
  expect(toExtraHeaders(undefined)).toEqual([])
  expect(toExtraHeaders({ cookie: 'a', 'x-y': ['1', '2'] })).toEqual([
    ['cookie', 'a'],
    ['x-y', '1'],
    ['x-y', '2'],
  ])
  expect(toExtraHeaders(new Headers({ __proto__: 'a', Constructor: 'b' }))).toEqual([['constructor', 'b']])
})
it('those of the handshake, and those that tell of a body, do not, in any letter case', () => {
  for (const name of [...Object.values(field), 'Connection', 'Upgrade', 'Content-Length', 'Transfer-Encoding'])
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase()])
      expect(() => toExtraHeaders([[spelled, 'x']])).toThrow(TypeError)
})
