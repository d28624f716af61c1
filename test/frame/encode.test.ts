// Whole frames, byte for byte: in a new array, in the caller's array and as parts; and the arguments that are rejected.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame, encodeFrameInto, encodeFrameParts, type FrameInit, frameSize } from '../../src/frame/encode.ts'
import { decodeFrameHeader } from '../../src/frame/header.ts'
import { generateMaskKey } from '../../src/frame/mask.ts'
import { concat, decodeAll, hex, KEY, pattern } from './vector.ts'

const sizes = [0, 1, 5, 31, 32, 125, 126, 127, 128, 129, 300, 65535, 65536]
const texts = [
  '',
  'Hello',
  'é',
  '€',
  '😀',
  '\ufeffBOM',
  'a\0b',
  '\ud800',
  'é'.repeat(63),
  'é'.repeat(129),
  '😀'.repeat(20_000),
]

describe('encodeFrame', () => {
  it('writes frames that break the rules', () => {
    expect(encodeFrame({ opcode: 3, fin: false, rsv: 7 })).toEqual(hex('73 00'))
    expect(encodeFrame({ opcode: 1, payload: 'A', lengthSize: 8 })).toEqual(hex('81 7f 00 00 00 00 00 00 00 01 41'))
    expect(encodeFrame({ opcode: 2, payloadLength: 2 ** 63, payload: hex('41') })).toEqual(
      hex('82 7f 80 00 00 00 00 00 00 00 41'),
    )
  })
  it('encodes strings as UTF-8, and never writes to a payload', () => {
    expect(encodeFrame({ opcode: 1, payload: 'é' })).toEqual(hex('81 02 c3 a9'))
    const payload = hex('48 65 6c 6c 6f')
    expect(encodeFrame({ opcode: 1, payload, maskKey: KEY })).toEqual(hex('81 85 37 fa 21 3d 7f 9f 4d 51 58'))
    expect(payload).toEqual(hex('48 65 6c 6c 6f'))
  })
  it('writes a string like its bytes, at any length', () => {
    for (const payload of [...texts, ...sizes.map((size) => 'x'.repeat(size))])
      for (const maskKey of [undefined, KEY]) {
        const bytes = encodeFrame({ opcode: 1, payload: new TextEncoder().encode(payload), maskKey })
        expect(Buffer.compare(encodeFrame({ opcode: 1, payload, maskKey }), bytes)).toBe(0)
      }
  })
  it("uses a new key for each frame with maskKey 'random'", () => {
    const keys = new Set<string>()
    for (let i = 0; i < 100; i++) {
      const wire = encodeFrame({ opcode: 1, payload: 'Hello', maskKey: 'random' })
      expect(wire.length).toBe(11)
      keys.add(Buffer.from(wire.subarray(2, 6)).toString('hex'))
      const [frame] = decodeAll({ role: 'server' }, [wire])
      expect(frame?.payload).toEqual(hex('48 65 6c 6c 6f'))
    }
    expect(keys.size).toBeGreaterThanOrEqual(99)
    const zero = encodeFrame({ opcode: 9, maskKey: new Uint8Array(4) })
    expect(zero).toEqual(hex('89 80 00 00 00 00'))
  })
  it('replaces lone surrogates, or reports the first one', () => {
    expect(encodeFrame({ opcode: 1, payload: 'a\ud800' })).toEqual(hex('81 04 61 ef bf bd'))
    for (const [payload, index] of [
      ['\ud800', 0],
      ['\udc00', 0],
      ['a\ud83d', 1],
      ['😀\ude00', 2],
      ['\ud83d\ud83d\ude00', 0],
      [`${'x'.repeat(1000)}\udfffy`, 1000],
    ] as const) {
      const frame: FrameInit = { opcode: 1, payload, loneSurrogates: 'error' }
      for (const encode of [encodeFrame, encodeFrameParts, frameSize]) {
        expect(() => encode(frame)).toThrow(TypeError)
        expect(() => encode(frame)).toThrow(`at index ${index}`)
        encode({ ...frame, loneSurrogates: 'replace' })
      }
    }
    for (const payload of ['', '😀', '\u{10ffff}\ud7ff\ue000'])
      expect(encodeFrame({ opcode: 1, payload, loneSurrogates: 'error' })).toEqual(encodeFrame({ opcode: 1, payload }))
    expect(encodeFrame({ opcode: 1, payload: hex('ff'), loneSurrogates: 'error' })).toEqual(hex('81 01 ff'))
  })
  it('finds a lone surrogate if `isWellFormed` does', () => {
    const unit = fc.constantFrom('a', 'é', '\ud83d', '\ude00', '\ud800', '\udfff', '\udbff', '\udc00', '\ue000')
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const payload = units.join('')
        const encode = () => encodeFrame({ opcode: 1, payload, loneSurrogates: 'error' })
        if ((payload as unknown as { isWellFormed(): boolean }).isWellFormed()) encode()
        else expect(encode).toThrow(TypeError)
      }),
    )
  })
  it('rejects values out of range', () => {
    const wrong = (frame: unknown) => () => encodeFrame(frame as FrameInit)
    expect(wrong({ opcode: 1, maskKey: new Uint8Array(5) })).toThrow(RangeError)
    expect(wrong({ opcode: 16 })).toThrow(RangeError)
    expect(wrong({ opcode: 1, rsv: 8 })).toThrow(RangeError)
    expect(wrong({ opcode: 1, maskKey: 'abcd' })).toThrow(TypeError)
    expect(wrong({ opcode: 1, payload: [1, 2] })).toThrow(TypeError)
    expect(wrong({ opcode: 1, payload: new ArrayBuffer(2) })).toThrow(TypeError)
    expect(wrong({ opcode: 1, payload: 'x', loneSurrogates: 'throw' })).toThrow(TypeError)
  })
})

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(...sizes).map(pattern),
)
const frames = fc.record({
  opcode: fc.constantFrom(1, 2, 8, 9, 10, 3, 15),
  payload,
  maskKey: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: undefined }),
  fin: fc.boolean(),
  rsv: fc.nat(7),
})

