/**
 * Who wants to be told when a message has been written: each once, in the order of the messages.
 *
 * @module
 */

/** A message whose sender wants to be told. */
export interface Mark {
  /** Where it ends, in bytes that were put out since there are marks. */
  readonly end: number
  state: 'waiting' | 'taken' | 'written' | 'failed'
  readonly written: (error?: Error) => void
}

/** So many marks that have been told are dropped at once: each by itself would move all that follow. */
const MAX_TOLD = 1024

/** The marks of one peer. Created for the first, dropped behind the last. */
export class Marks {
  readonly #list: Mark[] = []
  /** The first that has not been told. */
  #first = 0
  /** The first that has not been taken: those that follow wait, or have failed. */
  #next = 0
  /** Bytes that were put out since there are marks. */
  #sent = 0

  get isEmpty(): boolean {
    return this.#first === this.#list.length
  }

  /** Notes `size` bytes that have just been put out; `written`, if a message with a mark ends there. */
  add(size: number, written: ((error?: Error) => void) | undefined): void {
    this.#sent += size
    if (written !== undefined) this.#list.push({ end: this.#sent, state: 'waiting', written })
  }

  /** Notes a message that could not be sent. */
  addFailed(written: (error?: Error) => void): void {
    this.#list.push({ end: this.#sent, state: 'failed', written })
  }

  /**
   * The marks of what has just been taken. All that was put out up to a mark has been taken when no more waits than what was put out
   * behind it. What overtakes messages makes this a little late, never early.
   *
   * @param left Bytes that still wait.
   */
  take(left: number): readonly Mark[] {
    const taken: Mark[] = []
    for (let mark = this.#list[this.#next]; mark !== undefined; mark = this.#list[this.#next]) {
      if (mark.state === 'waiting') {
        if (left > this.#sent - mark.end) break
        mark.state = 'taken'
        taken.push(mark)
      }
      this.#next++
    }
    return taken
  }

  /** What waits is never written; if the stream is lost, neither is what it has taken. */
  fail(isLost: boolean): void {
    for (const mark of this.#list.slice(this.#first))
      if (mark.state === 'waiting' || (isLost && mark.state === 'taken')) mark.state = 'failed'
  }

  /** Calls back for all that is decided, in order. */
  tell(threw: (error: unknown) => void): void {
    for (let first = this.#list[this.#first]; first !== undefined; first = this.#list[this.#first]) {
      const { state, written } = first
      if (state === 'waiting' || state === 'taken') return
      this.#dropFirst()
      try {
        if (state === 'written') written()
        else written(new Error('not written: the WebSocket has ended'))
      } catch (error) {
        threw(error)
      }
    }
  }

  #dropFirst(): void {
    this.#first++
    this.#next = Math.max(this.#next, this.#first)
    if (this.#first < MAX_TOLD) return
    this.#list.splice(0, this.#first)
    this.#next -= this.#first
    this.#first = 0
  }
}
