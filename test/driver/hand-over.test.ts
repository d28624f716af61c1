// A peer that moves to another endpoint: at every byte, with pending output and input, over real sockets.

import { once } from 'node:events'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Duplex } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { socketHandlers } from '../../src/adapters/bun/index.ts'
import {
  type AnyPeer,
  acceptHttp2Stream,
  attach,
  connectHttp2Stream,
  type DetachedPeer,
  type DuplexLike,
  detach,
  drained,
  drive,
  Endpoint,
  messageStream,
  sent,
  stopReading,
} from '../../src/adapters/node/index.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { Connection, type ConnectionSnapshot, snapshotConnection } from '../../src/connection/index.ts'
import {
  acceptHandshake,
  type DefinedExtension,
  defineExtension,
  offerHandshake,
  permessageDeflate,
  toHttp2Headers,
  verifyHandshake,
} from '../../src/index.ts'
import { toDuplex } from '../../src/streams/index.ts'
import { FakeSocket } from '../adapters/bun/fakes.ts'
import { Clock, closeFrame, FakeStream, frame, text } from './fakes.ts'
import { listenHttp, listenNet, listenTls } from './hosts.ts'
import { open } from './opened.ts'

const big = new Uint8Array(70_000)

/** A snapshot as it arrives in another process. */
const copied = (snapshot: ConnectionSnapshot | undefined): ConnectionSnapshot => JSON.parse(JSON.stringify(snapshot))

async function moved(promise: Promise<DetachedPeer | undefined>): Promise<DetachedPeer> {
  const detached = await promise
  if (detached === undefined) throw new Error('it was not moved')
  return detached
}

/** The current outcome of a promise. */
async function stateOf(promise: Promise<unknown>, clock: Clock): Promise<string> {
  let state = 'pending'
  promise.then(
    (value) => {
      state = value === undefined ? 'not moved' : 'moved'
    },
    (error) => {
      state = String(error.message)
    },
  )
  await clock.settle()
  return state
}

function listenersOf(stream: FakeStream): number {
  return stream.eventNames().reduce((sum, name) => sum + stream.listenerCount(name), 0)
}

