// The amount that one `receive` returns, and the rest: it stays pending, is read by `receive(empty)`, and comes before everything that
// would end the connection.

import { describe, expect, test } from 'vitest'
import { zlib } from '../../src/codec/zlib.ts'
import { Connection } from '../../src/connection/connection.ts'
import type { ConnectionEvent, TextForm } from '../../src/connection/events.ts'
import { resumeConnection, snapshotConnection } from '../../src/connection/index.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import { permessageDeflate } from '../../src/deflate/extension.ts'
import type { PieceInfo, Transform } from '../../src/frame/transform.ts'
import { Rsv } from '../../src/registry/websocket.ts'
import { concat, hex, pattern } from '../wire.ts'
import { agreed, extension, server } from './outgoing-support.ts'

type Any = Connection<TextForm, boolean>
type Event = ConnectionEvent<TextForm, boolean>

const KIB = 1024
const PIECE = 64 * KIB
const BUDGET = 256 * KIB
const empty = new Uint8Array(0)

const client = (options: Partial<ConnectionOptions<TextForm, boolean>> = {}): Any =>
  new Connection<TextForm, boolean>({ role: 'client', ...options })

/** Returns an unmasked frame. */
function frame(first: number, payload: Uint8Array): Uint8Array {
  const header = new Uint8Array(10)
  header[0] = first
  header[1] = 127
  new DataView(header.buffer).setBigUint64(2, BigInt(payload.length))
  if (payload.length > 65_535) return concat(header, payload)
  if (payload.length > 125) return concat(Uint8Array.of(first, 126, payload.length >> 8, payload.length & 255), payload)
  return concat(Uint8Array.of(first, payload.length), payload)
}

const data = (events: readonly Event[]): Uint8Array =>
  concat(...events.map((event) => ('data' in event ? Buffer.from(event.data as string) : empty)))

/** Reads until nothing is pending, and returns the events of each call. */
function drain(connection: Any, now?: number): Event[][] {
  const calls: Event[][] = []
  while (connection.hasPending) calls.push([...connection.receive(empty, now)])
  return calls
}

/** An extension that repeats each byte `times` times, at once or on demand, and records its calls. */
function expanding(
  times: number,
  incremental: boolean,
): { calls: (PieceInfo & { size: number })[]; make(): Transform } {
  const calls: (PieceInfo & { size: number })[] = []
  const make = (): Transform => {
    let left = 0
    const transform: Transform = {
      encode: (piece) => piece,
      decode(piece, info) {
        calls.push({ ...info, size: piece.length })
        left += piece.length * times
        const size = incremental ? Math.min(left, info.wanted) : left
        left -= size
        return new Uint8Array(size).fill(0x61)
      },
    }
    return incremental ? { ...transform, hasMore: () => left > 0 } : transform
  }
  return { calls, make }
}

