// Clients, with a fake clock and fake sockets: each byte, each reason, and what is left.
import { describe, expect, test } from 'vitest'
import {
  type ConnectOptions,
  connectHttp2Stream,
  connectSocket,
  Endpoint,
  type EndpointOptions,
  HandshakeError,
} from '../../src/adapters/node/index.ts'
import { pako } from '../../src/codec/pako.ts'
import { permessageDeflate } from '../../src/deflate/index.ts'
import { defineExtension } from '../../src/extensions/define.ts'
import { encodeFrame } from '../../src/frame/index.ts'
import { type Offer, offerHandshake } from '../../src/handshake/index.ts'
import { ResponseBodyReader } from '../../src/http/index.ts'
import { Clock, FakeStream, granted } from './fakes.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const hello = encodeFrame({ opcode: 1, payload: 'hello' })

/** The outcome of an attempt; `undefined` while it has not ended. */
interface Started {
  readonly clock: Clock
  readonly socket: FakeStream
  readonly endpoint: Endpoint
  readonly log: unknown[]
  outcome: unknown
}

/** An attempt over a fake socket; `log` contains the calls of the endpoint's functions. */
function start(
  options: ConnectOptions<undefined> = {},
  endpointOptions: EndpointOptions = {},
  socket = new FakeStream(),
  offer: Offer = offerHandshake('ws://a.example/chat', { key }),
): Started {
  const clock = new Clock()
  const log: unknown[] = []
  const endpoint = new Endpoint({
    timers: clock,
    open: () => log.push('open'),
    message: (_, data) => log.push(data),
    close: (_, { code }) => log.push(code),
    gone: () => log.push('gone'),
    ...endpointOptions,
  })
  const started: Started = { clock, socket, endpoint, log, outcome: undefined }
  const connect = 'rstCode' in socket ? connectHttp2Stream : connectSocket
  connect(endpoint, socket as never, offer, options).then(
    (peer) => {
      started.outcome = peer
      log.push('resolved')
    },
    (error: unknown) => {
      started.outcome = error
    },
  )
  return started
}

/** Checks that an attempt has failed with this error, and that nothing of it is left. */
function expectFailure({ socket, endpoint, outcome, log, clock }: Started, message: string): HandshakeError {
  expect(outcome).toBeInstanceOf(HandshakeError)
  const error = outcome as HandshakeError
  expect(error.message).toBe(message)
  expect(log).toEqual([])
  expect(socket.destroyed).toBe(true)
  // An unhandled late error would end the process.
  expect(socket.eventNames()).toEqual(['error'])
  expect(endpoint.streams).toBe(0)
  expect(clock.timers.size).toBe(0)
  return error
}

test('writes the request, reads the answer, and calls `open` before anything is read', async () => {
  const { clock, socket, log } = start()
  expect(socket.said).toBe(
    [
      'GET /chat HTTP/1.1',
      'Host: a.example',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Version: 13',
      '',
      '',
    ].join('\r\n'),
  )
  for (const byte of granted) socket.data(byte)
  expect(log).toEqual(['open'])
  socket.data(hello)
  await clock.settle()
  expect(log).toEqual(['open', 'resolved', 'hello'])
})