describe('a peer that leaves', () => {
  test('leaves its stream open, paused and without a listener; its endpoint no longer uses it', async () => {
    const { peer, stream, endpoint, clock, log } = await open()
    const { snapshot, rest, ...detached } = await moved(detach(peer))
    expect(detached).toEqual({ stream })
    expect([snapshot.role, rest.length]).toEqual(['server', 0])
    expect([listenersOf(stream), stream.flowing, stream.ended, stream.destroyed]).toEqual([0, false, false, false])
    expect([log, endpoint.peers.size, peer.closed]).toEqual([['gone'], 0, undefined])
    await endpoint.close()
    expect([clock.timers.size, stream.destroyed, stream.sent]).toEqual([0, false, ''])
  })

  test('does nothing any more, whatever is called', async () => {
    const { peer, stream, clock, log } = await open()
    await detach(peer)
    peer.pause()
    peer.resume()
    expect([peer.send('a'), peer.ping(), peer.pong(), peer.close(1000), peer.writable]).toEqual([
      false,
      false,
      false,
      false,
      false,
    ])
    peer.terminate()
    await clock.advance(100_000)
    expect([stream.sent, stream.destroyed, stream.flowing, log]).toEqual(['', false, false, ['gone']])
  })

  test('even if the user has paused; bytes that arrive in spite of the pause are received', async () => {
    const { peer, log } = await open()
    peer.pause()
    const leaving = detach(peer)
    await Promise.resolve() // it is quiet now
    const { snapshot, rest } = await moved(leaving)
    expect([log, rest.length, snapshot.role]).toEqual([['gone'], 0, 'server'])

    const held = await open()
    held.stream.takes = false
    held.peer.send('a')
    await held.clock.settle()
    const second = detach(held.peer)
    await held.clock.settle()
    expect(held.stream.flowing).toBe(false)
    held.stream.data(text('b'))
    expect(held.log).toEqual(['b'])
    held.stream.take()
    expect((await moved(second)).rest.length).toBe(0)
  })

  test('takes along the bytes that came with the head, and those read but not delivered', async () => {
    const { peer, clock } = await open({ open: (opened) => opened.pause() }, text('a'))
    const { rest, snapshot } = await moved(detach(peer))
    expect(rest).toEqual(new Uint8Array(text('a')))

    const log: unknown[] = []
    const message = (_: AnyPeer, data: unknown): number => log.push(data)
    const first = drive(new Endpoint({ timers: clock, message }), new FakeStream(), new Connection({ role: 'server' }))
    await clock.settle()
    const many = Array.from({ length: 20_000 }, (_, n) => `${n}`)
    // More than one turn handles.
    ;(first.stream as FakeStream).data(...many.map(text))
    const leaving = moved(detach(first))
    await Promise.resolve()
    expect(log.length).toBeLessThan(20_000)
    const detached = await leaving
    attach(new Endpoint({ timers: clock, message }), new FakeStream(), copied(detached.snapshot))
    await clock.settle()
    expect([log, snapshot.role]).toEqual([many, 'server'])
  })

  test('takes along unwritten output; its `written` functions get an error', async () => {
    const { peer, stream, clock } = await open()
    stream.takes = false
    const told: unknown[] = []
    const written = (error?: Error): number => told.push(error?.message ?? 'written')
    peer.send(big, { written })
    await clock.settle()
    peer.send('unsent', { written })
    const done = drained(peer)
    const leaving = detach(peer)
    expect(await stateOf(leaving, clock)).toBe('pending')
    peer.send('later', { written })
    stream.take()
    const { snapshot } = await moved(leaving)
    await done
    expect(told).toEqual(['written', 'not written: the WebSocket has ended', 'not written: the WebSocket has ended'])
    const next = new FakeStream()
    attach(new Endpoint({ timers: clock }), next, copied(snapshot))
    await clock.settle()
    expect(next.said).toBe('\x81\x06unsent\x81\x05later')
  })

  test('in the middle of a frame of output', async () => {
    const { peer, stream, clock } = await open()
    stream.takes = false
    peer.send(new Uint8Array(300_000)) // more than one write
    await clock.settle()
    const leaving = detach(peer)
    await clock.settle()
    stream.take()
    const { snapshot } = await moved(leaving)
    const [first] = stream.written as [Uint8Array]
    expect(first.length).toBe(262_144)
    const next = new FakeStream()
    attach(new Endpoint({ timers: clock }), next, copied(snapshot))
    await clock.settle()
    expect(next.written.map(({ length }) => length)).toEqual([300_000 + 10 - 262_144])
  })

  test('waits for a large message that is being compressed', async () => {
    const extensions = [permessageDeflate({ codec: zlib })]
    const { client, server, clock, stream } = await openDeflate(extensions)
    stream.takes = true
    const message = 'abc '.repeat(200_000)
    server.send(message)
    server.send('') // after it
    const { snapshot } = await moved(detachNow(server, clock))
    const next = new FakeStream()
    attach(new Endpoint({ timers: clock, extensions }), next, copied(snapshot))
    await clock.settle()
    const events = [...stream.written, ...next.written].flatMap((chunk) => receiveAll(client, chunk))
    expect(events).toEqual([message, ''])
  })

  test('keepalive does not judge it while it leaves', async () => {
    const { peer, stream, clock, log } = await open({ keepalive: { interval: 1000, timeout: 1000 } })
    stream.takes = false
    peer.send('a')
    await clock.settle()
    const leaving = detach(peer)
    await clock.advance(9_000)
    expect(log).toEqual([])
    stream.take()
    expect((await moved(leaving)).stream).toBe(stream)
  })
})

