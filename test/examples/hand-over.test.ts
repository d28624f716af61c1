/** The example that replaces its server process, twice, under traffic of all kinds. Runs on the built package. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { examplePath, Inbox, patient, type Running, startProcess, textOf, within } from '../peers/support.ts'
import { long } from '../share.ts'

vi.setConfig(patient)

const stops: (() => unknown)[] = []
afterEach(() => {
  for (const stop of stops.splice(0).reverse()) stop()
})

interface Supervisor extends Running {
  readonly port: number
  /** The process id of the first server. */
  readonly pid: number
  /** The next server is listening. */
  listening(): Promise<{ readonly port: number; readonly pid: number }>
  /** The next server has exited: its process id. */
  ended(): Promise<number>
}

async function start(): Promise<Supervisor> {
  const name = 'hand-over.mjs'
  const running = startProcess(name, process.execPath, [examplePath(name), '0'])
  stops.push(() => running.child.kill('SIGTERM'))
  const listening = new Inbox<{ port: number; pid: number }>()
  const ended = new Inbox<number>()
  running.lines.on('line', (line) => {
    const [, port, pid] = /port: (\d+) } (\d+)$/.exec(line) ?? []
    if (port !== undefined) listening.push({ port: Number(port), pid: Number(pid) })
    const [, ends] = /^server (\d+) has ended$/.exec(line) ?? []
    if (ends !== undefined) ended.push(Number(ends))
  })
  return {
    ...running,
    ...(await listening.next('the server to listen')),
    listening: () => listening.next('the next server to listen'),
    ended: () => ended.next('a server to end'),
  }
}

/** A client that numbers its messages, and checks that each returns once, in order. */
class Client {
  sent = 0
  got = 0
  readonly faults: string[] = []
  readonly socket: WebSocket
  #idle = (): void => {}

  constructor(port: number, compress: boolean) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: compress && { threshold: 0 } })
    stops.push(() => this.socket.terminate())
    this.socket.on('error', (error) => this.faults.push(error.message))
    this.socket.on('close', (code) => this.faults.push(`closed with ${code}`))
    this.socket.on('message', (data) => {
      if (String(data) !== this.message(this.got)) this.faults.push(`${this.got}: ${String(data).slice(0, 20)}`)
      this.got++
      if (this.got === this.sent) this.#idle()
      this.answered()
    })
  }

  /** Called after an answer. */
  answered = (): void => {}

  message(n: number): string {
    return `${n} ${textOf(n % 400)}`
  }

  send(): void {
    this.socket.send(this.message(this.sent++))
  }

  async opened(): Promise<this> {
    await within(once(this.socket, 'open'), 'ws to open')
    return this
  }

  /** Waits until everything has returned. */
  async calm(): Promise<void> {
    this.answered = () => {}
    if (this.got === this.sent) return
    await within(
      new Promise<void>((resolve) => {
        this.#idle = resolve
      }),
      `the answers from ${this.got} to ${this.sent}`,
    )
  }
}

/** In the middle of a message, until it is finished. */
class HalfWay extends Client {
  begin(): void {
    const message = this.message(this.sent)
    this.socket.send(message.slice(0, 1), { fin: false })
  }

  finish(): void {
    this.socket.send(this.message(this.sent++).slice(1), { fin: true })
  }
}

/** Leaves more unread than the system's buffers can contain. */
class Lazy extends Client {
  override message(n: number): string {
    return `${n} ${textOf(2 ** 18)}`
  }

  fill(): void {
    this.socket.pause()
    for (let n = 0; n < 40; n++) this.send()
  }
}