test('reads the bytes glued to the answer first', async () => {
  const { clock, socket, log } = start()
  socket.data(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${granted}`, hello)
  socket.data(encodeFrame({ opcode: 1, payload: 'again' }))
  await clock.settle()
  expect(log).toEqual(['open', 'resolved', 'hello', 'again'])
})

test('splits of the answer and the following bytes change nothing', async () => {
  const bytes = Buffer.concat([Buffer.from(granted), hello, hello])
  for (let cut = 1; cut < bytes.length; cut++) {
    const { clock, socket, log } = start()
    socket.data(bytes.subarray(0, cut))
    if (cut % 2 === 0) await clock.settle()
    socket.data(bytes.subarray(cut))
    await clock.settle()
    expect(log).toEqual(['open', 'resolved', 'hello', 'hello'])
  }
})

test('a paused peer reads nothing after the handshake until it is resumed', async () => {
  const started = start({ paused: true })
  started.socket.data(granted, hello)
  await started.clock.settle()
  expect(started.socket.flowing).toBe(false)
  expect(started.log).toEqual(['open', 'resolved'])
  ;(started.outcome as { resume(): void }).resume()
  await started.clock.settle()
  expect(started.log).toEqual(['open', 'resolved', 'hello'])
})

test('the peer has the given data, or else what the endpoint creates, and the response', async () => {
  const make = { data: () => 'made' } as unknown as EndpointOptions
  const peers: unknown[] = []
  for (const options of [{ data: undefined }, {}]) {
    const started = start(options, make)
    started.socket.data(granted)
    await started.clock.settle()
    peers.push(started.outcome)
  }
  expect(peers).toMatchObject([
    { data: undefined, request: undefined, response: { status: 101 } },
    { data: 'made', request: undefined, response: { status: 101 } },
  ])
})

test('rejects with what the `data` function throws, and leaves no socket', async () => {
  const mistake = new Error('mine')
  const started = start({}, {
    data() {
      throw mistake
    },
  } as unknown as EndpointOptions)
  started.socket.data(granted)
  await started.clock.settle()
  expect(started.outcome).toBe(mistake)
  expect(started.socket.destroyed).toBe(true)
  expect(started.endpoint.streams).toBe(0)
})

test('rejects with what an extension throws, and leaves no socket', async () => {
  const mistake = new Error('mine')
  const extension = defineExtension<null>({
    name: 'x-made-up',
    rsv: 0,
    offer: () => [{}],
    accept: () => undefined,
    verify() {
      throw mistake
    },
    open: () => undefined,
  })
  const offer = offerHandshake('ws://a.example/chat', { key, extensions: [extension] })
  const started = start({}, {}, new FakeStream(), offer)
  started.socket.data(granted.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: x-made-up\r\n\r\n'))
  await started.clock.settle()
  expect(started.outcome).toBe(mistake)
  expect([started.socket.destroyed, started.endpoint.streams]).toEqual([true, 0])
})

test('the extensions of the offer apply, whether the endpoint has them or not', async () => {
  const extensions = [permessageDeflate({ codec: pako })]
  const answer = granted.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n')
  for (const endpointOptions of [{}, { extensions }, { extensions: [permessageDeflate({ codec: pako })] }]) {
    const offer = offerHandshake('ws://a.example/chat', { key, extensions })
    const { clock, socket, log } = start({}, endpointOptions, new FakeStream(), offer)
    // RFC 7692 §7.2.3.1
    socket.data(answer, Uint8Array.of(0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00))
    await clock.settle()
    expect(log).toEqual(['open', 'resolved', 'Hello'])
  }
})

describe('fails, and leaves no socket and no listener', () => {
  test('if there is no answer within `headTimeout`, including the time to connect', async () => {
    const started = start({}, { headTimeout: 500 })
    await started.clock.advance(499)
    expect(started.outcome).toBeUndefined()
    await started.clock.advance(1)
    const error = expectFailure(started, 'no answer within 500 ms (`headTimeout`)')
    expect(error.rejection).toBeUndefined()
    expect(error.cause).toMatchObject({ code: 'timeout' })
  })

  test('if the head never ends, however its bytes trickle in', async () => {
    const started = start({}, { headTimeout: 500 })
    started.socket.data('HTTP/1.1 101 Switching Protocols\r\n')
    for (let i = 0; i < 60 && started.outcome === undefined; i++) {
      started.socket.data('a: b\r\n')
      await started.clock.advance(10)
    }
    expectFailure(started, 'no answer within 500 ms (`headTimeout`)')
  })

  test("if the head is larger than the endpoint's limits", async () => {
    const started = start({}, { limits: { maxHeadFields: 2 } })
    started.socket.data('HTTP/1.1 101 Switching Protocols\r\na: b\r\na: b\r\na: b\r\n')
    await started.clock.settle()
    expectFailure(started, 'the handshake failed: more than 2 fields (limits.maxHeadFields)')
  })

  test.each([
    ['bytes in front of the answer', `\0\0${granted}`, 'unreadable head: the byte 0x00 in the HTTP version at byte 0'],
    ['something else', 'SSH-2.0-OpenSSH\r\n', 'unreadable head: a CR in the HTTP version at byte 15'],
    ['a 101 of HTTP/1.0', granted.replace('1.1', '1.0'), 'a 101 in HTTP/1.0'],
    ['a wrong key', granted.replace('s3pP', 'AAAA'), 'Sec-WebSocket-Accept is'],
    [
      'a subprotocol that was not offered',
      granted.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: x\r\n\r\n'),
      '0 subprotocols offered',
    ],
  ])('for %s', async (_, answer, part) => {
    const started = start()
    started.socket.data(answer)
    await started.clock.settle()
    const { message } = started.outcome as Error
    expect(message).toMatch(/^the handshake failed: /)
    expect(message).toContain(part)
    expect(expectFailure(started, message).rejection).toMatchObject({ kind: 'invalid' })
  })

  test('at once for a refusal: its body is not awaited', async () => {
    const started = start()
    started.socket.data('HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n')
    await started.clock.settle()
    const error = expectFailure(started, 'the handshake failed: expected 101, found 404 "Not Found"')
    expect(error.rejection).toMatchObject({ kind: 'refused', status: 404 })
    expect(error.response).toMatchObject({ status: 404, headers: [['Content-Length', '5']] })
    expect(error.cause).toMatchObject({ code: 'status' })
    expect(error.body).toBeUndefined()
  })

  test('for a redirect, whose target it names', async () => {
    const started = start()
    started.socket.data('HTTP/1.0 302 Found\r\nLocation: /next\r\n\r\n')
    await started.clock.settle()
    const error = expectFailure(started, 'the handshake failed: expected 101, found 302 "Found"')
    expect(error.rejection).toMatchObject({ kind: 'redirect', location: 'ws://a.example/next' })
  })

  test('for a server that answers twice: the second answer is not read', async () => {
    const started = start()
    started.socket.data(`HTTP/1.1 503 Busy\r\n\r\n${granted}`)
    started.socket.data(granted)
    await started.clock.settle()
    expectFailure(started, 'the handshake failed: expected 101, found 503 "Busy"')
  })

  test('if the server ends or resets the connection before its answer is complete', async () => {
    const ended = start()
    ended.socket.data(granted.slice(0, -1))
    ended.socket.finish()
    await ended.clock.settle()
    expectFailure(ended, 'the stream ended before the answer was complete')
    const reset = start()
    const cause = new Error('read ECONNRESET')
    reset.socket.emit('error', cause)
    await reset.clock.settle()
    const error = expectFailure(reset, 'the stream failed before the answer was complete: read ECONNRESET')
    expect(error.cause).toBe(cause)
  })

  test('if no address accepts the connection: Node has one error for all, without a message', async () => {
    const started = start()
    started.socket.emit('error', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))
    await started.clock.settle()
    expectFailure(started, 'the stream failed before the answer was complete: ECONNREFUSED')
  })

  test('if the socket has been destroyed or has ended already', async () => {
    const destroyed = new FakeStream()
    destroyed.destroy()
    const late = start({}, {}, destroyed)
    await late.clock.settle()
    expectFailure(late, 'the stream has already ended')
    const ended = Object.assign(new FakeStream(), { readableEnded: true })
    const later = start({}, {}, ended)
    await later.clock.settle()
    expectFailure(later, 'the stream ended before the answer was complete')
    expect(later.socket.written).toEqual([])
  })

  test('if the signal is aborted, before or during', async () => {
    const reason = new Error('enough')
    const before = start({ signal: AbortSignal.abort(reason) })
    await before.clock.settle()
    expect(expectFailure(before, 'the signal was aborted').cause).toBe(reason)
    expect(before.socket.written).toEqual([])
    const aborter = new AbortController()
    const during = start({ signal: aborter.signal })
    aborter.abort(reason)
    await during.clock.settle()
    expect(expectFailure(during, 'the signal was aborted').cause).toBe(reason)
  })

  test('if the endpoint closes, before or during', async () => {
    const during = start()
    const closed = during.endpoint.close()
    await during.clock.settle()
    await closed
    expectFailure(during, 'the endpoint has been closed')
    const socket = new FakeStream()
    const offer = offerHandshake('ws://a.example/')
    await expect(connectSocket(during.endpoint, socket, offer)).rejects.toThrow('the endpoint has been closed')
    expect(socket.destroyed).toBe(true)
  })
})

test('a signal has no effect once the WebSocket is open', async () => {
  const aborter = new AbortController()
  const { clock, socket, log } = start({ signal: aborter.signal })
  socket.data(granted)
  await clock.settle()
  aborter.abort()
  socket.data(hello)
  await clock.settle()
  expect(log).toEqual(['open', 'resolved', 'hello'])
  expect(socket.destroyed).toBe(false)
})

test('a 101 followed by a reset: the peer opens, and ends with 1006', async () => {
  const { clock, socket, log, endpoint } = start()
  socket.data(granted)
  await clock.settle()
  socket.emit('error', new Error('read ECONNRESET'))
  socket.destroy()
  await clock.settle()
  expect(log).toEqual(['open', 'resolved', 1006, 'gone'])
  expect(endpoint.streams).toBe(0)
})

test('a 101 followed by another answer, which is not a frame', async () => {
  const { clock, socket, log } = start()
  socket.data(granted, 'HTTP/1.1 200 OK\r\n\r\n')
  await clock.settle()
  expect(log).toEqual(['open', 'resolved', 1002])
})

describe('the body of a refusal is read with `ResponseBodyReader`', () => {
  const options = { ResponseBodyReader }

  test.each([
    ['with a length', 'Content-Length: 5\r\n\r\n', 'hello'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'],
  ])('%s', async (_, fields, body) => {
    const started = start(options)
    started.socket.data(`HTTP/1.1 403 Forbidden\r\n${fields}`)
    for (const byte of body) started.socket.data(byte)
    await started.clock.settle()
    expect(expectFailure(started, 'the handshake failed: expected 101, found 403 "Forbidden"').body).toBe('hello')
  })

  test('to the end of the connection', async () => {
    const started = start(options)
    started.socket.data('HTTP/1.1 403 Forbidden\r\n\r\nhel')
    started.socket.data('lo')
    await started.clock.settle()
    expect(started.outcome).toBeUndefined()
    started.socket.finish()
    await started.clock.settle()
    expect(expectFailure(started, 'the handshake failed: expected 101, found 403 "Forbidden"').body).toBe('hello')
  })

  test.each([
    ['too long', (socket: FakeStream) => socket.data(`\r\n${'x'.repeat(65_537)}`)],
    ['cut short', (socket: FakeStream) => [socket.data('Content-Length: 9\r\n\r\nhello'), socket.finish()]],
    ['reset', (socket: FakeStream) => [socket.data('\r\nhello'), socket.destroy()]],
  ])('but not if it is %s', async (_, act) => {
    const started = start(options)
    started.socket.data('HTTP/1.1 403 Forbidden\r\n')
    act(started.socket)
    await started.clock.settle()
    expect(expectFailure(started, 'the handshake failed: expected 101, found 403 "Forbidden"').body).toBeUndefined()
  })

  test('and for no longer than `headTimeout`', async () => {
    const started = start(options, { headTimeout: 500 })
    started.socket.data('HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nhello')
    await started.clock.advance(500)
    const error = expectFailure(started, 'the handshake failed: expected 101, found 403 "Forbidden"')
    expect(error.body).toBeUndefined()
    expect(error.rejection).toMatchObject({ kind: 'refused', status: 403 })
  })
})

describe('wrong arguments leave the socket unchanged', () => {
  const offer = offerHandshake('ws://a.example/')
  const offer2 = offerHandshake('wss://a.example/', { httpVersion: '2' })

  test.each<[string, () => Promise<unknown>]>([
    ['the stream must be a Node Duplex, not undefined', () => connectSocket(new Endpoint(), undefined as never, offer)],
    [
      '`offer` must be the result of offerHandshake, not an object',
      () => connectSocket(new Endpoint(), new FakeStream(), {} as never),
    ],
    [
      "connectSocket does not take an offer with `httpVersion: '2'`: use connectHttp2Stream",
      () => connectSocket(new Endpoint(), new FakeStream(), offer2),
    ],
    [
      "connectHttp2Stream does not take an offer with `httpVersion: '1.1'`: use connectSocket",
      () => connectHttp2Stream(new Endpoint(), new FakeStream() as never, offer),
    ],
    [
      '`endpoint` must be an Endpoint, not an object',
      () => connectSocket({ message() {} } as never, new FakeStream(), offer),
    ],
    [
      'the options of connectSocket: unknown option "abort"',
      () => connectSocket(new Endpoint(), new FakeStream(), offer, { abort: 1 } as never),
    ],
  ])('%s', async (message, connect) => {
    await expect(connect()).rejects.toThrow(new TypeError(message))
  })

  test('a socket can be given only once', async () => {
    const endpoint = new Endpoint()
    const socket = new FakeStream()
    const first = connectSocket(endpoint, socket, offer)
    await expect(connectSocket(endpoint, socket, offer)).rejects.toThrow('the stream was already given to an endpoint')
    expect(socket.destroyed).toBe(false)
    socket.destroy()
    await expect(first).rejects.toThrow(HandshakeError)
  })
})

describe('over HTTP/2', () => {
  const offer = offerHandshake('wss://a.example/chat', { httpVersion: '2' })

  /** An HTTP/2 stream. */
  class FakeHttp2Stream extends FakeStream {
    rstCode = 0
    readonly codes: (number | undefined)[] = []

    close(code?: number): void {
      this.codes.push(code)
    }
  }

  function startStream(options: ConnectOptions<undefined> = {}, endpointOptions: EndpointOptions = {}) {
    const socket = new FakeHttp2Stream()
    return Object.assign(start(options, endpointOptions, socket, offer), { socket })
  }

  test('a 200 opens, and the bytes before its event are read', async () => {
    const { clock, socket, log } = startStream()
    expect(socket.written).toEqual([])
    socket.data(hello)
    socket.emit('response', { ':status': 200 })
    socket.data(encodeFrame({ opcode: 1, payload: 'again' }))
    await clock.settle()
    expect(log).toEqual(['open', 'resolved', 'hello', 'again'])
    expect(socket.listenerCount('response')).toBe(0)
  })

  test('ends its stream at once after both Closes, without a reset', async () => {
    const { clock, socket, log, endpoint } = startStream()
    socket.emit('response', { ':status': 200 })
    socket.data(Uint8Array.of(0x88, 0x02, 0x03, 0xe8))
    await clock.settle()
    expect(socket.ended).toBe(true)
    expect(socket.codes).toEqual([])
    socket.finish()
    socket.destroyed = true
    socket.emit('close')
    await clock.settle()
    expect(log).toEqual(['open', 'resolved', 1000, 'gone'])
    expect(socket.codes).toEqual([])
    expect(endpoint.streams).toBe(0)
  })

  test.each([
    [101, { kind: 'invalid', status: 101 }],
    [204, undefined],
    [404, { kind: 'refused', status: 404 }],
    ['abc', { kind: 'invalid', status: 0 }],
  ])('a status of %s', async (status, rejection) => {
    const started = startStream()
    started.socket.emit('response', { ':status': status })
    await started.clock.settle()
    if (rejection === undefined) return void expect(started.log).toEqual(['open', 'resolved'])
    expect((started.outcome as HandshakeError).rejection).toMatchObject(rejection)
    expect(started.socket.codes).toEqual([8])
    expect(started.socket.destroyed).toBe(true)
    expect(started.socket.eventNames()).toEqual(['error'])
  })

  test('a refusal whose stream the server has ended is ended, not reset', async () => {
    const started = startStream({ ResponseBodyReader })
    started.socket.emit('response', { ':status': 403 })
    started.socket.data('no')
    started.socket.finish()
    await started.clock.settle()
    expect(started.outcome).toMatchObject({ body: 'no', rejection: { status: 403 } })
    expect(started.socket.codes).toEqual([])
    expect([started.socket.ended, started.socket.destroyed]).toEqual([true, false])
    expect(started.endpoint.streams).toBe(0)
  })

  test('rejects more fields than the offer allows', async () => {
    const few = offerHandshake('wss://a.example/', { httpVersion: '2', limits: { maxHeadFields: 1 } })
    const socket = new FakeHttp2Stream()
    const started = start({}, {}, socket, few)
    socket.emit('response', { ':status': 200, a: ['b', 'c'] })
    await started.clock.settle()
    expect(started.outcome).toMatchObject({ rejection: { kind: 'invalid' } })
    expect(started.log).toEqual([])
  })

  test('a reset shows as the end of the stream, and is recognized by its code', async () => {
    const started = startStream()
    started.socket.rstCode = 7
    started.socket.finish()
    await started.clock.settle()
    expect((started.outcome as Error).message).toBe(
      'the stream failed before the answer was complete: reset with code 7',
    )
    expect(started.endpoint.streams).toBe(0)
  })

  test('rejects a stream that was reset before', async () => {
    const socket = Object.assign(new FakeHttp2Stream(), { closed: true, rstCode: 7 })
    const started = start({}, {}, socket, offer)
    await started.clock.settle()
    expect((started.outcome as Error).message).toBe('the stream has already ended')
    expect(started.endpoint.streams).toBe(0)
  })

  test('no answer within `headTimeout`: the stream is reset with CANCEL', async () => {
    const started = startStream({}, { headTimeout: 500 })
    await started.clock.advance(500)
    expectFailure(started, 'no answer within 500 ms (`headTimeout`)')
    expect(started.socket.codes).toEqual([8])
  })
})

test.each(['abort', 'close'] as const)('`data` may %s while the answer is accepted', async (how) => {
  const controller = new AbortController()
  const started = start(
    { signal: controller.signal },
    {
      data() {
        if (how === 'abort') controller.abort()
        else void started.endpoint.close()
        return undefined
      },
    },
  )
  started.socket.data(granted, hello)
  await started.clock.settle()
  expectFailure(started, how === 'abort' ? 'the signal was aborted' : 'the endpoint has been closed')
})
