// Large messages with compression: in slices, one per turn of the event loop, in order with all messages sent after them.
import { once } from 'node:events'
import { inflateRawSync } from 'node:zlib'
import { type CloseEvent, WebSocket as UndiciWebSocket } from 'undici'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { acceptUpgrade, Endpoint, type EndpointOptions, type Peer } from '../../src/adapters/node/index.ts'
import { zlib } from '../../src/codec/zlib.ts'
import { Connection, type ConnectionEvent, prepareText } from '../../src/connection/index.ts'
import { permessageDeflate } from '../../src/deflate/index.ts'
import { type Agreement, type DefinedExtension, defineExtension, Rsv } from '../../src/index.ts'
import { patient, pattern, textOf } from '../peers/support.ts'
import { receiveAll } from '../receive.ts'
import { Clock, closeFrame, FakeStream, noHead, text, upgradeRequest } from './fakes.ts'
import { listenHttp } from './hosts.ts'

vi.setConfig(patient)

const extensions = [permessageDeflate({ codec: zlib })]

/** An endpoint that compresses, over fake time, and its peer. */
async function start(options: EndpointOptions = {}) {
  const clock = new Clock()
  const log: unknown[] = []
  const peers: Peer[] = []
  const endpoint = new Endpoint({
    timers: clock,
    extensions,
    open: (opened) => peers.push(opened),
    drain: () => log.push('drain'),
    close: (_, closed) => log.push(closed.error?.code ?? closed.code),
    error: (error) => log.push((error as Error).message),
    ...options,
  })
  const opened = await openPeer(endpoint, clock, options.extensions ?? extensions)
  return { clock, log, endpoint, ...opened, peer: peers[0] as Peer, peers }
}

/** A server's peer over a fake stream; `read` is a client that reads the written bytes. */
async function openPeer(endpoint: Endpoint, clock: Clock, used: readonly DefinedExtension[]) {
  const stream = new FakeStream()
  const rawHeaders = [...upgradeRequest.rawHeaders, 'Sec-WebSocket-Extensions', 'permessage-deflate']
  acceptUpgrade(endpoint, { ...upgradeRequest, rawHeaders }, stream, noHead)
  await clock.settle()
  stream.written.length = 0
  clock.turns = 0
  const agreement = [...endpoint.peers].at(-1)?.agreement as Agreement
  const client = new Connection({ role: 'client', extensions: used, agreement })
  /** What a client receives, in short form. */
  const read = (): unknown[] => {
    const events: ConnectionEvent[] = []
    for (const chunk of stream.written.splice(0)) events.push(...receiveAll(client, chunk))
    return events.map((event) => ('data' in event ? event.data : event.code))
  }
  return { stream, read }
}

/** 1 MiB: 8 slices. */
const large = textOf(2 ** 20)

test('a mistake in the options of a message that waits throws at once, and nothing else is lost', async () => {
  const { clock, peer, read, log } = await start()
  peer.send(large)
  expect(() => peer.send('wrong', { compres: true, written: () => {} } as never)).toThrow('did you mean `compress`?')
  expect(() => peer.send('wrong', { compress: 1 } as never)).toThrow('`compress` must be')
  peer.send('after')
  await clock.settle()
  expect([read(), log]).toEqual([[large, 'after'], ['drain']])
})

test('one slice per turn, pings in between, and everything sent later after it', async () => {
  const { clock, peer, stream, read } = await start()
  const written: string[] = []
  expect(peer.send(large, { written: () => written.push('large') })).toBe(true)
  expect(peer.send('small', { written: () => written.push('small') })).toBe(true)
  peer.send(Uint8Array.of(1, 2))
  peer.send(prepareText('prepared'))
  expect(peer.bufferedAmount).toBe(2 ** 20 + 5 + 2 + 8)
  expect([peer.full, peer.writable]).toEqual([true, false])
  expect(clock.turns).toBe(1)
  await Promise.resolve()
  expect(stream.written).toEqual([])
  peer.ping('now')
  await clock.settle()
  // 8 slices, then the small messages.
  expect(clock.turns).toBe(9)
  const got = read()
  expect(got.length).toBe(5)
  expect(got[0]).toEqual(Uint8Array.from(Buffer.from('now')))
  expect(got[1] === large).toBe(true)
  expect(got.slice(2)).toEqual(['small', Uint8Array.of(1, 2), 'prepared'])
  expect(written).toEqual(['large', 'small'])
  expect(peer.bufferedAmount).toBe(0)
})

