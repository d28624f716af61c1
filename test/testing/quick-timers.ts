/**
 * A clock for tests of silence: its time stands still while anything happens, and jumps to the next timer after many turns of the event
 * loop without activity.
 */

import type { Timers } from '../../src/platform/timers.ts'

/** After so many turns without activity, nothing is in flight in memory. */
const IDLE_TURNS = 60

export function quickTimers(): Timers {
  let now = 0
  let running = false
  const due = new Map<object, { readonly callback: () => void; readonly at: number }>()
  /** Counts all calls to the timers. */
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
