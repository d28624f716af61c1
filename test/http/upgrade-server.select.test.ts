/** Tests which protocol a server selects, and that an invalid offer counts as none (RFC 9110 §7.8). */

import { describe, expect, it } from 'vitest'
import type { HeaderRecord } from '../../src/http/headers.ts'
import type { RequestLike, RequestSource } from '../../src/http/request.ts'
import { type ParsedRequest, RequestHeadParser } from '../../src/http/request-parser.ts'
import { expectsContinue, selectUpgrade } from '../../src/http/upgrade-server.ts'
import { latin1 } from './head.ts'

const request = (
  upgrade: string | string[] | undefined,
  headers: HeaderRecord = {},
  changes: Partial<RequestLike> = {},
): RequestLike => ({
  method: 'GET',
  target: '/',
  httpVersion: '1.1',
  headers: { host: 'a', connection: 'Upgrade', upgrade, ...headers },
  ...changes,
})

describe('selectUpgrade', () => {
  it('follows the client’s order, or the server’s with `prefer`', () => {
    const asked = request('foo/2, WebSocket, bar')
    expect(selectUpgrade(asked, ['bar', 'websocket', 'foo/2'])).toBe('foo/2')
    expect(selectUpgrade(asked, ['bar', 'websocket'])).toBe('websocket')
    expect(selectUpgrade(asked, ['bar', 'websocket'], { prefer: 'client' })).toBe('websocket')
    expect(selectUpgrade(asked, ['bar', 'websocket'], { prefer: 'server' })).toBe('bar')
    expect(selectUpgrade(asked, ['baz', 'websocket', 'foo'], { prefer: 'server' })).toBe('websocket')
    expect(selectUpgrade(asked, ['baz'], { prefer: 'server' })).toBeUndefined()
  })
  it('matches versions exactly, because the 101 must name an offered protocol', () => {
    expect(selectUpgrade(request('foo/2'), ['foo'])).toBeUndefined()
    expect(selectUpgrade(request('websocket/13, foo/2'), ['websocket', 'foo/2'])).toBe('foo/2')
    expect(selectUpgrade(request('foo/2'), ['foo/1', 'FOO/2'])).toBe('FOO/2')
    expect(selectUpgrade(request('foo/3, foo/2, foo/1'), ['foo/1', 'foo/2'])).toBe('foo/2')
    expect(selectUpgrade(request('foo'), ['foo/1'])).toBeUndefined()
    expect(selectUpgrade(request('foo/A'), ['foo/a'])).toBeUndefined()
    expect(selectUpgrade(request('foo/1.0'), ['foo/1'])).toBeUndefined()
  })
  it('returns the server’s spelling, whatever case the client uses', () => {
    expect(selectUpgrade(request('WEBSOCKET'), ['WebSocket'])).toBe('WebSocket')
    expect(selectUpgrade(request('tls/1.0'), ['TLS/1.0'])).toBe('TLS/1.0')
  })
  it('reads several lines as one list, also of Connection', () => {
    expect(selectUpgrade(request(['foo', 'bar, websocket']), ['websocket'])).toBe('websocket')
    expect(selectUpgrade(request(',foo,, websocket'), ['websocket'])).toBe('websocket')
    expect(selectUpgrade(request('foo', { connection: ['keep-alive', 'x, upgrade'] }), ['foo'])).toBe('foo')
    expect(selectUpgrade(request('foo', { connection: 'UPGRADE' }), ['foo'])).toBe('foo')
  })
  it('does not match inherited names', () => {
    expect(selectUpgrade(request('__proto__, constructor'), ['websocket'])).toBeUndefined()
    expect(selectUpgrade(request('__proto__'), ['__proto__'])).toBe('__proto__')
  })
  it.each(['TLS/1.0', 'connect-udp', 'connect-ip', 'HTTP/2.0', 'websocket', 'example/1'])('selects %s', (protocol) => {
    expect(selectUpgrade(request(`x, ${protocol}, y`), [protocol])).toBe(protocol)
  })
  it('selects h2c only if it is listed (RFC 9113 §3.1)', () => {
    const asked = request('h2c, websocket', { connection: 'Upgrade, HTTP2-Settings', 'http2-settings': 'AAA' })
    expect(selectUpgrade(asked, ['websocket'])).toBe('websocket')
    expect(selectUpgrade(request('h2c'), ['websocket', 'HTTP/2.0', 'HTTP'])).toBeUndefined()
    expect(selectUpgrade(asked, ['h2c'])).toBe('h2c')
  })
  it('accepts a request from our parser', () => {
    const wire = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n'
    const parsed = new RequestHeadParser().push(latin1(wire))
    expect(parsed?.ok && selectUpgrade(parsed.head, ['foo'])).toBe('foo')
  })
  it.each<[string, RequestSource, string | undefined]>([
    ['Node', { httpVersion: '1.1', rawHeaders: ['Upgrade', 'foo', 'Connection', 'Upgrade'] }, 'foo'],
    ['Node of HTTP/1.0', { httpVersion: '1.0', rawHeaders: ['Upgrade', 'foo', 'Connection', 'Upgrade'] }, undefined],
    ['Fetch, which hides Connection', new Request('http://a/', { headers: { upgrade: 'foo' } }), 'foo'],
    ['HTTP/2', { ':method': 'GET', ':path': '/', upgrade: 'foo', connection: 'Upgrade' } as RequestSource, undefined],
    ['a CONNECT', { method: 'CONNECT', target: 'a:1', headers: { upgrade: 'foo', connection: 'Upgrade' } }, undefined],
    ['a CONNECT of HTTP/2', { ':method': 'CONNECT', ':authority': 'a:1' }, undefined],
    ['extended CONNECT', { ':method': 'CONNECT', ':path': '/', ':protocol': 'foo' }, 'foo'],
    ['extended CONNECT, in other letter case', { ':method': 'CONNECT', ':protocol': 'FOO' }, 'foo'],
    ['extended CONNECT, for another version', { ':method': 'CONNECT', ':protocol': 'foo/2' }, undefined],
    ['extended CONNECT, for a list', { ':method': 'CONNECT', ':protocol': 'foo, bar' }, undefined],
    [':protocol of another method', { ':method': 'GET', ':path': '/', ':protocol': 'foo' }, undefined],
    ['HTTP/1.1, which has no :protocol', { ...request(undefined), method: 'CONNECT', protocol: 'foo' }, undefined],
    [
      'pairs',
      {
        httpVersion: '3',
        fields: [
          [':method', 'CONNECT'],
          [':protocol', 'foo'],
        ],
      },
      'foo',
    ],
    [
      'pairs that are not a field section',
      {
        httpVersion: '3',
        fields: [
          [':method', 'CONNECT'],
          [':protocol', 'foo'],
          [':x', ''],
        ],
      },
      undefined,
    ],
  ])('of %s', (_, source, chosen) => {
    expect(selectUpgrade(source, ['foo'])).toBe(chosen)
  })
})

