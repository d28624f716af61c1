/** Tests which fields the handshake writes itself. */

import { expect, it } from 'vitest'
import { field, requireExtraHeaders } from '../../src/handshake/fields.ts'

it('copies the caller’s fields to a list', () => {
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
it('rejects invalid fields', () => {
  for (const [name, value] of [
    ['a b', 'x'],
    ['', 'x'],
    ['a', 'x\r\ny'],
    ['a', '\0'],
    ['a', '\u0100'],
  ] as const)
    expect(() => requireExtraHeaders([[name, value]])).toThrow(TypeError)
})
it('rejects fields of the handshake and fields that describe a body, in any letter case', () => {
  for (const name of [...Object.values(field), 'Connection', 'Upgrade', 'Content-Length', 'Transfer-Encoding'])
    for (const spelled of [name, name.toLowerCase(), name.toUpperCase()])
      expect(() => requireExtraHeaders([[spelled, 'x']])).toThrow(TypeError)
})
