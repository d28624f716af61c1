/** Tests which origins may connect: by default the same host and port, and no similar origin. */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import { findOriginError, type OriginPolicy, originField, requireOrigins } from '../../src/handshake/origin.ts'
import { getHeaders, type HeaderRecord } from '../../src/http/headers.ts'
import { type RequestHead, requestHeadFrom } from '../../src/http/request.ts'
import { opening } from './opening.ts'

function head(
  origin: string | string[] | undefined,
  changes: Partial<RequestHead> & { host?: string } = {},
): RequestHead {
  const { host = 'a.example', ...others } = changes
  return {
    ...requestHeadFrom({ method: 'GET', target: '/', httpVersion: '1.1', headers: { host, origin } }),
    ...others,
  }
}
function check(asked: RequestHead, policy: OriginPolicy) {
  const { headers } = asked
  const fields = { lines: getHeaders(headers, 'origin'), hosts: getHeaders(headers, 'host') }
  return findOriginError(asked, fields, requireOrigins(policy.origins), policy.scheme)
}

type Origins = OriginPolicy['origins']
const accepts = (headers: HeaderRecord, origins: Origins) => acceptHandshake(opening(headers), { origins }).ok
const isAllowed = (origins: Origins, ...args: Parameters<typeof head>) =>
  check(head(...args), { origins }) === undefined

describe("'same'", () => {
  it.each<[string | undefined, string]>([
    [undefined, 'a.example'],
    ['http://a.example', 'a.example'],
    ['https://a.example', 'a.example'],
    ['http://a.example', 'A.EXAMPLE'],
    ['http://A.example', 'a.example'],
    ['http://a.example:80', 'a.example'],
    ['http://a.example', 'a.example:80'],
    ['https://a.example', 'a.example:443'],
    ['https://a.example:443', 'a.example'],
    ['http://a.example:8080', 'a.example:8080'],
    ['http://127.0.0.1:3000', '127.0.0.1:3000'],
    ['http://[::1]', '[::1]'],
    ['http://[::1]:3000', '[::1]:3000'],
    ['https://[2001:db8::A]', '[2001:DB8::a]:443'],
    ['http://xn--bcher-kva.example', 'xn--bcher-kva.example'],
    // From clients that send the WebSocket scheme.
    ['ws://a.example', 'a.example'],
    ['wss://a.example', 'a.example:443'],
    ['ws://a.example:80', 'a.example'],
  ])('%j may open %j', (origin, host) => {
    expect(isAllowed('same', origin, { host })).toBe(true)
  })
  it.each<[string, string]>([
    ['null', 'a.example'],
    ['null', 'null'],
    ['', 'a.example'],
    ['a.example', 'a.example'],
    ['//a.example', 'a.example'],
    ['http:a.example', 'a.example'],
    ['http:/a.example', 'a.example'],
    ['HTTP://a.example', 'a.example'],
    ['WS://a.example', 'a.example'],
    ['wsx://a.example', 'a.example'],
    ['file://a.example', 'a.example'],
    ['chrome-extension://a.example', 'a.example'],
    ['http://b.example', 'a.example'],
    ['http://a.example.evil', 'a.example'],
    ['http://evil-a.example', 'a.example'],
    ['http://evil.a.example', 'a.example'],
    ['http://a.exampl', 'a.example'],
    ['http://a.example.', 'a.example'],
    ['http://a.example@b.example', 'a.example'],
    ['http://b.example@a.example', 'a.example'],
    ['http://a.example:80@b.example', 'a.example'],
    ['http://b.example#a.example', 'a.example'],
    ['http://b.example?a.example', 'a.example'],
    ['http://a.example/', 'a.example'],
    ['http://a.example\\.evil', 'a.example'],
    ['http://a.example http://b.example', 'a.example'],
    ['http://a.example, http://b.example', 'a.example'],
    ['http://a.example:8080', 'a.example'],
    ['http://a.example', 'a.example:8080'],
    ['http://a.example', 'a.example:443'],
    ['https://a.example:80', 'a.example'],
    ['https://a.example', 'a.example:80'],
    ['http://a.example:080', 'a.example'],
    ['http://a.example:8o', 'a.example'],
    ['http://[::1]', '::1'],
    ['http://[::2]', '[::1]'],
    ['http://::1', '[::1]'],
    ['http://', 'a.example'],
    ['http://:80', 'a.example'],
    ['http://__proto__', 'a.example'],
  ])('%j may not open %j', (origin, host) => {
    const error = check(head(origin, { host }), {})
    expect(error?.toJSON()).toMatchObject({ code: 'origin', status: 403, reference: 'RFC 6455 §4.2.2' })
  })
  it('prefers an absolute target or the runtime’s authority to Host', () => {
    expect(isAllowed('same', 'http://b.example', { target: 'http://b.example/' })).toBe(true)
    expect(isAllowed('same', 'http://a.example', { target: 'http://b.example/' })).toBe(false)
    expect(isAllowed('same', 'http://b.example', { authority: 'b.example' })).toBe(true)
    expect(isAllowed('same', 'http://a.example', { authority: 'b.example' })).toBe(false)
  })
  it('refuses an http page over https, but not an https page over http, since there may be a proxy', () => {
    expect(isAllowed('same', 'http://a.example', { scheme: 'https' })).toBe(false)
    expect(isAllowed('same', 'http://a.example:8443', { scheme: 'https', host: 'a.example:8443' })).toBe(false)
    expect(isAllowed('same', 'https://a.example', { scheme: 'https' })).toBe(true)
    expect(isAllowed('same', 'https://a.example', { scheme: 'http' })).toBe(true)
    expect(isAllowed('same', 'http://a.example', { scheme: 'http' })).toBe(true)
  })
  it('matches no origin if the host is unknown', () => {
    expect(isAllowed('same', 'http://a.example', { host: 'u@a.example' })).toBe(false)
    expect(isAllowed('same', 'http://a.example', { headers: [['Origin', 'http://a.example']] })).toBe(false)
  })
  it('names both origins and the option in the message', () => {
    expect(check(head('https://b.example'), {})?.message).toBe(
      'origin "https://b.example" is not "a.example" and is not in `origins`',
    )
  })
})