describe('a function that chooses', () => {
  it('sees what is offered, best first', () => {
    const seen: unknown[] = []
    const chosen = selectUpgrade(request(['Foo/2', 'bar']), (offered) => {
      seen.push(...offered)
      return 'bar'
    })
    expect(chosen).toBe('bar')
    expect(seen).toEqual([
      { name: 'Foo', version: '2' },
      { name: 'bar', version: undefined },
    ])
  })
  it('may choose nothing, any version, or a different letter case', () => {
    expect(selectUpgrade(request('foo/2'), () => undefined)).toBeUndefined()
    expect(selectUpgrade(request('foo/2'), ([first]) => `${first?.name}/${first?.version}`)).toBe('foo/2')
    expect(selectUpgrade(request('foo/2'), () => 'FOO/2')).toBe('FOO/2')
  })
  it.each(['bar', 'foo', 'foo/3', '', 'foo/2, bar', 'a b'])('must not choose %j, which was not offered', (chosen) => {
    expect(() => selectUpgrade(request('foo/2'), () => chosen)).toThrow(TypeError)
  })
  it.each([
    [null, 'null'],
    [false, 'a boolean'],
    [true, 'a boolean'],
    [5, 'a number'],
    [Promise.resolve('foo/2'), 'a promise'],
    [['foo/2'], 'an array'],
    [{ name: 'foo', version: '2' }, 'an object'],
  ])('must not return %o', (answer, named) => {
    expect(() => selectUpgrade(request('foo/2'), () => answer as unknown as string)).toThrow(
      new TypeError(
        `\`supported\` must return one of the offered protocols or undefined, at once; it returned ${named}`,
      ),
    )
  })
  it('is not called without an offer', () => {
    const never = () => {
      throw new Error('asked')
    }
    for (const asked of [
      request(undefined),
      request(','),
      request('foo', {}, { httpVersion: '1.0' }),
      request('foo, @'),
    ])
      expect(selectUpgrade(asked, never)).toBeUndefined()
    expect(() => selectUpgrade(request('foo'), never)).toThrow('asked')
  })
})

