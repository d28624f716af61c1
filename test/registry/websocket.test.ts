import { describe, expect, it } from 'vitest'
import { CloseCode, closeCodes, Opcode, Rsv } from '../../src/registry/websocket.ts'

describe('the registry of close codes', () => {
  it('leaves no code from 0 to 65535 without a row', () => {
    for (let code = 0; code <= 65535; code++)
      expect(closeCodes.some(({ first, last }) => first <= code && code <= last) || code).toBe(true)
  })
  it('is in order, and frozen', () => {
    const singles = closeCodes.filter(({ first, last }) => first === last).map(({ first }) => first)
    expect(singles).toEqual([...singles].sort((a, b) => a - b))
    expect(Object.isFrozen(closeCodes) && closeCodes.every((entry) => Object.isFrozen(entry))).toBe(true)
  })
  it('has a row of its own for every named code', () => {
    for (const code of Object.values(CloseCode))
      expect(closeCodes.filter(({ first, last }) => first === code && last === code)).toHaveLength(1)
  })
  it('spells names as they are registered', () => {
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

describe('constants', () => {
  it('are frozen', () => {
    expect([Opcode, Rsv, CloseCode].every((table) => Object.isFrozen(table))).toBe(true)
  })
  it('have the numbers of RFC 6455', () => {
    expect(Opcode).toEqual({ Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 })
    expect(Rsv).toEqual({ RSV1: 4, RSV2: 2, RSV3: 1 })
  })
})