describe("'same' with a known scheme", () => {
  const isAllowedWith = (scheme: 'http' | 'https', ...args: Parameters<typeof head>) =>
    check(head(...args), { scheme }) === undefined
  it('requires that scheme of the origin, whatever the scheme of the request', () => {
    for (const seen of [undefined, 'http', 'https']) {
      expect(isAllowedWith('https', 'https://a.example', { scheme: seen })).toBe(true)
      expect(isAllowedWith('https', 'http://a.example', { scheme: seen })).toBe(false)
      expect(isAllowedWith('http', 'http://a.example', { scheme: seen })).toBe(true)
      expect(isAllowedWith('http', 'https://a.example', { scheme: seen })).toBe(false)
    }
    expect(isAllowedWith('https', undefined)).toBe(true)
    expect(isAllowedWith('https', 'https://a.example', { host: 'a.example:443' })).toBe(true)
    expect(isAllowedWith('https', 'https://a.example', { host: 'a.example:80' })).toBe(false)
    expect(isAllowedWith('https', 'https://b.example')).toBe(false)
  })
  it('names the scheme in the message, also if it comes from the request', () => {
    expect(check(head('http://a.example', { scheme: 'https' }), {})?.message).toContain('is not "https://a.example"')
    expect(check(head('http://a.example'), { scheme: 'https' })?.message).toBe(
      'origin "http://a.example" is not "https://a.example" and is not in `origins`',
    )
  })
})

describe('other policies', () => {
  it("'any' accepts every origin", () => {
    for (const origin of [undefined, 'null', '', 'x', ['a', 'b']]) expect(isAllowed('any', origin)).toBe(true)
  })
  it('a list contains whole origins, null and absent', () => {
    const list = ['https://a.example', 'null']
    expect(isAllowed(list, 'https://a.example')).toBe(true)
    expect(isAllowed(list, 'null')).toBe(true)
    for (const origin of [
      undefined,
      'https://a.example.evil',
      'https://a.example:443',
      'https://A.example',
      'http://a.example',
      '',
    ])
      expect(isAllowed(list, origin)).toBe(false)
    expect(isAllowed(['absent'], undefined)).toBe(true)
    expect(isAllowed([], undefined)).toBe(false)
  })
  it('a function gets the origin and the head of otherwise valid requests, and its exceptions are rethrown', () => {
    const seen: unknown[] = []
    const origins: Origins = (origin, request) => seen.push([origin, request.target]) === 1
    expect(accepts({ Origin: 'x' }, origins)).toBe(true)
    expect(accepts({}, origins)).toBe(false)
    expect(accepts({ Upgrade: undefined, Origin: 'x' }, origins)).toBe(false)
    expect(seen).toEqual([
      ['x', '/chat'],
      [undefined, '/chat'],
    ])
    const failing = () => {
      throw new RangeError('mine')
    }
    expect(() => accepts({ Origin: 'x' }, failing)).toThrow('mine')
  })
  it('a function that returns false causes a 403', () => {
    expect(acceptHandshake(opening({ Origin: 'x' }), { origins: () => false })).toMatchObject({
      errors: [{ code: 'origin', status: 403, message: 'origin "x" is not allowed by `origins`' }],
    })
  })
  it('two Origin lines are always refused', () => {
    const twice = ['http://a.example', 'http://a.example']
    for (const policy of ['same', ['http://a.example'], () => true] as const)
      expect(isAllowed(policy, twice)).toBe(false)
  })
})

