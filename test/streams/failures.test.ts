// Failing transports, peers that break rules, and errors thrown by callbacks. Everything ends, without unhandled rejections.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProtocolError, type Role } from '../../src/index.ts'
import { ClosedError, messageStreams } from '../../src/streams/index.ts'
import { createRandom, within } from '../peers/support.ts'
import { concat, hex, pattern } from '../wire.ts'
import { both, Puppet, quiet, readAll, rejection, released } from './pipes.ts'

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(async () => {
  await quiet()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

const roles: Role[] = ['client', 'server']

/** A careless user, who ignores every promise but `closed`. */
const ignore = (): void => {}

describe('a transport that fails', () => {
  test('at any byte ends both sides, and nothing hangs', async () => {
    const codes = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.nat(6000), fc.integer(), fc.boolean(), async (failsAt, seed, echoes) => {
        const ends = both({ random: createRandom(seed), failsAt })
        const { clientStreams, serverStreams } = ends
        if (echoes) serverStreams.readable.pipeTo(serverStreams.writable).catch(ignore)
        const received = readAll(clientStreams.readable)
        const reading = within(
          received.then(ignore, (error: unknown) => error),
          'the readable to end',
        )
        const writer = clientStreams.writable.getWriter()
        const writes = Promise.allSettled([
          ...Array.from({ length: 20 }, (_, i) => writer.write(pattern(17 * i))),
          writer.close(),
        ])
        const outcomes = await Promise.all([
          within(clientStreams.closed, 'the client to end'),
          within(serverStreams.closed, 'the server to end'),
        ])
        await writes
        for (const { code, clean } of outcomes) {
          codes.add(code)
          expect([1000, 1006]).toContain(code)
          expect(clean).toBe(code === 1000)
        }
        const error = await reading
        if (outcomes[0].clean) expect(error).toBeUndefined()
        else expect(error).toMatchObject({ name: 'ClosedError', closeCode: 1006 })
        await released(ends.client)
        await released(ends.server)
      }),
      { numRuns: 150 },
    )
    expect([...codes].sort()).toEqual([1000, 1006])
  })

  test.each(roles)(
    'is reported to a %s that waits, writes or does nothing, with its error as the cause',
    async (role) => {
      const peer = new Puppet(role)
      const cause = new Error('the line is cut')
      const reader = peer.streams.readable.getReader()
      const writer = peer.streams.writable.getWriter()
      const reading = rejection(reader.read())
      const incoming = role === 'client' ? peer.between.toClient : peer.between.toServer
      incoming.fail(cause)
      const close = { type: 'close', code: 1006, reason: '', clean: false, by: 'transport', error: undefined }
      expect(await peer.streams.closed).toEqual({ ...close, cause })
      for (const error of [await reading, await rejection(writer.ready), await rejection(writer.write('late'))]) {
        expect(error).toBeInstanceOf(ClosedError)
        expect(error).toMatchObject({ closeCode: 1006, reason: '', cause })
      }
      await released(peer.between[role])
    },
  )

  test('in the outgoing direction only ends both', async () => {
    const peer = new Puppet('server')
    const reading = rejection(peer.streams.readable.getReader().read())
    peer.between.toClient.fail(new Error('nobody listens'))
    expect(await peer.streams.closed).toMatchObject({ code: 1006 })
    expect(await reading).toMatchObject({ closeCode: 1006, cause: new Error('nobody listens') })
    await released(peer.between.server)
  })

  test('is reported at once, even if the inbox is full', async () => {
    const peer = new Puppet('server')
    const sending = (async () => {
      for (;;) {
        peer.connection.sendBinary(pattern(10_000))
        await peer.send()
      }
    })().catch(ignore)
    await quiet()
    peer.between.toServer.fail(new Error('the line is cut'))
    expect(await within(peer.streams.closed, 'the end')).toMatchObject({ code: 1006 })
    await sending
    // Earlier messages are delivered first.
    const reader = peer.streams.readable.getReader()
    expect((await reader.read()).value).toHaveLength(10_000)
  })

  test('that ends without a Close is reported as 1006, after earlier messages', async () => {
    const peer = new Puppet('client')
    peer.connection.sendText('one')
    peer.connection.sendText('two')
    await peer.send()
    await peer.end()
    const close = { type: 'close', code: 1006, reason: '', clean: false, by: 'transport', error: undefined }
    expect(await peer.streams.closed).toEqual(close)
    const reader = peer.streams.readable.getReader()
    expect([(await reader.read()).value, (await reader.read()).value]).toEqual(['one', 'two'])
    const error = await rejection(reader.read())
    expect(error).toMatchObject({ name: 'ClosedError', closeCode: 1006 })
    expect(error).not.toHaveProperty('cause')
    expect(await peer.next()).toBeUndefined()
    await released(peer.between.client)
  })

  test('after both Closes has no effect', async () => {
    const peer = new Puppet('client')
    peer.connection.close(1000)
    await peer.send()
    await peer.next()
    expect(await peer.streams.closed).toMatchObject({ code: 1000, clean: true })
    peer.between.toClient.fail(new Error('torn'))
    expect(await readAll(peer.streams.readable)).toEqual([])
    await released(peer.between.client)
  })

  test.each([
    ['a string', 'text'],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['null', null],
  ])('that returns %s instead of bytes fails, and reports why', async (_, chunk) => {
    const readable = new ReadableStream({ start: (controller) => controller.enqueue(chunk) })
    const streams = messageStreams({ readable, writable: new WritableStream() }, { role: 'server' })
    const { cause, ...closed } = await within(streams.closed, 'the end')
    expect(closed).toMatchObject({ code: 1006, sentCode: 1011 })
    expect(cause).toBeInstanceOf(TypeError)
    expect(await rejection(streams.readable.getReader().read())).toMatchObject({ closeCode: 1006, cause })
  })
})

