/**
 * Queues received messages between the connection and the application's readable stream, and counts the unread bytes.
 *
 * @module
 */

import { Queue } from '../bytes/queue.ts'
import { createReadable, type ReadableController, type ReadableStreamLike } from '../platform/streams.ts'
import type { Bytes } from '../types.ts'

/** Added to the length of each message, because empty messages take memory too. */
const OVERHEAD = 64

/** Callbacks of the inbox. */
export interface InboxWatcher {
  /** The application has asked for a message: check {@link Inbox.wants}. */
  readonly onAsked: () => void
  /** The stream has been closed or has failed. */
  readonly onRead: () => void
  readonly onCancel: (reason: unknown) => void
}

/** The queue of a readable stream. The stream itself buffers nothing, so each pull means that a reader is waiting. */
export class Inbox {
  readonly readable: ReadableStreamLike<string | Bytes>
  /** Unread bytes, plus the overhead of each message. */
  #size = 0
  /** The stream was canceled: new messages are dropped. */
  #discards = false
  #controller: ReadableController<string | Bytes> | undefined
  readonly #messages: Queue<string | Bytes> = new Queue()
  #asked = false
  /** A reader may still be working on the last message. */
  #inHand = false
  #end: { readonly error: unknown } | undefined
  #ended = false
  /** The end is reported only to a reader that asks. */
  #waits = false
  readonly #readAhead: number
  readonly #watcher: InboxWatcher

  constructor(readAhead: number, watcher: InboxWatcher) {
    this.#readAhead = readAhead
    this.#watcher = watcher
    this.readable = createReadable({
      start: (controller: ReadableController<string | Bytes>) => {
        this.#controller = controller
      },
      pull: () => this.#ask(),
      cancel: (reason) => this.#cancel(reason),
    })
  }

  /** Whether to continue reading: a reader waits, or the limit is not reached. */
  get wants(): boolean {
    return this.#asked || this.#discards || !this.isFull
  }

  /** Whether the limit is reached. */
  get isFull(): boolean {
    return this.#size >= this.#readAhead
  }

  /** Whether a reader may still reply to a message: messages are queued, or it has not asked for another one since the last. */
  get isAtWork(): boolean {
    return this.readable.locked && (this.#inHand || this.#messages.size > 0)
  }

  /** Whether nothing is read any more: the end was reported, or the stream was canceled. */
  get isOver(): boolean {
    return this.#ended
  }

  push(message: string | Bytes): void {
    if (this.#discards || this.#end !== undefined) return
    this.#size += message.length + OVERHEAD
    this.#messages.push(message)
    this.#deliver()
  }

  /**
   * Ends the stream after the queued messages, or fails it with `error`.
   *
   * @param waits Report the end only when a reader asks for more, which shows that it has handled everything before.
   */
  finish(error: unknown, waits: boolean): void {
    if (this.#end !== undefined) return
    this.#end = { error }
    this.#waits = waits
    this.#deliver()
  }

  /** Reports the end even if no reader asks. */
  stopWaiting(): void {
    this.#waits = false
    this.#deliver()
  }

  #ask(): void {
    this.#asked = true
    this.#inHand = false
    this.#deliver()
    this.#watcher.onAsked()
  }

  #cancel(reason: unknown): void {
    this.#discards = this.#ended = true
    while (this.#messages.size > 0) this.#messages.take()
    this.#size = 0
    this.#inHand = false
    this.#watcher.onCancel(reason)
  }

  #deliver(): void {
    while (this.#asked && this.#messages.size > 0) {
      const message = this.#messages.take() as string | Bytes
      this.#size -= message.length + OVERHEAD
      // Before `enqueue`, which may trigger the next pull.
      this.#asked = false
      this.#inHand = true
      this.#controller?.enqueue(message)
    }
    if (this.#messages.size > 0 || this.#end === undefined || this.#ended) return
    if (this.#waits && !this.#asked) return
    this.#ended = true
    if (this.#end.error === undefined) this.#controller?.close()
    else this.#controller?.error(this.#end.error)
    this.#watcher.onRead()
  }
}
