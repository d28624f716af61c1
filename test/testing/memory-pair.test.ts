/**
 * The pair in memory: two ends that behave like those of TCP, with faults on purpose. All time is simulated.
 *
 * @module
 */

import { describe, expect, test } from 'vitest'
import { acceptSocket } from '../../src/driver/accept.ts'
import { connectSocket } from '../../src/driver/connect.ts'
import { Endpoint } from '../../src/driver/endpoint.ts'
import { offerHandshake } from '../../src/handshake/offer.ts'
import { acceptStream } from '../../src/streams/accept.ts'
import { toDuplex } from '../../src/streams/duplex.ts'
import { openStream } from '../../src/streams/open.ts'
import { type MemoryDuplex, memoryPair, type PairOptions, streamPair } from '../../src/testing/memory-pair.ts'
import type { PairFaults } from '../../src/testing/memory-pipe.ts'
import { Clock } from '../driver/fakes.ts'

const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => at)

/** Returns a log of an end's events: `data 3`, `end`, `error ECONNRESET`, `close`. */
function watch(end: MemoryDuplex, log: string[] = []): string[] {
  end.on('data', (chunk: Uint8Array) => log.push(`data ${chunk.length}`))
  end.on('end', () => log.push('end'))
  end.on('error', (error: Error & { code?: string }) => log.push(`error ${error.code ?? error.message}`))
  end.on('close', () => log.push('close'))
  return log
}

/** Creates a pair with its clock, and the logs of both ends. */
function pair(options: PairOptions = {}) {
  const clock = new Clock()
  const [client, server] = memoryPair({ timers: clock, ...options })
  return { clock, client, server, received: watch(server), replies: watch(client) }
}

/** Logs the callbacks of writes and of the end, in order. */
function written(log: string[], name: string): (error?: Error | null) => void {
  return (error) => void log.push(error ? `${name}: ${error.message}` : name)
}

describe('without faults', () => {
  test('delivers bytes in a later turn, as they were written', async () => {
    const { clock, client, received } = pair()
    client.write(bytes(3))
    client.write(bytes(2))
    expect(received).toEqual([])
    await clock.settle()
    expect(received).toEqual(['data 3', 'data 2'])
  })

  test('delivers a copy, also of a Buffer', async () => {
    const clock = new Clock()
    const [client, server] = memoryPair({ timers: clock })
    const mine = Buffer.from('abc')
    let theirs: Uint8Array = new Uint8Array(0)
    server.on('data', (chunk: Uint8Array) => {
      theirs = chunk
    })
    client.write(mine)
    mine.fill(0)
    await clock.settle()
    expect([...theirs]).toEqual([97, 98, 99])
    expect(theirs.buffer.byteLength).toBe(3)
  })

  test('`end` ends one direction, and `close` follows both', async () => {
    const { clock, client, server, received, replies } = pair()
    client.write(bytes(1))
    client.end(() => replies.push('finished'))
    await clock.settle()
    expect(received).toEqual(['data 1', 'end'])
    expect(server.readableEnded).toBe(true)
    expect(replies).toEqual(['finished'])
    server.write(bytes(4))
    server.end()
    await clock.settle()
    expect(replies).toEqual(['finished', 'data 4', 'end', 'close'])
    expect(received).toEqual(['data 1', 'end', 'close'])
    expect([client.destroyed, server.destroyed]).toEqual([true, true])
  })

  test('delivers neither bytes nor the end while paused', async () => {
    const { clock, client, server, received } = pair()
    server.pause()
    client.write(bytes(1))
    client.end()
    await clock.settle()
    expect(received).toEqual([])
    server.resume()
    await clock.settle()
    expect(received).toEqual(['data 1', 'end'])
  })

  test('stays paused if it was paused before the first listener', async () => {
    const clock = new Clock()
    const [client, server] = memoryPair({ timers: clock })
    server.pause()
    const received = watch(server)
    client.write(bytes(1))
    await clock.settle()
    expect(received).toEqual([])
  })

  test('holds further bytes after a pause inside `data`', async () => {
    const { clock, client, server, received } = pair()
    server.on('data', () => server.pause())
    client.write(bytes(1))
    client.write(bytes(2))
    await clock.settle()
    expect(received).toEqual(['data 1'])
    server.resume()
    await clock.settle()
    expect(received).toEqual(['data 1', 'data 2'])
  })

  test('does not call a removed listener', async () => {
    const { clock, client, server } = pair()
    const log: number[] = []
    const listener = (chunk: Uint8Array): void => void log.push(chunk.length)
    server.on('data', listener)
    server.off('data', listener)
    client.write(bytes(1))
    await clock.settle()
    expect(log).toEqual([])
  })

  test('fails a write after the end, and does not send it', async () => {
    const { clock, client, received } = pair()
    const log: string[] = []
    client.end()
    client.write(bytes(1), written(log, 'late'))
    client.end(() => log.push('again'))
    await clock.settle()
    expect(log).toEqual(['late: a write after the end', 'again'])
    expect(received).toEqual(['end'])
  })

  test('rejects a string', () => {
    const { client } = pair()
    expect(() => client.write('a' as unknown as Uint8Array)).toThrow('a chunk must be a Uint8Array, not a string')
  })
})

