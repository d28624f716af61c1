/** Connections that are cut at every stage, by a FIN or a reset: the example servers keep serving, and log no error. */

import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectGoodService, frame, openingHead, RawPeer } from './raw.ts'
import { examples, type Host, patient, startExample, within } from './support.ts'

vi.setConfig(patient)

const text = frame({ opcode: 1, payload: 'Hello' })
const large = frame({ opcode: 2, payload: new Uint8Array(2 ** 20) })

/** The bytes sent until then, after the head. */
const stages: readonly [title: string, sent: Uint8Array][] = [
  ['after the opening', new Uint8Array(0)],
  ['after the first byte of a frame', text.subarray(0, 1)],
  ['in the middle of a length', large.subarray(0, 5)],
  ['in the middle of a mask key', text.subarray(0, 4)],
  ['in the middle of a payload', text.subarray(0, 8)],
  ['between fragments', frame({ opcode: 1, payload: 'Hel', fin: false })],
  ['in the middle of a large payload', large.subarray(0, 500_000)],
  ['while an echo is on its way', large],
  ['in the middle of a Close', frame({ opcode: 8, payload: Uint8Array.of(3, 0xe8) }).subarray(0, 7)],
  ['behind a Close', frame({ opcode: 8, payload: Uint8Array.of(3, 0xe8) })],
  ['behind an error', frame({ opcode: 3 })],
]

async function tear(peer: RawPeer, how: 'a FIN' | 'a reset'): Promise<void> {
  const closed = once(peer.socket, 'close')
  if (how === 'a reset') peer.socket.resetAndDestroy()
  else peer.socket.destroy()
  await within(closed, 'the socket to close')
}

describe.each(examples)('examples/%s keeps serving', (name) => {
  let server: Host
  beforeAll(async () => {
    server = await startExample(name)
  })
  afterAll(() => server.stop())

  describe.each(['a FIN', 'a reset'] as const)('after %s', (how) => {
    test('in the middle of a head, at any byte', async () => {
      const head = openingHead(server.port)
      for (let size = 0; size < head.length; size += 7) {
        const peer = await RawPeer.connect(server.port)
        await peer.send(head.subarray(0, size))
        await tear(peer, how)
      }
      await expectGoodService(server.port)
    })

    test('after a head, before its response has been read', async () => {
      const peer = await RawPeer.connect(server.port)
      await peer.send(Buffer.concat([openingHead(server.port), text]))
      await tear(peer, how)
      await expectGoodService(server.port)
    })

    test('after a head that is refused', async () => {
      const peer = await RawPeer.connect(server.port)
      await peer.send(openingHead(server.port, { 'sec-websocket-key': 'none' }))
      await tear(peer, how)
      await expectGoodService(server.port)
    })

    test.each(stages)('%s', async (_, sent) => {
      const peer = await RawPeer.open(server.port)
      await peer.send(sent)
      await tear(peer, how)
      await expectGoodService(server.port)
    })
  })

  test('and ends its side when a client ends without a Close', async () => {
    const peer = await RawPeer.open(server.port)
    await peer.send(text)
    peer.socket.end()
    expect((await peer.rest()).toString('latin1')).toBe('\x81\x05Hello')
    await expectGoodService(server.port)
  })
})
