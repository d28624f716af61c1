/**
 * Tests that a caller's mistake is a `TypeError` or `RangeError` that names the argument or option and the expected value, never an
 * engine's message: every export with every kind of value in every place, unknown options, and callbacks with a wrong result.
 */

import { describe, expect, it } from 'vitest'
import { defineExtension } from '../../src/extensions/define.ts'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { AcceptOptions } from '../../src/handshake/accept-options.ts'
import * as handshake from '../../src/handshake/index.ts'
import { type OfferOptions, offerHandshake } from '../../src/handshake/offer.ts'
import { verifyHandshake } from '../../src/handshake/verify.ts'
import { answer, KEY, opening } from './opening.ts'

const promise = Promise.resolve('x')
const values: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a text', 'text'],
  ['a text with a line end', 'Host: a\r\n'],
  ['a number', 5],
  ['NaN', Number.NaN],
  ['true', true],
  ['an array', []],
  ['an array of undefined', [undefined]],
  ['an array of numbers', [5]],
  ['an object', {}],
  ['a promise', promise],
  ['a function', () => promise],
]

/** Messages of the engines V8, SpiderMonkey and JavaScriptCore. */
const engine =
  /Cannot (read|destructure|use|convert|set|access)|is not (a function|iterable|a constructor|an object|defined)|undefined is not|null is not|can't access|Reduce of|Invalid array length|Maximum call/

/** Expects that a call throws nothing, or an error whose message matches `names`. */
function expectNamed(call: () => unknown, names: RegExp): void {
  try {
    call()
  } catch (error) {
    expect(error).toSatisfy((thrown) => thrown instanceof TypeError || thrown instanceof RangeError)
    const { message } = error as Error
    expect(message).toMatch(names)
    expect(message).not.toMatch(engine)
  }
}

type Any = (...given: unknown[]) => unknown
const extension = defineExtension({
  name: 'x',
  rsv: 0,
  offer: () => [{}],
  accept: () => ({ params: null, response: {} }),
  verify: () => null,
  open: () => undefined,
})
const offer = offerHandshake('ws://a/', { key: KEY, subprotocols: ['a'], extensions: [extension] })
const request = opening({ 'Sec-WebSocket-Protocol': 'a', 'Sec-WebSocket-Extensions': 'x' })
const response = answer({ 'Sec-WebSocket-Extensions': 'x' })

