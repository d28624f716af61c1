// A peer as a Duplex of messages: what is written and read, backpressure both ways, and each kind of end.
import { once } from 'node:events'
import { connect } from 'node:net'
import { Duplex, finished, pipeline, Readable, Transform } from 'node:stream'
import { pipeline as pipelined } from 'node:stream/promises'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import {
  ClosedError,
  connectSocket,
  Endpoint,
  type EndpointOptions,
  type MessageStreamOptions,
  messageStream,
} from '../../../src/adapters/node/index.ts'
import { prepareText } from '../../../src/connection/index.ts'
import { offerHandshake } from '../../../src/handshake/index.ts'
import { closeFrame, frame, text } from '../../driver/fakes.ts'
import { listenHttp } from '../../driver/hosts.ts'
import { open } from '../../driver/opened.ts'
import { patient, pattern, textOf } from '../../peers/support.ts'

vi.setConfig(patient)

/** A server's peer as a stream, over a fake byte stream. */
async function start(options: EndpointOptions = {}, streamOptions: Partial<MessageStreamOptions<Duplex>> = {}) {
  let stream: Duplex | undefined
  const opened = await open({
    ...options,
    open: (peer) => {
      stream = messageStream(peer, { Duplex, ...streamOptions })
    },
  })
  const events: unknown[] = []
  const messages = stream as unknown as Duplex
  for (const name of ['end', 'finish', 'close']) messages.on(name, () => events.push(name))
  messages.on('error', (error: ClosedError) => events.push([error.message, error.closeCode]))
  return { ...opened, messages, events, bytes: opened.stream }
}

/** Lets Node's streams and the adapter run. */
async function settle({ clock }: { readonly clock: { settle(): Promise<void> } }): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    await clock.settle()
  }
}

test('strings are texts, Buffers are binary messages, even empty ones', async () => {
  const opened = await start()
  const read: unknown[] = []
  opened.messages.on('data', (message) => read.push(message))
  opened.bytes.data(text('hello'), frame(2, Uint8Array.of(1, 2)), text(''), frame(2))
  await settle(opened)
  expect(read).toEqual(['hello', Buffer.of(1, 2), '', Buffer.alloc(0)])
  expect(read.map(Buffer.isBuffer)).toEqual([false, true, false, true])
  // `message` of the endpoint is not called.
  expect(opened.log).toEqual([])
})

test('writes anything that `send` accepts, and messages that wait together', async () => {
  const opened = await start()
  const done: unknown[] = []
  for (const message of ['hello', Uint8Array.of(1), { type: 'text', data: Uint8Array.of(0x61) }, prepareText('b'), ''])
    opened.messages.write(message, () => done.push(message))
  await settle(opened)
  expect(opened.bytes.sent).toBe(`810568656c6c6f${'820101'}${'810161'}${'810162'}${'8100'}`)
  expect(done).toHaveLength(5)
})

test('a write is complete when its bytes have been written, not before', async () => {
  const opened = await start()
  opened.bytes.takes = false
  const done: string[] = []
  opened.messages.write('a', () => done.push('a'))
  opened.messages.write('b', () => done.push('b'))
  opened.messages.write('c', () => done.push('c'))
  await settle(opened)
  expect([done, opened.bytes.sent]).toEqual([[], '810161'])
  opened.bytes.take()
  await settle(opened)
  expect([done, opened.bytes.sent]).toEqual([['a'], '810162810163'])
  opened.bytes.take()
  await settle(opened)
  expect(done).toEqual(['a', 'b', 'c'])
})

