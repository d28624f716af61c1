/**
 * A clock for tests of silence: its time stands still while anything goes on, and jumps to the next timer once nothing has for many
 * turns of the event loop.
 */

import type { Timers } from '../../src/platform/timers.ts'

/** Turns without news after which nothing more is under way in memory. */
const IDLE_TURNS = 60

export function quickTimers(): Timers {
  let now = 0
  let running = false
  const due = new Map<object, { readonly callback: () => void; readonly at: number }>()
  /** Grows with all that is asked of the timers. */
  let news = 0
  const run = async (): Promise<void> => {
    running = true
    while (due.size > 0) {
      const before = news
      for (let turn = 0; turn < IDLE_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
      if (news !== before) continue
      const [next] = [...due].sort(([, one], [, other]) => one.at - other.at)
      if (next === undefined) break
      const [handle, { callback, at }] = next
      due.delete(handle)
      now = Math.max(now, at)
      callback()
    }
    running = false
  }
  return {
    now: () => now,
    set(callback, ms) {
      const handle = {}
      news++
      due.set(handle, { callback, at: now + ms })
      if (!running) void run()
      return handle
    },
    clear(handle) {
      news++
      due.delete(handle as object)
    },
    soon(callback) {
      news++
      setImmediate(callback)
    },
  }
}