describe('a peer that cannot leave', () => {
  test('because it does not read: after `closeTimeout` it continues', async () => {
    const { peer, stream, clock, log } = await open({ closeTimeout: 3000 })
    stream.takes = false
    peer.send('a')
    await clock.settle()
    peer.send('b')
    const leaving = detach(peer)
    await clock.advance(2999)
    expect(await stateOf(leaving, clock)).toBe('pending')
    await clock.advance(1)
    expect(await leaving).toBe(undefined)
    expect([stream.flowing, listenersOf(stream)]).toEqual([true, 4])
    stream.data(text('c'))
    stream.take()
    await clock.settle()
    expect([log, stream.said]).toEqual([['c'], '\x81\x01a\x81\x01b'])
    // At another time it can.
    stream.take()
    expect((await moved(detach(peer))).stream).toBe(stream)
  })

  test.each<[string, (opened: Awaited<ReturnType<typeof open>>) => unknown]>([
    ['close', ({ peer }) => peer.close(1000)],
    ['terminate', ({ peer }) => peer.terminate()],
    ['their Close', ({ stream }) => stream.data(closeFrame(1000))],
    ['an error of the peer', ({ stream }) => stream.data(frame(3))],
    ['their end', ({ stream }) => stream.finish()],
    ['a reset', ({ stream }) => stream.destroy()],
    ['the end of the endpoint', ({ endpoint }) => void endpoint.close()],
  ])('because its WebSocket ends: by %s, before and during the move', async (_, end) => {
    for (const isBefore of [true, false]) {
      const opened = await open()
      const { peer, stream, clock, log, endpoint } = opened
      stream.takes = false
      peer.send('a')
      await clock.settle()
      if (isBefore) end(opened)
      const leaving = detach(peer)
      await clock.settle()
      if (!isBefore) end(opened)
      stream.takes = true
      stream.take()
      expect(await leaving).toBe(undefined)
      stream.data(closeFrame(1000))
      await clock.advance(30_000)
      expect([peer.closed !== undefined, log.at(-1), stream.destroyed]).toEqual([true, 'gone', true])
      await endpoint.close()
      expect(clock.timers.size).toBe(0)
    }
  })

  test('because an extension has no snapshot', async () => {
    const x = defineExtension({
      name: 'x',
      rsv: 0,
      offer: () => [],
      accept: () => undefined,
      verify: () => undefined,
      open: () => ({ encode: (piece: Uint8Array) => piece, decode: (piece: Uint8Array) => piece as never }),
    }) as unknown as DefinedExtension
    const clock = new Clock()
    const endpoint = new Endpoint({ timers: clock })
    const stream = new FakeStream()
    const agreement = { subprotocol: undefined, extensions: [{ name: 'x', params: undefined }] }
    const peer = drive(endpoint, stream, new Connection({ role: 'server', agreement, extensions: [x] }))
    expect(await stateOf(detach(peer), clock)).toBe('not moved')
    expect(peer.send('a')).toBe(true)
    await clock.settle()
    expect(stream.sent).toBe('810161')
  })

  test('because of its caller', async () => {
    const { peer } = await open()
    await expect(detach({} as AnyPeer)).rejects.toThrow(new TypeError('`peer` must be a Peer, not an object'))
    const first = detach(peer)
    await expect(detach(peer)).rejects.toThrow(new TypeError('this peer was detached or is being detached'))
    await moved(first)
    await expect(detach(peer)).rejects.toThrow(new TypeError('this peer was detached or is being detached'))
    const other = await open()
    messageStream(other.peer, { Duplex })
    await expect(detach(other.peer)).rejects.toThrow('a peer with a messageStream cannot be detached')
  })

  test('cannot get a message stream, which would never end, neither during nor after the move', async () => {
    const { peer, stream, clock } = await open()
    const leaving = detach(peer)
    const message = 'a detached peer has no messages for a stream'
    expect(() => messageStream(peer, { Duplex })).toThrow(new TypeError(message))
    const { snapshot } = await moved(leaving)
    expect(() => messageStream(peer, { Duplex })).toThrow(new TypeError(message))
    // The WebSocket continues, and can have one there.
    const next = attach(new Endpoint({ timers: clock }), stream, snapshot)
    const messages = messageStream(next, { Duplex })
    const read = once(messages, 'data')
    stream.data(text('a'))
    await clock.settle()
    expect((await read)[0]).toBe('a')
  })

  test('a message stream of a peer that has ended, and is gone, ends', async () => {
    const { peer, stream, clock } = await open()
    stream.data(closeFrame(1000))
    stream.finish()
    await clock.settle()
    expect(peer.closed?.clean).toBe(true)
    const messages = messageStream(peer, { Duplex })
    messages.resume()
    await once(messages, 'end')
  })

  test('resolves `drained` at once, even with output that is sent elsewhere', async () => {
    const { peer, stream } = await open({ highWaterMark: 1 })
    stream.takes = false
    peer.send('a')
    peer.send(big)
    const leaving = detach(peer)
    const first = drained(peer)
    stream.takes = true
    stream.take()
    await moved(leaving)
    await Promise.all([first, drained(peer)])
    expect(peer.full).toBe(false)
  })
})

