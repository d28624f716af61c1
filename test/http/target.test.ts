/** Tests how a request target is split, and that a request can contain every part. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { formatRequestHead } from '../../src/http/head-format.ts'
import { requestHeadFrom } from '../../src/http/request.ts'
import { encodeBytes, splitTarget } from '../../src/http/target.ts'
import { runs } from '../share.ts'

describe('splitTarget', () => {
  it.each<[target: string, path: string, query: string, originForm: string]>([
    ['/', '/', '', '/'],
    ['/chat', '/chat', '', '/chat'],
    ['/chat?token=x', '/chat', 'token=x', '/chat?token=x'],
    ['/chat?', '/chat', '', '/chat?'],
    ['/a%2Fb?c?d', '/a%2Fb', 'c?d', '/a%2Fb?c?d'],
    ['//a.example/b', '//a.example/b', '', '//a.example/b'],
    ['http://a.example/chat?x', '/chat', 'x', '/chat?x'],
    ['HTTPS://A.example:8443', '/', '', '/'],
    ['ws://[::1]:1?a/b', '/', 'a/b', '/?a/b'],
    ['wss://a.example//b', '//b', '', '//b'],
    ['/caf\xc3\xa9?\xa0', '/caf%C3%A9', '%A0', '/caf%C3%A9?%A0'],
    ['/\u20ac/\xe9', '/%E2%82%AC/%C3%A9', '', '/%E2%82%AC/%C3%A9'],
    ['/\ud800\u20ac', '/%EF%BF%BD%E2%82%AC', '', '/%EF%BF%BD%E2%82%AC'],
  ])('%j', (target, path, query, originForm) => {
    expect(splitTarget(target)).toEqual({ path, query, originForm })
  })
  it.each([
    '*',
    'a.example:443',
    '',
    'chat',
    '?x',
    'http:',
    'http://',
    'http://u:p@a/',
    'http://[1]/',
    'ftp://a/',
    '/a b',
    '/a#b',
    '/\r\n',
    '/\x7f',
  ])('returns undefined for %j', (target) => {
    expect(splitTarget(target)).toBeUndefined()
  })
  it('throws for anything but a string', () => {
    for (const target of [undefined, null, 5, ['/'], {}])
      expect(() => splitTarget(target as string)).toThrow(/^`target` must be a string, not /)
  })
})

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('/', '?', '#', ' ', '%', 'a', '\xe9', '\u20ac', '\ud800', ':', '[', ']', '\0') }),
)
const target = fc.oneof(
  text,
  fc
    .tuple(fc.constantFrom('/', 'http://a', 'http://a/', 'wss://[::1]:1/', '//', '*'), text)
    .map((parts) => parts.join('')),
)

it('returns only targets that a request can contain', () => {
  fc.assert(
    fc.property(target, (target) => {
      const split = splitTarget(target)
      if (split === undefined) return
      const { path, query, originForm } = split
      expect([path, `${path}?${query}`]).toContain(originForm)
      expect(splitTarget(originForm)).toEqual(split)
      expect(offerHandshake('ws://a/', { target: originForm }).request).toMatchObject({
        target: originForm,
        path,
        query,
      })
      const head = requestHeadFrom({ method: 'GET', target, headers: [] })
      expect(head).toMatchObject({ path, query, target: encodeBytes(target) })
      expect(requestHeadFrom(head)).toEqual(head)
      formatRequestHead(head)
    }),
    { numRuns: runs(600, 6000) },
  )
})
