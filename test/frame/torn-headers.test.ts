/**
 * Headers that arrive byte by byte: each is rejected at its first wrong byte, and whole headers with the same error.
 */

import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import type { FrameDecoderOptions } from '../../src/frame/decoder.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { resumeDecoder } from '../../src/frame/snapshot.ts'
import type { Role } from '../../src/types.ts'
import { columns } from '../share.ts'
import { concat, hex } from '../wire.ts'

const opening: Readonly<Record<Role, Uint8Array>> = { client: hex('01 00'), server: hex('01 80 37 fa 21 3d') }

interface Refusal {
  readonly code: string
  readonly closeCode: number | undefined
  readonly message: string
  readonly offset: number | undefined
  /** The bytes of the header that had arrived. */
  readonly after: number
}

/** Returns how a header is rejected in chunks of a size; `undefined` if it is accepted. */
function refusal(
  options: FrameDecoderOptions,
  before: Uint8Array,
  header: Uint8Array,
  step: number,
): Refusal | undefined {
  const decoder = new FrameDecoder({ ...options, pieces: true })
  decoder.push(before)
  while (decoder.next());
  for (let at = 0; at < header.length; at += step) {
    const chunk = header.subarray(at, at + step)
    decoder.push(chunk)
    try {
      while (decoder.next());
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const { code, closeCode, message, offset } = error
      return { code, closeCode, message, offset, after: at + chunk.length }
    }
  }
  return undefined
}

/** The rules of RFC 6455 §5.1 to §5.5.1 that the first byte decides. */
function firstByteError(first: number, open: boolean): string | undefined {
  const opcode = first & 15
  if (first & 0x70) return 'reserved-bits'
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) return 'reserved-opcode'
  if (opcode >= 8) return first < 0x80 ? 'control-frame' : undefined
  return (opcode === 0) === open ? undefined : 'continuation'
}

/** The rules that the second byte decides. */
function secondByteError(first: number, second: number, role: Role): string | undefined {
  const masked = second >= 0x80
  if (masked !== (role === 'server')) return masked ? 'masked' : 'unmasked'
  const opcode = first & 15
  const short = second & 127
  if (opcode >= 8 && short > 125) return 'control-frame'
  return opcode === 8 && short === 1 ? 'close-payload' : undefined
}

/** Checks one pair of first bytes, whole and byte by byte. */
function check(role: Role, open: boolean, first: number, second: number): void {
  const before = open ? opening[role] : hex('')
  const early = firstByteError(first, open)
  const code = early ?? secondByteError(first, second, role)
  const header = Uint8Array.of(first, second)
  const whole = refusal({ role }, before, header, 2)
  const expected = code && { code, closeCode: 1002, offset: before.length }
  const found = whole && { code: whole.code, closeCode: whole.closeCode, offset: whole.offset }
  if (JSON.stringify(found) !== JSON.stringify(expected)) expect({ first, second, found }).toEqual(expected)
  // An error in the first byte does not depend on the second.
  if (early !== undefined && second >= 8) return
  const torn = refusal({ role }, before, header, 1)
  const after = code && (early ? 1 : 2)
  if (torn?.message !== whole?.message || torn?.after !== after)
    expect({ first, second, torn }).toEqual({ whole, after })
}

for (const role of ['client', 'server'] as const)
  for (const open of [false, true])
    it(`a ${role} rejects the first two bytes at the byte that decides, a message ${open ? 'open' : 'not begun'}`, () => {
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = 0
      for (let first = 0; first < 256; first++)
        for (const second of columns(first, 256, 8)) check(role, open, first, second)
      Error.stackTraceLimit = stackTraceLimit
    }, 60_000)

