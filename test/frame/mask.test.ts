import { describe, expect, it } from 'vitest'
import { readInt32 } from '../../src/frame/header.ts'
import { applyMask, maskInto } from '../../src/frame/mask.ts'
import { hex, KEY, pattern } from './vector.ts'

function naive(bytes: Uint8Array, key: Uint8Array, offset: number): Uint8Array {
  return bytes.map((byte, i) => byte ^ (key[(offset + i) % 4] as number))
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

describe('applyMask', () => {
  it('masks as RFC 6455 §5.7 shows, and unmasks', () => {
    const bytes = hex('48 65 6c 6c 6f')
    expect(applyMask(bytes, KEY)).toBe(5)
    expect(bytes).toEqual(hex('7f 9f 4d 51 58'))
    applyMask(bytes, KEY)
    expect(bytes).toEqual(hex('48 65 6c 6c 6f'))
  })

  it('agrees with a plain loop at every alignment, phase and length, and writes nothing else', () => {
    const lengths = [
      ...Array.from({ length: 40 }, (_, i) => i),
      ...Array.from({ length: 60 }, (_, i) => 110 + i),
      1000,
      4099,
    ]
    for (const length of lengths) {
      for (let start = 0; start < 8; start++) {
        for (const phase of [0, 1, 2, 3, 4, 7, 2 ** 32 + 1, 2 ** 52 + 3]) {
          const whole = pattern(length + 16)
          const expected = whole.slice()
          expected.set(naive(whole.slice(start, start + length), KEY, phase), start)
          expect(applyMask(whole.subarray(start, start + length), KEY, phase)).toBe(phase + length)
          if (!same(whole, expected)) expect([length, start, phase, whole]).toEqual([length, start, phase, expected])
        }
      }
    }
  })

  it('masks a payload in pieces to the same bytes as the whole', () => {
    const whole = pattern(700)
    const expected = naive(whole, KEY, 0)
    for (const step of [1, 2, 3, 5, 127, 128, 129, 300]) {
      const bytes = whole.slice()
      let offset = 0
      for (let at = 0; at < bytes.length; at += step) offset = applyMask(bytes.subarray(at, at + step), KEY, offset)
      expect(same(bytes, expected)).toBe(true)
      expect(offset).toBe(700)
    }
  })

  it('accepts a Buffer that is a view of a pool', () => {
    const bytes = Buffer.from('Hello')
    applyMask(bytes, Buffer.from(KEY))
    expect(bytes.toString('hex')).toBe('7f9f4d5158')
  })

  it("rejects the caller's mistakes before it writes", () => {
    const bytes = hex('01 02')
    for (const key of [new Uint8Array(0), new Uint8Array(3), new Uint8Array(5)])
      expect(() => applyMask(bytes, key)).toThrow(RangeError)
    for (const offset of [-1, 0.5, Number.NaN, Infinity])
      expect(() => applyMask(bytes, KEY, offset)).toThrow(RangeError)
    expect(bytes).toEqual(hex('01 02'))
  })
})

describe('maskInto', () => {
  it('agrees with a plain loop at all pairs of alignments, and does not write to its source', () => {
    for (const length of [0, 1, 3, 4, 5, 31, 127, 128, 129, 130, 131, 132, 500]) {
      for (let from = 0; from < 4; from++) {
        for (let to = 0; to < 4; to++) {
          for (let phase = 0; phase < 4; phase++) {
            const source = pattern(length + 8)
            const before = source.slice()
            const target = new Uint8Array(length + 8)
            maskInto(source, from, target, to, length, readInt32(KEY, 0), phase)
            const expected = new Uint8Array(length + 8)
            expected.set(naive(source.slice(from, from + length), KEY, phase), to)
            expect(same(target, expected) && same(source, before)).toBe(true)
          }
        }
      }
    }
  })
})
