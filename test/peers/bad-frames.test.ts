/**
 * Frames that no client may send, over real sockets: the Close that the example servers answer with, then the end of TCP,
 * whole, byte by byte and glued to the opening request, and that they go on serving.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectGoodService, frame, openingHead, paces, RawPeer } from './raw.ts'
import { examples, type Host, patient, startExample } from './support.ts'

vi.setConfig(patient)

const key = '37fa213d'
const text = frame({ opcode: 1, payload: 'Hello' })
const unfinished = frame({ opcode: 1, payload: 'Hel', fin: false })
const emptyPing = frame({ opcode: 9 })

function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex')
}

/** A Close frame with a code and the bytes of a reason. */
function close(code: number, ...reason: number[]): Uint8Array {
  return frame({ opcode: 8, payload: Uint8Array.of(code >> 8, code & 255, ...reason) })
}

const violations: readonly [title: string, frames: readonly Uint8Array[], code: number][] = [
  ['a frame without a mask', [frame({ opcode: 1, payload: 'Hello', maskKey: undefined })], 1002],
  ['a Close without a mask', [hex('88 02 03e8')], 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, Uint8Array[], number] => [
    `the reserved opcode ${opcode}`,
    [frame({ opcode })],
    1002,
  ]),
  ...[1, 2, 4, 7].map((rsv): [string, Uint8Array[], number] => [
    `reserved bits ${rsv}`,
    [frame({ opcode: 1, rsv, payload: 'a' })],
    1002,
  ]),
  ['a reserved bit on a ping', [frame({ opcode: 9, rsv: 4 })], 1002],
  ['a Close of one byte', [frame({ opcode: 8, payload: Uint8Array.of(3) })], 1002],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code): [string, Uint8Array[], number] => [
    `close code ${code}`,
    [close(code)],
    1002,
  ]),
  ['a close reason that is not UTF-8', [close(1000, 0xc3)], 1007],
  ['a text that is not UTF-8', [frame({ opcode: 1, payload: hex('48 c3 28') })], 1007],
  ['a text that ends inside a character', [frame({ opcode: 1, payload: hex('48 c3') })], 1007],
  ['a surrogate in a text', [frame({ opcode: 1, payload: hex('ed a0 80') })], 1007],
  ['a fragment that is not UTF-8, at once', [frame({ opcode: 1, payload: hex('48 ff'), fin: false })], 1007],
  [
    'a second fragment that does not go on with the character, at once',
    [frame({ opcode: 1, payload: hex('e4 b8'), fin: false }), frame({ opcode: 0, payload: hex('48'), fin: false })],
    1007,
  ],
  ['a frame whose bytes are not UTF-8, before the rest of it', [hex(`81 fe 0400 ${key} c8 05`)], 1007],
  ['a length of 2^62, at its header', [hex(`82 ff 4000000000000000 ${key}`)], 1009],
  ['a length of 16 MiB and a byte, at its header', [hex(`82 ff 0000000001000001 ${key}`)], 1009],
  ['a length with its top bit set', [hex(`82 ff 8000000000000000 ${key}`)], 1002],
  ['a length of 125 in two bytes', [frame({ opcode: 2, payload: new Uint8Array(125), lengthSize: 2 })], 1002],
  ['a length of 5 in eight bytes', [frame({ opcode: 1, payload: 'Hello', lengthSize: 8 })], 1002],
  ['a length of 65 535 in eight bytes, at its header', [hex(`82 ff 000000000000ffff ${key}`)], 1002],
  ['a ping in fragments', [frame({ opcode: 9, fin: false })], 1002],
  ['a Close in fragments', [frame({ opcode: 8, fin: false })], 1002],
  ['a ping of 126 bytes', [frame({ opcode: 9, payload: new Uint8Array(126) })], 1002],
  ['a Close of 126 bytes', [frame({ opcode: 8, payload: new Uint8Array(126) })], 1002],
  ['a continuation of nothing', [frame({ opcode: 0, payload: 'lo' })], 1002],
  ['a new message inside a fragmented one', [unfinished, text], 1002],
]

/** The server's Close, with nothing but the code. */
function closeOf(code: number): number[] {
  return [0x88, 0x02, code >> 8, code & 255]
}

describe.each(examples)('examples/%s', (name) => {
  let server: Host
  beforeAll(async () => {
    server = await startExample(name)
  })
  afterEach(() => expectGoodService(server.port))
  afterAll(() => server.stop())

  /** All that comes back to frames after the 101, in every way to send them. */
  async function answersTo(frames: readonly Uint8Array[]): Promise<number[][]> {
    const answers: number[][] = []
    for (const pace of paces) {
      const peer = await RawPeer.open(server.port)
      await peer.send(Buffer.concat(frames), pace)
      answers.push([...(await peer.rest())])
    }
    const glued = await RawPeer.connect(server.port)
    await glued.send(Buffer.concat([openingHead(server.port), ...frames]))
    await glued.expectOpen()
    answers.push([...(await glued.rest())])
    return answers
  }

  test.each(violations.map(([title, frames, code]) => [code, title, frames] as const))(
    'Close %i answers %s',
    async (code, _, frames) => {
      const expected = closeOf(code)
      expect(await answersTo(frames)).toEqual([expected, expected, expected])
    },
  )

  test('sends what it owes before a fault, and nothing for what comes behind', async () => {
    const owed = [...Buffer.from('\x81\x05Hello', 'latin1'), ...closeOf(1002)]
    const frames = [text, frame({ opcode: 3 }), text, emptyPing]
    expect(await answersTo(frames)).toEqual([owed, owed, owed])
  })

  test.each([
    ['a text', text],
    ['a ping', emptyPing],
    ['a second Close', close(1001)],
    ['garbage', Buffer.alloc(1000, 0xff)],
  ])('reads nothing behind a Close: %s', async (_, behind) => {
    const answer = [0x88, 0x02, 0x0f, 0xa0]
    expect(await answersTo([close(4000, 0x62, 0x79, 0x65), behind])).toEqual([answer, answer, answer])
  })

  test('answers an empty Close with an empty Close', async () => {
    const answer = [0x88, 0x00]
    expect(await answersTo([frame({ opcode: 8 })])).toEqual([answer, answer, answer])
  })

  test('puts a message together around pings and empty fragments', async () => {
    const frames = [
      unfinished,
      frame({ opcode: 9, payload: 'one' }),
      frame({ opcode: 0, fin: false }),
      frame({ opcode: 9, payload: 'two' }),
      frame({ opcode: 0, payload: 'lo' }),
      close(1000),
    ]
    const answer = [...Buffer.from('\x8a\x03one\x8a\x03two\x81\x05Hello', 'latin1'), ...closeOf(1000)]
    expect(await answersTo(frames)).toEqual([answer, answer, answer])
  })
})