describe('attach', () => {
  test('names what is wrong, and leaves the stream unchanged', async () => {
    const endpoint = new Endpoint({ timers: new Clock() })
    const snapshot = snapshotConnection(new Connection({ role: 'server' })) as ConnectionSnapshot
    const stream = new FakeStream()
    const wrong: [unknown[], string][] = [
      [[{}, stream, snapshot], '`endpoint` must be an Endpoint, not an object'],
      [[endpoint, {}, snapshot], 'the stream must be a Node Duplex, not an object'],
      [[endpoint, stream, undefined], 'the snapshot must be an object, not undefined'],
      [[endpoint, stream, { ...snapshot, format: 1 }], 'a snapshot must have format 3, not 1'],
      [[endpoint, stream, { ...snapshot, role: 'proxy' }], "`role` must be 'client' or 'server'"],
      [
        [endpoint, stream, snapshot, { resst: big }],
        'the options of attach: unknown option "resst"; did you mean `rest`?',
      ],
      // What JSON converts bytes to.
      [[endpoint, stream, snapshot, { rest: { 0: 129 } }], '`rest` must be a Uint8Array, not an object'],
      [[new Endpoint({ text: 'bytes' }), stream, snapshot], 'taken with another `text`, `pieces` or `role`'],
    ]
    for (const [args, message] of wrong) {
      const call = (): unknown => attach(...(args as Parameters<typeof attach>))
      expect(call).toThrow(TypeError)
      expect(call).toThrow(message)
    }
    expect([listenersOf(stream), endpoint.peers.size]).toEqual([0, 0])
    attach(endpoint, stream, snapshot)
    expect(() => attach(endpoint, stream, snapshot)).toThrow('the stream was already given to an endpoint')
  })

  test('lets the stream read only when nothing can throw any more', async () => {
    const { snapshot } = await moved(detach((await open()).peer))
    const handle = { reading: false, readStart: (): void => {} }
    const stream = Object.assign(new FakeStream(), { _handle: handle })
    const data = (): never => {
      throw new Error('mine')
    }
    expect(() => attach(new Endpoint({ timers: new Clock(), data }), stream, snapshot)).toThrow('mine')
    expect([handle.reading, listenersOf(stream)]).toEqual([false, 0])
    attach(new Endpoint({ timers: new Clock() }), stream, snapshot)
    expect(handle.reading).toBe(true)
  })

  test('gives the new peer its options, and reads nothing while it is paused', async () => {
    const { peer, stream, clock } = await open()
    const { snapshot } = await moved(detach(peer))
    const log: unknown[] = []
    const endpoint = new Endpoint<{ name: string }>({
      timers: clock,
      open: ({ data, request, agreement }) => log.push(data, request?.path, agreement),
      message: (_, data) => log.push(data),
    })
    const { request } = peer
    const data = { name: 'Ada' }
    const next = attach(endpoint, stream, copied(snapshot), { data, request, rest: text('a'), paused: true })
    await clock.settle()
    expect(log).toEqual([data, '/chat', peer.agreement])
    next.resume()
    await clock.settle()
    expect(log.slice(3)).toEqual(['a'])
  })

  test('a client remains a client', async () => {
    const clock = new Clock()
    const snapshot = snapshotConnection(new Connection({ role: 'client' })) as ConnectionSnapshot
    const stream = new FakeStream()
    const log: unknown[] = []
    const endpoint = new Endpoint({ timers: clock, message: (_, data) => log.push(data) })
    const peer = attach(endpoint, stream, copied(snapshot))
    peer.send('a')
    await clock.settle()
    stream.data('\x81\x01b')
    expect([peer.connection.role, stream.written[0]?.[1], log]).toEqual(['client', 0x81, ['b']]) // masked, one byte
  })

  test('to a closing endpoint sends a Close', async () => {
    const { peer, stream, clock } = await open()
    const { snapshot } = await moved(detach(peer))
    const endpoint = new Endpoint({ timers: clock })
    void endpoint.close()
    attach(endpoint, stream, snapshot)
    await clock.settle()
    expect(stream.sent).toBe('880203e9')
  })
})

/** A client's connection and a server's peer that compress, the server over a fake stream. */
async function openDeflate(extensions: readonly DefinedExtension[]) {
  const offer = offerHandshake('ws://a.example/', { extensions })
  const accepted = acceptHandshake(offer.request, { extensions })
  if (!accepted.ok) throw new Error('not accepted')
  const verified = verifyHandshake(accepted.response, offer)
  if (!verified.ok) throw new Error('not verified')
  const client = new Connection({ role: 'client', agreement: verified, extensions })
  const clock = new Clock()
  const log: unknown[] = []
  const endpoint = new Endpoint({ timers: clock, extensions, message: (_, data) => log.push(data) })
  const stream = new FakeStream()
  const connection = new Connection({ role: 'server', agreement: accepted, extensions })
  const server = drive(endpoint, stream, connection)
  await clock.settle()
  return { client, server, clock, stream, log }
}

