// Clients over real sockets and streams: `ws`, our own servers, TLS, HTTP/2 and Python's `websockets` as peers.
import { once } from 'node:events'
import { createServer as createHttpServer, request as httpRequest } from 'node:http'
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { generate } from 'selfsigned'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import {
  acceptHttp2Stream,
  connectHttp2Stream,
  connectSocket,
  Endpoint,
  type EndpointOptions,
  type Peer,
} from '../../src/adapters/node/index.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { permessageDeflate } from '../../src/deflate/index.ts'
import { offerHandshake } from '../../src/handshake/index.ts'
import { toHttp2Headers } from '../../src/http/index.ts'
import { echo, serveHttp2 } from '../peers/http2-host.ts'
import { findMissing, startPythonServer } from '../peers/puppet.ts'
import { describePeer, Inbox, patient, textOf } from '../peers/support.ts'
import { listen, listenHttp, listenNet } from './hosts.ts'

vi.setConfig(patient)

/** A client's endpoint, and the events of its peer. */
function createClient(options: EndpointOptions = {}) {
  const seen = new Inbox<unknown>()
  const endpoint = new Endpoint({
    message: (_, data) => seen.push(data),
    close: (_, { code, clean }) => seen.push([code, clean]),
    gone: () => seen.push('gone'),
    ...options,
  })
  return { endpoint, seen }
}

type Client = ReturnType<typeof createClient>

/** Sends messages, gets them back, and closes. */
async function converse({ endpoint, seen }: Client, peer: Peer): Promise<void> {
  for (const message of ['hello', new Uint8Array(70_000).fill(7), textOf(3_000_000), '']) {
    peer.send(message)
    const echoed = await seen.next('the echo')
    if (typeof message === 'string') expect(echoed === message).toBe(true)
    else expect(Buffer.compare(echoed as Uint8Array, message)).toBe(0)
  }
  peer.close(1000, 'done')
  expect(await seen.next('the close')).toEqual([1000, true])
  expect(await seen.next('the end of the stream')).toBe('gone')
  expect(peer.stream.destroyed).toBe(true)
  await endpoint.close()
}

/** Starts an echo server of `ws`. Returns its port. */
async function serveWs(server = createHttpServer(), options: object = {}): Promise<number> {
  const sockets = new WebSocketServer({ server, ...options })
  sockets.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  return listen(server)
}

const echoing: EndpointOptions = { message: (peer, data) => peer.send(data) }

test.each([
  ['ws', serveWs],
  ['our server on node:http', () => listenHttp(new Endpoint(echoing))],
  ['our server on node:net', () => listenNet(new Endpoint(echoing))],
])('over node:net, with %s', async (_, serve) => {
  const client = createClient()
  const port = await serve()
  const offer = offerHandshake(`ws://127.0.0.1:${port}/`)
  await converse(client, await connectSocket(client.endpoint, connect(port, '127.0.0.1'), offer))
})

test('over a connected socket, with compression', async () => {
  const extensions = [permessageDeflate({ codec: zlib })]
  const client = createClient()
  const port = await serveWs(undefined, { perMessageDeflate: { threshold: 0 } })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const peer = await connectSocket(client.endpoint, socket, offerHandshake(`ws://127.0.0.1:${port}/`, { extensions }))
  expect(peer.agreement?.extensions).toHaveLength(1)
  await converse(client, peer)
})

test('over TLS, while it connects', async () => {
  const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' })
  const client = createClient()
  const port = await serveWs(createHttpsServer({ key, cert }))
  const offer = offerHandshake(`wss://localhost:${port}/`)
  const dial = (rejectUnauthorized: boolean) =>
    connectTls({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized })
  await expect(connectSocket(client.endpoint, dial(true), offer)).rejects.toMatchObject({
    name: 'HandshakeError',
    message: 'the stream failed before the answer was complete: self-signed certificate',
    cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  })
  await converse(client, await connectSocket(client.endpoint, dial(false), offer))
})

test('over the socket of a CONNECT proxy, obtained with `node:http`', async () => {
  const client = createClient()
  const port = await serveWs()
  const proxy = createHttpServer().on('connect', (_, socket: Socket, head) => {
    const backend = connect(port, '127.0.0.1')
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    backend.write(head)
    socket.pipe(backend).pipe(socket)
  })
  const tunnel = httpRequest({ port: await listen(proxy), host: '127.0.0.1', method: 'CONNECT', path: 'a.example:80' })
  tunnel.end()
  const [, socket] = await once(tunnel, 'connect')
  const peer = await connectSocket(client.endpoint, socket, offerHandshake(`ws://127.0.0.1:${port}/`))
  await converse(client, peer)
})

test('a port where nothing listens, and a server that resets', async () => {
  const { endpoint } = createClient()
  const server = createServer((socket) => socket.resetAndDestroy())
  const port = await listen(server)
  const offer = offerHandshake(`ws://127.0.0.1:${port}/`)
  await expect(connectSocket(endpoint, connect(port, '127.0.0.1'), offer)).rejects.toMatchObject({
    cause: { code: 'ECONNRESET' },
  })
  server.close()
  await once(server, 'close')
  await expect(connectSocket(endpoint, connect(port, '127.0.0.1'), offer)).rejects.toMatchObject({
    cause: { code: 'ECONNREFUSED' },
    rejection: undefined,
  })
  expect(endpoint.streams).toBe(0)
})