describe('an extended length is rejected at the byte that decides', () => {
  const cases: readonly (readonly [title: string, header: string, after: number, code: string, limits?: object])[] = [
    ['less than 126 in two bytes', '82 7e 00 7d', 4, 'length'],
    ['less than 126 in two bytes, past the limit', '82 7e 00 7d', 4, 'length', { maxFrameSize: 5 }],
    ['256 at least, past the limit', '82 7e 01 00', 3, 'too-large', { maxFrameSize: 255 }],
    ['256 exactly, past the limit', '82 7e 01 01', 4, 'too-large', { maxFrameSize: 256 }],
    ['126, past the limit', '82 7e 00 7e', 4, 'too-large', { maxFrameSize: 125 }],
    ['the top bit', '82 7f 80 00 00 00 00 00 00 00', 3, 'length'],
    ['the top bit, past the limit', '82 7f ff 00 00 00 00 00 00 00', 3, 'length', { maxFrameSize: 5 }],
    ['2^62', '82 7f 40 00 00 00 00 00 00 00', 3, 'too-large'],
    ['2^63-1, without a limit', '82 7f 7f ff ff ff ff ff ff ff', 3, 'too-large', { maxFrameSize: Infinity }],
    ['2^53, without a limit', '82 7f 00 20 00 00 00 00 00 00', 4, 'too-large', { maxFrameSize: Infinity }],
    ['less than 65536 in eight bytes', '82 7f 00 00 00 00 00 00 ff ff', 8, 'length'],
    ['one byte more than the default limit', '82 7f 00 00 00 00 01 00 00 01', 10, 'too-large'],
    ['twice the default limit', '82 7f 00 00 00 00 02 00 00 00', 7, 'too-large'],
    ['in seven bits, past the limit', '82 06', 2, 'too-large', { maxFrameSize: 5 }],
  ]
  for (const [title, text, after, code, limits] of cases)
    it(title, () => {
      for (const masked of [false, true]) {
        const header = hex(text)
        if (masked) header[1] = (header[1] as number) | 0x80
        const options: FrameDecoderOptions = { role: masked ? 'server' : 'client', ...(limits && { limits }) }
        const torn = refusal(options, hex(''), header, 1)
        expect(torn).toMatchObject({ code, after, closeCode: code === 'length' ? 1002 : 1009, offset: 0 })
        // In any chunks, whole, and with everything that follows.
        for (const step of [2, 3, 4, 5, 7, 10])
          expect(refusal(options, hex(''), header, step)).toEqual({
            ...torn,
            after: Math.min(header.length, Math.ceil(after / step) * step),
          })
        expect(refusal(options, hex(''), concat(header, hex('01 02 03 04 41')), 99)).toEqual({
          ...torn,
          after: header.length + 5,
        })
      }
    })

  it('and not earlier', () => {
    for (const text of [
      '82 7e',
      '82 7e 00',
      '82 7e ff',
      '82 7f',
      '82 7f 00',
      '82 7f 00 00 00 00 00',
      '82 7f 00 00 00 00 00 01',
    ])
      expect(refusal({ role: 'client' }, hex(''), hex(text), 1), text).toBeUndefined()
  })
})

it('a snapshot must have a part of a valid header, not an invalid or a whole header', () => {
  for (const header of ['gw==', 'gQA=', '']) {
    const decoder = new FrameDecoder({ role: 'client' })
    expect(() => resumeDecoder(decoder, { base: 0, open: false, header })).toThrow(TypeError)
  }
})

describe('the error for a frame that is too large names the limit that applies', () => {
  const message = (limits: object | undefined) =>
    refusal({ role: 'client', limits }, hex(''), hex('82 7f 00 00 00 00 02 00 00 00'), 10)?.message
  it('limits.maxMessageSize, unless limits.maxFrameSize is set', () => {
    expect(message(undefined)).toMatch(/at least 33554432 bytes; limits.maxMessageSize is 16777216$/)
    expect(message({ maxMessageSize: 10 })).toMatch(/limits.maxMessageSize is 10$/)
    expect(message({ maxFrameSize: 10 })).toMatch(/limits.maxFrameSize is 10$/)
    expect(message({ maxFrameSize: 10, maxMessageSize: 5 })).toMatch(/limits.maxFrameSize is 10$/)
  })
})
