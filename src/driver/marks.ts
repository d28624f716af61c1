/**
 * Who wants to be told when a message has been written: each once, in the order of the messages.
 *
 * @module
 */

import { Queue } from '../bytes/queue.ts'

/** A message whose sender wants to be told. */
export interface Mark {
  /** Where it ends, in bytes that were put out since there are marks. */
  readonly end: number
  state: 'waiting' | 'taken' | 'written' | 'failed'
  readonly written: (error?: Error) => void
}

/** The marks of one peer. Created for the first, dropped behind the last. */
export class Marks {
  /** Those whose messages have not been taken. */
  readonly #waiting: Queue<Mark> = new Queue()
  /** Those before them. */
  readonly #taken: Queue<Mark> = new Queue()
  /** Bytes that were put out since there are marks. */
  #sent = 0

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#taken.size === 0
  }

  /**
   * Notes `size` bytes that have just been put out; `written`, if a message with a mark ends there.
   *
   * @param sends `false`: the message could not be sent.
   */
  add(size: number, sends: boolean, written: ((error?: Error) => void) | undefined): void {
    this.#sent += size
    if (written !== undefined) this.#waiting.push({ end: this.#sent, state: sends ? 'waiting' : 'failed', written })
  }

  /**
   * The marks of what has just been taken. All that was put out up to a mark has been taken when no more waits than what was put out
   * behind it. What overtakes messages makes this a little late, never early.
   *
   * @param left Bytes that still wait.
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

  /** What waits is never written; if the stream is lost, neither is what it has taken. */
  fail(isLost: boolean): void {
    for (const mark of this.#waiting.list()) mark.state = 'failed'
    if (isLost) for (const mark of this.#taken.list()) if (mark.state === 'taken') mark.state = 'failed'
  }

  /** Calls back for all that is decided, in order. */
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