test('is compressed as one message, and is hardly larger than in one go', async () => {
  const { clock, peer, stream } = await start()
  peer.send(large)
  await clock.settle()
  const bytes = Buffer.concat(stream.written)
  const payloads: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const [head, short] = [bytes[at] as number, bytes[at + 1] as number]
    // Only the first frame has RSV1 (RFC 7692 §6.1).
    expect(head & 0x40).toBe(at === 0 ? 0x40 : 0)
    const size = short < 126 ? short : bytes.readUInt16BE(at + 2)
    at += (short < 126 ? 2 : 4) + size
    payloads.push(bytes.subarray(at - size, at))
  }
  expect(payloads).toHaveLength(8)
  const message = Buffer.concat([...payloads, Buffer.of(0, 0, 0xff, 0xff)])
  expect(inflateRawSync(message, { finishFlush: 2 }).toString() === large).toBe(true)
  expect(message.length).toBeLessThan(10_000)
})

test.each<[string, EndpointOptions, string | Uint8Array, object | undefined]>([
  ['256 KiB', {}, textOf(2 ** 18), undefined],
  ['without compression', {}, large, { compress: false }],
  ['below the threshold', { extensions: [permessageDeflate({ codec: zlib, threshold: 2 ** 21 })] }, large, undefined],
  ['without an extension', { extensions: [] }, large, undefined],
  [
    'with an extension that does not support pieces equally',
    {
      extensions: [
        defineExtension<null>({
          name: 'permessage-deflate',
          rsv: Rsv.RSV1,
          offer: () => [{}],
          accept: () => ({ params: null, response: {} }),
          verify: () => null,
          open: () => ({ encode: (piece) => piece, decode: (piece) => piece }),
        }),
      ],
    },
    large,
    undefined,
  ],
])('%s: at once', async (_, options, message, sendOptions) => {
  const { clock, peer, read } = await start(options)
  peer.send(message, sendOptions)
  expect(clock.turns).toBe(0)
  for (let i = 0; i < 9; i++) await clock.settle()
  expect(read().at(0) === message).toBe(true)
})

test('below the threshold, but requested: in slices', async () => {
  const never = [permessageDeflate({ codec: zlib, threshold: Number.POSITIVE_INFINITY })]
  const { clock, peer } = await start({ extensions: never })
  peer.send(large, { compress: true })
  expect(clock.turns).toBe(1)
})

test('bytes, texts as bytes, and texts that are not ASCII', async () => {
  const { clock, peer, read } = await start()
  const bytes = pattern(2 ** 19)
  const characters = `a${'👋🏽世'.repeat(60_000)}`
  peer.send(bytes)
  peer.send({ type: 'text', data: Buffer.from(large) })
  peer.send(characters)
  expect(peer.bufferedAmount).toBe(bytes.length + large.length + characters.length)
  await clock.settle()
  const got = read()
  expect(Buffer.compare(got[0] as Uint8Array, bytes)).toBe(0)
  expect(got.slice(1).map((text, i) => text === [large, characters][i])).toEqual([true, true])
})

test('small bytes after a large message are copied; large ones must not change until they are written', async () => {
  const { clock, peer, read } = await start()
  const small = Uint8Array.of(1)
  const copy = pattern(2 ** 19)
  const bytes = copy.slice()
  peer.send(large)
  peer.send(small)
  peer.send({ type: 'binary', data: small })
  peer.send(bytes, { written: () => bytes.fill(0) })
  small[0] = 2
  await clock.settle()
  const got = read()
  expect(got.slice(1, 3)).toEqual([Uint8Array.of(1), Uint8Array.of(1)])
  expect(Buffer.compare(got[3] as Uint8Array, copy)).toBe(0)
  expect(bytes[1]).toBe(0)
})

test('an array that was transferred before it was written closes with 1011', async () => {
  const { clock, peer, log, read } = await start()
  const bytes = pattern(2 ** 19)
  const outcomes: unknown[] = []
  peer.send(bytes, { written: (error) => outcomes.push(error?.message) })
  structuredClone(bytes, { transfer: [bytes.buffer] })
  await clock.settle()
  expect(log).toEqual(['the array of a message was transferred before it was written'])
  expect(outcomes).toEqual(['not written: the WebSocket has ended'])
  expect(read()).toEqual([1011])
})

