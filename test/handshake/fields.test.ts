/** Holds which fields the handshake writes itself. */

import { expect, it } from 'vitest'
import { field, requireExtraHeaders } from '../../src/handshake/fields.ts'

it('fields of one’s own come through as a list', () => {
  expect(requireExtraHeaders(undefined)).toEqual([])
  expect(requireExtraHeaders({ cookie: 'a', 'x-y': ['1', '2'] })).toEqual([
    ['cookie', 'a'],
    ['x-y', '1'],
    ['x-y', '2'],
  ])
  const hostile = [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ] as const
  expect(requireExtraHeaders(hostile)).toEqual(hostile)
  expect(requireExtraHeaders({ ['__proto__']: 'a', constructor: 'b' })).toEqual(hostile)
})
it('what no field can carry does not, whoever writes it then', () => {
  for (const [name, value] of [
    ['a b', 'x'],
    ['', 'x'],
    ['a', 'x\r\ny'],
    ['a', '\0'],
    ['a', '\u0100'],
  ] as const)
    expect(() => requireExtraHeaders([[name, value]])).toThrow(TypeError)
})
it('those of the handshake, and those that tell of a body, do not, in any letter case', () => {
  for (const name of [...Object.values(field), 'Connection', 'Upgrade', 'Content-Length', 'Transfer-Encoding'])
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase()])
      expect(() => requireExtraHeaders([[spelled, 'x']])).toThrow(TypeError)
})
