/** Holds how a subprotocol is chosen; its field shows in the tests of accept, offer and verify. */

import { describe, expect, it } from 'vitest'
import {
  checkSubprotocols,
  readChosenSubprotocol,
  readOfferedSubprotocols,
  selectSubprotocol,
} from '../../src/handshake/subprotocol.ts'

describe('selectSubprotocol', () => {
  it('goes by the client’s order, or the server’s', () => {
    expect(selectSubprotocol(['v2', 'v1'], ['v1', 'v2'])).toBe('v2')
    expect(selectSubprotocol(['v2', 'v1'], ['v1', 'v2'], { prefer: 'client' })).toBe('v2')
    expect(selectSubprotocol(['v2', 'v1'], ['v1', 'v2'], { prefer: 'server' })).toBe('v1')
  })
  it('is none where nothing is shared, letter case included', () => {
    for (const prefer of ['client', 'server'] as const) {
      expect(selectSubprotocol(['a'], ['A', 'b'], { prefer })).toBeUndefined()
      expect(selectSubprotocol([], ['a'], { prefer })).toBeUndefined()
      expect(selectSubprotocol(['a'], [], { prefer })).toBeUndefined()
      expect(selectSubprotocol(['constructor', '__proto__'], ['a'], { prefer })).toBeUndefined()
    }
  })
})

describe('readOfferedSubprotocols', () => {
  const read = (...values: string[]) =>
    readOfferedSubprotocols(values.map((value) => ['SEC-websocket-protocol', value] as const))
  it('joins lines, and counts a repeat once, where it stood first', () => {
    expect(read()).toEqual([])
    expect(read('b, a', 'c,,a', 'B')).toEqual(['b', 'a', 'c', 'B'])
  })
  it('a list of nothing is none', () => {
    for (const value of ['', ' ', ',', ' , '])
      expect(read(value)).toMatchObject({ code: 'subprotocol', status: 400, reference: 'RFC 6455 §4.3' })
    expect(read('', 'a')).toEqual(['a'])
  })
  it('tens of thousands take no harm', () => {
    const names = Array.from({ length: 30_000 }, (_, i) => `p${i}`)
    expect(read(names.join())).toEqual(names)
  })
})

it('checkSubprotocols wants tokens, none twice', () => {
  expect(() => checkSubprotocols(['a', 'A', 'b.c+d'])).not.toThrow()
  for (const bad of [['a', 'a'], [''], ['a b'], ['é']]) expect(() => checkSubprotocols(bad)).toThrow(TypeError)
})

it('readChosenSubprotocol gives one of the offered, none, or what is wrong', () => {
  const read = (values: string[], required = false) =>
    readChosenSubprotocol(
      values.map((value) => ['sec-websocket-protocol', value] as const),
      ['a', 'b'],
      required,
    )
  expect(read(['b'])).toBe('b')
  expect(read([])).toBeUndefined()
  for (const fault of [read(['c']), read(['a', 'b']), read(['']), read([], true)])
    expect(fault).toMatchObject({ code: 'subprotocol', status: undefined, reference: 'RFC 6455 §4.1' })
  // Where none was offered, none can be demanded.
  expect(readChosenSubprotocol([], [], true)).toBeUndefined()
})
