/** The example client: how it reports servers that accept, refuse, hang up or reset. Runs on the built package. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Connection, ConnectionEvent } from '../../src/index.ts'
import { examplePath, Inbox, patient, within } from '../peers/support.ts'

vi.setConfig(patient)

type OpenWebSocket = (
  url: string,
  onEvent: (event: ConnectionEvent) => void,
) => Promise<{ connection: Connection; flush: () => void }>

const { openWebSocket }: { openWebSocket: OpenWebSocket } = await import(examplePath('client-node-net.mjs'))

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A server that reads the whole opening request, then does as the test says; its URL. */
async function answering(act: (socket: Socket, accept: string) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    let head = ''
    socket.on('data', function read(chunk) {
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      socket.off('data', read)
      const key = /^sec-websocket-key: (.*)\r$/im.exec(head)?.[1]
      act(socket, createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64'))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(async () => {
    for (const socket of sockets) socket.destroy()
    await close(server)
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function close(server: Server | WebSocketServer): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await within(closed, 'the server to close')
}

function switching(accept: string): string {
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  return ['HTTP/1.1 101 Switching Protocols', ...fields, '', ''].join('\r\n')
}

const torn = { type: 'close', code: 1006, reason: '', clean: false, by: 'transport', error: undefined }

test('exchanges messages with a ws server, which closes cleanly', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  stops.push(() => close(server))
  server.on('connection', (end: WebSocket) =>
    end.on('message', (data) => {
      end.send(`you said ${data}`)
      end.close(3000, 'enough')
    }),
  )
  const inbox = new Inbox<ConnectionEvent>()
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const { connection, flush } = await openWebSocket(url, inbox.push)
  connection.sendText('世界 👋')
  flush()
  expect(await inbox.next()).toEqual({ type: 'text', data: 'you said 世界 👋', first: true, last: true })
  const expected = {
    type: 'close',
    code: 3000,
    reason: 'enough',
    sentCode: 3000,
    clean: true,
    by: 'remote',
    error: undefined,
  }
  expect(await inbox.next()).toEqual(expected)
})

test('reads the bytes right after the 101', async () => {
  const inbox = new Inbox<ConnectionEvent>()
  await openWebSocket(
    await answering((socket, accept) => socket.write(`${switching(accept)}\x81\x02Hi`, 'latin1')),
    inbox.push,
  )
  expect(await inbox.next()).toEqual({ type: 'text', data: 'Hi', first: true, last: true })
})

test('reports a server that ends TCP without a Close as a 1006', async () => {
  const inbox = new Inbox<ConnectionEvent>()
  await openWebSocket(await answering((socket, accept) => socket.end(switching(accept))), inbox.push)
  expect(await inbox.next()).toEqual(torn)
})

test('reports a server that resets TCP as a 1006', async () => {
  const ends = new Inbox<Socket>()
  const inbox = new Inbox<ConnectionEvent>()
  const url = await answering((socket, accept) => {
    socket.write(switching(accept))
    ends.push(socket)
  })
  await openWebSocket(url, inbox.push)
  const end = await ends.next()
  end.resetAndDestroy()
  expect(await inbox.next('the close event')).toEqual(torn)
})

test('fails with the status of a server that refuses, and releases the socket', async () => {
  const ends = new Inbox<Socket>()
  const url = await answering((socket) => {
    socket.resume().write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
    ends.push(socket)
  })
  await expect(openWebSocket(url, () => {})).rejects.toMatchObject({ code: 'status', status: 403 })
  const end = await ends.next()
  if (!end.closed) await within(once(end, 'close'), 'the client to let go')
})

test('fails when the accept does not match its key', async () => {
  const url = await answering((socket) => socket.resume().write(switching('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')))
  await expect(openWebSocket(url, () => {})).rejects.toMatchObject({ code: 'accept' })
})

test.each([
  ['hangs up', (socket: Socket) => socket.end()],
  ['resets TCP', (socket: Socket) => socket.resetAndDestroy()],
  ['hangs up in the middle of its head', (socket: Socket) => socket.end('HTTP/1.1 101 Swi')],
])('fails when the server %s before its response', async (_, act) => {
  await expect(openWebSocket(await answering(act), () => {})).rejects.toBeInstanceOf(Error)
})
