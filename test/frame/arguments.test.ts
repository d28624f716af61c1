/**
 * The caller's mistakes: each public function of frame/ names the argument, the value given and what is expected.
 */

import { describe, expect, it } from 'vitest'
import * as frames from '../../src/frame/index.ts'
import { hex } from '../wire.ts'

type Loose = Record<string, (...args: readonly unknown[]) => unknown>
const call = frames as unknown as Loose
const make = (type: object, ...args: readonly unknown[]): unknown => Reflect.construct(type as new () => object, args)

const bytes = hex('48 65')
const key = hex('37 fa 21 3d')
const header = { fin: true, rsv: 0, opcode: 1, payloadLength: 2, maskKey: undefined, lengthSize: 0 }
const piece = { opcode: 1, fin: true, first: true, last: true, payloadLength: 2 }
const state = { role: 'client', message: 'none' }

const mistakes: readonly (readonly [name: string, args: readonly unknown[], message: RegExp])[] = [
  ['encodeFrame', [], /^a frame must be an object, not undefined$/],
  ['encodeFrame', ['Hello'], /^a frame must be an object, not "Hello"$/],
  ['encodeFrame', [bytes], /^a frame: unknown option "0"/],
  ['encodeFrame', [{ opcode: 1, paylod: 'Hello' }], /unknown option "paylod"; did you mean `payload`\?/],
  ['encodeFrame', [{ opcode: 1, payload: 'x', mask: key }], /unknown option "mask"/],
  ['encodeFrame', [{ opcode: '1' }], /^`opcode` must be a whole number from 0 to 15, not "1"$/],
  ['encodeFrame', [{ opcode: 1, fin: 0 }], /^`fin` must be true or false, not 0$/],
  ['encodeFrame', [{ opcode: 1, payload: 5 }], /Uint8Array, not a number/],
  [
    'encodeFrame',
    [{ opcode: 1, payload: 'x', maskKey: 'randon' }],
    /^`maskKey` must be 4 bytes or 'random', not "randon"$/,
  ],
  ['encodeFrame', [{ opcode: 1, payload: 'x', loneSurrogates: true }], /^`loneSurrogates` must be/],
  ['encodeFrame', [{ opcode: 1, payloadLength: '5' }], /^`payloadLength` must be .*, not "5"$/],
  ['encodeFrameInto', [undefined, new Uint8Array(9), 0], /^a frame must be/],
  ['encodeFrameInto', [{ opcode: 1 }, new Uint8Array(9), '0'], /^`offset` must be a whole number from 0 on, not "0"$/],
  ['encodeFrameParts', [null], /^a frame must be/],
  ['frameSize', [null], /^a frame must be/],
  ['prepareFrame', [undefined], /^a frame must be/],
  ['frameBytes', [undefined], /^a prepared frame must be an object, not undefined$/],
  ['frameBytes', [bytes], /^`unmasked` of a prepared frame/],
  ['fragmentMessage', [undefined, 5], /^a message must be an object/],
  ['fragmentMessage', [{ opcode: 1, payload: 'x', mask: 'random' }, 5], /^a message: unknown option "mask"/],
  ['fragmentMessage', [{ opcode: 1, payload: 'x', maskKey: key }, 5], /^`maskKey` must be 'random'/],
  [
    'fragmentMessage',
    [{ opcode: 1, payload: 'x' }, '5'],
    /^`maxFramePayload` must be a whole number from 1 on, not "5"$/,
  ],
  ['fragmentMessage', [{ opcode: 1, payload: 'x', fin: 1 }, 5], /^`fin` must be true or false/],
  ['decodeFrameHeader', ['81'], /Uint8Array, not a string/],
  ['encodeFrameHeader', [undefined, new Uint8Array(9), 0], /^a header must be an object, not undefined$/],
  ['encodeFrameHeader', [{ opcode: 1, payloadLength: 0 }, [], 0], /Uint8Array, not an array/],
  ['encodeFrameHeader', [{ opcode: 1, length: 0 }, new Uint8Array(9), 0], /^a header: unknown option "length"/],
  ['frameHeaderSize', [undefined], /^a header must be/],
  ['findFrameHeaderError', [undefined, state], /^a header must be an object, not undefined$/],
  ['findFrameHeaderError', [{ ...header, fin: 1 }, state], /^`fin` must be/],
  ['findFrameHeaderError', [header, undefined], /^the state of a header must be an object, not undefined$/],
  [
    'findFrameHeaderError',
    [header, { ...state, role: 'Server' }],
    /^`role` must be 'client' or 'server', not "Server"$/,
  ],
  ['findFrameHeaderError', [header, { ...state, message: true }], /^`message` must be 'none' or 'open', not true$/],
  ['findFrameHeaderError', [header, { ...state, opcodes: 3 }], /^`opcodes` must be an array, not a number$/],
  ['findFrameHeaderError', [header, { ...state, rsv: '4' }], /^`rsv` must be/],
  ['findFrameHeaderError', [header, { ...state, open: true }], /unknown option "open"/],
  ['describeFrame', [undefined], /^a header must be/],
  ['describeFrame', [header, 'Hello'], /Uint8Array, not a string/],
  ['applyMask', [bytes, 'random'], /Uint8Array, not a string/],
  ['applyMask', [bytes, key, '1'], /^`offset` must be/],
  ['generateMaskKey', [{}], /^`random` must be a function, not an object$/],
  ['parseClosePayload', ['1000'], /Uint8Array, not a string/],
  ['parseClosePayload', [undefined], /Uint8Array, not undefined/],
  ['formatClosePayload', ['1000'], /^`code` must be a number, not a string$/],
  ['formatClosePayload', [1000, 5], /^`reason` must be a string, not a number$/],
  ['fitCloseReason', [undefined], /^`reason` must be a string, not undefined$/],
  ['relayCloseCode', [undefined, 1014], /^`closed` must be an object/],
  ['relayCloseCode', [{ code: '1000' }, 1014], /^`closed.code` must be a number, not a string$/],
  ['relayCloseCode', [{ code: 1000 }, undefined], /^`lost` must be a number, not undefined$/],
  ['isSendableCloseCode', [1000, 'Server'], /^`role` must be/],
]

