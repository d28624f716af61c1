/** Holds which fault gives the status when a request has several: every combination, against the one order. */

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
  { code: 'request-body', status: 400, headers: { 'Content-Length': '1' } },
  { code: 'method', status: 405, head: { method: 'POST' } },
  { code: 'upgrade-missing', status: 426, headers: { Upgrade: 'h2c' } },
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
    codes: some.map((fault) => fault.code),
    status: gravest.status,
    asked: some.every((fault) => fault.code !== 'upgrade-missing'),
    allow: gravest.status === 405,
    upgrade: gravest.status === 426,
    version: gravest.status === 426 || some.some((fault) => fault.code === 'version'),
    lines: some.length,
  }
  expect(said).toEqual(owed)
}

describe('when a request has several faults, all are told and the gravest gives the status', () => {
  it('in every combination of ten', () => {
    for (let bits = 1; bits < 2 ** faults.length; bits++) expectFaults(faults.filter((_, i) => (bits >> i) & 1))
  })
  it('with a malformed version in place of one that is not spoken', () => {
    const malformed = { code: 'version', status: 400, headers: { 'Sec-WebSocket-Version': '0xd' } }
    const others = faults.map((fault) => (fault.code === 'version' ? malformed : fault))
    for (let bits = 1; bits < 2 ** others.length; bits++) expectFaults(others.filter((_, i) => (bits >> i) & 1))
  })
  it('with a bad target in place of a missing Host', () => {
    const others = faults.map((fault) =>
      fault.code === 'host' ? { code: 'target', status: 400, head: { target: '*' } } : fault,
    )
    for (let bits = 1; bits < 2 ** others.length; bits++) expectFaults(others.filter((_, i) => (bits >> i) & 1))
  })
})
