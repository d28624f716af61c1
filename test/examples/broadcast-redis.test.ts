/**
 * Chat rooms over two processes and a real Redis: which client gets which messages, what is lost with a killed process, and a Redis that
 * disconnects. Runs on the built package.
 */

import { once } from 'node:events'
import { createClient } from 'redis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { findFreePort, whenListening } from '../peers/proxies.ts'
import {
  describePeer,
  examplePath,
  findExecutable,
  Inbox,
  patient,
  type Running,
  startProcess,
  within,
} from '../peers/support.ts'
import { long } from '../share.ts'

vi.setConfig(patient)

const redisServer = findExecutable('redis-server')
const missing = redisServer === undefined ? 'no redis-server is installed' : undefined

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function startRedis(port: number): Promise<Running> {
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const running = startProcess('redis-server', redisServer as string, args)
  // The test may have stopped it, also with SIGSTOP.
  stops.push(() => running.child.kill('SIGKILL'))
  await within(whenListening(port, running), 'redis-server to listen')
  return running
}

interface Member extends Running {
  readonly port: number
  /** Its next line about Redis. */
  says(expected: string): Promise<void>
}

async function start(redisPort: number): Promise<Member> {
  const name = 'broadcast-redis.mjs'
  const args = [examplePath(name), '0', `redis://127.0.0.1:${redisPort}`]
  const running = startProcess(name, process.execPath, args)
  stops.push(() => running.child.kill('SIGKILL'))
  const ports = new Inbox<number>()
  let said: string[] = []
  let tell = (): void => {}
  running.lines.on('line', (line) => {
    const [, port] = /port: (\d+)/.exec(line) ?? []
    if (port === undefined) said.push(line)
    else ports.push(Number(port))
    tell()
  })
  /** Waits until it has printed this about both its connections. */
  const says = async (expected: string): Promise<void> => {
    const isThere = (role: string): boolean => said.some((line) => line.startsWith(`redis: ${role} ${expected}`))
    while (!(isThere('publisher') && isThere('subscriber'))) {
      const next = new Promise<void>((resolve) => {
        tell = resolve
      })
      await within(next, `${name} to say that it has Redis ${expected}`)
    }
    said = []
  }
  return { ...running, port: await ports.next(`${name} to listen`), says }
}

/** A client that records the messages it gets, and its close. */
class Client {
  readonly socket: WebSocket
  readonly got: string[] = []
  closed: number | undefined = undefined
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined = undefined

