// A pair of WHATWG streams in the shape of a Duplex: what an endpoint needs of it, and endpoints over it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { offerHandshake } from '../../src/index.ts'
import {
  acceptSocket,
  type ByteStreams,
  connectSocket,
  type DuplexLike,
  Endpoint,
  HandshakeError,
  toDuplex,
} from '../../src/streams/index.ts'
import { within } from '../peers/support.ts'
import { line, quiet, rejection, released } from './pipes.ts'

const unhandled: unknown[] = []
const note = (reason: unknown): void => void unhandled.push(reason)
beforeAll(() => void process.on('unhandledRejection', note))
afterAll(async () => {
  await quiet()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

const offer = offerHandshake('ws://a.example/')
const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values)

/** The events of a duplex, as they arrive. */
function watch(duplex: DuplexLike): unknown[][] {
  const events: unknown[][] = []
  for (const name of ['data', 'end', 'error', 'close'])
    duplex.on(name, (...given: unknown[]) => void events.push([name, ...given]))
  return events
}

describe('an endpoint', () => {
  test('accepts and connects over pairs of streams, and releases them', async () => {
    const { client, server } = line()
    const received: unknown[] = []
    const servers = new Endpoint({ message: (peer, data) => peer.send(data) })
    const clients = new Endpoint({ message: (_, data) => received.push(data) })
    acceptSocket(servers, toDuplex(server))
    const peer = await connectSocket(clients, toDuplex(client), offer)
    peer.send('hello')
    await quiet()
    expect(received).toEqual(['hello'])
    expect([servers.peers.size, clients.peers.size]).toEqual([1, 1])
    await within(Promise.all([servers.close(), clients.close()]), 'all to be released')
    await released(client)
    await released(server)
  })

  test('also refuses over them', async () => {
    const { client, server } = line()
    const servers = new Endpoint({ handshake: { hosts: ['b.example'] } })
    acceptSocket(servers, toDuplex(server))
    const error = await rejection(connectSocket(new Endpoint(), toDuplex(client), offer))
    expect(error).toBeInstanceOf(HandshakeError)
    expect(error).toMatchObject({ response: { status: 421 } })
    await released(client)
    await released(server)
  })
})

describe('toDuplex', () => {
  test('reads only while it is resumed, and keeps a chunk that arrives too late', async () => {
    const { client, server } = line()
    const duplex = toDuplex(server)
    const events = watch(duplex)
    const writer = client.writable.getWriter()
    const writes = [writer.write(bytes(1)), writer.write(bytes(2)), writer.close()]
    await quiet()
    expect(events).toEqual([])
    duplex.resume()
    duplex.pause()
    await quiet()
    expect(events).toEqual([])
    duplex.resume()
    await Promise.all(writes)
    await quiet()
    expect(events).toEqual([['data', bytes(1)], ['data', bytes(2)], ['end']])
    expect([duplex.readableEnded, duplex.destroyed]).toEqual([true, false])
  })

  test('stops between two chunks', async () => {
    const { client, server } = line()
    const duplex = toDuplex(server)
    const events = watch(duplex)
    duplex.on('data', () => duplex.pause())
    duplex.resume()
    const writer = client.writable.getWriter()
    writer.write(bytes(1)).catch(() => {})
    writer.write(bytes(2)).catch(() => {})
    await quiet()
    expect(events).toEqual([['data', bytes(1)]])
  })

  test('calls back when a write has been taken, and `end` after all of them', async () => {
    const { client, server } = line()
    const duplex = toDuplex(server)
    const done: string[] = []
    duplex.write(bytes(1), (error) => done.push(`first ${error}`))
    duplex.write(bytes(2), (error) => done.push(`second ${error}`))
    duplex.end(() => done.push('end'))
    await quiet()
    expect(done).toEqual([])
    const reader = client.readable.getReader()
    expect((await reader.read()).value).toEqual(bytes(1))
    await quiet()
    expect(done).toEqual(['first undefined'])
    expect((await reader.read()).value).toEqual(bytes(2))
    expect((await reader.read()).done).toBe(true)
    await quiet()
    expect(done).toEqual(['first undefined', 'second undefined', 'end'])
  })

  test('reports a failure of either direction once, while nothing is read', async () => {
    for (const direction of ['toServer', 'toClient'] as const) {
      const between = line()
      const duplex = toDuplex(between.server)
      const events = watch(duplex)
      const error = new Error('cut')
      between[direction].fail(error)
      await quiet()
      expect(events).toEqual([['error', error], ['close']])
      expect(duplex.destroyed).toBe(true)
      await released(between.server)
    }
  })

  test.each([
    [
      'throws',
      () => (): void => {
        throw new Error('BadResource')
      },
    ],
    ['rejects', () => (): Promise<never> => Promise.reject(new Error('closed'))],
    ['never settles', () => (): Promise<never> => new Promise(() => {})],
  ])("unlocks the streams whatever is pending, and the transport's `close` %s", async (_, makeClose) => {
    const { server } = line()
    let calls = 0
    const close = makeClose()
    const transport: ByteStreams = {
      ...server,
      close: () => {
        calls++
        return close()
      },
    }
    const duplex = toDuplex(transport)
    const events = watch(duplex)
    duplex.resume()
    duplex.write(bytes(1), () => {})
    await quiet()
    duplex.destroy()
    duplex.destroy()
    expect([server.readable.locked, server.writable.locked]).toEqual([false, false])
    await quiet()
    expect(events).toEqual([['close']])
    expect(calls).toBe(1)
  })

  test('ends our direction with `closeWrite` if there is one, after everything written', async () => {
    const { client, server } = line()
    const steps: string[] = []
    const duplex = toDuplex({ ...server, closeWrite: () => void steps.push('closeWrite') })
    duplex.write(bytes(1), () => steps.push('written'))
    duplex.end(() => steps.push('end'))
    await quiet()
    expect(steps).toEqual([])
    const reader = client.readable.getReader()
    expect((await reader.read()).value).toEqual(bytes(1))
    await quiet()
    expect(steps).toEqual(['written', 'closeWrite', 'end'])
  })

  test('reads with `read` if there is one, into a new array each time, and writes after the end', async () => {
    const { client, server } = line()
    const chunks = [bytes(1, 2), bytes(3)]
    const duplex = toDuplex({
      ...server,
      read: async (buffer) => {
        const chunk = chunks.shift()
        if (chunk === undefined) return null
        buffer.set(chunk)
        return chunk.length
      },
    })
    const events = watch(duplex)
    duplex.resume()
    await quiet()
    expect(events).toEqual([['data', bytes(1, 2)], ['data', bytes(3)], ['end']])
    duplex.write(bytes(4))
    expect((await client.readable.getReader().read()).value).toEqual(bytes(4))
  })

  test('reports whether it owns its chunks', () => {
    expect(toDuplex(line().server).setNoDelay).toBeUndefined()
    expect(toDuplex(line().server, { ownsChunks: true }).setNoDelay).toBeTypeOf('function')
  })

  test('accepts only a pair of streams', () => {
    const { server } = line()
    expect(() => toDuplex(undefined as never)).toThrow('`transport` must have a `readable` and a `writable` stream')
    expect(() => toDuplex(server, { ownChunks: true } as never)).toThrow(
      'unknown option "ownChunks"; did you mean `ownsChunks`?',
    )
    server.writable.getWriter()
    expect(() => toDuplex(server)).toThrow(TypeError)
    expect(server.readable.locked).toBe(false)
  })
})
