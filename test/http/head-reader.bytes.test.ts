/** Tests that the bytes of a head give the same text in any chunking, in memory proportional to the bytes that have arrived. */

import { expect, it } from 'vitest'
import { HeadBytes } from '../../src/http/head-reader.ts'
import { latin1 } from './head.ts'

const bytes = latin1(Array.from({ length: 3000 }, (_, i) => String.fromCharCode(32 + ((i * 7) % 224))).join(''))
const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')

it('decodes the text of a single chunk', () => {
  const carry = new HeadBytes()
  carry.begin(bytes)
  expect(carry.text(10, 20)).toBe(text.slice(10, 20))
  expect(carry.text(0, 3000)).toBe(text)
})

it.each([1, 3, 63, 64, 65, 1000, 1024, 2999])(
  'joins chunks of %i bytes, whichever texts are read in between',
  (size) => {
    const carry = new HeadBytes()
    for (let at = 0; at < bytes.length; at += size) {
      const chunk = bytes.slice(at, at + size)
      carry.begin(chunk)
      const end = at + chunk.length
      if (at % 2 === 0) expect(carry.text(Math.max(0, end - 100), end)).toBe(text.slice(Math.max(0, end - 100), end))
      if (end === bytes.length) expect(carry.text(0, end)).toBe(text)
      carry.keep(chunk.length)
      chunk.fill(0)
    }
  },
)

it('keeps only the bytes of a chunk that have been read', () => {
  const carry = new HeadBytes()
  carry.begin(latin1('abcdef'))
  carry.keep(3)
  carry.begin(latin1('XYZ'))
  expect(carry.text(0, 5)).toBe('abcXY')
})
