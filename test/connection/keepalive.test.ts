// Keepalive and closeTimeout, with invented times: when to poll, and what each poll does.

import { describe, expect, test } from 'vitest'
import { Connection } from '../../src/connection/connection.ts'
import { resumeConnection, snapshotConnection } from '../../src/connection/index.ts'
import type { ConnectionOptions } from '../../src/connection/options.ts'
import type { ConnectionSnapshot } from '../../src/connection/snapshot.ts'
import { hex } from '../wire.ts'
import { client, server, taken, wire } from './outgoing-support.ts'

const keepalive = { interval: 30, timeout: 20 }
const text = hex('81 80 00 00 00 00')
const pongOf = (data: string) => hex(`8a 84 00 00 00 00 ${data}`)
const ping = (number: number) => wire(`89 04 00 00 00 0${number}`)
const timeOut = (more: object = {}) =>
  expect.objectContaining({
    type: 'close',
    code: 1006,
    reason: '',
    clean: false,
    by: 'local',
    error: expect.objectContaining({ name: 'ProtocolError', code: 'timeout', closeCode: undefined, ...more }),
  })

describe('keepalive', () => {
  test('requires a time, and then returns the next deadline', () => {
    const connection = server({ keepalive })
    expect(connection.pollAt).toBe(-Infinity)
    expect(connection.poll(1000)).toEqual([])
    expect(connection.pollAt).toBe(1030)
    expect([connection.poll(1029), taken(connection)]).toEqual([[], ''])
    expect([connection.poll(1030), taken(connection, 1031)]).toEqual([[], ping(1)])
    expect(connection.pollAt).toBe(1041)
  })

  test('never does anything without times', () => {
    const connection = server({ keepalive, closeTimeout: 5 })
    for (let i = 0; i < 1000; i++) connection.receive(text)
    expect([taken(connection), connection.pollAt, connection.state]).toEqual(['', -Infinity, 'open'])
    connection.close()
    expect([connection.pollAt, connection.state]).toEqual([-Infinity, 'closing'])
  })

  test('is never due if it is off, whenever poll is called', () => {
    const connection = server()
    expect([connection.pollAt, connection.poll(1e9), taken(connection)]).toEqual([undefined, [], ''])
  })

  test('postpones the ping if data is received with a time', () => {
    const connection = server({ keepalive })
    connection.poll(0)
    for (let now = 20; now < 200; now += 20) {
      connection.receive(text, now)
      expect(connection.pollAt).toBe(now + 30)
      expect(connection.poll(now + 29)).toEqual([])
    }
    expect(taken(connection)).toBe('')
    connection.receive(text.subarray(0, 1), 300)
    expect(connection.pollAt).toBe(330)
    connection.receive(new Uint8Array(0), 320)
    expect(connection.pollAt).toBe(330)
  })

  test('counts data received without a time from the next poll', () => {
    const connection = server({ keepalive })
    connection.poll(0)
    connection.receive(text)
    expect(connection.pollAt).toBe(-Infinity)
    expect([connection.poll(50), taken(connection), connection.pollAt]).toEqual([[], '', 80])
    connection.poll(80)
    expect(taken(connection)).toBe(ping(1))
    connection.receive(text)
    expect([connection.poll(1000), connection.pollAt, taken(connection)]).toEqual([[], 1030, ''])
  })

  test('is not postponed by sending', () => {
    const connection = server({ keepalive })
    connection.poll(0)
    connection.sendText('a')
    connection.takeOutput()
    expect(connection.pollAt).toBe(30)
  })

  test('sends one ping after another, each with its own number, while pongs arrive', () => {
    const connection = server({ keepalive })
    connection.poll(0)
    for (let round = 1; round < 4; round++) {
      expect(connection.poll(round * 100)).toEqual([])
      expect(taken(connection)).toBe(ping(round))
      const pong = connection.receive(pongOf(`00 00 00 0${round}`), round * 100 + 7)
      expect(pong).toMatchObject([{ type: 'pong', roundTrip: 7 }])
      expect(connection.pollAt).toBe(round * 100 + 37)
    }
  })

  test('accepts any data as an answer: a peer that sends is alive', () => {
    const connection = server({ keepalive })
    connection.poll(0)
    connection.poll(30)
    connection.receive(text, 39)
    expect([connection.poll(40), connection.pollAt, connection.state]).toEqual([[], 69, 'open'])
  })

  test('closes the connection if the peer is silent after the ping: one close event, nothing more', () => {
    for (const make of [server, client]) {
      const connection = make({ keepalive, closeTimeout: 5 })
      connection.poll(0)
      expect(connection.poll(30)).toEqual([])
      for (const now of [31, 35, 40, 49]) expect(connection.poll(now)).toEqual([])
      expect(connection.poll(50)).toEqual([timeOut({ reference: 'RFC 6455 §5.5.2' })])
      expect([connection.state, connection.transport, connection.pollAt]).toEqual(['closed', 'destroy', undefined])
      // The ping was never taken; a peer that does not answer gets no Close.
      expect(taken(connection)).toBe('')
      expect([connection.poll(1e6), connection.receiveEnd(), connection.receive(text)]).toEqual([[], [], []])
      expect([connection.sendText('a'), connection.ping(), connection.close()]).toEqual([false, false, false])
    }
  })

  test('keeps the connection while the transport sends the output that it has taken', () => {
    const connection = server({ keepalive })
    connection.receive(text, 0)
    connection.poll(30, false, true)
    taken(connection, 30)
    for (let now = 60; now < 600; now += 30) {
      expect(connection.poll(now, false, true)).toEqual([])
      taken(connection, now)
    }
    expect([connection.poll(620), taken(connection, 620), connection.poll(630), taken(connection, 630)]).toEqual([
      [],
      wire('89 04 00 00 00 14'),
      [],
      wire('89 04 00 00 00 15'),
    ])
    expect(connection.poll(640)).toEqual([timeOut()])
  })

  test.each([1, 2])(
    'starts again if the transport makes progress in half %i, because answers follow the output that it buffers',
    (half) => {
      const connection = server({ keepalive })
      connection.receive(text, 0)
      for (let now = 30; now < 30 + 10 * half; now += 10) {
        connection.poll(now)
        taken(connection, now)
      }
      const end = 30 + 10 * half
      expect([connection.poll(end, false, true), connection.pollAt]).toEqual([[], end + 30])
      for (const now of [end + 30, end + 40]) {
        expect(connection.poll(now)).toEqual([])
        taken(connection, now)
      }
      expect(connection.poll(end + 50)).toEqual([timeOut()])
    },
  )

  test('sends a second ping half way; each half runs from when its ping is taken', () => {
    const connection = server({ keepalive })
    connection.receive(text, 0)
    connection.poll(30)
    expect([taken(connection, 34), connection.pollAt]).toEqual([ping(1), 44])
    expect([connection.poll(43), connection.poll(44)]).toEqual([[], []])
    expect([taken(connection, 49), connection.pollAt]).toEqual([ping(2), 59])
    expect([connection.poll(58), connection.poll(59)]).toEqual([[], [timeOut()]])
  })

  test('waits a whole half for a ping that is taken in the second half', () => {
    const connection = server({ keepalive })
    connection.receive(text, 0)
    expect([connection.poll(30), connection.poll(40)]).toEqual([[], []])
    expect([taken(connection, 49), connection.poll(58), connection.pollAt]).toEqual([ping(1), [], 59])
    expect(connection.receive(pongOf('00 00 00 01'), 58)).toMatchObject([{ type: 'pong', roundTrip: 28 }])
    expect(connection.pollAt).toBe(88)
  })

  test('sends a ping that overtakes output that has not been taken; ping() does not', () => {
    const connection = server({ keepalive })
    connection.receive(text, 0)
    connection.sendText('a')
    connection.ping('b')
    connection.poll(30)
    expect(taken(connection)).toBe(wire('89 04 00 00 00 01  81 01 61  89 01 62'))
  })

  test('keeps the connection during a slow download, while output is taken and more is queued', () => {
    const connection = server({ keepalive, maxOutput: 10 })
    connection.receive(text, 0)
    connection.sendBinary(new Uint8Array(400))
    let pings = 0
    // A take every 9 ms, and nothing arrives.
    for (let now = 9; connection.outputSize > 10; now += 9) {
      if (now >= (connection.pollAt as number)) expect(connection.poll(now)).toEqual([])
      if (taken(connection, now).includes(ping(pings + 1))) pings++
    }
    // They follow the message, which has been partly taken.
    expect([pings, connection.state]).toEqual([0, 'open'])
    // Then nothing is taken any more: the connection ends after the current wait and the whole time.
    const [from, polls] = [connection.pollAt as number, [] as number[]]
    while (connection.state === 'open') {
      polls.push((connection.pollAt as number) - from)
      connection.poll(connection.pollAt as number)
    }
    expect(polls).toEqual([0, 30, 40, 50])
  })

  test('does not count output as progress if nothing is queued after it', () => {
    const connection = server({ keepalive })
    connection.receive(text, 0)
    for (const now of [30, 40, 50]) {
      connection.sendText('a')
      connection.takeOutput(now)
      expect([now, connection.poll(now)]).toEqual([now, now < 50 ? [] : [timeOut()]])
      connection.sendText('b')
      connection.takeOutput(now)
    }
  })

  test('only sends pings, ten times, while the user has paused or input is pending', () => {
    for (const pending of [false, true]) {
      const connection = client({ keepalive })
      const chunk = pending ? Buffer.alloc(70_000 * 6, Buffer.concat([hex('82 7e ff ff'), Buffer.alloc(65_535)])) : text
      connection.receive(pending ? chunk : hex('81 00'), 0)
      expect(connection.hasPending).toBe(pending)
      for (let round = 1; round <= 10; round++) {
        expect(connection.poll(30 * round, !pending)).toEqual([])
        expect(taken(connection, 30 * round)).toMatch(/^8984/)
      }
      for (const now of [330, 340]) {
        expect(connection.poll(now, !pending)).toEqual([])
        expect(taken(connection, now)).toMatch(/^8984/)
      }
      expect(connection.poll(350, !pending)).toEqual([timeOut()])
    }
  })

  test('is not postponed by input that is pending because no output is taken', () => {
    const connection = client({ keepalive })
    connection.sendText('a')
    connection.receive(Buffer.alloc(70_000 * 6, Buffer.concat([hex('82 7e ff ff'), Buffer.alloc(65_535)])), 0)
    expect(connection.hasPending).toBe(true)
    for (const now of [30, 40]) expect(connection.poll(now)).toEqual([])
    expect(connection.poll(50)).toEqual([timeOut()])
  })

  test('queues no second ping while the first has not been taken', () => {
    const connection = server({ keepalive })
    connection.receive(text, 0)
    for (let round = 1; round <= 10; round++) connection.poll(30 * round, true)
    expect(taken(connection)).toBe(ping(1))
  })

  test('sends one ping per silence, however late poll is called, and waits the full timeout after it', () => {
    const connection = server({ keepalive })
    connection.poll(0)
    expect(connection.poll(500)).toEqual([])
    expect(connection.pollAt).toBe(510)
    expect(connection.poll(509)).toEqual([])
    // The first ping was not taken in the first half, so there is no second.
    expect([connection.poll(9999), connection.outputSize, connection.pollAt]).toEqual([[], 6, 10_009])
    expect([connection.poll(10_008), connection.poll(10_009)]).toEqual([[], [timeOut()]])
  })

  test('sends a ping that failed at the next poll', () => {
    let fails = true
    const maskKeys = () => {
      if (fails) throw new Error('no key')
      return hex('00 00 00 00')
    }
    const connection = client({ keepalive, maskKeys })
    connection.poll(0)
    expect(() => connection.poll(30)).toThrow('no key')
    expect(connection.pollAt).toBe(30)
    fails = false
    expect([connection.poll(31), connection.pollAt]).toEqual([[], 41])
    expect(taken(connection)).toMatch(/^8984/)
  })

  test.each([0, -1, Number.NaN])('rejects times of %d with a RangeError', (span) => {
    expect(() => server({ keepalive: { interval: span, timeout: 1 } })).toThrow(RangeError)
    expect(() => server({ keepalive: { interval: 1, timeout: span } })).toThrow(RangeError)
    expect(() => server({ closeTimeout: span })).toThrow(RangeError)
  })

  test('never elapses with Infinity', () => {
    const connection = server({ keepalive: { interval: Infinity, timeout: 1 } })
    expect([connection.poll(0), connection.pollAt, connection.poll(1e300)]).toEqual([[], Infinity, []])
    expect(taken(connection)).toBe('')
  })
})

