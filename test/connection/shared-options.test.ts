// Options that many connections share: checked once, with buffers that other connections use while one is idle. Nothing outlives its
// owner.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { zlib } from '../../src/codec/zlib.ts'
import {
  Connection,
  type ConnectionOptions,
  connectionOptions,
  prepareText,
  resumeConnection,
  sendPrepared,
  snapshotConnection,
} from '../../src/connection/index.ts'
import { permessageDeflate } from '../../src/deflate/index.ts'
import { hex } from '../wire.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Waits until everything that these refer to has been collected. */
async function gone(...things: readonly WeakRef<object>[]): Promise<boolean> {
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    collect()
    if (things.every((thing) => thing.deref() === undefined)) return true
  }
  return false
}

/** Receives a message and sends its echo, so that the connection returns its reader and writer. */
function work(connection: Connection): void {
  const frame = connection.role === 'server' ? hex('81 81 00 00 00 00 61') : hex('81 01 61')
  for (const event of connection.receive(frame)) if (event.type === 'text') connection.sendText(event.data)
  connection.takeOutput()
}

const shared = (size: number): Uint8Array => new Uint8Array(size)

const kinds: { readonly [title: string]: () => object[] } = {
  allocate: () => {
    const allocate = (size: number): Uint8Array => new Uint8Array(size)
    work(new Connection({ role: 'server', native: { allocate } }))
    return [allocate]
  },
  maskKeys: () => {
    const maskKeys = (): Uint8Array => new Uint8Array(4)
    work(new Connection({ role: 'client', maskKeys }))
    return [maskKeys]
  },
  both: () => {
    const [maskKeys, allocate] = [() => new Uint8Array(4), (size: number) => new Uint8Array(size)]
    work(new Connection({ role: 'client', maskKeys, native: { allocate } }))
    return [maskKeys, allocate]
  },
  'one beside a function that stays': () => {
    const maskKeys = (): Uint8Array => new Uint8Array(4)
    work(new Connection({ role: 'client', maskKeys, native: { allocate: shared } }))
    work(new Connection({ role: 'client', native: { allocate: shared } }))
    return [maskKeys]
  },
  'shared options': () => {
    const allocate = (size: number): Uint8Array => new Uint8Array(size)
    const options = connectionOptions({ role: 'server', native: { allocate } })
    for (let i = 0; i < 3; i++) work(new Connection(options))
    return [allocate, options]
  },
  'limits, an agreement, extensions': () => {
    const limits = { maxMessageSize: 1234 }
    const extensions = [permessageDeflate({ codec: zlib })]
    const agreement = { subprotocol: 'chat', extensions: [] }
    work(new Connection({ role: 'server', limits, agreement, extensions }))
    return [limits, agreement, extensions]
  },
  'the last chunk, a prepared message': () => {
    const connection = new Connection({ role: 'server', ownsChunks: true })
    const chunk = hex('82 81 00 00 00 00 61')
    const message = prepareText('a'.repeat(100_000))
    connection.receive(chunk)
    sendPrepared(connection, message)
    connection.takeOutputParts()
    return [chunk, message]
  },
}

test.each(Object.keys(kinds))('%s: released with the connection', async (title) => {
  const things = kinds[title]?.().map((thing) => new WeakRef(thing)) ?? []
  // Other connections follow, as in a program that continues.
  for (let i = 0; i < 3; i++) work(new Connection({ role: 'server' }))
  expect(await gone(...things)).toBe(true)
})

test('a live connection releases what it has sent and read', async () => {
  const connection = new Connection({ role: 'server', native: { allocate: shared }, ownsChunks: true })
  const things = (() => {
    const chunk = hex('82 81 00 00 00 00 61  88 82 00 00 00 00 03 e8')
    const message = prepareText('a'.repeat(100_000))
    sendPrepared(connection, message)
    connection.receive(chunk)
    return [chunk, message, ...connection.takeOutputParts()].map((thing) => new WeakRef<object>(thing))
  })()
  expect(await gone(...things)).toBe(true)
  expect(connection.transport).toBe('end')
})

const none = { subprotocol: undefined, extensions: [] }