it('throws for an invalid policy, and for a result that is not a boolean', () => {
  for (const origins of ['https://a.com', 'https://a.co', '*', null, {}])
    expect(() => accepts({}, origins as never)).toThrow(TypeError)
  for (const answer of [undefined, 1, 'yes', Promise.resolve(false)])
    expect(() => accepts({}, (() => answer) as never)).toThrow(TypeError)
  for (const scheme of ['HTTPS', 'wss', ''])
    expect(() => acceptHandshake(opening(), { scheme: scheme as 'https' })).toThrow(TypeError)
})

describe('a list', () => {
  it('allows subdomains with a wildcard, and the name itself with a separate entry', () => {
    const list = ['https://*.a.example', 'https://*.b.example:8443']
    expect(isAllowed(list, 'https://x.a.example')).toBe(true)
    expect(isAllowed(list, 'https://x.y.a.example')).toBe(true)
    expect(isAllowed(list, 'https://x.b.example:8443')).toBe(true)
    for (const origin of ['https://a.example', 'https://x.b.example', 'https://xa.example', undefined])
      expect(isAllowed(list, origin)).toBe(false)
    expect(isAllowed([...list, 'https://a.example'], 'https://a.example')).toBe(true)
  })
  it('treats ws and wss as http and https', () => {
    const list = ['https://a.example', 'http://*.b.example']
    expect(isAllowed(list, 'wss://a.example')).toBe(true)
    expect(isAllowed(list, 'ws://x.b.example')).toBe(true)
    for (const origin of ['ws://a.example', 'wss://x.b.example']) expect(isAllowed(list, origin)).toBe(false)
  })
  it.each<[Origins]>([['same'], [['https://b.example']]])(
    'names the origin from the request in the message: %j',
    (origins) => {
      expect(check(head('ws://x.example'), { origins })?.message).toContain('origin "ws://x.example" is not')
    },
  )
  it('does not match an Origin that equals a special entry', () => {
    expect(isAllowed(['absent'], 'absent')).toBe(false)
    expect(isAllowed(['https://*.a.example'], 'https://*.a.example')).toBe(false)
  })
  it('throws for an entry that can match nothing, even if another entry matches', () => {
    expect(() => accepts({ Origin: 'https://a.example' }, ['https://a.example', 'https://A.example'])).toThrow(
      TypeError,
    )
  })
})

describe('a draft version', () => {
  const draft = (headers: Record<string, string>) => {
    const result = acceptHandshake(opening({ 'Sec-WebSocket-Version': '8', ...headers }), { versions: [13, 8] })
    return result.ok ? 'accepted' : result.errors.map(({ code, status }) => `${code} ${status}`).join()
  }
  it('has its origin in a different field', () => {
    expect(draft({ 'sec-websocket-origin': 'http://a.example' })).toBe('accepted')
    expect(draft({ 'sec-websocket-origin': 'http://b.example' })).toBe('origin 403')
    expect(draft({})).toBe('accepted')
  })
  it('is checked by Origin if only that is present, and is refused with both fields', () => {
    expect(draft({ origin: 'http://b.example' })).toBe('origin 403')
    expect(draft({ origin: 'http://a.example', 'sec-websocket-origin': 'http://a.example' })).toBe('origin 403')
  })
  it('is the only one that reads that field', () => {
    expect(acceptHandshake(opening({ 'Sec-WebSocket-Origin': 'http://b.example' })).ok).toBe(true)
  })
  it('determines the field', () => {
    expect([0, 3, 4, 8, 12].map(originField).map((name) => name.length)).toEqual([6, 6, 20, 20, 20])
    expect([8, 13, 14].map(originField)).toEqual(['Sec-WebSocket-Origin', 'Origin', 'Origin'])
  })
})
