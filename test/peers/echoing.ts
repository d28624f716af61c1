/**
 * Peers that echo everything, with compression both ways, and our end of the connection. Checks both by the agreement, the echoes
 * and the bytes on the wire.
 */

import { expect } from 'vitest'
import {
  type ConnectionEvent,
  type DefinedExtension,
  type DeflateCodec,
  type DeflateParams,
  type DeflatePreferences,
  permessageDeflate,
} from '../../src/index.ts'
import { Ledger, type Message, sendAll } from './mixed.ts'
import { type Cut, type Link, open, serve } from './ours.ts'
import { type Host, Inbox, pattern, textOf } from './support.ts'
import { Wire } from './wire.ts'

/** Messages of each kind that compress to almost nothing, too long for any buffer on the way. */
export const long: readonly Message[] = [
  { type: 'text', bytes: Buffer.from(textOf(2 ** 20)) },
  { type: 'binary', bytes: Buffer.from(pattern(2 ** 20)) },
]

/** The agreement if nobody has preferences, with these parameters changed. */
export function agreedOn(params: Partial<DeflateParams>): DeflateParams {
  return {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
    ...params,
  }
}

/** Our end of one connection with an echoing peer. */
export class Echoing {
  readonly wire: Wire = new Wire()
  private readonly ledger = new Ledger()
  private readonly closed = new Inbox<ConnectionEvent>()
  private readonly links = new Inbox<Link>()
  private readonly options: { cut: Cut; fragmentSize: number; wire: Wire; extensions: readonly DefinedExtension[] }

  constructor(codec: DeflateCodec, preferences: DeflatePreferences, cut: Cut) {
    const extensions = [permessageDeflate({ codec, threshold: 0, ...preferences })]
    this.options = { cut, fragmentSize: 4096, wire: this.wire, extensions }
  }

  serve(): Promise<Host> {
    return serve(this.receive, { ...this.options, origins: 'any', onOpen: this.links.push })
  }

  /** The peer that has connected to our server. */
  accept(): Promise<Link> {
    return this.links.next('our server to accept')
  }

  open(url: string): Promise<Link> {
    return open(url, this.receive, this.options)
  }

  /** Sends the messages, expects them back unchanged, and closes. */
  async exchange(link: Link, params: DeflateParams, messages: readonly Message[]): Promise<void> {
    expect(link.agreement.extensions).toEqual([{ name: 'permessage-deflate', params }])
    await sendAll(messages, this.ledger, (message) => link.send(message))
    link.connection.close(1000)
    expect(await this.closed.next('our end')).toMatchObject({ code: 1000, clean: true })
    const { sent, received } = this.wire
    const data = messages.filter(({ type }) => type !== 'ping').length
    expect([sent.messages, received.messages]).toEqual([data, data])
    // Data that cannot get smaller is sent uncompressed: random bytes, and most short messages.
    expect(sent.compressed).toBeGreaterThan(data / 10)
    expect(sent.compressed).toBeLessThan(data)
  }

  private readonly receive = (event: ConnectionEvent): void => {
    if (event.type === 'close') {
      this.closed.push(event)
      this.ledger.fail(`closed with ${event.code}: ${event.error?.message}`)
    } else if (event.type !== 'ping' && event.type !== 'encoded') this.ledger.receive(event.type, event.data)
  }
}