describe('a mistake of the caller is a TypeError that names it', () => {
  it.each(mistakes)('%s %j', (name, args, message) => {
    expect(() => call[name]?.(...args)).toThrow(TypeError)
    expect(() => call[name]?.(...args)).toThrow(message)
  })

  it('of FrameDecoder', () => {
    for (const [options, message] of [
      [undefined, /^the options of FrameDecoder must be an object, not undefined$/],
      [{}, /^`role` must be 'client' or 'server', not undefined$/],
      [{ role: 'server', piece: true }, /unknown option "piece"; did you mean `pieces`\?/],
      [{ role: 'server', maxPayload: 5 }, /did you mean `limits.maxMessageSize`\?/],
      [{ role: 'server', pieces: 'yes' }, /^`pieces` must be true or false, not "yes"$/],
      [{ role: 'server', ownsChunks: 1 }, /^`ownsChunks` must be/],
      [{ role: 'server', rsv: '4' }, /^`rsv` must be/],
      [{ role: 'server', limits: [] }, /^`limits` must be an object/],
      [{ role: 'server', native: true }, /^`native` must be an object/],
      [
        { role: 'server', native: { decodeUTF8: () => '' } },
        /unknown option "decodeUTF8"; did you mean `decodeUtf8`\?/,
      ],
      [{ role: 'server', native: { isUtf8: 5 } }, /^`native.isUtf8` must be a function/],
    ] as const) {
      expect(() => make(frames.FrameDecoder, options)).toThrow(TypeError)
      expect(() => make(frames.FrameDecoder, options)).toThrow(message)
    }
  })

  it('of copyTo, for a piece in the chunk and for a collected one', () => {
    for (const chunks of [[hex('82 02 41 42')], [hex('82 02 41'), hex('42')]]) {
      const decoder = new frames.FrameDecoder({ role: 'client' })
      for (const chunk of chunks) decoder.push(chunk)
      decoder.next()
      const copyTo = (...args: readonly unknown[]): unknown => (decoder as unknown as Loose).copyTo?.(...args)
      const target = new Uint8Array(4)
      for (const [args, error] of [
        [[target, 3], new RangeError('`target` must be at least 5 bytes long, not 4')],
        [[target, 2 ** 53], RangeError],
        [[target, -1], RangeError],
        [[target, 0.5], RangeError],
        [[target, Number.NaN], RangeError],
        [[target, '1'], TypeError],
        [[target, null], TypeError],
        [[[1, 2]], TypeError],
        [['target', 0], TypeError],
      ] as const)
        expect(() => copyTo(...args), String(args)).toThrow(error)
      expect(target).toEqual(new Uint8Array(4))
      expect([copyTo(target, 2), target]).toEqual([4, hex('00 00 41 42')])
      expect([copyTo(target), target]).toEqual([2, hex('41 42 41 42')])
    }
  })

  it('of Utf8Validator', () => {
    expect(() => make(frames.Utf8Validator, 5)).toThrow(/^the options of Utf8Validator must be an object, not 5$/)
    expect(() => make(frames.Utf8Validator, { isUtf8: () => true })).toThrow(/did you mean `native.isUtf8`\?/)
    expect(() => make(frames.Utf8Validator, { native: { isUtf8: true } })).toThrow(
      /^`native.isUtf8` must be a function/,
    )
  })

  it('of MessageAssembler', () => {
    expect(() => make(frames.MessageAssembler, 5)).toThrow(/^`limits` must be an object, not 5$/)
    expect(() => make(frames.MessageAssembler, {}, 'yes')).toThrow(/^`ownsPieces` must be true or false/)
    expect(() => make(frames.MessageAssembler, {}, true, 5)).toThrow(/^`native` must be an object, not 5$/)
    expect(() => make(frames.MessageAssembler, {}, true, { isUtf8: 5 })).toThrow(/^`native.isUtf8` must be a function/)
    const push = (...args: readonly unknown[]): unknown =>
      (new frames.MessageAssembler() as unknown as Loose).push?.(...args)
    for (const [args, message] of [
      [[undefined, bytes], /^a piece must be an object, not undefined$/],
      [[{ ...piece, fin: undefined }, bytes], /^`fin`, `first` and `last` of a piece must be true or false$/],
      [[{ ...piece, opcode: '1' }, bytes], /^the opcode of a data frame must be 0, 1 or 2, not "1"$/],
      [[{ ...piece, payloadLength: undefined }, bytes], /payloadLength/],
      [[piece, 'He'], /Uint8Array, not a string/],
    ] as const)
      expect(() => push(...args)).toThrow(message)
  })

  it('of a chunk that shrinks while it is read', () => {
    const Resizable = ArrayBuffer as unknown as new (
      size: number,
      options: object,
    ) => ArrayBuffer & { resize(size: number): void }
    const buffer = new Resizable(8, { maxByteLength: 16 })
    const chunk = new Uint8Array(buffer)
    chunk.set(hex('82 01 41 82 01 42 82 01'))
    const decoder = new frames.FrameDecoder({ role: 'client' })
    decoder.push(chunk)
    decoder.next()
    decoder.next()
    buffer.resize(2)
    expect(() => decoder.next()).toThrow(/^a chunk has shrunk to 2 bytes while it was read$/)
  })
})
