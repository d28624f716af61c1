/** Tests of the adapter for the platform's URL parser: it never throws. */

import { expect, it } from 'vitest'
import { decodePercent, parseUrl } from '../../src/platform/url.ts'

it('parseUrl returns the parts of a URL, resolved against a base', () => {
  expect(parseUrl('ws://u:p@A.example:81/b?c#d')).toMatchObject({
    protocol: 'ws:',
    username: 'u',
    password: 'p',
    host: 'a.example:81',
    hostname: 'a.example',
    port: '81',
    pathname: '/b',
    search: '?c',
    hash: '#d',
  })
  expect(parseUrl('x', 'ws://a/b/c')?.href).toBe('ws://a/b/x')
})
it.each(['', '/a', 'a', 'ws://', 'ws://a:99999', 'ws://[', 'ws://a b', 'ws://\0'])('%j is not a URL', (text) => {
  expect(parseUrl(text)).toBeUndefined()
})
it('an invalid URL stays invalid against an invalid base', () => {
  expect(parseUrl('/a', 'b')).toBeUndefined()
})
it.each([
  ['', ''],
  ['a%20b', 'a b'],
  ['%C2%A3', '£'],
  ['a+b', 'a+b'],
  ['%FF', '%FF'],
  ['%20%FF', '%20%FF'],
  ['%', '%'],
  ['%zz', '%zz'],
])('the percent-decoding of %j is %j', (text, decoded) => {
  expect(decodePercent(text)).toBe(decoded)
})