describe('without object mode', () => {
  const bytes = { objectMode: false }

  test('everything read is bytes, in chunks of any size', async () => {
    const opened = await start({}, bytes)
    opened.bytes.data(text('hé'), frame(2, Uint8Array.of(1, 2)), frame(2), text(''), text('b'))
    await settle(opened)
    expect(opened.messages.read(4)).toEqual(Buffer.of(0x68, 0xc3, 0xa9, 1))
    expect(opened.messages.read()).toEqual(Buffer.of(2, 0x62))
    opened.bytes.data(closeFrame(1000))
    opened.messages.resume()
    await settle(opened)
    expect(opened.events).toContain('end')
  })

  test('everything written is binary, and writes that wait together are one message', async () => {
    const opened = await start({}, bytes)
    const done: string[] = []
    opened.messages.write('hé')
    opened.messages.write('6162', 'hex')
    await settle(opened)
    expect(opened.bytes.sent).toBe('820368c3a9' + '82026162')
    opened.bytes.written.length = 0
    opened.messages.cork()
    for (const byte of [1, 2, 3]) opened.messages.write(Buffer.of(byte), () => done.push(`${byte}`))
    opened.messages.uncork()
    await settle(opened)
    expect([opened.bytes.sent, done]).toEqual(['8203010203', ['1', '2', '3']])
  })

  test('joined messages have at most 64 KiB; a longer one is sent unchanged', async () => {
    const opened = await start({}, bytes)
    opened.messages.cork()
    for (const size of [1, 65_535, 1, 70_000, 2, 3]) opened.messages.write(Buffer.alloc(size))
    opened.messages.uncork()
    await settle(opened)
    const written = Buffer.concat(opened.bytes.written)
    const sizes: number[] = []
    for (let at = 0; at < written.length; ) {
      const short = (written[at + 1] as number) & 0x7f
      const size = short < 126 ? short : short === 126 ? written.readUInt16BE(at + 2) : written.readUIntBE(at + 4, 6)
      sizes.push(size)
      at += size + (short < 126 ? 2 : short === 126 ? 4 : 10)
    }
    expect(sizes).toEqual([65_536, 1, 70_000, 5])
  })

  test('a full stream stops reading, and continues when it is read', async () => {
    const opened = await start({}, bytes)
    opened.bytes.data(frame(2, new Uint8Array(100_000)))
    await settle(opened)
    expect(opened.bytes.flowing).toBe(false)
    expect(opened.messages.read()).toHaveLength(100_000)
    await settle(opened)
    expect(opened.bytes.flowing).toBe(true)
  })

  test('must be true or false', async () => {
    const { peer } = await open()
    expect(() => messageStream(peer, { Duplex, objectMode: 0 as never })).toThrow(
      '`objectMode` must be true or false, not 0',
    )
  })
})

test('a value that is not a message is an error of the stream', async () => {
  const opened = await start()
  opened.messages.write(5)
  await settle(opened)
  expect(opened.events).toEqual([
    ['a message must be a string, an ArrayBuffer, a view of one or an object with `type` and `data`, not 5', undefined],
    'close',
  ])
  expect(opened.bytes.destroyed).toBe(true)
})

test('a full stream stops reading, and continues when it is read', async () => {
  const opened = await start()
  for (let i = 0; i < 16; i++) opened.bytes.data(text(`${i}`))
  await settle(opened)
  expect(opened.bytes.flowing).toBe(false)
  expect(opened.messages.readableLength).toBe(16)
  const read: unknown[] = []
  opened.messages.on('data', (message) => read.push(message))
  await settle(opened)
  expect(opened.bytes.flowing).toBe(true)
  expect(read).toHaveLength(16)
})

