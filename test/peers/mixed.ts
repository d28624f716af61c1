/** Random mixed messages, and the record of those expected back: nothing is lost, changed or reordered. `SEED=…` repeats a run. */

import { expect } from 'vitest'
import { type Cut, cutAtRandom } from './ours.ts'
import { createRandom, pattern, within } from './support.ts'

const LARGEST = 70_000
/** The maximum number of messages in transit. */
const WINDOW = 200
const characters = ['a', 'Z', '9', ' ', '\0', 'é', '\uFEFF', '世', '\uFFFD', '👋', '\u{10FFFF}']

export interface Message {
  readonly type: 'text' | 'binary' | 'ping'
  readonly bytes: Buffer
}

/** Messages of many sizes, with random and repetitive contents. */
export function* mixed(count: number, random: () => number): Generator<Message> {
  for (let i = 0; i < count; i++) yield randomMessage(random)
}

function randomMessage(random: () => number): Message {
  const kind = random()
  // Half of the sizes are below 6, and a few reach the largest.
  const size = Math.floor(LARGEST ** (random() * random() * 1.0001))
  if (kind < 0.1) return { type: 'ping', bytes: randomBytes(Math.min(size, 125), random) }
  if (kind < 0.3) return { type: 'binary', bytes: randomBytes(size - 1, random) }
  if (kind < 0.5) return { type: 'binary', bytes: Buffer.from(pattern(size - 1)) }
  let text = ''
  while (text.length < size - 1) text += characters[Math.floor(random() * characters.length)]
  return { type: 'text', bytes: Buffer.from(text) }
}

function randomBytes(size: number, random: () => number): Buffer {
  return Buffer.from(Array.from({ length: Math.max(size, 0) }, () => Math.floor(random() * 256)))
}

/** What is in transit, and what has come back; a pong may overtake a message, so each has its own queue. */
export class Ledger {
  compared = 0
  private readonly messages: Message[] = []
  private readonly pings: Message[] = []
  private error: Error | undefined
  private wake = (): void => {}

  /** Records a message that is about to be sent. */
  expect(message: Message): void {
    const row = message.type === 'ping' ? this.pings : this.messages
    row.push(message)
  }

  /** Compares what has arrived with what is expected. */
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
    this.error ??= new Error(what)
    this.wake()
  }

  /** Resolves when fewer than this many are in transit. */
  async below(count: number): Promise<void> {
    while (this.error === undefined && this.messages.length + this.pings.length >= count) {
      const received = new Promise<void>((resolve) => {
        this.wake = resolve
      })
      await within(received, `${this.messages.length} messages and ${this.pings.length} pongs`)
    }
    if (this.error) throw this.error
  }
}

/** Sends all, and waits until all have come back. */
export async function sendAll(
  messages: Iterable<Message>,
  ledger: Ledger,
  send: (message: Message) => void,
): Promise<void> {
  let sent = 0
  for (const message of messages) {
    await ledger.below(WINDOW)
    ledger.expect(message)
    send(message)
    sent++
  }
  await ledger.below(1)
  expect(ledger.compared).toBe(sent)
}

/** Runs with a random seed that a failure reports: it repeats the messages, but not where they are split. */
export async function seeded(run: (random: () => number, cut: Cut) => Promise<void>): Promise<void> {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  try {
    await run(createRandom(seed), cutAtRandom(createRandom(seed + 1)))
  } catch (error) {
    throw new Error(`with SEED=${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}
