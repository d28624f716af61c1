/** undici's `WebSocket`, which newer versions of Node include, as a client of the example servers and of ours. */

import diagnostics from 'node:diagnostics_channel'
import { ping, WebSocket } from 'undici'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { pako } from '../../src/codec/pako.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { getHeaders } from '../../src/index.ts'
import { agreedOn, Echoing, long } from './echoing.ts'
import { mixed, seeded } from './mixed.ts'
import { serve } from './ours.ts'
import { Client, expectEchoes } from './standard.ts'
import { examples, type Host, Inbox, patient, startExample } from './support.ts'

vi.setConfig(patient)

function connect(host: Host, subprotocols: string[] = []): Promise<Client<WebSocket>> {
  return new Client(new WebSocket(host.url, subprotocols)).opened()
}

describe.each(examples)('undici as a client of examples/%s', (name) => {
  let server: Host
  beforeAll(async () => {
    server = await startExample(name)
  })
  afterAll(() => server.stop())

  test('gets text and binary messages back, from empty to 1 MiB', async () => {
    const client = await connect(server)
    await expectEchoes(client)
    await client.expectClose(1000)
  })

  test('gets a pong for a ping, with its data', async () => {
    const client = await connect(server)
    const pongs = new Inbox<string>()
    const listen = (message: unknown): void => pongs.push(String((message as { payload: Uint8Array }).payload))
    diagnostics.subscribe('undici:websocket:pong', listen)
    ping(client.socket, Buffer.from('are you there?'))
    expect(await pongs.next('a pong')).toBe('are you there?')
    diagnostics.unsubscribe('undici:websocket:pong', listen)
    await client.expectClose(1000)
  })

  test.each([
    [1000, 'done'],
    [3000, ''],
    [4999, 'x'.repeat(123)],
    [undefined, undefined],
  ])('closes with %s and gets that code back', async (code, reason) => {
    const client = await connect(server)
    await client.expectClose(code, reason)
  })
})

describe('undici as a client of our server', () => {
  let server: Host
  const offers: string[][] = []
  beforeAll(async () => {
    server = await serve(
      (event, link) => {
        if (event.type === 'text') link.connection.close(Number(event.data), 'that was all, 再见')
      },
      {
        subprotocols: ['chat.v1', 'chat.v2'],
        onAccept: (_, { headers }) => offers.push(getHeaders(headers, 'sec-websocket-extensions')),
      },
    )
  })
  afterAll(() => server.stop())

  test.each([1000, 1001, 3000, 4999])('receives code %s and the reason when the server closes first', async (code) => {
    const client = await connect(server)
    client.socket.send(String(code))
    expect(await client.inbox.next('close')).toEqual({ code, reason: 'that was all, 再见', wasClean: true })
  })

  test('gets the first of its subprotocols that the server supports', async () => {
    const client = await connect(server, ['chat.v3', 'chat.v2', 'chat.v1'])
    expect(client.socket.protocol).toBe('chat.v2')
    client.socket.send('1000')
    expect(await client.inbox.next('close')).toEqual({ code: 1000, reason: 'that was all, 再见', wasClean: true })
  })

  test('fails if the server supports none of its subprotocols', async () => {
    const client = new Client(new WebSocket(server.url, ['chat.v3']))
    expect(await client.inbox.next()).toBe('error')
    expect(await client.inbox.next()).toEqual({ code: 1006, reason: '', wasClean: false })
  })

  test('has its offer of compression declined', async () => {
    const client = await connect(server)
    expect(offers.at(-1)).toEqual(['permessage-deflate; client_max_window_bits'])
    expect(client.socket.extensions).toBe('')
    client.socket.send('1000')
    expect(await client.inbox.next('close')).toEqual({ code: 1000, reason: 'that was all, 再见', wasClean: true })
  })
})

test.each([
  ['zlib', zlib, {}],
  ['pako', pako, {}],
  [
    'zlib with a window of 9, without context takeover',
    zlib,
    { serverNoContextTakeover: true, serverMaxWindowBits: 9 },
  ],
])('undici returns our server’s messages, compressed by %s', (_, codec, preferences) =>
  seeded(async (random, cut) => {
    const ours = new Echoing(codec, preferences, cut)
    const server = await ours.serve()
    const { socket } = await connect(server)
    socket.addEventListener('message', ({ data }) => socket.send(data))
    expect(socket.extensions).toMatch(/^permessage-deflate/)
    // It loses a leading BOM, compressed or not.
    const messages = [...mixed(300, random)].filter(({ type, bytes }) => type !== 'text' || bytes[0] !== 0xef)
    await ours.exchange(await ours.accept(), agreedOn(preferences), [...messages, ...long])
    // It decompresses messages, but does not compress any.
    expect(ours.wire.received.compressed).toBe(0)
    await server.stop()
  }),
)
