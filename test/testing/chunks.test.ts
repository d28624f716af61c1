/**
 * Ways to cut bytes.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import type { Chunks } from '../../src/testing/case.ts'
import { chunk, everySplit } from '../../src/testing/chunks.ts'
import { xorshift32 } from '../../src/testing/random.ts'

const ten = Uint8Array.from({ length: 10 }, (_, at) => at)
const sizes = (chunks: Chunks): number[] => chunk(ten, chunks).map(({ length }) => length)

describe('chunk', () => {
  test.each<[chunks: Chunks, expected: number[]]>([
    ['whole', [10]],
    ['bytes', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    [{ sizes: [3] }, [3, 3, 3, 1]],
    [{ sizes: [1, 2] }, [1, 2, 2, 2, 2, 1]],
    [{ sizes: [7, 100] }, [7, 3]],
    [{ seed: 1 }, [2, 2, 6]],
    [{ seed: 2 }, [3, 3, 3, 1]],
  ])('%j', (chunks, expected) => {
    expect(sizes(chunks)).toEqual(expected)
  })

  test.each<Chunks>(['whole', 'bytes', { sizes: [4, 1] }, { seed: 7 }])(
    'keeps all bytes in order with %j',
    (chunks) => {
      expect(chunk(ten, chunks).flatMap((piece) => [...piece])).toEqual([...ten])
    },
  )

  test('returns views', () => {
    expect(chunk(ten, 'bytes').every(({ buffer }) => buffer === ten.buffer)).toBe(true)
  })

  test('returns no chunks for no bytes', () => {
    expect(chunk(new Uint8Array(0), 'whole')).toEqual([])
  })

  test.each<[chunks: unknown, message: string]>([
    ['byte', "`chunks` must be 'whole', 'bytes', { sizes: [1, …] } or { seed }, not \"byte\""],
    [{ sizes: [] }, "`chunks` must be 'whole', 'bytes', { sizes: [1, …] } or { seed }, not an object"],
    [undefined, "`chunks` must be 'whole', 'bytes', { sizes: [1, …] } or { seed }, not undefined"],
    [{ sizes: [1, 0] }, 'each of `chunks.sizes` must be a whole number from 1 on, not 0'],
    [{ seed: 'x' }, '`chunks.seed` must be a whole number from 0 on, not "x"'],
  ])('rejects the chunks %j', (chunks, message) => {
    expect(() => chunk(ten, chunks as Chunks)).toThrow(message)
  })

  test('rejects wrong bytes', () => {
    expect(() => chunk([1] as unknown as Uint8Array, 'whole')).toThrow('`bytes` must be a Uint8Array, not an array')
  })
})

describe('everySplit', () => {
  test('splits at each position once', () => {
    expect([...everySplit(Uint8Array.of(1, 2, 3))].map((pair) => pair.map((part) => [...part]))).toEqual([
      [[1], [2, 3]],
      [[1, 2], [3]],
    ])
  })

  test('has no split for a single byte', () => {
    expect([...everySplit(Uint8Array.of(1))]).toEqual([])
  })

  test('rejects wrong bytes at once', () => {
    expect(() => everySplit('ab' as unknown as Uint8Array)).toThrow('`bytes` must be a Uint8Array, not a string')
  })
})

test('xorshift32 returns the same numbers as in other languages', () => {
  const next = xorshift32(1)
  // From Python: x ^= x << 13 & 0xffffffff; x ^= x >> 17; x ^= x << 5 & 0xffffffff
  expect([next(), next(), next()]).toEqual([270369, 67634689, 2647435461])
  expect(xorshift32(0)()).toBe(270369)
  expect(xorshift32(-1)()).toBe(xorshift32(2 ** 32 - 1)())
})
