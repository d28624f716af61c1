// What an endpoint checks, and how it closes.
import { describe, expect, test } from 'vitest'
import { acceptSocket, acceptUpgrade, drive, Endpoint, type EndpointOptions } from '../../src/adapters/node/index.ts'
import { Connection } from '../../src/connection/index.ts'
import { handshakeOptions } from '../../src/handshake/index.ts'
import { Clock, closeFrame, FakeStream, noHead, text, upgradeRequest } from './fakes.ts'

describe('options', () => {
  test.each<[object, string]>([
    [{ onmessage() {} }, 'the options of an Endpoint: unknown option "onmessage"; did you mean `message`?'],
    [{ maxPayload: 5 }, 'did you mean `limits.maxMessageSize`?'],
    [{ pingInterval: 5 }, 'did you mean `keepalive`?'],
    [{ keepalive: { pingAfter: 5 } }, '`keepalive`: unknown option "pingAfter"'],
    [{ keepalive: true }, '`keepalive` must be `{ interval, timeout }` or false, not true'],
    [{ keepalive: 5000 }, '`keepalive` must be `{ interval, timeout }` or false, not 5000'],
    [{ maxConnections: 5 }, 'unknown option "maxConnections"; did you mean `maxPeers`?'],
    [{ maxClients: 5 }, 'unknown option "maxClients"; did you mean `maxPeers`?'],
    [{ subprotocols: [] }, 'unknown option "subprotocols"; did you mean `handshake.subprotocols`?'],
    [{ origins: [] }, 'unknown option "origins"; did you mean `handshake.origins`?'],
    [{ hosts: [] }, 'unknown option "hosts"; did you mean `handshake.hosts`?'],
    [{ verifyClient() {} }, 'did you mean `handshake.origins`?'],
    [{ perMessageDeflate: true }, 'did you mean `extensions`?'],
    [{ maxHeadFields: 5 }, 'did you mean `limits.maxHeadFields`?'],
    [{ connection() {} }, 'unknown option "connection"; did you mean `open`?'],
    [{ server: {} }, 'an Endpoint does not listen: pass requests to acceptUpgrade'],
    [{ port: 8080 }, 'an Endpoint does not listen: pass requests to acceptUpgrade'],
    [null as never, 'the options of an Endpoint must be an object, not null'],
    [{ handshake: 5 }, '`handshake` must be an object, not 5'],
    [{ handshake: { hosts: 'a.example' } }, '`handshake.hosts` must be an array, not a string'],
    [{ keepalive: { interval: 5, timeout: 0 } }, '`keepalive.timeout` must be a number above 0, not 0'],
    [{ message: 5 }, '`message` must be a function, not a number'],
    [{ pieces: true, message() {} }, '`pieces` delivers pieces: use `event`'],
    [{ handshake: { protocols: [] } }, 'did you mean `subprotocols`?'],
    [{ handshake: { extensions: [] } }, '`handshake.extensions` must not be set'],
    [{ handshake: { limits: {} } }, '`handshake.limits` must not be set'],
    [{ limits: { maxPayload: 1 } }, 'did you mean `maxMessageSize`?'],
    [{ timers: { now: () => 0 } }, '`timers.set` must be a function, not undefined'],
    [{ highWaterMark: 0 }, '`highWaterMark` must be a whole number from 1 on, not 0'],
    [{ maxPeers: 0.5 }, '`maxPeers` must be a whole number from 1 on, not 0.5'],
    [{ maxHandshakes: Number.NaN }, '`maxHandshakes` must be a whole number from 1 on, not NaN'],
    [{ headTimeout: -1 }, '`headTimeout` must be'],
    [{ closeTimeout: Infinity }, '`closeTimeout` must be'],
    [{ headTimeout: Infinity }, '`headTimeout` must be'],
    [{ fragmentSize: 0 }, '`fragmentSize` must be at least 1'],
    [{ extensions: [{}] }, 'extension'],
  ])('%j: %s', (options, message) => {
    expect(() => new Endpoint(options as EndpointOptions)).toThrow(message)
  })

  test('of `close` are checked at once', () => {
    const endpoint = new Endpoint()
    expect(() => endpoint.close({ code: 1006 })).toThrow(RangeError)
    expect(() => endpoint.close({ reason: 'x'.repeat(124) })).toThrow(RangeError)
    expect(() => endpoint.close({ spread: -1 })).toThrow(RangeError)
    expect(() => endpoint.close({ delay: 1 } as object)).toThrow(TypeError)
    expect(endpoint.closing).toBe(false)
  })

  test('of a handshake may be shared, and get the extensions and limits', async () => {
    const stream = new FakeStream()
    const handshake = handshakeOptions({ hosts: ['b.example'] })
    acceptUpgrade(new Endpoint({ handshake, timers: new Clock() }), upgradeRequest, stream, noHead)
    expect(stream.said).toMatch(/^HTTP\/1\.1 421 /)
  })

  test('may be inherited', () => {
    const plain = () => ({ status: 204 })
    expect(new Endpoint(Object.create({ plain })).handlers.plain).toBe(plain)
  })

  test('infers `data`, and creates it for each peer', () => {
    const clock = new Clock()
    const endpoint = new Endpoint({
      timers: clock,
      data: (request) => ({ path: request?.path ?? 'none', count: 0 }),
      message: (peer) => peer.data.count++,
    })
    acceptUpgrade(endpoint, upgradeRequest, new FakeStream(), noHead)
    drive(endpoint, new FakeStream(), new Connection({ role: 'client' }))
    drive(endpoint, new FakeStream(), new Connection({ role: 'client' }), { data: { path: 'given', count: 1 } })
    expect([...endpoint.peers].map(({ data }) => data.path)).toEqual(['/chat', 'none', 'given'])
  })
})

