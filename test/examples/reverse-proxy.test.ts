/**
 * The example reverse proxy between other clients and servers: what it relays, how both sides end, what each side receives, and that a slow
 * reader slows down the writer. Runs on the built package.
 */

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket as UndiciWebSocket } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { echo, serve } from '../peers/ours.ts'
import { frame, openingHead, paces, parseResponse, RawPeer } from '../peers/raw.ts'
import { Client, expectEchoes, type StandardSocket } from '../peers/standard.ts'
import { type Host, Inbox, patient, startExample, within } from '../peers/support.ts'

vi.setConfig(patient)

let backend: WebSocketServer
let proxy: Host
/** The backend's connections, and their requests. */
let ends: Inbox<{ end: WebSocket; asked: IncomingMessage }>

beforeAll(async () => {
  backend = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => (offered.has('chat.v2') ? 'chat.v2' : false),
    verifyClient: ({ req, origin }, decide) =>
      decide(!req.url?.includes('forbidden') && origin !== 'https://evil.example', 403),
  })
  await once(backend, 'listening')
  backend.on('connection', (end, asked) => ends.push({ end, asked }))
  proxy = await startExample('reverse-proxy.mjs', `ws://127.0.0.1:${(backend.address() as AddressInfo).port}`)
})
beforeEach(() => {
  ends = new Inbox()
})
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})
afterAll(async () => {
  await proxy.stop()
  for (const end of backend.clients) end.terminate()
  backend.close()
  await within(once(backend, 'close'), 'the server of ws to close')
})

/** Both ends of a WebSocket through the proxy. */
async function open(
  path = '',
  subprotocols: string[] = [],
  options: object = {},
): Promise<{ client: WebSocket; end: WebSocket; asked: IncomingMessage }> {
  const client = new WebSocket(`${proxy.url}${path}`, subprotocols, options)
  await within(once(client, 'open'), 'ws to open')
  return { client, ...(await ends.next('the backend to accept')) }
}

/** What an end receives when the other closes. */
async function closing(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = await within(once(socket, 'close'), 'an end to be closed')
  return [code, String(reason)]
}

const clients: readonly [string, (url: string) => Promise<Client<StandardSocket>>][] = [
  ['ws', (url) => new Client<StandardSocket>(new WebSocket(url, ['chat.v1', 'chat.v2'])).opened()],
  ['undici', (url) => new Client<StandardSocket>(new UndiciWebSocket(url, ['chat.v1', 'chat.v2'])).opened()],
]

test.each(clients)('relays messages of %s, from empty to 1 MiB, and the close code', async (_, connect) => {
  const client = await connect(proxy.url)
  const { end } = await ends.next()
  end.on('message', (data, binary) => end.send(data, { binary }))
  expect(client.socket.protocol).toBe('chat.v2')
  await expectEchoes(client)
  client.socket.close(4999, 'done')
  // Sent by the ws server, which repeats the reason.
  expect(await client.inbox.next('close')).toEqual({ code: 4999, reason: 'done', wasClean: true })
})

test('relays the target and all fields except hop-by-hop ones', async () => {
  const peer = await RawPeer.connect(proxy.port)
  const fields = {
    connection: 'Upgrade, X-Hop',
    'x-a': 'b',
    'x-hop': 'c',
    'proxy-authorization': 'Basic Og==',
    'sec-websocket-extensions': 'permessage-deflate',
    via: '1.0 fred',
    origin: `http://127.0.0.1:${proxy.port}`,
  }
  await peer.send(openingHead(proxy.port, fields, 'GET /chat?a=%20b HTTP/1.1'))
  await peer.expectOpen()
  const { asked } = await ends.next()
  expect(asked.url).toBe('/chat?a=%20b')
  expect(asked.headers).toMatchObject({
    'x-a': 'b',
    host: `127.0.0.1:${proxy.port}`,
    origin: fields.origin,
    'x-forwarded-for': '127.0.0.1',
    via: expect.stringMatching(/^1\.0 fred, 1\.1 proxy-\S+$/),
  })
  for (const name of ['x-hop', 'proxy-authorization', 'sec-websocket-extensions'])
    expect(asked.headers).not.toHaveProperty(name)
  peer.socket.destroy()
})

test('relays an origin that is not the host: the backend decides', async () => {
  const peer = await RawPeer.connect(proxy.port)
  await peer.send(openingHead(proxy.port, { origin: 'https://app.example' }))
  await peer.expectOpen()
  const { asked } = await ends.next()
  expect(asked.headers.origin).toBe('https://app.example')
  peer.socket.destroy()
})

