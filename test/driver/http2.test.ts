// Streams of node:http2 (RFC 8441): the server's side by `acceptHttp2Stream`, the client's by hand.
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type ServerHttp2Stream,
} from 'node:http2'
import { describe, expect, onTestFinished, test } from 'vitest'
import { acceptHttp2Stream, drive, Endpoint, type EndpointOptions, refuse } from '../../src/adapters/node/index.ts'
import { Connection } from '../../src/connection/index.ts'
import { refuseUpgrade } from '../../src/http/index.ts'
import { FakeStream } from './fakes.ts'
import { listen } from './hosts.ts'

const opening = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/chat',
  'sec-websocket-version': '13',
}

interface Started {
  readonly log: unknown[]
  readonly endpoint: Endpoint
  readonly session: ClientHttp2Session
  readonly served: ServerHttp2Stream[]
  request(headers?: object): ClientHttp2Stream
}

/** An HTTP/2 server, and a session with it. */
async function start(options: EndpointOptions = {}): Promise<Started> {
  const log: unknown[] = []
  const served: ServerHttp2Stream[] = []
  const endpoint = new Endpoint({
    message: (peer, data) => peer.send(data),
    close: (_, { code }) => log.push(code),
    gone: () => log.push('gone'),
    ...options,
  })
  const server = createServer({ settings: { enableConnectProtocol: true } })
  server.on('connect', () => {})
  server.on('stream', (stream, headers) => {
    served.push(stream)
    if (!acceptHttp2Stream(endpoint, stream, headers)) stream.respond({ ':status': 404 }, { endStream: true })
  })
  const session = connect(`http://127.0.0.1:${await listen(server as never)}`)
  onTestFinished(() => session.destroy())
  await once(session, 'remoteSettings')
  const request = (headers: object = opening): ClientHttp2Stream => session.request({ ...headers })
  return { log, endpoint, session, served, request }
}

/** Drives our own client over a stream, and reports its messages and its end. */
function converse(stream: ClientHttp2Stream, options: EndpointOptions = {}) {
  const log: unknown[] = []
  let finish = (): void => {}
  const over = new Promise<void>((resolve) => {
    finish = resolve
  })
  const endpoint = new Endpoint({
    message: (_, data) => log.push(data),
    close: (_, { code, clean }) => log.push(code, clean),
    gone: () => finish(),
    ...options,
  })
  const peer = drive(endpoint, stream, new Connection({ role: 'client' }))
  return { log, peer, over }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

test('echoes, and both sides end their stream cleanly', async () => {
  const { request, log, endpoint, served, session } = await start()
  const stream = request()
  const [headers] = await once(stream, 'response')
  expect(headers[':status']).toBe(200)
  const client = converse(stream)
  const big = 'x'.repeat(1_000_000)
  client.peer.send('hello')
  client.peer.send(big)
  await until(() => client.log.length === 2)
  expect(client.log).toEqual(['hello', big])
  client.peer.close(1000)
  await client.over
  await until(() => log.length === 2)
  expect([client.log.slice(2), log]).toEqual([
    [1000, true],
    [1000, 'gone'],
  ])
  expect([stream.rstCode, served[0]?.rstCode, endpoint.streams]).toEqual([0, 0, 0])
  expect(session.destroyed).toBe(false)
})

test('`terminate` resets with CANCEL, and a received reset is an end at once', async () => {
  for (const side of ['server', 'client'] as const) {
    const { request, log, endpoint, served } = await start()
    const stream = request()
    await once(stream, 'response')
    const client = converse(stream)
    client.peer.send('hello')
    await until(() => client.log.length === 1)
    if (side === 'client') client.peer.terminate()
    else for (const peer of endpoint.peers) peer.terminate()
    await client.over
    await until(() => log.length === 2)
    expect([client.log, log]).toEqual([
      ['hello', 1006, false],
      [1006, 'gone'],
    ])
    // CANCEL. Node writes END_STREAM before it, so that the other side may see an end first.
    expect(side === 'client' ? stream.rstCode : served[0]?.rstCode).toBe(8)
  }
})

test('a deadline resets with CANCEL', async () => {
  const { request, log, served } = await start({ closeTimeout: 20 })
  const stream = request()
  await once(stream, 'response')
  for (const side of served) expect(side.destroyed).toBe(false)
  stream.on('data', () => {})
  const closed = once(stream, 'close')
  // A Close, without an end of the stream after it.
  stream.write(Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 3, 0xe8))
  await closed
  await until(() => log.length === 2)
  expect([stream.rstCode, log]).toEqual([8, [1000, 'gone']])
})

test('a destroyed session ends all of its peers', async () => {
  const { request, log, session, endpoint } = await start()
  const streams = [request(), request()]
  await Promise.all(streams.map((stream) => once(stream, 'response')))
  for (const stream of streams) stream.on('error', () => {})
  session.destroy()
  await until(() => log.length === 4)
  expect([log, endpoint.streams]).toEqual([[1006, 'gone', 1006, 'gone'], 0])
})