describe('destroyed', () => {
  test('delivers accepted bytes after `destroy`, and then the end', async () => {
    const { clock, client, received, replies } = pair()
    client.write(bytes(3))
    client.destroy()
    client.destroy()
    await clock.settle()
    expect(received).toEqual(['data 3', 'end'])
    expect(replies).toEqual(['close'])
  })

  test('emits the error that `destroy` gets', async () => {
    const { clock, client, received, replies } = pair()
    client.destroy(new Error('mine'))
    await clock.settle()
    expect(replies).toEqual(['error mine', 'close'])
    expect(received).toEqual(['end'])
  })

  test('drops bytes that were not accepted, and fails their write', async () => {
    const { clock, client, received, replies } = pair({ fromClient: { capacity: 4 } })
    client.write(bytes(3), written(replies, 'first'))
    client.write(bytes(3), written(replies, 'second'))
    client.end()
    client.destroy()
    await clock.settle()
    expect(replies).toEqual(['first', 'second: the stream was destroyed', 'close'])
    expect(received).toEqual(['data 3', 'data 1', 'end'])
  })

  test('resets if bytes were left unread', async () => {
    const { clock, client, server, replies } = pair()
    server.pause()
    client.write(bytes(1))
    await clock.settle()
    server.destroy()
    await clock.settle()
    expect(replies).toEqual(['error ECONNRESET', 'close'])
  })

  test('answers bytes for a closed end with a reset', async () => {
    const { clock, client, server, replies } = pair()
    server.destroy()
    await clock.settle()
    expect(replies).toEqual(['end'])
    client.write(bytes(1))
    await clock.settle()
    expect(replies).toEqual(['end', 'error ECONNRESET', 'close'])
  })

  test('does not answer the end of a direction with a reset', async () => {
    const { clock, client, server, replies } = pair()
    server.destroy()
    client.end()
    await clock.settle()
    expect(replies).toEqual(['end', 'close'])
  })

  test('`resetAndDestroy` resets after the written bytes', async () => {
    const { clock, client, server, received } = pair()
    client.write(bytes(3))
    client.resetAndDestroy()
    await clock.settle()
    expect(received).toEqual(['data 3', 'error ECONNRESET', 'close'])
    const late: string[] = []
    server.write(bytes(1), written(late, 'late'))
    await clock.settle()
    expect(late).toEqual(['late: the stream was destroyed'])
  })

  test('reports a reset after the end', async () => {
    const { clock, client, received } = pair()
    client.end()
    await clock.settle()
    client.resetAndDestroy()
    await clock.settle()
    expect(received).toEqual(['end', 'error ECONNRESET', 'close'])
  })

  test('reports a reset to a paused reader, and drops what it did not read', async () => {
    const { clock, client, server, received } = pair()
    server.pause()
    client.write(bytes(3))
    client.resetAndDestroy()
    await clock.settle()
    expect(received).toEqual(['error ECONNRESET', 'close'])
  })
})