describe('the end', () => {
  test('`end` closes with 1000, and `finish` waits for their Close', async () => {
    const opened = await start()
    opened.messages.resume()
    opened.messages.end('bye')
    await settle(opened)
    expect(opened.bytes.sent).toBe('8103627965880203e8')
    expect(opened.events).toEqual([])
    opened.bytes.data(closeFrame(1000))
    await settle(opened)
    expect(opened.events).toEqual(['end', 'finish', 'close'])
    expect(opened.log).toEqual([1000])
  })

  test('their Close ends the stream after everything was read, and ends our side', async () => {
    const opened = await start()
    opened.bytes.data(text('last'), closeFrame(4000))
    await settle(opened)
    expect(opened.bytes.sent).toBe('88020fa0')
    expect(opened.events).toEqual([])
    expect(opened.messages.read()).toBe('last')
    opened.messages.resume()
    await settle(opened)
    expect(opened.events).toEqual(['end', 'finish', 'close'])
  })

  test('with `allowHalfOpen` our side stays open; writes fail', async () => {
    const opened = await start({}, { allowHalfOpen: true })
    opened.bytes.data(closeFrame(4000))
    opened.messages.resume()
    await settle(opened)
    expect(opened.events).toEqual(['end'])
    opened.messages.write('too late')
    await settle(opened)
    expect(opened.events).toEqual(['end', ['not written: the WebSocket has ended', 4000], 'close'])
  })

  test('any other end is an error with its code', async () => {
    const lost = await start()
    lost.bytes.finish()
    await settle(lost)
    expect(lost.events).toEqual([['the transport ended without a Close', 1006], 'close'])
    const faulty = await start()
    faulty.bytes.data(Uint8Array.of(0x81, 0x00))
    await settle(faulty)
    expect(faulty.events).toEqual([[expect.stringMatching(/mask/), 1002], 'close'])
    // The peer's error is answered nevertheless.
    expect(faulty.bytes.sent).toBe('880203ea')
  })

  test("the byte stream's error is the cause", async () => {
    const opened = await start()
    const cause = new Error('read ECONNRESET')
    opened.bytes.emit('error', cause)
    await settle(opened)
    expect(opened.messages.errored).toMatchObject({ closeCode: 1006, cause })
  })

  test('a stream of a peer that has already closed', async () => {
    const { peer, stream: bytes, clock } = await open()
    bytes.data(closeFrame(1000))
    await clock.settle()
    const messages = messageStream(peer, { Duplex })
    messages.resume()
    await once(messages, 'close')
    expect(messages.errored).toBeNull()
  })

  test.each<[string, unknown, string, boolean]>([
    ['nothing', undefined, '880203e8', false],
    ['a ClosedError', new ClosedError('enough', { closeCode: 4001, reason: 'a' }), '88030fa161', false],
    ['another error', new Error('broken'), '', true],
    ['a code that must not be sent', new ClosedError('gone', { closeCode: 1006 }), '', true],
    ['a reason that is too long', new ClosedError('gone', { closeCode: 4001, reason: 'a'.repeat(124) }), '', true],
  ])('destroyed with %s', async (_, error, sent, destroyed) => {
    const opened = await start()
    opened.messages.destroy(error as Error)
    await settle(opened)
    expect(opened.bytes.sent).toBe(sent)
    expect(opened.bytes.destroyed).toBe(destroyed)
    // Bytes that still arrive are dropped.
    opened.bytes.data(text('late'), closeFrame(1000))
    await settle(opened)
    expect(opened.log.at(0)).toBe(destroyed ? 1006 : 1000)
  })

  test('destroyed after their Close, whose answer is still sent', async () => {
    const opened = await start()
    opened.bytes.takes = false
    opened.bytes.data(closeFrame(1000))
    opened.messages.destroy(new Error('broken'))
    await settle(opened)
    expect(opened.bytes.sent).toBe('880203e8')
    expect(opened.bytes.destroyed).toBe(false)
  })

  test("after our Close, at most one message's worth is kept for a reader that does not read", async () => {
    const opened = await start({ limits: { maxMessageSize: 100_000 } })
    for (let i = 0; i < 16; i++) opened.bytes.data(text('x'))
    opened.messages.end()
    await settle(opened)
    for (let i = 0; i < 12 && opened.events.length === 0; i++) {
      opened.bytes.data(frame(2, new Uint8Array(100_000)))
      await settle(opened)
    }
    expect(opened.events).toEqual([['too many messages after our Close were not read', 1006], 'close'])
    expect(opened.bytes.destroyed).toBe(true)
  })
})