/** Opens a session whose server allows extended CONNECT. */
async function openSession(url: string) {
  const session = connectHttp2(url, { rejectUnauthorized: false })
  onTestFinished(() => session.destroy())
  await once(session, 'remoteSettings')
  return session
}

/** Starts an HTTP/2 server without TLS. Returns its port. */
async function listenHttp2(onStream: (...args: never[]) => void): Promise<number> {
  const server: Http2Server = createHttp2Server({ settings: { enableConnectProtocol: true } })
  server.on('stream', onStream as never)
  server.on('connect', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('over HTTP/2, with our server', async () => {
  const endpoint = new Endpoint(echoing)
  const port = await listenHttp2((stream, headers) => void acceptHttp2Stream(endpoint, stream, headers))
  const session = await openSession(`http://127.0.0.1:${port}`)
  const offer = offerHandshake(`ws://127.0.0.1:${port}/`, { httpVersion: '2' })
  for (let i = 0; i < 2; i++) {
    const one = createClient()
    await converse(one, await connectHttp2Stream(one.endpoint, session.request(toHttp2Headers(offer.request)), offer))
  }
  expect(session.closed).toBe(false)
  await endpoint.close()
})

test('over HTTP/2 and TLS, with a server that does everything by hand: no stream is reset', async () => {
  const client = createClient()
  const server = await serveHttp2(echo)
  onTestFinished(() => server.stop())
  const session = await openSession(`https://localhost:${server.port}`)
  const offer = offerHandshake(server.url, { httpVersion: '2' })
  const stream = session.request(toHttp2Headers(offer.request))
  await converse(client, await connectHttp2Stream(client.endpoint, stream, offer))
  expect(stream.rstCode).toBe(0)
  expect(await server.endings.next('the ending of the stream')).toMatchObject({ kind: 'end' })
})

test('over HTTP/2, a server that refuses, resets, or destroys the stream', async () => {
  const { endpoint } = createClient()
  const acts: ((stream: ServerHttp2Stream) => void)[] = []
  const port = await listenHttp2((stream: ServerHttp2Stream) => {
    stream.on('error', () => {})
    acts.shift()?.(stream)
  })
  const session = await openSession(`http://127.0.0.1:${port}`)
  const offer = offerHandshake(`ws://127.0.0.1:${port}/`, { httpVersion: '2' })
  const attempt = (act: (stream: ServerHttp2Stream) => void) => {
    acts.push(act)
    const stream = session.request(toHttp2Headers(offer.request))
    return { stream, peer: connectHttp2Stream(endpoint, stream, offer) }
  }
  const refused = attempt((stream) => {
    stream.respond({ ':status': 403 })
    stream.end('no')
  })
  await expect(refused.peer).rejects.toMatchObject({ rejection: { kind: 'refused', status: 403 } })
  const reset = attempt((stream) => stream.close(7))
  await expect(reset.peer).rejects.toMatchObject({ cause: { code: 'ERR_HTTP2_STREAM_ERROR' } })
  const destroyed = attempt((stream) => stream.destroy())
  await expect(destroyed.peer).rejects.toThrow(/before the answer was complete/)
  const silent = attempt(() => session.destroy())
  await expect(silent.peer).rejects.toThrow(/before the answer was complete/)
  for (const { stream } of [refused, reset, destroyed, silent]) expect(stream.destroyed).toBe(true)
  expect(endpoint.streams).toBe(0)
})

describePeer("Python's websockets", findMissing('websockets.legacy.server'), () => {
  test('gets our messages, pings us, and closes', async () => {
    const server = await startPythonServer('websockets_server.py')
    onTestFinished(() => server.stop())
    const client = createClient({
      close: (_, { code, reason, by }) => client.seen.push([code, reason, by]),
    })
    const offer = offerHandshake(server.url, { subprotocols: ['chat.v2'] })
    const peer = await connectSocket(client.endpoint, connect(server.port, '127.0.0.1'), offer)
    expect(await server.reports.next('it to open')).toMatchObject({ type: 'open', subprotocol: 'chat.v2' })
    expect(peer.agreement?.subprotocol).toBe('chat.v2')
    peer.send('hello')
    expect(await server.reports.next('our text')).toEqual({ type: 'text', data: 'hello' })
    server.order({ type: 'ping', data: 'are you there?' })
    expect(await server.reports.next('our pong')).toEqual({ type: 'pong', data: 'are you there?' })
    server.order({ type: 'text', data: 'hello to you' })
    expect(await client.seen.next('its text')).toBe('hello to you')
    server.order({ type: 'close', code: 4000, reason: 'done' })
    expect(await client.seen.next('the close')).toEqual([4000, 'done', 'remote'])
    expect(await server.reports.next('its close')).toMatchObject({ type: 'close', code: 4000 })
    expect(await client.seen.next('the end of the stream')).toBe('gone')
    await client.endpoint.close()
  })
})
