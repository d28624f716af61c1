/** Tests the key and its accept value (RFC 6455 §1.3, §4.1, §4.2.2). */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attempt } from '../../src/errors.ts'
import { answerKey, computeAccept, findKeyOffset, generateKey, readKey } from '../../src/handshake/key.ts'
import { ACCEPT, KEY } from './opening.ts'

describe('computeAccept', () => {
  it('computes the accept of RFC 6455 §1.3', () => {
    expect(computeAccept(KEY)).toBe(ACCEPT)
  })
  it('agrees with OpenSSL over any text', () => {
    const expected = (key: string) =>
      createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (key) => computeAccept(key) === expected(key)))
  })
})

describe('answerKey', () => {
  const native = (text: string) => createHash('sha1').update(text).digest('base64')
  it('returns the same accept with a caller’s hash', () => {
    expect(answerKey(KEY, native)).toBe(ACCEPT)
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (key) => answerKey(key, native) === computeAccept(key)))
  })
  it('hashes itself if the caller’s hash throws, as under a policy that forbids SHA-1', () => {
    const forbidden = () => {
      throw new Error('unsupported')
    }
    expect(answerKey(KEY, forbidden)).toBe(ACCEPT)
  })
  it('rejects a hash that does not return a string', () => {
    expect(() => answerKey(KEY, (async () => '') as unknown as typeof native)).toThrow(
      new TypeError('`native.sha1` must return a string, at once; it returned a promise'),
    )
  })
})

describe('generateKey', () => {
  it('returns the base64 of 16 bytes from the source', () => {
    expect(generateKey((target) => target.fill(0))).toBe('AAAAAAAAAAAAAAAAAAAAAA==')
    expect(generateKey((target) => target.set(Buffer.from('the sample nonce')))).toBe(KEY)
  })
  it('returns a different key each time, in canonical form', () => {
    const keys = Array.from({ length: 200 }, () => generateKey())
    expect(new Set(keys).size).toBe(200)
    expect(keys.every((key) => findKeyOffset(key, true) === -1)).toBe(true)
  })
})

describe('findKeyOffset', () => {
  it.each([KEY, 'AAAAAAAAAAAAAAAAAAAAAA==', '//////////////////////==', '+/+/+/+/+/+/+/+/+/+/+A=='])(
    '%s is a valid key',
    (key) => {
      expect(findKeyOffset(key, false)).toBe(-1)
    },
  )
  it.each<[string, number]>([
    ['', 0],
    ['==', 0],
    ['x', 1],
    ['dGhlIHNhbXBsZSBub25jZQ', 22],
    ['dGhlIHNhbXBsZSBub25jZQ=', 23],
    ['dGhlIHNhbXBsZSBub25jZQ===', 24],
    ['dGhlIHNhbXBsZSBub25jZQA=', 22],
    ['dGhlIHNhbXBsZSBub25jZQAA', 22],
    ['dGhlIHNhbXBsZSBub25j====', 20],
    [' dGhlIHNhbXBsZSBub25jZQ==', 0],
    ['dGhlIHNhbXBsZSBub25jZQ== ', 24],
    ['dGhlIHNhbXBsZSBub25jZ-==', 21],
    ['dGhlIHNhbXBsZSBub25jZ_==', 21],
    ['dGhlIHNhbXBsZSBub25jZ ==', 21],
    ['dGhlIHNhbXBsZSBub25j\u00e9Q==', 20],
    ['dGhlIHNhbXBsZSBub25j\r\n==', 20],
    ['A'.repeat(60_000), 22],
  ])('%j is invalid at %i', (key, offset) => {
    expect(findKeyOffset(key, false)).toBe(offset)
  })
  it('requires with `strict` that the four unused bits are 0: the last character is A, Q, g or w', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const lasts = (strict: boolean) =>
      [...alphabet].filter((last) => findKeyOffset(`AAAAAAAAAAAAAAAAAAAAA${last}==`, strict) === -1).join('')
    expect(lasts(true)).toBe('AQgw')
    expect(lasts(false)).toBe(alphabet)
    expect(findKeyOffset('AAAAAAAAAAAAAAAAAAAAAB==', true)).toBe(21)
  })
})

it('readKey returns the only key, or throws', () => {
  const read = (...keys: string[]) => attempt(() => readKey(keys, false))
  expect(read(KEY)).toBe(KEY)
  expect(read()).toMatchObject({ code: 'key', status: 400, reference: 'RFC 6455 §4.2.1' })
  expect(read(KEY, KEY)).toMatchObject({ code: 'key', status: 400, reference: 'RFC 6455 §11.3.1' })
  expect(read('x')).toMatchObject({ code: 'key', status: 400, reference: 'RFC 6455 §4.2.1' })
})