describe('one call of receive', () => {
  test('returns pieces of at most 64 KiB, and stops after 256 KiB', () => {
    const payload = pattern(2 ** 20 + 5)
    const connection = client({ pieces: true })
    const calls = [[...connection.receive(frame(0x82, payload))], ...drain(connection)]
    expect(calls.map((events) => events.map((event) => 'data' in event && event.data.length))).toEqual([
      [PIECE, PIECE, PIECE, PIECE],
      [PIECE, PIECE, PIECE, PIECE],
      [PIECE, PIECE, PIECE, PIECE],
      [PIECE, PIECE, PIECE, PIECE],
      [5],
    ])
    expect(calls.flat().map((event) => 'last' in event && [event.first, event.last])).toEqual([
      [true, false],
      ...Array(15).fill([false, false]),
      [false, true],
    ])
    expect(Buffer.compare(data(calls.flat()), payload)).toBe(0)
  })

  test('returns a whole message of any size, and stops after 256 KiB', () => {
    const connection = client()
    const sizes = [BUDGET - 17, 2 ** 20, 1, BUDGET - 16, 1, 2 ** 20]
    const chunk = concat(...sizes.map((size) => frame(0x82, pattern(size))))
    const calls = [connection.receive(chunk), ...drain(connection)]
    expect(calls.map((events) => events.map((event) => 'data' in event && event.data.length))).toEqual([
      [BUDGET - 17, 2 ** 20],
      [1, BUDGET - 16],
      [1, 2 ** 20],
    ])
    expect(connection.receive(empty)).toEqual([])
  })

  test('counts 16 bytes for each event in addition to its data', () => {
    for (const [size, count] of [
      [0, 16_384],
      [1, 15_421],
      [125, 1860],
      [1024, 253],
    ] as const)
      for (const opcode of [0x82, 0x89]) {
        if (opcode === 0x89 && size > 125) continue
        const connection = client()
        const chunk = concat(...Array(count + 3).fill(frame(opcode, pattern(size))))
        expect(connection.receive(chunk)).toHaveLength(count)
        expect(connection.hasPending).toBe(true)
        expect(connection.receive(empty)).toHaveLength(3)
        expect(connection.hasPending).toBe(false)
      }
  })

  test('counts text by its bytes, whole, in frames, and in pieces', () => {
    const text = Buffer.from('世'.repeat(30_000))
    const whole = client()
    expect(whole.receive(concat(...Array(4).fill(frame(0x81, text))))).toHaveLength(3)
    const framed = client()
    const parts = concat(frame(0x01, text.subarray(0, 40_000)), frame(0x80, text.subarray(40_000)))
    expect(framed.receive(concat(...Array(4).fill(parts)))).toHaveLength(3)
    const connection = client({ pieces: true })
    const calls = [connection.receive(frame(0x81, Buffer.from(`a${'世'.repeat(200_000)}`))), ...drain(connection)]
    for (const event of calls.flat())
      expect(Buffer.byteLength((event as { data: string }).data)).toBeLessThanOrEqual(PIECE)
    expect(calls[0]).toHaveLength(4)
    expect(Buffer.from(data(calls.flat())).toString() === `a${'世'.repeat(200_000)}`).toBe(true)
  })

  test('has nothing pending if the chunk ends exactly at 256 KiB', () => {
    const connection = client()
    expect(connection.receive(frame(0x82, new Uint8Array(BUDGET)))).toHaveLength(1)
    expect(connection.hasPending).toBe(false)
    expect(connection.receive(empty)).toEqual([])
    expect(connection.receive(hex('82 01 07'))).toMatchObject([{ data: hex('07') }])
  })

  test('reads nothing after the close event, and keeps nothing', () => {
    const connection = client()
    const chunk = concat(frame(0x82, new Uint8Array(BUDGET)), hex('88 00'), frame(0x82, new Uint8Array(BUDGET)))
    connection.receive(chunk)
    expect(connection.hasPending).toBe(true)
    expect(connection.receive(empty)).toMatchObject([{ type: 'close', code: 1005 }])
    expect([connection.hasPending, connection.receive(empty), connection.receive(hex('81 00'))]).toEqual([
      false,
      [],
      [],
    ])
  })
})

