/** Fake time for streams: timers fire when the test advances the time; everything else happens without it. */

import type { Timers } from '../../src/streams/index.ts'
import { quiet } from './pipes.ts'

interface Timer {
  readonly callback: () => void
  readonly at: number
}

/** A clock that advances only when told to. */
export class Time implements Timers {
  /** The timers that are set. */
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

  /** Advances the time: each timer fires at its time, then everything that results from it happens. */
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
