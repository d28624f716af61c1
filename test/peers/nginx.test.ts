/**
 * nginx in front of our server, with `ws`, undici and our client as clients: what passes in both directions, and what happens to
 * refusals, ends without a Close, and an upgrade that it is not configured to pass on.
 */

import { WebSocket as UndiciWebSocket } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { zlib } from '../../src/codec/zlib.ts'
import { permessageDeflate } from '../../src/deflate/index.ts'
import { type ConnectionEvent, getHeaders, type RequestHead } from '../../src/index.ts'
import { ask, echo, type Link, open, serve } from './ours.ts'
import { missingNginx, startNginx } from './proxies.ts'
import { openingHead, RawPeer } from './raw.ts'
import { Client, expectEchoes, expectSame, type StandardSocket } from './standard.ts'
import { describePeer, type Host, Inbox, MULTI_BYTE, patient, pattern, sizes, textOf } from './support.ts'

vi.setConfig(patient)

const extensions = [permessageDeflate({ codec: zlib })]
const subprotocols = ['chat.v2', 'chat.v1'] as const

/** Echoes what it receives, and closes on request. */
function obey(event: ConnectionEvent, link: Link): void {
  if (event.type === 'text' && event.data === 'close') link.connection.close(3333, 'that was all, 再见')
  echo(event, link)
}

describePeer('nginx', missingNginx, () => {
  let server: Host
  let proxy: Host
  let requests: Inbox<RequestHead>
  let links: Inbox<Link>
  beforeAll(async () => {
    server = await serve(obey, {
      subprotocols,
      extensions,
      onAccept: (_, request) => requests.push(request),
      onOpen: (link) => links.push(link),
    })
    proxy = await startNginx(server.port)
  })
  beforeEach(() => {
    requests = new Inbox()
    links = new Inbox()
  })
  afterAll(async () => {
    await proxy.stop()
    await server.stop()
  })

  const clients: readonly [string, (url: string) => Promise<Client<StandardSocket>>][] = [
    ['ws', (url) => new Client<StandardSocket>(new WebSocket(url, ['chat.v1'])).opened()],
    ['undici', (url) => new Client<StandardSocket>(new UndiciWebSocket(url, ['chat.v1'])).opened()],
  ]

  describe.each(clients)('with %s as a client', (_, connect) => {
    test('returns text and binary messages, from empty to 1 MiB, and the close code', async () => {
      const client = await connect(proxy.url)
      expect(client.socket.protocol).toBe('chat.v1')
      await expectEchoes(client)
      await client.expectClose(4999, 'done')
    })

    test('passes on the server’s Close', async () => {
      const client = await connect(proxy.url)
      client.socket.send('close')
      expect(await client.inbox.next()).toEqual({ code: 3333, reason: 'that was all, 再见', wasClean: true })
    })

    test('ends without a Close if the server does', async () => {
      const client = await connect(proxy.url)
      const link = await links.next()
      link.lose()
      let last = await client.inbox.next()
      if (last === 'error') last = await client.inbox.next()
      expect(last).toEqual({ code: 1006, reason: '', wasClean: false })
    })
  })

  test('sends our server an upgrade request of its own', async () => {
    await ask(`${proxy.url}chat?a=%20b`, { subprotocols, extensions })
    const { httpVersion, target, headers } = await requests.next()
    expect({ httpVersion, target }).toEqual({ httpVersion: '1.1', target: '/chat?a=%20b' })
    expect(getHeaders(headers, 'upgrade')).toEqual(['websocket'])
    expect(getHeaders(headers, 'connection')).toEqual(['upgrade'])
    expect(getHeaders(headers, 'host')).toEqual([`127.0.0.1:${proxy.port}`])
  })

  test('connects our client to our server, with compressed and fragmented messages and pings between', async () => {
    const inbox = new Inbox<ConnectionEvent>()
    const link = await open(proxy.url, inbox.push, { extensions, fragmentSize: 10_000 })
    expect(link.extensions).toEqual(['permessage-deflate'])
    for (const message of [MULTI_BYTE, ...sizes.map(textOf), ...sizes.map(pattern)]) {
      if (typeof message === 'string') link.connection.sendText(message)
      else link.connection.sendBinary(message)
      link.connection.ping('between')
      // A pong may overtake a message, but a message cannot overtake a pong.
      const events = [await inbox.next(), await inbox.next()]
      expect(events.map(({ type }) => type).sort()).toEqual(
        ['pong', typeof message === 'string' ? 'text' : 'binary'].sort(),
      )
      for (const event of events) if (event.type === 'text' || event.type === 'binary') expectSame(event.data, message)
    }
    link.connection.close(1000, 'done')
    expect(await inbox.next()).toMatchObject({ type: 'close', code: 1000, clean: true, by: 'local' })
  })

  test('passes on the requested host, so that pages of that origin are accepted', async () => {
    expect(await ask(proxy.url, { origin: `http://127.0.0.1:${proxy.port}` })).toMatchObject({ ok: true })
    expect(await ask(proxy.url, { origin: `http://127.0.0.1:${server.port}` })).toMatchObject({
      ok: false,
      status: 403,
    })
  })

  test('passes on that our server refuses an origin', async () => {
    const answer = await ask(proxy.url, { origin: 'https://evil.example' })
    expect(answer).toMatchObject({ ok: false, kind: 'refused', status: 403 })
  })

  test('passes on the versions that our server supports', async () => {
    const peer = await RawPeer.connect(proxy.port)
    await peer.send(openingHead(proxy.port, { 'sec-websocket-version': '14' }))
    const { status, headers } = await peer.response()
    expect([status, headers.get('sec-websocket-version')]).toEqual(['426 Upgrade Required', '13'])
    peer.socket.destroy()
  })

  test('turns an upgrade that it is not configured for into plain HTTP/1.0, which our server refuses', async () => {
    const answer = await ask(`${proxy.url}plain`)
    expect(answer).toMatchObject({ ok: false, status: 426, errors: [{ code: 'status' }] })
  })

  describe('without a backend', () => {
    const stops: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const stop of stops.splice(0)) await stop()
    })

    test('answers with a 502, which our client reports', async () => {
      const gone = await serve(obey)
      await gone.stop()
      const lonely = await startNginx(gone.port)
      stops.push(() => lonely.stop())
      expect(await ask(lonely.url)).toMatchObject({ ok: false, kind: 'refused', status: 502 })
    })
  })
})