test('replaces Host by the host of a target in absolute form', async () => {
  const peer = await RawPeer.connect(proxy.port)
  const target = `http://localhost:${proxy.port}?a`
  await peer.send(openingHead(proxy.port, { host: `127.0.0.1:${proxy.port}` }, `GET ${target} HTTP/1.1`))
  await peer.expectOpen()
  const { asked } = await ends.next()
  expect([asked.url, asked.headers.host]).toEqual(['/?a', `localhost:${proxy.port}`])
  peer.socket.destroy()
})

test('relays the cookies of the backend', async () => {
  backend.once('headers', (headers) => headers.push('Set-Cookie: a=b', 'Set-Cookie: c=d'))
  const peer = await RawPeer.connect(proxy.port)
  await peer.send(openingHead(proxy.port))
  const { status, headers } = await peer.response()
  expect([status, headers.get('set-cookie')]).toEqual(['101 Switching Protocols', 'a=b, c=d'])
  peer.socket.destroy()
})

test('answers pings of both sides itself', async () => {
  const { client, end } = await open()
  const pinged: string[] = []
  for (const side of [client, end]) side.on('ping', (data) => pinged.push(String(data)))
  for (const side of [client, end]) {
    const pong = once(side, 'pong')
    side.ping('are you there?')
    expect(String((await within(pong, 'a pong'))[0])).toBe('are you there?')
  }
  expect(pinged).toEqual([])
  client.terminate()
})

test('relays the start of a message before its end has arrived', async () => {
  const { client, end } = await open()
  const raw = new Inbox<string>()
  // With a raw socket instead of ws, which waits for the whole message.
  const { _socket: socket } = end as unknown as { _socket: Socket }
  socket.prependListener('data', (chunk) => raw.push(chunk.toString('latin1')))
  client.send('first', { fin: false })
  await raw.next('the first piece')
  client.send('last', { fin: true })
  expect(String((await within(once(end, 'message'), 'the message'))[0])).toBe('firstlast')
  client.terminate()
})

describe('closes', () => {
  test.each<[number | undefined, string, number]>([
    [1000, 'done, 再见', 1000],
    [4000, '', 4000],
    [undefined, '', 1005],
  ])('the other side with %s %j, whichever side begins', async (code, reason, told) => {
    const first = await open()
    const atBackend = closing(first.end)
    first.client.close(code, reason)
    expect(await atBackend).toEqual([told, reason])
    const second = await open()
    const atClient = closing(second.client)
    second.end.close(code, reason)
    expect(await atClient).toEqual([told, reason])
  })

  test('after the messages in transit', async () => {
    const { client, end } = await open()
    end.on('message', (data) => end.send(`you said ${data}`))
    const said: string[] = []
    client.on('message', (data) => said.push(String(data)))
    for (const text of ['a', 'b', 'c']) client.send(text)
    client.close(1000)
    expect(await closing(client)).toEqual([1000, ''])
    expect(said).toEqual(['you said a', 'you said b', 'you said c'])
  })

  test.each([
    ['one of 4 MB', 4_000_000, 1],
    ['4000 of 1 KB', 1_000, 4_000],
    ['120 of 100 KB, more than the buffers hold', 100_000, 120],
  ])('after the messages in transit: %s', async (_, size, count) => {
    const { client, end } = await open()
    end.on('message', (data) => end.send(data))
    let received = 0
    client.on('message', (data: Buffer) => {
      received += data.length
    })
    for (let sent = 0; sent < count; sent++) client.send(Buffer.alloc(size))
    client.close(4001, 'bye')
    expect(await closing(client)).toEqual([4001, 'bye'])
    expect(received).toBe(size * count)
  })

  test('the client with 1014 if the backend is lost, the backend with 1001 if the client is', async () => {
    const first = await open()
    const atClient = closing(first.client)
    first.end.terminate()
    expect(await atClient).toEqual([1014, ''])
    const second = await open()
    const atBackend = closing(second.end)
    second.client.terminate()
    expect(await atBackend).toEqual([1001, ''])
  })

  test('a client that breaks the rules with 1002, and the backend with 1001', async () => {
    for (const pace of paces) {
      const peer = await RawPeer.connect(proxy.port)
      await peer.send(Buffer.concat([openingHead(proxy.port), Buffer.of(0x81, 0x02, 0x48, 0x69)]), pace)
      const { end } = await ends.next()
      const atBackend = closing(end)
      await peer.expectOpen()
      expect([...(await peer.take(4))]).toEqual([0x88, expect.any(Number), 0x03, 0xea])
      expect((await atBackend)[0]).toBe(1001)
      peer.socket.destroy()
    }
  })
})

