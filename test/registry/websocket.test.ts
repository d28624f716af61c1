import { describe, expect, it } from 'vitest'
import { CloseCode, closeCodes, Opcode, opcodes, Rsv, versionNumbers } from '../../src/registry/websocket.ts'

describe('the registry of close codes', () => {
  it('covers every code from 0 to 65535', () => {
    for (let code = 0; code <= 65535; code++)
      if (!closeCodes.some(({ first, last }) => first <= code && code <= last)) expect.fail(`no row has ${code}`)
  })
  it('is in order, and frozen', () => {
    const singles = closeCodes.filter(({ first, last }) => first === last).map(({ first }) => first)
    expect(singles).toEqual([...singles].sort((a, b) => a - b))
    expect(Object.isFrozen(closeCodes) && closeCodes.every((entry) => Object.isFrozen(entry))).toBe(true)
  })
  it('has a separate row for every named code', () => {
    for (const code of Object.values(CloseCode))
      expect(closeCodes.filter(({ first, last }) => first === code && last === code)).toHaveLength(1)
  })
  it('spells names as registered', () => {
    const text = (code: number) => closeCodes.find(({ first, last }) => first <= code && code <= last)?.text
    expect([1000, 1005, 1012, 1014, 2000, 3000, 3500, 4999].map(text)).toEqual([
      'Normal Closure',
      'No Status Rcvd',
      'Service Restart',
      'bad gateway',
      'Unassigned',
      'Unauthorized',
      'First Come First Served',
      'Private Use',
    ])
  })
})

describe('the registry of opcodes', () => {
  it('has a row for each opcode, and no other', () => {
    expect(opcodes.map(({ opcode }) => opcode)).toEqual(Object.values(Opcode))
  })
  it('spells names as registered (RFC 6455 §11.8)', () => {
    expect(opcodes.map(({ text }) => text)).toEqual([
      'Continuation Frame',
      'Text Frame',
      'Binary Frame',
      'Connection Close Frame',
      'Ping Frame',
      'Pong Frame',
    ])
    expect(new Set(opcodes.map(({ reference }) => reference))).toEqual(new Set(['RFC 6455']))
  })
  it('is frozen', () => {
    expect(Object.isFrozen(opcodes) && opcodes.every((entry) => Object.isFrozen(entry))).toBe(true)
  })
})

describe('the registry of versions', () => {
  it('has one row for each number from 0 to 13, and none above', () => {
    let next = 0
    for (const { first, last } of versionNumbers) {
      expect(first).toBe(next)
      expect(last).toBeGreaterThanOrEqual(first)
      next = last + 1
    }
    expect(next).toBe(14)
  })
  it('contains one standard, the drafts before it, and unassigned numbers (RFC 6455 §11.6)', () => {
    const row = (version: number) => versionNumbers.find(({ first, last }) => first <= version && version <= last)
    expect([0, 8, 9, 12, 13].map(row)).toEqual([
      { first: 0, last: 0, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-00' },
      { first: 8, last: 8, status: 'interim', reference: 'draft-ietf-hybi-thewebsocketprotocol-08' },
      { first: 9, last: 12, status: 'reserved', reference: 'RFC 6455 §11.6' },
      { first: 9, last: 12, status: 'reserved', reference: 'RFC 6455 §11.6' },
      { first: 13, last: 13, status: 'standard', reference: 'RFC 6455' },
    ])
  })
  it('assigns every interim number to the draft of that number', () => {
    for (const { first, last, status, reference } of versionNumbers)
      if (status === 'interim')
        expect([last, reference]).toEqual([first, `draft-ietf-hybi-thewebsocketprotocol-0${first}`])
  })
  it('is frozen', () => {
    expect(Object.isFrozen(versionNumbers) && versionNumbers.every((entry) => Object.isFrozen(entry))).toBe(true)
  })
})

describe('constants', () => {
  it('are frozen', () => {
    expect([Opcode, Rsv, CloseCode].every((table) => Object.isFrozen(table))).toBe(true)
  })
  it('have the numbers of RFC 6455', () => {
    expect(Opcode).toEqual({ Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 })
    expect(Rsv).toEqual({ RSV1: 4, RSV2: 2, RSV3: 1 })
  })
})
