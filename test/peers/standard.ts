/**
 * Any client with the standard WebSocket interface (`ws`, undici): what it received, in order, and the conversations that all of
 * them have with the example servers.
 */

import { expect } from 'vitest'
import { Inbox, MULTI_BYTE, pattern, sizes, textOf } from './support.ts'

/** The members used. Events are separate, because each library has its own types for them. */
export interface StandardSocket {
  binaryType: string
  readonly protocol: string
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
}

/** The members of a close event, or what else happened. */
export type Happened = 'open' | 'error' | string | Uint8Array | { code: number; reason: string; wasClean: boolean }

/** A client and its events. */
export class Client<Socket extends StandardSocket> {
  readonly socket: Socket
  readonly inbox: Inbox<Happened> = new Inbox<Happened>()

  constructor(socket: Socket) {
    this.socket = socket
    socket.binaryType = 'arraybuffer'
    const target = socket as unknown as EventTarget
    target.addEventListener('open', () => this.inbox.push('open'))
    target.addEventListener('error', () => this.inbox.push('error'))
    target.addEventListener('message', (event) => {
      const { data } = event as MessageEvent<string | ArrayBuffer>
      this.inbox.push(typeof data === 'string' ? data : new Uint8Array(data))
    })
    target.addEventListener('close', (event) => {
      const { code, reason, wasClean } = event as CloseEvent
      this.inbox.push({ code, reason, wasClean })
    })
  }

  async opened(): Promise<this> {
    expect(await this.inbox.next('open')).toBe('open')
    return this
  }

  /** Sends a message, and expects the same one back. */
  async expectEcho(message: string | Uint8Array<ArrayBuffer>): Promise<void> {
    this.socket.send(message)
    expectSame(await this.inbox.next(`an echo of ${message.length}`), message)
  }

  /** Closes, and expects the code back: a server answers with it, but without a reason. */
  async expectClose(code?: number, reason?: string): Promise<void> {
    this.socket.close(code, reason)
    // 1005: the server's Close was as empty as ours.
    expect(await this.inbox.next('close')).toEqual({ code: code ?? 1005, reason: '', wasClean: true })
  }
}

/** `toEqual` is slow for large arrays, and prints them. */
export function expectSame(found: unknown, expected: string | Uint8Array): void {
  if (typeof expected === 'string' && expected.length < 200) expect(found).toBe(expected)
  else if (typeof expected === 'string') expect(found === expected, `text of ${expected.length}`).toBe(true)
  else {
    expect(found).toBeInstanceOf(Uint8Array)
    expect((found as Uint8Array).length).toBe(expected.length)
    expect(Buffer.compare(found as Uint8Array, expected)).toBe(0)
  }
}

/** Text and binary messages of all sizes, one after the other and all at once. */
export async function expectEchoes(client: Client<StandardSocket>): Promise<void> {
  await client.expectEcho(MULTI_BYTE)
  for (const size of sizes) {
    await client.expectEcho(textOf(size))
    await client.expectEcho(pattern(size))
  }
  const burst = sizes.flatMap((size) => [textOf(size), pattern(size)])
  for (const message of burst) client.socket.send(message)
  for (const message of burst) expectSame(await client.inbox.next('an echo'), message)
}