const exported: Readonly<Record<string, unknown>> = { ...handshake }
/** Each export, valid arguments, and how a message names each argument. */
const calls: readonly (readonly [string, good: unknown[], names: RegExp[]])[] = [
  ['acceptHandshake', [request, {}], [/request/, /the options of acceptHandshake/]],
  ['handshakeOptions', [{}], [/the options of acceptHandshake/]],
  ['offerHandshake', ['ws://a/', {}], [/`url`/, /the options of offerHandshake/]],
  ['verifyHandshake', [response, offer], [/response/, /`offer`/]],
  ['computeAccept', [KEY], [/`key`/]],
  ['generateKey', [() => {}], [/`random`/]],
  ['defineExtension', [extension], [/extension/]],
  ['parseExtensions', ['a; b'], [/`text`/]],
  ['formatExtensions', [[{ name: 'a', params: {} }]], [/`list/]],
  ['getParam', [[['a', 'b']], 'a'], [/`params`/, /`name`/]],
  ['selectSubprotocol', [['a'], ['a'], {}], [/`offered`/, /`supported`/, /`options`/]],
  ['offerSubprotocolToken', ['a', 'b'], [/`marker`|marker/, /`?token`?/]],
  ['getSubprotocolToken', [['a', 'b'], 'a'], [/`offered`/, /`marker`/]],
  ['negotiateVersion', [[13], [13]], [/`offered`/, /`supported`/]],
]

describe('an argument of a wrong kind', () => {
  it('is passed to every export', () => {
    const functions = Object.keys(exported).filter((name) => name !== 'ProtocolError')
    expect(calls.map(([name]) => name).sort()).toEqual(functions.sort())
  })
  it.each(calls)('%s', (name, good, names) => {
    const call = exported[name] as Any
    expect(() => call(...good)).not.toThrow()
    for (const [place, pattern] of names.entries())
      for (const [, value] of values) {
        const given = [...good]
        given[place] = value
        // Its argument comes from a peer, so an invalid text is a ProtocolError.
        if (name === 'parseExtensions' && typeof value === 'string') continue
        expectNamed(() => call(...given), pattern)
      }
    // Without arguments, unless all are optional.
    if (name !== 'generateKey') expect(() => call()).toThrow(TypeError)
    expectNamed(() => call(), names[0] as RegExp)
  })
  it.each<[unknown, string]>([
    [undefined, '`request` must be an object, not undefined'],
    [null, '`request` must be an object, not null'],
    ['GET / HTTP/1.1', '`request` must be an object, not "GET / HTTP/1.1"'],
    [5, '`request` must be an object, not 5'],
    [promise, '`request` must be an object, not a promise'],
  ])('acceptHandshake(%j): %s', (value, message) => {
    expect(() => (acceptHandshake as Any)(value)).toThrow(message)
  })
  it('is reported for a missing offer', () => {
    expect(() => (verifyHandshake as Any)(response)).toThrow(
      '`offer` must be the result of offerHandshake, not undefined',
    )
    expect(() => (verifyHandshake as Any)(response, offer.request)).toThrow('not an object')
    expect(() => (verifyHandshake as Any)(undefined, offer)).toThrow('the response must be an object, not undefined')
  })
})

/** The options that are objects, lists, texts or functions, and how a message names each. */
const acceptMembers: readonly (keyof AcceptOptions)[] = [
  'subprotocols',
  'prefer',
  'requireSubprotocol',
  'origins',
  'scheme',
  'hosts',
  'extensions',
  'versions',
  'headers',
  'strictKey',
  'keepAlive',
  'offWire',
  'limits',
]
const offerMembers: readonly (keyof OfferOptions)[] = [
  'subprotocols',
  'extensions',
  'headers',
  'versions',
  'httpVersion',
  'origin',
  'target',
  'requireSubprotocol',
  'key',
  'offWire',
]

describe('an option of a wrong kind', () => {
  it.each(acceptMembers)('acceptHandshake, %s', (member) => {
    for (const [, value] of values)
      for (const asked of [request, opening({ Upgrade: undefined }), opening({ Origin: 'http://a.example' })])
        expectNamed(() => (acceptHandshake as Any)(asked, { [member]: value }), new RegExp(member))
  })
  it.each(offerMembers)('offerHandshake, %s', (member) => {
    for (const [, value] of values)
      expectNamed(() => (offerHandshake as Any)('ws://a/', { [member]: value }), new RegExp(member))
  })
  it.each<[object, string]>([
    [{ extensions: extension }, '`extensions` must be an array, not an object'],
    [{ extensions: [{ name: 'x' }] }, '`extensions[0]` must be a result of defineExtension, not an object'],
    [
      { extensions: [{ name: 'x', support: null }] },
      '`extensions[0]` must be a result of defineExtension, not an object',
    ],
    [{ headers: 'Host: a\r\n' }, '`headers` must be an array, Headers, a Map or a record, not a string'],
    [{ subprotocols: 'chat' }, '`subprotocols` must be an array'],
    [{ subprotocols: [5] }, '`subprotocols[0]` must be a string, not a number'],
    [{ versions: 13 }, '`versions` must be an array, not a number'],
    [{ versions: ['13'] }, '`versions` must contain whole numbers from 0 to 255, not "13"'],
    [{ requireSubprotocol: 'yes' }, '`requireSubprotocol` must be true or false, not "yes"'],
  ])('%j, in both functions', (options, message) => {
    expect(() => (acceptHandshake as Any)(request, options)).toThrow(message)
    expect(() => (offerHandshake as Any)('ws://a/', options)).toThrow(message)
  })
})

describe('an unknown option', () => {
  it.each<[object, string]>([
    [{ maxPayload: 5 }, 'unknown option "maxPayload"; did you mean `limits.maxMessageSize`?'],
    [{ maxHeadFields: 5 }, 'unknown option "maxHeadFields"; did you mean `limits.maxHeadFields`?'],
    [{ limits: { maxPayload: 5 } }, '`limits`: unknown option "maxPayload"; did you mean `maxMessageSize`?'],
    [{ protocols: ['a'] }, 'unknown option "protocols"; did you mean `subprotocols`?'],
    [{ allowedHosts: ['a'] }, 'unknown option "allowedHosts"; did you mean `hosts`?'],
    [{ origin: 'any' }, 'unknown option "origin"; did you mean `origins`?'],
    [{ version: 13 }, 'unknown option "version"; did you mean `versions`?'],
    [{ verifyClient: () => true }, 'unknown option "verifyClient"; did you mean `origins`?'],
  ])('%j', (options, message) => {
    for (const asked of [request, opening({ Upgrade: undefined })])
      expect(() => (acceptHandshake as Any)(asked, options)).toThrow(message)
  })
})

/** Values that no callback may return. */
const wrong: readonly unknown[] = [null, 5, promise, [], () => {}, Symbol('x')]

describe('a callback with a wrong result', () => {
  const asked = opening({ 'Sec-WebSocket-Protocol': 'a, false', 'Sec-WebSocket-Extensions': 'x', Origin: 'http://b' })
  const refusing = (options: object) => () =>
    (acceptHandshake as Any)(asked, { origins: 'any', subprotocols: ['a'], extensions: [extension], ...options })
  const mustReturn = (name: string, expected: string) => `\`${name}\` must return ${expected}, at once; it returned `

  it.each([...wrong, false, {}])('subprotocols: %s', (value) => {
    const expected = mustReturn('subprotocols', 'a string that was offered, or undefined')
    expect(refusing({ subprotocols: () => value })).toThrow(TypeError)
    expect(refusing({ subprotocols: () => value })).toThrow(expected)
    expect(refusing({ subprotocols: () => value, requireSubprotocol: true })).toThrow(expected)
  })
  it.each([...wrong, 'yes', undefined, {}])('origins: %s', (value) => {
    expect(refusing({ origins: () => value })).toThrow(mustReturn('origins', 'true or false'))
  })
  it.each([...wrong, false, 'x', {}, { params: null }, { params: null, response: [5] }, { params: 1, response: null }])(
    'accept of an extension: %s',
    (value) => {
      const extensions = [defineExtension({ ...extension, accept: () => value as never })]
      expect(refusing({ extensions })).toThrow(mustReturn('x.accept', '{ params, response }, or undefined'))
    },
  )
  it.each([false, promise, () => {}])('verify of an extension: %s', (value) => {
    const asking = (offerHandshake as Any)('ws://a/', {
      key: KEY,
      extensions: [defineExtension({ ...extension, verify: () => value as never })],
    })
    expect(() => (verifyHandshake as Any)(response, asking)).toThrow(mustReturn('x.verify', 'plain data or undefined'))
  })
  it.each([null, undefined, false, 5, 'x', {}, promise, [5], [null], [[5]], [[['a', 5]]]])(
    'offer of an extension: %s',
    (value) => {
      const extensions = [defineExtension({ ...extension, offer: () => value as never })]
      expect(() => (offerHandshake as Any)('ws://a/', { extensions })).toThrow(
        mustReturn('x.offer', 'an array of parameters'),
      )
    },
  )
  it('random: a promise, which would leave the key zero', () => {
    expect(() => handshake.generateKey(async (nonce) => void nonce.fill(1))).toThrow(
      mustReturn('random', 'nothing, with the array filled'),
    )
  })
  it('is named in the message', () => {
    expect(refusing({ subprotocols: () => null })).toThrow('it returned null')
    expect(refusing({ origins: async () => true })).toThrow('it returned a promise')
  })
})
