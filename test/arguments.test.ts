/** Tests of argument checks: the content of the messages, and the options that they suggest. */

import { describe, expect, test } from 'vitest'
import { describeType, describeValue, requireOptions, requireRecord, wrongAnswer } from '../src/arguments.ts'

describe('values in messages', () => {
  test.each<[unknown, string, string]>([
    [undefined, 'undefined', 'undefined'],
    [null, 'null', 'null'],
    [true, 'true', 'a boolean'],
    [5, '5', 'a number'],
    [5n, '5', 'a bigint'],
    ['a\nb', '"a\\nb"', 'a string'],
    [['a'], 'an array', 'an array'],
    [{}, 'an object', 'an object'],
    [() => {}, 'a function', 'a function'],
    [Promise.resolve(), 'a promise', 'a promise'],
    [new Uint8Array(1), 'a Uint8Array', 'a Uint8Array'],
    [new ArrayBuffer(1), 'an ArrayBuffer', 'an ArrayBuffer'],
  ])('%o is %s', (value, described, type) => {
    expect(describeValue(value)).toBe(described)
    expect(describeType(value)).toBe(type)
  })
})

describe('names of options', () => {
  const known = {
    role: 'any',
    limits: { maxMessageSize: 'any', maxFrameSize: 1 },
    subprotocols: 'any',
    origins: 'any',
    keepalive: 'any',
    toString: 'any',
  } as const
  const check = (options: unknown): void => requireOptions(options, known, 'the options')

  test('known options pass, absent or not', () => {
    check({})
    check({ role: 'server', limits: undefined })
    check(Object.create(null))
  })

  test.each<[string, string | undefined]>([
    ['maxPayload', 'limits.maxMessageSize'],
    ['maxMessageSize', 'limits.maxMessageSize'],
    ['maxMesageSize', 'limits.maxMessageSize'],
    ['protocols', 'subprotocols'],
    ['subprotocol', 'subprotocols'],
    ['origin', 'origins'],
    ['keepAlive', 'keepalive'],
    ['perMessageDeflate', undefined],
    ['constructor', undefined],
    ['__proto', undefined],
    ['x', undefined],
  ])('for %s, the message suggests %s', (name, meant) => {
    const tail = meant === undefined ? '' : `; did you mean \`${meant}\`?`
    expect(() => check({ [name]: 1 })).toThrow(new TypeError(`the options: unknown option "${name}"${tail}`))
  })

  test('an inherited option is checked, because it would be read', () => {
    expect(() => check(Object.create({ maxPayload: 1 }))).toThrow(TypeError)
  })

  test.each([undefined, null, 'text', 5, [], Promise.resolve({}), () => {}])('%o is not an object', (options) => {
    expect(() => check(options)).toThrow(/^the options must be an object, not /)
    expect(() => requireRecord(options, 'x')).toThrow(TypeError)
  })
})

test('an invalid result of a callback', () => {
  expect(wrongAnswer('subprotocols', 'a string or undefined', Promise.resolve()).message).toBe(
    '`subprotocols` must return a string or undefined, at once; it returned a promise',
  )
})

describe('options by their types', () => {
  const kinds = {
    role: ['client', 'server'],
    limits: { maxMessageSize: 'any' },
    strict: 'boolean',
    names: 'array',
    random: 'function',
  } as const
  const check = (options: unknown): void => requireOptions(options, kinds, 'the options')

  test('valid and absent options pass', () => {
    check({})
    check({ role: 'server', limits: { maxMessageSize: 'x' }, strict: false, names: [], random: () => 1 })
    check({ role: undefined, limits: undefined, strict: undefined })
  })

  test.each<[unknown, string]>([
    [{ role: 'Server' }, "`role` must be 'client' or 'server', not \"Server\""],
    [{ strict: 1 }, '`strict` must be true or false, not 1'],
    [{ names: 'a' }, '`names` must be an array, not a string'],
    [{ random: 4 }, '`random` must be a function, not a number'],
    [{ limits: [] }, '`limits` must be an object, not an array'],
    [{ limits: { maxPayload: 1 } }, '`limits`: unknown option "maxPayload"; did you mean `maxMessageSize`?'],
    [{ maxPayload: 1 }, 'the options: unknown option "maxPayload"; did you mean `limits.maxMessageSize`?'],
    [{ toString: 1 }, 'the options: unknown option "toString"'],
    [undefined, 'the options must be an object, not undefined'],
  ])('%o', (options, message) => {
    expect(() => check(options)).toThrow(new TypeError(message))
  })
})
