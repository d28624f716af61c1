/** Holds how listed origins are spelt, and that no origin passes for a subdomain that only looks like one. */

import { describe, expect, it } from 'vitest'
import { checkOriginEntry, matchesOrigin } from '../../src/handshake/origin-list.ts'

describe('an entry', () => {
  it.each([
    'http://a.example',
    'https://a.example:8443',
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://[::1]:3000',
    'https://xn--bcher-kva.example',
    'https://*.a.example',
    'https://*.a.example:8443',
    'https://a_b.example',
    'http://a.example:443',
    'chrome-extension://abcdefghijklmnop',
    'capacitor://localhost',
    'file://',
    'null',
    'absent',
  ])('may be %j', (entry) => {
    expect(() => checkOriginEntry(entry)).not.toThrow()
  })
  it.each([
    ['', 'an origin is a scheme'],
    ['*', "to let everybody in, say `origins: 'any'`"],
    ['a.example', 'an origin is a scheme'],
    ['*.a.example', 'an origin is a scheme'],
    ['//a.example', 'an origin is a scheme'],
    ['https://a.example/', 'without a slash behind'],
    ['https://a.example/chat', 'without a slash behind'],
    ['https://a.example?x', 'an origin is a scheme'],
    ['https://u@a.example', 'an origin is a scheme'],
    ['https://bücher.example', 'browsers write "https://xn--bcher-kva.example"'],
    ['wss://a.example', 'pages have the scheme http or https'],
    ['ws://a.example', 'pages have the scheme http or https'],
    ['https://a.example:', 'browsers write "https://a.example"'],
    ['https://a.example:0444', 'browsers write "https://a.example:444"'],
    ['https://a.example:99999', 'it has no host that a URL may have'],
    ['https://a.example:abc', 'it has no host that a URL may have'],
    ['http://a:b:c', 'it has no host that a URL may have'],
    ['http://[::1', 'it has no host that a URL may have'],
    ['http://[::0001]', 'browsers write "http://[::1]"'],
    ['http://127.1', 'browsers write "http://127.0.0.1"'],
    ['https://0x7f.1', 'browsers write "https://127.0.0.1"'],
    ['https://a[b', 'it has no host that a URL may have'],
    ['https://*.[::1]', 'it has no host that a URL may have'],
    ['https://*.0.0.1', 'it has no host that a URL may have'],
    ['HTTPS://a.example', 'an origin is a scheme'],
    ['https://A.example', 'browsers write "https://a.example"'],
    ['https://*.A.example', 'browsers write "https://*.a.example"'],
    ['https://a.example:443', 'browsers write "https://a.example"'],
    ['https://*.a.example:443', 'browsers write "https://*.a.example"'],
    ['http://a.example:80', 'browsers write "http://a.example"'],
    ['https://', 'it has no host that a URL may have'],
    ['https://:8443', 'it has no host that a URL may have'],
    ['https://*', 'a wildcard stands for whole labels at the front only'],
    ['https://*.', 'a wildcard'],
    ['https://*a.example', 'a wildcard'],
    ['https://x.*.example', 'a wildcard'],
    ['https://*.*.example', 'a wildcard'],
    ['https://a.example:*', 'a wildcard'],
    ['*://a.example', 'a wildcard'],
    [' https://a.example', 'an origin is a scheme'],
    ['https://a.example\n', 'an origin is a scheme'],
    ['Null', 'an origin is a scheme'],
  ])('may not be %j', (entry, why) => {
    expect(() => checkOriginEntry(entry)).toThrow(TypeError)
    expect(() => checkOriginEntry(entry)).toThrow(why)
    expect(() => checkOriginEntry(entry)).toThrow(JSON.stringify(entry))
  })
})

describe('a wildcard', () => {
  const entry = 'https://*.a.example'
  it.each(['https://x.a.example', 'https://x.y.a.example', 'https://x-1.a.example', 'https://_x.a.example'])(
    'takes %j',
    (origin) => {
      expect(matchesOrigin(origin, entry)).toBe(true)
    },
  )
  it.each([
    'https://a.example',
    'https://.a.example',
    'https://..a.example',
    'https://x..a.example',
    'https://.x.a.example',
    'https://evil-a.example',
    'https://xa.example',
    'https://x.a.example.evil',
    'https://x.a.example:443',
    'https://x.a.example:8443',
    'http://x.a.example',
    'HTTPS://x.a.example',
    'https://X.a.example',
    'https://x.A.example',
    'https://evil.example/.a.example',
    'https://evil.example?.a.example',
    'https://evil.example#.a.example',
    'https://evil.example:1.a.example',
    'https://evil@x.a.example',
    'https://evil.example\\.a.example',
    'https://evil.example%2f.a.example',
    'https://evil.example\0.a.example',
    'https://evil.example .a.example',
    'https://*.a.example',
    'https://é.a.example',
    'wss://x.a.example',
    'x.a.example',
    'https:/x.a.example',
    'https://',
    'null',
    '',
  ])('does not take %j', (origin) => {
    expect(matchesOrigin(origin, entry)).toBe(false)
  })
  it('keeps to its port', () => {
    expect(matchesOrigin('https://x.a.example:8443', 'https://*.a.example:8443')).toBe(true)
    expect(matchesOrigin('https://x.a.example', 'https://*.a.example:8443')).toBe(false)
    expect(matchesOrigin('https://x.a.example:18443', 'https://*.a.example:8443')).toBe(false)
  })
})

it('an entry that is taken is one that the URL parser writes in the same way', () => {
  const pieces = ['a', 'z9', '1', '0x1', '_', '-', '--', 'xn--', '.', '..', ':', ':80', ':443', ':8080', ':0', ':65536']
  const all = [...pieces, '*.', 'é', 'A', '@', '/', '[::1]', '127.0.0.1', 'example', '%']
  let state = 7
  const next = (below: number) => {
    state = (state * 48271) % 2147483647
    return state % below
  }
  let taken = 0
  for (let i = 0; i < 20_000; i++) {
    const entry = `${next(2) ? 'http' : 'https'}://${Array.from({ length: 1 + next(5) }, () => all[next(all.length)]).join('')}`
    try {
      checkOriginEntry(entry)
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
      continue
    }
    taken++
    const plain = entry.replace('//*.', '//x.')
    expect(`${new URL(plain).protocol}//${new URL(plain).host}`).toBe(plain)
  }
  expect(taken).toBeGreaterThan(500)
})
