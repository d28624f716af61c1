import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameDecoder } from '../../src/frame/decoder.ts'
import { encodeFrame } from '../../src/frame/encode.ts'
import { MessageAssembler } from '../../src/frame/messages.ts'
import type { Limits } from '../../src/limits.ts'
import { runs } from '../share.ts'
import { concat, hex, pattern } from './vector.ts'

function assemble(wire: Uint8Array, step: number, limits?: Limits): (string | Uint8Array)[] {
  const messages: (string | Uint8Array)[] = []
  const assembler = new MessageAssembler(limits)
  const decoder = new FrameDecoder({ role: 'client', pieces: true })
  for (let at = 0; at < wire.length; at += step) {
    decoder.push(wire.subarray(at, at + step))
    while (decoder.next()) {
      if (decoder.opcode >= 8 || !assembler.push(decoder, decoder.payload())) continue
      messages.push(assembler.type === 'text' ? assembler.text() : assembler.bytes())
    }
  }
  return messages
}

const whole = (opcode: number, payloadLength: number, fin = true) => ({
  opcode,
  fin,
  payloadLength,
  first: true,
  last: true,
})

describe('MessageAssembler', () => {
  it('assembles messages from any fragments in any chunks', () => {
    const message = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.uint8Array({ maxLength: 700 }))
    const cuts = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 5 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, cuts), { maxLength: 6 }),
        fc.integer({ min: 1, max: 200 }),
        (list, step) => {
          const wire = concat(...list.map(([data, sizes]) => fragment(data, sizes)))
          expect(assemble(wire, step)).toEqual(list.map(([data]) => data))
        },
      ),
      { numRuns: runs(50, 500) },
    )
  })

  function fragment(data: string | Uint8Array, sizes: readonly number[]): Uint8Array {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
    const parts: Uint8Array[] = []
    let at = 0
    for (const size of [...sizes, bytes.length]) {
      const opcode = parts.length > 0 ? 0 : typeof data === 'string' ? 1 : 2
      const fin = parts.length === sizes.length
      parts.push(encodeFrame({ opcode, fin, payload: bytes.subarray(at, fin ? bytes.length : at + size) }))
      at += size
    }
    return concat(...parts)
  }

  it('returns the only piece of a message without a copy', () => {
    const assembler = new MessageAssembler()
    const bytes = hex('01 02 03')
    expect(assembler.push(whole(2, 3), bytes)).toBe(true)
    expect(assembler.bytes()).toBe(bytes)
  })

  it('returns a message once', () => {
    const assembler = new MessageAssembler()
    expect(() => assembler.bytes()).toThrow(TypeError)
    assembler.push(whole(1, 1), hex('41'))
    expect(assembler.text()).toBe('A')
    expect(() => assembler.text()).toThrow(TypeError)
    assembler.push(whole(1, 1, false), hex('41'))
    expect(() => assembler.text()).toThrow(TypeError)
  })

  it('copies pieces, so that views may change', () => {
    const assembler = new MessageAssembler()
    const view = hex('41 42')
    assembler.push(whole(2, 2, false), view)
    view.fill(0)
    assembler.push(whole(0, 1), hex('43'))
    const bytes = assembler.bytes()
    expect(bytes).toEqual(hex('41 42 43'))
    expect(bytes.buffer.byteLength).toBe(3)
  })

  it('rejects a text at its first bad byte, in the middle of a frame and of a message', () => {
    const wire = concat(hex('01 02 41 e2'), hex('00 7e 10 00 82 ff'))
    const found = { code: 'utf8', closeCode: 1007, reference: 'RFC 6455 §8.1', offset: 3 }
    expect(() => assemble(wire, 1)).toThrow(expect.objectContaining(found))
    expect(() => assemble(wire, 100)).toThrow(expect.objectContaining(found))
    expect(() => assemble(hex('81 02 41 e2'), 100)).toThrow(expect.objectContaining({ code: 'utf8', offset: 2 }))
    expect(() => assemble(hex('01 01 e2 80 00'), 100)).toThrow(expect.objectContaining({ code: 'utf8', offset: 1 }))
    expect(assemble(hex('01 01 e2 00 01 82 80 01 ac 82 01 ff'), 2)).toEqual(['€', hex('ff')])
  })

  it('checks maxMessageSize at each header, for all frames of the message', () => {
    const limits = { maxMessageSize: 10 }
    expect(assemble(concat(hex('02 05'), pattern(5), hex('80 05'), pattern(5)), 3, limits)[0]).toHaveLength(10)
    const error = { code: 'too-large', closeCode: 1009, reference: 'RFC 6455 §10.4' }
    expect(() => assemble(concat(hex('02 05'), pattern(5), hex('80 06 00')), 3, limits)).toThrow(
      expect.objectContaining(error),
    )
    expect(() => assemble(hex('82 0b 00'), 3, limits)).toThrow(expect.objectContaining(error))
  })

  it('checks the bytes themselves, which an extension may have inflated', () => {
    const assembler = new MessageAssembler({ maxMessageSize: 10 })
    expect(() => assembler.push(whole(2, 1), pattern(11))).toThrow(expect.objectContaining({ code: 'too-large' }))
  })

  it('counts fragments, empty ones too', () => {
    const wire = (count: number) =>
      concat(hex('02 00'), ...Array.from({ length: count - 2 }, () => hex('00 00')), hex('80 00'))
    expect(assemble(wire(5), 100, { maxFragments: 5 })).toEqual([new Uint8Array(0)])
    const error = { code: 'too-many', closeCode: 1009, reference: 'RFC 6455 §10.4' }
    expect(() => assemble(wire(6), 100, { maxFragments: 5 })).toThrow(expect.objectContaining(error))
  })

  it('rejects frames out of order', () => {
    const error = { code: 'continuation', closeCode: 1002, reference: 'RFC 6455 §5.4' }
    expect(() => new MessageAssembler().push(whole(0, 0), hex(''))).toThrow(expect.objectContaining(error))
    const assembler = new MessageAssembler()
    assembler.push(whole(1, 0, false), hex(''))
    expect(() => assembler.push(whole(1, 0), hex(''))).toThrow(expect.objectContaining(error))
    expect(() => new MessageAssembler().push(whole(9, 0), hex(''))).toThrow(TypeError)
  })

  it('throws the same error again after the first one', () => {
    const assembler = new MessageAssembler({ maxMessageSize: 10 })
    assembler.push(whole(1, 5, false), pattern(5).fill(0x61))
    for (const piece of [whole(0, 6), whole(0, 1), whole(1, 1)])
      expect(() => assembler.push(piece, pattern(piece.payloadLength))).toThrow(
        expect.objectContaining({ code: 'too-large' }),
      )
    const text = new MessageAssembler()
    expect(() => text.push(whole(1, 1, false), hex('ff'))).toThrow(expect.objectContaining({ code: 'utf8' }))
    expect(() => text.push(whole(0, 1), hex('41'))).toThrow(expect.objectContaining({ code: 'utf8' }))
    expect(() => text.bytes()).toThrow(TypeError)
  })

  it.each([100, 4095, 4096, 5000])('copies pieces of %i bytes, also from a Buffer', (size) => {
    for (const piece of [Buffer.alloc(size, 0x61), new Uint8Array(size).fill(0x61)]) {
      const assembler = new MessageAssembler()
      assembler.push(whole(1, size, false), piece)
      piece.fill(0xff)
      assembler.push(whole(0, 0), new Uint8Array(0))
      expect(assembler.text()).toBe('a'.repeat(size))
    }
  })

  it('accepts bytes only', () => {
    for (const wrong of [new ArrayBuffer(3), 'abc', [1], new Uint16Array(2)])
      expect(() => new MessageAssembler().push(whole(1, 3), wrong as never)).toThrow(TypeError)
  })

  it('assembles 65 537 fragments of 64 bytes in linear time', () => {
    const part = concat(hex('00 40'), pattern(64))
    const wire = concat(hex('02 00'), ...Array.from({ length: 65_536 }, () => part), hex('80 00'))
    expect(assemble(wire, 65536)[0]).toHaveLength(65_536 * 64)
  })
})
