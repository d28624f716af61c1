// Two connections with pipes that split and merge at random: nothing is lost, changed or reordered, and both end.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionEvent } from '../../src/connection/events.ts'
import { receiveAll } from '../receive.ts'
import { concat } from '../wire.ts'

type Sent = { type: 'text'; data: string } | { type: 'binary' | 'ping'; data: Uint8Array }

const message = fc.oneof(
  fc.record({ type: fc.constant('text' as const), data: fc.string({ unit: 'grapheme', maxLength: 300 }) }),
  fc.record({ type: fc.constant('binary' as const), data: fc.uint8Array({ maxLength: 70_000 }) }),
  fc.record({ type: fc.constant('ping' as const), data: fc.uint8Array({ maxLength: 125 }) }),
)

function send(connection: Connection, { type, data }: Sent): void {
  if (type === 'text') connection.sendText(data)
  else if (type === 'binary') connection.sendBinary(data)
  else connection.ping(data)
}

/** Delivers bytes in chunks of random sizes. */
function deliver(bytes: Uint8Array, to: Connection, sizes: readonly number[]): ConnectionEvent[] {
  const events: ConnectionEvent[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number
    // A buffer that is used again for each chunk, as in some transports.
    const chunk = bytes.slice(at, at + size)
    events.push(...receiveAll(to, chunk))
    chunk.fill(0xee)
    at += size
  }
  return events
}

const plain = ({ type, data }: { type: string; data: string | Uint8Array }) => ({
  type,
  data: typeof data === 'string' ? data : Buffer.from(data).toString('hex'),
})

test('a server echoes everything that a client sends, in any chunks and fragments', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70_000 })), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }),
      fc.boolean(),
      (messages, sizes, fragmentSize, ownsChunks) => {
        const client = new Connection({ role: 'client', fragmentSize })
        const server = new Connection({ role: 'server', fragmentSize, ownsChunks: false })
        for (const item of messages) send(client, item)
        client.close(4321, 'done')
        const atServer = deliver(client.takeOutput() as Uint8Array, server, sizes)
        for (const event of atServer) if (event.type === 'text' || event.type === 'binary') send(server, event)
        const received = atServer.slice(0, -1) as Sent[]
        expect(received.map(plain)).toEqual(messages.map(plain))
        expect(atServer.at(-1)).toMatchObject({ type: 'close', code: 4321, reason: 'done', clean: true, by: 'remote' })
        const back = deliver(server.takeOutput() as Uint8Array, client, ownsChunks ? [1 << 20] : sizes)
        expect(server.transport).toBe('end')
        expect(back.at(-1)).toMatchObject({ type: 'close', code: 4321, clean: true, by: 'local' })
        // Pongs come first, because they were due before the echoes were sent.
        const echoed = back.slice(0, -1) as Sent[]
        expect(echoed.filter(({ type }) => (type as string) !== 'pong').map(plain)).toEqual(
          messages.filter(({ type }) => type !== 'ping').map(plain),
        )
        expect(client.receiveEnd()).toEqual([])
        expect(client.transport).toBe('end')
      },
    ),
    { numRuns: 150 },
  )
})

test('arbitrary bytes cause events and at most one close, the same in any split, and never an exception', () => {
  const frameLike = fc.tuple(
    fc.constantFrom(0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8a, 0xc1, 0x83),
    fc.integer({ min: 0, max: 12 }),
    fc.uint8Array({ maxLength: 12 }),
  )
  const bytes = fc
    .array(
      fc.oneof(
        frameLike.map(([first, length, tail]) => concat(Uint8Array.of(first, length), tail)),
        fc.uint8Array({ maxLength: 20 }),
      ),
    )
    .map((parts) => concat(...parts))
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 9 }), (stream, size) => {
      const whole = new Connection({ role: 'client' })
      const torn = new Connection({ role: 'client' })
      const expected = [...whole.receive(stream.slice())]
      expect(deliver(stream, torn, [size])).toEqual(expected)
      expect(expected.filter(({ type }) => type === 'close').length).toBeLessThanOrEqual(1)
      expect(torn.receiveEnd()).toEqual(whole.receiveEnd())
      torn.takeOutput()
      expect(torn.transport).toBe('end')
    }),
    { numRuns: 2000 },
  )
})
