// Pings and the pongs that answer them: matched by their data, with the caller's times; only a few pings are remembered.
import { describe, expect, test } from 'vitest'
import { Times } from '../../src/connection/time.ts'
import { resolveLimits } from '../../src/limits.ts'
import { hex } from '../wire.ts'
import { client, server, taken, wire } from './outgoing-support.ts'

const open = () => new Times({ limits: resolveLimits(undefined), keepalive: undefined })
const pong = (data: string) => hex(`8a ${(0x80 + data.length / 2).toString(16)} 00 00 00 00 ${data}`)
const roundTrips = (events: readonly { type: string; roundTrip?: number | undefined }[]) =>
  events.map(({ type, roundTrip }) => [type, roundTrip])

describe('the round trip', () => {
  test('is the time of the pong minus that of its ping', () => {
    const connection = server()
    connection.ping('a', 100)
    expect(connection.receive(pong('61'), 107)).toEqual([{ type: 'pong', data: hex('61'), roundTrip: 7 }])
  })

  test('is unknown if either time is, and for an unsolicited pong', () => {
    const connection = server()
    connection.ping('a', 100)
    connection.ping('b')
    expect(roundTrips(connection.receive(pong('62'), 107))).toEqual([['pong', undefined]])
    expect(roundTrips(connection.receive(pong('63'), 107))).toEqual([['pong', undefined]])
    expect(roundTrips(connection.receive(pong('61')))).toEqual([['pong', undefined]])
    expect(roundTrips(connection.receive(pong('61'), 107))).toEqual([['pong', undefined]])
  })

  test('counts once: a second pong matches nothing', () => {
    const connection = server()
    connection.ping('a', 1)
    expect(roundTrips(connection.receive(hex('8a 81 00 00 00 00 61 8a 81 00 00 00 00 61'), 5))).toEqual([
      ['pong', 4],
      ['pong', undefined],
    ])
  })

  test('is matched by data: a pong answers its ping and all earlier ones (RFC 6455 §5.5.3)', () => {
    const connection = server()
    for (const [data, now] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      connection.ping(data, now)
    expect(roundTrips(connection.receive(pong('62'), 10))).toEqual([['pong', 8]])
    expect(roundTrips(connection.receive(pong('61'), 11))).toEqual([['pong', undefined]])
    expect(roundTrips(connection.receive(pong('63'), 12))).toEqual([['pong', 9]])
  })

  test('of identical pings is that of the newest, also for empty pings', () => {
    const connection = server()
    for (const now of [1, 2, 3]) connection.ping('', now)
    expect(roundTrips(connection.receive(pong(''), 10))).toEqual([['pong', 7]])
    expect(roundTrips(connection.receive(pong(''), 10))).toEqual([['pong', undefined]])
  })

  test('does not change if the caller writes to the data later, nor for a longer or shorter pong', () => {
    const connection = server()
    const data = hex('01 02')
    connection.ping(data, 1)
    data.fill(9)
    for (const other of ['01', '010203', '0103', '0909'])
      expect(roundTrips(connection.receive(pong(other), 5))).toEqual([['pong', undefined]])
    expect(roundTrips(connection.receive(pong('0102'), 5))).toEqual([['pong', 4]])
  })

  test('may be any number, including 0', () => {
    const connection = client()
    connection.ping('a', 0)
    expect(roundTrips(connection.receive(hex('8a 01 61'), 0))).toEqual([['pong', 0]])
    connection.ping('a', -1.5)
    expect(roundTrips(connection.receive(hex('8a 01 61'), 1))).toEqual([['pong', 2.5]])
  })

  test('of a ping that was not sent is not remembered', () => {
    let fails = true
    const connection = client({
      maskKeys: () => {
        if (fails) throw new Error('no key')
        return hex('00 00 00 00')
      },
    })
    expect(() => connection.ping('a', 1)).toThrow('no key')
    fails = false
    expect(roundTrips(connection.receive(hex('8a 01 61'), 5))).toEqual([['pong', undefined]])
  })
})

describe('pings without pongs', () => {
  test('are remembered up to 64; then the oldest is forgotten', () => {
    const connection = server()
    for (let i = 0; i < 65; i++) connection.ping(Uint8Array.of(i), i)
    expect(roundTrips(connection.receive(pong('00'), 100))).toEqual([['pong', undefined]])
    expect(roundTrips(connection.receive(pong('01'), 100))).toEqual([['pong', 99]])
    expect(roundTrips(connection.receive(pong('40'), 100))).toEqual([['pong', 36]])
  })

  test('need a limited amount of memory, however many there are', () => {
    const times = open()
    const data = Array.from({ length: 100_000 }, () => times.nextPingData())
    for (const [i, bytes] of data.entries()) times.pingSent(bytes, i)
    expect(times.answered(data.at(-65) as Uint8Array)).toBeUndefined()
    expect(times.answered(data.at(-64) as Uint8Array)).toBe(99_936)
  })
})

test('each keepalive ping has a new four-byte number', () => {
  const times = open()
  const seen = new Set(Array.from({ length: 1000 }, () => Buffer.from(times.nextPingData()).toString('hex')))
  expect(seen.size).toBe(1000)
  expect([...seen].slice(254, 256)).toEqual(['000000ff', '00000100'])
})

describe('the data of pings and pongs', () => {
  test('is at most 125 bytes of UTF-8; more is a RangeError and nothing is sent (RFC 6455 §5.5)', () => {
    const connection = server()
    for (const send of ['ping', 'pong'] as const) {
      expect(connection[send]('€'.repeat(41))).toBe(true)
      expect(connection[send](new Uint8Array(125))).toBe(true)
      expect(connection.takeOutput()?.length).toBe(2 + 123 + 2 + 125)
      expect(() => connection[send]('€'.repeat(42))).toThrow(RangeError)
      expect(() => connection[send](new Uint8Array(126))).toThrow(RangeError)
      expect(() => connection[send]([1] as unknown as string)).toThrow(TypeError)
      expect(taken(connection)).toBe('')
    }
  })

  test('is sent in an unsolicited pong', () => {
    const connection = client()
    expect(connection.pong('x')).toBe(true)
    expect(taken(connection)).toBe(wire('8a 81 00 00 00 00 78'))
  })

  test('is not sent back automatically with autoPong: false', () => {
    const connection = server({ autoPong: false })
    expect(connection.receive(hex('89 81 00 00 00 00 07'))).toEqual([{ type: 'ping', data: hex('07') }])
    expect(taken(connection)).toBe('')
    connection.pong(hex('07'))
    expect(taken(connection)).toBe(wire('8a 01 07'))
  })
})