test('many peers: one slice at a time, for all of them', async () => {
  const { clock, endpoint, peers, read } = await start()
  const other = await openPeer(endpoint, clock, extensions)
  for (const peer of [...peers, ...peers]) peer.send(large)
  await clock.settle()
  expect(clock.turns).toBe(32)
  expect([...read(), ...other.read()].map((text) => text === large)).toEqual([true, true, true, true])
})

// Quadratic, this would take minutes.
test('two hundred thousand messages after a large one', async () => {
  const { clock, peer } = await start()
  const count = 200_000
  const told: number[] = []
  peer.send(large)
  for (let i = 0; i < count; i++) peer.send('x', { written: () => told.push(i) })
  while (told.length < count) await clock.settle()
  expect(told.every((number, i) => number === i)).toBe(true)
})

test('`drain` follows', async () => {
  const { clock, peer, log } = await start()
  peer.send(large)
  await clock.settle()
  expect(log).toEqual(['drain'])
  expect(peer.writable).toBe(true)
})

describe('close', () => {
  test('waits, and nothing follows it', async () => {
    const { clock, peer, stream, read, log } = await start()
    const outcomes: unknown[] = []
    const written = (error?: Error): void => void outcomes.push(error === undefined)
    peer.send(large, { written })
    peer.send('small', { written })
    expect(peer.close(4000, 'done')).toBe(true)
    expect(peer.close(4001)).toBe(false)
    expect(() => peer.close(1005)).toThrow(RangeError)
    expect([peer.writable, peer.connection.state]).toEqual([false, 'open'])
    expect(peer.send('late', { written })).toBe(false)
    await clock.settle()
    expect(outcomes).toEqual([true, true, false])
    const got = read()
    expect([got[0] === large, ...got.slice(1)]).toEqual([true, 'small', 4000])
    stream.data(closeFrame(4000))
    await clock.settle()
    expect(log.at(-1)).toBe(4000)
  })

  test('its timeout starts when it is called', async () => {
    const { clock, peer, stream, log } = await start({ closeTimeout: 500 })
    peer.send(large)
    peer.close(1000)
    clock.time += 400
    await clock.settle()
    await clock.advance(99)
    expect(log).toEqual([])
    await clock.advance(1)
    expect(log).toEqual(['timeout'])
    expect(stream.destroyed).toBe(true)
  })

  test('drops what has not been compressed by the timeout', async () => {
    const { clock, peer, stream, log, endpoint } = await start({ closeTimeout: 500 })
    const outcomes: unknown[] = []
    for (let i = 0; i < 3; i++) peer.send(large, { written: (error) => outcomes.push(error === undefined) })
    peer.close(1000)
    clock.time += 500
    for (const timer of [...clock.timers]) timer.callback()
    await clock.advance(1)
    expect(outcomes).toEqual([false, false, false])
    expect(log).toEqual(['timeout'])
    expect([stream.destroyed, endpoint.streams]).toEqual([true, 0])
  })

  test('of the endpoint also waits', async () => {
    const { clock, peer, stream, endpoint, read } = await start()
    peer.send(large)
    const closed = endpoint.close()
    await clock.settle()
    expect(read().map((data) => (data === large ? 'large' : data))).toEqual(['large', 1001])
    stream.data(closeFrame(1001))
    stream.finish()
    await clock.settle()
    await closed
  })
})

test.each<[string, (started: Awaited<ReturnType<typeof start>>) => void, unknown]>([
  ['`terminate`', ({ peer }) => peer.terminate(), 1006],
  ['a reset', ({ stream }) => stream.destroy(), 1006],
  ['an error of the peer', ({ stream }) => stream.data(Uint8Array.of(0x81, 0)), 'unmasked'],
])('%s drops the queued messages, in order', async (_, act, code) => {
  const started = await start()
  const { clock, peer, log } = started
  const outcomes: unknown[] = []
  for (const name of ['a', 'b', 'c'])
    peer.send(name === 'b' ? 'small' : large, { written: (error) => outcomes.push([name, error?.message]) })
  act(started)
  await clock.settle()
  const message = 'not written: the WebSocket has ended'
  expect(outcomes).toEqual([
    ['a', message],
    ['b', message],
    ['c', message],
  ])
  expect(log).toEqual([code])
  expect(peer.bufferedAmount).toBeLessThan(100)
})