describe('a request', () => {
  test('for anything else is left unchanged', async () => {
    const { request, endpoint } = await start()
    for (const headers of [{ ':path': '/' }, { ...opening, ':protocol': 'connect-udp' }]) {
      const [{ ':status': status }] = await once(request(headers), 'response')
      expect(status).toBe(404)
    }
    expect(endpoint.streams).toBe(0)
  })

  test('that does not fit the options is refused', async () => {
    const { request } = await start()
    const stream = request({ ...opening, 'sec-websocket-version': '12' })
    const [headers] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'end')
    expect([headers[':status'], headers['sec-websocket-version']]).toEqual([400, '13'])
  })

  test('is refused by `request`, with a body, and its stream is released', async () => {
    const { request, endpoint } = await start({
      request: (pending) => pending.refuse(refuseUpgrade(403)),
      closeTimeout: 20,
    })
    const stream = request()
    const [headers] = await once(stream, 'response')
    const [body] = await once(stream, 'data')
    expect([headers[':status'], String(body)]).toEqual([403, 'Forbidden\n'])
    expect(headers.connection).toBeUndefined()
    await until(() => endpoint.streams === 0)
  })

  test.each([
    ['has no `Upgrade`', { status: 426, reason: '', headers: [], body: '' }],
    ['has a body of another type', { status: 403, headers: [], body: { error: 'no' } }],
    ['has a body that its status forbids', { status: 204, headers: [], body: 'no' }],
    ['has a name that is no token', { status: 403, headers: [['a b', 'c']], body: '' }],
    ['is undefined', undefined],
  ])('is answered with 500 if the refusal %s', async (_, answer) => {
    const errors: unknown[] = []
    const { request } = await start({
      request: (pending) => pending.refuse(answer as never),
      error: (error) => errors.push(error),
    })
    const [{ ':status': status }] = await once(request(), 'response')
    expect([status, errors]).toEqual([500, [expect.any(TypeError)]])
  })

  test('is refused with a status alone', async () => {
    const { request } = await start({ request: (pending) => pending.refuse({ status: 403 } as never) })
    const stream = request()
    const [{ ':status': status }] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'end')
    expect(status).toBe(403)
  })

  test('that is reset while it waits aborts the signal', async () => {
    const aborted = new Promise<void>((resolve) => {
      void start({ request: (pending) => pending.signal.addEventListener('abort', () => resolve()) }).then(
        async ({ request, served }) => {
          const stream = request()
          await until(() => served.length === 1)
          stream.close(8)
        },
      )
    })
    await aborted
  })

  test('that was reset before its answer opens nothing, and breaks nothing', async () => {
    const errors: unknown[] = []
    const answers: unknown[] = []
    const { request, served } = await start({
      async request(pending) {
        served[0]?.close(8)
        answers.push(pending.accept())
        pending.refuse(refuseUpgrade(404))
      },
      error: (error) => errors.push(error),
    })
    const stream = request()
    stream.on('error', () => {})
    await once(stream, 'close')
    expect([answers, errors]).toEqual([[undefined], []])
  })

  test('that Node has answered with 405 is released, and the missing listener is reported once', async () => {
    const errors: unknown[] = []
    const endpoint = new Endpoint({ request: () => expect.unreachable(), error: (error) => errors.push(error) })
    const server = createServer({ settings: { enableConnectProtocol: true } })
    server.on('request', () => {})
    const accepted: boolean[] = []
    server.on('stream', (stream, headers) => accepted.push(acceptHttp2Stream(endpoint, stream, headers)))
    const session = connect(`http://127.0.0.1:${await listen(server as never)}`)
    onTestFinished(() => session.destroy())
    await once(session, 'remoteSettings')
    // The second one would have been refused.
    for (const headers of [opening, { ...opening, 'sec-websocket-version': '12' }]) {
      const stream = session.request(headers)
      const [{ ':status': status }] = await once(stream, 'response')
      expect(status).toBe(405)
      stream.resume().end()
      await once(stream, 'close')
    }
    await until(() => endpoint.streams === 0)
    expect(accepted).toEqual([true, true])
    expect(errors).toEqual([new TypeError('the `connect` listener is missing, so Node has answered 405')])
  })

  test("without its headers is the caller's mistake", () => {
    expect(() => acceptHttp2Stream(new Endpoint(), new FakeStream() as never, undefined as never)).toThrow(
      new TypeError('`headers` must be an object, not undefined'),
    )
  })

  test('is refused from outside', async () => {
    const endpoint = new Endpoint()
    const server = createServer()
    server.on('stream', (stream) => refuse(endpoint, stream, refuseUpgrade(404)))
    const session = connect(`http://127.0.0.1:${await listen(server as never)}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':path': '/' })
    const [{ ':status': status }] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'close')
    expect([status, stream.rstCode]).toEqual([404, 0])
    await until(() => endpoint.streams === 0)
  })
})