describe('closeTimeout', () => {
  const theirs = '88 82 00 00 00 00 03 e8'
  const open = (options: Partial<ConnectionOptions> = {}) =>
    new Connection({ role: 'server', closeTimeout: 20, ...options })

  test('does not run while the connection is open', () => {
    const connection = open()
    expect([connection.pollAt, connection.poll(1e6), connection.state]).toEqual([undefined, [], 'open'])
  })

  test('runs from the first poll after close(), whatever is still received', () => {
    const connection = open()
    connection.close(1000)
    expect([connection.pollAt, connection.poll(100), connection.pollAt]).toEqual([-Infinity, [], 120])
    connection.receive(text, 110)
    connection.receive(text)
    expect([connection.pollAt, connection.poll(119)]).toEqual([120, []])
    expect(connection.poll(120)).toEqual([timeOut({ reference: 'RFC 6455 §7.1.1' })])
    // Too late for a Close that was never taken.
    expect([connection.transport, connection.state, taken(connection), connection.pollAt]).toEqual([
      'destroy',
      'closed',
      '',
      undefined,
    ])
  })

  test('a late poll starts the wait, and does not end it', () => {
    const connection = open({ keepalive })
    connection.poll(0)
    connection.close()
    expect([connection.poll(5000), connection.pollAt]).toEqual([[], 5020])
  })

  test('replaces the timeout of keepalive while closing; no ping follows a Close', () => {
    for (const closeTimeout of [50, 1000]) {
      const connection = open({ keepalive, closeTimeout })
      connection.poll(0)
      connection.close()
      taken(connection)
      for (let now = 10; now < 10 + closeTimeout; now += 10) expect(connection.poll(now)).toEqual([])
      expect([taken(connection), connection.state, connection.pollAt]).toEqual(['', 'closing', 10 + closeTimeout])
      expect(connection.poll(10 + closeTimeout)).toHaveLength(1)
    }
  })

  test('restarts when a closing connection is resumed elsewhere', () => {
    const connection = open()
    connection.close()
    const resumed = resumeConnection(snapshotConnection(connection) as ConnectionSnapshot, { closeTimeout: 20 })
    expect([resumed.poll(100), resumed.pollAt, resumed.poll(120)]).toEqual([[], 120, [timeOut()]])
  })

  test('runs once more for the peer to end the transport; for a server, after both Closes', () => {
    const connection = open()
    connection.close()
    connection.poll(0)
    connection.takeOutput()
    connection.receive(hex(theirs), 5)
    expect([connection.transport, connection.pollAt, connection.poll(39)]).toEqual(['end', 40, []])
    expect([connection.poll(40), connection.transport, connection.pollAt]).toEqual([[], 'destroy', undefined])
  })

  test('answers the peer’s Close with its code if the user does not, without a second event', () => {
    const connection = open({ autoClose: false })
    expect(connection.receive(hex(theirs), 5)).toHaveLength(1)
    expect([connection.pollAt, connection.transport]).toEqual([25, 'keep'])
    expect([connection.sendText('a'), connection.poll(25), connection.sendText('b')]).toEqual([true, [], false])
    expect([connection.transport, connection.pollAt]).toEqual(['keep', 45])
    expect([taken(connection), connection.transport, connection.pollAt]).toEqual([
      wire('81 01 61  88 02 03 e8'),
      'end',
      45,
    ])
    expect([connection.poll(45), connection.transport]).toEqual([[], 'destroy'])
  })

  test('also ends an answer that is never taken, and the Close after an error', () => {
    for (const bytes of [theirs, '83 80 00 00 00 00']) {
      const connection = open()
      expect(connection.receive(hex(bytes), 5)).toHaveLength(1)
      expect([connection.poll(25), connection.transport, taken(connection)]).toEqual([[], 'destroy', ''])
    }
  })

  test('includes 2 s in which a client waits for the server to end the transport, and 2 s after its own end (RFC 6455 §7.1.1)', () => {
    for (const [closeTimeout, ends, destroyed] of [
      [undefined, 2010, 4010],
      [1500, 1500, 3000],
      [500, 500, 1000],
    ] as const) {
      const connection = client({ closeTimeout })
      connection.close(1000)
      connection.takeOutput(0)
      expect(connection.receive(hex('88 02 03 e8'), 10)).toHaveLength(1)
      expect([connection.transport, connection.pollAt, connection.poll(ends - 1)]).toEqual(['keep', ends, []])
      expect([connection.poll(ends), connection.transport, connection.pollAt]).toEqual([[], 'end', destroyed])
      expect(connection.receiveEnd(ends + 1)).toEqual([])
      expect([connection.poll(destroyed), connection.transport, connection.pollAt]).toEqual([[], 'destroy', undefined])
    }
  })
})
