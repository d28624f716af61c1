import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { decodeFrameHeader, type FrameHeader } from '../../src/frame/header.ts'
import { findFrameHeaderError } from '../../src/frame/rules.ts'
import type { Role } from '../../src/types.ts'
import { concat, hex } from './vector.ts'

interface State {
  role: Role
  message: 'none' | 'open'
  rsv: number
}

/** The rules again, as plainly as possible. Returns the first that applies. */
function reference(
  { fin, rsv, opcode, payloadLength, maskKey, lengthSize }: FrameHeader,
  state: State,
): string | undefined {
  const allowed = [1, 2].includes(opcode) ? state.rsv : 0
  const control = opcode >= 8
  if ([4, 2, 1].some((bit) => rsv & bit && !(allowed & bit))) return 'reserved-bits 1002 RFC 6455 §5.2'
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) return 'reserved-opcode 1002 RFC 6455 §5.2'
  if (control && !fin) return 'control-frame 1002 RFC 6455 §5.5'
  const misplaced = state.message === 'none' ? [0] : [1, 2]
  if (misplaced.includes(opcode)) return 'continuation 1002 RFC 6455 §5.4'
  const masked = maskKey !== undefined
  if (masked !== (state.role === 'server')) return `${masked ? '' : 'un'}masked 1002 RFC 6455 §5.1`
  if (control && lengthSize > 0) return 'control-frame 1002 RFC 6455 §5.5'
  if (opcode === 8 && payloadLength === 1) return 'close-payload 1002 RFC 6455 §5.5.1'
  if (lengthSize === 8 && (payloadLength >= 2 ** 63 || payloadLength < 65536)) return 'length 1002 RFC 6455 §5.2'
  if (lengthSize === 2 && payloadLength < 126) return 'length 1002 RFC 6455 §5.2'
  if (payloadLength >= 2 ** 53) return 'too-large 1009 RFC 6455 §10.4'
  return undefined
}

const describeError = (error: ProtocolError | undefined): string | undefined =>
  error && `${error.code} ${error.closeCode} ${error.reference}`

const lengths = ['', '0000', '007d', '007e', 'ffff', '000000000000ffff', '0000000000010000', '001fffffffffffff']
const tooLong = ['0020000000000000', '4000000000000000', '7fffffffffffffff', '8000000000000000', 'ffffffffffffffff']

function* everyHeader(): Generator<FrameHeader> {
  for (let first = 0; first < 256; first++) {
    for (const length of [...lengths, ...tooLong]) {
      const short = length === '' ? 5 : length.length === 4 ? 126 : 127
      const seconds = length === '' ? [5, 133, 1, 129] : [short, 128 + short]
      for (const second of seconds)
        yield decodeFrameHeader(concat(Uint8Array.of(first, second), hex(length), hex('01020304'))) as FrameHeader
    }
  }
}

const states: readonly State[] = (['client', 'server'] as const).flatMap((role) =>
  (['none', 'open'] as const).flatMap((message) => [0, 4, 7].map((rsv) => ({ role, message, rsv }))),
)

describe('findFrameHeaderError', () => {
  const { stackTraceLimit } = Error
  // Most headers are rejected, and their stacks are not needed.
  beforeAll(() => {
    Error.stackTraceLimit = 0
  })
  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit
  })

  it('agrees with the plain rules on every first byte, for each role, state, mask, length and negotiated bit', () => {
    for (const header of everyHeader()) {
      for (const state of states) {
        const found = describeError(findFrameHeaderError(header, state))
        const expected = reference(header, state)
        if (found !== expected) expect({ header, state, found }).toBe(expected)
      }
    }
  })

  it('checks an extension’s opcode by its number, and no other reserved opcode', () => {
    for (const header of everyHeader()) {
      for (const state of states) {
        const { opcode } = header
        const found = describeError(findFrameHeaderError(header, { ...state, opcodes: [3, 7, 11, 15, 1, 9, 16] }))
        const judgedAs = opcode === 3 || opcode === 7 ? 2 : opcode === 11 || opcode === 15 ? 10 : opcode
        const expected = reference({ ...header, opcode: judgedAs }, state)
        if (found !== expected) expect({ header, state, found }).toBe(expected)
      }
    }
  })

  it('names an extension’s opcode in the message', () => {
    const state = { role: 'client', message: 'open', opcodes: [3, 11] } as const
    const message = (text: string) => findFrameHeaderError(decodeFrameHeader(hex(text)) as FrameHeader, state)?.message
    expect(message('83 00')).toMatch(/^opcode 3 inside an unfinished message$/)
    expect(message('0b 00')).toMatch(/opcode 11\) without FIN/)
    expect(message('8b 00')).toBeUndefined()
    expect(message('84 00')).toMatch(/opcode 4 is reserved/)
  })

  it('returns a message with what was found and what is expected', () => {
    const message = (text: string, role: Role = 'client', state: 'none' | 'open' = 'none') =>
      findFrameHeaderError(decodeFrameHeader(hex(text)) as FrameHeader, { role, message: state })?.message
    expect(message('e1 00')).toMatch(/^RSV1, RSV2 set on opcode 1 but not negotiated$/)
    expect(message('83 00')).toMatch(/opcode 3 is reserved/)
    expect(message('81 00', 'server')).toMatch(/^unmasked frame/)
    expect(message('81 80 01 02 03 04')).toMatch(/masked frame/)
    expect(message('82 7e 00 01')).toMatch(/below 126 in 2 bytes/)
    expect(message('82 7f 80 00 00 00 00 00 00 00')).toMatch(/top bit/)
    expect(message('09 00')).toMatch(/opcode 9\) without FIN/)
    expect(message('89 7e 00 7e')).toMatch(/opcode 9\) with an extended length/)
    expect(message('88 01')).toMatch(/Close payload of 1 byte/)
    expect(message('80 00')).toMatch(/without a message/)
    expect(message('82 00', 'client', 'open')).toMatch(/opcode 2 inside an unfinished message/)
    expect(message('82 7f 40 00 00 00 00 00 00 00')).toMatch(/2\^53/)
  })
})

