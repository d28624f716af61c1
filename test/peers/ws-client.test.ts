/** `ws` as a client: of the example servers, and of a server of ours that closes first or selects a subprotocol. */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Connection, type ConnectionEvent, getHeaders } from '../../src/index.ts'
import { echo, type Link, serve } from './ours.ts'
import { Client, expectEchoes } from './standard.ts'
import { examples, type Host, Inbox, MULTI_BYTE, patient, startExample, within } from './support.ts'

vi.setConfig(patient)

function connect(host: Host, subprotocols: string[] = []): Promise<Client<WebSocket>> {
  return new Client(new WebSocket(host.url, subprotocols)).opened()
}

describe.each(examples)('ws as a client of examples/%s', (name) => {
  let server: Host
  beforeAll(async () => {
    server = await startExample(name)
  })
  afterAll(() => server.stop())

  test('gets text and binary messages back, from empty to 1 MiB', async () => {
    const client = await connect(server)
    await expectEchoes(client)
    // Text keeps its BOM. (undici drops it.)
    await client.expectEcho(`\uFEFF${MULTI_BYTE}`)
    await client.expectClose(1000)
  })

  const compresses = name === 'echo-node-http.mjs'
  test(`is ${compresses ? '' : 'not '}granted the compression that it offers`, async () => {
    const client = await connect(server)
    expect(client.socket.extensions).toBe(compresses ? 'permessage-deflate' : '')
    await client.expectClose(1000)
  })

  test('gets a pong for each ping, with its data', async () => {
    const client = await connect(server)
    const pongs: Buffer[] = []
    client.socket.on('pong', (data) => pongs.push(data))
    const pings = [Buffer.alloc(0), Buffer.from('ping'), Buffer.alloc(125, 0xff)]
    for (const data of pings) client.socket.ping(data)
    await client.expectEcho('sent after the pings')
    expect(pongs).toEqual(pings)
    await client.expectClose(1000)
  })

  test('may send an unsolicited pong', async () => {
    const client = await connect(server)
    client.socket.pong('unasked')
    await client.expectEcho('still here')
    await client.expectClose(1000)
  })

  test('may send a fragmented message, cut inside characters and with pings between', async () => {
    const client = await connect(server)
    for (const byte of Buffer.from(MULTI_BYTE)) {
      client.socket.send(Buffer.of(byte), { fin: false, binary: false })
      client.socket.ping()
    }
    client.socket.send('', { fin: true, binary: false })
    expect(await client.inbox.next()).toBe(MULTI_BYTE)
    await client.expectClose(1000)
  })

  test.each([
    [1000, 'done'],
    [1001, 'going away, 再见'],
    [3000, ''],
    [4999, 'x'.repeat(123)],
    [undefined, undefined],
  ])('closes with %s and gets that code back', async (code, reason) => {
    const client = await connect(server)
    await client.expectClose(code, reason)
  })
})

/** What a client can make our server do. */
function obey(order: string, connection: Connection): void {
  const [verb, code, ...words] = order.split(' ')
  if (verb === 'ping') connection.ping('are you there?')
  if (verb === 'close') connection.close(code === 'none' ? undefined : Number(code), words.join(' ') || undefined)
}

describe('ws as a client of our server', () => {
  let server: Host
  let closed: Inbox<ConnectionEvent>
  beforeAll(async () => {
    closed = new Inbox()
    const handle = (event: ConnectionEvent, { connection }: Link): void => {
      if (event.type === 'close') closed.push(event)
      if (event.type === 'text') obey(event.data, connection)
      if (event.type === 'pong') connection.sendBinary(event.data)
    }
    server = await serve(handle, { subprotocols: ['chat.v1', 'chat.v2'] })
  })
  afterAll(() => server.stop())

  /** Closes cleanly, and returns the server's close event. */
  async function expectEnd(client: Client<WebSocket>): Promise<void> {
    await client.expectClose(1000)
    expect(await closed.next()).toMatchObject({ code: 1000, clean: true, by: 'remote' })
  }

  test.each([
    [1000, 'done'],
    [1001, 'restart, 再见'],
    [3000, 'x'.repeat(123)],
    [4999, ''],
  ])(
    'receives code %s and the reason when the server closes first, and answers with the code',
    async (code, reason) => {
      const client = await connect(server)
      client.socket.send(`close ${code} ${reason}`)
      expect(await client.inbox.next('close')).toEqual({ code, reason, wasClean: true })
      // ws also sends the reason.
      expect(await closed.next('the close event of our server')).toEqual({
        type: 'close',
        code,
        reason,
        sentCode: code,
        clean: true,
        by: 'local',
        error: undefined,
      })
    },
  )

  test('receives 1005 when the server closes first without a code', async () => {
    const client = await connect(server)
    client.socket.send('close none')
    expect(await client.inbox.next('close')).toEqual({ code: 1005, reason: '', wasClean: true })
    expect(await closed.next('the close event of our server')).toEqual({
      type: 'close',
      code: 1005,
      reason: '',
      sentCode: 1005,
      clean: true,
      by: 'local',
      error: undefined,
    })
  })

  test.each([
    [1000, 'done'],
    [4999, 'x'.repeat(123)],
  ])('sends the server code %s and the reason', async (code, reason) => {
    const client = await connect(server)
    await client.expectClose(code, reason)
    expect(await closed.next('the close event of our server')).toEqual({
      type: 'close',
      code,
      reason,
      sentCode: code,
      clean: true,
      by: 'remote',
      error: undefined,
    })
  })

  test('is a 1006 to the server if it is terminated', async () => {
    const client = await connect(server)
    client.socket.terminate()
    expect(await closed.next('the close event of our server')).toEqual({
      type: 'close',
      code: 1006,
      reason: '',
      clean: false,
      by: 'transport',
      error: undefined,
    })
  })

  test('answers the server’s pings', async () => {
    const client = await connect(server)
    client.socket.send('ping')
    expect(await client.inbox.next()).toEqual(new TextEncoder().encode('are you there?'))
    await expectEnd(client)
  })

  test('gets the first of its subprotocols that the server supports', async () => {
    const client = await connect(server, ['chat.v3', 'chat.v2', 'chat.v1'])
    expect(client.socket.protocol).toBe('chat.v2')
    await expectEnd(client)
  })

  test('gets no subprotocol if the server supports none, and then fails', async () => {
    const socket = new WebSocket(server.url, ['chat.v3'])
    const failed = new Promise<Error>((resolve) => socket.on('error', resolve))
    expect((await within(failed, 'an error')).message).toBe('Server sent no subprotocol')
  })

  test('has its offer of compression declined', async () => {
    const offers: string[][] = []
    const echoing = await serve(echo, {
      onAccept: (_, { headers }) => offers.push(getHeaders(headers, 'sec-websocket-extensions')),
    })
    const client = await connect(echoing)
    expect([offers, client.socket.extensions]).toEqual([[['permessage-deflate; client_max_window_bits']], ''])
    await client.expectEcho('a'.repeat(2000))
    await client.expectClose(1000)
    await echoing.stop()
  })
})
