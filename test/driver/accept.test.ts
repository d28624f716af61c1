// Requests until they are answered, over fake streams and time.
import { describe, expect, test } from 'vitest'
import {
  acceptHttp2Stream,
  acceptSocket,
  acceptUpgrade,
  Endpoint,
  type EndpointOptions,
  type Pending,
  type RefusedRequest,
  refuse,
} from '../../src/adapters/node/index.ts'
import { refuseUpgrade } from '../../src/http/index.ts'
import { Clock, FakeStream, granted, noHead, opening, text, upgradeRequest } from './fakes.ts'

function start<Data>(options: EndpointOptions<Data> = {}) {
  const clock = new Clock()
  const log: unknown[] = []
  const endpoint = new Endpoint<Data>({
    timers: clock,
    message: (_, data) => log.push(data),
    close: (_, { code }) => log.push(code),
    gone: () => log.push('gone'),
    error: (error) => log.push(error),
    ...options,
  })
  return { clock, log, endpoint, stream: new FakeStream() }
}

const status = (stream: FakeStream): string => stream.said.split('\r\n')[0] as string

describe('acceptUpgrade', () => {
  test('writes the 101, then reads the bytes that came with the head', async () => {
    const { clock, log, endpoint, stream } = start({ open: (peer) => peer.send('!') })
    acceptUpgrade(endpoint, upgradeRequest, stream, text('glued'))
    expect(stream.said).toBe(granted)
    expect([...endpoint.peers]).toHaveLength(1)
    await clock.settle()
    stream.data(text('next'))
    expect(log).toEqual(['glued', 'next'])
    expect(stream.sent).toBe('810121')
  })

  test('reads a stream that was paused', async () => {
    const { clock, endpoint, stream } = start()
    stream.pause()
    acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
    await clock.settle()
    expect(stream.flowing).toBe(true)
  })

  test('loses no byte of a stream that flows in spite of `pause`', async () => {
    const { clock, log, endpoint, stream } = start()
    acceptUpgrade(endpoint, upgradeRequest, stream, text('1'))
    stream.data(text('2'))
    stream.data(text('3'))
    await clock.settle()
    expect(log).toEqual(['1', '2', '3'])
  })

  test('answers a request for anything else with `plain`, or with the refusal of the handshake', async () => {
    const plain = { ...upgradeRequest, rawHeaders: ['Host', 'a.example', 'Connection', 'Upgrade', 'Upgrade', 'h2c'] }
    const one = start()
    acceptUpgrade(one.endpoint, plain, one.stream, noHead)
    expect(status(one.stream)).toBe('HTTP/1.1 426 Upgrade Required')
    const other = start({
      plain: ({ path }) => ({ status: 200, body: path }),
      request: () => expect.unreachable(),
    })
    acceptUpgrade(other.endpoint, plain, other.stream, noHead)
    const fields = 'Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n'
    expect(other.stream.said).toBe(`HTTP/1.1 200 OK\r\n${fields}\r\n/chat`)
    await other.clock.settle()
    expect([other.stream.ended, other.stream.flowing]).toEqual([true, true])
  })

  test.each(['0.9', '2.0'])(
    'answers a request over HTTP/%s, which Node’s parser lets pass, with 505',
    (httpVersion) => {
      const { endpoint, stream } = start()
      acceptUpgrade(endpoint, { ...upgradeRequest, httpVersion }, stream, noHead)
      expect(status(stream)).toBe('HTTP/1.1 505 HTTP Version Not Supported')
    },
  )

  test('answers a head that cannot be read', () => {
    const { endpoint, stream } = start()
    acceptUpgrade(endpoint, { ...upgradeRequest, url: '/a b' }, stream, noHead)
    expect(status(stream)).toBe('HTTP/1.1 400 Bad Request')
  })

  test('does nothing to a destroyed socket', async () => {
    const { clock, log, endpoint, stream } = start({ request: () => expect.unreachable() })
    stream.destroy()
    acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
    await endpoint.close()
    expect([log, clock.timers.size]).toEqual([[], 0])
  })

  test('rejects a socket that it already has, and anything that is not a socket', () => {
    const { endpoint, stream } = start()
    acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
    expect(() => acceptSocket(endpoint, stream)).toThrow(new TypeError('the stream was already given to an endpoint'))
    expect(() => acceptSocket(endpoint, {} as FakeStream)).toThrow(
      new TypeError('the stream must be a Node Duplex, not an object'),
    )
    expect(endpoint.streams).toBe(1)
  })
})

