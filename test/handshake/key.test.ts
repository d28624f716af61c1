/** Holds the key and what answers it (RFC 6455 §1.3, §4.1, §4.2.2). */

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { computeAccept, findKeyFault, generateKey, readKey } from '../../src/handshake/key.ts'
import { ACCEPT, KEY } from './opening.ts'

describe('computeAccept', () => {
  it('answers the key of RFC 6455 §1.3', () => {
    expect(computeAccept(KEY)).toBe(ACCEPT)
  })
  it('agrees with OpenSSL over any text', () => {
    const expected = (key: string) =>
      createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (key) => computeAccept(key) === expected(key)))
  })
})

describe('generateKey', () => {
  it('is the base64 of 16 bytes from the source', () => {
    expect(generateKey((target) => target.fill(0))).toBe('AAAAAAAAAAAAAAAAAAAAAA==')
    expect(generateKey((target) => target.set(Buffer.from('the sample nonce')))).toBe(KEY)
  })
  it('is another each time, and canonical', () => {
    const keys = Array.from({ length: 200 }, () => generateKey())
    expect(new Set(keys).size).toBe(200)
    expect(keys.every((key) => findKeyFault(key, true) === undefined)).toBe(true)
  })
})

describe('findKeyFault', () => {
  it.each([KEY, 'AAAAAAAAAAAAAAAAAAAAAA==', '//////////////////////==', '+/+/+/+/+/+/+/+/+/+/+A=='])(
    '%s is a key',
    (key) => {
      expect(findKeyFault(key, false)).toBeUndefined()
    },
  )
  it.each<[string, string]>([
    ['', 'has 0 characters, where the base64 of 16 bytes has 24'],
    ['==', 'has 2 characters, where the base64 of 16 bytes has 24'],
    ['x', 'has 1 characters, where the base64 of 16 bytes has 24'],
    ['dGhlIHNhbXBsZSBub25jZQ', 'has 22 characters, where the base64 of 16 bytes has 24'],
    ['dGhlIHNhbXBsZSBub25jZQ=', 'has 23 characters, where the base64 of 16 bytes has 24'],
    ['dGhlIHNhbXBsZSBub25jZQ===', 'has 25 characters, where the base64 of 16 bytes has 24'],
    ['dGhlIHNhbXBsZSBub25jZQA=', 'does not end in ==, as the base64 of 16 bytes does'],
    ['dGhlIHNhbXBsZSBub25jZQAA', 'does not end in ==, as the base64 of 16 bytes does'],
    ['dGhlIHNhbXBsZSBub25j====', 'has a character at 20 that is no base64'],
    [' dGhlIHNhbXBsZSBub25jZQ==', 'has 25 characters, where the base64 of 16 bytes has 24'],
    ['dGhlIHNhbXBsZSBub25jZQ== ', 'has 25 characters, where the base64 of 16 bytes has 24'],
    ['dGhlIHNhbXBsZSBub25jZ-==', 'has a character at 21 that is no base64'],
    ['dGhlIHNhbXBsZSBub25jZ_==', 'has a character at 21 that is no base64'],
    ['dGhlIHNhbXBsZSBub25jZ ==', 'has a character at 21 that is no base64'],
    ['dGhlIHNhbXBsZSBub25j\u00e9Q==', 'has a character at 20 that is no base64'],
    ['dGhlIHNhbXBsZSBub25j\r\n==', 'has a character at 20 that is no base64'],
    ['A'.repeat(60_000), 'has 60000 characters, where the base64 of 16 bytes has 24'],
  ])('%j is none: it %s', (key, fault) => {
    expect(findKeyFault(key, false)).toBe(fault)
  })
  it('when strict, the four bits that hold nothing are 0: A, Q, g or w comes last', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const lasts = (strict: boolean) =>
      [...alphabet].filter((last) => !findKeyFault(`AAAAAAAAAAAAAAAAAAAAA${last}==`, strict)).join('')
    expect(lasts(true)).toBe('AQgw')
    expect(lasts(false)).toBe(alphabet)
    expect(findKeyFault('AAAAAAAAAAAAAAAAAAAAAB==', true)).toBe(
      'has bits set behind its 16 bytes, which `strictKey` forbids',
    )
  })
})

it('readKey gives the one key, or says what is wrong', () => {
  const read = (...keys: string[]) => readKey(keys, false)
  expect(read(KEY)).toBe(KEY)
  expect(read()).toMatchObject({ code: 'key', status: 400, reference: 'RFC 6455 §4.2.1' })
  expect(read(KEY, KEY)).toMatchObject({ code: 'key', status: 400, reference: 'RFC 6455 §11.3.1' })
  expect(read('x')).toMatchObject({ code: 'key', status: 400, reference: 'RFC 6455 §4.2.1' })
})
