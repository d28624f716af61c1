/** Holds that a text cut into pieces is whole again, and that nothing of a chunk is kept by reference. */

import { expect, it } from 'vitest'
import { Carry } from '../../src/http/carry.ts'
import { pattern } from '../wire.ts'
import { toText } from './head.ts'

it('a text that was not cut is just that', () => {
  expect(new Carry().take(pattern(10), 2, 5)).toBe(toText(pattern(10).subarray(2, 5)))
  expect(new Carry().take(pattern(10), 5, 5)).toBe('')
})
it.each([1, 3, 63, 64, 65, 1000])('pieces of %i bytes make one text', (size) => {
  const bytes = pattern(5000)
  const carry = new Carry()
  let at = 0
  for (; at + size < bytes.length; at += size) {
    const chunk = bytes.slice(at, at + size)
    carry.append(chunk, 0, size)
    chunk.fill(0)
  }
  expect(carry.take(bytes, at, bytes.length) === toText(bytes)).toBe(true)
  // And it is empty for the next one.
  expect(carry.take(bytes, 0, 2)).toBe(toText(bytes.subarray(0, 2)))
})
it('a text may end exactly where a piece did', () => {
  const carry = new Carry()
  carry.append(pattern(100), 0, 100)
  carry.append(pattern(100), 7, 7)
  expect(carry.take(pattern(100), 0, 0)).toBe(toText(pattern(100)))
})
