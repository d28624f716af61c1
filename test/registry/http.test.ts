/** Tests of HTTP's registries: each entry as registered, with its reference, and immutable. */

import { STATUS_CODES } from 'node:http'
import { getPackedSettings } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { requireProtocol } from '../../src/http/upgrade.ts'
import { enableConnectProtocol, reasonPhrases, upgradeTokens } from '../../src/registry/http.ts'

describe('reason phrases', () => {
  it('are the same as Node’s, except for the two that RFC 9110 renamed', () => {
    const renamed: Record<string, string | undefined> = {
      ...STATUS_CODES,
      413: 'Content Too Large',
      422: 'Unprocessable Content',
    }
    for (const [status, phrase] of Object.entries(reasonPhrases))
      expect([status, phrase]).toEqual([status, renamed[status]])
  })
  it('include all that Node has, except for unregistered ones and those marked as unused', () => {
    const missing = Object.keys(STATUS_CODES).filter((status) => !(status in reasonPhrases))
    expect(missing).toEqual(['418', '509'])
  })
  it('include every status that a handshake sends or distinguishes', () => {
    const needed = [100, 101, 103, 200, 301, 302, 303, 307, 308, 400, 401, 403, 405, 407, 414, 426, 431, 503, 505]
    expect(needed.filter((status) => !reasonPhrases[status])).toEqual([])
  })
  it('are frozen, and need no escaping on the wire', () => {
    expect(Object.isFrozen(reasonPhrases)).toBe(true)
    expect(Object.values(reasonPhrases).filter((phrase) => !/^[A-Za-z -]+$/.test(phrase))).toEqual([])
  })
})

describe('upgrade tokens', () => {
  it('are all registered ones, in both spellings of WebSocket', () => {
    expect(upgradeTokens.map(({ name }) => name)).toEqual([
      'HTTP',
      'TLS',
      'WebSocket',
      'websocket',
      'h2c',
      'connect-udp',
      'connect-ip',
    ])
  })
  it('are protocols that can be offered, each with its RFC', () => {
    for (const { name, versions, reference } of upgradeTokens) {
      expect(requireProtocol(name)).toEqual({ name, version: undefined })
      expect(versions).toMatch(/^(none|any|any DIGIT\.DIGIT)$/)
      expect(reference).toMatch(/^RFC \d{4} §\d+(\.\d+)?( \(obsolete\))?$/)
    }
  })
  it('state that h2c is obsolete (RFC 9113 §3.1)', () => {
    expect(upgradeTokens.filter(({ reference }) => reference.includes('obsolete')).map(({ name }) => name)).toEqual([
      'h2c',
    ])
  })
  it('are frozen', () => {
    expect(Object.isFrozen(upgradeTokens)).toBe(true)
  })
})

it('the setting that announces extended CONNECT is the same as Node’s (RFC 8441 §3, RFC 9220 §3)', () => {
  expect(enableConnectProtocol).toEqual({
    identifier: 8,
    values: [0, 1],
    references: ['RFC 8441 §3', 'RFC 9220 §3'],
  })
  // Two bytes of identifier, four of value.
  const packed = getPackedSettings({ enableConnectProtocol: true })
  expect([packed.readUInt16BE(packed.length - 6), packed.readUInt32BE(packed.length - 4)]).toEqual([8, 1])
  expect(Object.isFrozen(enableConnectProtocol)).toBe(true)
})