// To a client: a server's frames are unmasked.
const errors: [title: string, bytes: string, code: number, error: string][] = [
  ['a reserved bit', 'c100', 1002, 'reserved-bits'],
  ['a reserved opcode', '8300', 1002, 'reserved-opcode'],
  ['a masked frame from a server', '818000000000', 1002, 'masked'],
  ['bad UTF-8', '8101ff', 1007, 'utf8'],
  ['a message that is too large', '827e03e9', 1009, 'too-large'],
]

describe.each(errors)('%s', (_, bytes, code, protocolError) => {
  test(`is answered with ${code}, and fails both streams`, async () => {
    const peer = new Puppet('client', { limits: { maxMessageSize: 1000 } })
    const writer = peer.streams.writable.getWriter()
    await peer.send(concat(hex('810161'), hex(bytes), hex('810162')))
    const reader = peer.streams.readable.getReader()
    expect((await reader.read()).value).toBe('a')
    const error = await rejection(reader.read())
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: protocolError, closeCode: code })
    expect(await rejection(writer.ready)).toBe(error)
    // Its result is ignored: it continues to send for a while.
    const sending = (async () => {
      for (let i = 0; i < 10; i++) await peer.send(pattern(1000))
      await peer.end()
    })()
    expect(await peer.rest()).toMatchObject([{ type: 'close', code }])
    await sending
    const closed = { type: 'close', code, reason: '', sentCode: code, clean: false, by: 'local', error }
    expect(await peer.streams.closed).toEqual(closed)
    await released(peer.between.client)
  })
})

describe("a caller's mistake", () => {
  test.each([
    ['a value that is not a message', 42, {}],
    ['a lone surrogate', '\ud800', { loneSurrogates: 'error' }],
  ] as const)('%s fails the writable, and closes with 1011', async (_, message, options) => {
    const peer = new Puppet('client', options)
    const writer = peer.streams.writable.getWriter()
    expect(await rejection(writer.write(message as string))).toBeInstanceOf(TypeError)
    expect(await peer.next()).toMatchObject([{ type: 'close', code: 1011 }])
    await peer.send()
    expect(await peer.streams.closed).toMatchObject({ code: 1011, clean: true })
  })

  test('in a callback ends the connection, with the thrown error as the cause', async () => {
    const cause = new Error('no luck')
    const fails = (): never => {
      throw cause
    }
    const peer = new Puppet('client', { maskKeys: fails })
    peer.connection.ping()
    await peer.send()
    expect(await peer.streams.closed).toMatchObject({ code: 1006 })
    expect(await rejection(peer.streams.readable.getReader().read())).toMatchObject({ cause })
  })
})
