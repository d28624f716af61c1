/**
 * Bytes of frames, valid and invalid: everything that the format can express. Checks nothing.
 *
 * @module
 */

import fc from 'fast-check'
import { encodeFrame } from '../../src/frame/index.ts'

const key = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)
const opcode = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, 2, 0, 8, 9, 10) },
  { weight: 1, arbitrary: fc.nat(15) },
)
const payload = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 130 }),
  fc.constantFrom(
    Uint8Array.of(0x03, 0xe8),
    Uint8Array.of(0x03, 0xed),
    Uint8Array.of(0x0f, 0xa0, 0xff),
    new Uint8Array(126),
  ),
)
const frame = fc
  .record({
    opcode,
    payload,
    fin: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
    rsv: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.nat(7)),
    maskKey: fc.option(fc.constant(key), { nil: undefined }),
    lengthSize: fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, fc.constantFrom(2, 8)) as fc.Arbitrary<
      2 | 8 | undefined
    >,
  })
  .map((init) => encodeFrame(init))
const promise = fc
  .tuple(
    opcode,
    fc.constantFrom(0, 1, 126, 65_535, 65_536, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 62, 2 ** 63 - 1024, 2 ** 63),
    fc.boolean(),
  )
  .map(([opcode, payloadLength, masked]) => encodeFrame({ opcode, payloadLength, maskKey: masked ? key : undefined }))

export const frames: fc.Arbitrary<Uint8Array> = fc
  .array(fc.oneof({ weight: 5, arbitrary: frame }, promise, fc.uint8Array({ maxLength: 14 })), { maxLength: 4 })
  .map((parts) => new Uint8Array(Buffer.concat(parts)))
