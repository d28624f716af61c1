// Frames that no client may send, tested with our server side in every split, and with `ws`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Connection } from '../../../src/connection/connection.ts'
import { type FaultyFrames, faultyFrames, headerPrefixes, unfinishedErrors } from '../../../src/testing/index.ts'
import type { Role } from '../../../src/types.ts'
import { frame, RawPeer } from '../../peers/raw.ts'
import { receiveAll } from '../../receive.ts'
import { concat, hex, splits } from '../../wire.ts'
import { expectSoundTable, startWs, type WsServer } from './vectors.ts'

const all = [...faultyFrames, ...unfinishedErrors]
const orderlyClose = frame({ opcode: 8, payload: Uint8Array.of(0x03, 0xe8) })

test('valid tables', () => {
  expectSoundTable(faultyFrames)
  expectSoundTable(unfinishedErrors)
  expectSoundTable(headerPrefixes)
  expect(new Set(all.map(({ title }) => title)).size).toBe(all.length)
})

// Written by hand, so that a bug of the encoder cannot hide in all of them.
test.each([
  ['a text without a mask', '81 05 48 65 6c 6c 6f'],
  ['a Close without a mask', '88 02 03 e8'],
  ['the reserved opcode 3', '83 80 37 fa 21 3d'],
  ['the reserved opcode 15', '8f 80 37 fa 21 3d'],
  ['RSV1 on a text', 'c1 81 37 fa 21 3d 56'],
  ['all reserved bits on a text', 'f1 81 37 fa 21 3d 56'],
  ['a length of 5 in two bytes', '81 fe 00 05 37 fa 21 3d 7f 9f 4d 51 58'],
  ['a length of 5 in eight bytes', '81 ff 00 00 00 00 00 00 00 05 37 fa 21 3d 7f 9f 4d 51 58'],
  ['a fragmented ping', '09 80 37 fa 21 3d'],
  ['a continuation without a message', '80 82 37 fa 21 3d 5b 95'],
  ['a Close of one byte', '88 81 37 fa 21 3d 34'],
  ['close code 1005, which no frame may carry', '88 82 37 fa 21 3d 34 17'],
  ['a text with a surrogate', '81 83 37 fa 21 3d da 5a a1'],
  ['a length of 2^62, at its header', '82 ff 40 00 00 00 00 00 00 00 37 fa 21 3d'],
  ['a length with its top bit set, at its header', '82 ff 80 00 00 00 00 00 00 00 37 fa 21 3d'],
])('%s: %s', (title, bytes) => {
  expect(all.find((vector) => vector.title === title)?.bytes).toEqual(hex(bytes))
})

/** Returns the result of our server side for bytes in chunks. */
function judge(chunks: readonly Uint8Array[], role: Role = 'server'): unknown[] {
  const connection = new Connection({ role })
  return chunks
    .flatMap((chunk) => receiveAll(connection, chunk))
    .flatMap((event) => (event.type === 'close' ? [event.code, event.by, event.error?.reference] : []))
}

describe('our server side', () => {
  const expected = ({ closeCode, reference }: FaultyFrames): unknown[] => [closeCode, 'local', reference]

  test.each(faultyFrames)('$title ($reference): $closeCode', (vector) => {
    for (const chunks of splits(vector.bytes)) expect(judge(chunks)).toEqual(expected(vector))
    expect(judge([vector.bytes, orderlyClose])).toEqual(expected(vector))
  })

  test.each(unfinishedErrors)('$title ($reference): $closeCode', (vector) => {
    for (const chunks of splits(vector.bytes)) expect(judge(chunks)).toEqual(expected(vector))
  })
})

test.each(headerPrefixes)('$title ($reference): $closeCode', ({ bytes, from, closeCode, reference }) => {
  for (const chunks of splits(bytes))
    expect(judge(chunks, from === 'client' ? 'server' : 'client')).toEqual([closeCode, 'local', reference])
})

/** The errors that `ws` accepts, with its answer to the valid Close after the bytes. */
const lenient: Readonly<Record<string, number>> = {
  // It accepts non-minimal lengths (RFC 6455 §5.2: "the minimal number of bytes MUST be used").
  'a length of 5 in two bytes': 1000,
  'a length of 125 in two bytes': 1000,
  'a length of 5 in eight bytes': 1000,
  'a length of 126 in eight bytes': 1000,
}

describe('a ws server', () => {
  let server: WsServer
  beforeAll(async () => {
    server = await startWs()
  })
  afterAll(() => server.stop())

  async function closeCodeAfter(bytes: Uint8Array): Promise<number> {
    const peer = await RawPeer.open(server.port)
    await peer.send(bytes)
    const answer = await peer.rest()
    expect([...answer.subarray(0, 2)]).toEqual([0x88, 0x02])
    return answer.readUInt16BE(2)
  }

  test.each(faultyFrames)('$title ($reference): $closeCode', async ({ title, bytes, closeCode }) => {
    expect(await closeCodeAfter(concat(bytes, orderlyClose))).toBe(lenient[title] ?? closeCode)
  })

  // It checks the others once it has the whole message, which is allowed. It treats a set top bit as too large a length.
  test('a length of 2^62, at its header: 1009', async () => {
    const [tooLong, topBit] = unfinishedErrors.map(({ bytes }) => bytes)
    expect(await closeCodeAfter(tooLong ?? hex(''))).toBe(1009)
    expect(await closeCodeAfter(topBit ?? hex(''))).toBe(1009)
  })
})
