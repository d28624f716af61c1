/** The example client that reconnects: what it does with servers that answer, refuse, hang up or reset. Runs on the built package. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { generate } from 'selfsigned'
import { afterEach, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { Inbox, patient, type Running, runExample, within } from '../peers/support.ts'

vi.setConfig(patient)

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** What the client prints. */
interface Client extends Running {
  readonly said: Inbox<string>
}

function start(url: string, env?: Readonly<Record<string, string>>): Client {
  const running = runExample('client-node-net.mjs', [url], env)
  const said = new Inbox<string>()
  running.lines.on('line', (line) => line !== 'not connected; asking in 0 s' && said.push(line))
  stops.push(() => running.child.kill())
  return { ...running, said }
}

async function exitCode({ exited }: Client): Promise<unknown> {
  return (await within(exited, 'the client to exit'))[0]
}

/** Starts a server that reads an opening request, then runs a function; returns its URL. */
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
  stops.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function switching(accept: string): string {
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  return ['HTTP/1.1 101 Switching Protocols', ...fields, '', ''].join('\r\n')
}

/** The connections of a `ws` server, in order. */
async function serving(): Promise<{ url: string; ends: Inbox<WebSocket> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const ends = new Inbox<WebSocket>()
  server.on('connection', ends.push)
  await once(server, 'listening')
  stops.push(() => {
    for (const end of server.clients) end.terminate()
    server.close()
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, ends }
}

const message = async (end: WebSocket): Promise<string> => String((await within(once(end, 'message'), 'a text'))[0])

test('sends and receives, answers pings, and ends when the server closes with 1000', async () => {
  const { url, ends } = await serving()
  const client = start(url)
  const end = await ends.next('the client')
  expect(await message(end)).toBe('hello')
  const pong = once(end, 'pong')
  end.ping('there?')
  expect(String((await within(pong, 'a pong'))[0])).toBe('there?')
  end.send('Käse 世界')
  expect(await client.said.next()).toBe('received Käse 世界')
  end.close(1000, 'enough')
  expect(await client.said.next()).toBe('closed')
  expect((await within(once(end, 'close'), 'the Close'))[0]).toBe(1000)
  expect(await exitCode(client)).toBe(0)
})

test('reconnects when the server disappears, closes or resets', async () => {
  const { url, ends } = await serving()
  const client = start(url)
  const ways: [told: string, act: (end: WebSocket) => void][] = [
    ['closed: 1012 restart; asking in 0 s', (end) => end.close(1012, 'restart')],
    ['closed: 1006 ; asking in 0 s', (end) => end.terminate()],
  ]
  for (const [told, act] of ways) {
    const end = await ends.next('the client')
    end.send('still here') // only then does the delay start from the shortest again
    expect(await client.said.next()).toBe('received still here')
    act(end)
    expect(await client.said.next()).toBe(told)
  }
  expect(await message(await ends.next('the client to come back'))).toBe('hello')
})

test('reads the bytes right after the 101', async () => {
  const client = start(await answering((socket, accept) => socket.write(`${switching(accept)}\x81\x02Hi`, 'latin1')))
  expect(await client.said.next()).toBe('received Hi')
})

test.each<[string, (socket: Socket, accept: string) => void]>([
  ['refuses', (socket) => socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')],
  ['wants a name', (socket) => socket.write('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')],
  ['has moved', (socket) => socket.write('HTTP/1.1 307 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n')],
  ['accepts another key', (socket) => socket.write(switching('s3pPLMBiTxaQ9kYGzzhZRbK+xOo='))],
  ['sends bytes other than HTTP', (socket) => socket.write('SSH-2.0-x\r\n')],
  ['is busy, in a head that is broken', (socket) => socket.write('HTTP/1.1 503 Busy\r\nno field\r\n\r\n')],
])('gives up on a server that %s, and releases its socket', async (_, act) => {
  const ends = new Inbox<Socket>()
  const client = start(
    await answering((socket, accept) => {
      act(socket.resume(), accept)
      ends.push(socket)
    }),
  )
  const end = await ends.next()
  if (!end.closed) await within(once(end, 'close'), 'the client to release the socket')
  expect(await exitCode(client)).toBe(1)
})

test.each<[string, (socket: Socket) => void]>([
  ['is busy', (socket) => socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n')],
  ['has had too many requests', (socket) => socket.end('HTTP/1.1 429 Slower\r\nContent-Length: 0\r\n\r\n')],
  ['sends an invalid time', (socket) => socket.end('HTTP/1.1 503 Busy\r\nRetry-After: soon\r\n\r\n')],
  [
    'sends a time in the past',
    (socket) => socket.end(`HTTP/1.1 503 Busy\r\nRetry-After: ${new Date(0).toUTCString()}\r\n\r\n`),
  ],
  ['hangs up', (socket) => socket.end()],
  ['resets TCP', (socket) => socket.resetAndDestroy()],
  ['hangs up in the middle of its head', (socket) => socket.end('HTTP/1.1 101 Swi')],
])('retries with a server that %s', async (_, act) => {
  const asked = new Inbox<string>()
  const client = start(
    await answering((socket) => {
      asked.push('')
      act(socket)
    }),
  )
  await asked.next('the first request')
  await client.said.next('the reason')
  await asked.next('the second request')
})

test.each([
  ['503 Busy', '120', 120],
  ['429 Slower', '120', 120],
  // At most an hour.
  ['503 Busy', '999999999', 3600],
  ['503 Busy', new Date('9999-01-01').toUTCString(), 3600],
])('waits before it retries with a server that answers %s with Retry-After %s', async (status, time, seconds) => {
  const client = start(await answering((socket) => socket.end(`HTTP/1.1 ${status}\r\nRetry-After: ${time}\r\n\r\n`)))
  expect(await client.said.next('the reason')).toMatch(new RegExp(`; asking in ${seconds} s$`))
})

test('gives up on a server with a wrong certificate', async () => {
  const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
  const server = createTlsServer({ key, cert }).listen(0, '127.0.0.1')
  server.on('tlsClientError', (_, socket) => socket.destroy())
  await once(server, 'listening')
  stops.push(() => server.close())
  expect(await exitCode(start(`wss://127.0.0.1:${(server.address() as AddressInfo).port}/`))).toBe(1)
})

test('uses TLS for wss, and sends the name of the server but no address', async () => {
  const names = new Inbox<unknown>()
  const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
  const server = createTlsServer({ key, cert }, (socket) => {
    names.push((socket as TLSSocket & { servername: string | false }).servername)
    socket.on('error', () => {}).end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const trusting = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }
  for (const [host, name] of [
    ['localhost', 'localhost'],
    ['127.0.0.1', false],
  ] as const) {
    const client = start(`wss://${host}:${port}/`, trusting)
    expect(await names.next('a TLS connection')).toBe(name)
    expect(await exitCode(client)).toBe(1)
  }
})
