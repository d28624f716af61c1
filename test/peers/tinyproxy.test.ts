/**
 * Our client through a third-party CONNECT proxy, to our server and to one of `ws`: messages of all sizes, TLS inside the tunnel,
 * credentials, and refusals.
 */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ConnectionEvent, OfferTunnelOptions } from '../../src/index.ts'
import { startHttp2Example } from './http2-host.ts'
import { echo, type Link, open, serve } from './ours.ts'
import { missingTinyproxy, openTunnel, startTinyproxy } from './proxies.ts'
import { expectSame } from './standard.ts'
import { describePeer, type Host, Inbox, MULTI_BYTE, patient, pattern, sizes, textOf, within } from './support.ts'

vi.setConfig(patient)

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A `ws` server that echoes everything. */
async function serveWs(): Promise<Host> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (end: WebSocket) => end.on('message', (data, binary) => end.send(data, { binary })))
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    for (const end of server.clients) end.terminate()
    server.close()
    await within(once(server, 'close'), 'the server of ws to close')
  }
  return { port, url: `ws://127.0.0.1:${port}/`, stop }
}

async function nextData(inbox: Inbox<ConnectionEvent>): Promise<string | Uint8Array> {
  const event = await inbox.next()
  if (event.type === 'close') throw new Error(`closed with ${event.code}`, { cause: event.error })
  return event.data
}

/** A valid conversation with a clean close. */
async function converse(link: Link, inbox: Inbox<ConnectionEvent>): Promise<void> {
  for (const text of [MULTI_BYTE, ...sizes.map(textOf)]) {
    link.connection.sendText(text)
    expectSame(await nextData(inbox), text)
  }
  for (const bytes of sizes.map(pattern)) {
    link.connection.sendBinary(bytes)
    expectSame(await nextData(inbox), bytes)
  }
  link.connection.close(4000, 'done')
  expect(await inbox.next()).toMatchObject({ type: 'close', code: 4000, clean: true, by: 'local' })
}

async function expectConversation(proxy: Host, server: Host, options?: OfferTunnelOptions): Promise<void> {
  const { outcome, socket } = await openTunnel(proxy, 'localhost', server.port, options)
  expect(outcome).toEqual({ ok: true, kind: 'open', status: 200 })
  const inbox = new Inbox<ConnectionEvent>()
  await converse(await open(server.url, inbox.push, { socket: socket.resume() }), inbox)
}

/** A refusal, after which the proxy ends the connection. */
async function expectRefusal(proxy: Host, port: number, expected: object, options?: OfferTunnelOptions): Promise<void> {
  const { outcome, socket } = await openTunnel(proxy, '127.0.0.1', port, options)
  expect(outcome).toMatchObject({ ok: false, errors: [{ code: 'status' }], ...expected })
  await within(once(socket.resume(), 'end'), 'the proxy to end')
}

describePeer('tinyproxy', missingTinyproxy, () => {
  describe('without credentials', () => {
    let proxy: Host
    beforeAll(async () => {
      proxy = await startTinyproxy()
    })
    afterAll(() => proxy.stop())

    test.each([
      ['our server', () => serve(echo)],
      ['a server of ws', serveWs],
    ])('connects our client to %s', async (_, start) => {
      const server = await start()
      stops.push(() => server.stop())
      await expectConversation(proxy, server)
    })

    test('works with TLS', async () => {
      const server = await startHttp2Example()
      stops.push(() => server.stop())
      const { socket } = await openTunnel(proxy, 'localhost', server.port)
      const tls = connectTls({ socket, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false })
      const inbox = new Inbox<ConnectionEvent>()
      await converse(await open(server.url, inbox.push, { socket: tls }), inbox)
    })

    test('reports that the target does not listen', async () => {
      const server = await serve(echo)
      await server.stop()
      await expectRefusal(proxy, server.port, { kind: 'refused', status: 500 })
    })
  })

  test('refuses ports that are not configured', async () => {
    const proxy = await startTinyproxy('ConnectPort 443')
    stops.push(() => proxy.stop())
    await expectRefusal(proxy, 22, { kind: 'refused', status: 403 })
  })

  describe('with credentials', () => {
    let proxy: Host
    let server: Host
    beforeAll(async () => {
      proxy = await startTinyproxy('BasicAuth Aladdin open.sesame')
      server = await serve(echo)
    })
    afterAll(async () => {
      await proxy.stop()
      await server.stop()
    })

    test('connects our client to our server', () =>
      expectConversation(proxy, server, { credentials: { username: 'Aladdin', password: 'open.sesame' } }))

    test('requires credentials', () =>
      expectRefusal(proxy, server.port, {
        kind: 'unauthorized',
        status: 407,
        challenges: ['Basic realm="Tinyproxy"'],
      }))

    test.each(['open.sesam', 'open.sesame.', ''])('refuses the password %j', async (password) => {
      const credentials = { username: 'Aladdin', password }
      // With a 401 instead of the standard 407; the client does not retry.
      await expectRefusal(proxy, server.port, { kind: 'refused', status: 401 }, { credentials })
    })
  })
})
