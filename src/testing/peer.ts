/**
 * `TestPeer`: one end of a WebSocket that a test controls. It sends any frames and bytes, waits for what the test asks for, and does
 * almost nothing automatically.
 *
 * @module
 */

import { requireOptions, requireWhole } from '../arguments.ts'
import { decodeText } from '../bytes/utf8.ts'
import { type ClosePayload, formatClosePayload } from '../frame/close.ts'
import { encodeFrame, type FrameInit } from '../frame/encode.ts'
import { CLOSE } from '../frame/rules.ts'
import type { RequestHead } from '../http/request.ts'
import type { ResponseHead } from '../http/response.ts'
import type { Bytes, Role } from '../types.ts'
import type { Chunks } from './case.ts'
import { chunk } from './chunks.ts'
import type { ReceivedFrame } from './incoming.ts'
import type { TranscriptEntry } from './result.ts'
import type { TransportEnd, Wire } from './wire.ts'
import { describeSeen } from './words.ts'

/** A data message. */
export type TestMessage =
  | {
      /** Its opcode was 1. */
      readonly type: 'text'
      /** The whole text. */
      readonly data: string
    }
  | {
      /** Its opcode was 2. */
      readonly type: 'binary'
      /** The whole payload. The array is yours. */
      readonly data: Bytes
    }

/** Options of the methods that wait. */
export interface WaitOptions {
  /** Milliseconds. Default: the `timeout` that the peer was opened with. */
  readonly timeout?: number | undefined
}

/** An open connection, from `openPeer` or `acceptPeer`. */
export interface PeerBase {
  readonly wire: Wire
  readonly role: Role
  readonly request: RequestHead | undefined
  readonly response: ResponseHead | undefined
  /** All received frames. The peer returns them in turn. */
  readonly frames: readonly ReceivedFrame[]
  readonly timeout: number
}

/**
 * One end of a WebSocket that a test controls: it sends frames and bytes of any kind, and waits for whatever the other side sends. It
 * does not answer pings or a Close automatically. Once both sides have sent a Close, it ends the transport as its role requires (RFC
 * 6455 §7.1.1).
 *
 * It reads strictly: once the other side has broken a rule, every wait rejects with an error that names the rule. A wait that rejects
 * destroys the transport, so that a failed test leaves nothing open. To check that nothing arrives, send a ping and wait for its pong.
 * `frame`, `message` and `pong` each go through the whole input from its start, independently of each other.
 *
 * @example
 * const peer = await openPeer(connect(8080, 'localhost'))
 * await peer.send({ opcode: Opcode.Text, payload: 'Hello' })
 * await peer.message() // { type: 'text', data: 'Hello' }
 * await peer.close(1000) // { code: 1000, reason: '' }
 */
export class TestPeer {
  /** The side that this peer plays. */
  readonly role: Role
  /** The client's request, or `undefined` if your changes have made it unreadable. */
  readonly request: RequestHead | undefined
  /** The server's response, or `undefined` if your changes have made it unreadable. */
  readonly response: ResponseHead | undefined
  readonly #wire: Wire
  readonly #timeout: number
  readonly #frames: readonly ReceivedFrame[]
  #nextFrame = 0
  #nextMessage = 0
  #nextPong = 0

  /** @internal */
  constructor({ wire, role, request, response, frames, timeout }: PeerBase) {
    this.role = role
    this.request = request
    this.response = response
    this.#wire = wire
    this.#frames = frames
    this.#timeout = timeout
    void this.#endInTurn()
  }

  /**
   * Sends frames, valid or not, in one write. A client's frames are masked with a random key unless they have a `maskKey`: `undefined`
   * leaves the mask out.
   *
   * @returns Resolves when the transport has accepted them, or has ended.
   * @throws TypeError or RangeError for a frame that the format cannot express.
   */
  async send(...frames: readonly FrameInit[]): Promise<void> {
    const defaults = this.role === 'client' ? ({ maskKey: 'random' } as const) : {}
    const chunks = frames.map((frame) => encodeFrame({ ...defaults, ...frame }))
    await this.#write(chunks)
  }

  /**
   * Sends bytes unchanged.
   *
   * @param chunks How they are cut into writes. Default: one write.
   */
  async sendBytes(bytes: Uint8Array, chunks: Chunks = 'whole'): Promise<void> {
    await this.#write(chunk(bytes, chunks))
  }

