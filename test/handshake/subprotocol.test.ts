/** Holds how a subprotocol is chosen; its field shows in the tests of accept, offer and verify. */

import { describe, expect, it } from 'vitest'
import {
  checkSubprotocolPolicy,
  checkSubprotocols,
  chooseSubprotocol,
  readChosenSubprotocol,
  readOfferedSubprotocols,
  type SubprotocolPolicy,
  selectSubprotocol,
} from '../../src/handshake/subprotocol.ts'

describe('selectSubprotocol', () => {
  it('refuses an unknown option, and names the one that was meant', () => {
    expect(() => selectSubprotocol(['a'], ['a'], { prefers: 'server' } as never)).toThrow('did you mean `prefer`?')
  })
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

describe('chooseSubprotocol', () => {
  const subprotocols = ['v1', 'v2']
  const none = { code: 'subprotocol', status: 400, reference: 'RFC 6455 §4.2.2' }
  it('goes by the client’s order, the server’s, or a function', () => {
    expect(chooseSubprotocol(['v2', 'v1'], { subprotocols })).toBe('v2')
    expect(chooseSubprotocol(['v2', 'v1'], { subprotocols, prefer: 'server' })).toBe('v1')
    expect(chooseSubprotocol(['v2', 'v1'], { subprotocols: (offered) => offered[1] })).toBe('v1')
    expect(chooseSubprotocol(['v2', 'v1'], {})).toBeUndefined()
  })
  it('is none, or a fault where one is required', () => {
    for (const policy of [{ subprotocols }, { subprotocols: () => undefined }]) {
      expect(chooseSubprotocol(['v3'], policy)).toBeUndefined()
      expect(chooseSubprotocol(['v3'], { ...policy, requireSubprotocol: true })).toMatchObject(none)
      expect(chooseSubprotocol([], { ...policy, requireSubprotocol: true })).toMatchObject(none)
    }
  })
  it('says what is required', () => {
    const requireSubprotocol = true
    const message = (offered: string[], policy: SubprotocolPolicy) =>
      (chooseSubprotocol(offered, policy) as unknown as Error).message
    expect(message([], { subprotocols, requireSubprotocol })).toBe(
      'the request offers no subprotocol, where one of v1, v2 is required',
    )
    expect(message(['a', 'b'], { subprotocols, requireSubprotocol })).toBe(
      'none of the 2 subprotocols offered is taken, where one of v1, v2 is required',
    )
    expect(message([], { subprotocols: () => undefined, requireSubprotocol })).toBe(
      'the request offers no subprotocol, where one is required',
    )
    expect(message(['a'], { subprotocols: () => undefined, requireSubprotocol })).toBe(
      'none of the 1 subprotocols offered is taken, where one is required',
    )
  })
  it('a function gets a copy: what was offered stays what it was', () => {
    const offered = ['v1', 'v2']
    expect(chooseSubprotocol(offered, { subprotocols: (names) => (names as string[]).shift() })).toBe('v1')
    expect(offered).toEqual(['v1', 'v2'])
    const smuggle = (names: readonly string[]) => ((names as string[]).push('z') ? 'z' : undefined)
    expect(() => chooseSubprotocol(offered, { subprotocols: smuggle })).toThrow(TypeError)
  })
  it('an answer outside the offer is a mistake, whatever is required', () => {
    for (const requireSubprotocol of [false, true])
      expect(() => chooseSubprotocol(['v1'], { subprotocols: () => 'v2', requireSubprotocol })).toThrow(TypeError)
  })
})

it('checkSubprotocolPolicy finds the server’s mistakes', () => {
  for (const good of [
    {},
    { subprotocols: ['a'], prefer: 'server' },
    { subprotocols: () => undefined, requireSubprotocol: true },
  ])
    expect(() => checkSubprotocolPolicy(good as SubprotocolPolicy)).not.toThrow()
  for (const bad of [
    { prefer: 'sever' },
    { subprotocols: 'a' },
    { subprotocols: ['a b'] },
    { subprotocols: ['a', 'a'] },
    { subprotocols: ['x\r\ny'] },
    { requireSubprotocol: true },
    { subprotocols: [], requireSubprotocol: true },
  ])
    expect(() => checkSubprotocolPolicy(bad as SubprotocolPolicy)).toThrow(TypeError)
})

describe('readOfferedSubprotocols', () => {
  const read = (...values: string[]) => readOfferedSubprotocols(values)
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
  const read = (values: string[], required = false) => readChosenSubprotocol(values, ['a', 'b'], required)
  expect(read(['b'])).toBe('b')
  expect(read([])).toBeUndefined()
  for (const fault of [read(['c']), read(['a', 'b']), read(['']), read([], true)])
    expect(fault).toMatchObject({ code: 'subprotocol', status: undefined, reference: 'RFC 6455 §4.1' })
  // Where none was offered, none can be demanded.
  expect(readChosenSubprotocol([], [], true)).toBeUndefined()
})
