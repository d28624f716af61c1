// Over real TCP through `Duplex.toWeb`: with `ws` as the client and as the server, and between our own two sides.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { zlib } from '../../src/codec/zlib.ts'
import { offerHandshake, permessageDeflate } from '../../src/index.ts'
import { type AcceptStreamOptions, acceptStream, type MessageStreams, openStream } from '../../src/streams/index.ts'
import { Client, expectEchoes, expectSame } from '../peers/standard.ts'
import { Inbox, MULTI_BYTE, patient, pattern, sizes, textOf, within } from '../peers/support.ts'
import { long } from '../share.ts'
import { quiet, readAll, rejection, writeAll } from './pipes.ts'

vi.setConfig(patient)

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(async () => {
  await quiet()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

const extensions = [permessageDeflate({ codec: zlib })]

/** Our server on a free port, with its open streams and its closed sockets. */
async function serve(use: (streams: MessageStreams) => unknown, options: AcceptStreamOptions = {}) {
  const opened = new Inbox<MessageStreams>()
  const gone = new Inbox<Socket>()
  const server = createServer(async (socket) => {
    socket.on('error', () => {}).on('close', () => gone.push(socket))
    const accepted = await acceptStream(Duplex.toWeb(socket), options)
    if (!accepted.ok) return
    opened.push(accepted)
    Promise.resolve(use(accepted)).catch(() => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    server.close()
    await within(once(server, 'close'), 'our server to close, with every socket')
  }
  return { url: `ws://127.0.0.1:${port}/`, port, opened, gone, stop }
}

const echo = ({ readable, writable }: MessageStreams): Promise<void> => readable.pipeTo(writable)

async function open(url: string, options: Parameters<typeof offerHandshake>[1] = {}) {
  const offer = offerHandshake(url, options)
  const socket = connect(offer.port, offer.hostname)
  socket.on('error', () => {})
  const opened = await within(openStream(Duplex.toWeb(socket), offer), 'an answer')
  return { socket, opened }
}

describe('ws as a client of acceptStream', () => {
  test.each([[[]], [extensions]])('gets echoes of all sizes, and its close code (%#)', async (list) => {
    const server = await serve(echo, { extensions: list })
    const client = await new Client(new WebSocket(server.url)).opened()
    expect(client.socket.extensions === '').toBe(list.length === 0)
    await expectEchoes(client)
    await client.expectClose(4001, 'enough')
    expect(await (await server.opened.next()).closed).toMatchObject({ code: 4001, reason: 'enough', by: 'remote' })
    await server.stop()
  })

  test('gets the code and reason of close()', async () => {
    const server = await serve((streams) => streams.close(1001, 'restart'))
    const client = await new Client(new WebSocket(server.url)).opened()
    expect(await client.inbox.next()).toEqual({ code: 1001, reason: 'restart', wasClean: true })
    expect(await (await server.opened.next()).closed).toMatchObject({ code: 1001, clean: true, by: 'local' })
    await server.stop()
  })

  test('gets a pong for each ping without a reader', async () => {
    const server = await serve(() => {})
    const client = await new Client(new WebSocket(server.url)).opened()
    const pongs = new Inbox<string>()
    client.socket.on('pong', (data) => pongs.push(String(data)))
    for (let i = 0; i < 10; i++) {
      client.socket.send(pattern(1000))
      client.socket.ping(String(i))
      expect(await pongs.next()).toBe(String(i))
    }
    await client.expectClose(1000)
    await server.stop()
  })

  test('waits for a slow reader', async () => {
    const server = await serve(() => {})
    const client = await new Client(new WebSocket(server.url)).opened()
    const message = pattern(2 ** 20)
    for (let i = 0; i < 32; i++) client.socket.send(message)
    const { readable } = await server.opened.next()
    await vi.waitUntil(() => client.socket.bufferedAmount < 32 * 2 ** 20)
    await quiet()
    // The system's buffers have taken some, the rest waits.
    expect(client.socket.bufferedAmount).toBeGreaterThan(16 * 2 ** 20)
    client.socket.close(1000)
    expect(await readAll(readable)).toHaveLength(32)
    await server.stop()
  })

  test('that breaks a rule gets the Close, however much it continues to send', async () => {
    const server = await serve(echo)
    const client = await new Client(new WebSocket(server.url)).opened()
    const { readable, closed } = await server.opened.next()
    // Masked, but with a reserved bit.
    const raw = (client.socket as unknown as { _socket: Socket })._socket
    raw.write(Uint8Array.of(0xd1, 0x80, 0, 0, 0, 0))
    for (let i = 0; i < 50; i++) raw.write(pattern(10_000))
    expect(await client.inbox.next()).toMatchObject({ code: 1002, wasClean: true })
    expect(await closed).toMatchObject({ code: 1002, clean: false, error: { code: 'reserved-bits' } })
    expect(readable.locked).toBe(false)
    await server.stop()
  })

  test('that disconnects abruptly is reported as 1006', async () => {
    const server = await serve(echo)
    const client = await new Client(new WebSocket(server.url)).opened()
    const { closed } = await server.opened.next()
    ;(client.socket as unknown as { _socket: Socket })._socket.resetAndDestroy()
    expect(await within(closed, 'the end')).toMatchObject({ code: 1006, by: 'transport' })
    await server.stop()
  })

  test('is refused', async () => {
    const server = await serve(echo, { origins: ['https://a.example'] })
    const client = new WebSocket(server.url)
    const [response] = await once(
      client.on('error', () => {}),
      'unexpected-response',
    ).then(([, answer]) => [answer])
    expect(response.statusCode).toBe(403)
    await server.gone.next()
    await server.stop()
  })
})

describe('openStream with a server of ws', () => {
  let server: WebSocketServer
  let url: string
  let ends: Inbox<WebSocket>
  beforeAll(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true })
    await once(server, 'listening')
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
    ends = new Inbox()
    server.on('connection', (end) => {
      end.on('message', (data, binary) => end.send(data, { binary }))
      ends.push(end)
    })
  })
  afterAll(async () => {
    for (const end of server.clients) end.terminate()
    server.close()
    await within(once(server, 'close'), 'the server to close')
  })

  test.each([[[]], [extensions]])('gets echoes of all sizes, and closes (%#)', async (list) => {
    const { opened, socket } = await open(url, { extensions: list })
    const end = await ends.next()
    if (!opened.ok) throw opened.errors[0]
    expect(opened.extensions).toHaveLength(list.length)
    const messages = [MULTI_BYTE, ...sizes.flatMap((size) => [textOf(size), pattern(size)])]
    const reading = readAll(opened.readable)
    const closed = once(end, 'close')
    await writeAll(opened.writable, messages)
    await opened.writable.close()
    const echoes = await reading
    expect(echoes).toHaveLength(messages.length)
    for (const [i, message] of messages.entries()) expectSame(echoes[i], message)
    expect(await opened.closed).toMatchObject({ code: 1000, clean: true, by: 'local' })
    expect((await closed)[0]).toBe(1000)
    if (!socket.closed) await within(once(socket, 'close'), 'the socket to close')
  })

  test('gets the code and reason of the server', async () => {
    const { opened } = await open(url)
    const end = await ends.next()
    if (!opened.ok) throw opened.errors[0]
    end.send('last words')
    end.close(1001, 'restart')
    expect(await readAll(opened.readable)).toEqual(['last words'])
    expect(await opened.closed).toMatchObject({ code: 1001, reason: 'restart', clean: true, by: 'remote' })
  })

  test('fails when the server disconnects abruptly', async () => {
    const { opened } = await open(url)
    const end = await ends.next()
    if (!opened.ok) throw opened.errors[0]
    const reading = rejection(opened.readable.getReader().read())
    end.terminate()
    expect(await opened.closed).toMatchObject({ code: 1006, clean: false })
    expect(await reading).toMatchObject({ name: 'ClosedError', closeCode: 1006 })
  })

  test('makes its own writer wait for a server that does not read', async () => {
    const { opened } = await open(url)
    const end = await ends.next()
    if (!opened.ok) throw opened.errors[0]
    end.pause()
    const message = pattern(2 ** 20)
    let written = 0
    const writing = (async () => {
      const writer = opened.writable.getWriter()
      for (; written < 48; written++) await writer.write(message)
      await writer.close()
    })()
    await vi.waitUntil(() => written > 0)
    await quiet()
    await quiet()
    expect(written).toBeLessThan(36)
    const reading = readAll(opened.readable)
    end.resume()
    await writing
    expect(await reading).toHaveLength(48)
  })
})

const MEBIBYTES = long ? 64 : 4

test(`our client and our server carry ${MEBIBYTES} MiB both ways, and every socket is closed`, async () => {
  const server = await serve(echo)
  const { opened, socket } = await open(server.url)
  if (!opened.ok) throw opened.errors[0]
  const reading = readAll(opened.readable)
  await writeAll(
    opened.writable,
    Array.from({ length: MEBIBYTES }, () => pattern(2 ** 20)),
  )
  await opened.writable.close()
  const echoes = await reading
  expect(echoes.map(({ length }) => length)).toEqual(new Array(MEBIBYTES).fill(2 ** 20))
  await server.gone.next()
  if (!socket.closed) await within(once(socket, 'close'), 'the socket to close')
  await server.stop()
})
