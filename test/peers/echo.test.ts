/**
 * Thousands of mixed messages, ours on one side and `ws` on the other, over transports that tear everything at random:
 * nothing is lost, changed or out of order. `SEED=… RUNS=…` repeats or prolongs it.
 */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Cut, cutAtRandom, echo, open, serve } from './ours.ts'
import { createRandom, patient, within } from './support.ts'

vi.setConfig(patient)

const MESSAGES = Number(process.env.RUNS ?? 10_000)
const LARGEST = 70_000
/** Messages on their way at once. */
const WINDOW = 200
const characters = ['a', 'Z', '9', ' ', '\0', 'é', '\uFEFF', '世', '\uFFFD', '👋', '\u{10FFFF}']

interface Message {
  readonly type: 'text' | 'binary' | 'ping'
  readonly bytes: Buffer
}

function randomMessage(random: () => number): Message {
  const kind = random()
  // Half of the sizes are below 6, some few reach the largest.
  const size = Math.floor(LARGEST ** (random() * random() * 1.0001))
  if (kind < 0.1) return { type: 'ping', bytes: randomBytes(Math.min(size, 125), random) }
  if (kind < 0.5) return { type: 'binary', bytes: randomBytes(size - 1, random) }
  let text = ''
  while (text.length < size - 1) text += characters[Math.floor(random() * characters.length)]
  return { type: 'text', bytes: Buffer.from(text) }
}

function randomBytes(size: number, random: () => number): Buffer {
  return Buffer.from(Array.from({ length: Math.max(size, 0) }, () => Math.floor(random() * 256)))
}

/** What is on its way, and what has come back; a pong may overtake a message, so each has its own row. */
class Ledger {
  compared = 0
  private readonly messages: Message[] = []
  private readonly pings: Message[] = []
  private fault: Error | undefined
  private wake = (): void => {}

  /** Notes a message that is about to be sent. */
  expect(message: Message): void {
    const row = message.type === 'ping' ? this.pings : this.messages
    row.push(message)
  }

  /** Compares what has come with what is due. */
  receive(type: 'text' | 'binary' | 'pong', data: Uint8Array | string): void {
    const due = (type === 'pong' ? this.pings : this.messages).shift()
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    this.compared++
    if (due?.type !== (type === 'pong' ? 'ping' : type) || Buffer.compare(due.bytes, bytes) !== 0)
      this.fail(
        `message ${this.compared}: ${type}, ${bytes.length} bytes, for ${due?.type}, ${due?.bytes.length} bytes`,
      )
    this.wake()
  }

  fail(what: string): void {
    this.fault ??= new Error(what)
    this.wake()
  }

  /** When less than so many are on their way. */
  async below(count: number): Promise<void> {
    while (this.fault === undefined && this.messages.length + this.pings.length >= count) {
      const received = new Promise<void>((resolve) => {
        this.wake = resolve
      })
      await within(received, `${this.messages.length} messages and ${this.pings.length} pongs`)
    }
    if (this.fault) throw this.fault
  }
}

/** Sends all, and waits until all has come back. */
async function sendAll(random: () => number, ledger: Ledger, send: (message: Message) => void): Promise<void> {
  for (let i = 0; i < MESSAGES; i++) {
    await ledger.below(WINDOW)
    const message = randomMessage(random)
    ledger.expect(message)
    send(message)
  }
  await ledger.below(1)
  expect(ledger.compared).toBe(MESSAGES)
}

/** Runs with chance from a seed that a failure names: the messages are the same again; where they were cut is not. */
async function seeded(run: (random: () => number, cut: Cut) => Promise<void>): Promise<void> {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  try {
    await run(createRandom(seed), cutAtRandom(createRandom(seed + 1)))
  } catch (error) {
    throw new Error(`with SEED=${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

test(`our client gets ${MESSAGES} messages back from a server of ws`, () =>
  seeded(async (random, cut) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    server.on('connection', (end) => end.on('message', (data, binary) => end.send(data, { binary })))
    await once(server, 'listening')
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const ledger = new Ledger()
    const link = await open(
      url,
      (event) => {
        if (event.type === 'close') ledger.fail(`closed with ${event.code}: ${event.error?.message}`)
        else if (event.type !== 'ping') ledger.receive(event.type, event.data)
      },
      { cut, fragmentSize: 4096 },
    )
    await sendAll(random, ledger, ({ type, bytes }) => {
      if (type === 'ping') link.connection.ping(bytes)
      else if (type === 'binary') link.connection.sendBinary(bytes)
      else link.connection.sendText(bytes.toString())
      link.flush()
    })
    for (const end of server.clients) end.terminate()
    server.close()
    await within(once(server, 'close'), 'the server to close')
  }))

test(`a client of ws gets ${MESSAGES} messages back from our server`, () =>
  seeded(async (random, cut) => {
    const server = await serve(echo, { cut, fragmentSize: 4096 })
    const client = new WebSocket(server.url)
    await within(once(client, 'open'), 'ws to open')
    const ledger = new Ledger()
    client.on('message', (data, binary) => ledger.receive(binary ? 'binary' : 'text', data as Buffer))
    client.on('pong', (data) => ledger.receive('pong', data))
    client.on('close', (code) => ledger.fail(`closed with ${code}`))
    await sendAll(random, ledger, ({ type, bytes }) => {
      if (type === 'ping') client.ping(bytes)
      else if (random() < 0.9) client.send(bytes, { binary: type === 'binary' })
      else {
        // In two fragments, cut wherever it falls.
        const half = Math.floor(bytes.length * random())
        client.send(bytes.subarray(0, half), { binary: type === 'binary', fin: false })
        client.send(bytes.subarray(half), { fin: true })
      }
    })
    client.terminate()
    await server.stop()
  }))