describe('encodeFrameInto', () => {
  it('writes the same bytes as encodeFrame, at an offset, and nothing else', () => {
    fc.assert(
      fc.property(frames, fc.nat(9), fc.nat(9), (frame, before, after) => {
        const wire = encodeFrame(frame)
        expect(frameSize(frame)).toBe(wire.length)
        const target = new Uint8Array(before + wire.length + after).fill(0xaa)
        expect(encodeFrameInto(frame, target, before)).toBe(before + wire.length)
        const expected = concat(new Uint8Array(before).fill(0xaa), wire, new Uint8Array(after).fill(0xaa))
        expect(Buffer.compare(target, expected)).toBe(0)
      }),
    )
  })
  it('writes frame after frame', () => {
    const target = new Uint8Array(9)
    const at = encodeFrameInto({ opcode: 1, payload: 'Hello' }, target, 0)
    expect(encodeFrameInto({ opcode: 9 }, target, at)).toBe(9)
    expect(target).toEqual(hex('81 05 48 65 6c 6c 6f 89 00'))
  })
  it('writes nothing if it throws', () => {
    for (const size of sizes)
      for (const maskKey of [undefined, KEY]) {
        const frame: FrameInit = { opcode: 2, payload: pattern(size), maskKey }
        const target = new Uint8Array(3 + frameSize(frame) - 1)
        expect(() => encodeFrameInto(frame, target, 3)).toThrow(RangeError)
        expect(target.every((byte) => byte === 0)).toBe(true)
      }
    const target = new Uint8Array(20)
    const wrong: readonly (readonly [object, number])[] = [
      [{ opcode: 1, payload: 'x' }, -1],
      [{ opcode: 1, payload: 'x' }, 0.5],
      [{ opcode: 1, payload: 'x' }, Number.NaN],
      [{ opcode: 16, payload: 'x' }, 0],
      [{ opcode: 1, payload: 'x', rsv: -1 }, 0],
      [{ opcode: 1, payload: 'x', maskKey: new Uint8Array(3) }, 0],
      [{ opcode: 1, payload: 'x', payloadLength: 2 ** 64 }, 0],
    ]
    for (const [frame, offset] of wrong)
      expect(() => encodeFrameInto(frame as FrameInit, target, offset)).toThrow(RangeError)
    const strict = { opcode: 1, payload: 'x\ud800', loneSurrogates: 'error' } as const
    expect(() => encodeFrameInto(strict, target, 0)).toThrow(TypeError)
    expect(() => encodeFrameInto({ opcode: 1 }, [0, 0, 0] as unknown as Uint8Array, 0)).toThrow(TypeError)
    expect(target).toEqual(new Uint8Array(20))
  })
  it('counts the actual payload if the header has a false length', () => {
    expect(frameSize({ opcode: 2, payloadLength: 70_000, payload: hex('41') })).toBe(11)
    expect(frameSize({ opcode: 1, payload: 'é', maskKey: 'random', lengthSize: 2 })).toBe(10)
  })
})

describe('encodeFrameParts', () => {
  it('returns parts that are the result of encodeFrame when joined', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(Buffer.compare(concat(...encodeFrameParts(frame)), encodeFrame(frame))).toBe(0)
      }),
    )
  })
  it('returns an unmasked payload itself, and masks a copy', () => {
    for (const size of sizes) {
      const bytes = pattern(size)
      expect(encodeFrameParts({ opcode: 2, payload: bytes })[1]).toBe(bytes)
      const [header, masked] = encodeFrameParts({ opcode: 2, payload: bytes, maskKey: 'random' })
      expect(masked.buffer).not.toBe(bytes.buffer)
      expect(Buffer.compare(bytes, pattern(size))).toBe(0)
      const [frame] = decodeAll({ role: 'server' }, [header, masked])
      expect(Buffer.compare(frame?.payload as Uint8Array, bytes)).toBe(0)
    }
    expect(encodeFrameParts({ opcode: 9 })).toEqual([hex('89 00'), new Uint8Array(0)])
    expect(encodeFrameParts({ opcode: 1, payload: 'Hello', maskKey: KEY })).toEqual([
      hex('81 85 37 fa 21 3d'),
      hex('7f 9f 4d 51 58'),
    ])
  })
})

describe('generateMaskKey', () => {
  it('returns four bytes, from the pool or from a given source', () => {
    const keys = Array.from({ length: 2000 }, () => Buffer.from(generateMaskKey()).toString('hex'))
    expect(new Set(keys).size).toBeGreaterThanOrEqual(1999)
    const key = generateMaskKey((target) => target.set(KEY))
    expect(key).toEqual(KEY)
    expect(decodeFrameHeader(encodeFrame({ opcode: 9, maskKey: key }))?.maskKey).toEqual(KEY)
  })
})
