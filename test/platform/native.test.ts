// The native functions of the runtime give the same results as the platform's encoder and decoder, and as a loop.

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scanUtf8, UTF8_START } from '../../src/bytes/utf8.ts'
import type { Native } from '../../src/native.ts'
import { asBuffer, native } from '../../src/platform/native.ts'
import { decodeUtf8, encodeUtf8 } from '../../src/platform/text.ts'

const {
  allocate,
  decodeUtf8: decode,
  encodeUtf8Into,
  isUtf8,
  sha1,
} = native as { [Name in keyof Native]-?: NonNullable<Native[Name]> }

/** Lone surrogates, characters of each length, a BOM. */
const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '\x7f', 'é', '€', '\u{1f600}', '\ufeff', '\ufffd', '\ud83d', '\ude00') }),
  fc.string({ unit: 'binary', maxLength: 200 }),
)

/** Valid, damaged and cut UTF-8. */
const sequences = fc.oneof(
  texts.map(encodeUtf8),
  fc.tuple(texts, fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
    const bytes = encodeUtf8(text)
    if (bytes.length > 0) bytes[at % bytes.length] = byte
    return bytes
  }),
  fc.uint8Array({ maxLength: 100 }),
)

const resizable = (size: number): ArrayBuffer => Reflect.construct(ArrayBuffer, [size, { maxByteLength: 1 << 20 }])

const memories = [
  ['ordinary', (size: number) => new ArrayBuffer(size)],
  ['shared', (size: number) => new SharedArrayBuffer(size)],
  ['resizable', resizable],
] as const

describe.each(memories)('in %s memory', (_, memory) => {
  const space = 8192
  const place = (bytes: Uint8Array, before: number): Uint8Array => {
    const placed = new Uint8Array(memory(space), 3, space - 3)
    placed.set(bytes, before)
    return placed
  }

  test('decodeUtf8 decodes a range, invalid bytes to U+FFFD', () => {
    fc.assert(
      fc.property(sequences, fc.nat(64), (bytes, before) => {
        const text = decode(place(bytes, before), before, before + bytes.length)
        expect(text).toBe(decodeUtf8(bytes))
      }),
    )
  })

  test('encodeUtf8Into writes whole characters after an offset, as many as fit', () => {
    const encoder = new TextEncoder()
    fc.assert(
      fc.property(texts, fc.nat(64), fc.nat(300), (text, before, space) => {
        const target = place(new Uint8Array(0), 0).subarray(0, before + space)
        const expected = new Uint8Array(before + space)
        const { written } = encoder.encodeInto(text, expected.subarray(before))
        expect(encodeUtf8Into(text, target, before)).toBe(written)
        expect([...target]).toEqual([...expected])
      }),
    )
  })

  test('isUtf8 agrees with the loop', () => {
    fc.assert(
      fc.property(sequences, fc.nat(64), (bytes, before) => {
        const placed = place(bytes, before).subarray(before, before + bytes.length)
        expect(isUtf8(placed)).toBe(scanUtf8(bytes, 0, bytes.length, UTF8_START) === UTF8_START)
      }),
    )
  })
})

test('sha1 returns the hash in Base64', () => {
  for (const text of ['', 'dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11', 'a'.repeat(1000)])
    expect(sha1(text)).toBe(createHash('sha1').update(text).digest('base64'))
})

test('allocate returns a Buffer from the pool', () => {
  const made = allocate(100)
  expect([Buffer.isBuffer(made), made.length]).toEqual([true, 100])
})

test('asBuffer returns a Buffer on the same memory', () => {
  const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
  const buffer = asBuffer(bytes)
  expect([Buffer.isBuffer(buffer), ...buffer]).toEqual([true, 2, 3])
  bytes[0] = 9
  expect(buffer[0]).toBe(9)
})
