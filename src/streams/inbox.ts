/**
 * Queues received messages between the connection and the application's readable stream, and counts the unread bytes.
 *
 * @module
 */

import { createReadable, type ReadableController, type ReadableStreamLike } from '../platform/streams.ts'
import type { Bytes } from '../types.ts'

/** Added to each message's length: empty messages take memory, too. */
const OVERHEAD = 64

/** Callbacks of the inbox. */
export interface InboxWatcher {
  /** The application wants more: check {@link Inbox.wants}. */
  readonly onWanted: () => void
  /** The stream has been closed or has failed. */
  readonly onRead: () => void
  readonly onCancel: (reason: unknown) => void
}

/** A queue behind a readable stream. The stream itself buffers nothing, so each pull means that a reader is waiting. */
export class Inbox {
  readonly readable: ReadableStreamLike<string | Bytes>
  /** Unread bytes, plus the overhead of each message. */
  size = 0
  /** The stream was cancelled: new messages are dropped. */
  discards = false
  private controller: ReadableController<string | Bytes> | undefined
  private messages: (string | Bytes)[] = []
  private first = 0
  private asked = false
  private end: { readonly error: unknown } | undefined
  private ended = false
  /** The end is reported only to a reader that asks. */
  private waits = false
  private readonly readAhead: number
  private readonly watcher: InboxWatcher

  constructor(readAhead: number, watcher: InboxWatcher) {
    this.readAhead = readAhead
    this.watcher = watcher
    this.readable = createReadable({
      start: (controller: ReadableController<string | Bytes>) => {
        this.controller = controller
      },
      pull: () => this.ask(),
      cancel: (reason) => this.cancel(reason),
    })
  }

  /** Whether to read on: a reader waits, or the limit is not reached. */
  get wants(): boolean {
    return this.asked || this.discards || this.size < this.readAhead
  }

  /** Whether the limit is reached. */
  get isFull(): boolean {
    return this.size >= this.readAhead
  }

  push(message: string | Bytes): void {
    if (this.discards || this.end !== undefined) return
    this.size += message.length + OVERHEAD
    this.messages.push(message)
    this.deliver()
  }

  /**
   * Ends the stream after the queued messages, or fails it with `error`.
   *
   * @param waits Report the end only when a reader asks for more, which shows that it has handled everything before.
   */
  finish(error: unknown, waits: boolean): void {
    if (this.end !== undefined) return
    this.end = { error }
    this.waits = waits
    this.deliver()
  }

  /** Reports the end even if no reader asks. */
  stopWaiting(): void {
    this.waits = false
    this.deliver()
  }

  private ask(): void {
    this.asked = true
    this.deliver()
    this.watcher.onWanted()
  }

  private cancel(reason: unknown): void {
    this.discards = true
    this.ended = true
    this.messages = []
    this.first = 0
    this.size = 0
    this.watcher.onCancel(reason)
  }

  private deliver(): void {
    while (this.asked && this.first < this.messages.length) {
      // Reset before `enqueue`, which may trigger the next pull.
      this.asked = false
      this.controller?.enqueue(this.take())
    }
    if (this.first < this.messages.length || this.end === undefined || this.ended) return
    if (this.waits && !this.asked) return
    this.ended = true
    if (this.end.error === undefined) this.controller?.close()
    else this.controller?.error(this.end.error)
    this.watcher.onRead()
  }

  private take(): string | Bytes {
    const message = this.messages[this.first] as string | Bytes
    // Drop the reference: the array may live on.
    this.messages[this.first++] = ''
    this.size -= message.length + OVERHEAD
    // Compacting at half keeps the cost constant on average.
    if (2 * this.first >= this.messages.length) {
      this.messages.splice(0, this.first)
      this.first = 0
    }
    return message
  }
}