test('a Close from the peer in between: the rest is not sent, and our Close is last', async () => {
  const { clock, peer, stream, read, log } = await start()
  const outcomes: unknown[] = []
  peer.send(large, { written: (error) => outcomes.push(error === undefined) })
  peer.send('small', { written: (error) => outcomes.push(error === undefined) })
  stream.data(closeFrame(1000))
  await clock.settle()
  expect(outcomes).toEqual([false, false])
  expect(read()).toEqual([1000])
  expect(log).toEqual([1000])
})

test('`error` closes after the queued messages with its own code', async () => {
  const { clock, peer, stream, read } = await start({
    message: () => Promise.reject(new Error('mine')),
    error: (_, from) => void from?.close(4500),
  })
  peer.send(large)
  stream.data(text('a'))
  await clock.settle()
  expect(read()).toEqual([large, 4500])
})

test('throws at once for a wrong message, and while a message is open', async () => {
  const { clock, peer, read } = await start()
  peer.send({ type: 'text', data: 'a', last: false })
  expect(() => peer.send(large)).toThrow('a message is open')
  peer.send({ type: 'text', data: 'b', first: false })
  peer.send(large)
  for (const wrong of [5, null, { type: 'txt', data: '' }, { type: 'binary', data: '' }])
    expect(() => peer.send(wrong as never)).toThrow(TypeError)
  expect(() => peer.send({ type: 'binary', data: large as never })).toThrow(TypeError)
  expect(() => peer.connection.sendText('in between')).toThrow('a message is open')
  await clock.settle()
  expect(read().at(-1) === large).toBe(true)
  expect(() => peer.send({ type: 'binary', data: large as never })).toThrow(TypeError)
  expect(() => peer.send(null as never)).toThrow(TypeError)
})

test('twenty messages of 3.5 MB, sent in one turn, reach `ws` in order', async () => {
  const messages = Array.from({ length: 20 }, (_, i) => `${i}${textOf(3_500_000)}`)
  const endpoint = new Endpoint({
    extensions,
    open(peer) {
      for (const message of messages) peer.send(message)
      peer.close(1000)
    },
  })
  const client = new WebSocket(`ws://127.0.0.1:${await listenHttp(endpoint)}/`)
  const got: string[] = []
  client.on('message', (data) => got.push(String(data)))
  const [code] = await once(client, 'close')
  expect(code).toBe(1000)
  expect(got.length).toBe(20)
  expect(got.every((text, i) => text === messages[i])).toBe(true)
  await endpoint.close()
})

test('a peer that always has another large message delays no other peer', async () => {
  const { clock, endpoint, peer, peers } = await start()
  await openPeer(endpoint, clock, extensions)
  let sent = 0
  const again = (): void => {
    if (sent++ < 20) peer.send(large, { written: again })
  }
  for (let i = 0; i < 2; i++) peer.send(large, { written: again })
  let before = 0
  peers[1]?.send(large, {
    written() {
      before = sent
    },
  })
  await clock.settle()
  expect([sent, before]).toEqual([22, 1])
})

test('undici reads large messages in slices, and messages sent after them', async () => {
  const endpoint = new Endpoint({
    extensions,
    open(peer) {
      peer.send(large)
      peer.send(Buffer.from(large))
      peer.send('small')
      peer.close(1000)
    },
  })
  const client = new UndiciWebSocket(`ws://127.0.0.1:${await listenHttp(endpoint)}/`)
  client.binaryType = 'arraybuffer'
  const got: (string | ArrayBuffer)[] = []
  client.addEventListener('message', ({ data }) => got.push(data))
  const { code } = await new Promise<CloseEvent>((resolve) => client.addEventListener('close', resolve))
  expect(client.extensions).toBe('permessage-deflate')
  expect(code).toBe(1000)
  expect(got.map((data) => (typeof data === 'string' ? data : Buffer.from(data).toString()))).toEqual([
    large,
    large,
    'small',
  ])
  await endpoint.close()
})