/** Detaches a peer, and runs everything that is due soon. */
function detachNow(peer: AnyPeer, clock: Clock): Promise<DetachedPeer | undefined> {
  const leaving = detach(peer)
  return clock.settle().then(() => leaving)
}

function receiveAll(connection: Connection, chunk: Uint8Array): unknown[] {
  const events = [...connection.receive(chunk)]
  while (connection.hasPending) events.push(...connection.receive(new Uint8Array(0)))
  return events.map((event) => ('data' in event ? event.data : event))
}

describe('at every byte', () => {
  /** The bytes that a client sends, and their messages. */
  const parts = (client: Connection, compress: boolean): Uint8Array => {
    for (const data of ['Hello', 'Hello Hello', 'Käse 世界', 'x'.repeat(200)]) client.sendText(data, { compress })
    client.send({ type: 'text', data: 'Hello', first: true, last: false }, { compress })
    client.ping('between')
    client.send({ type: 'text', data: ' again', first: false, last: true })
    client.sendBinary(Uint8Array.of(1, 2, 3))
    return client.takeOutput() as Uint8Array
  }
  const expected = ['Hello', 'Hello Hello', 'Käse 世界', 'x'.repeat(200), 'Hello again', new Uint8Array([1, 2, 3])]

  test.each<[string, readonly DefinedExtension[], boolean]>([
    ['without extensions', [], false],
    ['with permessage-deflate', [permessageDeflate({ codec: zlib, threshold: 0 })], true],
    [
      'without context takeover',
      [
        permessageDeflate({
          codec: zlib,
          threshold: 0,
          serverNoContextTakeover: true,
          clientNoContextTakeover: true,
        }),
      ],
      true,
    ],
    ['agreed on and not used', [permessageDeflate({ codec: zlib })], false],
  ])('%s: every message once, in order, and every answer', async (_, extensions, compress) => {
    let waited = 0
    const { client: sizes } = await openDeflate(extensions)
    const size = parts(sizes, compress).length
    for (let at = 0; at <= size; at++) {
      const { client, server, clock, stream, log } = await openDeflate(extensions)
      const bytes = parts(client, compress)
      const answers: unknown[] = []
      const collect = (from: FakeStream): void => {
        for (const chunk of from.written.splice(0)) answers.push(...receiveAll(client, chunk))
      }
      server.send('before', { compress })
      stream.data(bytes.subarray(0, at))
      const leaving = detach(server)
      let used = at
      // In the middle of a compressed message it waits for its end.
      while ((await stateOf(leaving, clock)) === 'pending') {
        waited++
        stream.data(bytes.subarray(used, ++used))
      }
      const { snapshot, rest } = await moved(leaving)
      collect(stream)
      const next = new FakeStream()
      const endpoint = new Endpoint({ timers: clock, extensions, message: (_, data) => log.push(data) })
      const peer = attach(endpoint, next, copied(snapshot), { rest })
      await clock.settle()
      next.data(bytes.subarray(used))
      peer.send('before and after', { compress })
      await clock.settle()
      collect(next)
      expect(log).toEqual(expected)
      const texts = answers.filter((answer) => typeof answer === 'string')
      expect([texts, answers.length]).toEqual([['before', 'before and after'], 3]) // and a pong
    }
    expect(waited > 0).toBe(compress)
  })
})

