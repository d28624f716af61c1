/** Tests the checks and the result of `defineExtension`. */

import { describe, expect, it } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import type { Extension } from '../../src/extensions/extension.ts'
import { Rsv } from '../../src/registry/websocket.ts'

const plain: Extension<null> = {
  name: 'x-plain',
  rsv: Rsv.RSV2,
  offer: () => [{}],
  accept: () => ({ params: null, response: {} }),
  verify: () => null,
  open: () => ({ encode: (piece) => piece, decode: (piece) => piece }),
}

describe('a mistake in an extension', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'an extension must be an object, not undefined'],
    ['a promise', Promise.resolve(plain), 'an extension must be an object, not a promise'],
    ['no name', { ...plain, name: undefined }, '`name` of an extension must be a token, not undefined'],
    ['a name that is not a token', { ...plain, name: 'x a' }, '`name` of an extension must be a token, not "x a"'],
    ['an rsv below 0', { ...plain, rsv: -1 }, '`rsv` of x-plain must be 0 to 7, not -1'],
    ['an rsv above 7', { ...plain, rsv: 8 }, '`rsv` of x-plain must be 0 to 7, not 8'],
    ['a fraction', { ...plain, rsv: 1.5 }, '`rsv` of x-plain must be 0 to 7, not 1.5'],
    ['a text', { ...plain, rsv: '4' }, '`rsv` of x-plain must be 0 to 7, not "4"'],
    ['no offer', { ...plain, offer: undefined }, '`offer` of x-plain must be a function, not undefined'],
    ['no accept', { ...plain, accept: {} }, '`accept` of x-plain must be a function, not an object'],
    ['no verify', { ...plain, verify: null }, '`verify` of x-plain must be a function, not null'],
    ['no open', { ...plain, open: true }, '`open` of x-plain must be a function, not a boolean'],
    // RFC 6455 §5.8 allows it, but a connection does not support it.
    ['opcodes', { ...plain, opcodes: [3] }, '`opcodes` of x-plain: only data messages'],
  ])('%s', (_, extension, message) => {
    expect(() => defineExtension(extension as Extension)).toThrow(TypeError)
    expect(() => defineExtension(extension as Extension)).toThrow(message)
  })
})

it('a defined extension calls the methods on the original object', () => {
  class Counter implements Extension<number> {
    readonly name = 'x-counter'
    readonly rsv = 0
    #calls = 0
    offer() {
      this.#calls++
      return [{ calls: this.#calls }]
    }
    accept() {
      return { params: ++this.#calls, response: {} }
    }
    verify() {
      return ++this.#calls
    }
    open() {
      this.#calls++
      return undefined
    }
  }
  const defined = defineExtension(new Counter())
  expect(defined).toMatchObject({ name: 'x-counter', rsv: 0 })
  expect(defined.offer()).toEqual([{ calls: 1 }])
  expect(defined.accept([])).toEqual({ params: 2, response: {} })
  expect(defined.verify([], [])).toBe(3)
  expect(defined.open(0, 'client')).toBeUndefined()
  expect(defined.offer()).toEqual([{ calls: 5 }])
})

it('a defined extension cannot change, and its copy must be defined again', () => {
  const defined = defineExtension(plain)
  expect(Object.isFrozen(defined)).toBe(true)
  expect(Object.keys(defined)).toEqual(['name', 'rsv', 'offer', 'accept', 'verify', 'open'])
  const agreement = { subprotocol: undefined, extensions: [{ name: 'x-plain', params: null }] }
  expect(() => new Connection({ role: 'server', agreement, extensions: [defined] })).not.toThrow()
  for (const extension of [{ ...defined }, plain as typeof defined])
    expect(() => new Connection({ role: 'server', agreement, extensions: [extension] })).toThrow(
      '`extensions[0]` must be a result of defineExtension, not an object',
    )
})
