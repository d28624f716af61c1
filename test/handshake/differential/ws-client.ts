/**
 * `ws` as a client on Node's HTTP client, over connections without a network: takes the bytes of a response, and reads the outcome from
 * the events of both.
 */

import { WebSocket } from 'ws'
import { computeAccept } from '../../../src/handshake/index.ts'
import { ACCEPT } from '../opening.ts'
import { deflate, describeDeflate } from './deflate.ts'
import type { Outcome, Peer } from './difference.ts'
import { MemorySocket, settled } from './memory.ts'
import { offered } from './values-responses.ts'

/** The number of connections at once. */
const BATCH = 200

/** The private member in which `ws` keeps the agreed parameters. Its public member has only names. */
interface Agreed {
  readonly _extensions: Readonly<Record<string, { readonly params: Readonly<Record<string, unknown>> }>>
}

class Attempt {
  private readonly network = new MemorySocket()
  private readonly socket: WebSocket
  private outcome: Outcome = { state: 'waiting' }

  constructor() {
    this.socket = new WebSocket('ws://a.example/', [...offered], { createConnection: () => this.network })
    this.socket.on('open', () => {
      const { subprotocol, agreed } = { subprotocol: this.socket.protocol, agreed: this.socket as unknown as Agreed }
      const params = agreed._extensions[deflate.name]?.params
      const extension = params && describeDeflate(Object.entries(params))
      this.outcome = { state: 'accepted', subprotocol: subprotocol || undefined, deflate: extension }
    })
    this.socket.on('unexpected-response', (_request, { statusCode }) => this.refuse(`status ${statusCode}`))
    this.socket.on('error', (error: Error & { code?: string; reason?: string }) => {
      this.refuse(error.code ? `${error.code} ${error.reason ?? ''}` : error.message)
    })
  }

  private refuse(why: string): void {
    // Later events, such as a frame or the end, do not concern the handshake.
    if (this.outcome.state === 'waiting') this.outcome = { state: 'refused', whys: [why] }
  }

  /** Sends a response. The client has its own key, so its accept replaces that of our key. */
  answer(text: string): void {
    const key = /\r\nSec-WebSocket-Key: (.*)\r\n/.exec(this.network.written)?.[1]
    if (key === undefined) throw new Error('the client has sent no key')
    this.network.push(Buffer.from(text.replaceAll(ACCEPT, computeAccept(key)), 'latin1'))
  }

  end(): Outcome {
    const { outcome } = this
    this.network.destroy()
    return outcome
  }
}

async function judgeSome(texts: readonly string[]): Promise<Outcome[]> {
  const attempts = texts.map(() => new Attempt())
  await settled()
  for (const [at, attempt] of attempts.entries()) attempt.answer(texts[at] as string)
  await settled()
  return attempts.map((attempt) => attempt.end())
}

export function createWsClient(): Peer {
  const judge = async (texts: readonly string[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = []
    for (let at = 0; at < texts.length; at += BATCH) outcomes.push(...(await judgeSome(texts.slice(at, at + BATCH))))
    return outcomes
  }
  return { name: 'ws', judge, stop: () => {} }
}