describe('pending data', () => {
  const frames = (count: number) =>
    concat(...Array.from({ length: count }, (_, i) => frame(0x82, new Uint8Array(100_000).fill(i))))
  const firsts = (events: readonly Event[]) => events.map((event) => 'data' in event && event.data[0])

  test('is a copy, and with ownsChunks the rest of the chunk itself', () => {
    const chunk = frames(5)
    const connection = client()
    expect(firsts(connection.receive(chunk))).toEqual([0, 1, 2])
    chunk.fill(0xee)
    expect(firsts(connection.receive(empty))).toEqual([3, 4])
    const given = frames(5)
    const owner = client({ ownsChunks: true })
    owner.receive(given)
    expect(
      owner.receive(empty).map((event) => 'data' in event && (event.data as Uint8Array).buffer === given.buffer),
    ).toEqual([true, true])
  })

  test('in memory that was transferred is a TypeError, not another message', () => {
    const connection = client({ ownsChunks: true })
    const [event] = connection.receive(frames(5))
    structuredClone(event, { transfer: [(event as { data: Uint8Array }).data.buffer as ArrayBuffer] })
    expect(connection.hasPending).toBe(true)
    expect(() => snapshotConnection(connection)).toThrow(/ownsChunks/)
    expect(() => connection.receive(empty)).toThrow(/ownsChunks/)
  })

  test('is read before a later chunk', () => {
    for (const ownsChunks of [false, true]) {
      const connection = client({ ownsChunks })
      const reused = frames(5)
      const events = [...connection.receive(reused.slice())]
      for (let i = 5; i < 10; i++) {
        const chunk = frame(0x82, new Uint8Array(200_000).fill(i))
        events.push(...connection.receive(chunk))
        if (!ownsChunks) chunk.fill(0xee)
      }
      events.push(...drain(connection).flat())
      expect(firsts(events)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    }
  })

  test('can start inside a frame, inside a header, and inside a control frame', () => {
    const bytes = concat(frames(3), hex('89 02'), hex('01 02'), hex('02 03 01 02 03'), hex('00'))
    for (let cut = bytes.length - 8; cut <= bytes.length; cut++) {
      const connection = client({ pieces: true })
      const events = [...connection.receive(bytes.subarray(0, cut)), ...drain(connection).flat()]
      events.push(...connection.receive(bytes.subarray(cut)), ...connection.receive(hex('02 80 00')))
      expect(events.filter(({ type }) => type === 'ping')).toEqual([{ type: 'ping', data: hex('01 02') }])
      expect(data(events)).toHaveLength(300_007)
    }
  })

  test('can be many chunks, each copied once', { timeout: 20_000 }, () => {
    // A quadratic method would move 200 GB here.
    const { make } = expanding(512, true)
    const connection = client({
      pieces: true,
      limits: { maxMessageSize: Infinity },
      ...agreed(extension('x', Rsv.RSV1, make)),
    })
    let size = 0
    const count = (events: readonly Event[]) => {
      for (const event of events) if ('data' in event) size += event.data.length
    }
    const chunk = frame(0xc2, new Uint8Array(1000))
    for (let i = 0; i < 3000; i++) count(connection.receive(chunk))
    while (connection.hasPending) count(connection.receive(empty))
    expect(size).toBe(3000 * 1000 * 512)
  })

  test('postpones the timeout of keepalive: there is a ping, and no end', () => {
    const connection = client({ keepalive: { interval: 10, timeout: 10 } })
    connection.receive(frames(9), 0)
    for (const now of [10, 20, 30, 40]) {
      expect([connection.hasPending, connection.pollAt, connection.poll(now)]).toEqual([true, now, []])
      expect(connection.takeOutput(now)?.length).toBe(10)
    }
  })

  test('does not stop the deadline of the end', () => {
    const connection = client({ closeTimeout: 10 })
    connection.receive(frames(9), 1000)
    connection.close()
    expect([connection.poll(2000), connection.pollAt, connection.hasPending]).toEqual([[], 2010, true])
    expect(connection.poll(2010)).toMatchObject([{ type: 'close', code: 1006, error: { code: 'timeout' } }])
    expect([connection.hasPending, connection.transport]).toEqual([false, 'destroy'])
  })

  test('is reported before the end of the transport', () => {
    const connection = client()
    connection.receive(frames(9))
    expect([connection.receiveEnd(), connection.receiveEnd(), connection.state]).toEqual([[], [], 'open'])
    const calls = drain(connection)
    expect(calls).toHaveLength(2)
    expect(firsts(calls.flat())).toEqual([3, 4, 5, 6, 7, 8, false])
    expect(calls[1]?.at(-1)).toMatchObject({ type: 'close', code: 1006, by: 'transport', clean: false })
    expect([connection.transport, connection.hasPending, connection.receiveEnd()]).toEqual(['end', false, []])
  })

  test('may contain the Close that preceded the end of the transport', () => {
    const connection = client()
    connection.receive(concat(frames(4), hex('88 02 0f a1')))
    expect(connection.receiveEnd()).toEqual([])
    expect(drain(connection).flat()).toMatchObject([
      { data: expect.anything() },
      { type: 'close', code: 4001, clean: true },
    ])
    expect([connection.takeOutput()?.length, connection.transport, connection.receiveEnd()]).toEqual([8, 'end', []])
  })

  test('accepts no chunk after the end of the transport', () => {
    const connection = client()
    connection.receive(frames(4))
    connection.receiveEnd()
    expect(connection.receive(hex('82 01 07'))).toMatchObject([
      { data: expect.anything() },
      { type: 'close', code: 1006 },
    ])
  })
})

describe('a snapshot of pending data', () => {
  test('continues elsewhere from any point, even after the end of the transport', () => {
    const message = concat(
      frame(0x01, pattern(90_000).fill(0x61)),
      hex('89 01 31'),
      frame(0x80, pattern(90_000).fill(0x62)),
    )
    const chunk = concat(message, message, message, hex('81 05 63'))
    for (const pieces of [false, true])
      for (const ended of [false, true]) {
        const options = { pieces, ownsChunks: ended }
        const reference = client(options)
        const expected = [...reference.receive(chunk.slice()), ...drain(reference).flat(), ...reference.receiveEnd()]
        let connection = client(options)
        const events = [...connection.receive(chunk.slice())]
        if (ended) events.push(...connection.receiveEnd())
        while (connection.hasPending) {
          const snapshot = JSON.parse(JSON.stringify(snapshotConnection(connection)))
          connection = resumeConnection<TextForm, boolean>(snapshot, options)
          expect(connection.hasPending).toBe(true)
          events.push(...connection.receive(empty))
        }
        if (!ended) events.push(...connection.receiveEnd())
        expect(events).toEqual(expected)
      }
  })

  test('also contains the pending output of an extension', () => {
    const make = (): Transform => ({
      encode: (piece) => piece,
      decode: (piece) => new Uint8Array(piece.length * 1000).fill(7),
      snapshot: () => null,
      resume: () => undefined,
    })
    const options = { pieces: true, ...agreed(extension('x', Rsv.RSV1, make)) }
    let connection = client(options)
    const events = [...connection.receive(concat(frame(0xc2, new Uint8Array(1000)), hex('82 01 01')))]
    while (connection.hasPending) {
      connection = resumeConnection<TextForm, boolean>(
        JSON.parse(JSON.stringify(snapshotConnection(connection))),
        options,
      )
      events.push(...connection.receive(empty))
    }
    expect(Buffer.compare(data(events), concat(new Uint8Array(1_000_000).fill(7), hex('01')))).toBe(0)
    expect(events.map((event) => 'last' in event && event.last)).toEqual([...Array(15).fill(false), true, true])
  })

  test.each([5, '=', 'AAA', {}, null, [1]])('with %j instead of bytes is a TypeError', (unread) => {
    const connection = client()
    connection.receive(concat(...Array(3).fill(frame(0x82, new Uint8Array(200_000)))))
    const snapshot = JSON.parse(JSON.stringify(snapshotConnection(connection)))
    snapshot.state.incoming.decoder.unread = unread
    expect(() => resumeConnection(snapshot)).toThrow(TypeError)
    const other = JSON.parse(JSON.stringify(snapshotConnection(connection)))
    other.state.ended = unread
    expect(() => resumeConnection(other)).toThrow(TypeError)
  })
})

describe('the output of an extension', () => {
  test.each([false, true])('is returned in pieces, within the same limit, `hasMore`: %s', (incremental) => {
    const { calls, make } = expanding(100, incremental)
    const connection = client({ pieces: true, ...agreed(extension('x', Rsv.RSV1, make)) })
    const chunk = concat(
      frame(0x41, new Uint8Array(5000)),
      hex('89 00'),
      frame(0x80, new Uint8Array(1000)),
      hex('81 01 62'),
    )
    const got = [connection.receive(chunk), ...drain(connection)]
    expect(
      got.map((events) => events.map((event) => (event.type === 'text' ? event.data.length : event.type))),
    ).toEqual([
      [PIECE, PIECE, PIECE, PIECE],
      [PIECE, PIECE, PIECE, 500_000 - 7 * PIECE, 'ping', PIECE],
      [100_000 - PIECE, 1],
    ])
    const texts = got.flat().filter(({ type }) => type === 'text') as { first: boolean; last: boolean }[]
    expect(texts.map(({ first, last }) => [first, last])).toEqual([
      [true, false],
      ...Array(8).fill([false, false]),
      [false, true],
      [true, true],
    ])
    if (!incremental) {
      expect(calls.map(({ first, last, size }) => [first, last, size])).toEqual([
        [true, false, 5000],
        [false, true, 1000],
      ])
      return
    }
    expect(calls.map(({ first, last, size, wanted }) => [first, last, size, wanted])).toEqual([
      [true, false, 5000, PIECE],
      ...Array(7).fill([false, false, 0, PIECE]),
      [false, true, 1000, PIECE],
      [false, true, 0, PIECE],
    ])
    expect(calls[1]?.remaining).toBe((calls[0]?.remaining ?? 0) - PIECE)
  })

  test('is requested in steps of 256 KiB if messages are whole, one in each call', () => {
    for (const incremental of [true, false]) {
      const { calls, make } = expanding(100, incremental)
      const connection = client(agreed(extension('x', Rsv.RSV1, make)))
      expect(connection.receive(frame(0xc2, new Uint8Array(10_000)))).toEqual([])
      for (let steps = 2; steps < 4; steps++)
        expect([connection.hasPending, connection.receive(empty)]).toEqual([true, []])
      const [event, ...more] = connection.receive(empty)
      expect([event, more, connection.hasPending]).toMatchObject([{ first: true, last: true }, [], false])
      expect(data([event as Event])).toHaveLength(1_000_000)
      expect(calls.map(({ wanted }) => wanted)).toEqual(Array(incremental ? 4 : 1).fill(262_144))
    }
  })

  test('of a small message is one step: the bytes after it are read in the same call', () => {
    const { calls, make } = expanding(100, true)
    const connection = client(agreed(extension('x', Rsv.RSV1, make)))
    const chunk = concat(frame(0xc2, new Uint8Array(1000)), frame(0xc2, new Uint8Array(1600)))
    expect([connection.receive(chunk).length, connection.hasPending, calls.length]).toEqual([2, false, 2])
  })

  test('does not count if nothing is decoded: a large plain message costs little', () => {
    const connection = client(agreed(extension('x', Rsv.RSV1, expanding(1, true).make)))
    expect(connection.receive(concat(frame(0x02, new Uint8Array(400_000)), frame(0x80, empty)))).toHaveLength(1)
  })

  test('of two extensions: the one nearest to the program is emptied before the other produces more', () => {
    const order: string[] = []
    const stage = (name: string, times: number) => (): Transform => {
      let left = 0
      return {
        encode: (piece) => piece,
        decode(piece, { first, last, wanted }) {
          order.push(`${name} ${piece.length} ${first ? 'first ' : ''}${last ? 'last' : ''}`.trim())
          left += piece.length * times
          const size = Math.min(left, wanted)
          left -= size
          return new Uint8Array(size)
        },
        hasMore: () => left > 0,
      }
    }
    const near = extension('near', Rsv.RSV1, stage('near', 2))
    const far = extension('far', Rsv.RSV2, stage('far', 1000))
    const connection = client({ pieces: true, ...agreed(near, far) })
    const events = [...connection.receive(frame(0xe2, new Uint8Array(150))), ...drain(connection).flat()]
    expect(data(events)).toHaveLength(300_000)
    expect(events.filter((event) => 'last' in event && event.last)).toHaveLength(1)
    expect(order).toEqual([
      'far 150 first last',
      `near ${PIECE} first`,
      'near 0',
      'far 0 last',
      `near ${PIECE}`,
      'near 0',
      'far 0 last',
      `near ${150_000 - 2 * PIECE} last`,
    ])
  })

  test('of four bombs in one chunk of permessage-deflate is returned in parts', () => {
    const extensions = [permessageDeflate({ codec: zlib, threshold: 0 })]
    const params = {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    }
    const agreement = { subprotocol: undefined, extensions: [{ name: 'permessage-deflate', params }] }
    const sender = server({ agreement, extensions })
    const zeroes = new Uint8Array(2 ** 24)
    for (let i = 0; i < 4; i++) sender.sendBinary(zeroes)
    const chunk = sender.takeOutput() as Uint8Array
    expect(chunk.length).toBeLessThan(70_000)
    for (const pieces of [true, false]) {
      const connection = client({ agreement, extensions, pieces })
      let size = 0
      let ends = 0
      for (let events = connection.receive(chunk); ; events = connection.receive(empty)) {
        const sizes = events.map((event) => (event.type === 'binary' ? event.data.length : Number.NaN))
        const handed = sizes.reduce((sum, one) => sum + one, 0)
        expect(handed - (sizes.at(-1) ?? 0)).toBeLessThan(BUDGET)
        if (pieces) expect(Math.max(...sizes)).toBeLessThanOrEqual(PIECE)
        ends += events.filter((event) => 'last' in event && event.last).length
        size += handed
        if (!connection.hasPending) break
      }
      expect([size, ends, connection.hasPending]).toEqual([2 ** 26, 4, false])
    }
  })

  test('belongs to the caller, piece by piece: transferring one changes no other', () => {
    const { make } = expanding(1000, false)
    const connection = client({ pieces: true, ...agreed(extension('x', Rsv.RSV1, make)) })
    const [one, ...others] = [...connection.receive(frame(0xc2, new Uint8Array(1000)))] as { data: Uint8Array }[]
    structuredClone(one, { transfer: [(one as { data: Uint8Array }).data.buffer as ArrayBuffer] })
    const rest = [...others, ...(drain(connection).flat() as { data: Uint8Array }[])]
    expect(rest.reduce((size, event) => size + event.data.length, 0)).toBe(1_000_000 - PIECE)
    expect(rest.every((event) => event.data[0] === 0x61)).toBe(true)
  })

  test('above the limit fails with 1009, however little of it has been returned', () => {
    for (const incremental of [false, true]) {
      const { make } = expanding(1000, incremental)
      const limits = { maxMessageSize: 500_000 }
      const connection = client({ pieces: true, limits, ...agreed(extension('x', Rsv.RSV1, make)) })
      const events = [...connection.receive(frame(0xc2, new Uint8Array(1000))), ...drain(connection).flat()]
      expect(events.at(-1)).toMatchObject({ type: 'close', code: 1009, error: { code: 'too-large' } })
      expect(data(events).length).toBeLessThanOrEqual(500_000)
    }
  })
})
