/**
 * Drives a connection between a transport and two message streams: decides when to read and write, applies backpressure both ways,
 * and orders the shutdown.
 *
 * @module
 */

import { nothing } from '../bytes/view.ts'
import type { Connection } from '../connection/connection.ts'
import type { ConnectionClosed, ConnectionEvent } from '../connection/events.ts'
import { readCloseReason } from '../driver/closed-error.ts'
import { createWritable, type WritableController, type WritableStreamLike } from '../platform/streams.ts'
import { CloseCode } from '../registry/websocket.ts'
import type { Bytes } from '../types.ts'
import { Inbox } from './inbox.ts'
import { Outcome } from './outcome.ts'
import type { Transport } from './transport.ts'

/**
 * Reading and writing are two loops that never wait for each other: `receive` reads while messages are requested, `drain` writes
 * the connection's output. Pings are therefore read while a writer is blocked, and two peers that only write stall without a
 * deadlock.
 */
export class Shell {
  readonly inbox: Inbox
  readonly writable: WritableStreamLike<string | Uint8Array>
  readonly outcome: Outcome = new Outcome()
  /** The answer to the peer's Close waits for a reader to finish. */
  private answerWaits = false
  /** Bytes that may still be written while it waits. */
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

  /** Runs the connection. Never rejects; resolves when the transport has been released. */
  async run(): Promise<void> {
    this.transport.watch((error) => this.lose(error))
    try {
      await this.receive()
      const finished = this.finish()
      await this.transport.discard()
      this.connection.receiveEnd()
      this.goOn()
      // A peer that has ended may no longer read: our last bytes may be lost.
      this.outcome.settle()
      await finished
    } catch (error) {
      this.lose(error)
    }
    this.failWrites()
    await this.transport.end()
    this.transport.release()
  }

  /** As {@link Connection.close}, ahead of pending writes. */
  close(code?: number, reason?: string): void {
    if (this.begin(code, reason)) this.failWrites()
    this.goOn()
  }

  private begin(code?: number, reason?: string): boolean {
    const began = this.connection.close(code, reason)
    if (began) this.outcome.sent = { closeCode: code ?? CloseCode.NoStatus, reason: reason ?? '' }
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
      // Deliver what was received before reading more: a full inbox stops both.
      if (this.connection.hasPending) this.report(this.connection.receive(nothing))
      else {
        const chunk = await this.transport.read()
        this.report(chunk === undefined ? this.connection.receiveEnd() : this.connection.receive(chunk))
      }
      void this.drain()
    }
  }

  /** After our Close we read on for the peer's, past messages that have no reader. */
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
    // A later reader must not mistake the queued messages for all of them.
    if (this.inbox.isFull && this.skipsUnread())
      this.inbox.finish(this.outcome.toError('messages after our Close were not read, and dropped'), false)
    else if (this.inbox.isFull && this.outcome.lost !== undefined)
      this.inbox.finish(this.outcome.toError('the transport failed: unread messages were dropped'), false)
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

  /** Waits for an active reader, sends the remaining output, and ends our direction of the transport if that is our part. */
  private async finish(): Promise<void> {
    if (this.answerWaits) {
      await new Promise<void>((resolve) => {
        this.answer = resolve
      })
    }
    await this.drain()
    if (this.connection.transport !== 'keep') await this.transport.end()
    this.outcome.settle()
  }

  /** Stops waiting for readers: sends pending output and resumes reading. */
  private goOn(): void {
    this.answerWaits = false
    this.answer()
    this.inbox.stopWaiting()
    this.wake()
    void this.drain()
  }

  /** Writes all pending output. Never rejects; resolves when the transport has accepted it, or has failed. */
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
    // A released lock is not reported, so check for it here.
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
      // The error ends the writable stream, so close now: nothing else could later.
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
      // Codes such as 1006 and long reasons must not be sent.
      began = this.begin(fallback)
    }
    if (began) this.failWrites()
    this.goOn()
  }

  /** Fails pending writes, unless the stream is closing: that has its own outcome. */
  private failWrites(): void {
    if (!this.sinkCloses) this.sink?.error(this.outcome.refusal())
  }

  /** The transport or our own code has failed: nothing more can be sent. */
  private lose(error: unknown): void {
    if (this.outcome.lost !== undefined) return
    this.outcome.lost = { error }
    this.report(this.connection.receiveEnd())
    // The outcome is known, so do not wait: parse what is pending, and keep what fits into the inbox.
    while (this.connection.hasPending) this.report(this.connection.receive(nothing))
    this.transport.abort(error)
    this.goOn()
    this.outcome.settle()
  }
}

function ignore(): void {}