test('relays early bytes from a client, however they are split', async () => {
  for (const pace of paces) {
    const peer = await RawPeer.connect(proxy.port)
    await peer.send(Buffer.concat([openingHead(proxy.port), frame({ opcode: 1, payload: 'early' })]), pace)
    const { end } = await ends.next()
    expect(String((await within(once(end, 'message'), 'the early message'))[0])).toBe('early')
    await peer.expectOpen()
    peer.socket.destroy()
  }
})

test('passes a message of more than 16 MiB, both ways', async () => {
  const { client, end } = await open()
  const large = Buffer.alloc(17 * 2 ** 20, 'x')
  for (const [from, to] of [
    [client, end],
    [end, client],
  ] as const) {
    const received = once(to, 'message')
    from.send(large)
    expect(large.equals((await within(received, '17 MiB'))[0])).toBe(true)
  }
  client.terminate()
})

test('lets a slow reader slow down the writer, and loses nothing', async () => {
  const { client, end } = await open()
  client.pause()
  const piece = Buffer.alloc(2 ** 20, 'x')
  const pieces = 96
  let sent = 0
  const write = (): void => {
    if (sent < pieces) end.send(piece, () => write())
    sent++
  }
  write()
  // Until the writer stalls; it never would for a proxy without limits.
  for (let before = -1; before !== sent; ) {
    before = sent
    await wait(500)
  }
  expect(sent).toBeLessThan(pieces / 2)
  let received = 0
  const all = new Promise<void>((resolve) => {
    client.on('message', (data: Buffer) => {
      received += data.length
      if (received === pieces * piece.length) resolve()
    })
  })
  client.resume()
  await within(all, `${pieces} MiB`)
  client.terminate()
})

describe('does not collect what is sent after a Close that the sender ignores', () => {
  /** Writes until the connection is lost. Returns the number of bytes, at most 256 MiB. */
  async function flood(socket: Socket, bytes: Uint8Array): Promise<number> {
    socket.on('error', () => {})
    const lost = new Promise((resolve) => socket.once('close', resolve))
    let taken = 0
    while (taken < 2 ** 28 && !socket.destroyed) {
      taken += bytes.length
      if (socket.write(bytes)) continue
      const drained = new Promise((resolve) => socket.once('drain', resolve))
      await within(Promise.race([drained, lost]), 'a drain or the end')
    }
    return taken
  }

  /** What the proxy keeps, and the buffers of the four sockets. */
  const most = 2 ** 26
  const payload = Buffer.alloc(65_536)

  test('by the client', async () => {
    const client = await RawPeer.open(proxy.port)
    const { end } = await ends.next()
    end.close(1000)
    end.pause()
    await client.take(4)
    expect(await flood(client.socket, frame({ opcode: 2, payload }))).toBeLessThan(most)
    end.terminate()
  })

  test('by the backend', async () => {
    const client = await RawPeer.open(proxy.port)
    const { end } = await ends.next()
    const { _socket: socket } = end as unknown as { _socket: Socket }
    socket.removeAllListeners('data')
    const closed = once(socket, 'data')
    await client.send(frame({ opcode: 8, payload: Buffer.of(3, 0xe8) }))
    client.socket.pause()
    await within(closed, 'the Close')
    expect(await flood(socket, frame({ opcode: 2, payload, maskKey: undefined }))).toBeLessThan(most)
    client.socket.destroy()
  })
})

