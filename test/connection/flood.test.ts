// The number of pings and pongs that a peer may send: each answer to one of our pings is free; too many other frames close the connection
// with 1008.
import { describe, expect, test } from 'vitest'
import {
  type AnyConnection,
  Connection,
  publicServerLimits,
  resumeConnection,
  snapshotConnection,
} from '../../src/index.ts'
import { concat, hex } from '../wire.ts'

const PONG = hex('8a 80 00 00 00 00')
const PING = hex('89 80 00 00 00 00')
const many = (count: number, frame: Uint8Array) => concat(...Array.from({ length: count }, () => frame))
const server = (): Connection => new Connection({ role: 'server', limits: publicServerLimits })

/** The number of pings and pongs reported, and the close code. */
function told(connection: AnyConnection, bytes: Uint8Array, now?: number): readonly [count: number, code?: number] {
  const events = connection.receive(bytes, now)
  const last = events.at(-1)
  if (last?.type !== 'close') return [events.length]
  expect(last.error).toMatchObject({ code: 'too-many', reference: 'RFC 6455 §10.4' })
  return [events.length - 1, last.code]
}

describe('control frames of a peer', () => {
  test('are limited to 32 at once: the next one closes the connection with 1008', () => {
    for (const frame of [PING, PONG]) {
      const connection = server()
      expect(told(connection, many(32, frame), 0)).toEqual([32])
      expect(told(connection, frame, 0)).toEqual([0, 1008])
      expect(connection.takeOutput()?.slice(-4)).toEqual(hex('88 02 03 f0'))
    }
  })

  test('are allowed again with time, but at most 32 accumulate', () => {
    for (const frame of [PING, PONG]) {
      const connection = server()
      expect(told(connection, many(32, frame), 0)).toEqual([32])
      expect(told(connection, many(16, frame), 500)).toEqual([16])
      expect(told(connection, many(33, frame), 60_000)).toEqual([33])
      const later = server()
      expect([told(later, frame, 0), told(later, frame, 60_000)]).toEqual([[1], [1]])
      expect(told(later, many(33, frame), 60_000)).toEqual([32, 1008])
    }
  })

  test('may accumulate while nothing is read: a loop that was blocked for an hour closes no connection', () => {
    const connection = server()
    expect(told(connection, many(32, PING), 0)).toEqual([32])
    expect(told(connection, many(32 * 3600, PING), 3_600_000)[1]).toBeUndefined()
    // The rest of an hour is dropped at the next reading.
    const idle = server()
    expect([told(idle, PING, 0), told(idle, PING, 3_600_000)]).toEqual([[1], [1]])
    expect(told(idle, many(33, PING), 3_600_000)).toEqual([32, 1008])
  })

  test('are not allowed again by a clock that is set back; a window of 0 ms is a window of 1 ms', () => {
    const connection = server()
    expect([told(connection, many(32, PING), 1000), told(connection, PING, 0)]).toEqual([[32], [0, 1008]])
    const limits = { maxControlFrames: 1, controlWindow: 0 }
    const narrow = new Connection({ role: 'server', limits })
    expect([told(narrow, PING, 0), told(narrow, PING, 1), told(narrow, PING, 1)]).toEqual([[1], [1], [0, 1008]])
  })

  test('may answer 40 of our pings in one chunk, however the pings were sent', () => {
    for (const now of [undefined, 5]) {
      for (const data of ['', 'same', undefined]) {
        const connection = server()
        for (let i = 0; i < 40; i++) connection.ping(data ?? `${i}`, now)
        expect(told(connection, many(40, PONG), 10)).toEqual([40])
        // All answers have been received: further pongs are counted.
        expect(told(connection, many(33, PONG), 10)).toEqual([32, 1008])
      }
    }
  })

  test('are free once for each answer, even if no time was passed', () => {
    const connection = server()
    for (let i = 0; i < 40; i++) connection.ping('', 0)
    expect(told(connection, many(40, PONG))).toEqual([40])
    expect(told(connection, many(33, PONG), 0)).toEqual([32, 1008])
  })

  test('are never free if they are pings, which do not count as answers', () => {
    const connection = server()
    for (let i = 0; i < 40; i++) connection.ping()
    expect(told(connection, many(32, PING), 0)).toEqual([32])
    expect(told(connection, many(40, PONG), 0)).toEqual([40])
    expect(told(connection, PING, 0)).toEqual([0, 1008])
  })

  test('may still answer earlier pings after the last one', () => {
    const connection = server()
    for (let i = 0; i < 3; i++) connection.ping()
    expect(told(connection, many(1, PONG), 0)).toEqual([1])
    expect(told(connection, many(2 + 33, PONG), 0)).toEqual([34, 1008])
  })

  test('are free if they answer pings of keepalive', () => {
    const connection = new Connection({
      role: 'server',
      limits: { maxControlFrames: 0 },
      keepalive: { interval: 10, timeout: 10 },
    })
    connection.poll(0)
    connection.poll(10)
    expect(told(connection, hex('8a 84 00 00 00 00 00 00 00 01'), 11)).toEqual([1])
    expect(told(connection, PONG, 12)).toEqual([0, 1008])
  })
})

test('pongs for pings sent before a snapshot are still free after it', () => {
  const before = server()
  for (let i = 0; i < 40; i++) before.ping()
  const snapshot = JSON.parse(JSON.stringify(snapshotConnection(before)))
  const after = resumeConnection(snapshot, { limits: publicServerLimits })
  expect(told(after, many(72, PONG), 0)).toEqual([72])
  expect(told(after, PONG, 0)).toEqual([0, 1008])
  expect(told(resumeConnection(snapshot), many(100, PONG), 0)).toEqual([100])
})