test('the endpoint must be an Endpoint and `head` must be passed; otherwise nothing is taken over', () => {
  const { endpoint, stream } = start()
  const wrong = new TypeError('`endpoint` must be an Endpoint, not an object')
  const literal = { message() {} } as unknown as typeof endpoint
  expect(() => acceptUpgrade(literal, upgradeRequest, stream, noHead)).toThrow(wrong)
  expect(() => acceptSocket(literal, stream)).toThrow(wrong)
  expect(() => refuse(literal, stream, refuseUpgrade(404))).toThrow(wrong)
  expect(() => acceptUpgrade(endpoint, upgradeRequest, stream, undefined as never)).toThrow(
    new TypeError('`head` must be a Uint8Array, not undefined'),
  )
  expect([stream.eventNames(), endpoint.streams]).toEqual([[], 0])
})

describe('acceptSocket', () => {
  test.each([1, 7, 1000])('reads a head in chunks of %i bytes', async (size) => {
    const { clock, log, endpoint, stream } = start()
    acceptSocket(endpoint, stream)
    const bytes = Buffer.concat([Buffer.from(opening), text('glued')])
    for (let at = 0; at < bytes.length; at += size) stream.data(bytes.subarray(at, at + size))
    expect(stream.said).toBe(granted)
    await clock.settle()
    expect(log).toEqual(['glued'])
  })

  test('releases a silent socket after `headTimeout`', async () => {
    const { clock, endpoint, stream } = start()
    acceptSocket(endpoint, stream)
    await clock.advance(9_999)
    expect(stream.destroyed).toBe(false)
    await clock.advance(1)
    expect([stream.destroyed, stream.said, endpoint.streams]).toEqual([true, '', 0])
  })

  test('answers half a head with 408 then, however it arrives', async () => {
    const { clock, endpoint, stream } = start({ headTimeout: 500, closeTimeout: 300 })
    acceptSocket(endpoint, stream)
    for (let i = 0; i < 5; i++) {
      stream.data(opening.slice(i, i + 1))
      await clock.advance(100)
    }
    expect(status(stream)).toBe('HTTP/1.1 408 Request Timeout')
    await clock.advance(299)
    expect(stream.destroyed).toBe(false)
    await clock.advance(1)
    expect([stream.destroyed, endpoint.streams]).toEqual([true, 0])
  })

  test('answers a head that cannot be read, and drops the rest', async () => {
    const { clock, endpoint, stream } = start()
    acceptSocket(endpoint, stream)
    stream.data('GET  / HTTP/1.1\r\n\r\n')
    expect(status(stream)).toBe('HTTP/1.1 400 Bad Request')
    stream.data('more')
    await clock.settle()
    stream.finish()
    expect([stream.destroyed, endpoint.streams, clock.timers.size]).toEqual([true, 0, 0])
  })

  test.each<[string, (stream: FakeStream) => void]>([
    ['ends', (stream) => stream.finish()],
    ['resets', (stream) => stream.emit('error', new Error('ECONNRESET'))],
    ['closes', (stream) => stream.destroy()],
  ])('releases a socket whose peer %s in the head', async (_, end) => {
    const { clock, log, endpoint, stream } = start()
    acceptSocket(endpoint, stream)
    stream.data('GET / HT')
    end(stream)
    await clock.settle()
    expect([stream.destroyed, endpoint.streams, clock.timers.size, log]).toEqual([true, 0, 0, []])
    stream.emit('error', new Error('a late one ends no process'))
  })
})

