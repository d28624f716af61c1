// A peer over a stream that counts the bytes it has not taken yet, as Node's streams do: small writes have no callback.

import { describe, expect, test } from 'vitest'
import { detach, drive, Endpoint, type EndpointOptions, type Peer } from '../../src/adapters/node/index.ts'
import { Connection } from '../../src/connection/index.ts'
import { Clock, CountingSocket, CountingStream, frame, text } from './fakes.ts'

interface Opened {
  readonly clock: Clock
  readonly peer: Peer
  readonly log: unknown[]
}

/** A server's peer over this stream. */
async function open(stream: CountingStream, options: EndpointOptions = {}): Promise<Opened> {
  const clock = new Clock()
  const log: unknown[] = []
  const endpoint = new Endpoint({
    timers: clock,
    keepalive: false,
    message: (_, data) => void log.push(data),
    drain: () => void log.push('drain'),
    close: (_, { code, error }) => void log.push(`${code} ${error?.code ?? ''}`.trim()),
    gone: () => void log.push('gone'),
    error: (error) => void log.push((error as Error).message),
    ...options,
  })
  const peer = drive(endpoint, stream, new Connection(endpoint.connectionOptions('server', stream)))
  await clock.settle()
  return { clock, peer, log }
}

/** A stream that takes nothing on its own. */
function slow<Stream extends CountingStream>(stream: Stream): Stream {
  stream.takes = false
  return stream
}

test('bytes written without a callback count as in flight', async () => {
  const stream = slow(new CountingStream())
  const { peer, clock } = await open(stream)
  peer.send('abc')
  await clock.settle()
  expect([peer.bufferedAmount, peer.full]).toEqual([5, false])
  stream.take()
  expect(peer.bufferedAmount).toBe(0)
})

test('a full peer gets `drain`, and is read again', async () => {
  const stream = slow(new CountingStream())
  const { peer, clock, log } = await open(stream, { highWaterMark: 10 })
  peer.send('abc')
  await clock.settle()
  peer.send('abcdefgh')
  await clock.settle()
  expect([peer.full, stream.flowing]).toEqual([true, false])
  stream.take()
  await clock.settle()
  expect([peer.full, stream.flowing, log]).toEqual([false, true, ['drain']])
})

describe('keepalive tolerates a slow peer that takes output while more waits', () => {
  test.each([35, 40, 50, 55, 59])('the first write is taken after %i s', async (at) => {
    const stream = slow(new CountingStream())
    const keepalive = { interval: 30_000, timeout: 30_000 }
    const { peer, clock, log } = await open(stream, { keepalive, highWaterMark: 200_000 })
    for (const wait of [29_900, 50]) {
      await clock.advance(wait)
      for (let count = 0; count < 20; count++) peer.send('x'.repeat(3000))
      await clock.settle()
    }
    await clock.advance(at * 1000 - 29_950)
    stream.take(1)
    await clock.advance(61_000 - at * 1000)
    expect(log).toEqual([])
  })

  test('but not a peer that takes nothing', async () => {
    const stream = slow(new CountingStream())
    const { peer, clock, log } = await open(stream, { keepalive: { interval: 30_000, timeout: 30_000 } })
    peer.send('x')
    await clock.advance(61_000)
    expect(log).toContain('1006 timeout')
  })
})

test("somebody else's bytes that fill the stream delay the peer, and do not stop it", async () => {
  const stream = slow(new CountingStream())
  stream.write(new Uint8Array(100_000))
  const { peer, clock, log } = await open(stream)
  peer.send('hello')
  await clock.settle()
  expect(stream.written).toHaveLength(2)
  stream.take()
  await clock.settle()
  expect(stream.sent.endsWith('810568656c6c6f')).toBe(true)
  stream.data(text('x'))
  expect([log, stream.flowing]).toEqual([['x'], true])
})

describe('payloads that are given away', () => {
  test('are dropped whole after an error, or written to their end', async () => {
    const stream = slow(new CountingSocket())
    const { peer, clock, log } = await open(stream, { ownsMessages: true })
    // The second header is at the limit of one write, 256 KiB.
    peer.send(new Uint8Array(262_144 - 10 - 2))
    for (let count = 0; count < 3; count++) peer.send(new Uint8Array(8192).fill(7))
    await clock.settle()
    stream.data(frame(1, 'x', { maskKey: undefined }))
    stream.take()
    await clock.settle()
    stream.takes = true
    stream.take()
    await clock.settle()
    const bytes = Buffer.concat(stream.written)
    expect(log).toEqual(['1002 unmasked'])
    expect(bytes.subarray(-4).toString('hex')).toBe('880203ea')
    expect(bytes.length).toBe(262_142 + 8196 + 4)
  })

  test.each([false, true])(
    'and transferred before they are written end only their peer; stream full: %s',
    async (full) => {
      const stream = slow(new CountingSocket())
      const { peer, clock, log } = await open(stream, { ownsMessages: true })
      if (full) peer.send(new Uint8Array(70_000))
      await clock.settle()
      const given = new Uint8Array(8192)
      peer.send(given)
      structuredClone(given.buffer, { transfer: [given.buffer] })
      await clock.settle()
      stream.take()
      await clock.settle()
      expect(log.filter((line) => line !== 'drain')).toEqual([
        expect.stringMatching(/^a payload was transferred/),
        '1006',
        'gone',
      ])
    },
  )
})

test('an allocator that returns no bytes ends its peer, with all its deadlines', async () => {
  const stream = new CountingStream()
  const { clock, log } = await open(stream, {
    native: { allocate: () => [] as never },
    message: (peer, data) => void peer.send(data),
    closeTimeout: 500,
  })
  stream.data(text('hello'))
  await clock.advance(3000)
  expect(log.slice(-2)).toEqual(['1006', 'gone'])
  expect(clock.timers.size).toBe(0)
})

test('a peer leaves after the callbacks of its writes, not before', async () => {
  const stream = slow(new CountingStream())
  const { peer, clock, log } = await open(stream)
  peer.send('hello', { written: (error) => log.push(error?.message ?? 'written') })
  await clock.settle()
  // Node's streams update their count before they call back.
  stream.writableLength = 0
  const left = detach(peer)
  await clock.settle()
  expect(log).toEqual([])
  stream.writableLength = 7
  stream.take()
  await clock.settle()
  expect([log, (await left) !== undefined]).toEqual([['written', 'gone'], true])
})

test('a stream that calls back before it has taken anything gets one empty write', async () => {
  class Early extends CountingStream {
    override write(chunk: Uint8Array, callback?: () => void): boolean {
      this.writableLength += chunk.length
      this.written.push(chunk)
      queueMicrotask(() => callback?.())
      return false
    }
  }
  const stream = new Early()
  stream.writableLength = 100_000
  const { peer, clock } = await open(stream)
  peer.send('hello')
  await clock.settle()
  expect(stream.written.map(({ length }) => length)).toEqual([0])
})
