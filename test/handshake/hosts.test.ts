/** Tests which hosts are served: the form of the list, and a 421 for every other host, over each HTTP version. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { AcceptOptions } from '../../src/handshake/accept-options.ts'
import { formatResponse } from '../../src/http/head-format.ts'
import type { RequestSource } from '../../src/http/request.ts'
import { toText } from '../http/head.ts'
import { extended } from './extended.ts'
import { KEY, opening } from './opening.ts'

const hosts = ['chat.example', 'localhost:8080', '[::1]:8080', 'secure.example:443', '192.0.2.1']

function judge(request: RequestSource, options: AcceptOptions = {}) {
  const result = acceptHandshake(request, { hosts, origins: 'any', ...options })
  return result.ok ? result.response.status : [result.response.status, ...result.errors.map(({ code }) => code)]
}

describe('a request for a listed host', () => {
  it.each(['chat.example', 'CHAT.example', 'chat.example:1', 'localhost:8080', 'LocalHost:8080', '[::1]:8080'])(
    'is served: %s',
    (host) => {
      expect(judge(opening({ Host: host }))).toBe(101)
      expect(judge(extended({}, { authority: host }))).toBe(200)
      expect(judge(opening({ Host: 'other' }, { target: `http://${host}/chat` }))).toBe(101)
    },
  )
  it('may leave out the default port of its scheme', () => {
    expect(judge(opening({ Host: 'secure.example' }))).toBe(101)
    expect(judge(opening({ Host: 'secure.example:443' }))).toBe(101)
    expect(judge(opening({ Host: 'secure.example' }), { scheme: 'https' })).toBe(101)
    expect(judge(opening({ Host: 'secure.example' }), { scheme: 'http' })).toEqual([421, 'host'])
    expect(judge(extended({}, { authority: 'secure.example', scheme: 'https' }))).toBe(200)
    expect(judge(extended({}, { authority: 'secure.example', scheme: 'http' }))).toEqual([421, 'host'])
  })
})

describe('a request for another host is a 421', () => {
  it.each([
    'evil.example',
    'chat.example.evil',
    'x.chat.example',
    'chat.example.',
    'localhost',
    'localhost:80',
    'localhost:8081',
    '[::1]',
    '[::2]:8080',
    '192.0.2.2',
    'secure.example:80',
  ])('%s', (host) => {
    expect(judge(opening({ Host: host }))).toEqual([421, 'host'])
    expect(judge(extended({}, { authority: host }))).toEqual([421, 'host'])
    // An absolute target takes precedence over Host (RFC 9112 §3.2.2).
    expect(judge(opening({ Host: 'chat.example' }, { target: `http://${host}/` }))).toEqual([421, 'host'])
  })
  it('for a Fetch Request, by its URL', () => {
    const fetched = (url: string) => {
      const { Host, ...headers } = opening().headers as Record<string, string>
      return judge({ method: 'GET', url, headers: new Map(Object.entries(headers)) })
    }
    expect(fetched('http://chat.example/x')).toBe(101)
    expect(fetched('http://evil.example/x')).toEqual([421, 'host'])
    expect(fetched('/no-url')).toEqual([421, 'host'])
  })
  it('but an invalid Host is a 400, and the only error', () => {
    expect(judge(opening({ Host: undefined }))).toEqual([400, 'host'])
    expect(judge(opening({ Host: 'a b' }))).toEqual([400, 'host'])
  })
  it('that names the requested host, and may keep the connection open', () => {
    const refused = acceptHandshake(opening({ Host: 'evil.example', Origin: 'http://evil.example' }), { hosts })
    expect(toText(formatResponse(refused.response))).toMatch(
      /^HTTP\/1\.1 421 Misdirected Request\r\nConnection: close\r\nContent-Type: /,
    )
    expect(refused.ok || refused.response.body).toBe('host "evil.example" is not in `hosts` (RFC 9110 §15.5.20)\n')
    const kept = acceptHandshake(opening({ Host: 'evil.example' }), { hosts, keepAlive: true })
    expect(kept.response.headers).toEqual([['Content-Type', 'text/plain; charset=utf-8']])
  })
})

describe('a list', () => {
  it.each([
    '',
    '*',
    '*.a.example',
    'http://a.example',
    'a.example/',
    'a.example:',
    'a.example:x',
    'a.example:65536',
    'a.example:-1',
    'a.example:080',
    'a.example:0',
    '127.1',
    '1.2.3.256',
    '0x7f.0.0.1',
    '127.0.0.01',
    'u@a.example',
    'a b',
    '::1',
    '[::1',
    '[0:0::1]',
    '[v1.a]',
    'bücher.example',
    'a%2e',
    undefined,
    null,
    5,
    {},
  ])('rejects %j', (entry) => {
    for (const request of [opening(), opening({ Upgrade: undefined })])
      expect(() => acceptHandshake(request, { hosts: ['a.example', entry as string] })).toThrow(
        /^`hosts\[1\]` must be a host such as /,
      )
  })
  it.each(['a.example', 'A.example:1', '127.0.0.1', '3com.example', 'a.3com', 'a.example.', '[::1]:65535'])(
    'accepts %s',
    (entry) => {
      expect(judge(opening({ Host: entry }), { hosts: [entry] })).toBe(101)
    },
  )
  it('is an array', () => {
    for (const none of ['a.example', null, {}, 5, () => true])
      expect(() => acceptHandshake(opening(), { hosts: none as unknown as string[] })).toThrow(
        /^`hosts` must be an array, not /,
      )
  })
  it('serves no host if it is empty', () => {
    expect(judge(opening(), { hosts: [] })).toEqual([421, 'host'])
  })
})

describe('a request that was never sent over HTTP', () => {
  // A Worker passes such a request to a Durable Object: stub.fetch(url, { headers: { Upgrade: 'websocket' } }).
  const created = (headers: Record<string, string> = {}, url = 'http://object/chat?x') =>
    new Request(url, { headers: { Upgrade: 'websocket', ...headers } })

  it('is refused by default, without key and version', () => {
    const refused = acceptHandshake(created())
    expect(refused.ok || refused.errors.map(({ code }) => code)).toEqual(['version', 'key'])
    expect(judge(created(), { hosts: undefined, offWire: false })).toEqual([400, 'version', 'key'])
  })
  it('is accepted with `offWire`, without an accept in the response', () => {
    expect(
      acceptHandshake(created({ 'Sec-WebSocket-Protocol': 'b, a' }), { offWire: true, subprotocols: ['a'] }),
    ).toEqual({
      ok: true,
      version: 13,
      subprotocol: 'a',
      extensions: [],
      response: {
        status: 101,
        reason: 'Switching Protocols',
        headers: [
          ['Upgrade', 'websocket'],
          ['Connection', 'Upgrade'],
          ['Sec-WebSocket-Protocol', 'a'],
        ],
      },
      agreedHeaders: [['Sec-WebSocket-Protocol', 'a']],
      offeredSubprotocols: ['b', 'a'],
      declined: [],
    })
  })
  it.each<[Record<string, string>, number, string]>([
    [{ 'Sec-WebSocket-Version': '8' }, 426, 'version'],
    [{ 'Sec-WebSocket-Version': 'x' }, 400, 'version'],
    [{ 'Sec-WebSocket-Key': 'x' }, 400, 'key'],
    [{ 'Sec-WebSocket-Key': '' }, 400, 'key'],
    [{ 'Sec-WebSocket-Key': `${KEY}, ${KEY}` }, 400, 'key'],
    [{ Upgrade: 'h2c' }, 426, 'upgrade-missing'],
    [{ Origin: 'https://evil.example' }, 403, 'origin'],
  ])('with %j is a %i, since present fields must be valid', (headers, status, code) => {
    const options: AcceptOptions = { hosts: undefined, origins: undefined }
    expect(judge(created(headers), { ...options, offWire: true })).toEqual([status, code])
    expect(judge(created(headers), { ...options, offWire: { host: 'chat.example' } })).toEqual([status, code])
  })
  it('with a valid key gets an accept', () => {
    const accepted = acceptHandshake(created({ 'Sec-WebSocket-Key': KEY, 'Sec-WebSocket-Version': '13' }), {
      offWire: true,
    })
    expect(accepted.response.headers).toContainEqual(['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='])
  })
  it('is addressed to the host in `offWire`, without a scheme', () => {
    const options: AcceptOptions = { hosts: undefined, origins: 'same' }
    const from = (origin: string, offWire: AcceptOptions['offWire'], url?: string) =>
      judge(created({ Origin: origin }, url), { ...options, offWire })
    expect(from('https://chat.example', { host: 'chat.example' })).toBe(101)
    expect(from('http://chat.example', { host: 'chat.example' }, 'https://object/')).toBe(101)
    expect(from('https://chat.example:8443', { host: 'chat.example:8443' })).toBe(101)
    expect(from('http://object', { host: 'chat.example' })).toEqual([403, 'origin'])
    expect(from('http://object', true)).toBe(101)
    expect(judge(created(), { hosts: ['chat.example'], offWire: { host: 'chat.example' } })).toBe(101)
    expect(judge(created(), { hosts: ['chat.example'], offWire: { host: 'b.example' } })).toEqual([421, 'host'])
    expect(judge(created(), { hosts: ['chat.example'], offWire: true })).toEqual([421, 'host'])
  })
  it('is the only exception: a request over HTTP is checked as usual', () => {
    const bare = { 'Sec-WebSocket-Key': undefined, 'Sec-WebSocket-Version': undefined }
    for (const offWire of [true, { host: 'a.example' }]) {
      expect(judge(opening(bare), { hosts: undefined, offWire })).toEqual([400, 'version', 'key'])
      const { headers } = opening(bare)
      const rawHeaders = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
      const message = { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: rawHeaders as string[] }
      expect(judge(message, { hosts: undefined, offWire })).toEqual([400, 'version', 'key'])
      const shared = extended({ 'sec-websocket-version': undefined })
      expect(judge(shared, { hosts: undefined, offWire })).toEqual([400, 'version'])
    }
  })
  it.each([null, 'yes', 5, [], {}, { host: 5 }, { host: 'http://a' }, { hosts: 'a' }, Promise.resolve(true)])(
    'throws for `offWire: %j`',
    (offWire) => {
      expect(() => acceptHandshake(created(), { offWire: offWire as unknown as boolean })).toThrow(/`offWire(\.host)?`/)
    },
  )
})