describe('options for one request', () => {
  const own = { data: 'own', headers: { 'X-Own': 'a' } }
  const head = {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':authority': 'a.example',
    ':path': '/chat',
    'sec-websocket-version': '13',
  }
  const carriers: Record<string, (endpoint: Endpoint<string>, stream: FakeStream, options?: object) => unknown> = {
    acceptUpgrade: (endpoint, stream, options) => acceptUpgrade(endpoint, upgradeRequest, stream, noHead, options),
    acceptSocket(endpoint, stream, options) {
      acceptSocket(endpoint, stream, options)
      stream.data(opening)
    },
    acceptHttp2Stream(endpoint, stream, options) {
      const respond = (headers: Record<string, unknown>): void =>
        void stream.write(Buffer.from(Object.entries(headers).join('\r\n')))
      const multiplexed = Object.assign(stream, { headersSent: false, rstCode: 0, respond })
      return acceptHttp2Stream(endpoint, multiplexed as never, head, options)
    },
  }
  const names = Object.keys(carriers)

  test.each(names)('%s uses them if no function decides', (name) => {
    const { endpoint, stream } = start<string>({ data: () => 'default' })
    carriers[name]?.(endpoint, stream, own)
    expect([...endpoint.peers].map(({ data }) => data)).toEqual(['own'])
    expect(stream.said).toMatch(/x-own(: |,)a/i)
    const other = new FakeStream()
    carriers[name]?.(endpoint, other)
    expect([...endpoint.peers].map(({ data }) => data)).toEqual(['own', 'default'])
    expect(other.said).not.toMatch(/x-own/i)
  })

  test.each(names)('%s: a `request` function that accepts uses them, except those that it passes itself', (name) => {
    const { endpoint, stream } = start<string>({ data: () => 'default', request: (pending) => pending.accept() })
    carriers[name]?.(endpoint, stream, own)
    expect(stream.said).toMatch(/x-own(: |,)a/i)
    const headers = { 'X-Other': 'b' }
    const other = start<string>({ data: () => 'default', request: (pending) => pending.accept({ headers }) })
    carriers[name]?.(other.endpoint, other.stream, own)
    const got = [endpoint, other.endpoint].flatMap(({ peers }) => [...peers].map(({ data }) => data))
    expect(got).toEqual(['own', 'own'])
    const { said } = other.stream
    expect(said).toMatch(/x-other(: |,)b/i)
    expect(said).not.toMatch(/x-own/i)
  })

  test.each(names)('%s: `origins` and `subprotocols` replace those of the endpoint', (name) => {
    const { endpoint, stream } = start<string>({ handshake: { subprotocols: ['a'] } })
    carriers[name]?.(endpoint, stream, { subprotocols: ['b'], origins: 'any' })
    expect([...endpoint.peers].map(({ agreement }) => agreement?.subprotocol)).toEqual([undefined])
  })

  test.each(names)('%s: wrong options throw, and nothing is taken over', (name) => {
    const { endpoint, stream } = start<string>()
    const call = (options: unknown) => () => carriers[name]?.(endpoint, stream, options as object)
    expect(call({ protocols: [] })).toThrow(`the options of ${name}: unknown option "protocols"; did you mean`)
    expect(call(null)).toThrow(`the options of ${name} must be an object, not null`)
    expect([stream.eventNames(), endpoint.streams]).toEqual([[], 0])
  })

  test('fields that cannot be sent are answered with 500, and go to `error`', () => {
    const { endpoint, stream, log } = start()
    acceptUpgrade(endpoint, upgradeRequest, stream, noHead, { headers: { Upgrade: 'x' } })
    expect(status(stream)).toBe('HTTP/1.1 500 Internal Server Error')
    expect(log).toEqual([expect.any(TypeError)])
  })
})

