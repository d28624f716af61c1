// Callers that could mix the bytes of two connections or cause an endless loop: they call back, use a message after its end, or change
// stored data.
import { describe, expect, test } from 'vitest'
import {
  Connection,
  type ConnectionSnapshot,
  defineExtension,
  ProtocolError,
  Rsv,
  resumeConnection,
  snapshotConnection,
  startMessage,
} from '../../src/index.ts'
import { hex } from '../wire.ts'

const zero = hex('00 00 00 00')
const stored = (connection: Connection<'string' | 'bytes', boolean>): ConnectionSnapshot =>
  JSON.parse(JSON.stringify(snapshotConnection(connection)))

describe('buffers that connections share', () => {
  test('are empty when a connection returns them, however a message was resumed', () => {
    const a = new Connection({ role: 'client', pieces: true })
    a.receive(hex('01 02 c3 a9'))
    const resumed = resumeConnection(stored(a), { pieces: true })
    resumed.receive(hex('80 00'))
    const b = new Connection({ role: 'client', pieces: true })
    expect(b.receive(hex('01 02 68 69'))).toMatchObject([{ data: 'hi' }])
  })

  test('are not written to through an OutgoingMessage that `send` has ended', () => {
    const open = new Connection({ role: 'server' })
    startMessage(open, 'binary').write(hex('01'))
    const snapshot = stored(open)
    const a = new Connection({ role: 'server' })
    const handle = startMessage(a, 'binary')
    a.send({ type: 'binary', data: hex('02'), first: false })
    a.takeOutput()
    const b = resumeConnection(snapshot)
    b.takeOutput()
    expect(() => handle.write(hex('03'))).toThrow(TypeError)
    expect([a.takeOutput(), b.takeOutput()]).toEqual([undefined, undefined])
  })

  test.each<[string, (connection: Connection) => unknown]>([
    ['takes the output', (connection) => connection.takeOutput()],
    ['takes it in parts', (connection) => connection.takeOutputParts()],
    ['sends a text', (connection) => connection.sendText('x')],
    ['pings', (connection) => connection.ping()],
    ['closes', (connection) => connection.close()],
    ['receives', (connection) => connection.receive(hex('81 00'))],
    ['begins a message', (connection) => startMessage(connection, 'text')],
    ['takes a snapshot', (connection) => snapshotConnection(connection)],
  ])('cannot be obtained by `maskKeys` or `allocate` that %s', (_, act) => {
    for (const hook of ['maskKeys', 'allocate']) {
      let acts = true
      const calledBy = (name: string) => {
        if (acts && name === hook) act(a)
      }
      const maskKeys = () => {
        calledBy('maskKeys')
        return zero
      }
      const allocate = (size: number) => {
        calledBy('allocate')
        return new Uint8Array(size)
      }
      const options = { role: 'client', maskKeys, native: { allocate }, fragmentSize: 2 } as const
      const a: Connection = new Connection(options)
      for (const send of [() => a.sendText('secret'), () => a.sendBinary(hex('01 02 03')), () => a.ping('secret')])
        expect(send).toThrow(TypeError)
      acts = false
      expect(a.takeOutput()).toBeUndefined()
      const b = new Connection(options)
      b.sendText('b')
      expect(b.takeOutput()).toEqual(hex('81 81 00 00 00 00 62'))
    }
  })

  test('cannot be obtained by an extension that closes while it encodes: no frame follows a Close', () => {
    let act = (): unknown => undefined
    const calling = defineExtension({
      name: 'x',
      rsv: Rsv.RSV1,
      offer: () => [{}],
      accept: () => undefined,
      verify: () => undefined,
      open: () => ({
        encode(piece) {
          act()
          return piece
        },
        decode: (piece) => piece,
      }),
    })
    const agreement = { subprotocol: undefined, extensions: [{ name: 'x', params: {} }] }
    const connection = new Connection({ role: 'server', agreement, extensions: [calling] })
    act = () => connection.close(1000) && connection.takeOutput()
    expect(() => connection.sendText('a')).toThrow(TypeError)
    expect(connection.state).toBe('open')
  })
})