describe('faults', () => {
  test.each<[faults: PairFaults, sizes: number[]]>([
    [{ chunks: 'bytes' }, [1, 1, 1, 1, 1]],
    [{ chunks: { sizes: [2] } }, [2, 1, 2]],
    // All writes share one generator.
    [{ chunks: { sizes: [2, 9] } }, [2, 1, 2]],
    [{ slow: { size: 2, interval: 0 } }, [2, 1, 2]],
  ])('%j cuts writes of 3 and 2 bytes', async (fromClient, sizes) => {
    const { clock, client, received } = pair({ fromClient })
    client.write(bytes(3))
    client.write(bytes(2))
    await clock.advance(0)
    expect(received).toEqual(sizes.map((size) => `data ${size}`))
  })

  test('delays bytes and the end, each by its own delay', async () => {
    const { clock, client, received } = pair({ fromClient: { delay: 10 } })
    client.write(bytes(1))
    await clock.advance(5)
    client.write(bytes(2))
    client.end()
    await clock.advance(4)
    expect(received).toEqual([])
    await clock.advance(1)
    expect(received).toEqual(['data 1'])
    await clock.advance(5)
    expect(received).toEqual(['data 1', 'data 2', 'end'])
    expect(clock.timers.size).toBe(0)
  })

  test('delays one direction alone', async () => {
    const { clock, client, server, received, replies } = pair({ fromServer: { delay: 10 } })
    client.write(bytes(1))
    server.write(bytes(1))
    await clock.settle()
    expect([received, replies]).toEqual([['data 1'], []])
  })

  test('delays a reset', async () => {
    const { clock, client, received } = pair({ fromClient: { delay: 10 } })
    client.write(bytes(1))
    client.resetAndDestroy()
    await clock.advance(9)
    expect(received).toEqual([])
    await clock.advance(1)
    expect(received).toEqual(['data 1', 'error ECONNRESET', 'close'])
    expect(clock.timers.size).toBe(0)
  })

  test('delivers so many bytes in each interval to a slow reader, and then the end', async () => {
    const { clock, client, received } = pair({ fromClient: { slow: { size: 2, interval: 10 } } })
    client.write(bytes(5))
    client.end()
    await clock.advance(9)
    expect(received).toEqual(['data 2'])
    await clock.advance(10)
    expect(received).toEqual(['data 2', 'data 2'])
    await clock.advance(1)
    expect(received).toEqual(['data 2', 'data 2', 'data 1'])
    await clock.advance(10)
    expect(received).toEqual(['data 2', 'data 2', 'data 1', 'end'])
  })

  test('resets a slow reader', async () => {
    const { clock, client, received } = pair({ fromClient: { slow: { size: 2, interval: 10 } } })
    client.write(bytes(3))
    client.resetAndDestroy()
    await clock.advance(100)
    expect(received).toEqual(['data 2', 'data 1', 'error ECONNRESET', 'close'])
  })

  test('holds the callback of a write until there is capacity', async () => {
    const { clock, client, server } = pair({ fromClient: { capacity: 4 } })
    const log: string[] = []
    server.pause()
    expect(client.write(bytes(3), written(log, 'first'))).toBe(true)
    expect(client.write(bytes(3), written(log, 'second'))).toBe(false)
    client.end(() => log.push('finished'))
    await clock.settle()
    expect(log).toEqual(['first'])
    server.resume()
    await clock.settle()
    expect(log).toEqual(['first', 'second', 'finished'])
  })

  test('shows an end to the reader only, if it cuts with `fin`', async () => {
    const { clock, client, server, received, replies } = pair({ fromClient: { cut: { after: 4, by: 'fin' } } })
    client.write(bytes(3), written(replies, 'first'))
    client.write(bytes(3), written(replies, 'second'))
    client.write(bytes(3), written(replies, 'third'))
    await clock.settle()
    expect(received).toEqual(['data 3', 'data 1', 'end'])
    expect(replies).toEqual(['first', 'second', 'third'])
    server.end()
    client.end()
    await clock.settle()
    expect(received).toEqual(['data 3', 'data 1', 'end', 'close'])
    expect(replies).toEqual(['first', 'second', 'third', 'end', 'close'])
  })

  test('shows a reset to both ends, if it cuts with `reset`', async () => {
    const { clock, client, received, replies } = pair({ fromClient: { cut: { after: 3, by: 'reset' } } })
    client.write(bytes(3))
    await clock.settle()
    expect(received).toEqual(['data 3', 'error ECONNRESET', 'close'])
    expect(replies).toEqual(['error ECONNRESET', 'close'])
  })

  test('delivers nothing more, if it cuts with `silence`', async () => {
    const { clock, client, received, replies } = pair({ fromClient: { cut: { after: 1, by: 'silence' } } })
    client.write(bytes(3), written(replies, 'taken'))
    client.end(() => replies.push('finished'))
    client.resetAndDestroy()
    await clock.advance(100_000)
    expect(received).toEqual(['data 1'])
    expect(replies).toEqual(['taken', 'finished', 'close'])
  })

  test.each(['fin', 'reset', 'silence'] as const)('cuts after 0 bytes with %s', async (by) => {
    const { clock, client, received } = pair({ fromClient: { cut: { after: 0, by } } })
    client.write(bytes(1))
    await clock.settle()
    expect(received).toEqual({ fin: ['end'], reset: ['error ECONNRESET', 'close'], silence: [] }[by])
  })

  test('does not starve the timers in a flood', async () => {
    const [client, server] = memoryPair()
    let count = 0
    const again = (): void => {
      count++
      if (!client.destroyed) client.write(bytes(64), again)
    }
    server.resume()
    again()
    await new Promise((resolve) => setTimeout(resolve, 1))
    client.destroy()
    expect(count).toBeGreaterThan(1)
  })
})

