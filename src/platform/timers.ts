/**
 * The clock, the timers and the microtasks of the platform. Only adapters and streams use them: everywhere else time is an argument.
 *
 * @module
 */

/** The shapes of the globals used here. */
declare const performance: { now(): number }
declare const setTimeout: (callback: () => void, ms: number) => unknown
declare const clearTimeout: (handle: unknown) => void
declare const setImmediate: ((callback: () => void) => unknown) | undefined
declare const queueMicrotask: (callback: () => void) => void

/** A clock, and timers that go by it. */
export interface Timers {
  /** Milliseconds, from any start; it never goes backwards. */
  now(): number
  /**
   * Calls back once, after `ms` milliseconds.
   *
   * @param keepsProcess Whether the process must not end before.
   * @returns A handle for `clear`.
   */
  set(callback: () => void, ms: number, keepsProcess: boolean): unknown
  /** Stops a timer. */
  clear(handle: unknown): void
  /** Calls back as soon as everything has been read that can be read now. */
  soon(callback: () => void): void
}

/** Timers of this length and more fire at once. */
const MAX_DELAY = 2 ** 31 - 1

/** Those of the platform. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  set(callback, ms, keepsProcess) {
    const handle = setTimeout(callback, Math.min(ms, MAX_DELAY))
    if (!keepsProcess) (handle as { unref?(): void }).unref?.()
    return handle
  },
  clear: (handle) => clearTimeout(handle),
  soon(callback) {
    if (typeof setImmediate === 'function') setImmediate(callback)
    else setTimeout(callback, 0)
  },
}

/** Calls back behind the code that runs now, before anything is read. */
export function inMicrotask(callback: () => void): void {
  queueMicrotask(callback)
}

/** Throws an error where nobody can catch it, so that the platform reports it as uncaught. */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
