/**
 * The example client behind a proxy: what it sends and when, and how it reports proxies that refuse, send garbage or hang up. Runs
 * on the built package.
 */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import { startHttp2Example } from '../peers/http2-host.ts'
import { echo, serve } from '../peers/ours.ts'
import { type Host, Inbox, patient, runExample, startExample, within } from '../peers/support.ts'

vi.setConfig(patient)

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** Stopped at the end of the test. */
async function started<Some extends Host>(host: Promise<Some>): Promise<Some> {
  const { stop } = await host
  stops.push(stop)
  return host
}

/** Starts a proxy that reads a head, then runs a function; returns its URL. Further bytes are passed to `more`. */
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

/** The client's output, and its exit code. */
async function outcomeOf(args: string[], env = {}): Promise<[printed: string, code: unknown, complaints: string]> {
  const { child, exited } = runExample('client-connect-proxy.mjs', args, { https_proxy: '', ...env })
  const [printed, complaints, [code]] = await within(
    Promise.all([text(child.stdout), text(child.stderr), exited]),
    'the client to exit',
  )
  return [printed, code, complaints]
}

const conversation = ['received hello\nclosed 1000 \n', 0, '']
const failure = (reason: RegExp): unknown[] => [expect.stringMatching(reason), 1, '']
const trusting = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }

test('works through the example proxy with credentials', async () => {
  const server = await started(serve(echo))
  const proxy = await started(startExample('connect-proxy.mjs', 'Al addin:open:sesame ü', `127.0.0.1:${server.port}`))
  const named = `http://Al%20addin:open%3Asesame%20%C3%BC@127.0.0.1:${proxy.port}`
  expect(await outcomeOf([server.url, named])).toEqual(conversation)
  expect(await outcomeOf([server.url, `http://127.0.0.1:${proxy.port}`])).toEqual(failure(/407/))
})

test('works with TLS inside the tunnel, and sends no IP address as the TLS server name', async () => {
  const server = await started(startHttp2Example())
  const targets = ['localhost', '127.0.0.1'].map((host) => `${host}:${server.port}`)
  const proxy = await started(startExample('connect-proxy.mjs', '', ...targets))
  for (const target of targets)
    expect(await outcomeOf([`wss://${target}/`, `http://127.0.0.1:${proxy.port}`], trusting)).toEqual(conversation)
})

test('uses the proxy from the environment, and works without one', async () => {
  const server = await started(serve(echo))
  const proxy = await started(startExample('connect-proxy.mjs', '', 'nowhere:1'))
  expect(await outcomeOf([server.url])).toEqual(conversation)
  const through = { https_proxy: `http://127.0.0.1:${proxy.port}` }
  expect(await outcomeOf([server.url], through)).toEqual(failure(/403/))
})

test('skips an interim response, and ignores a length of the tunnel', async () => {
  const server = await started(serve(echo))
  const proxy = await proxying((socket) => {
    socket.removeAllListeners('data')
    socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 Fine\r\nContent-Length: 5\r\n\r\n')
    const target = connect(server.port, '127.0.0.1').on('error', () => socket.destroy())
    socket.pipe(target).pipe(socket)
  })
  expect(await outcomeOf([server.url, proxy])).toEqual(conversation)
})

test('only requests the tunnel, and sends nothing into one that is refused', async () => {
  const heads = new Inbox<string>()
  const more: string[] = []
  const ended = new Inbox<boolean>()
  const url = await proxying((socket, head) => {
    heads.push(head)
    socket.on('end', () => ended.push(true)).on('close', () => ended.push(true))
    socket.write('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }, more)
  const proxy = url.replace('//', '//Aladdin:open%20sesame@')
  expect(await outcomeOf(['ws://[::1]:7/secret', proxy])).toEqual(failure(/403/))
  expect(await heads.next()).toBe(
    'CONNECT [::1]:7 HTTP/1.1\r\nHost: [::1]:7\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n',
  )
  await ended.next('the client to let go')
  expect(more).toEqual([])
})

test.each([
  ['uses another protocol', (socket: Socket) => socket.end('SSH-2.0-x\r\n')],
  ['switches to an unknown protocol', (socket: Socket) => socket.end('HTTP/1.1 101 Odd\r\n\r\n')],
  ['hangs up', (socket: Socket) => socket.end()],
  ['resets TCP', (socket: Socket) => socket.resetAndDestroy()],
  ['hangs up in the middle of its head', (socket: Socket) => socket.end('HTTP/1.1 200 O')],
  ['hangs up in the tunnel', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')],
])('fails with a reason if the proxy %s', async (_, act) => {
  expect(await outcomeOf(['ws://localhost/', await proxying(act)])).toEqual(failure(/Error: ./))
})

test('fails with the server’s response in the tunnel', async () => {
  const proxy = await proxying((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.on('data', () => socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'))
  })
  expect(await outcomeOf(['ws://localhost/', proxy])).toEqual(failure(/503/))
})
