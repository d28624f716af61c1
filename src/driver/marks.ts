/**
 * Calls the `written` functions of messages: each once, in the order of the messages.
 *
 * @module
 */

import { Queue } from '../bytes/queue.ts'

/** A message with a `written` function. */
export interface Mark {
  /** Where the message ends, in bytes queued since the first mark. */
  readonly end: number
  state: 'waiting' | 'taken' | 'written' | 'failed'
  readonly written: (error?: Error) => void
}

/** The marks of one peer. Created for the first mark, dropped after the last. */
export class Marks {
  /** The marks of messages that have not been taken. */
  readonly #waiting: Queue<Mark> = new Queue()
  /** The marks before those. */
  readonly #taken: Queue<Mark> = new Queue()
  /** Bytes queued since the first mark. */
  #sent = 0

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#taken.size === 0
  }

  /**
   * Notes `size` bytes that have just been queued. `written` is given if a message with a mark ends there.
   *
   * @param sends `false` if the message could not be sent.
   */
  add(size: number, sends: boolean, written: ((error?: Error) => void) | undefined): void {
    this.#sent += size
    if (written !== undefined) this.#waiting.push({ end: this.#sent, state: sends ? 'waiting' : 'failed', written })
  }

  /**
   * Returns the marks of the bytes that have just been taken. Everything before a mark has been taken when no more bytes wait than were
   * queued after the mark. Frames that overtake messages make this a little late, never early.
   *
   * @param left The number of bytes that still wait.
   */
  take(left: number): readonly Mark[] {
    const taken: Mark[] = []
    for (
      let { first } = this.#waiting;
      first !== undefined && left <= this.#sent - first.end;
      { first } = this.#waiting
    ) {
      this.#waiting.take()
      this.#taken.push(first)
      if (first.state === 'failed') continue
      first.state = 'taken'
      taken.push(first)
    }
    return taken
  }

  /** Fails the messages that wait and, if the stream is lost, those that it has taken but not written. */
  fail(isLost: boolean): void {
    for (const mark of this.#waiting.list()) mark.state = 'failed'
    if (isLost) for (const mark of this.#taken.list()) if (mark.state === 'taken') mark.state = 'failed'
  }

  /** Calls `written` of all decided messages, in order. */
  tell(threw: (error: unknown) => void): void {
    for (;;) {
      const queue = this.#taken.size > 0 ? this.#taken : this.#waiting
      const { first } = queue
      if (first === undefined || first.state === 'waiting' || first.state === 'taken') return
      queue.take()
      try {
        if (first.state === 'written') first.written()
        else first.written(new Error('not written: the WebSocket has ended'))
      } catch (error) {
        threw(error)
      }
    }
  }
}
