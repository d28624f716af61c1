/** Tests that a request with a body cannot be upgraded (RFC 9112 §6). */

import { describe, expect, it } from 'vitest'
import { findBodyError, pickFraming } from '../../src/http/framing.ts'
import type { HeaderSource } from '../../src/http/headers.ts'
import type { HttpVersion } from '../../src/http/request.ts'

const check = (headers: HeaderSource, httpVersion: HttpVersion = '1.1') =>
  findBodyError(httpVersion, pickFraming(headers))

describe('a request for another protocol', () => {
  it.each<[HeaderSource]>([[{}], [{ 'content-length': '0' }], [{ 'content-length': ['0', '00'] }]])(
    'may have the fields %j',
    (headers) => {
      expect(check(headers)).toBeUndefined()
    },
  )
  it.each<[HeaderSource, string, HttpVersion?]>([
    [{ 'content-length': '1' }, 'RFC 9112 §6'],
    [{ 'content-length': '5, 5' }, 'RFC 9112 §6'],
    [{ 'transfer-encoding': 'chunked' }, 'RFC 9112 §6'],
    [{ 'content-length': '' }, 'RFC 9112 §6.3'],
    [{ 'content-length': '0, 1' }, 'RFC 9112 §6.3'],
    [{ 'content-length': '0', 'transfer-encoding': 'chunked' }, 'RFC 9112 §6.3'],
    [{ 'transfer-encoding': 'identity' }, 'RFC 9112 §6.3'],
    [{ 'transfer-encoding': 'chunked' }, 'RFC 9112 §6.1', '1.0'],
  ])('must not have the fields %j (%s)', (headers, reference, httpVersion) => {
    const error = check(headers, httpVersion)
    expect(error?.toJSON()).toMatchObject({ code: 'request-body', status: 400, reference })
  })
})
