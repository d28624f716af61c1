/** Tests the form of listed origins, and that no similar origin is mistaken for a subdomain. */

import { describe, expect, it } from 'vitest'
import { quote } from '../../src/errors.ts'
import { isListed, requireOrigins } from '../../src/handshake/origin.ts'

const requireEntry = (entry: string) => requireOrigins([entry])
const matchesOrigin = (origin: string, entry: string) => isListed(origin, new Set([entry]))

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
    expect(() => requireEntry(entry)).not.toThrow()
  })
  it.each([
    ['', 'such as "https://a.example"'],
    ['*', 'such as "https://a.example"'],
    ['a.example', 'such as "https://a.example"'],
    ['*.a.example', 'such as "https://a.example"'],
    ['//a.example', 'such as "https://a.example"'],
    ['https://a.example/', 'such as "https://a.example"'],
    ['https://a.example/chat', 'such as "https://a.example"'],
    ['https://a.example?x', 'such as "https://a.example"'],
    ['https://u@a.example', 'such as "https://a.example"'],
    ['https://bücher.example', 'such as "https://xn--bcher-kva.example"'],
    ['wss://a.example', 'such as "https://a.example"'],
    ['ws://a.example', 'such as "https://a.example"'],
    ['https://a.example:', 'such as "https://a.example"'],
    ['https://a.example:0444', 'such as "https://a.example:444"'],
    ['https://a.example:99999', 'such as "https://a.example"'],
    ['https://a.example:abc', 'such as "https://a.example"'],
    ['http://a:b:c', 'such as "https://a.example"'],
    ['http://[::1', 'such as "https://a.example"'],
    ['http://[::0001]', 'such as "http://[::1]"'],
    ['http://127.1', 'such as "http://127.0.0.1"'],
    ['https://0x7f.1', 'such as "https://127.0.0.1"'],
    ['https://a[b', 'such as "https://a.example"'],
    ['https://*.[::1]', 'such as "https://a.example"'],
    ['https://*.0.0.1', 'such as "https://a.example"'],
    ['HTTPS://a.example', 'such as "https://a.example"'],
    ['https://A.example', 'such as "https://a.example"'],
    ['https://*.A.example', 'such as "https://*.a.example"'],
    ['https://a.example:443', 'such as "https://a.example"'],
    ['https://*.a.example:443', 'such as "https://*.a.example"'],
    ['http://a.example:80', 'such as "http://a.example"'],
    ['https://', 'such as "https://a.example"'],
    ['https://:8443', 'such as "https://a.example"'],
    ['https://*', 'such as "https://a.example"'],
    ['https://*.', 'such as "https://a.example"'],
    ['https://*a.example', 'such as "https://a.example"'],
    ['https://x.*.example', 'such as "https://a.example"'],
    ['https://*.*.example', 'such as "https://a.example"'],
    ['https://a.example:*', 'such as "https://a.example"'],
    ['*://a.example', 'such as "https://a.example"'],
    [' https://a.example', 'such as "https://a.example"'],
    ['https://a.example\n', 'such as "https://a.example"'],
    ['Null', 'such as "https://a.example"'],
  ])('may not be %j', (entry, why) => {
    expect(() => requireEntry(entry)).toThrow(TypeError)
    expect(() => requireEntry(entry)).toThrow(why)
    expect(() => requireEntry(entry)).toThrow(
      `\`origins[0]\` must be an origin as browsers write it, ${why}, not ${quote(entry)}`,
    )
  })
})

describe('such as "https://a.example"', () => {
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
  ])('does not match %j', (origin) => {
    expect(matchesOrigin(origin, entry)).toBe(false)
  })
  it('matches only its port', () => {
    expect(matchesOrigin('https://x.a.example:8443', 'https://*.a.example:8443')).toBe(true)
    expect(matchesOrigin('https://x.a.example', 'https://*.a.example:8443')).toBe(false)
    expect(matchesOrigin('https://x.a.example:18443', 'https://*.a.example:8443')).toBe(false)
  })
})

it('accepts only entries that the URL parser leaves unchanged', () => {
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
      requireEntry(entry)
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
