// Text frames written in one pass have the same bytes as frames written from bytes, and nothing around them is written.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame, encodeFrameInto } from '../../src/frame/encode.ts'
import { readInt32 } from '../../src/frame/header.ts'
import { Words } from '../../src/frame/mask-words.ts'
import { maxTextFrameSize, writeTextFrame } from '../../src/frame/text-frame.ts'
import { native } from '../../src/platform/native.ts'
import { hex, KEY } from './vector.ts'

/** Lengths in code units and in bytes at which the header grows. */
const sizes = [0, 1, 16, 17, 24, 25, 32, 33, 41, 42, 43, 62, 63, 64, 124, 125, 126, 127, 1365, 1366, 65_535, 65_536]
const characters = ['a', 'é', '€', '\u{1f600}', '\ud800']
const texts = sizes.flatMap((size) => characters.map((character) => character.repeat(size))).concat('€'.repeat(21_846))

const ways = [
  ['pure', undefined],
  ['native', native],
] as const

describe.each(ways)('%s', (_, by) => {
  const key = readInt32(KEY, 0)

  it.each([undefined, KEY])(
    'writes the same frame as encodeFrame from the bytes, at an offset, and nothing else',
    (maskKey) => {
      for (const text of texts) {
        const masked = maskKey !== undefined
        const expected = encodeFrame({ opcode: 1, payload: new TextEncoder().encode(text), maskKey })
        const most = maxTextFrameSize(text, masked)
        expect(most).toBeGreaterThanOrEqual(expected.length)
        for (const withWords of [false, true]) {
          const target = new Uint8Array(3 + most).fill(0xaa)
          const words = withWords ? new Words(target) : undefined
          const end = writeTextFrame(target, 3, 0x81, text, masked, key, by, words)
          expect(Buffer.compare(target.subarray(3, end), expected)).toBe(0)
          expect(target.subarray(0, 3)).toEqual(hex('aa aa aa'))
          expect(target.subarray(end).every((byte) => byte === 0xaa)).toBe(true)
        }
      }
    },
  )
})

it.each<[string, () => number]>([
  ['too few', () => 16],
  ['too many', () => 76],
  ['none', () => Number.NaN],
])('native.encodeUtf8Into that reports %s bytes is a TypeError', (_, encodeUtf8Into) => {
  const write = () => writeTextFrame(new Uint8Array(99), 0, 0x81, 'a'.repeat(25), false, 0, { encodeUtf8Into })
  expect(write).toThrow(TypeError)
  expect(write).toThrow('`native.encodeUtf8Into` must ')
})

it('encodeFrameInto accepts any space in which the frame fits, and writes nothing if the frame does not fit', () => {
  const unit = fc.constantFrom('a', 'é', '€', '\u{1f600}', '\ud83d')
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 200 }),
      fc.boolean(),
      fc.nat(600),
      fc.nat(5),
      (payload, masked, space, at) => {
        const maskKey = masked ? KEY : undefined
        const expected = encodeFrame({ opcode: 1, payload: new TextEncoder().encode(payload), maskKey })
        const target = new Uint8Array(at + space).fill(0xaa)
        const before = target.slice()
        if (expected.length > space) {
          expect(() => encodeFrameInto({ opcode: 1, payload, maskKey }, target, at)).toThrow(RangeError)
          expect(target).toEqual(before)
          return
        }
        before.set(expected, at)
        expect(encodeFrameInto({ opcode: 1, payload, maskKey }, target, at)).toBe(at + expected.length)
        expect(target).toEqual(before)
      },
    ),
  )
})
