/** Tests setting 0x08 as a client receives it: every value, before and after every other. */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { verifyConnectSetting } from '../../src/http/extended-connect.ts'
import { http2ErrorCodes, http3ErrorCodes } from '../../src/registry/http-errors.ts'

describe('the setting', () => {
  it.each<[version: '2' | '3', previous: boolean, value: number | undefined, enabled: boolean]>([
    ['2', false, undefined, false],
    ['2', false, 0, false],
    ['2', false, 1, true],
    ['2', true, 1, true],
    ['2', true, undefined, true],
    ['3', false, undefined, false],
    ['3', false, 0, false],
    ['3', false, 1, true],
    ['3', true, 1, true],
  ])('over HTTP/%s, before %s, now %s: %s', (httpVersion, previous, value, enabled) => {
    expect(verifyConnectSetting(value, { httpVersion, previous })).toEqual({ ok: true, enabled })
  })
  it('defaults to HTTP/2 on a new connection', () => {
    expect(verifyConnectSetting(1)).toEqual({ ok: true, enabled: true })
    expect(verifyConnectSetting(2)).toMatchObject({ ok: false, name: 'PROTOCOL_ERROR' })
  })
  it.each([2, -1, 0.5, 2 ** 31, 2 ** 62, Number.NaN])('must not be %s', (value) => {
    for (const previous of [false, true]) {
      expect(verifyConnectSetting(value, { httpVersion: '2', previous })).toMatchObject({
        ok: false,
        error: { code: 'setting', reference: 'RFC 8441 §3' },
        errorCode: 0x1,
        name: 'PROTOCOL_ERROR',
      })
      expect(verifyConnectSetting(value, { httpVersion: '3', previous })).toMatchObject({
        ok: false,
        error: { code: 'setting', reference: 'RFC 9220 §3' },
        errorCode: 0x109,
        name: 'H3_SETTINGS_ERROR',
      })
    }
  })
  it('must not change from 1 to 0', () => {
    const found = verifyConnectSetting(0, { previous: true })
    expect(found).toMatchObject({ ok: false, errorCode: 0x1, name: 'PROTOCOL_ERROR' })
    expect(!found.ok && found.error).toBeInstanceOf(ProtocolError)
    expect(!found.ok && found.error.message).toBe('SETTINGS_ENABLE_CONNECT_PROTOCOL is 0 after it was 1')
  })
  it('must not be lower than the remembered setting of accepted 0-RTT data (RFC 9114 §7.2.4.2)', () => {
    for (const value of [0, undefined])
      expect(verifyConnectSetting(value, { httpVersion: '3', previous: true })).toMatchObject({ errorCode: 0x109 })
  })
})

it('returns registered error codes', () => {
  expect(http2ErrorCodes.find(({ code }) => code === 0x1)?.name).toBe('PROTOCOL_ERROR')
  expect(http3ErrorCodes.find(({ code }) => code === 0x109)?.name).toBe('H3_SETTINGS_ERROR')
})