describe('FrameDecoder agrees with findFrameHeaderError', () => {
  const bad: readonly (readonly [title: string, wire: string, code: string, closeCode: number, reference: string])[] = [
    ['RSV1, not negotiated', 'c1 80 01 02 03 04', 'reserved-bits', 1002, 'RFC 6455 §5.2'],
    ['opcode 3', '83 80 01 02 03 04', 'reserved-opcode', 1002, 'RFC 6455 §5.2'],
    ['opcode 11', '8b 80 01 02 03 04', 'reserved-opcode', 1002, 'RFC 6455 §5.2'],
    ['no mask', '81 00', 'unmasked', 1002, 'RFC 6455 §5.1'],
    ['1 byte in 2 of length', '82 fe 00 01 01 02 03 04 41', 'length', 1002, 'RFC 6455 §5.2'],
    ['65 535 bytes in 8 of length', '82 ff 00 00 00 00 00 00 ff ff 01 02 03 04', 'length', 1002, 'RFC 6455 §5.2'],
    ['a length of 2^63', '82 ff 80 00 00 00 00 00 00 00 01 02 03 04', 'length', 1002, 'RFC 6455 §5.2'],
    ['a length of 2^62', '82 ff 40 00 00 00 00 00 00 00 01 02 03 04', 'too-large', 1009, 'RFC 6455 §10.4'],
    ['more than maxFrameSize', '82 ff 00 00 00 00 01 00 00 01 01 02 03 04', 'too-large', 1009, 'RFC 6455 §10.4'],
    ['a ping without FIN', '09 80 01 02 03 04', 'control-frame', 1002, 'RFC 6455 §5.5'],
    ['a ping of 126 bytes', '89 fe 00 7e 01 02 03 04', 'control-frame', 1002, 'RFC 6455 §5.5'],
    ['a Close of one byte', '88 81 01 02 03 04 41', 'close-payload', 1002, 'RFC 6455 §5.5.1'],
    ['a continuation without a message', '80 80 01 02 03 04', 'continuation', 1002, 'RFC 6455 §5.4'],
  ]
  for (const [title, wire, code, closeCode, reference] of bad) {
    it(`${title}: ${code}, ${closeCode}, at its offset, in every split, permanently`, () => {
      const good = hex('89 81 00 00 00 00 41 82 80 00 00 00 00')
      const bytes = concat(good, hex(wire), hex('ff ff ff'))
      for (const pieces of [false, true]) {
        for (let step = 1; step <= bytes.length; step++) {
          const decoder = new FrameDecoder({ role: 'server', pieces })
          let frames = 0
          const walk = (): void => {
            for (let at = 0; at < bytes.length; at += step) {
              decoder.push(bytes.subarray(at, at + step))
              while (decoder.next()) frames++
            }
          }
          const error = thrownBy(walk)
          expect([frames, error.code, error.closeCode, error.reference]).toEqual([2, code, closeCode, reference])
          expect(error.offset).toBe(good.length)
          decoder.push(good)
          expect(thrownBy(() => decoder.next())).toBe(error)
        }
      }
    })
  }

  it('for a masked frame to a client', () => {
    const decoder = new FrameDecoder({ role: 'client' })
    decoder.push(hex('81 80 01 02 03 04'))
    expect(thrownBy(() => decoder.next()).code).toBe('masked')
  })

  it('for a text inside an unfinished message', () => {
    const decoder = new FrameDecoder({ role: 'client' })
    decoder.push(hex('01 00 89 00 81 00'))
    expect([decoder.next(), decoder.next()]).toEqual([true, true])
    expect(thrownBy(() => decoder.next())).toMatchObject({ code: 'continuation', offset: 4 })
  })

  it('that a negotiated bit may be set only on the first frame of a message', () => {
    for (const [wire, good] of [
      ['c1 00', 1],
      ['41 00 80 00', 2],
      ['41 00 c0 00', 1],
      ['c9 00', 0],
      ['a1 00', 0],
    ] as const) {
      const decoder = new FrameDecoder({ role: 'client', rsv: 4 })
      decoder.push(hex(wire))
      for (let i = 0; i < good; i++) expect(decoder.next()).toBe(true)
      if (wire.length === 6 * good - 1 || good * 2 === hex(wire).length) expect(decoder.next()).toBe(false)
      else expect(thrownBy(() => decoder.next()).code).toBe('reserved-bits')
    }
  })
})

function thrownBy(act: () => unknown): ProtocolError {
  try {
    act()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