describe('a pending request', () => {
  async function ask(options: EndpointOptions<string> = {}) {
    const found: Pending<string>[] = []
    const started = start<string>({ request: (pending) => void found.push(pending), ...options })
    acceptUpgrade(started.endpoint, upgradeRequest, started.stream, text('early'))
    await started.clock.settle()
    return { ...started, pending: found[0] as Pending<string> }
  }

  test('has its head and its stream, and is accepted later', async () => {
    const { clock, log, pending, stream } = await ask()
    expect([pending.request.path, pending.request.query, pending.stream]).toEqual(['/chat', 'a', stream])
    stream.data(text('more'))
    await clock.advance(9_000)
    expect(stream.written).toEqual([])
    const peer = pending.accept({ data: 'mine', headers: { 'X-A': 'b' } })
    expect(stream.said).toBe(`${granted.slice(0, -2)}X-A: b\r\n\r\n`)
    expect(peer?.data).toBe('mine')
    expect(peer?.request).toBe(pending.request)
    await clock.settle()
    expect(log).toEqual(['early', 'more'])
  })

  test('narrows subprotocols and origins', async () => {
    const { pending, stream } = await ask()
    expect(pending.accept({ origins: 'any', subprotocols: ['a'] })).toBeDefined()
    expect(status(stream)).toBe('HTTP/1.1 101 Switching Protocols')
  })

  test('is refused', async () => {
    const { clock, pending, stream, endpoint } = await ask()
    pending.refuse(refuseUpgrade(404))
    expect(status(stream)).toBe('HTTP/1.1 404 Not Found')
    await clock.advance(10_000)
    expect([stream.destroyed, endpoint.streams]).toEqual([true, 0])
  })

  test('is answered once', async () => {
    const { pending } = await ask()
    pending.refuse(refuseUpgrade(404))
    expect(() => pending.refuse(refuseUpgrade(404))).toThrow('this request was already answered')
    expect(() => pending.accept()).toThrow('this request was already answered')
  })

  test('is answered with 503 after `headTimeout`, and its signal aborts', async () => {
    const { clock, pending, stream, log } = await ask()
    const aborted: unknown[] = []
    pending.signal.addEventListener('abort', () => aborted.push('aborted'))
    await clock.advance(9_999)
    expect([aborted, stream.written]).toEqual([[], []])
    await clock.advance(1)
    expect(aborted).toEqual(['aborted'])
    expect(stream.said).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: \d+\r\n/)
    // That is a race, not a mistake.
    expect(pending.accept()).toBeUndefined()
    pending.refuse(refuseUpgrade(404))
    expect([stream.said, log]).toEqual(['', []])
  })

  test.each<[string, (stream: FakeStream) => void]>([
    ['ends', (stream) => stream.finish()],
    ['resets', (stream) => stream.emit('error', new Error('ECONNRESET'))],
    ['closes', (stream) => stream.destroy()],
  ])('aborts its signal when the client %s', async (_, end) => {
    const { clock, pending, stream, endpoint } = await ask()
    expect(pending.signal.aborted).toBe(false)
    end(stream)
    await clock.settle()
    expect(pending.signal.aborted).toBe(true)
    expect(pending.accept()).toBeUndefined()
    expect([stream.written, stream.destroyed, endpoint.streams, clock.timers.size]).toEqual([[], true, 0, 0])
  })

  test('has an aborted signal, if the signal is read too late', async () => {
    const { pending, stream } = await ask()
    stream.finish()
    expect(pending.signal.aborted).toBe(true)
  })

  test('keeps little of what arrives early', async () => {
    const { stream } = await ask()
    stream.data(new Uint8Array(10_000))
    expect(stream.flowing).toBe(true)
    stream.data(new Uint8Array(10_000))
    expect(stream.flowing).toBe(false)
  })

  test.each<[string, EndpointOptions<string>]>([
    [
      '`request` throws',
      {
        request: () => {
          throw new Error('mine')
        },
      },
    ],
    ['`request` rejects', { request: () => Promise.reject(new Error('mine')) }],
    [
      '`data` throws',
      {
        request: (pending) => pending.accept(),
        data: () => {
          throw new Error('mine')
        },
      },
    ],
    [
      '`subprotocols` throws',
      {
        request: (pending) =>
          pending.accept({
            subprotocols: () => {
              throw new Error('mine')
            },
          }),
      },
    ],
  ])('is answered with 500 when %s', async (_, options) => {
    const { clock, log, stream, endpoint } = await ask(options)
    expect(status(stream)).toBe('HTTP/1.1 500 Internal Server Error')
    expect(log).toEqual([new Error('mine')])
    await clock.advance(10_000)
    expect(endpoint.streams).toBe(0)
  })

  test('is answered with 500 if the answer cannot be sent', async () => {
    const { log, stream } = await ask({
      request: (pending) => pending.refuse({ ...refuseUpgrade(404), headers: [['a', 'b\r\nc']] }),
    })
    expect(status(stream)).toBe('HTTP/1.1 500 Internal Server Error')
    expect(log).toEqual([expect.objectContaining({ name: 'TypeError' })])
  })

  test('rejects an unknown option', async () => {
    const { pending } = await ask()
    expect(() => pending.accept({ protocols: [] } as object)).toThrow('did you mean `subprotocols`?')
  })
})

