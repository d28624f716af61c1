/** Holds the protocol upgrade for any protocol: what is asked for, which of it is chosen, and the answers (RFC 9110 §7.8). */

import { describe, expect, it } from 'vitest'
import type { ProtocolError } from '../../src/errors.ts'
import type { RequestLike } from '../../src/http/request.ts'
import {
  hasConnectionOption,
  parseUpgrade,
  refuseUpgrade,
  selectUpgrade,
  switchingProtocols,
  upgradeRequired,
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
  it('a fault repeats little of what was sent, in visible ASCII', () => {
    try {
      parseUpgrade({ upgrade: `\x9b@\u202e${'x'.repeat(60_000)}` })
      expect.unreachable()
    } catch (error) {
      expect((error as Error).message).toMatch(/^"\\u009b@\\u202ex+"\.\.\.[ -~]+$/)
      expect((error as Error).message.length).toBeLessThan(250)
    }
  })
})

const request = (upgrade: string | string[], changes: Partial<RequestLike> = {}): RequestLike => ({
  method: 'GET',
  target: '/',
  version: '1.1',
  headers: { upgrade },
  ...changes,
})

describe('selectUpgrade', () => {
  it('takes what the client likes best, or the server', () => {
    const asked = request('foo/2, WebSocket, bar')
    expect(selectUpgrade(asked, ['bar', 'websocket', 'foo/2'])).toBe('foo/2')
    expect(selectUpgrade(asked, ['bar', 'websocket'])).toBe('websocket')
    expect(selectUpgrade(asked, ['bar', 'websocket'], { prefer: 'client' })).toBe('websocket')
    expect(selectUpgrade(asked, ['bar', 'websocket'], { prefer: 'server' })).toBe('bar')
  })
  it('an entry without a version takes any, one with a version takes that one only', () => {
    expect(selectUpgrade(request('foo/2'), ['foo'])).toBe('foo')
    expect(selectUpgrade(request('foo/2'), ['foo/1', 'FOO/2'])).toBe('FOO/2')
    expect(selectUpgrade(request('foo'), ['foo/1'])).toBeUndefined()
    expect(selectUpgrade(request('foo/A'), ['foo/a'])).toBeUndefined()
  })
  it('over several lines, and from a Fetch request, which hides its version', () => {
    expect(selectUpgrade(request(['foo', 'websocket']), ['websocket'])).toBe('websocket')
    expect(selectUpgrade(request('websocket', { version: undefined }), ['websocket'])).toBe('websocket')
  })
  it('is none where nothing is asked for that we speak', () => {
    expect(selectUpgrade(request('foo'), ['websocket'])).toBeUndefined()
    expect(selectUpgrade(request([]), ['websocket'])).toBeUndefined()
    expect(selectUpgrade(request('websocket'), [])).toBeUndefined()
  })
  it.each(['1.0', '2', '3'] as const)('HTTP/%s has no upgrade', (version) => {
    expect(selectUpgrade(request('websocket', { version }), ['websocket'])).toBeUndefined()
  })
  it('what cannot be read asks for nothing', () => {
    expect(selectUpgrade(request('websocket, @'), ['websocket'])).toBeUndefined()
    expect(selectUpgrade(request(`websocket${','.repeat(200)}`), ['websocket'])).toBeUndefined()
  })
  it('an entry that is no protocol is the caller’s mistake', () => {
    expect(() => selectUpgrade(request('foo'), ['foo bar'])).toThrow(TypeError)
  })
})

const type = ['Content-Type', 'text/plain; charset=utf-8']

describe('answers', () => {
  it('101 names what is now spoken, lowest layer first', () => {
    expect(switchingProtocols('foo/2', { a: 'b' })).toEqual({
      status: 101,
      reason: 'Switching Protocols',
      headers: [
        ['Upgrade', 'foo/2'],
        ['Connection', 'Upgrade'],
        ['a', 'b'],
      ],
    })
    expect(switchingProtocols(['TLS/1.0', 'HTTP/1.1']).headers[0]).toEqual(['Upgrade', 'TLS/1.0, HTTP/1.1'])
  })
  it('426 names what is wanted, and closes', () => {
    expect(upgradeRequired(['foo/2', 'bar'])).toEqual({
      status: 426,
      reason: 'Upgrade Required',
      headers: [['Upgrade', 'foo/2, bar'], ['Connection', 'Upgrade, close'], type],
      body: 'Upgrade Required\n',
    })
    expect(upgradeRequired('foo', { headers: { a: 'b', 'content-type': 'c' }, body: 'd' })).toMatchObject({
      headers: [
        ['Upgrade', 'foo'],
        ['Connection', 'Upgrade, close'],
        ['a', 'b'],
        ['content-type', 'c'],
      ],
      body: 'd',
    })
  })
  it('a refusal of one’s own closes', () => {
    expect(refuseUpgrade(401, { headers: { 'www-authenticate': 'Basic realm="a"' } })).toEqual({
      status: 401,
      reason: 'Unauthorized',
      headers: [['Connection', 'close'], ['www-authenticate', 'Basic realm="a"'], type],
      body: 'Unauthorized\n',
    })
    expect(refuseUpgrade(599).body).toBe('599\n')
    expect(refuseUpgrade(404, { body: '' }).headers).toEqual([['Connection', 'close']])
  })
  it.each([[''], ['a b'], ['a/'], ['a\r\nb'], ['a, b'], [[]], [['a', '']]])('%j is no protocol', (protocols) => {
    expect(() => switchingProtocols(protocols)).toThrow(TypeError)
    expect(() => upgradeRequired(protocols)).toThrow(TypeError)
  })
})

it('hasConnectionOption reads Connection as a list, in any letter case', () => {
  expect(hasConnectionOption({ connection: 'keep-alive, UpGrade' }, 'upgrade')).toBe(true)
  expect(hasConnectionOption({ connection: ['keep-alive', 'upgrade'] }, 'upgrade')).toBe(true)
  expect(hasConnectionOption({ connection: 'x-upgrade, upgrade-insecure' }, 'upgrade')).toBe(false)
  expect(hasConnectionOption({ connection: '"upgrade"' }, 'upgrade')).toBe(false)
  expect(hasConnectionOption({}, 'upgrade')).toBe(false)
})