test('wrong arguments', async () => {
  expect(() => messageStream({} as never, { Duplex })).toThrow(new TypeError('`peer` must be a Peer, not an object'))
  const { peer } = await open()
  expect(() => messageStream(peer, {} as never)).toThrow(new TypeError('`Duplex` must be a function, not undefined'))
  expect(() => messageStream(peer, { Duplexx: Duplex } as never)).toThrow('did you mean `Duplex`?')
  const { peer: pieces } = await open({ pieces: true })
  expect(() => messageStream(pieces, { Duplex })).toThrow(/without `pieces`/)
})

/** Serves each peer as a stream. Returns the URL. */
async function serve(onStream: (stream: Duplex) => void): Promise<string> {
  const endpoint = new Endpoint({ open: (peer) => onStream(messageStream(peer, { Duplex })) })
  return `ws://127.0.0.1:${await listenHttp(endpoint)}/`
}

test('an echo by `pipeline`, for `ws`: large messages, in order, until it closes', async () => {
  let ended: ((error: unknown) => void) | undefined
  const end = new Promise((resolve) => {
    ended = resolve
  })
  const url = await serve((stream) => void pipeline(stream, stream, (error) => ended?.(error)))
  const client = new WebSocket(url)
  await once(client, 'open')
  const sent = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? textOf(i * 5000) : Buffer.from(pattern(i * 5000))))
  const got: (string | Buffer)[] = []
  client.on('message', (data: Buffer, binary) => got.push(binary ? data : data.toString()))
  for (const message of sent) client.send(message)
  while (got.length < sent.length) await once(client, 'message')
  expect(got.every((message, i) => Buffer.from(message).equals(Buffer.from(sent[i] as string)))).toBe(true)
  client.close(1000)
  expect(await end).toBeUndefined()
})

test('a reader that leaves its loop closes with 1000', async () => {
  const url = await serve(async (stream) => {
    for await (const message of stream) {
      stream.write(`got ${message}`)
      if (message === 'enough') break
    }
  })
  const client = new WebSocket(url)
  await once(client, 'open')
  client.send('enough')
  const [code] = await once(client, 'close')
  expect(code).toBe(1000)
})

test('a stream that pauses neither loses nor stores what it does not read', async () => {
  const size = 200_000
  const count = 100
  let peak = 0
  let sum = 0
  const url = await serve((stream) => {
    const slow = new Transform({
      writableObjectMode: true,
      highWaterMark: 1,
      transform(message: Buffer, _, callback) {
        peak = Math.max(peak, stream.readableLength)
        sum += message.length
        setImmediate(callback)
      },
    })
    pipeline(stream, slow, () => {})
    slow.resume()
  })
  const client = new WebSocket(url)
  await once(client, 'open')
  for (let i = 0; i < count; i++) client.send(Buffer.alloc(size))
  client.close(1000)
  await once(client, 'close')
  while (sum < size * count) await new Promise((resolve) => setImmediate(resolve))
  expect(sum).toBe(size * count)
  expect(peak).toBeLessThanOrEqual(20)
})

test("a client sends the contents of a file, and waits for the server's Close", async () => {
  const got: unknown[] = []
  const url = await serve((stream) => stream.on('data', (message) => got.push(message)).on('error', () => {}))
  const endpoint = new Endpoint()
  const offer = offerHandshake(url)
  const peer = await connectSocket(endpoint, connect(offer.port, offer.hostname), offer)
  const stream = messageStream(peer, { Duplex })
  await pipelined(Readable.from(['a', 'b', Buffer.from('c')]), stream)
  expect(got).toEqual(['a', 'b', Buffer.from('c')])
  await new Promise((resolve) => finished(stream.resume(), resolve))
  await endpoint.close()
})
