/**
 * The example client behind a proxy: what it sends and when, and how it reports proxies that refuse, send garbage or hang up. Runs
 * on the built package.
 */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import type { Connection, ConnectionEvent } from '../../src/index.ts'
import { startHttp2Example } from '../peers/http2-host.ts'
import { echo, serve } from '../peers/ours.ts'
import { examplePath, type Host, Inbox, patient, startExample, within } from '../peers/support.ts'

vi.setConfig(patient)

type OpenWebSocket = (
  url: string,
  onEvent: (event: ConnectionEvent) => void,
  proxy?: string,
  tls?: { rejectUnauthorized: boolean },
) => Promise<{ connection: Connection; flush: () => void }>

const { openWebSocket }: { openWebSocket: OpenWebSocket } = await import(examplePath('client-connect-proxy.mjs'))

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const stop of stops.splice(0)) await stop()
})

/** Stopped at the end of the test. */
async function started<Some extends Host>(host: Promise<Some>): Promise<Some> {
  const { stop } = await host
  stops.push(stop)
  return host
}

/** A proxy that reads a head, then does as the test says; its URL. Further bytes are passed to `more`. */
async function proxying(act: (socket: Socket, head: string) => void, more: string[] = []): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    let head = ''
    socket.on('data', (chunk) => {
      if (head.endsWith('\r\n\r\n')) return void more.push(chunk.toString('latin1'))
      head += chunk.toString('latin1')
      if (head.endsWith('\r\n\r\n')) act(socket, head)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await within(once(server, 'close'), 'the proxy to close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A valid conversation with a clean close. */
async function expectConversation(...args: [url: string, proxy?: string, tls?: { rejectUnauthorized: boolean }]) {
  const [url, proxy, tls] = args
  const inbox = new Inbox<ConnectionEvent>()
  const { connection, flush } = await openWebSocket(url, inbox.push, proxy, tls)
  connection.sendText('世界 👋')
  flush()
  expect(await inbox.next()).toMatchObject({ type: 'text', data: '世界 👋' })
  connection.close(3000)
  flush()
  expect(await inbox.next()).toMatchObject({ type: 'close', code: 3000, clean: true })
}

test('works through the example proxy with credentials', async () => {
  const server = await started(serve(echo))
  const proxy = await started(startExample('connect-proxy.mjs', 'Al addin:open:sesame ü', `127.0.0.1:${server.port}`))
  await expectConversation(server.url, `http://Al%20addin:open%3Asesame%20%C3%BC@127.0.0.1:${proxy.port}`)
  await expect(openWebSocket(server.url, () => {}, `http://127.0.0.1:${proxy.port}`)).rejects.toMatchObject({
    code: 'status',
    status: 407,
  })
})

test('works with TLS inside the tunnel', async () => {
  const server = await started(startHttp2Example())
  const proxy = await started(startExample('connect-proxy.mjs', '', `localhost:${server.port}`))
  await expectConversation(server.url, `http://127.0.0.1:${proxy.port}`, { rejectUnauthorized: false })
})

test('does not send an IP address as the TLS server name', async () => {
  const server = await started(startHttp2Example())
  const warned = vi.spyOn(process, 'emitWarning')
  await expectConversation(server.url.replace('localhost', '127.0.0.1'), '', { rejectUnauthorized: false })
  expect(warned).not.toHaveBeenCalled()
  warned.mockRestore()
})

test('uses the proxy from the environment, and works without one', async () => {
  const server = await started(serve(echo))
  const proxy = await started(startExample('connect-proxy.mjs', '', 'nowhere:1'))
  vi.stubEnv('https_proxy', undefined)
  await expectConversation(server.url)
  vi.stubEnv('https_proxy', `http://127.0.0.1:${proxy.port}`)
  await expect(openWebSocket(server.url, () => {})).rejects.toMatchObject({ code: 'status', status: 403 })
})

test('skips an interim response, and ignores a length on the tunnel', async () => {
  const server = await started(serve(echo))
  const proxy = await proxying((socket) => {
    socket.removeAllListeners('data')
    socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 Fine\r\nContent-Length: 5\r\n\r\n')
    const target = connect(server.port, '127.0.0.1').on('error', () => socket.destroy())
    socket.pipe(target).pipe(socket)
  })
  await expectConversation(server.url, proxy)
})

test('only asks for the tunnel, and sends nothing into one that is refused', async () => {
  const heads = new Inbox<string>()
  const more: string[] = []
  const ended = new Inbox<boolean>()
  const url = await proxying((socket, head) => {
    heads.push(head)
    socket.on('end', () => ended.push(true))
    socket.write('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }, more)
  const proxy = url.replace('//', '//Aladdin:open%20sesame@')
  await expect(openWebSocket('ws://[::1]:7/secret', () => {}, proxy)).rejects.toMatchObject({ status: 403 })
  expect(await heads.next()).toBe(
    'CONNECT [::1]:7 HTTP/1.1\r\nHost: [::1]:7\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n',
  )
  await ended.next('the client to let go')
  expect(more).toEqual([])
})

test.each([
  ['speaks something else', (socket: Socket) => socket.end('SSH-2.0-x\r\n'), 'http-version'],
  ['switches to nobody knows what', (socket: Socket) => socket.end('HTTP/1.1 101 Odd\r\n\r\n'), 'status'],
])('fails with the reason if the proxy %s', async (_, act, code) => {
  await expect(openWebSocket('ws://localhost/', () => {}, await proxying(act))).rejects.toMatchObject({ code })
})

test.each([
  ['hangs up', (socket: Socket) => socket.end()],
  ['resets TCP', (socket: Socket) => socket.resetAndDestroy()],
  ['hangs up in the middle of its head', (socket: Socket) => socket.end('HTTP/1.1 200 O')],
  ['hangs up in the tunnel', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')],
])('fails if the proxy %s', async (_, act) => {
  const opening = openWebSocket('ws://localhost/', () => {}, await proxying(act))
  await expect(opening).rejects.toBeInstanceOf(Error)
})

test('fails with the server’s response in the tunnel', async () => {
  const proxy = await proxying((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.on('data', () => socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'))
  })
  await expect(openWebSocket('ws://localhost/', () => {}, proxy)).rejects.toMatchObject({ code: 'status', status: 503 })
})
