/** Invented time for streams: timers fire when the test says so; what needs no time runs by itself. */

import type { Timers } from '../../src/streams/index.ts'
import { quiet } from './pipes.ts'

interface Timer {
  readonly callback: () => void
  readonly at: number
}

/** A clock that goes only when told. */
export class Time implements Timers {
  /** Those that are set. */
  readonly timers: Set<Timer> = new Set()
  #now = 0

  now(): number {
    return this.#now
  }

  set(callback: () => void, ms: number): Timer {
    const timer = { callback, at: this.#now + ms }
    this.timers.add(timer)
    return timer
  }

  clear(timer: unknown): void {
    this.timers.delete(timer as Timer)
  }

  soon(callback: () => void): void {
    setImmediate(callback)
  }

  /** Lets time pass, each timer at its time, and what follows from it. */
  async advance(ms: number): Promise<void> {
    await quiet()
    const end = this.#now + ms
    for (;;) {
      const next = [...this.timers].sort((one, other) => one.at - other.at)[0]
      if (next === undefined || next.at > end) break
      this.timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await quiet()
    }
    this.#now = end
    await quiet()
  }
}
