/**
 * Tests which fault gives the status when a request has several: every combination, against the one order. A request that asks for
 * no WebSocket has one fault.
 */

import { describe, expect, it } from 'vitest'
import { acceptHandshake } from '../../src/handshake/accept.ts'
import type { HeaderRecord } from '../../src/http/headers.ts'
import { opening } from './opening.ts'

interface Fault {
  code: string
  status: number
  headers?: HeaderRecord
  head?: { method?: string; target?: string }
}

/** In the order in which they count. */
const faults: readonly Fault[] = [
  { code: 'host', status: 400, headers: { Host: undefined } },
  // Framing that contradicts itself.
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

function withFaults(some: readonly Fault[]) {
  const headers = Object.assign({}, ...some.map((fault) => fault.headers ?? {}))
  return opening(headers, Object.assign({}, ...some.map((fault) => fault.head ?? {})))
}

function expectFaults(some: readonly Fault[]): void {
  const result = acceptHandshake(withFaults(some))
  if (result.ok) throw new Error(`accepted: ${JSON.stringify(some)}`)
  const [gravest] = some as [Fault, ...Fault[]]
  const asked = some.every((fault) => fault.code !== 'upgrade-missing')
  const told = asked ? some : [gravest]
  const names = result.response.headers.map(([name]) => name)
  const said = {
    codes: result.faults.map((fault) => fault.code),
    status: result.response.status,
    asked: result.asked,
    allow: names.includes('Allow'),
    upgrade: names.includes('Upgrade'),
    version: names.includes('Sec-WebSocket-Version'),
    lines: result.response.body.split('\n').length - 1,
  }
  const owed = {
    codes: told.map((fault) => fault.code),
    status: gravest.status,
    asked,
    allow: gravest.status === 405,
    upgrade: gravest.status === 426,
    version: gravest.status === 426 || told.some((fault) => fault.code === 'version'),
    lines: told.length,
  }
  expect(said).toEqual(owed)
}

describe('a request with several faults: all are reported, and the most serious sets the status', () => {
  it('in every combination of ten', () => {
    for (let bits = 1; bits < 2 ** faults.length; bits++) expectFaults(faults.filter((_, i) => (bits >> i) & 1))
  })
  it('with a malformed version instead of an unsupported one', () => {
    const malformed = { code: 'version', status: 400, headers: { 'Sec-WebSocket-Version': '0xd' } }
    const others = faults.map((fault) => (fault.code === 'version' ? malformed : fault))
    for (let bits = 1; bits < 2 ** others.length; bits++) expectFaults(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with a body in place of framing that contradicts itself, which counts behind the method', () => {
    const body = { code: 'request-body', status: 400, headers: { 'Content-Length': '1' } }
    const others = faults.filter((fault) => fault.code !== 'request-body')
    others.splice(others.findIndex((fault) => fault.code === 'method') + 1, 0, body)
    for (let bits = 1; bits < 2 ** others.length; bits++) expectFaults(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with a Connection that is no list of tokens in place of one without upgrade', () => {
    const malformed = { code: 'head-syntax', status: 400, headers: { Connection: 'Upgrade, ???' } }
    const others = faults.map((fault) => (fault.code === 'connection-missing' ? malformed : fault))
    for (let bits = 1; bits < 2 ** others.length; bits++) expectFaults(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with an Upgrade that names websocket and is no list of protocols, which counts behind the origin', () => {
    const malformed = { code: 'head-syntax', status: 400, headers: { Upgrade: 'websocket, a b' } }
    const others = faults.filter((fault) => fault.code !== 'upgrade-missing')
    others.splice(others.findIndex((fault) => fault.code === 'origin') + 1, 0, malformed)
    for (let bits = 1; bits < 2 ** others.length; bits++) expectFaults(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with a host that is not served, which counts before the origin', () => {
    const options = { hosts: ['b.example'] }
    const codes = (some: readonly Fault[]) => {
      const refused = acceptHandshake(withFaults(some), options)
      return refused.ok ? [] : [refused.response.status, ...refused.faults.map(({ code }) => code)]
    }
    expect(codes([])).toEqual([421, 'host'])
    for (const fault of faults) {
      const { code, status } = fault
      if (code === 'host' || code === 'upgrade-missing') expect(codes([fault])).toEqual([status, code])
      else if (['origin', 'subprotocol', 'extension-syntax'].includes(code))
        expect(codes([fault])).toEqual([421, 'host', code])
      else expect(codes([fault])).toEqual([status, code, 'host'])
    }
  })
  it('with a bad target in place of a missing Host, which any target is for plain HTTP', () => {
    const others = faults
      .filter((fault) => fault.code !== 'upgrade-missing')
      .map((fault) => (fault.code === 'host' ? { code: 'target', status: 400, head: { target: '*' } } : fault))
    for (let bits = 1; bits < 2 ** others.length; bits++) expectFaults(others.filter((_, i) => (bits >> i) & 1))
  })
})

it.each([
  ['OPTIONS', '*'],
  ['CONNECT', 'a.example:443'],
])('%s %s is the right target of the wrong method', (method, target) => {
  expect(acceptHandshake(opening({}, { method, target }))).toMatchObject({
    asked: true,
    faults: [{ code: 'method', status: 405 }],
  })
  expect(acceptHandshake(opening({}, { target }))).toMatchObject({ faults: [{ code: 'target', status: 400 }] })
})