describe('wrong options', () => {
  test.each<[options: unknown, message: string]>([
    [{ fromclient: {} }, 'the options of memoryPair: unknown option "fromclient"; did you mean `fromClient`?'],
    [{ fromClient: { cutAfter: 3 } }, 'did you mean `cut.after`?'],
    [{ fromClient: { delay: -1 } }, '`fromClient.delay` must be a whole number from 0 on, not -1'],
    [{ fromServer: { delay: '1' } }, '`fromServer.delay` must be a number, not a string'],
    [{ fromServer: { capacity: -1 } }, '`fromServer.capacity` must be a whole number from 0 on, not -1'],
    [{ fromServer: { chunks: 'byte' } }, "`fromServer.chunks` must be 'whole'"],
    [{ fromServer: { chunks: { sizes: [0] } } }, 'each of `fromServer.chunks.sizes` must be a whole number from 1 on'],
    [{ fromClient: { slow: { size: 0, interval: 1 } } }, '`fromClient.slow.size` must be a whole number from 1 on'],
    [
      { fromClient: { slow: { size: 1 } } },
      '`fromClient.slow.interval` must be a whole number from 0 on, not undefined',
    ],
    [{ fromClient: { cut: { after: 1 } } }, "`fromClient.cut.by` must be 'fin' or 'reset' or 'silence', not undefined"],
    [{ fromClient: { cut: { by: 'fin' } } }, '`fromClient.cut.after` must be a whole number from 0 on, not undefined'],
    [{ timers: 1 }, '`timers` must be an object'],
    [null, 'the options of memoryPair must be an object, not null'],
  ])('%j', (options, message) => {
    expect(() => memoryPair(options as PairOptions)).toThrow(message)
  })

  test('of streamPair', () => {
    expect(() => streamPair({ delay: 1 } as PairOptions)).toThrow('the options of streamPair: unknown option "delay"')
  })
})

