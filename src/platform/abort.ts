/**
 * Adapter for the platform's `AbortController`.
 *
 * @module
 */

/** The used part of an `AbortSignal`. */
export interface AbortSignalLike {
  /** Whether it has been aborted. */
  readonly aborted: boolean
  /** Why. */
  readonly reason?: unknown
  /** Calls back once it is. */
  addEventListener(type: 'abort', listener: () => void): void
  /** Stops that. */
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The platform's `AbortSignal`, where its types are known. */
export type Signal = typeof globalThis extends {
  /** The class. */
  AbortSignal: {
    /** What its objects are. */
    prototype: infer Found
  }
}
  ? Found
  : AbortSignalLike

/** The used part of an `AbortController`. */
export interface Aborter {
  /** What it aborts. */
  readonly signal: Signal
  /** Aborts it. */
  abort(): void
}

declare const AbortController: new () => Aborter

/** A signal, and the way to abort it. */
export function createAborter(): Aborter {
  return new AbortController()
}