test('a stream that throws ends its own peer only', async () => {
  const clock = new Clock()
  const log: unknown[] = []
  const endpoint = new Endpoint({
    timers: clock,
    error: (error) => log.push((error as Error).message),
    close: (_, { code }) => log.push(code),
  })
  const streams = [new FakeStream(), new FakeStream()]
  const peers = streams.map((stream) => drive(endpoint, stream, new Connection({ role: 'server' })))
  await clock.settle()
  ;(streams[0] as FakeStream).write = () => {
    throw new Error('out of order')
  }
  for (let round = 1; round < 3; round++) {
    for (const peer of peers) peer.send('hi')
    await clock.settle()
    expect(streams[1]?.sent).toBe('81026869')
  }
  expect([streams.map(({ destroyed }) => destroyed), log]).toEqual([
    [true, false],
    ['out of order', 1006],
  ])
})

test('`drive` takes a connection, once', async () => {
  const clock = new Clock()
  const endpoint = new Endpoint({ timers: clock })
  const stream = new FakeStream()
  expect(() => drive(endpoint, stream, { role: 'server' } as never)).toThrow(
    new TypeError('`connection` must be a Connection, not an object'),
  )
  const connection = new Connection({ role: 'server' })
  expect(() => drive({} as never, stream, connection)).toThrow(
    new TypeError('`endpoint` must be an Endpoint, not an object'),
  )
  expect(() => drive(endpoint, stream, connection, { rest: 'text' as never })).toThrow(
    new TypeError('`rest` must be a Uint8Array, not a string'),
  )
  drive(endpoint, stream, connection)
  const other = new FakeStream()
  const given = new TypeError('the connection was already given to an endpoint')
  expect(() => drive(endpoint, other, connection)).toThrow(given)
  stream.destroy()
  await clock.settle()
  expect(() => drive(endpoint, other, connection)).toThrow(given)
  expect([other.eventNames(), endpoint.streams]).toEqual([[], 0])
  await endpoint.close()
})

/** An endpoint with a number of open peers. */
async function opened(count: number, options: EndpointOptions = {}) {
  const clock = new Clock()
  const log: unknown[] = []
  const endpoint = new Endpoint({ timers: clock, close: (_, { code }) => log.push(code), ...options })
  const streams = Array.from({ length: count }, () => new FakeStream())
  for (const stream of streams) acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
  await clock.settle()
  for (const stream of streams) stream.written.length = 0
  let over = false
  const close = (how?: Parameters<Endpoint['close']>[0]): void => {
    void endpoint.close(how).then(() => {
      over = true
    })
  }
  return { clock, log, endpoint, streams, close, isOver: () => over }
}

