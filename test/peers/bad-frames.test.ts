/**
 * Frames that no client may send, over real sockets: the Close sent by the example servers, then the end of TCP. The frames are
 * sent whole, byte by byte and right after the opening request; the servers must keep serving.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { faultyFrames, unfinishedErrors } from '../../src/testing/index.ts'
import { expectGoodService, frame, openingHead, paces, RawPeer } from './raw.ts'
import { examples, type Host, patient, startExample } from './support.ts'

vi.setConfig(patient)

const text = frame({ opcode: 1, payload: 'Hello' })
const unfinished = frame({ opcode: 1, payload: 'Hel', fin: false })
const emptyPing = frame({ opcode: 9 })

/** A Close frame with a code and the bytes of a reason. */
function close(code: number, ...reason: number[]): Uint8Array {
  return frame({ opcode: 8, payload: Uint8Array.of(code >> 8, code & 255, ...reason) })
}

const violations: readonly { readonly title: string; readonly bytes: Uint8Array; readonly closeCode: number }[] = [
  ...faultyFrames,
  ...unfinishedErrors,
  // Errors because of the limits of the examples.
  {
    title: 'a length of 16 MiB and a byte, at its header',
    bytes: frame({ opcode: 2, payloadLength: 2 ** 24 + 1 }),
    closeCode: 1009,
  },
]

/** The server's Close, with only the code. */
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

  /** Everything received for frames after the 101, in every way to send them. */
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

  test.each(violations)('Close $closeCode answers $title', async ({ bytes, closeCode }) => {
    const expected = closeOf(closeCode)
    expect(await answersTo([bytes])).toEqual([expected, expected, expected])
  })

  test('sends pending output before an error, and nothing for what follows it', async () => {
    const expected = [...Buffer.from('\x81\x05Hello', 'latin1'), ...closeOf(1002)]
    const frames = [text, frame({ opcode: 3 }), text, emptyPing]
    expect(await answersTo(frames)).toEqual([expected, expected, expected])
  })

  test.each([
    ['a text', text],
    ['a ping', emptyPing],
    ['a second Close', close(1001)],
    ['garbage', Buffer.alloc(1000, 0xff)],
  ])('reads nothing after a Close: %s', async (_, later) => {
    const answer = [0x88, 0x02, 0x0f, 0xa0]
    expect(await answersTo([close(4000, 0x62, 0x79, 0x65), later])).toEqual([answer, answer, answer])
  })

  test('answers an empty Close with an empty Close', async () => {
    const answer = [0x88, 0x00]
    expect(await answersTo([frame({ opcode: 8 })])).toEqual([answer, answer, answer])
  })

  test('assembles a message around pings and empty fragments', async () => {
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