describe('refuses', () => {
  async function answerOf(path: string, port = proxy.port): Promise<ReturnType<typeof parseResponse>> {
    const peer = await RawPeer.connect(port)
    await peer.send(openingHead(port, {}, `GET ${path} HTTP/1.1`))
    return parseResponse(await peer.rest())
  }

  async function statusOf(path: string, port = proxy.port): Promise<string> {
    const { status, headers } = await answerOf(path, port)
    expect(headers.get('connection')).toBe('close')
    return status
  }

  async function proxyTo(act: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy()).resume()
      act(socket)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const lonely = await startExample('reverse-proxy.mjs', `ws://127.0.0.1:${port}`)
    stops.push(async () => {
      await lonely.stop()
      server.close()
      await within(once(server, 'close'), 'the backend to close')
    })
    return lonely.port
  }

  test('as the backend does', async () => {
    expect(await statusOf('/forbidden')).toBe('403 Forbidden')
    const crossOrigin = await RawPeer.connect(proxy.port)
    await crossOrigin.send(openingHead(proxy.port, { origin: 'https://evil.example' }))
    expect(parseResponse(await crossOrigin.rest()).status).toBe('403 Forbidden')
  })

  test.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => socket.end()],
    ['resets TCP', (socket) => socket.resetAndDestroy()],
    ['uses another protocol', (socket) => socket.end('SSH-2.0-x\r\n')],
    [
      'accepts another key',
      (socket) => socket.end('HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n'),
    ],
    ['sends a 426 without an Upgrade field', (socket) => socket.end('HTTP/1.1 426 \r\nContent-Length: 0\r\n\r\n')],
    ['sends an invalid status', (socket) => socket.end('HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n')],
    ['sends a 407', (socket) => socket.end('HTTP/1.1 407 x\r\nContent-Length: 0\r\n\r\n')],
    ['sends a 200', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')],
  ])('with a 502 if the backend %s', async (_, act) => {
    expect(await statusOf('/', await proxyTo(act))).toBe('502 Bad Gateway')
  })

  test.each<[string, string, string, string, string]>([
    ['sends clients elsewhere', 'HTTP/1.1 302 \r\nLocation: /b', '302 Found', 'location', '/b'],
    ['insists', 'HTTP/1.1 426 \r\nUpgrade: foo', '426 Upgrade Required', 'upgrade', 'foo'],
    ['asks who it is', 'HTTP/1.1 401 \r\nWWW-Authenticate: x', '401 Unauthorized', 'www-authenticate', 'x'],
  ])('with the fields of a backend that %s', async (_, head, status, name, value) => {
    const answer = await answerOf(
      '/',
      await proxyTo((socket) => socket.end(`${head}\r\nTransfer-Encoding: gzip\r\n\r\n`)),
    )
    expect(answer.status).toBe(status)
    expect(answer.headers.get(name)).toBe(value)
    expect(answer.headers.has('transfer-encoding')).toBe(false)
  })

  test('and continues after a status of 999 and targets of any form', async () => {
    const port = await proxyTo((socket) => socket.end('HTTP/1.1 999 x\r\n\r\n'))
    for (const path of [
      '/',
      '/caf\xe9',
      'http://a.example',
      'http://a.example/b?c',
      'http://a.example?c',
      '//a/b',
      '/?a=b',
    ])
      expect(await statusOf(path, port)).toMatch(/^(502|421|400) /)
    expect(await statusOf('/', port)).toBe('502 Bad Gateway')
  })

  test('with a 508 a request that has already passed through', async () => {
    const peer = await RawPeer.connect(proxy.port)
    await peer.send(openingHead(proxy.port))
    await peer.expectOpen()
    const { asked } = await ends.next()
    peer.socket.destroy()
    const again = await RawPeer.connect(proxy.port)
    await again.send(openingHead(proxy.port, { via: `1.1 elsewhere, ${asked.headers.via}` }))
    expect(parseResponse(await again.rest()).status).toBe('508 Loop Detected')
  })

  test('with a 504 if the backend does not answer', async () => {
    expect(await statusOf('/', await proxyTo(() => {}))).toBe('504 Gateway Timeout')
  })

  test('with a 502 if the backend does not listen', async () => {
    const gone = await serve(echo)
    await gone.stop()
    const lonely = await startExample('reverse-proxy.mjs', gone.url)
    stops.push(() => lonely.stop())
    expect(await statusOf('/', lonely.port)).toBe('502 Bad Gateway')
  })

  test('requests that a backend need not see', async () => {
    const peer = await RawPeer.connect(proxy.port)
    await peer.send(openingHead(proxy.port, { 'sec-websocket-version': '14' }))
    expect(parseResponse(await peer.rest()).status).toBe('426 Upgrade Required')
    const elsewhere = await RawPeer.connect(proxy.port)
    await elsewhere.send(openingHead(proxy.port, { host: 'evil.example' }))
    expect(parseResponse(await elsewhere.rest()).status).toBe('421 Misdirected Request')
  })

  test('but not plain requests', async () => {
    const asked = request({ port: proxy.port, host: '127.0.0.1', agent: false }).end()
    const [response] = (await within(once(asked, 'response'), 'a page')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.resume()
  })
})
