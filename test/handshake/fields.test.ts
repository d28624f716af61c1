/** Tests which fields the handshake writes itself. */

import { expect, it } from 'vitest'
import { field, requireExtraHeaders } from '../../src/handshake/fields.ts'

it('the caller’s fields become a list', () => {
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
it('invalid fields are rejected', () => {
  for (const [name, value] of [
    ['a b', 'x'],
    ['', 'x'],
    ['a', 'x\r\ny'],
    ['a', '\0'],
    ['a', '\u0100'],
  ] as const)
    expect(() => requireExtraHeaders([[name, value]])).toThrow(TypeError)
})
it('fields of the handshake, and fields that describe a body, are rejected in any letter case', () => {
  for (const name of [...Object.values(field), 'Connection', 'Upgrade', 'Content-Length', 'Transfer-Encoding'])
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase()])
      expect(() => requireExtraHeaders([[spelled, 'x']])).toThrow(TypeError)
})
