/**
 * A connection between a transport and two streams of messages: who is read when, who waits for whom, and in which order all
 * of it ends. Knows no handshake, and no frame.
 *
 * @module
 */

import { nothing } from '../bytes/view.ts'
import type { Connection } from '../connection/connection.ts'
import type { ConnectionClosed, ConnectionEvent } from '../connection/events.ts'
import { createWritable, type WritableController, type WritableStreamLike } from '../platform/streams.ts'
import { CloseCode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'
import { readCloseReason } from './closed-error.ts'
import { Inbox } from './inbox.ts'
import { Outcome } from './outcome.ts'
import type { Transport } from './transport.ts'

/**
 * Reading and writing are two loops that never wait for each other: `receive` reads while messages are wanted, `drain` writes
 * whatever the connection has to say. So pings are taken while a writer is blocked, and two peers that both only write
 * stop, but do not stick.
 */
export class Shell {
  readonly inbox: Inbox
  readonly writable: WritableStreamLike<string | Uint8Array>
  readonly outcome: Outcome = new Outcome()
  /** The answer to the peer's Close waits for whoever still reads what came before it. */
  private answerWaits = false
  /** Bytes that may be written meanwhile: they wait, too. */
  private answerRoom = 0
  private answer: () => void = ignore
  private wake: () => void = ignore
  private draining = false
  private drained: Promise<void> = Promise.resolve()
  private sink: WritableController | undefined
  private sinkCloses = false
  private readonly connection: Connection
  private readonly transport: Transport
  private readonly readAhead: number

  constructor(connection: Connection, transport: Transport, readAhead: number) {
    this.connection = connection
    this.transport = transport
    this.readAhead = readAhead
    this.inbox = new Inbox(readAhead, {
      onWanted: () => this.wake(),
      onRead: () => this.goOn(),
      onCancel: (reason) => this.closeFor(reason, reason === undefined ? CloseCode.Normal : CloseCode.InternalError),
    })
    this.writable = createWritable({
      start: (controller: WritableController) => {
        this.sink = controller
      },
      write: (message) => this.write(message),
      close: () => this.closeBehindWrites(),
      abort: async (reason) => this.closeFor(reason, CloseCode.InternalError),
    })
  }

  /** Begins to read. Never rejects, and is done when the transport has been let go of. */
  async run(): Promise<void> {
    this.transport.watch((error) => this.lose(error))
    try {
      await this.receive()
      const finished = this.finish()
      await this.transport.discard()
      this.connection.receiveEnd()
      this.goOn()
      // Whoever has ended may not read any more: our last words may go nowhere.
      this.outcome.settle()
      await finished
    } catch (error) {
      this.lose(error)
    }
    this.failWrites()
    await this.transport.end()
    this.transport.release()
  }

  /** As {@link Connection.close}; overtakes what waits in `writable`. */
  close(code?: number, reason?: string): void {
    if (this.begin(code, reason)) this.failWrites()
    this.goOn()
  }

  private begin(code?: number, reason?: string): boolean {
    const began = this.connection.close(code, reason)
    if (began) this.outcome.said = { closeCode: code ?? CloseCode.NoStatus, reason: reason ?? '' }
    return began
  }

  /** Reads until the close event. */
  private async receive(): Promise<void> {
    while (this.outcome.end === undefined) {
      while (!this.wants()) {
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
      }
      // What has come is handed on before more is read: a full inbox stops both.
      if (this.connection.hasPending) this.report(this.connection.receive(nothing))
      else {
        const chunk = await this.transport.read()
        this.report(chunk === undefined ? this.connection.receiveEnd() : this.connection.receive(chunk))
      }
      void this.drain()
    }
  }

  /** Once our Close has gone, the peer's is what is wanted, behind messages that nobody reads, too. */
  private wants(): boolean {
    return this.inbox.wants || this.outcome.end !== undefined || this.skipsUnread()
  }

  private skipsUnread(): boolean {
    return this.connection.state !== 'open' && !this.inbox.readable.locked
  }

  private report(events: readonly ConnectionEvent[]): void {
    for (const event of events) {
      if (event.type === 'close') this.reportEnd(event)
      else if (event.type === 'text' || event.type === 'binary') this.reportMessage(event.data)
    }
  }

  private reportMessage(message: string | Bytes): void {
    // A reader who comes later must not take what is there for all.
    if (this.inbox.isFull && this.skipsUnread())
      this.inbox.finish(this.outcome.toError('nobody read: what came behind our Close was dropped'), false)
    else if (this.inbox.isFull && this.outcome.lost !== undefined)
      this.inbox.finish(this.outcome.toError('the transport failed: what nobody had read was dropped'), false)
    this.inbox.push(message)
  }

  private reportEnd(event: ConnectionClosed): void {
    this.outcome.end = event
    this.answerWaits = event.clean && event.by === 'remote' && this.inbox.readable.locked
    this.answerRoom = this.inbox.size + this.readAhead
    const error = this.outcome.failure()
    this.inbox.finish(error, this.answerWaits)
    if (error !== undefined) this.failWrites()
  }

  /** Our last words, behind the answers of whoever still reads; then our end of the transport, if it is ours to end. */
  private async finish(): Promise<void> {
    if (this.answerWaits) {
      await new Promise<void>((resolve) => {
        this.answer = resolve
      })
    }
    await this.drain()
    if (this.connection.done) await this.transport.end()
    this.outcome.settle()
  }

  /** Nobody is waited for any more: what is owed is sent, and what comes is read. */
  private goOn(): void {
    this.answerWaits = false
    this.answer()
    this.inbox.stopWaiting()
    this.wake()
    void this.drain()
  }

  /** Writes all that the connection has to say. Never rejects; done when the transport has taken it, or is lost. */
  private drain(): Promise<void> {
    if (!this.draining) this.drained = this.drainAll()
    return this.drained
  }

  private async drainAll(): Promise<void> {
    this.draining = true
    try {
      while (!this.answerWaits && this.outcome.lost === undefined) {
        const output = this.connection.takeOutput()
        if (output === undefined) break
        await this.transport.write(output)
      }
    } catch (error) {
      this.lose(error)
    }
    this.draining = false
  }

  private async write(message: string | Uint8Array): Promise<void> {
    // A reader who has let go of the lock says so to nobody.
    if (this.answerWaits && (this.answerRoom < 0 || !this.inbox.readable.locked)) this.goOn()
    if (!this.send(message)) throw this.outcome.refusal()
    this.answerRoom -= message.length
    await this.drain()
    if (this.outcome.lost !== undefined) throw this.outcome.refusal()
  }

  private send(message: string | Uint8Array): boolean {
    try {
      return typeof message === 'string' ? this.connection.sendText(message) : this.connection.sendBinary(message)
    } catch (error) {
      // It ends the writable stream, and then nobody could say any more that it is over.
      this.closeFor(error, CloseCode.InternalError)
      throw error
    }
  }

  private async closeBehindWrites(): Promise<void> {
    this.sinkCloses = true
    this.begin(CloseCode.Normal)
    this.goOn()
    await this.outcome.closed
    const error = this.outcome.failure()
    if (error !== undefined) throw error
  }

  private closeFor(cause: unknown, fallback: number): void {
    const { closeCode = fallback, reason } = readCloseReason(cause)
    let began: boolean
    try {
      began = this.begin(closeCode, reason)
    } catch {
      // Codes such as 1006 may not travel, nor may long reasons.
      began = this.begin(fallback)
    }
    if (began) this.failWrites()
    this.goOn()
  }

  /** Whoever waits to write need not. Not where the stream is closing, for that has its own outcome. */
  private failWrites(): void {
    if (!this.sinkCloses) this.sink?.error(this.outcome.refusal())
  }

  /** The transport has failed, or something of ours: nothing more can be said. */
  private lose(error: unknown): void {
    if (this.outcome.lost !== undefined) return
    this.outcome.lost = { error }
    this.report(this.connection.receiveEnd())
    // The end is known now, so nobody is waited for: what is pending is read, and kept as far as the inbox holds it.
    while (this.connection.hasPending) this.report(this.connection.receive(nothing))
    this.transport.abort(error)
    this.goOn()
    this.outcome.settle()
  }
}

function ignore(): void {}