  constructor(port: number, room: string) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${room}`, { perMessageDeflate: false })
    stops.push(() => this.socket.terminate())
    this.socket.on('error', () => {})
    this.socket.on('message', (data) => {
      this.got.push(String(data))
      if (this.got.length === this.#waiting?.count) this.#waiting.resolve()
    })
    this.socket.on('close', (code) => {
      this.closed = code
    })
  }

  static async open(port: number, room: string): Promise<Client> {
    const client = new Client(port, room)
    await within(once(client.socket, 'open'), 'ws to open')
    return client
  }

  send(text: string): void {
    this.socket.send(text)
  }

  /** Waits until a number of messages have arrived. */
  async until(count: number): Promise<void> {
    if (this.got.length >= count) return
    const there = new Promise<void>((resolve) => {
      this.#waiting = { count, resolve }
    })
    await within(there, `message ${count}; there are ${this.got.length}`)
  }
}

/** A message contains its sender and its number. */
const numbered = (sender: number, n: number): string => `${sender} ${n} ${'.'.repeat(n % 100)}`

/** The answer to a sender whose message may not have been delivered. */
const told = '(perhaps not delivered: Redis is away)'

/** The number of messages that a client got from each sender, if they are numbered from 0 on, each once and in order. */
function countBySender({ got }: Client): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const message of got) {
    const [sender = '', n] = message.split(' ')
    const expected = counts[sender] ?? 0
    if (Number(n) !== expected) throw new Error(`message ${n} of sender ${sender} instead of ${expected}`)
    counts[sender] = expected + 1
  }
  return counts
}

describePeer('redis-server', missing, () => {
  let port: number
  let redis: Running
  beforeEach(async () => {
    port = await findFreePort()
    redis = await startRedis(port)
  })

  /** Waits until these rooms, and no others, have a number of subscribers. */
  const followed = (channels: Record<string, number>): Promise<void> =>
    within(watch(channels), `Redis to have ${JSON.stringify(channels)}`)

  async function watch(channels: Record<string, number>): Promise<void> {
    const client = createClient({ url: `redis://127.0.0.1:${port}` })
    await client.connect()
    try {
      const expected = JSON.stringify(Object.entries(channels).sort())
      for (let counts = ''; counts !== expected; ) {
        const names = await client.pubSubChannels()
        counts = JSON.stringify(Object.entries(await client.pubSubNumSub(names)).sort())
        if (counts !== expected) await new Promise((resolve) => setTimeout(resolve, 20))
      }
    } finally {
      client.destroy()
    }
  }

  test('many clients of two processes, one of which is killed', async () => {
    const [one, two] = await Promise.all([start(port), start(port)])
    await Promise.all([one.says('ready'), two.says('ready')])
    const open = (at: Member) =>
      Promise.all(Array.from({ length: long ? 500 : 50 }, () => Client.open(at.port, '/room')))
    const [ours, theirs] = await Promise.all([open(one), open(two)])
    await followed({ 'room:/room': 2 })
    const all = [...ours, ...theirs]
    const [slow] = ours as [Client]
    slow.socket.pause()
    // Five clients of each process, ten messages each.
    const senders = [...ours.slice(1, 6), ...theirs.slice(1, 6)]
    const send = (from: number, to: number): void => {
      for (let n = from; n < to; n++) for (const [i, sender] of senders.entries()) sender.send(numbered(i, n))
    }
    send(0, 10)
    await Promise.all(all.filter((client) => client !== slow).map((client) => client.until(100)))
    slow.socket.resume()
    await slow.until(100)
    const expected = Object.fromEntries(senders.map((_, i) => [i, 10]))
    for (const client of all) expect(countBySender(client)).toEqual(expected)

    send(10, 20)
    two.child.kill('SIGKILL')
    await two.exited
    send(20, 30)
    // Each of the five remaining senders knows its own last message.
    const last = (client: Client, i: number): number => client.got.filter((got) => got.startsWith(`${i} `)).length
    for (const client of ours) {
      const isDone = (): boolean => [0, 1, 2, 3, 4].every((i) => last(client, i) === 30)
      while (!isDone()) await client.until(client.got.length + 1)
      const counts = countBySender(client)
      for (const i of [0, 1, 2, 3, 4]) expect(counts[i]).toBe(30)
      // Of the others, the messages that were published, without a gap.
      for (const i of [5, 6, 7, 8, 9]) expect(counts[i]).toBeLessThanOrEqual(20)
      expect(client.closed).toBe(undefined)
    }
    await followed({ 'room:/room': 1 })
  })

  test('a client that reads too slowly is closed with 1013; all others in the room get everything', async () => {
    const one = await start(port)
    await one.says('ready')
    const [sender, reader, slow] = await Promise.all([1, 2, 3].map(() => Client.open(one.port, '/large')))
    await followed({ 'room:/large': 1 })
    slow?.socket.pause()
    const sent = Array.from({ length: 200 }, (_, n) => `${n} ${'x'.repeat(100_000)}`)
    for (const message of sent) {
      sender?.send(message)
      await reader?.until(Number.parseInt(message, 10) + 1)
    }
    const end = once(slow?.socket as WebSocket, 'close')
    slow?.socket.resume()
    const [code, reason] = await within(end, 'the end of the slow client')
    expect([code, String(reason)]).toEqual([1013, 'too slow'])
    const got = slow?.got ?? []
    expect(got.length).toBeLessThan(200)
    expect(got).toEqual(sent.slice(0, got.length))
    expect([reader?.got, sender?.got]).toEqual([sent, sent])
  })

  test('subscribes only to rooms that have peers; binary messages are refused', async () => {
    const one = await start(port)
    await one.says('ready')
    const [a, b, c] = await Promise.all(['/a', '/a', '/b'].map((room) => Client.open(one.port, room)))
    await followed({ 'room:/a': 1, 'room:/b': 1 })
    c?.socket.send(Buffer.of(1))
    await once(c?.socket as WebSocket, 'close')
    expect(c?.closed).toBe(1003)
    await followed({ 'room:/a': 1 })
    a?.socket.close()
    b?.send('still there')
    await b?.until(1)
    b?.socket.close()
    await followed({})
  })

  test('a Redis that disconnects and returns: no WebSocket is closed, and clients that sent something are told', async () => {
    const members = await Promise.all([start(port), start(port)])
    const says = (expected: string) => Promise.all(members.map((member) => member.says(expected)))
    await says('ready')
    const [one, two] = (await Promise.all(members.map((member) => Client.open(member.port, '/room')))) as [
      Client,
      Client,
    ]
    await followed({ 'room:/room': 2 })
    one.send('1')
    await Promise.all([one.until(1), two.until(1)])

    await redis.stop()
    await says('lost')
    one.send('nobody hears this')
    await one.until(2)
    // A room that is created while Redis is away.
    const [late, later] = await Promise.all(members.map((member) => Client.open(member.port, '/late')))
    redis = await startRedis(port)
    await says('ready')
    await followed({ 'room:/room': 2, 'room:/late': 2 })
    late?.send('a')
    await Promise.all([late?.until(1), later?.until(1)])
    two.send('2')
    await Promise.all([one.until(3), two.until(2)])

    expect([one, two, late, later].map((client) => client?.closed)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect([one.got, two.got]).toEqual([
      ['1', told, '2'],
      ['1', '2'],
    ])

    // SIGTERM, with and without a Redis, for one client each: several clients are closed one after the other.
    for (const client of [late, later]) client?.socket.close()
    await followed({ 'room:/room': 2 })
    const ends = [one, two].map(({ socket }) => once(socket, 'close'))
    members[0].child.kill('SIGTERM')
    expect(await within(members[0].exited, 'a process to exit')).toEqual([0, null])
    await redis.stop()
    members[1].child.kill('SIGTERM')
    expect(await within(members[1].exited, 'a process to exit')).toEqual([0, null])
    expect((await Promise.all(ends)).map(([code]) => code)).toEqual([1001, 1001])
  })

  // The sample waits for seconds before it gives up on Redis.
  if (long)
    test('a Redis that hangs for a while has the same effect', async () => {
      const one = await start(port)
      await one.says('ready')
      const client = await Client.open(one.port, '/room')
      await followed({ 'room:/room': 1 })
      redis.child.kill('SIGSTOP')
      client.send('nobody hears this, for now')
      await client.until(1)
      expect(client.got).toEqual([told])
      await one.says('lost')
      redis.child.kill('SIGCONT')
      await one.says('ready')
      await followed({ 'room:/room': 1 })
      client.send('1')
      // Messages sent before may have been delivered.
      while (!client.got.includes('1')) await client.until(client.got.length + 1)
      expect(client.closed).toBe(undefined)
    })
})
