// Messages in pieces compared with whole ones: the same bytes, and the same errors at the same place.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../src/errors.ts'
import { type FramePiece, MessageAssembler, type MessagePiece, MessagePieces } from '../../src/frame/messages.ts'
import { resolveLimits } from '../../src/limits.ts'
import { runs } from '../share.ts'
import { hex } from './vector.ts'

const limits = resolveLimits(undefined)

const piece = (opcode: number, payloadLength: number, more: Partial<FramePiece> = {}): FramePiece => ({
  opcode,
  payloadLength,
  fin: true,
  first: true,
  last: true,
  ...more,
})

/** Adds pieces as a connection does: the header once, then each piece. */
function push(pieces: MessagePieces, piece: FramePiece, bytes: Uint8Array<ArrayBuffer>): MessagePiece | undefined {
  if (piece.first) pieces.progress.beginFrame(piece)
  return pieces.add(piece, bytes)
}

describe('MessagePieces', () => {
  it('returns bytes without a copy, and texts as strings', () => {
    const bytes = hex('61 62')
    expect(push(new MessagePieces(limits, true), piece(2, 2), bytes)?.data).toBe(bytes)
    expect(push(new MessagePieces(limits, false), piece(1, 2), bytes)?.data).toBe(bytes)
    expect(push(new MessagePieces(limits, true), piece(1, 2), bytes)?.data).toBe('ab')
  })

  it('marks the first piece that it returns, and the last', () => {
    const pieces = new MessagePieces(limits, true)
    expect(push(pieces, piece(1, 3, { last: false }), hex(''))).toBeUndefined()
    expect(push(pieces, piece(1, 3, { first: false, last: false }), hex('e4 b8'))).toBeUndefined()
    expect(push(pieces, piece(1, 3, { first: false, fin: false }), hex('96'))).toEqual({
      type: 'text',
      data: '世',
      first: true,
      last: false,
    })
    expect(push(pieces, piece(0, 0), hex(''))).toEqual({ type: 'text', data: '', first: false, last: true })
  })

  it('copies the bytes of an incomplete character, so that views may change', () => {
    const pieces = new MessagePieces(limits, true)
    const view = hex('61 e4 b8')
    expect(push(pieces, piece(1, 3, { fin: false }), view)?.data).toBe('a')
    view.fill(0x61)
    expect(push(pieces, piece(0, 1), hex('96'))?.data).toBe('世')
  })

  it('checks the bytes themselves, which an extension may have inflated', () => {
    const pieces = new MessagePieces(resolveLimits({ maxMessageSize: 3 }), true)
    expect(push(pieces, piece(2, 0, { fin: false }), hex('01 02'))?.data).toHaveLength(2)
    const error = { code: 'too-large', closeCode: 1009 }
    expect(() => push(pieces, piece(0, 0), hex('03 04'))).toThrow(expect.objectContaining(error))
  })

  it('rejects control frames', () => {
    expect(() => push(new MessagePieces(limits, true), piece(9, 0), hex(''))).toThrow(TypeError)
  })

  const bytes = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 5 }).map((text) => new TextEncoder().encode(text)),
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom(hex('e4'), hex('b8 96'), hex('f0 9f'), hex('98'), hex('80')),
  )
  const frame = fc.record({
    opcode: fc.constantFrom(0, 0, 0, 1, 2),
    fin: fc.boolean(),
    parts: fc.array(bytes, { minLength: 1, maxLength: 3 }),
  })

  it('agrees with MessageAssembler on any frames', () => {
    const bounds = resolveLimits({ maxMessageSize: 25, maxFragments: 4 })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.boolean(), (frames, strings) => {
        const pieces = new MessagePieces(bounds, strings)
        const assembler = new MessageAssembler(bounds)
        let open: Uint8Array[] = []
        for (const [info, part] of cut(frames)) {
          const expected = attempt(() => (assembler.push(info, part.slice()) ? assembler.bytes() : undefined))
          const got = attempt(() => push(pieces, info, part.slice() as Uint8Array<ArrayBuffer>))
          if (expected instanceof ProtocolError || got instanceof ProtocolError) {
            expect(got).toEqual(expected)
            expect({ ...(got as ProtocolError) }).toEqual({ ...(expected as ProtocolError) })
            return
          }
          if (got === undefined) continue
          expect(got.first).toBe(open.length === 0)
          expect(got.last).toBe(expected !== undefined)
          open.push(typeof got.data === 'string' ? new TextEncoder().encode(got.data) : got.data)
          if (expected === undefined) continue
          expect(Buffer.concat(open).toString('hex')).toBe(Buffer.from(expected).toString('hex'))
          open = []
        }
      }),
      { numRuns: runs(500, 5000) },
    )
  })

  function* cut(
    frames: readonly { opcode: number; fin: boolean; parts: Uint8Array[] }[],
  ): Generator<[FramePiece, Uint8Array]> {
    for (const { opcode, fin, parts } of frames) {
      const size = parts.reduce((sum, { length }) => sum + length, 0)
      for (const [i, part] of parts.entries())
        yield [piece(opcode, size, { fin, first: i === 0, last: i === parts.length - 1 }), part]
    }
  }
})

function attempt<Result>(run: () => Result): Result | ProtocolError {
  try {
    return run()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}
