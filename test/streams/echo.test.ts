// Messages both ways over transports that split at random: nothing is lost, changed or reordered, and backpressure works.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../peers/support.ts'
import { pattern } from '../wire.ts'
import { both, Puppet, quiet, readAll, released, writeAll } from './pipes.ts'

const message = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 60_000, maxLength: 70_000 }),
)
const plain = (item: string | Uint8Array) =>
  typeof item === 'string' ? `text ${item}` : Buffer.from(item).toString('hex')

describe('an echo by pipeTo', () => {
  test('returns everything written, even if the client closes right after', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 30 }),
        fc.integer(),
        fc.constantFrom(0, 100, undefined),
        fc.constantFrom(50, undefined),
        async (messages, seed, readAhead, fragmentSize) => {
          const ends = both({ random: createRandom(seed) }, { readAhead, fragmentSize }, { readAhead, fragmentSize })
          const { clientStreams, serverStreams } = ends
          const echoing = serverStreams.readable.pipeTo(serverStreams.writable)
          const reading = readAll(clientStreams.readable)
          await writeAll(clientStreams.writable, messages)
          await clientStreams.writable.close()
          await echoing
          expect((await reading).map(plain)).toEqual(messages.map(plain))
          const close = { type: 'close', code: 1000, reason: '', sentCode: 1000, clean: true, error: undefined }
          expect(await clientStreams.closed).toEqual({ ...close, by: 'local' })
          expect(await serverStreams.closed).toEqual({ ...close, by: 'remote' })
          await released(ends.client)
          await released(ends.server)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('carries 16 MiB in messages of 4 MiB, both ways', async () => {
    const { clientStreams, serverStreams } = both({ random: createRandom(1) })
    const echoing = serverStreams.readable.pipeTo(serverStreams.writable)
    const reading = readAll(clientStreams.readable)
    const large = pattern(2 ** 22)
    await writeAll(clientStreams.writable, [large, large, large, large])
    await clientStreams.writable.close()
    await echoing
    const echoes = await reading
    expect(echoes).toHaveLength(4)
    for (const each of echoes) expect(Buffer.compare(each as Uint8Array, large)).toBe(0)
  })
})

describe('a slow reader', () => {
  test.each([[undefined], [0], [10_000]])('makes the writer wait (readAhead %s)', async (readAhead) => {
    const { clientStreams, serverStreams, toServer } = both({}, {}, { readAhead })
    const size = 1000
    let written = 0
    const writing = (async () => {
      const writer = clientStreams.writable.getWriter()
      for (; written < 1000; written++) await writer.write(pattern(size))
      await writer.close()
    })()
    await quiet()
    const bound = (readAhead ?? 65_536) + 3 * size
    expect(toServer.passed).toBeLessThanOrEqual(bound)
    const reader = serverStreams.readable.getReader()
    for (let taken = 1; taken <= 1000; taken++) {
      expect((await reader.read()).value).toHaveLength(size)
      if (taken % 100 !== 0) continue
      await quiet()
      expect(toServer.passed).toBeLessThanOrEqual(taken * (size + 8) + bound)
      expect(written).toBeLessThanOrEqual(taken + bound / size)
    }
    expect((await reader.read()).done).toBe(true)
    await writing
  })

  test('also limits unread empty messages', async () => {
    const { clientStreams, toServer } = both()
    void writeAll(
      clientStreams.writable,
      Array.from({ length: 5000 }, () => ''),
    )
    await quiet()
    await quiet()
    expect(toServer.passed / 6).toBeLessThanOrEqual(65_536 / 64 + 3)
  })

  test('still lets pings be answered and a Close be noticed', async () => {
    const peer = new Puppet('server')
    for (let i = 0; i < 50; i++) {
      peer.connection.sendBinary(pattern(1000))
      peer.connection.ping(String(i))
      await peer.send()
      expect(await peer.next()).toMatchObject([{ type: 'pong', data: Uint8Array.from(Buffer.from(String(i))) }])
    }
    peer.connection.close(1001)
    await peer.send()
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1001 }])
    expect(await peer.streams.closed).toMatchObject({ code: 1001, by: 'remote' })
    expect(await readAll(peer.streams.readable)).toHaveLength(50)
  })
})

describe('a blocked writer', () => {
  test('does not stop reading, and pings are answered once it continues', async () => {
    const peer = new Puppet('server')
    let written = 0
    void (async () => {
      const writer = peer.streams.writable.getWriter()
      for (; written < 100; written++) await writer.write(String(written))
    })()
    await quiet()
    // The peer reads nothing: one message is in flight, and one waits.
    expect(written).toBeLessThanOrEqual(2)
    const reader = peer.streams.readable.getReader()
    for (let i = 0; i < 200; i++) {
      peer.connection.ping(String(i))
      peer.connection.sendText(`message ${i}`)
      await peer.send()
      expect((await reader.read()).value).toBe(`message ${i}`)
    }
    const events = []
    while (events.filter(({ type }) => type === 'text').length < 100) events.push(...((await peer.next()) ?? []))
    const pongs = events.flatMap((event) => (event.type === 'pong' ? [Buffer.from(event.data).toString()] : []))
    expect(pongs.length).toBeGreaterThan(60)
    expect(pongs.at(-1)).toBe('199')
  })

  test('two peers that only write stall, and continue as soon as one reads', async () => {
    const { clientStreams, serverStreams } = both()
    const messages = Array.from({ length: 200 }, () => pattern(5000))
    const writing = [clientStreams, serverStreams].map(({ writable }) => writeAll(writable, messages))
    await quiet()
    const reading = [clientStreams, serverStreams].map(({ readable }) => readAll(readable))
    await Promise.all(writing)
    await clientStreams.writable.close()
    for (const each of await Promise.all(reading)) expect(each).toHaveLength(200)
  })
})