describe('a request without an upgrade is plain HTTP', () => {
  it.each<[string, RequestSource]>([
    ['no Upgrade', request(undefined)],
    ['an empty Upgrade', request('')],
    ['an Upgrade of commas', request([',', ' , '])],
    ['another protocol', request('foo')],
    ['an invalid Upgrade', request('websocket, @')],
    ['an Upgrade of too many empty elements', request(`websocket${','.repeat(200)}`)],
    ['no Connection, so that Upgrade was meant for another hop', request('websocket', { connection: undefined })],
    ['a Connection without the option', request('websocket', { connection: 'keep-alive, x-upgrade' })],
    ['a Connection of too many empty elements', request('websocket', { connection: `upgrade${','.repeat(200)}` })],
    ['HTTP/1.0', request('websocket', {}, { httpVersion: '1.0' })],
    ['HTTP/2', request('websocket', {}, { httpVersion: '2' })],
    ['HTTP/3', request('websocket', {}, { httpVersion: '3' })],
  ])('%s', (_, source) => {
    expect(selectUpgrade(source, ['websocket'])).toBeUndefined()
    expect(selectUpgrade(source, ['websocket'], { prefer: 'server' })).toBeUndefined()
  })
  it('for a server without protocols', () => {
    expect(selectUpgrade(request('websocket'), [])).toBeUndefined()
  })
})

it.each(['foo bar', '', 'foo/', 'a, b'])('throws for %j in the server’s list, for any request', (entry) => {
  for (const asked of [request('foo'), request(undefined), request('foo', {}, { httpVersion: '1.0' })])
    for (const prefer of ['client', 'server'] as const)
      expect(() => selectUpgrade(asked, ['foo', entry], { prefer })).toThrow(TypeError)
})

describe('expectsContinue (RFC 9110 §10.1.1)', () => {
  const expecting = (expect: string | string[] | undefined, httpVersion: RequestLike['httpVersion'] = '1.1') =>
    expectsContinue(request('foo', { expect }, { httpVersion }))

  it.each([['100-continue'], ['100-Continue'], ['x, 100-CONTINUE'], [['x=1', '100-continue']], [' 100-continue\t']])(
    '%j waits for a 100',
    (value) => {
      expect(expecting(value)).toBe(true)
      expect(expecting(value, undefined)).toBe(true)
    },
  )
  it.each([
    [undefined],
    [''],
    ['100'],
    ['continue'],
    ['100-continue=1'],
    ['"100-continue"'],
    [`100-continue${','.repeat(200)}`],
  ])('%j does not', (value) => {
    expect(expecting(value)).toBe(false)
  })
  it('is ignored in HTTP/1.0', () => {
    expect(expecting('100-continue', '1.0')).toBe(false)
  })
  it('is ignored in an invalid field section', () => {
    const fields = [['expect', '100-continue']] as const
    expect(expectsContinue({ httpVersion: '2', fields })).toBe(true)
    expect(expectsContinue({ httpVersion: '2', fields: [...fields, [':path', '/']] })).toBe(false)
  })
})

describe('a parser’s result', () => {
  const parse = (text: string) => new RequestHeadParser().push(latin1(text)) as ParsedRequest
  const good = parse(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\nExpect: 100-continue\r\n\r\nrest',
  )
  const bad = parse('GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: foo\r\nExpect: 100-continue\r\n x')
  it('is read directly, and an unreadable one asks for nothing', () => {
    expect(selectUpgrade(good, ['foo'])).toBe('foo')
    expect(expectsContinue(good)).toBe(true)
    expect(bad.ok).toBe(false)
    expect(selectUpgrade(bad, ['foo'])).toBeUndefined()
    expect(expectsContinue(bad)).toBe(false)
  })
})

it('reads nothing from a request with more fields than limits.maxHeadFields', () => {
  const many = request('foo', { a: Array<string>(98).fill('b') })
  expect(selectUpgrade(many, ['foo'])).toBeUndefined()
  expect(selectUpgrade(many, ['foo'], { limits: { maxHeadFields: 101 } })).toBe('foo')
})

it('reads nothing from a request with an invalid Connection', () => {
  expect(selectUpgrade(request('foo', { connection: 'Upgrade, ???' }), ['foo'])).toBeUndefined()
})

it('throws for an invalid argument', () => {
  const asked = request('foo')
  for (const supported of ['foo', undefined, null, 5, {}, Promise.resolve(['foo'])])
    expect(() => selectUpgrade(asked, supported as string[])).toThrow(
      /^`supported` must be an array of protocols or a function/,
    )
  expect(() => selectUpgrade(asked, [5 as unknown as string])).toThrow(TypeError)
  expect(() => selectUpgrade(asked, ['foo'], { prefers: 'server' } as object)).toThrow('did you mean `prefer`?')
  expect(() => selectUpgrade(asked, ['foo'], { prefer: 'both' as 'client' })).toThrow(
    new TypeError(`\`prefer\` must be 'client' or 'server', not "both"`),
  )
})
