/** Tests of random bytes: arrays are filled completely, and no number from the pool is used twice. */

import { afterEach, expect, it, vi } from 'vitest'
import { randomBytes, randomInt32 } from '../../src/platform/random.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

it('randomBytes fills the given array, and nothing else of its buffer', () => {
  const whole = new Uint8Array(100)
  randomBytes(whole.subarray(10, 90))
  expect([...whole.subarray(0, 10), ...whole.subarray(90)]).toEqual(Array(20).fill(0))
  expect(new Set(whole.subarray(10, 90)).size).toBeGreaterThan(20)
})
it('randomInt32 uses all 32 bits and rarely repeats', () => {
  const numbers = Array.from({ length: 3000 }, randomInt32)
  expect(numbers.every((number) => number === (number | 0))).toBe(true)
  expect(new Set(numbers).size).toBeGreaterThan(2990)
  expect(numbers.reduce((bits, number) => bits | number)).toBe(-1)
  expect(numbers.reduce((bits, number) => bits & number)).toBe(0)
})
it('randomInt32 uses the pool in order, four bytes per number, and refills it when it is empty', () => {
  let calls = 0
  let filled = new Uint8Array(0)
  vi.stubGlobal('crypto', {
    getRandomValues(target: Uint8Array) {
      for (let i = 0; i < target.length; i++) target[i] = (calls * 100 + i) & 255
      filled = target as typeof filled
      calls++
    },
  })
  while (calls === 0) randomInt32()
  expect(randomInt32()).toBe(0x04050607)
  expect([...filled.subarray(0, 9)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 8])
  for (let i = 2; i < filled.length / 4; i++) randomInt32()
  expect([calls, filled.every((byte) => byte === 0)]).toEqual([1, true])
  expect(randomInt32()).toBe(0x64656667)
  expect(calls).toBe(2)
})
it('randomInt32 returns no number if the generator fails', () => {
  vi.stubGlobal('crypto', {
    getRandomValues() {
      throw new Error('no entropy')
    },
  })
  const draw = () => Array.from({ length: 2000 }, randomInt32)
  expect(draw).toThrow('no entropy')
  expect(draw).toThrow('no entropy')
})
