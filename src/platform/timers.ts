/**
 * The platform's clock, timers and microtasks. Only adapters and streams use them; elsewhere time is an argument.
 *
 * @module
 */

/** The shapes of the globals used here. */
declare const performance: { now(): number }
declare const setTimeout: (callback: () => void, ms: number) => unknown
declare const clearTimeout: (handle: unknown) => void
declare const setImmediate: ((callback: () => void) => unknown) | undefined
declare const queueMicrotask: (callback: () => void) => void

/** A clock, and timers that use it. */
export interface Timers {
  /** Returns milliseconds from any start; the clock never goes backwards. */
  now(): number
  /**
   * Calls back once, after `ms` milliseconds.
   *
   * @param keepsProcess Whether the timer keeps the process running.
   * @returns A handle for `clear`.
   */
  set(callback: () => void, ms: number, keepsProcess: boolean): unknown
  /** Stops a timer. */
  clear(handle: unknown): void
  /** Calls back as soon as everything that can be read now has been read. */
  soon(callback: () => void): void
}

/** The longest delay in milliseconds: longer timers fire at once. */
const MAX_DELAY = 2 ** 31 - 1

/** The platform's clock and timers. */
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

/** Calls back after the code that runs now, before anything is read. */
export function inMicrotask(callback: () => void): void {
  queueMicrotask(callback)
}

/**
 * Throws an error where no code can catch it, so that the platform reports it as uncaught. Microtasks that are queued in this turn run
 * before it: what they write, such as a Close, still leaves a process that ends.
 */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() =>
    queueMicrotask(() => {
      throw error
    }),
  )
}