test('a fragment with a failing `maskKeys` leaves nothing, not an empty array', () => {
  let calls = 0
  const maskKeys = () => {
    if (++calls === 2) throw new Error('no key')
    return zero
  }
  const connection = new Connection({ role: 'client', maskKeys, fragmentSize: 70_000 })
  expect(() => connection.sendBinary(new Uint8Array(140_000))).toThrow('no key')
  expect(connection.takeOutput()).toBeUndefined()
})

describe('a modified snapshot', () => {
  const snapshot = (): ConnectionSnapshot => {
    const connection = new Connection({ role: 'server' })
    startMessage(connection, 'text').write('a')
    connection.receive(hex('01 81 00 00 00 00 61  89 85 00 00 00 00 61'))
    return stored(connection)
  }

  test('with a change at any one position is a TypeError, or a connection that still ends', () => {
    const values = ['abc', '=', 'AAAA', '', {}, [], null, -1, 0.5, Number.MAX_SAFE_INTEGER, 99, true, false]
    const places: (readonly (string | number)[])[] = []
    const walk = (value: unknown, path: readonly string[]): void => {
      if (path.length > 0) places.push(path)
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key])
    }
    walk(snapshot().state, [])
    expect(places.length).toBeGreaterThan(20)
    for (const path of places)
      for (const value of values) {
        const changed = snapshot()
        let parent = changed.state as unknown as Record<string, unknown>
        for (const key of path.slice(0, -1)) parent = parent[key as string] as Record<string, unknown>
        parent[path.at(-1) as string] = value
        let connection: Connection
        try {
          connection = resumeConnection(changed)
        } catch (error) {
          expect(error instanceof TypeError || error instanceof ProtocolError).toBe(true)
          continue
        }
        const events = [
          ...connection.receive(hex('62 63 64 65  80 81 00 00 00 00 62  88 80 00 00 00 00')),
          ...connection.receiveEnd(),
        ]
        expect(events.filter(({ type }) => type === 'close').length).toBeLessThanOrEqual(1)
        connection.takeOutput()
        expect(connection.transport).toBe('end')
      }
  })

  test('with other options is a TypeError', () => {
    expect(() => resumeConnection(snapshot(), { pieces: true })).toThrow(TypeError)
    expect(() => resumeConnection(snapshot(), { text: 'bytes' })).toThrow(TypeError)
  })
})

describe('times', () => {
  test('that are invalid are RangeErrors', () => {
    const connection = new Connection({ role: 'server', keepalive: { interval: 1, timeout: 1 } })
    for (const now of [Number.NaN, Infinity, -Infinity]) {
      expect(() => connection.poll(now)).toThrow(RangeError)
      expect(() => connection.receive(hex('81'), now)).toThrow(RangeError)
      expect(() => connection.ping('', now)).toThrow(RangeError)
    }
  })

  test('are due exactly at `pollAt`, to the last bit', () => {
    for (let round = 0; round < 1000; round++) {
      const connection = new Connection({ role: 'server', keepalive: { interval: 10_000, timeout: 0.2 } })
      connection.poll(258_970 + round / 7)
      for (const _ of ['first', 'second']) {
        const due = connection.pollAt as number
        expect(connection.poll(due)).toEqual([])
        expect(connection.takeOutput(due)).toHaveLength(6)
      }
      expect(connection.poll(connection.pollAt as number)).toHaveLength(1)
    }
  })
})

test('an invalid close code from an extension is sent as 1002, after the events before it', () => {
  const failing = defineExtension({
    name: 'x',
    rsv: Rsv.RSV1,
    offer: () => [{}],
    accept: () => undefined,
    verify: () => undefined,
    open: () => ({
      encode: (piece) => piece,
      decode() {
        throw new ProtocolError('extension-data', 'bad', { closeCode: 1006 })
      },
    }),
  })
  const agreement = { subprotocol: undefined, extensions: [{ name: 'x', params: {} }] }
  const connection = new Connection({ role: 'server', agreement, extensions: [failing] })
  const bytes = hex('81 81 00 00 00 00 61  c1 81 00 00 00 00 61')
  expect(connection.receive(bytes)).toMatchObject([{ data: 'a' }, { type: 'close', code: 1002 }])
})

test('pieces of another type than their message are TypeErrors', () => {
  const connection = new Connection({ role: 'server' })
  connection.send({ type: 'text', data: 'a', last: false })
  expect(() => connection.send({ type: 'binary', data: hex('ff'), first: false })).toThrow(TypeError)
})