describe('close', () => {
  test('resolves at once if there is nothing to close', async () => {
    const endpoint = new Endpoint()
    const first = endpoint.close()
    expect(endpoint.close()).toBe(first)
    await first
  })

  test('sends a Close to all, and resolves when all streams have been released', async () => {
    const { clock, log, streams, close, isOver, endpoint } = await opened(2)
    close({ code: 4000, reason: 'bye' })
    await clock.settle()
    expect(streams.map((stream) => stream.sent)).toEqual(['88050fa0627965', '88050fa0627965'])
    for (const stream of streams) {
      expect(isOver()).toBe(false)
      stream.data(closeFrame(4000))
      stream.finish()
      await clock.settle()
    }
    expect([isOver(), log, endpoint.peers.size, clock.timers.size]).toEqual([true, [4000, 4000], 0, 0])
  })

  test('resolves within `closeTimeout`, whatever peers do', async () => {
    const { clock, log, streams, close, isOver, endpoint } = await opened(4)
    const [silent, closed, stuck, paused] = streams as [FakeStream, FakeStream, FakeStream, FakeStream]
    closed.data(closeFrame(1000))
    stuck.takes = false
    for (const peer of endpoint.peers) peer.send(new Uint8Array(100_000))
    for (const peer of endpoint.peers) if (peer.stream === paused) peer.pause()
    await clock.settle()
    close()
    for (let time = 0; time < 10_000; time += 1000) {
      expect(isOver()).toBe(false)
      silent.data(text('still here'))
      await clock.advance(1000)
    }
    expect([isOver(), log.sort(), clock.timers.size]).toEqual([true, [1000, 1006, 1006, 1006], 0])
  })

  test('refuses pending handshakes, and later requests', async () => {
    const { clock, endpoint, close, isOver } = await opened(0, { request() {} })
    const [silent, half, waiting, later, bare] = Array.from({ length: 5 }, () => new FakeStream()) as [
      FakeStream,
      FakeStream,
      FakeStream,
      FakeStream,
      FakeStream,
    ]
    acceptSocket(endpoint, silent)
    acceptSocket(endpoint, half)
    half.data('GET / ')
    acceptUpgrade(endpoint, upgradeRequest, waiting, noHead)
    close()
    acceptUpgrade(endpoint, upgradeRequest, later, noHead)
    acceptSocket(endpoint, bare)
    for (const stream of [half, waiting, later, bare]) expect(stream.said).toMatch(/^HTTP\/1\.1 503 /)
    for (const stream of [silent, half, waiting, later]) stream.finish()
    await clock.settle()
    expect(isOver()).toBe(false)
    await clock.advance(10_000)
    expect([isOver(), clock.timers.size]).toEqual([true, 0])
  })

  test('closes a peer that is driven later', async () => {
    const { clock, endpoint, close } = await opened(0)
    close()
    const stream = new FakeStream()
    drive(endpoint, stream, new Connection({ role: 'server' }))
    await clock.settle()
    expect(stream.sent).toBe('880203e9')
  })

  test('spreads its Closes over a window', async () => {
    const { clock, streams, close, isOver } = await opened(5)
    close({ spread: 4000 })
    const closed = (): number => streams.filter(({ written }) => written.length > 0).length
    for (let time = 0; time <= 4000; time += 1000) {
      await clock.settle()
      expect(closed()).toBe(time / 1000 + 1)
      await clock.advance(1000)
    }
    await clock.advance(8_999)
    expect(isOver()).toBe(false)
    await clock.advance(1)
    expect([isOver(), clock.timers.size]).toEqual([true, 0])
  })
})

test('`close` may be called again by a function that it calls', async () => {
  const clock = new Clock()
  const over: string[] = []
  const endpoint: Endpoint = new Endpoint({
    timers: clock,
    request(pending) {
      pending.signal.addEventListener('abort', () => void endpoint.close().then(() => over.push('inner')))
    },
  })
  acceptUpgrade(endpoint, upgradeRequest, new FakeStream(), noHead)
  void endpoint.close().then(() => over.push('outer'))
  await clock.advance(10_000)
  expect([over.sort(), clock.timers.size]).toEqual([['inner', 'outer'], 0])
})
