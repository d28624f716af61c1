/** Tests which texts are a host (RFC 3986 §3.2.2), and which of these a URL can contain. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Authority, fitsUrl, parseAuthority } from '../../src/http/authority.ts'
import { runs } from '../share.ts'

describe('parseAuthority', () => {
  it.each([
    ['a.example', 'a.example', ''],
    ['A.EXAMPLE:80', 'a.example', '80'],
    ['a.example:', 'a.example', ''],
    ['127.0.0.1:8080', '127.0.0.1', '8080'],
    ['[::1]', '[::1]', ''],
    ['[2001:DB8::1]:443', '[2001:db8::1]', '443'],
    ['[::ffff:127.0.0.1]', '[::ffff:127.0.0.1]', ''],
    ["a_b-c~d!$&'()*+;=%20", "a_b-c~d!$&'()*+;=%20", ''],
    ['%C3%a9:80', '%c3%a9', '80'],
    ['[v1.x]', '[v1.x]', ''],
    ["[VF0.a-b._~!$&'()*+;=:1]:65536", "[vf0.a-b._~!$&'()*+;=:1]", '65536'],
    ['a:99999', 'a', '99999'],
  ])('%j', (text, host, port) => {
    expect(parseAuthority(text)).toEqual({ host, port })
  })
  it.each([
    '',
    ':80',
    'a:b',
    'a:80:80',
    'a:-1',
    'a:8 0',
    'a b',
    ' a',
    'a ',
    'a,b',
    'a@b',
    'u:p@a',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a^b',
    'a`b',
    'a|b',
    'a"b',
    'a<b',
    '%',
    'a%2',
    'a%zz',
    '%20%g0',
    'é',
    'a\u212a',
    'a\0',
    'a\r\n',
    '[',
    '[]',
    '[::1',
    '::1',
    '[::1]a',
    '[::1]:a',
    '[g]',
    '[::1%25eth0]',
    '[::1/]',
    '[[::1]]',
    ']',
    'a[::1]',
    '[v1]',
    '[v.x]',
    '[v1.]',
    '[vg.x]',
    '[1.x]',
    '[v1.%41]',
    '[v1.[]',
    '[cafe.de]',
    '[.]',
    '[1]',
  ])('%j is not an authority', (text) => {
    expect(parseAuthority(text)).toBeUndefined()
  })
})

/** The nine alternatives of IPv6address (RFC 3986 §3.2.2), in the order of the RFC. */
const h16 = '[0-9a-fA-F]{1,4}'
const decOctet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const ls32 = `(?:${h16}:${h16}|${decOctet}(?:\\.${decOctet}){3})`
const ipv6 = new RegExp(
  `^(?:${[
    `(?:${h16}:){6}${ls32}`,
    `::(?:${h16}:){5}${ls32}`,
    `(?:${h16})?::(?:${h16}:){4}${ls32}`,
    `(?:(?:${h16}:){0,1}${h16})?::(?:${h16}:){3}${ls32}`,
    `(?:(?:${h16}:){0,2}${h16})?::(?:${h16}:){2}${ls32}`,
    `(?:(?:${h16}:){0,3}${h16})?::${h16}:${ls32}`,
    `(?:(?:${h16}:){0,4}${h16})?::${ls32}`,
    `(?:(?:${h16}:){0,5}${h16})?::${h16}`,
    `(?:(?:${h16}:){0,6}${h16})?::`,
  ].join('|')})$`,
)

describe('IPv6address', () => {
  it.each<[text: string, valid: boolean]>([
    ['::', true],
    ['1::', true],
    ['::1.2.3.4', true],
    ['::255.255.255.255', true],
    ['1:2:3:4:5:6:7:8', true],
    ['1:2:3:4:5:6:7::', true],
    ['::2:3:4:5:6:7:8', true],
    ['1:2:3:4:5:6:1.2.3.4', true],
    ['1:2:3:4:5::1.2.3.4', true],
    [':::', false],
    ['::::::', false],
    ['1::2::3', false],
    ['1:::2', false],
    [':1::2', false],
    ['1:2:3:4:5:6:7', false],
    ['1:2:3:4:5:6:7:8:9', false],
    ['1::2:3:4:5:6:7:8', false],
    ['1:2:3:4:5:6:7:8::', false],
    ['1:2:3:4:5:6:7:', false],
    ['12345::', false],
    ['1.2.3.4', false],
    ['::1.2.3', false],
    ['::1.2.3.4.5', false],
    ['::1.2.3.256', false],
    ['::1.2.3.04', false],
    ['::1.2.3.', false],
    ['::1.2.3.4:1', false],
    ['1.2.3.4::', false],
    ['1:2:3:4:5:6:7:1.2.3.4', false],
  ])('[%s]: %s', (text, valid) => {
    expect(ipv6.test(text)).toBe(valid)
    expect(parseAuthority(`[${text}]`) !== undefined).toBe(valid)
  })
  it('follows the grammar', () => {
    const part = fc.constantFrom(':', ':', '::', '0', 'a', 'F1', '255', '1.2.3.4', '.', '12345', 'g')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 18 }), (parts) => {
        const text = parts.join('')
        expect(parseAuthority(`[${text}]`) !== undefined).toBe(ipv6.test(text))
      }),
      { numRuns: runs(800, 8000) },
    )
    const group = fc.constantFrom('0:', '1:', '2f:', ':', 'ffff:')
    fc.assert(
      fc.property(fc.array(group, { maxLength: 9 }), fc.constantFrom('', '1', '1.2.3.4'), (groups, end) => {
        const text = groups.join('') + end
        expect(parseAuthority(`[${text}]`) !== undefined).toBe(ipv6.test(text))
      }),
      { numRuns: runs(800, 8000) },
    )
  })
  it('takes linear time', () => {
    const begin = performance.now()
    for (const text of ['[', '[:', '[v1.', '[1.', '[0']) parseAuthority(text + text.slice(-1).repeat(1_000_000))
    parseAuthority(`[v1.${'a'.repeat(1_000_000)}]`)
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})

it.each([
  ['a', true],
  ['a:', true],
  ['a:0', true],
  ['a:65535', true],
  ['a:0000065535', true],
  ['[::1]:1', true],
  ['v1.a', true],
  ['a:65536', false],
  ['a:99999999999999999999', false],
  ['[v1.a]', false],
  ['[V1.a]:1', false],
])('a URL can contain %s: %s', (text, fits) => {
  expect(fitsUrl(parseAuthority(text) as Authority)).toBe(fits)
})
