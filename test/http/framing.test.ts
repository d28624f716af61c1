/** Holds which requests announce a body (RFC 9112 §6). */

import { describe, expect, it } from 'vitest'
import { checkNoRequestBody } from '../../src/http/framing.ts'

describe('a request that is to become another protocol has no body', () => {
  it.each([
    [{}],
    [{ 'content-length': '0' }],
    [{ 'content-length': '000' }],
    [{ 'content-length': '0, 0' }],
    [{ 'content-length': ['0', '0'] }],
  ])('%j says so', (headers) => {
    expect(checkNoRequestBody(headers)).toBeUndefined()
  })
  it.each([
    '1',
    '5',
    '10',
    '0, 1',
    '',
    ' ',
    ',',
    '0,',
    ',0',
    '-0',
    '+0',
    '0x0',
    '0.0',
    '0e0',
    '0 0',
    '"0"',
    'a',
    '\u0660',
    '9'.repeat(1000),
    `0${','.repeat(200)}`,
  ])('Content-Length: %j does not', (value) => {
    const fault = checkNoRequestBody([['Content-Length', value]])
    expect(fault?.toJSON()).toMatchObject({ code: 'request-body', status: 400, reference: 'RFC 9112 §6.2' })
  })
  it.each(['chunked', 'identity', ''])('Transfer-Encoding: %j does not, whatever else is said', (value) => {
    const fault = checkNoRequestBody([
      ['Content-Length', '0'],
      ['TRANSFER-encoding', value],
    ])
    expect(fault?.toJSON()).toMatchObject({ code: 'request-body', status: 400, reference: 'RFC 9112 §6.1' })
  })
  it('one bad line among good ones does not', () => {
    expect(checkNoRequestBody({ 'content-length': ['0', '', '0'] })?.code).toBe('request-body')
  })
})
