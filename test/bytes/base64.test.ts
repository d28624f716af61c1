/** Compares base64 with the vectors of RFC 4648 §10 and with Node, and checks the alphabet for every code unit. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { base64Value, encodeBase64, isBase64 } from '../../src/bytes/base64.ts'

it.each([
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
])('%j encodes to %j (RFC 4648 §10)', (text, base64) => {
  expect(encodeBase64(Buffer.from(text))).toBe(base64)
})
it('agrees with Node on any bytes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      (bytes) => encodeBase64(bytes) === Buffer.from(bytes).toString('base64'),
    ),
  )
})
it('reads a view, not its buffer', () => {
  expect(encodeBase64(Buffer.from('xfoox').subarray(1, 4))).toBe('Zm9v')
})
it('base64Value is the index in the alphabet, -1 for every other code unit', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const wrong: number[] = []
  for (let unit = 0; unit < 65_536; unit++)
    if (base64Value(unit) !== alphabet.indexOf(String.fromCharCode(unit))) wrong.push(unit)
  expect(wrong).toEqual([])
})
it.each([
  ['', true],
  ['Zg==', true],
  ['Zh==', true],
  ['Zm8=', true],
  ['Zm9v', true],
  ['+/+/', true],
  ['Zg', false],
  ['Zg=', false],
  ['Z===', false],
  ['====', false],
  ['=', false],
  ['==', false],
  ['Zg==Zg==', false],
  ['Z g=', false],
  ['-_-_', false],
  ['Zm9\u0176', false],
])('%j is padded base64: %s', (text, is) => {
  expect(isBase64(text)).toBe(is)
})
