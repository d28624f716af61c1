/** Tests of collecting: chunks of any size become one array, in bounded memory. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Collector, KEEP_FROM } from '../../src/bytes/collector.ts'
import { pattern } from '../peers/support.ts'
import { runs } from '../share.ts'
import { concat } from '../wire.ts'

function collect(chunks: readonly Uint8Array[]): Collector {
  const collector = new Collector()
  for (const chunk of chunks)
    if (chunk.length < KEEP_FROM) collector.copy(chunk)
    else collector.keep(chunk)
  return collector
}

describe('join', () => {
  it('returns all bytes in order, in an array of exactly that length', () => {
    const size = fc.oneof(fc.nat(300), fc.constantFrom(KEEP_FROM - 1, KEEP_FROM, KEEP_FROM + 1, 70_000))
    fc.assert(
      fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
        const chunks = sizes.map((each, i) => pattern(each + i).subarray(i))
        const collector = collect(chunks)
        const whole = concat(...chunks)
        expect(collector.size).toBe(whole.length)
        const joined = collector.join()
        expect(Buffer.compare(joined, whole)).toBe(0)
        expect(joined.length).toBe(whole.length)
      }),
      { numRuns: 60 },
    )
  })
  it('returns a single large piece without a copy, and copies small ones', () => {
    const large = pattern(KEEP_FROM)
    expect(collect([large]).join()).toBe(large)
    const joined = collect([pattern(3), pattern(4)]).join()
    expect(joined.buffer.byteLength).toBe(7)
    expect(new Collector().join()).toEqual(new Uint8Array(0))
  })
  it('does not write to its pieces', () => {
    const chunks = [pattern(10), pattern(KEEP_FROM), pattern(20)]
    const before = chunks.map((chunk) => chunk.slice())
    collect(chunks).join().fill(0)
    expect(chunks).toEqual(before)
  })
})

describe('with an announced length', () => {
  /** Adds chunks as a decoder does, and returns the most memory used in addition to the bytes received. */
  const collectOf = (total: number, chunks: readonly Uint8Array[]): Collector => {
    const collector = new Collector()
    for (const chunk of chunks) {
      if (collector.copies(chunk.length, total)) collector.copy(chunk)
      else collector.keep(chunk)
      const most = Math.max(2 * collector.size, collector.size + 65_536)
      expect(held(collector)).toBeLessThanOrEqual(most)
    }
    return collector
  }
  const sizes = fc.array(fc.oneof(fc.nat(300), fc.constantFrom(KEEP_FROM - 1, KEEP_FROM, 70_000)), { maxLength: 40 })

  it('returns the same bytes, whether the length is right or wrong', () => {
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 2, noNaN: true }), (all, share) => {
        const chunks = all.map((each, i) => pattern(each + i).subarray(i))
        const whole = concat(...chunks)
        for (const total of [whole.length, Math.floor(share * whole.length), Number.MAX_SAFE_INTEGER]) {
          const collector = collectOf(total, chunks)
          expect(collector.size).toBe(whole.length)
          const joined = collector.join()
          expect([joined.length, joined.constructor, Buffer.compare(joined, whole)]).toEqual([
            whole.length,
            Uint8Array,
            0,
          ])
        }
      }),
      { numRuns: runs(100, 1000) },
    )
  })

  it('continues after all bytes so far were copied out', () => {
    const chunks = [pattern(5000), pattern(3000), pattern(4001), pattern(9), pattern(70_000)]
    const total = chunks.reduce((sum, { length }) => sum + length, 0)
    for (let place = 0; place <= chunks.length; place++) {
      const collector = collectOf(total, chunks.slice(0, place))
      expect(Buffer.compare(collector.copyAll(), concat(...chunks.slice(0, place)))).toBe(0)
      for (const chunk of chunks.slice(place))
        if (collector.copies(chunk.length, total)) collector.copy(chunk)
        else collector.keep(chunk)
      expect(Buffer.compare(collector.join(), concat(...chunks))).toBe(0)
    }
  })

  it('copies nothing at the end, because one array has collected all bytes since half of them arrived', () => {
    const collector = collectOf(100_000, [pattern(49_999)])
    expect(collector.tail).toBe(undefined)
    expect(collector.copies(1, 100_000)).toBe(true)
    const { tail } = collector
    expect(tail?.length).toBe(100_000)
    collector.copy(pattern(1))
    expect(collector.copies(50_000, 100_000)).toBe(true)
    collector.copy(pattern(50_000))
    expect(collector.join()).toBe(tail)
  })
})

/** Bytes of all buffers that a collector references. */
function held(collector: Collector): number {
  const { kept } = collector as unknown as { kept: Uint8Array[] }
  const buffers = new Set([...kept, collector.tail ?? new Uint8Array(0)].map((chunk) => chunk.buffer))
  return [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0)
}

describe('memory', () => {
  it('does not keep a chunk for a small part of it', () => {
    const collector = new Collector()
    for (let i = 0; i < 100; i++) collector.keep(new Uint8Array(65_536).subarray(5, 5 + KEEP_FROM))
    expect(held(collector)).toBeLessThanOrEqual(2 * collector.size)
    expect(new Collector().join().length).toBe(0)
  })
  it('is at most twice what was received, in any mix of sizes', () => {
    for (const small of [1, 100, 2049, KEEP_FROM - 1]) {
      const collector = new Collector()
      for (let i = 0; i < 200; i++) {
        collector.copy(pattern(small))
        collector.keep(pattern(KEEP_FROM))
      }
      expect(held(collector)).toBeLessThanOrEqual(1.2 * collector.size + 65_536)
    }
  })
})

it('needs only their size and 64 KiB for a million single bytes', () => {
  const collector = new Collector()
  for (let i = 0; i < 2 ** 20; i++) {
    const at = collector.reserve(1)
    const { tail } = collector
    if (tail === undefined) throw new Error('no buffer')
    tail[at] = i
  }
  // Outgrown buffers are released; only referenced ones count.
  const kept = (collector as unknown as { kept: Uint8Array[] }).kept.reduce(
    (sum, chunk) => sum + chunk.buffer.byteLength,
    0,
  )
  expect(kept + (collector.tail?.length ?? 0)).toBeLessThanOrEqual(2 ** 20 + 65_536)
  const joined = collector.join()
  expect(joined.length).toBe(2 ** 20)
  expect(joined.every((byte, i) => byte === (i & 0xff))).toBe(true)
})
