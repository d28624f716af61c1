/**
 * Adapter for the platform's `AbortController`.
 *
 * @module
 */

/** The part of an `AbortSignal` that is used. */
export interface AbortSignalLike {
  /** Whether the signal has been aborted. */
  readonly aborted: boolean
  /** The reason of the abort. */
  readonly reason?: unknown
  /** Calls `listener` when the signal is aborted. */
  addEventListener(type: 'abort', listener: () => void): void
  /** Removes a listener. */
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The platform's `AbortSignal` if its types are known. */
export type Signal = typeof globalThis extends {
  /** The class. */
  AbortSignal: {
    /** The type of its instances. */
    prototype: infer Found
  }
}
  ? Found
  : AbortSignalLike

/** The part of an `AbortController` that is used. */
export interface Aborter {
  /** The signal. */
  readonly signal: Signal
  /** Aborts the signal. */
  abort(): void
}

declare const AbortController: new () => Aborter

/** Creates a signal and its controller. */
export function createAborter(): Aborter {
  return new AbortController()
}