describe('a refusal', () => {
  test('reads on after the answer, for a bounded number of bytes', async () => {
    const { clock, endpoint, stream } = start()
    refuse(endpoint, stream, refuseUpgrade(404))
    expect(status(stream)).toBe('HTTP/1.1 404 Not Found')
    stream.data(new Uint8Array(1_048_576))
    expect(stream.destroyed).toBe(false)
    stream.data(new Uint8Array(1))
    await clock.settle()
    expect([stream.destroyed, endpoint.streams, clock.timers.size]).toEqual([true, 0, 0])
  })

  test('of a peer that does not read takes `closeTimeout`', async () => {
    const { clock, endpoint, stream } = start()
    stream.takes = false
    refuse(endpoint, stream, refuseUpgrade(404))
    stream.finish()
    await clock.advance(9_999)
    expect(stream.destroyed).toBe(false)
    await clock.advance(1)
    expect(stream.destroyed).toBe(true)
  })

  test('does nothing on a destroyed stream', async () => {
    const { clock, endpoint, stream } = start()
    stream.destroy()
    refuse(endpoint, stream, refuseUpgrade(404))
    await clock.settle()
    expect([stream.written, endpoint.streams]).toEqual([[], 0])
  })

  test('that cannot be sent leaves the stream unchanged', () => {
    const { endpoint, stream } = start()
    expect(() => refuse(endpoint, stream, { ...refuseUpgrade(404), reason: '\n' })).toThrow(TypeError)
    expect([endpoint.streams, stream.listenerCount('data')]).toEqual([0, 0])
  })
})