describe('over real sockets, between two endpoints of a process', () => {
  const hosts = [
    ['node:net', 'ws', listenNet],
    ['node:http', 'ws', listenHttp],
    ['node:tls', 'wss', listenTls],
  ] as const

  test.each(hosts)('%s: back and forth, while messages arrive', async (_, scheme, listenOn) => {
    const extensions = [permessageDeflate({ codec: zlib, threshold: 0 })]
    const message = (peer: AnyPeer, data: unknown): boolean => peer.send(data as string)
    const endpoints = [new Endpoint({ extensions, message }), new Endpoint({ extensions, message })] as const
    const port = await listenOn(endpoints[0])
    const client = new WebSocket(`${scheme}://127.0.0.1:${port}/`, { rejectUnauthorized: false })
    await once(client, 'open')
    const answers: string[] = []
    let send = 0
    const all = new Promise<void>((resolve) => {
      client.on('message', (data) => {
        answers.push(String(data))
        if (answers.length === 1000) resolve()
      })
    })
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 50; i++) client.send(`message ${send++}`)
      const [from, to] = round % 2 === 0 ? endpoints : [endpoints[1], endpoints[0]]
      const [peer] = from.peers
      const { stream, snapshot, rest } = await moved(detach(peer as AnyPeer))
      // Bytes that arrive while nobody reads are kept.
      await new Promise((resolve) => setImmediate(resolve))
      attach(to, stream, copied(snapshot), { rest })
    }
    await all
    expect(answers).toEqual(Array.from({ length: 1000 }, (_, n) => `message ${n}`))
    client.close()
    await once(client, 'close')
    await Promise.all(endpoints.map((endpoint) => endpoint.close()))
  })

  test('node:http2', async () => {
    const endpoints = [0, 1].map(() => new Endpoint({ message: (peer, data) => peer.send(data) }))
    const [first, second] = endpoints as [Endpoint, Endpoint]
    const server = createHttp2Server({ settings: { enableConnectProtocol: true } })
    server.on('stream', (stream, headers) => acceptHttp2Stream(first, stream, headers))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    onTestFinished(() => {
      session.destroy()
      server.close()
    })
    await once(session, 'remoteSettings')
    const offer = offerHandshake('ws://127.0.0.1/', { httpVersion: '2' })
    const answers: unknown[] = []
    const closed: number[] = []
    const clients = new Endpoint({
      message: (_, data) => answers.push(data),
      close: (_, { code }) => closed.push(code),
    })
    const stream = session.request(toHttp2Headers(offer.request), { endStream: false })
    const client = await connectHttp2Stream(clients, stream, offer)
    await sent(client, 'a')
    const [peer] = first.peers
    const detached = await moved(detach(peer as AnyPeer))
    client.send('b')
    attach(second, detached.stream, copied(detached.snapshot), { rest: detached.rest })
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(answers).toEqual(['a', 'b'])
    client.close(1000)
    while (closed.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([clients, first, second].map((endpoint) => endpoint.close()))
    expect(closed).toEqual([1000])
  })
})

test('over a pair of WHATWG streams', async () => {
  const [up, down] = [new TransformStream<Uint8Array, Uint8Array>(), new TransformStream<Uint8Array, Uint8Array>()]
  const options = { message: (peer: AnyPeer, data: unknown) => peer.send(data as string) }
  const [first, second] = [new Endpoint(options), new Endpoint(options)]
  const [writer, reader] = [up.writable.getWriter(), down.readable.getReader()]
  const answer = async (): Promise<string> => Buffer.from((await reader.read()).value ?? []).toString('latin1')
  const stream = toDuplex({ readable: up.readable, writable: down.writable })
  const peer = drive(first, stream, new Connection({ role: 'server' }))
  void writer.write(text('a'))
  expect(await answer()).toBe('\x81\x01a')
  const detached = await moved(detach(peer))
  void writer.write(text('b'))
  await new Promise((resolve) => setImmediate(resolve))
  attach(second, detached.stream, detached.snapshot, { rest: detached.rest })
  expect(await answer()).toBe('\x81\x01b')
  void writer.write(closeFrame(1000))
  expect(await answer()).toBe('\x88\x02\x03\xe8')
  void writer.close()
  await Promise.all([first.close(), second.close()])
})

test('over a Bun socket', async () => {
  const log: unknown[] = []
  const message = (_: AnyPeer, data: unknown): number => log.push(data)
  const second = new Endpoint({ message })
  const leaving: Promise<DetachedPeer | undefined>[] = []
  const socket = new FakeSocket(
    socketHandlers((stream) => {
      const peer = drive(new Endpoint({ message }), stream, new Connection({ role: 'server' }))
      leaving.push(detach(peer))
    }),
  )
  const { stream, snapshot, rest } = await moved(leaving[0] as Promise<DetachedPeer>)
  socket.receive(...text('a')) // in spite of the pause
  attach(second, stream, snapshot, { rest })
  while (log.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect([log, socket.isClosed]).toEqual([['a'], false])
  socket.receive(...closeFrame(1000))
  socket.receiveEnd()
  await second.close()
  expect([socket.taken, socket.isClosed]).toEqual([[0x88, 2, 3, 0xe8], true])
})

test("stopReading returns what a stream has read, and pauses one without Node's handle", async () => {
  const duplex = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
  duplex.push(Buffer.from('ab'))
  duplex.push(Buffer.from('c'))
  expect(new TextDecoder().decode(stopReading(duplex as DuplexLike))).toBe('abc')
  expect([duplex.isPaused(), stopReading(new FakeStream()).length]).toEqual([true, 0])
})
