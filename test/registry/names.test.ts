import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isToken } from '../../src/http/grammar.ts'
import { extensionNames, subprotocolNames } from '../../src/registry/names.ts'

describe.each([
  ['extension names', extensionNames, 2],
  ['subprotocol names', subprotocolNames, 69],
])('%s', (_, table, count) => {
  const names = table.map(({ name }) => name)

  it('are as many as registered', () => {
    expect(table).toHaveLength(count)
  })
  it('are tokens, as an offer requires (RFC 6455 §4.1)', () => {
    expect(names.filter((name) => !isToken(name))).toEqual([])
  })
  it('are unique, even ignoring case (RFC 7936 §2)', () => {
    expect(new Set(names).size).toBe(count)
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(count)
  })
  it('each have a reference', () => {
    for (const { reference } of table) expect(reference).toMatch(/^(RFC \d{4}(, RFC \d{4})*|IANA|Broadband Forum)$/)
  })
  it('are frozen', () => {
    expect(Object.isFrozen(table) && table.every((row) => Object.isFrozen(row))).toBe(true)
  })
})

it('extensions are the two that are registered', () => {
  expect(extensionNames).toEqual([
    { name: 'permessage-deflate', reference: 'RFC 7692' },
    { name: 'bbf-usp-protocol', reference: 'Broadband Forum' },
  ])
})

describe('subprotocols', () => {
  it('are in the order of the registry', () => {
    expect([0, 13, 29, 68].map((index) => subprotocolNames[index])).toEqual([
      { name: 'MBWS.huawei.com', reference: 'IANA' },
      { name: 'rfb', reference: 'RFC 6143' },
      { name: 'sldp.softvelum.com', reference: 'IANA' },
      { name: 'camp', reference: 'IANA' },
    ])
  })
  it('name the RFCs that define them, including those for data channels', () => {
    const defined = subprotocolNames.filter(({ reference }) => reference !== 'IANA')
    expect(defined.map(({ name, reference }) => `${name}: ${reference}`)).toEqual([
      'rfb: RFC 6143',
      'sip: RFC 7118',
      'xmpp: RFC 7395',
      'msrp: RFC 7977, RFC 8873',
      'bfcp: RFC 8857',
      'coap: RFC 8323',
      'clue: RFC 8850',
      'jmap: RFC 8887',
      't140: RFC 8865',
    ])
  })
  it('are spelled as in the registry, as the hash of all names shows', () => {
    const all = subprotocolNames.map(({ name }) => name).join(' ')
    expect(createHash('sha256').update(all).digest('hex')).toBe(
      'eaa881dc952a7b4f58c96d2c1e8fe6db0aa9d5e058a4c5596aa9189d8d7d6bea',
    )
  })
  it('keep their case on the wire', () => {
    const names = new Set(subprotocolNames.map(({ name }) => name))
    for (const name of ['Redfish', 'oneM2M.R2.0.json', 'TLCP-2.5.0.lightstreamer.com', 'WebREPL.binary.v1'])
      expect([name, names.has(name), names.has(name.toLowerCase())]).toEqual([name, true, false])
  })
  it('do not include unregistered ones', () => {
    const names = subprotocolNames.map(({ name }) => name)
    expect(names.filter((name) => name.startsWith('graphql'))).toEqual([])
  })
})
