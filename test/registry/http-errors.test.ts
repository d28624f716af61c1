/** Compares the error codes of HTTP/2 and HTTP/3 with Node's, and checks that they are immutable. */

import { constants } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { http2ErrorCodes, http3ErrorCodes } from '../../src/registry/http-errors.ts'

it('the codes of HTTP/2 are the same as Node’s', () => {
  const known = new Map(Object.entries(constants))
  for (const { name, code, reference } of http2ErrorCodes)
    expect([code, reference]).toEqual([known.get(`NGHTTP2_${name}`), 'RFC 9113 §7'])
  expect(http2ErrorCodes.map(({ code }) => code)).toEqual(Array.from({ length: 14 }, (_, i) => i))
})

it('the codes of HTTP/3 are 0x100 to 0x110 without gaps', () => {
  expect(http3ErrorCodes.map(({ code }) => code)).toEqual(Array.from({ length: 17 }, (_, i) => 0x100 + i))
  expect(new Set(http3ErrorCodes.map(({ name }) => name)).size).toBe(17)
  expect(http3ErrorCodes.filter(({ name }) => !/^H3_[A-Z_]+$/.test(name))).toEqual([])
  expect(http3ErrorCodes[0xc]).toEqual({ code: 0x10c, name: 'H3_REQUEST_CANCELLED', reference: 'RFC 9114 §8.1' })
})

describe.each([
  ['HTTP/2', http2ErrorCodes],
  ['HTTP/3', http3ErrorCodes],
])('the table of %s', (_, table) => {
  it('is frozen, with its rows', () => {
    expect([table, ...table].every((part) => Object.isFrozen(part))).toBe(true)
  })
})
