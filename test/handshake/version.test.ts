/** Holds which texts are a version: decimal, 0 to 255, no leading zeros (RFC 6455 §4.3). */

import { describe, expect, it } from 'vitest'
import { checkVersion, parseVersion, readVersions } from '../../src/handshake/version.ts'

const lines = (...values: string[]) => values.map((value) => ['sec-WEBSOCKET-version', value] as const)

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
  ])('%j is none', (text) => {
    expect(parseVersion(text)).toBeUndefined()
  })
})

it('checkVersion takes one line with 13', () => {
  expect(checkVersion(lines('13'))).toBeUndefined()
  expect(checkVersion(lines('14'))).toMatchObject({ code: 'version', status: 426, reference: 'RFC 6455 §4.4' })
  for (const [bad, section] of [
    [[], '§4.2.1'],
    [['13', '13'], '§11.3.5'],
    [['x'], '§4.3'],
    [['13, 13'], '§4.3'],
    [[''], '§4.3'],
  ] as const)
    expect(checkVersion(lines(...bad))).toMatchObject({
      code: 'version',
      status: 400,
      reference: `RFC 6455 ${section}`,
    })
})

it('readVersions keeps the server’s order and leaves out what is no version', () => {
  expect(readVersions(lines('13, 8', '7,, x, 013'))).toEqual([13, 8, 7])
  expect(readVersions(lines())).toEqual([])
})