describe('shared options', () => {
  test('create the same connections as a literal, each with its own agreement', () => {
    const shared = connectionOptions({ role: 'client', maskKeys: () => new Uint8Array(4), closeTimeout: 5 })
    const connection = new Connection(shared, { subprotocol: 'chat', extensions: [] })
    expect(snapshotConnection(connection)?.agreement).toEqual({ subprotocol: 'chat', extensions: [] })
    expect(snapshotConnection(new Connection(shared))?.agreement).toBeUndefined()
    connection.sendText('a')
    connection.close()
    expect(connection.takeOutput()).toEqual(hex('81 81 00 00 00 00 61 88 80 00 00 00 00'))
    expect([connection.role, connection.pollAt]).toEqual(['client', -Infinity])
  })

  test('determine the event types, as a literal does', () => {
    const bytes = connectionOptions({ role: 'server', text: 'bytes', pieces: true })
    expectTypeOf(new Connection(bytes)).toEqualTypeOf<Connection<'bytes', true>>()
    const strings: Connection<'string', false> = new Connection(connectionOptions({ role: 'server' }))
    expect(strings.role).toBe('server')
    expect([bytes.role, bytes.text, bytes.pieces]).toEqual(['server', 'bytes', true])
  })

  test('are checked once, on creation', () => {
    const make = (options: unknown) => () => connectionOptions(options as ConnectionOptions<'string', false>)
    expect(make({ role: 'server', maxPayload: 5 })).toThrow('did you mean `limits.maxMessageSize`?')
    expect(make({ role: 'server', fragmentSize: 0 })).toThrow(RangeError)
    expect(make({})).toThrow("`role` must be 'client' or 'server', not undefined")
    expect(make(undefined)).toThrow(TypeError)
    expect(make({ role: 'server', agreement: none })).toThrow('`agreement` must be passed to each connection')
  })

  test('do not change with the object that they were created from', () => {
    const limits = { maxMessageSize: 1 }
    const keepalive = { interval: 10, timeout: 10 }
    const shared = connectionOptions({ role: 'server', limits, keepalive })
    limits.maxMessageSize = 100
    keepalive.interval = 1000
    const connection = new Connection(shared)
    connection.poll(0)
    expect(connection.pollAt).toBe(10)
    expect(connection.receive(hex('82 82 00 00 00 00 61 61'))).toMatchObject([{ type: 'close', code: 1009 }])
  })

  test('require an agreement if they name extensions', () => {
    const shared = connectionOptions({ role: 'server', extensions: [permessageDeflate({ codec: zlib })] })
    expect(() => new Connection(shared)).toThrow(TypeError)
    expect(new Connection(shared, none).state).toBe('open')
  })

  test('resume a snapshot with the same role and form, and no other', () => {
    const shared = connectionOptions({ role: 'server' })
    const before = new Connection(shared, none)
    before.receive(hex('01 81 00 00 00 00 61'))
    const stored = JSON.parse(JSON.stringify(snapshotConnection(before)))
    const after = resumeConnection(stored, shared)
    expect(after.receive(hex('80 81 00 00 00 00 62'))).toMatchObject([{ type: 'text', data: 'ab' }])
    for (const other of [
      connectionOptions({ role: 'client' }),
      connectionOptions({ role: 'server', text: 'bytes' }),
      connectionOptions({ role: 'server', pieces: true }),
    ])
      expect(() => resumeConnection(stored, other)).toThrow(TypeError)
  })

  test('share buffers between connections, whatever state each connection is in', () => {
    const shared = connectionOptions({ role: 'server' })
    const connections = Array.from({ length: 5 }, () => new Connection(shared))
    const frame = hex('01 82 00 00 00 00 61 62  80 81 00 00 00 00 63')
    for (let at = 0; at < frame.length; at++)
      for (const [i, connection] of connections.entries()) {
        const events = connection.receive(frame.slice(at, at + 1))
        expect(events.length).toBe(at === frame.length - 1 ? 1 : 0)
        for (const event of events) expect(event).toMatchObject({ type: 'text', data: 'abc' })
        connection.sendText(`${i}`)
        if (at % 2 === i % 2) connection.takeOutput()
      }
    for (const [i, connection] of connections.entries()) {
      connection.takeOutput()
      connection.sendText(`${i}`)
      expect(connection.takeOutput()).toEqual(hex(`81 01 3${i}`))
    }
  })
})
