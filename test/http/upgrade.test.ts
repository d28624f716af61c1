/** Tests the field `Upgrade` for any protocol (RFC 9110 §7.8): parsing, comparing, writing. */

import { describe, expect, it } from 'vitest'
import type { ProtocolError } from '../../src/errors.ts'
import {
  hasConnectionOption,
  isProtocol,
  mentionsOption,
  mentionsProtocol,
  parseUpgrade,
  requireProtocol,
  upgradeHeaders,
} from '../../src/http/upgrade.ts'

describe('parseUpgrade', () => {
  it.each<[string[], [string, string | undefined][]]>([
    [[], []],
    [[''], []],
    [['websocket'], [['websocket', undefined]]],
    [
      ['example/1, foo/2'],
      [
        ['example', '1'],
        ['foo', '2'],
      ],
    ],
    [
      ['HTTP/2.0, SHTTP/1.3', 'IRC/6.9', ' RTA/x11 '],
      [
        ['HTTP', '2.0'],
        ['SHTTP', '1.3'],
        ['IRC', '6.9'],
        ['RTA', 'x11'],
      ],
    ],
    [
      ['a,, b,'],
      [
        ['a', undefined],
        ['b', undefined],
      ],
    ],
    [
      ['__proto__, constructor/1'],
      [
        ['__proto__', undefined],
        ['constructor', '1'],
      ],
    ],
  ])('%j', (upgrade, protocols) => {
    expect(parseUpgrade({ upgrade })).toEqual(protocols.map(([name, version]) => ({ name, version })))
  })
  it.each(['/', 'a/', '/1', 'a/1/2', 'a b', 'a;b', '"a"', 'a, @', 'a/é', '\x9b'])('%j is 400', (upgrade) => {
    const expected: Partial<ProtocolError> = { code: 'head-syntax', status: 400, reference: 'RFC 9110 §7.8' }
    expect(() => parseUpgrade({ upgrade })).toThrow(expect.objectContaining(expected))
  })
  it('repeats little of the field in an error, in visible ASCII', () => {
    try {
      parseUpgrade({ upgrade: `\x9b@\u202e${'x'.repeat(60_000)}` })
      expect.unreachable()
    } catch (error) {
      expect((error as Error).message).toMatch(/^[ -~]+"\\u009b@\\u202ex+"\.\.\.$/)
      expect((error as Error).message.length).toBeLessThan(250)
    }
  })
})

/** Texts that are not a protocol. */
const none = [
  '',
  '/',
  'a/',
  '/1',
  'a/1/2',
  'a b',
  ' a',
  'a ',
  'a, b',
  'a,',
  '"a"',
  'a;b',
  'a\r\nb',
  'a\0',
  'é',
  'a/é',
  'Ā',
]

describe('requireProtocol', () => {
  it('parses a caller’s protocol', () => {
    expect(requireProtocol('foo')).toEqual({ name: 'foo', version: undefined })
    expect(requireProtocol('TLS/1.0')).toEqual({ name: 'TLS', version: '1.0' })
    expect(requireProtocol('__proto__/constructor')).toEqual({ name: '__proto__', version: 'constructor' })
  })
  it.each(none)('throws for %j', (text) => {
    expect(() => requireProtocol(text)).toThrow(TypeError)
  })
})

describe('isProtocol', () => {
  it.each<[name: string, version: string | undefined, entry: string, same: boolean]>([
    ['foo', undefined, 'foo', true],
    ['FOO', undefined, 'foo', true],
    ['foo', undefined, 'FoO', true],
    ['foo', '2', 'foo', false],
    ['foo', '2', 'Foo/2', true],
    ['foo', '2', 'foo/1', false],
    ['foo', '2', 'foo/2.0', false],
    ['foo', undefined, 'foo/2', false],
    ['foo', 'A', 'foo/a', false],
    ['foo', '02', 'foo/2', false],
    ['foo', undefined, 'foo2', false],
    ['\u212aey', undefined, 'key', false],
  ])('%s with version %s matches %s: %s', (name, version, entry, same) => {
    expect(isProtocol({ name, version }, entry)).toBe(same)
  })
  it('throws for an entry that is not a protocol', () => {
    expect(() => isProtocol({ name: 'a', version: undefined }, 'a b')).toThrow(TypeError)
  })
})

describe('upgradeHeaders', () => {
  it('returns both fields: protocols best first, and Connection, since Upgrade concerns one hop', () => {
    expect(upgradeHeaders('websocket')).toEqual([
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
    ])
    expect(upgradeHeaders(['example/1', 'foo/2'])).toEqual([
      ['Upgrade', 'example/1, foo/2'],
      ['Connection', 'Upgrade'],
    ])
  })
  it('accepts other options for Connection', () => {
    expect(upgradeHeaders(['foo'], 'close', 'x')[1]).toEqual(['Connection', 'Upgrade, close, x'])
  })
  it('writes fields that are read back unchanged', () => {
    const written = upgradeHeaders(['example/1', 'foo', 'TLS/1.0'])
    expect(parseUpgrade(written)).toEqual(['example/1', 'foo', 'TLS/1.0'].map(requireProtocol))
    expect(hasConnectionOption(written, 'upgrade')).toBe(true)
  })
  it.each(none)('throws for %j, alone or among others', (text) => {
    expect(() => upgradeHeaders(text)).toThrow(TypeError)
    expect(() => upgradeHeaders(['a', text])).toThrow(TypeError)
  })
  it('throws without a protocol', () => {
    expect(() => upgradeHeaders([])).toThrow(TypeError)
  })
})

it('hasConnectionOption reads Connection as a list, in any letter case', () => {
  expect(hasConnectionOption({ connection: 'keep-alive, UpGrade' }, 'upgrade')).toBe(true)
  expect(hasConnectionOption({ connection: ['keep-alive', 'upgrade'] }, 'upgrade')).toBe(true)
  expect(hasConnectionOption({ connection: 'x-upgrade, upgrade-insecure' }, 'upgrade')).toBe(false)
  expect(hasConnectionOption({}, 'upgrade')).toBe(false)
})

describe('a Connection that is not a list of tokens (RFC 9110 §7.6.1)', () => {
  it.each(['Upgrade, ???', '"upgrade"', 'upgrade; a', 'a b, upgrade', 'upgrade, \xe9'])(
    '%j is 400 in a request',
    (connection) => {
      expect(() => hasConnectionOption({ connection }, 'upgrade')).toThrow(
        expect.objectContaining({
          name: 'ProtocolError',
          code: 'head-syntax',
          status: 400,
          reference: 'RFC 9110 §7.6.1',
        }),
      )
    },
  )
  it('is accepted in a response if it lists the option', () => {
    for (const value of ['Upgrade, ???', 'a b, upgrade']) expect(mentionsOption([value], 'upgrade')).toBe(true)
    expect(mentionsOption(['"upgrade"', 'x'], 'upgrade')).toBe(false)
    expect(mentionsOption([], 'upgrade')).toBe(false)
  })
})

it('mentionsProtocol ignores invalid elements', () => {
  for (const value of ['websocket, a b', '@, WebSocket', `${','.repeat(200)}websocket`])
    expect(mentionsProtocol([value], 'websocket')).toBe(true)
  expect(mentionsProtocol(['foo', 'a b, websocket'], 'websocket')).toBe(true)
  for (const value of ['websocket/13', 'web socket', 'a b', ''])
    expect(mentionsProtocol([value], 'websocket')).toBe(false)
})