describe('`refused`', () => {
  function watch<Data = undefined>(options: EndpointOptions<Data> = {}) {
    const told: unknown[] = []
    const refused = ({ request, stream, response, errors }: RefusedRequest): void =>
      void told.push([request?.path, stream, response.status, errors.map(({ code }) => code)])
    return { ...start<Data>({ refused, ...options }), told }
  }
  const crossOrigin = { ...upgradeRequest, rawHeaders: [...upgradeRequest.rawHeaders, 'Origin', 'https://b.example'] }

  test('a handler that expects an error, of which a 408 has none, does not compile', () => {
    // @ts-expect-error
    const careless = ({ errors }: RefusedRequest): string => errors[0].code
    const refusal = { request: undefined, stream: new FakeStream(), response: refuseUpgrade(408), errors: [] as const }
    expect(() => careless(refusal)).toThrow(TypeError)
  })

  test('gets what the handshake refuses, after the answer, with all errors', () => {
    const { endpoint, stream, told } = watch({ handshake: { subprotocols: ['a'], requireSubprotocol: true } })
    acceptUpgrade(endpoint, crossOrigin, stream, noHead)
    expect(status(stream)).toBe('HTTP/1.1 403 Forbidden')
    expect(told).toEqual([['/chat', stream, 403, ['origin', 'subprotocol']]])
  })

  test('is also called if `request` has accepted it', () => {
    const { endpoint, stream, told } = watch({ request: (pending) => pending.accept() })
    acceptUpgrade(endpoint, crossOrigin, stream, noHead)
    expect(told).toEqual([['/chat', stream, 403, ['origin']]])
  })

  test('gets heads that cannot be read, whatever reads them', () => {
    const { endpoint, stream, told } = watch({ limits: { maxHeadFields: 2 } })
    acceptSocket(endpoint, stream)
    stream.data('GET  / HTTP/1.1\r\n\r\n')
    const other = new FakeStream()
    acceptUpgrade(endpoint, upgradeRequest, other, noHead)
    expect(told).toEqual([
      [undefined, stream, 400, ['target']],
      [undefined, other, 431, ['too-many']],
    ])
  })

  test('gets timeouts: 408 for a head, 503 for `request`', async () => {
    const { clock, endpoint, stream, told } = watch({ request: () => {} })
    acceptSocket(endpoint, stream)
    stream.data('GET')
    const [other, silent] = [new FakeStream(), new FakeStream()]
    acceptUpgrade(endpoint, upgradeRequest, other, noHead)
    acceptSocket(endpoint, silent)
    await clock.advance(10_000)
    expect(told).toEqual([
      [undefined, stream, 408, []],
      ['/chat', other, 503, []],
    ])
  })

  test('gets requests over a limit, a `request` function that throws, and a closing endpoint', async () => {
    const { endpoint, told } = watch({
      maxHandshakes: 1,
      request(pending) {
        if (pending.request.query === 'b') throw new Error('mine')
      },
    })
    const [bad, waiting, full, late] = Array.from({ length: 4 }, () => new FakeStream()) as [
      FakeStream,
      ...FakeStream[],
    ]
    acceptUpgrade(endpoint, { ...upgradeRequest, url: '/?b' }, bad, noHead)
    acceptUpgrade(endpoint, upgradeRequest, waiting as FakeStream, noHead)
    acceptUpgrade(endpoint, upgradeRequest, full as FakeStream, noHead)
    void endpoint.close()
    acceptSocket(endpoint, late as FakeStream)
    expect(told).toEqual([
      ['/', bad, 500, []],
      [undefined, full, 503, []],
      ['/chat', waiting, 503, []],
      [undefined, late, 503, []],
    ])
  })

  test('gets plain requests that `plain` does not answer, but no refusal of the user', () => {
    const plain = { ...upgradeRequest, rawHeaders: ['Host', 'a.example'] }
    const { endpoint, stream, told } = watch()
    acceptUpgrade(endpoint, plain, stream, noHead)
    refuse(endpoint, new FakeStream(), refuseUpgrade(404))
    expect(told).toEqual([['/chat', stream, 426, ['upgrade-missing']]])
    const own = watch({ plain: () => ({ status: 200 }), request: (pending) => pending.refuse(refuseUpgrade(403)) })
    acceptUpgrade(own.endpoint, plain, new FakeStream(), noHead)
    acceptUpgrade(own.endpoint, upgradeRequest, new FakeStream(), noHead)
    expect(own.told).toEqual([])
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('if it %s, `error` gets the error, and the answer is written', async (_, refused) => {
    const { clock, endpoint, stream, log } = start({ refused })
    acceptUpgrade(endpoint, crossOrigin, stream, noHead)
    await clock.settle()
    expect(log).toEqual([new Error('mine')])
    expect(status(stream)).toBe('HTTP/1.1 403 Forbidden')
    stream.finish()
    await clock.settle()
    expect([endpoint.streams, clock.timers.size]).toEqual([0, 0])
  })

  test('may close the endpoint, or destroy the stream', async () => {
    const closing = start({ refused: () => void closing.endpoint.close() })
    acceptUpgrade(closing.endpoint, crossOrigin, closing.stream, noHead)
    const destroying = start({ refused: ({ stream }) => void stream.destroy() })
    acceptUpgrade(destroying.endpoint, crossOrigin, destroying.stream, noHead)
    closing.stream.finish()
    await closing.clock.settle()
    await destroying.clock.settle()
    expect([closing.endpoint.streams, destroying.endpoint.streams]).toEqual([0, 0])
  })
})

describe('limits', () => {
  test('`maxPeers`: further requests get 503, until a peer has gone', async () => {
    const { clock, endpoint, stream } = start({ maxPeers: 1 })
    acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
    const second = new FakeStream()
    acceptUpgrade(endpoint, upgradeRequest, second, noHead)
    expect(second.said).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: /s)
    await clock.settle()
    stream.destroy()
    await clock.settle()
    const third = new FakeStream()
    acceptUpgrade(endpoint, upgradeRequest, third, noHead)
    expect(third.said).toBe(granted)
  })

  test('`maxPeers` applies to requests that wait', async () => {
    const waiting: Pending<unknown>[] = []
    const { endpoint, stream } = start({ maxPeers: 1, request: (pending) => waiting.push(pending) })
    const second = new FakeStream()
    acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
    acceptUpgrade(endpoint, upgradeRequest, second, noHead)
    expect(waiting.map((pending) => pending.accept() !== undefined)).toEqual([true, false])
    expect(status(second)).toBe('HTTP/1.1 503 Service Unavailable')
  })

  test('`maxHandshakes`: further requests get 503, and as many of these are read on after it', async () => {
    const { clock, endpoint } = start({ maxHandshakes: 2 })
    const sockets = Array.from({ length: 5 }, () => new FakeStream())
    for (const socket of sockets) acceptSocket(endpoint, socket)
    expect(sockets.map((socket) => status(socket).slice(9, 12))).toEqual(['', '', '503', '503', '503'])
    await clock.settle()
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false, true])
    await clock.advance(20_000)
    expect([sockets.every(({ destroyed }) => destroyed), endpoint.streams, endpoint.refusals]).toEqual([true, 0, 0])
  })

  test('a refused client that never ends does not count against later requests', async () => {
    const { clock, endpoint } = start({ maxHandshakes: 2, request: (pending) => pending.refuse(refuseUpgrade(404)) })
    for (let i = 0; i < 20; i++) acceptUpgrade(endpoint, upgradeRequest, new FakeStream(), noHead)
    await clock.settle()
    const later = new FakeStream()
    acceptUpgrade(endpoint, upgradeRequest, later, noHead)
    expect(status(later)).toBe('HTTP/1.1 404 Not Found')
  })
})

