// Frames that every peer must accept, tested with both of our sides in every split, and with `ws`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zlib } from '../../../src/codec/zlib.ts'
import { Connection } from '../../../src/connection/connection.ts'
import { permessageDeflate } from '../../../src/deflate/extension.ts'
import { type GoodFrames, goodFrames } from '../../../src/testing/index.ts'
import { frame, openingHead, RawPeer } from '../../peers/raw.ts'
import { receiveAll } from '../../receive.ts'
import { concat, hex, pattern, splits } from '../../wire.ts'
import { expectSoundTable, startWs, type WsServer } from './vectors.ts'

test('a valid table', () => expectSoundTable(goodFrames))

test.each([
  // As printed in RFC 6455 §5.7.
  ['a text in one frame, from a server', '81 05 48 65 6c 6c 6f'],
  ['a text in one frame, from a client', '81 85 37 fa 21 3d 7f 9f 4d 51 58'],
  ['a text in two frames, from a server', '01 03 48 65 6c 80 02 6c 6f'],
  ['a ping, from a server', '89 05 48 65 6c 6c 6f'],
  ['an unsolicited pong, from a client', '8a 85 37 fa 21 3d 7f 9f 4d 51 58'],
  ['a compressed text, from a server', 'c1 07 f2 48 cd c9 c9 07 00'],
  ['a compressed text in two frames, from a server', '41 03 f2 48 cd 80 04 c9 c9 07 00'],
  ['an uncompressed block, from a server', 'c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00'],
  ['a final block, from a server', 'c1 08 f3 48 cd c9 c9 07 00 00'],
])('%s: %s', (title, bytes) => {
  expect(goodFrames.find((vector) => vector.title === title)?.bytes).toEqual(hex(bytes))
})

test.each([
  ['256 bytes in one frame, from a server', '82 7e 01 00', 256],
  ['64 KiB in one frame, from a server', '82 7f 00 00 00 00 00 01 00 00', 65_536],
])('%s: %s …', (title, header, size) => {
  const { bytes, received } = goodFrames.find((vector) => vector.title === title) as GoodFrames
  expect(bytes.subarray(0, -size)).toEqual(hex(header))
  expect(Buffer.compare(bytes.subarray(-size), received[0]?.data ?? pattern(0))).toBe(0)
  expect([...bytes.subarray(-3)]).toEqual([253, 254, 255])
})

/** Returns the results as text, which compares faster than arrays. */
function told(received: readonly { readonly type: string; readonly data: Uint8Array }[]): string[] {
  return received.map(({ type, data }) => `${type} ${Buffer.from(data).toString('hex')}`)
}

/** Returns what the application on the other side receives. */
function receive({ from, compression }: GoodFrames, chunks: readonly Uint8Array[]): string[] {
  const takesOver = compression === 'takeover'
  const params = {
    serverNoContextTakeover: !takesOver,
    clientNoContextTakeover: !takesOver,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
  }
  const connection = new Connection({
    role: from === 'client' ? 'server' : 'client',
    text: 'bytes',
    ...(compression !== 'none' && {
      agreement: { subprotocol: undefined, extensions: [{ name: 'permessage-deflate', params }] },
      extensions: [permessageDeflate({ codec: zlib })],
    }),
  })
  const events = chunks.flatMap((chunk) => [...receiveAll(connection, chunk)])
  const [end] = connection.receiveEnd()
  expect(end).toMatchObject({ type: 'close', code: 1006, error: undefined })
  return told(events.flatMap((event) => (event.type === 'close' || event.type === 'encoded' ? [] : [event])))
}

test.each(goodFrames)('$title ($reference), compression: $compression', (vector) => {
  const { bytes, received } = vector
  const ways = bytes.length > 1000 ? [[bytes], [bytes.slice(0, 500), bytes.slice(500)]] : splits(bytes)
  for (const chunks of ways) expect(receive(vector, chunks)).toEqual(told(received))
})

describe('a ws server', () => {
  let server: WsServer
  beforeAll(async () => {
    server = await startWs()
  })
  afterAll(() => server.stop())

  test.each(goodFrames.filter(({ from }) => from === 'client'))('$title ($reference)', async (vector) => {
    const peer = await RawPeer.connect(server.port)
    const offer = vector.compression === 'none' ? undefined : 'permessage-deflate'
    await peer.send(openingHead(server.port, { 'sec-websocket-extensions': offer }))
    await peer.expectOpen()
    await peer.send(concat(vector.bytes, frame({ opcode: 8 })))
    await peer.rest()
    expect(told(server.received.splice(0))).toEqual(told(vector.received))
  })
})
