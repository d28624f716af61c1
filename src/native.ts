/**
 * The type of native functions that are faster than JavaScript. The core does not look for them: an adapter or another caller passes
 * them in.
 *
 * @module
 */

import type { Kind, Kinds } from './arguments.ts'

/**
 * Functions of the runtime, or of an addon, that replace slower JavaScript. Each must do exactly what its description says, so that
 * results do not depend on them. JavaScript replaces a missing function. It also takes over, without an error, if `decodeUtf8` or
 * `isUtf8` throws or returns another type, or if `sha1` throws: these run on data from a peer, which must never cause an exception.
 * `native` of `websocket-primitives/node` has them for Node and Bun, and the adapters use it by default.
 *
 * @example
 * import { native } from 'websocket-primitives/node'
 *
 * const options = connectionOptions({ role: 'server', native })
 *
 * @category Frames and messages
 */
export interface Native {
  /** Allocates exactly `size` bytes for output, for example from a pool. Their contents do not matter. Default: a new array. */
  readonly allocate?: ((size: number) => Uint8Array) | undefined
  /**
   * Decodes the UTF-8 in `bytes` from `start` to `end`, which are inside the array. Keeps a leading BOM; each invalid sequence becomes
   * one U+FFFD or more. Throws for text longer than a string can be. Default: `TextDecoder`.
   */
  readonly decodeUtf8?: ((bytes: Uint8Array, start: number, end: number) => string) | undefined
  /**
   * Writes `text` as UTF-8 into `target` from `offset` on, as many whole characters as fit, and returns the bytes written. A lone
   * surrogate becomes U+FFFD. Default: `TextEncoder`.
   */
  readonly encodeUtf8Into?: ((text: string, target: Uint8Array, offset: number) => number) | undefined
  /** Whether bytes are UTF-8, with whole characters at both ends. Default: a loop. */
  readonly isUtf8?: ((bytes: Uint8Array) => boolean) | undefined
  /** Returns the SHA-1 of an ASCII text in Base64. Default: `@noble/hashes`. */
  readonly sha1?: ((text: string) => string) | undefined
}

/** The members of {@link Native}, for checking an option `native`. */
export const nativeKinds: Kinds = {
  allocate: 'function',
  decodeUtf8: 'function',
  encodeUtf8Into: 'function',
  isUtf8: 'function',
  sha1: 'function',
} satisfies Record<keyof Native, Kind>