test('a pause in `open` takes effect, however late the request is accepted', async () => {
  const messages: unknown[] = []
  let pending: Pending | undefined
  const { clock, endpoint } = start<undefined>({
    request(waiting) {
      pending = waiting
    },
    open: (peer) => peer.pause(),
    message: (_, data) => messages.push(data),
  })
  const stream = new FakeStream()
  acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
  await clock.settle()
  expect(stream.flowing).toBe(true)
  const peer = pending?.accept()
  stream.data(text('early'))
  await clock.settle()
  expect([stream.flowing, messages]).toEqual([false, []])
  peer?.resume()
  await clock.settle()
  expect([stream.flowing, messages]).toEqual([true, ['early']])
})

test.each(['close', 'refuse'] as const)('`data` may %s while a request is accepted', async (how) => {
  let opened = 0
  const { clock, endpoint, log } = start({
    request(pending) {
      Object.assign(pending.request, { refuse: () => pending.refuse(refuseUpgrade(404)) })
      expect(pending.accept()).toBe(undefined)
    },
    data(request) {
      if (how === 'refuse') (request as unknown as { refuse(): void }).refuse()
      else void endpoint.close()
      return undefined
    },
    open: () => opened++,
  })
  const stream = new FakeStream()
  acceptUpgrade(endpoint, upgradeRequest, stream, noHead)
  await clock.settle()
  expect(stream.said.match(/^HTTP.*$/gmu)).toEqual([
    how === 'refuse' ? 'HTTP/1.1 404 Not Found' : 'HTTP/1.1 503 Service Unavailable',
  ])
  await clock.advance(20_000)
  expect([opened, endpoint.streams, endpoint.peerStreams, endpoint.refusals]).toEqual([0, 0, 0, 0])
  expect(log).toEqual([])
})

test('`refuse` of a stream that is over, or with an answer that cannot be sent, is not counted', async () => {
  const { clock, endpoint } = start()
  const held = new FakeStream()
  acceptSocket(endpoint, held)
  const over = new FakeStream()
  over.destroy()
  let isOver = false
  refuse(endpoint, over, refuseUpgrade(404))
  expect(() => refuse(endpoint, new FakeStream(), { ...refuseUpgrade(404), status: 5 })).toThrow(TypeError)
  expect([endpoint.streams, endpoint.refusals]).toEqual([1, 0])
  void endpoint.close().then(() => {
    isOver = true
  })
  refuse(endpoint, over, refuseUpgrade(404))
  await clock.settle()
  expect(isOver).toBe(false)
  await clock.advance(20_000)
  expect(isOver).toBe(true)
})
