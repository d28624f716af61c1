/**
 * Tests of Latin-1: bytes to code units and back, at every length where the implementation changes; and the case of ASCII letters.
 */

import { describe, expect, it } from 'vitest'
import { equalsIgnoringCase, lowerCase } from '../../src/bytes/ascii.ts'
import { decodeLatin1, writeLatin1 } from '../../src/bytes/latin1.ts'

describe('decodeLatin1 and writeLatin1', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  const text = Array.from(all, (byte) => String.fromCharCode(byte)).join('')

  it('map every byte to the same code unit, unlike windows-1252', () => {
    expect(decodeLatin1(all, 0, 256)).toBe(text)
    for (let byte = 0; byte < 256; byte++) expect(decodeLatin1(all, byte, byte + 1)).toBe(String.fromCharCode(byte))
    const written = new Uint8Array(256)
    expect(writeLatin1(text, written, 0)).toBe(256)
    expect(written).toEqual(all)
  })
  it.each([0, 1, 23, 24, 25, 26, 4095, 4096, 4097, 8192, 8193, 70_000])('%i bytes at an offset', (size) => {
    const bytes = Uint8Array.from({ length: size + 10 }, (_, i) => (i * 7) & 255)
    const found = decodeLatin1(bytes, 5, 5 + size)
    expect(found === Buffer.from(bytes.subarray(5, 5 + size)).toString('latin1')).toBe(true)
    const written = new Uint8Array(size + 10)
    expect(writeLatin1(found, written, 5)).toBe(5 + size)
    expect(Buffer.compare(written.subarray(5, 5 + size), bytes.subarray(5, 5 + size))).toBe(0)
    expect([...written.subarray(0, 5), ...written.subarray(5 + size)]).toEqual(Array(10).fill(0))
  })
})

const units = Array.from({ length: 65_536 }, (_, unit) => String.fromCharCode(unit))

describe('lowerCase', () => {
  it('changes A–Z and no other code unit', () => {
    const changed = units.filter((unit) => lowerCase(unit) !== unit)
    expect(changed.join('')).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
    expect(changed.map(lowerCase).join('')).toBe('abcdefghijklmnopqrstuvwxyz')
  })
  it.each([
    ['', ''],
    ['abc', 'abc'],
    ['Sec-WebSocket-Key', 'sec-websocket-key'],
    ['aBcD\u0130É', 'abcd\u0130É'],
  ])('%j is %j', (text, lower) => {
    expect(lowerCase(text)).toBe(lower)
  })
})

describe('equalsIgnoringCase', () => {
  it('folds A–Z and no other code unit', () => {
    for (const lower of ['k', 'a', 'z', '@', '[', '`', '{', '\xe4', '\u017f'])
      expect(units.filter((unit) => equalsIgnoringCase(unit, lower))).toEqual(
        units.filter((unit) => unit === lower || (/[a-z]/.test(lower) && unit === lower.toUpperCase())),
      )
  })
  it('requires the same length', () => {
    expect(equalsIgnoringCase('WebSocket', 'websocket')).toBe(true)
    expect(equalsIgnoringCase('websocket ', 'websocket')).toBe(false)
    expect(equalsIgnoringCase('websocke', 'websocket')).toBe(false)
    expect(equalsIgnoringCase('', '')).toBe(true)
  })
})
