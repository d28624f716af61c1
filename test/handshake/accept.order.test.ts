/**
 * Tests which of several errors sets the status, in every combination. A request that does not ask for a WebSocket has only one
 * error.
 */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { opening } from './opening.ts'

interface FoundError {
  code: string
  status: number
  headers?: HeaderRecord
  head?: { method?: string; target?: string }
}

/** In order of precedence. */
const errors: readonly FoundError[] = [
  { code: 'host', status: 400, headers: { Host: undefined } },
  // Contradictory framing.
  { code: 'request-body', status: 400, headers: { 'Content-Length': ['1', '2'] } },
  { code: 'upgrade-missing', status: 426, headers: { Upgrade: 'h2c' } },
  { code: 'method', status: 405, head: { method: 'POST' } },
  { code: 'connection-missing', status: 400, headers: { Connection: 'close' } },
  { code: 'version', status: 426, headers: { 'Sec-WebSocket-Version': '8' } },
  { code: 'key', status: 400, headers: { 'Sec-WebSocket-Key': 'x' } },
  { code: 'origin', status: 403, headers: { Origin: 'null' } },
  { code: 'subprotocol', status: 400, headers: { 'Sec-WebSocket-Protocol': ',' } },
  { code: 'extension-syntax', status: 400, headers: { 'Sec-WebSocket-Extensions': 'a; =' } },
]

function withErrors(some: readonly FoundError[]) {
  const headers = Object.assign({}, ...some.map((error) => error.headers ?? {}))
  return opening(headers, Object.assign({}, ...some.map((error) => error.head ?? {})))
}

function expectErrors(some: readonly FoundError[]): void {
  const result = acceptHandshake(withErrors(some))
  if (result.ok) throw new Error(`accepted: ${JSON.stringify(some)}`)
  const [first] = some as [FoundError, ...FoundError[]]
  const isWebSocketRequest = some.every((error) => error.code !== 'upgrade-missing')
  const reported = isWebSocketRequest ? some : [first]
  const names = result.response.headers.map(([name]) => name)
  const found = {
    codes: result.errors.map((error) => error.code),
    status: result.response.status,
    isWebSocketRequest: result.isWebSocketRequest,
    allow: names.includes('Allow'),
    upgrade: names.includes('Upgrade'),
    version: names.includes('Sec-WebSocket-Version'),
    lines: result.response.body.split('\n').length - 1,
  }
  const expected = {
    codes: reported.map((error) => error.code),
    status: first.status,
    isWebSocketRequest,
    allow: first.status === 405,
    upgrade: first.status === 426,
    version: first.status === 426 || reported.some((error) => error.code === 'version'),
    lines: reported.length,
  }
  expect(found).toEqual(expected)
}

describe('a request with several errors: all are reported, and the most serious sets the status', () => {
  it('in every combination of ten', () => {
    for (let bits = 1; bits < 2 ** errors.length; bits++) expectErrors(errors.filter((_, i) => (bits >> i) & 1))
  })
  it('with a malformed version instead of an unsupported one', () => {
    const malformed = { code: 'version', status: 400, headers: { 'Sec-WebSocket-Version': '0xd' } }
    const others = errors.map((error) => (error.code === 'version' ? malformed : error))
    for (let bits = 1; bits < 2 ** others.length; bits++) expectErrors(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with a body instead of contradictory framing, which ranks after the method', () => {
    const body = { code: 'request-body', status: 400, headers: { 'Content-Length': '1' } }
    const others = errors.filter((error) => error.code !== 'request-body')
    others.splice(others.findIndex((error) => error.code === 'method') + 1, 0, body)
    for (let bits = 1; bits < 2 ** others.length; bits++) expectErrors(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with an invalid Connection instead of one without upgrade', () => {
    const malformed = { code: 'head-syntax', status: 400, headers: { Connection: 'Upgrade, ???' } }
    const others = errors.map((error) => (error.code === 'connection-missing' ? malformed : error))
    for (let bits = 1; bits < 2 ** others.length; bits++) expectErrors(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with an invalid Upgrade that names websocket, which ranks after the origin', () => {
    const malformed = { code: 'head-syntax', status: 400, headers: { Upgrade: 'websocket, a b' } }
    const others = errors.filter((error) => error.code !== 'upgrade-missing')
    others.splice(others.findIndex((error) => error.code === 'origin') + 1, 0, malformed)
    for (let bits = 1; bits < 2 ** others.length; bits++) expectErrors(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with a host that is not served, which ranks before the origin', () => {
    const options = { hosts: ['b.example'] }
    const codes = (some: readonly FoundError[]) => {
      const refused = acceptHandshake(withErrors(some), options)
      return refused.ok ? [] : [refused.response.status, ...refused.errors.map(({ code }) => code)]
    }
    expect(codes([])).toEqual([421, 'host'])
    for (const error of errors) {
      const { code, status } = error
      if (code === 'host' || code === 'upgrade-missing') expect(codes([error])).toEqual([status, code])
      else if (['origin', 'subprotocol', 'extension-syntax'].includes(code))
        expect(codes([error])).toEqual([421, 'host', code])
      else expect(codes([error])).toEqual([status, code, 'host'])
    }
  })
  it('with a bad target instead of a missing Host; plain HTTP allows any target', () => {
    const others = errors
      .filter((error) => error.code !== 'upgrade-missing')
      .map((error) => (error.code === 'host' ? { code: 'target', status: 400, head: { target: '*' } } : error))
    for (let bits = 1; bits < 2 ** others.length; bits++) expectErrors(others.filter((_, i) => (bits >> i) & 1))
  })
})

it.each([
  ['OPTIONS', '*'],
  ['CONNECT', 'a.example:443'],
])('%s %s has the right target and the wrong method', (method, target) => {
  expect(acceptHandshake(opening({}, { method, target }))).toMatchObject({
    isWebSocketRequest: true,
    errors: [{ code: 'method', status: 405 }],
  })
  expect(acceptHandshake(opening({}, { target }))).toMatchObject({ errors: [{ code: 'target', status: 400 }] })
})
