/**
 * `ws` as a client, on Node's own HTTP client, on connections without a network: an answer's bytes in, verdict out. Knows how
 * either says what it thinks of an answer.
 */

import { WebSocket } from 'ws'
import { computeAccept } from '../../../src/handshake/index.ts'
import { ACCEPT } from '../opening.ts'
import { deflate, describeDeflate } from './deflate.ts'
import type { Peer, Verdict } from './difference.ts'
import { MemorySocket, settled } from './memory.ts'
import { offered } from './values-responses.ts'

/** So many connections at once. */
const BATCH = 200

/** Where `ws` keeps what it agreed on; its public member tells only names. */
interface Agreed {
  readonly _extensions: Readonly<Record<string, { readonly params: Readonly<Record<string, unknown>> }>>
}

class Attempt {
  private readonly network = new MemorySocket()
  private readonly socket: WebSocket
  private verdict: Verdict = { state: 'waiting' }

  constructor() {
    this.socket = new WebSocket('ws://a.example/', [...offered], { createConnection: () => this.network })
    this.socket.on('open', () => {
      const { subprotocol, agreed } = { subprotocol: this.socket.protocol, agreed: this.socket as unknown as Agreed }
      const params = agreed._extensions[deflate.name]?.params
      const extension = params && describeDeflate(Object.entries(params))
      this.verdict = { state: 'accepted', subprotocol: subprotocol || undefined, deflate: extension }
    })
    this.socket.on('unexpected-response', (_request, { statusCode }) => this.refuse(`status ${statusCode}`))
    this.socket.on('error', (error: Error & { code?: string; reason?: string }) => {
      this.refuse(error.code ? `${error.code} ${error.reason ?? ''}` : error.message)
    })
  }

  private refuse(why: string): void {
    // What comes behind the verdict, be it a frame or the end, is no matter of the handshake.
    if (this.verdict.state === 'waiting') this.verdict = { state: 'refused', whys: [why] }
  }

  /** The key is the client's own, so the answer to it takes the place of the answer to ours. */
  answer(text: string): void {
    const key = /\r\nSec-WebSocket-Key: (.*)\r\n/.exec(this.network.written)?.[1]
    if (key === undefined) throw new Error('the client has sent no key')
    this.network.push(Buffer.from(text.replaceAll(ACCEPT, computeAccept(key)), 'latin1'))
  }

  end(): Verdict {
    const { verdict } = this
    this.network.destroy()
    return verdict
  }
}

async function judgeSome(texts: readonly string[]): Promise<Verdict[]> {
  const attempts = texts.map(() => new Attempt())
  await settled()
  for (const [at, attempt] of attempts.entries()) attempt.answer(texts[at] as string)
  await settled()
  return attempts.map((attempt) => attempt.end())
}

export function createWsClient(): Peer {
  const judge = async (texts: readonly string[]): Promise<Verdict[]> => {
    const verdicts: Verdict[] = []
    for (let at = 0; at < texts.length; at += BATCH) verdicts.push(...(await judgeSome(texts.slice(at, at + BATCH))))
    return verdicts
  }
  return { name: 'ws', judge, stop: () => {} }
}