describe('under an endpoint', () => {
  const echo = () => new Endpoint({ keepalive: false, message: (peer, data) => peer.send(data) })

  test.each<PairOptions>([
    {},
    { fromClient: { chunks: 'bytes' }, fromServer: { chunks: { seed: 3 } } },
    { fromClient: { slow: { size: 1000, interval: 0 } }, fromServer: { capacity: 0 } },
  ])('carries a message and its echo, and both ends close: %j', async (options) => {
    const [client, server] = memoryPair(options)
    acceptSocket(echo(), server)
    const message = 'x'.repeat(5000)
    const answer = new Promise((resolve) => {
      const endpoint = new Endpoint({ keepalive: false, message: (_, data) => resolve(data) })
      void connectSocket(endpoint, client, offerHandshake('ws://localhost/')).then((peer) => peer.send(message))
    })
    expect(await answer).toBe(message)
    const closed = new Promise((resolve) => client.on('close', () => resolve('closed')))
    server.resetAndDestroy()
    expect(await closed).toBe('closed')
  })

  test('ends both ends in the right order after the closing handshake', async () => {
    const log: string[] = []
    const [client, server] = memoryPair()
    client.on('close', () => log.push('client over'))
    server.on('close', () => log.push('server over'))
    const endpoint = new Endpoint({ close: (_, { code, clean }) => log.push(`server ${code} ${clean}`) })
    acceptSocket(endpoint, server)
    const clients = new Endpoint({ close: (_, { code, clean }) => log.push(`client ${code} ${clean}`) })
    const peer = await connectSocket(clients, client, offerHandshake('ws://localhost/'))
    peer.close(4000)
    await Promise.all([client, server].map((end) => new Promise((resolve) => end.on('close', () => resolve(null)))))
    expect(log.slice(0, 2)).toEqual(['server 4000 true', 'client 4000 true'])
    expect(log.slice(2).sort()).toEqual(['client over', 'server over'])
  })

  test('lets keepalive find silence', async () => {
    const clock = new Clock()
    const [client, server] = memoryPair({ timers: clock, fromClient: { cut: { after: 400, by: 'silence' } } })
    const log: string[] = []
    const endpoint = new Endpoint({
      timers: clock,
      keepalive: { interval: 1000, timeout: 1000 },
      message: (peer, data) => peer.send(data),
      close: (_, { code }) => log.push(`${clock.now()}: ${code}`),
    })
    acceptSocket(endpoint, server)
    const connected = connectSocket(new Endpoint({ timers: clock }), client, offerHandshake('ws://localhost/'))
    await clock.settle()
    const peer = await connected
    peer.send('x'.repeat(400))
    await clock.advance(5000)
    expect(log).toEqual(['2000: 1006'])
    expect(server.destroyed).toBe(true)
  })
})

describe('streamPair', () => {
  test('acceptStream and openStream', async () => {
    const [client, server] = streamPair({ fromClient: { chunks: 'bytes' } })
    const [opened, accepted] = await Promise.all([
      openStream(client, offerHandshake('ws://localhost/chat')),
      acceptStream(server),
    ])
    if (!opened.ok || !accepted.ok) throw new Error('not opened')
    const writer = opened.writable.getWriter()
    const reader = accepted.readable.getReader()
    void writer.write('hello')
    expect(await reader.read()).toEqual({ done: false, value: 'hello' })
    void writer.close()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    expect((await opened.closed).code).toBe(1000)
    expect((await accepted.closed).code).toBe(1000)
  })

  test('works with toDuplex, and resets', async () => {
    const [client, server] = streamPair({ fromClient: { cut: { after: 2, by: 'reset' } } })
    const log: string[] = []
    const end = toDuplex(server)
    const over = new Promise((resolve) => end.on('close', resolve))
    end.on('data', (chunk: Uint8Array) => log.push(`data ${chunk.length}`))
    end.on('error', ({ code }: Error & { code?: string }) => log.push(`error ${code}`))
    end.resume()
    const writer = client.writable.getWriter()
    await writer.write(bytes(5))
    await over
    expect(log).toEqual(['data 2', 'error ECONNRESET'])
    await expect(writer.write(bytes(1))).rejects.toThrow('the connection was reset')
    await expect(client.readable.getReader().read()).rejects.toThrow('the connection was reset')
  })

  test('ends one direction when `writable` closes', async () => {
    const [client, server] = streamPair()
    await client.writable.close()
    expect(await server.readable.getReader().read()).toEqual({ done: true, value: undefined })
    void server.writable.getWriter().write(Uint8Array.of(7))
    expect(await client.readable.getReader().read()).toEqual({ done: false, value: Uint8Array.of(7) })
  })

  test('delivers one chunk for each read', async () => {
    const [client, server] = streamPair({ fromClient: { capacity: 0 } })
    const writer = client.writable.getWriter()
    let taken = false
    void writer.write(Uint8Array.of(1)).then(() => {
      taken = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toBe(false)
    const reader = server.readable.getReader()
    expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(1) })
    await new Promise((resolve) => setImmediate(resolve))
    expect(taken).toBe(true)
  })

  test.each(['close', 'cancel', 'abort'] as const)('%s ends both directions', async (how) => {
    const [client, server] = streamPair()
    if (how === 'close') client.close()
    else if (how === 'cancel') await client.readable.cancel()
    else await client.writable.abort()
    expect(await server.readable.getReader().read()).toEqual({ done: true, value: undefined })
    if (how !== 'abort') await expect(client.writable.getWriter().write(bytes(1))).rejects.toThrow('destroyed')
    if (how !== 'cancel') await expect(client.readable.getReader().read()).rejects.toThrow('destroyed')
  })
})
