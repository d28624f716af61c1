/** Tests which texts are a version: decimal, 0 to 255, no leading zeros (RFC 6455 §4.3). */

import { describe, expect, it } from 'vitest'
import { attempt } from '../../src/errors.ts'
import {
  negotiateVersion,
  parseVersion,
  readVersion,
  readVersions,
  requireVersions,
} from '../../src/handshake/version.ts'

const lines = (...values: string[]) => values
const read = (...args: Parameters<typeof readVersion>) => attempt(() => readVersion(...args))

describe('parseVersion', () => {
  it('reads each number from 0 to 255', () => {
    for (let version = 0; version <= 255; version++) expect(parseVersion(String(version))).toBe(version)
  })
  it.each([
    '',
    '256',
    '999',
    '1000',
    '00',
    '013',
    '08',
    '-1',
    '+13',
    '0xd',
    '13.0',
    '1.3e1',
    ' 13',
    '13 ',
    '1 3',
    '１３',
    'x',
    'NaN',
    'Infinity',
  ])('%j is invalid', (text) => {
    expect(parseVersion(text)).toBeUndefined()
  })
})

describe('readVersion', () => {
  it('returns a supported version from one line', () => {
    expect(read(lines('13'), [13], 426)).toBe(13)
    expect(read(lines('8'), [13, 8], 426)).toBe(8)
    expect(read(lines('0'), [0], 426)).toBe(0)
  })
  it('names the supported versions if the request has another', () => {
    const error = { code: 'version', status: 426, reference: 'RFC 6455 §4.4' }
    expect(read(lines('14'), [13], 426)).toMatchObject(error)
    expect(read(lines('14'), [13, 8, 7], 426)).toMatchObject({
      ...error,
      message: 'version 14 is unsupported, expected 13 or 8 or 7',
    })
    expect(read(lines('13'), [8], 426)).toMatchObject(error)
  })
  it.each([
    [[], '§4.2.1'],
    [['13', '13'], '§11.3.5'],
    [['x'], '§4.3'],
    [['13, 13'], '§4.3'],
    [[''], '§4.3'],
  ] as const)('rejects the malformed version %j', (bad, section) => {
    const error = { code: 'version', status: 400, reference: `RFC 6455 ${section}` }
    expect(read(lines(...bad), [13], 426)).toMatchObject(error)
  })
})

it('negotiateVersion follows our order of preference', () => {
  expect(negotiateVersion([8, 13], [13, 8])).toBe(13)
  expect(negotiateVersion([13, 8], [8, 13])).toBe(8)
  expect(negotiateVersion([25, 13])).toBe(13)
  expect(negotiateVersion([25], [13, 8])).toBeUndefined()
  expect(negotiateVersion([])).toBeUndefined()
})

it('requireVersions requires at least one, each from 0 to 255', () => {
  expect(requireVersions()).toEqual([13])
  expect(requireVersions([0, 255])).toEqual([0, 255])
  for (const bad of [[], [-1], [256], [13, 1.5], [Number.NaN], ['13'], [undefined]])
    expect(() => requireVersions(bad as number[])).toThrow(RangeError)
})

it('readVersions keeps the server’s order and leaves out invalid elements', () => {
  expect(readVersions(lines('13, 8', '7,, x, 013'))).toEqual([13, 8, 7])
  expect(readVersions(lines())).toEqual([])
})