  async #write(chunks: readonly Uint8Array[]): Promise<void> {
    await this.#wire.write(() => ({ chunks }))
  }

  /** Returns the next frame of any kind. Rejects if none arrives in time, or none can arrive any more. */
  async frame(options?: WaitOptions): Promise<ReceivedFrame> {
    await this.#until('a frame', () => this.#frames.length > this.#nextFrame, options)
    return this.#frames[this.#nextFrame++] as ReceivedFrame
  }

  /** Returns the next data message. Rejects as {@link frame} does, and if a Close comes first. */
  async message(options?: WaitOptions): Promise<TestMessage> {
    const { messages } = this.#wire.incoming
    await this.#until('a message', () => messages.length > this.#nextMessage, options)
    const { type, data } = messages[this.#nextMessage++] as (typeof messages)[number]
    return type === 'text' ? { type, data: decodeText(data, 0, data.length) } : { type, data }
  }

  /** Returns the payload of the next pong. Rejects as {@link message} does. */
  async pong(options?: WaitOptions): Promise<Bytes> {
    const { pongs } = this.#wire.incoming
    await this.#until('a pong', () => pongs.length > this.#nextPong, options)
    return pongs[this.#nextPong++] as Bytes
  }

  /**
   * Sends a Close, and waits for the other side's.
   *
   * @returns The other side's code and reason. The code is 1005 for a Close without a code.
   * @throws RangeError for a code that no frame may carry. To send such a code, use `send`.
   */
  async close(code?: number, reason?: string): Promise<ClosePayload> {
    await this.send({ opcode: CLOSE, payload: formatClosePayload(code, reason) })
    return this.closed()
  }

  /** Waits for the other side's Close, and returns its code and reason. The code is 1005 for a Close without a code. */
  async closed(options?: WaitOptions): Promise<ClosePayload> {
    const { incoming } = this.#wire
    await this.#until('a Close', () => incoming.close !== undefined, options)
    return incoming.close as ClosePayload
  }

  /** Waits until the other side ends the transport, and returns how it did. */
  async ended(options?: WaitOptions): Promise<TransportEnd> {
    await this.#until('the end of the connection', () => this.#wire.ended !== undefined, options)
    return this.#wire.ended as TransportEnd
  }

  /** Ends this side's direction of the transport. */
  end(): void {
    this.#wire.end()
  }

  /** Resets the transport: a TCP socket sends RST. */
  reset(): void {
    this.#wire.reset()
  }

  /** Ends both directions at once. Call it at the end of a test, in any state of the connection. */
  destroy(): void {
    this.#wire.destroy()
  }

  /** Everything that both sides have sent so far. */
  get transcript(): readonly TranscriptEntry[] {
    return this.#wire.transcript.list()
  }

  async #until(what: string, done: () => boolean, options: WaitOptions = {}): Promise<void> {
    requireOptions(options, { timeout: 'number' }, 'the options')
    const { timeout = this.#timeout } = options
    requireWhole(timeout, '`timeout`', 0)
    const wire = this.#wire
    const hopeless = (): boolean => wire.over || (wire.incoming.close !== undefined && isData(what))
    await wire.wait(() => done() || hopeless(), timeout)
    if (done()) return
    const message = this.#explain(what, hopeless() ? undefined : timeout)
    // A test that fails here needs no other cleanup.
    wire.destroy()
    throw new Error(message)
  }

  /** Returns why a wait failed. @param timeout Milliseconds, if it timed out. */
  #explain(what: string, timeout: number | undefined): string {
    const { fault } = this.#wire.incoming
    if (fault?.verdict === 'fail') return `waited for ${what}: ${fault.reason}`
    const so = this.#describe()
    return timeout === undefined ? `waited for ${what}, but ${so}` : `waited ${timeout} ms for ${what}; so far ${so}`
  }

  #describe(): string {
    const { incoming, ended } = this.#wire
    const { messages, pongs, close } = incoming
    return describeSeen({
      status: undefined,
      line: undefined,
      fields: undefined,
      freshKey: false,
      messages: messages.slice(this.#nextMessage),
      pongs: pongs.slice(this.#nextPong),
      freshMasks: true,
      close,
      unfinished: incoming.unfinished,
      end: ended,
    })
  }

  /** Ends the transport as RFC 6455 §7.1.1 requires: a server after both Closes, a client after the server. */
  async #endInTurn(): Promise<void> {
    const wire = this.#wire
    const closed = (): boolean => wire.incoming.close !== undefined && wire.boundary.closeSent
    await wire.wait(() => closed() || wire.isDestroyed, Infinity)
    if (this.role === 'server') wire.end()
    await wire.wait(() => wire.over, Infinity)
    wire.destroy()
  }
}

/** What cannot arrive after a Close. */
function isData(what: string): boolean {
  return what === 'a message' || what === 'a pong'
}