test('no WebSocket is closed, and nothing is lost or duplicated, while the server is replaced twice', async () => {
  const { port, child, listening, ended, exited } = await start()
  const of = <Kind extends Client>(
    Kind: new (port: number, compress: boolean) => Kind,
    count: number,
    compress: boolean,
  ) => Promise.all(Array.from({ length: count }, () => new Kind(port, compress).opened()))
  const [plain, compressed, half, lazy] = await Promise.all([
    of(Client, long ? 90 : 8, false),
    of(Client, long ? 96 : 8, true),
    of(HalfWay, long ? 10 : 3, false),
    of(Lazy, long ? 4 : 1, false),
  ])
  const busy = [...plain, ...compressed]
  for (const client of busy) {
    client.answered = () => client.send()
    for (let n = 0; n < 2; n++) client.send()
  }
  const pids = new Set<number>()
  for (let round = 0; round < 2; round++) {
    for (const client of half) client.begin()
    for (const client of lazy) client.fill()
    child.kill('SIGHUP')
    await listening()
    for (const client of lazy) client.socket.resume()
    pids.add(await ended())
    // The new server has all of them, and they continue.
    for (const client of half) client.finish()
    const before = busy.map(({ got }) => got)
    await within(Promise.all(busy.map(({ socket }) => once(socket, 'message'))), 'an answer for each')
    expect(busy.every(({ got }, i) => got > (before[i] as number))).toBe(true)
  }
  const all = [...busy, ...half, ...lazy]
  await Promise.all(all.map((client) => client.calm()))
  for (const client of all) client.send()
  await Promise.all(all.map((client) => client.calm()))
  expect(all.flatMap(({ faults }) => faults)).toEqual([])
  expect([pids.size, lazy.map(({ got }) => got), half.map(({ got }) => got)]).toEqual([
    2,
    lazy.map(() => 81),
    half.map(() => 3),
  ])
  // SIGTERM is for the last server: several are ended one after the other.
  const [last, ...others] = all.map(({ socket }) => socket)
  for (const socket of others) socket.close()
  await within(Promise.all(others.map((socket) => once(socket, 'close'))), 'the end of the others')
  const end = once(last as WebSocket, 'close')
  child.kill('SIGTERM')
  expect((await end)[0]).toBe(1012)
  expect(await within(exited, 'the supervisor to exit')).toEqual([0, null])
})

test('plain HTTP that never ends does not keep the old server; a server that crashes is replaced', async () => {
  const { port, pid, child, listening, ended, exited } = await start()
  const half = connect(port, '127.0.0.1').on('error', () => {})
  half.resume().write('GET / HTTP/1.1\r\nHost: ')
  const reset = new Promise((resolve) => half.once('close', resolve))
  const client = await new Client(port, false).opened()
  child.kill('SIGHUP')
  const next = await listening()
  expect(await ended()).toBe(pid)
  await within(reset, 'the end of the request')
  client.send()
  await client.calm()
  expect(client.faults).toEqual([])
  process.kill(next.pid, 'SIGKILL')
  expect(await ended()).toBe(next.pid)
  await new Client((await listening()).port, true).opened()
  child.kill('SIGTERM')
  expect(await within(exited, 'the supervisor to exit')).toEqual([0, null])
})

test('a new server that crashes during a hand-over takes its WebSockets with it, and none hangs', async () => {
  const { port, pid, child, listening, ended, exited } = await start()
  const clients = await Promise.all(Array.from({ length: 400 }, () => new Client(port, false).opened()))
  // Each is closed, or has its answer.
  const settled = Promise.all(
    clients.map(
      (client) =>
        new Promise<void>((resolve) => {
          client.socket.once('close', () => resolve())
          client.answered = resolve
        }),
    ),
  )
  // The old server closes it when it begins to exit.
  const idle = connect(port, '127.0.0.1').resume()
  idle.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await within(once(idle, 'data'), 'an answer')
  const leaving = once(idle, 'close')
  child.kill('SIGHUP')
  const next = await listening()
  await within(leaving, 'the old server to leave')
  process.kill(next.pid, 'SIGKILL')
  expect(new Set([await ended(), await ended()])).toEqual(new Set([pid, next.pid]))
  const third = await listening()
  for (const client of clients) client.send()
  await within(settled, 'an answer or an end for each')
  expect(new Set(clients.flatMap(({ faults }) => faults))).toEqual(new Set(['closed with 1006']))
  await new Client(third.port, false).opened()
  child.kill('SIGTERM')
  expect(await within(exited, 'the supervisor to exit')).toEqual([0, null])
})

// Before the new server listens, which takes no less time, in the long run only.
test.each(long ? [0, 1] : [1])(
  'SIGTERM during a hand-over closes every WebSocket once, with 1012 (%s)',
  async (listens) => {
    const { port, child, listening, exited } = await start()
    const clients = await Promise.all(Array.from({ length: 300 }, () => new Client(port, true).opened()))
    const codes = Promise.all(clients.map(async ({ socket }) => (await once(socket, 'close'))[0]))
    child.kill('SIGHUP')
    if (listens) await listening()
    child.kill('SIGTERM')
    expect(new Set(await codes)).toEqual(new Set([1012]))
    expect(await within(exited, 'the supervisor to exit')).toEqual([0, null])
  },
)
