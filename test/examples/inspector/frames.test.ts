/**
 * The inspector's model of frames: fields, offsets of errors, messages. The rules themselves have their own tests.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import { inspectFrames } from '../../../examples/inspector/model/frames.ts'
import { parseHex } from '../../../examples/inspector/model/input.ts'
import { samples } from '../../../examples/inspector/model/samples.ts'
import type { Settings } from '../../../examples/inspector/model/types.ts'

const client: Settings = { role: 'client', deflate: false }
const server: Settings = { role: 'server', deflate: false }

function inspect(hex: string, settings: Settings) {
  const bytes = parseHex(hex)
  if (!(bytes instanceof Uint8Array)) throw new Error(bytes.message)
  return inspectFrames(bytes, settings)
}

test('a masked text: each field with its bytes (RFC 6455 §5.7)', () => {
  const { frames, errors, torn } = inspect('81 85 37 fa 21 3d 7f 9f 4d 51 58', server)
  expect(errors).toEqual([])
  expect(torn).toBe(undefined)
  expect(frames.map(({ summary }) => summary)).toEqual(['text, fin, masked 37fa213d, 5 bytes: "Hello"'])
  expect(frames[0]?.fields.map(({ name, start, end, value }) => [name, start, end, value])).toEqual([
    ['FIN', 0, 1, '1'],
    ['RSV1', 0, 1, '0'],
    ['RSV2', 0, 1, '0'],
    ['RSV3', 0, 1, '0'],
    ['opcode', 0, 1, '0x1'],
    ['MASK', 1, 2, '1'],
    ['length', 1, 2, '5'],
    ['masking key', 2, 6, '37 fa 21 3d'],
    ['masked', 6, 11, '7f 9f 4d 51 58'],
    ['unmasked', 6, 11, '48 65 6c 6c 6f'],
    ['text', 6, 11, '"Hello"'],
  ])
})

test('a Close: its code with the registered name, and its reason', () => {
  const [frame] = inspect('88 05 03 e8 62 79 65', client).frames
  expect(frame?.fields.slice(-2)).toMatchObject([
    { name: 'close code', value: '1000', note: 'Normal Closure', start: 2, end: 4 },
    { name: 'reason', value: '"bye"', start: 4, end: 7 },
  ])
})

describe('errors', () => {
  test.each<
    [what: string, hex: string, settings: Settings, code: string, closeCode: number, start: number, end: number]
  >([
    ['no mask', '81 05 48 65 6c 6c 6f', server, 'unmasked', 1002, 1, 2],
    ['a mask', '81 81 01 02 03 04 49', client, 'masked', 1002, 1, 6],
    ['RSV1 without an extension', 'c1 00', client, 'reserved-bits', 1002, 0, 1],
    ['opcode 3', '83 00', client, 'reserved-opcode', 1002, 0, 1],
    ['a length in 2 bytes more', '82 7e 00 01 41', client, 'length', 1002, 1, 4],
    ['a length with its top bit set', '82 7f 80 00 00 00 00 00 00 00', client, 'length', 1002, 1, 10],
    ['a fragmented ping', '09 00', client, 'control-frame', 1002, 0, 1],
    ['a ping of 126 bytes', '89 7e 00 7e', client, 'control-frame', 1002, 1, 4],
    ['a continuation without a message', '89 00 80 00', client, 'continuation', 1002, 2, 3],
    ['a Close of one byte', '88 01 03', client, 'close-payload', 1002, 0, 1],
    ['a Close with 1005', '88 02 03 ed', client, 'close-code', 1002, 2, 4],
    ['a reason that is not UTF-8', '88 04 03 e8 61 ff', client, 'utf8', 1007, 5, 6],
    ['a text that is not UTF-8', '81 02 61 ff', client, 'utf8', 1007, 3, 4],
    ['the same in a later fragment', '01 01 61 80 02 62 ff', client, 'utf8', 1007, 6, 7],
    ['a text that is cut off and wrong already', '81 05 61 ff', client, 'utf8', 1007, 3, 4],
    ['broken DEFLATE', 'c1 02 ff ff', { role: 'client', deflate: true }, 'extension-data', 1007, 2, 4],
  ])('%s', (_, hex, settings, code, closeCode, start, end) => {
    expect(inspect(hex, settings).errors.map(({ error, ...place }) => [error.code, error.closeCode, place])).toEqual([
      [code, closeCode, { frame: hex.startsWith('89 00 80') || hex.startsWith('01 01') ? 1 : 0, start, end }],
    ])
  })

  test('bytes after one are shown, but no longer assembled', () => {
    const { frames, errors, messages } = inspect('83 00  81 02 68 69', client)
    expect(frames).toHaveLength(2)
    expect(errors).toHaveLength(1)
    expect(messages).toEqual([])
  })
})

describe('messages', () => {
  test('of fragments, with a ping between', () => {
    const { messages, errors } = inspect('01 03 48 65 6c  89 00  80 02 6c 6f', client)
    expect(errors).toEqual([])
    expect(messages).toMatchObject([{ type: 'text', frames: [0, 2], text: 'Hello', compressedSize: undefined }])
  })

  test('compressed, the second with the window of the first (RFC 7692 §7.2.3.2)', () => {
    const { messages } = inspect('c1 07 f2 48 cd c9 c9 07 00  c1 05 f2 00 11 00 00', { role: 'client', deflate: true })
    expect(messages.map(({ text, compressedSize }) => [text, compressedSize])).toEqual([
      ['Hello', 7],
      ['Hello', 5],
    ])
  })

  test('compressed and fragmented (RFC 7692 §7.2.3.1)', () => {
    const { messages } = inspect('41 03 f2 48 cd  80 04 c9 c9 07 00', { role: 'client', deflate: true })
    expect(messages).toMatchObject([{ text: 'Hello', frames: [0, 1], compressedSize: 7 }])
  })
})

test('truncated input is reported with its offset, at every byte', () => {
  const whole = Uint8Array.of(
    0x81,
    0xfe,
    0,
    126,
    1,
    2,
    3,
    4,
    ...new Uint8Array(126).map((_, i) => 0x61 ^ ((i % 4) + 1)),
  )
  for (let size = 1; size <= whole.length; size++) {
    const { frames, errors, torn } = inspectFrames(whole.subarray(0, size), server)
    expect(errors).toEqual([])
    expect(torn).toBe(size < 8 ? 0 : undefined)
    expect(frames.map(({ complete, end }) => [complete, end])).toEqual(size < 8 ? [] : [[size === whole.length, size]])
  }
})

test('any first byte, with any following bytes, is shown without an exception', () => {
  for (let first = 0; first < 256; first++)
    for (const second of [0, 2, 126, 127, 130, 254, 255])
      for (const deflate of [false, true]) {
        const bytes = Uint8Array.of(first, second, 0, 3, 200, 3, 232, 97, 98, 99, 255, 254, 1, 2)
        expect(
          inspectFrames(bytes, { role: second & 128 ? 'server' : 'client', deflate }).frames.length,
        ).toBeGreaterThan(0)
      }
})

test('the examples match their names', () => {
  const errors = samples
    .filter(({ group }) => group !== 'Handshake')
    .map(({ title, input, ...settings }) => [title, ...inspect(input, settings).errors.map(({ error }) => error.code)])
  expect(errors).toEqual([
    ['Masked “Hello”'],
    ['Fragments and a ping'],
    ['Compressed'],
    ['256 bytes'],
    ['Close 1000'],
    ['Unmasked', 'unmasked'],
    ['Length not minimal', 'length'],
    ['Broken UTF-8', 'utf8'],
    ['Nested message', 'continuation'],
    ['Fragmented ping', 'control-frame'],
    ['Close 1005', 'close-code'],
  ])
})
