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
  /** The next server listens. */
  listening(): Promise<{ readonly port: number; readonly pid: number }>
  /** The next server has ended: its process id. */
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

/** A client that numbers what it sends, and checks that each comes back once, in order. */
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

  /** What is done behind an answer. */
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

  /** Everything has come back. */
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

/** Leaves more unread than the buffers of the system hold. */
class Lazy extends Client {
  override message(n: number): string {
    return `${n} ${textOf(2 ** 18)}`
  }

  fill(): void {
    this.socket.pause()
    for (let n = 0; n < 40; n++) this.send()
  }
}

test('no WebSocket is closed, and nothing lost or doubled, while the server is replaced twice', async () => {
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
    // The new server has all of them, and they go on.
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
  // SIGTERM is for the last one: several are told one after the other.
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

/** Answers go on while this is called, which returns the codes of those that were closed, and sees that the others are answered. */
async function closesOf(clients: readonly Client[], strike: () => Promise<void>): Promise<number[]> {
  const codes = clients.map(
    ({ socket }) => new Promise<number>((resolve) => socket.once('close', (code) => resolve(code))),
  )
  for (const client of clients) {
    client.answered = () => client.send()
    client.send()
  }
  await strike()
  const answers = clients.map(
    ({ socket }) => new Promise<undefined>((resolve) => socket.once('message', () => resolve(undefined))),
  )
  // One answer may have been on its way.
  const again = answers.map((answer, i) =>
    answer.then(
      () => new Promise<undefined>((resolve) => clients[i]?.socket.once('message', () => resolve(undefined))),
    ),
  )
  const ends = await within(Promise.all(clients.map((_, i) => Promise.race([codes[i], again[i]]))), 'an end for each')
  return ends.filter((code) => code !== undefined)
}

test('a server that dies when it has just been started leaves no client without an answer and without an end', async () => {
  const { port, child, listening, ended } = await start()
  const clients = await Promise.all(Array.from({ length: long ? 500 : 150 }, () => new Client(port, false).opened()))
  const codes = await closesOf(clients, async () => {
    child.kill('SIGHUP')
    process.kill((await listening()).pid, 'SIGKILL')
    for (let n = 0; n < 2; n++) await ended()
  })
  expect(codes.every((code) => code === 1006)).toBe(true)
})

test('SIGTERM while WebSockets move closes each, and crashes nothing', async () => {
  const { port, child, listening, exited } = await start()
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += String(data)
  })
  const clients = await Promise.all(Array.from({ length: long ? 300 : 150 }, () => new Client(port, false).opened()))
  const codes = clients.map(({ socket }) => once(socket, 'close').then(([code]) => code as number))
  for (const client of clients) {
    client.answered = () => client.send()
    client.send()
  }
  child.kill('SIGHUP')
  await listening()
  child.kill('SIGTERM')
  const ends = await within(Promise.all(codes), 'the end of all')
  // 1001 is what one gets that moves to a server which is closing.
  expect(ends.filter((code) => code !== 1001 && code !== 1012)).toEqual([])
  expect(await within(exited, 'the supervisor to exit')).toEqual([0, null])
  expect(errors).toBe('')
})
