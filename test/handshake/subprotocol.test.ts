/** Tests how a subprotocol is chosen. The tests of accept, offer and verify cover its field. */

import { describe, expect, it } from 'vitest'
import { attempt } from '../../src/errors.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import {
  readChosenSubprotocol,
  readOfferedSubprotocols,
  requireSubprotocolPolicy,
  requireSubprotocols,
  type SubprotocolPolicy,
  selectSubprotocol,
} from '../../src/handshake/subprotocol.ts'
import { opening } from './opening.ts'

describe('selectSubprotocol', () => {
  it('rejects an unknown option, and names the nearest one', () => {
    expect(() => selectSubprotocol(['a'], ['a'], { prefers: 'server' } as never)).toThrow('did you mean `prefer`?')
  })
  it('follows the client’s order, or the server’s', () => {
    expect(selectSubprotocol(['v2', 'v1'], ['v1', 'v2'])).toBe('v2')
    expect(selectSubprotocol(['v2', 'v1'], ['v1', 'v2'], { prefer: 'client' })).toBe('v2')
    expect(selectSubprotocol(['v2', 'v1'], ['v1', 'v2'], { prefer: 'server' })).toBe('v1')
  })
  it('is undefined if nothing matches exactly', () => {
    for (const prefer of ['client', 'server'] as const) {
      expect(selectSubprotocol(['a'], ['A', 'b'], { prefer })).toBeUndefined()
      expect(selectSubprotocol([], ['a'], { prefer })).toBeUndefined()
      expect(selectSubprotocol(['a'], [], { prefer })).toBeUndefined()
      expect(selectSubprotocol(['constructor', '__proto__'], ['a'], { prefer })).toBeUndefined()
    }
  })
})

describe('a server’s choice', () => {
  const subprotocols = ['v1', 'v2']
  const choose = (offered: string[], policy: SubprotocolPolicy) => {
    const headers = offered.length === 0 ? {} : { 'Sec-WebSocket-Protocol': offered.join() }
    const accepted = acceptHandshake(opening(headers), policy)
    return accepted.ok ? accepted.subprotocol : accepted.errors[0]
  }
  const none = { code: 'subprotocol', status: 400, reference: 'RFC 6455 §4.2.2' }
  it('follows the client’s order, the server’s, or a function', () => {
    expect(choose(['v2', 'v1'], { subprotocols })).toBe('v2')
    expect(choose(['v2', 'v1'], { subprotocols, prefer: 'server' })).toBe('v1')
    expect(choose(['v3', 'v2'], { subprotocols, prefer: 'server' })).toBe('v2')
    expect(choose(['v2', 'v1'], { subprotocols: (offered) => offered[1] })).toBe('v1')
    expect(choose(['v2', 'v1'], {})).toBeUndefined()
  })
  it('is undefined, or an error if one is required', () => {
    for (const policy of [{ subprotocols }, { subprotocols: () => undefined }]) {
      expect(choose(['v3'], policy)).toBeUndefined()
      expect(choose(['v3'], { ...policy, requireSubprotocol: true })).toMatchObject(none)
      expect(choose([], { ...policy, requireSubprotocol: true })).toMatchObject(none)
    }
  })
  it('is reported as missing with the supported names', () => {
    const requireSubprotocol = true
    const message = (offered: string[], policy: SubprotocolPolicy) =>
      (choose(offered, policy) as unknown as Error).message
    expect(message([], { subprotocols, requireSubprotocol })).toBe('subprotocols offered: 0, expected v1 or v2')
    expect(message(['a', 'b'], { subprotocols, requireSubprotocol })).toBe('subprotocols offered: 2, expected v1 or v2')
    expect(message(['a'], { subprotocols: () => undefined, requireSubprotocol })).toBe(
      'subprotocols offered: 1, expected a supported one',
    )
  })
  it('is made by a function that gets a copy, and cannot add to the offer', () => {
    const smuggle = (names: readonly string[]) => ((names as string[]).push('z') ? 'z' : undefined)
    expect(() => choose(['v1', 'v2'], { subprotocols: smuggle })).toThrow(TypeError)
    const accepted = acceptHandshake(opening({ 'Sec-WebSocket-Protocol': 'v1, v2' }), {
      subprotocols: (names) => (names as string[]).shift(),
    })
    expect(accepted).toMatchObject({ subprotocol: 'v1', offeredSubprotocols: ['v1', 'v2'] })
  })
  it('throws if it is not in the offer', () => {
    for (const requireSubprotocol of [false, true])
      expect(() => choose(['v1'], { subprotocols: () => 'v2', requireSubprotocol })).toThrow(TypeError)
  })
})

it('requireSubprotocolPolicy throws for invalid options', () => {
  for (const good of [
    {},
    { subprotocols: ['a'], prefer: 'server' },
    { subprotocols: () => undefined, requireSubprotocol: true },
  ])
    expect(() => requireSubprotocolPolicy(good as SubprotocolPolicy)).not.toThrow()
  for (const bad of [
    { subprotocols: 'a' },
    { subprotocols: ['a b'] },
    { subprotocols: ['a', 'a'] },
    { subprotocols: ['x\r\ny'] },
    { requireSubprotocol: true },
    { subprotocols: [], requireSubprotocol: true },
  ])
    expect(() => requireSubprotocolPolicy(bad as SubprotocolPolicy)).toThrow(TypeError)
})

describe('readOfferedSubprotocols', () => {
  const read = (...values: string[]) => attempt(() => readOfferedSubprotocols(values))
  it('joins lines, and drops duplicates', () => {
    expect(read()).toEqual([])
    expect(read('b, a', 'c,,a', 'B')).toEqual(['b', 'a', 'c', 'B'])
  })
  it('throws for an empty list', () => {
    for (const value of ['', ' ', ',', ' , '])
      expect(read(value)).toMatchObject({ code: 'subprotocol', status: 400, reference: 'RFC 6455 §4.3' })
    expect(read('', 'a')).toEqual(['a'])
  })
  it('reads tens of thousands in linear time', () => {
    const names = Array.from({ length: 30_000 }, (_, i) => `p${i}`)
    expect(read(names.join())).toEqual(names)
  })
})

it('requireSubprotocols requires tokens without duplicates', () => {
  expect(() => requireSubprotocols(['a', 'A', 'b.c+d'])).not.toThrow()
  for (const bad of [['a', 'a'], [''], ['a b'], ['é']]) expect(() => requireSubprotocols(bad)).toThrow(TypeError)
})

it('readChosenSubprotocol returns an offered name or undefined, or throws', () => {
  const read = (values: string[], required = false) =>
    attempt(() => readChosenSubprotocol(values, ['a', 'b'], required))
  expect(read(['b'])).toBe('b')
  expect(read([])).toBeUndefined()
  for (const error of [read(['c']), read(['a', 'b']), read(['']), read([], true)])
    expect(error).toMatchObject({ code: 'subprotocol', status: undefined, reference: 'RFC 6455 §4.1' })
  // Without an offer, no subprotocol can be required.
  expect(readChosenSubprotocol([], [], true)).toBeUndefined()
})
