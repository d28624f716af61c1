/** Native functions change no result: texts are validated and decoded as they are without them, in any chunks, even if the functions fail. */

import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Utf8Validator } from '../../src/bytes/utf8.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { encodeFrame } from '../../src/frame/encode.ts'
import { MessageAssembler, MessagePieces } from '../../src/frame/messages.ts'
import { resolveLimits } from '../../src/limits.ts'
import type { Native } from '../../src/native.ts'
import { runs } from '../share.ts'
import { concat, hex, KEY } from './vector.ts'

const { utf8Slice } = Buffer.prototype as unknown as {
  utf8Slice(this: Uint8Array, start: number, end: number): string
}
const fail = (): never => {
  throw new Error('this native function fails')
}

/** Node's functions, functions that throw, and sets with only one function. */
const natives: readonly Native[] = [
  { decodeUtf8: (bytes, start, end) => utf8Slice.call(bytes, start, end), isUtf8: (bytes) => isUtf8(bytes) },
  { decodeUtf8: fail, isUtf8: fail },
  { decodeUtf8: (bytes, start, end) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.slice(start, end)) },
  { isUtf8: (bytes) => isUtf8(bytes.slice()) },
  {},
]

/** Valid characters of all lengths, a BOM, a U+FFFD, and everything that is not UTF-8. */
const parts = [
  ...[
    'a',
    'plain ASCII of some length, so that native functions are used. ',
    'ä',
    '世界',
    '👋🏽',
    '\ufeff',
    '\ufffd',
    '\0',
  ].map((text) => new TextEncoder().encode(text)),
  ...['80', 'c0 80', 'c3', 'e4 b8', 'e0 80 80', 'ed a0 80', 'ed b0 80', 'f0 9f 91', 'f4 90 80 80', 'f5', 'ff'].map(hex),
]

const texts = fc
  .array(fc.oneof({ weight: 20, arbitrary: fc.nat(7) }, { weight: 1, arbitrary: fc.nat(parts.length - 1) }), {
    maxLength: 40,
  })
  .map((indices) => concat(...indices.map((index) => parts[index] as Uint8Array)))
const cuts = fc.array(fc.nat(2000), { maxLength: 6 })

/** Splits bytes into chunks that end at the given places. */
function split(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, i) => bytes.slice(sorted[i], end))
}

/** Runs `read` with each set of functions, and expects the same result or exception as without them. */
function expectSameWith(read: (native: Native | undefined) => unknown): void {
  const outcome = (native: Native | undefined): unknown => {
    try {
      return read(native)
    } catch (error) {
      return error
    }
  }
  const expected = outcome(undefined)
  for (const native of natives) expect(outcome(native)).toEqual(expected)
}

function validate(chunks: readonly Uint8Array[], native: Native | undefined): unknown[] {
  const validator = new Utf8Validator({ native })
  return [...chunks.map((chunk) => [validator.push(chunk), validator.badOffset]), validator.end(), validator.badOffset]
}

function decode(chunks: readonly Uint8Array[], options: object, native: Native | undefined): unknown[] {
  const decoder = new FrameDecoder({ role: 'server', ...options, native })
  const seen: unknown[] = []
  for (const chunk of chunks) {
    decoder.push(chunk.slice())
    while (decoder.next()) seen.push(decoder.validText(), decoder.text(), decoder.payload().slice())
  }
  return seen
}

/** The pieces of one text message. */
function* piecesOf(chunks: readonly Uint8Array[]) {
  for (const [index, bytes] of chunks.entries()) {
    const last = index === chunks.length - 1
    const piece = { opcode: index === 0 ? 1 : 0, fin: last, payloadLength: bytes.length, first: true, last: true }
    yield { piece, bytes: bytes as Uint8Array<ArrayBuffer> }
  }
}

function assemble(chunks: readonly Uint8Array[], native: Native | undefined): unknown {
  const assembler = new MessageAssembler({}, true, native)
  for (const { piece, bytes } of piecesOf(chunks)) if (assembler.push(piece, bytes)) return assembler.text()
  return 'unfinished'
}

function pass(chunks: readonly Uint8Array[], native: Native | undefined): unknown[] {
  const messages = new MessagePieces(resolveLimits({}), true, native)
  const seen: unknown[] = []
  for (const { piece, bytes } of piecesOf(chunks)) {
    messages.progress.beginFrame(piece)
    seen.push(messages.add(piece, bytes))
  }
  return seen
}

describe('native functions change no result', () => {
  it('of any bytes in any chunks', () => {
    fc.assert(
      fc.property(texts, cuts, (bytes, places) => {
        const chunks = split(bytes, places)
        expectSameWith((native) => validate(chunks, native))
        expectSameWith((native) => assemble(chunks, native))
        expectSameWith((native) => pass(chunks, native))
        const wire = encodeFrame({ opcode: 1, payload: bytes, maskKey: KEY })
        for (const options of [{}, { ownsChunks: true }, { pieces: true }, { pieces: true, ownsChunks: true }])
          expectSameWith((native) => decode(split(wire, places), options, native))
      }),
      { numRuns: runs(150, 2000) },
    )
  })

  it('of a long text with one bad byte anywhere', () => {
    const text = new TextEncoder().encode('Käse, 世界 und 👋 mehr. '.repeat(6))
    for (let at = 0; at < text.length; at++) {
      const bytes = text.slice()
      bytes[at] = 0xff
      for (const end of [at, at + 1, text.length]) {
        const chunks = split(bytes, [end, end + 1])
        expectSameWith((native) => validate(chunks, native))
        expectSameWith((native) => assemble(chunks, native))
      }
    }
  })

  it('of bytes at an offset, and of shared and resizable memory', () => {
    const Resizable = ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer
    const memories = [
      (size: number) => new ArrayBuffer(size),
      (size: number) => new SharedArrayBuffer(size),
      (size: number) => new Resizable(size, { maxByteLength: 2 * size }),
    ]
    const text = new TextEncoder().encode('Käse, 世界 und 👋 mehr. '.repeat(9))
    const wire = encodeFrame({ opcode: 1, payload: text, maskKey: KEY })
    for (const allocate of memories) {
      const place = (bytes: Uint8Array): Uint8Array => {
        const view = new Uint8Array(allocate(bytes.length + 9), 5, bytes.length)
        view.set(bytes)
        return view
      }
      expectSameWith((native) => validate([place(text)], native))
      expectSameWith((native) => assemble([place(text)], native))
      for (const ownsChunks of [false, true])
        expectSameWith((native) => {
          const decoder = new FrameDecoder({ role: 'server', ownsChunks, native })
          decoder.push(place(wire))
          return [decoder.next(), decoder.validText(), decoder.text()]
        })
    }
  })

  it('if they lie: a text is valid if the check in JavaScript accepts it', () => {
    const bytes = new TextEncoder().encode('Käse '.repeat(30))
    expect(validate([bytes], { isUtf8: () => false })).toEqual([[true, undefined], true, undefined])
    const bad = concat(bytes, hex('c3 28'), bytes)
    expect(validate([bad], { isUtf8: () => false })).toEqual([[false, 181], false, 181])
  })
})
