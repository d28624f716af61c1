// `Duplex.toWeb` of a socket of `node:http`, which stays half open: on Node 20 and 22 its readable does not report the peer's end.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { acceptHandshake, formatRequestHead, formatResponse, offerHandshake } from '../../src/index.ts'
import { type MessageStreams, messageStreams } from '../../src/streams/index.ts'
import { within } from '../peers/support.ts'
import { quiet } from './pipes.ts'
import { Time } from './time.ts'

interface Upgraded {
  readonly streams: MessageStreams
  readonly socket: Socket
  readonly client: Socket
  readonly stop: () => Promise<void>
}

/** A client and a server after an upgrade. */
async function upgrade(time: Time): Promise<Upgraded> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  client.on('error', () => {})
  client.write(formatRequestHead(offerHandshake(`ws://127.0.0.1:${port}/`).request))
  const [request, socket, head] = await within(once(server, 'upgrade'), 'a request')
  const accepted = acceptHandshake(request)
  if (!accepted.ok) throw accepted.errors[0]
  socket.write(formatResponse(accepted.response))
  const streams = messageStreams(Duplex.toWeb(socket), {
    role: 'server',
    agreement: accepted,
    rest: head,
    timers: time,
  })
  await once(client, 'data')
  const stop = async (): Promise<void> => {
    client.destroy()
    server.close()
    await within(once(server, 'close'), 'the server to close, with every socket')
  }
  return { streams, socket, client, stop }
}

/** An error of the socket is not an error of the test. */
async function isClosed(socket: Socket): Promise<void> {
  if (!socket.closed) await within(new Promise((resolve) => socket.once('close', resolve)), 'the socket to close')
}

test('a peer that is killed is noticed by keepalive at the latest, and its socket is closed', async () => {
  const time = new Time()
  const { streams, socket, client, stop } = await upgrade(time)
  const ended = once(socket, 'end')
  client.destroy()
  await within(ended, 'the end of the socket')
  // If the end was not noticed before: the first ping finds a port that nothing listens on, and the second one the reset.
  await time.advance(45_000)
  expect(await within(streams.closed, 'the end')).toMatchObject({ code: 1006, clean: false, by: 'transport' })
  await isClosed(socket)
  await quiet()
  expect(time.timers.size).toBe(0)
  await stop()
})

test('a peer that only ends its direction is released by keepalive', async () => {
  const time = new Time()
  const { streams, socket, client, stop } = await upgrade(time)
  const ended = once(socket, 'end')
  client.end()
  await within(ended, 'the end of the socket')
  await time.advance(60_000)
  expect(await within(streams.closed, 'the end')).toMatchObject({ code: 1006, clean: false })
  await isClosed(socket)
  expect(time.timers.size).toBe(0)
  await stop()
})

test('a reset is noticed at once', async () => {
  const time = new Time()
  const { streams, socket, client, stop } = await upgrade(time)
  client.resetAndDestroy()
  expect(await within(streams.closed, 'the end')).toMatchObject({ code: 1006, clean: false, by: 'transport' })
  await isClosed(socket)
  await quiet()
  expect(time.timers.size).toBe(0)
  await stop()
})

test('both Closes end the socket', async () => {
  const time = new Time()
  const { streams, socket, client, stop } = await upgrade(time)
  client.write(Uint8Array.of(0x88, 0x80, 0, 0, 0, 0))
  expect(await within(streams.closed, 'the end')).toMatchObject({ code: 1005, clean: true })
  client.end()
  await isClosed(socket)
  await quiet()
  expect(time.timers.size).toBe(0)
  await stop()
})
