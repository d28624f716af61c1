/**
 * Messages that have come, until somebody reads them. Knows how many bytes wait and who waits for them; not where they come
 * from.
 *
 * @module
 */

import { createReadable, type ReadableController, type ReadableStreamLike } from '../platform/streams.ts'
import type { Bytes } from '../types.ts'

/** What a message counts beside its length: empty ones take memory, too. */
const OVERHEAD = 64

/** What becomes of the inbox. */
export interface InboxWatcher {
  /** More may be wanted now: ask {@link Inbox.wants}. */
  readonly onWanted: () => void
  /** Somebody has come to the end. */
  readonly onRead: () => void
  readonly onCancel: (reason: unknown) => void
}

/** A queue with a readable stream at its end. The stream keeps nothing itself, so that a pull means: somebody waits. */
export class Inbox {
  readonly readable: ReadableStreamLike<string | Bytes>
  /** Bytes that wait unread, with what messages count beside. */
  size = 0
  /** Nobody will read any more: what comes is dropped. */
  discards = false
  private controller: ReadableController<string | Bytes> | undefined
  private messages: (string | Bytes)[] = []
  private first = 0
  private asked = false
  private end: { readonly error: unknown } | undefined
  private ended = false
  /** The end is told only to somebody who asks. */
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

  /** Whether the transport is to be read: somebody waits, or there is room. */
  get wants(): boolean {
    return this.asked || this.discards || this.size < this.readAhead
  }

  /** Whether as much waits as may. */
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
   * Nothing more comes: the stream ends behind what waits, or fails with `error`.
   *
   * @param waits The end is told only when somebody asks for more, which says that all before it has been dealt with.
   */
  finish(error: unknown, waits: boolean): void {
    if (this.end !== undefined) return
    this.end = { error }
    this.waits = waits
    this.deliver()
  }

  /** Nobody needs to ask for the end any more. */
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
      // Before it is handed over, for that may ask for the next one.
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
    // Let go of, for the array may live on.
    this.messages[this.first++] = ''
    this.size -= message.length + OVERHEAD
    // At half at the latest, so that each message is moved once on average.
    if (2 * this.first >= this.messages.length) {
      this.messages.splice(0, this.first)
      this.first = 0
    }
    return message
  }
}
