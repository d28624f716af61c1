/**
 * The example client over HTTP/2: how it reports servers that accept, refuse, lack support or hang up. Runs on the built package.
 */

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Connection, ConnectionEvent } from '../../src/index.ts'
import { echo, type Http2Example, serveHttp2, startHttp2Example } from '../peers/http2-host.ts'
import { examplePath, Inbox, patient, within } from '../peers/support.ts'

vi.setConfig(patient)

type OpenWebSocket = (
  url: string,
  onEvent: (event: ConnectionEvent) => void,
  tls?: { rejectUnauthorized: boolean },
) => Promise<{ connection: Connection; flush: () => void }>

const { openWebSocket }: { openWebSocket: OpenWebSocket } = await import(examplePath('client-node-http2.mjs'))
const tls = { rejectUnauthorized: false }

let example: Http2Example
beforeAll(async () => {
  example = await startHttp2Example()
})
afterAll(() => example.stop())

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

test('exchanges messages with the example server, and closes cleanly', async () => {
  const inbox = new Inbox<ConnectionEvent>()
  const { connection, flush } = await openWebSocket(`${example.url}chat`, inbox.push, tls)
  connection.sendText('世界 👋')
  flush()
  expect(await inbox.next()).toEqual({ type: 'text', data: '世界 👋', first: true, last: true })
  connection.close(3000, 'done')
  flush()
  expect(await inbox.next()).toMatchObject({ type: 'close', code: 3000, clean: true, by: 'local' })
  expect([await example.log.next(), await example.log.next()]).toEqual(['HTTP/2 /chat ', 'closed 3000 done'])
})

test('is closed by the server, and notified when its stream is cancelled', async () => {
  const server = await serveHttp2((event, connection) => {
    if (event.type === 'text' && event.data === 'close') connection.close(4000, 'enough')
    else echo(event, connection)
  })
  stops.push(() => server.stop())
  const inbox = new Inbox<ConnectionEvent>()
  const { connection, flush } = await openWebSocket(server.url, inbox.push, tls)
  connection.sendText('close')
  flush()
  expect(await inbox.next()).toMatchObject({ code: 4000, reason: 'enough', clean: true, by: 'remote' })
  const other = await openWebSocket(server.url, inbox.push, tls)
  expect(other.connection.state).toBe('open')
  for (const session of server.sessions) session.destroy()
  expect(await inbox.next()).toMatchObject({ code: 1006, clean: false, by: 'transport' })
})

test('fails with the status of a server that refuses', async () => {
  const server = await serveHttp2(echo, { origins: ['https://a.example'] })
  stops.push(() => server.stop())
  await expect(openWebSocket(server.url, () => {}, tls)).rejects.toMatchObject({ code: 'status', status: 403 })
})

test('sends no request to a server that has not announced extended CONNECT', async () => {
  const server = await serveHttp2(echo, { settings: { enableConnectProtocol: false } })
  stops.push(() => server.stop())
  await expect(openWebSocket(server.url, () => {}, tls)).rejects.toThrow('the server speaks no WebSocket over HTTP/2')
})

test('fails if the certificate is untrusted, and if the server hangs up', async () => {
  await expect(openWebSocket(example.url, () => {})).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const server = createServer((socket: Socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await expect(openWebSocket(`wss://localhost:${port}/`, () => {}, tls)).rejects.toBeInstanceOf(Error)
  server.close()
  await within(once(server, 'close'), 'the server to close')
})
