/**
 * What a runtime does natively, and faster than JavaScript can. The core knows only this shape: an adapter, or another caller, passes
 * the functions in.
 *
 * @module
 */

import type { Kind, Kinds } from './arguments.ts'

/**
 * Functions of the runtime, or of an addon, that replace slower JavaScript. Each must do exactly what its description says: then results
 * do not depend on them. What is missing is done in JavaScript. So is, without an error, what `decodeUtf8` and `isUtf8` should do if
 * they throw or return another type, and `sha1` if it throws: they run on what a peer has sent, which never causes an exception. For Node and Bun `native` of `websocket-primitives/node` has them, and
 * the adapters use it by default.
 *
 * @example
 * import { native } from 'websocket-primitives/node'
 *
 * const options = connectionOptions({ role: 'server', native })
 */
export interface Native {
  /** Allocates exactly `size` bytes for output, for example from a pool. Their contents do not matter. Default: a new array. */
  readonly allocate?: ((size: number) => Uint8Array) | undefined
  /**
   * Decodes the UTF-8 in `bytes` from `start` to `end`, which lie inside the array. Keeps a leading BOM; each invalid sequence becomes
   * one U+FFFD or more. Throws for text longer than a string may be. Default: `TextDecoder`.
   */
  readonly decodeUtf8?: ((bytes: Uint8Array, start: number, end: number) => string) | undefined
  /**
   * Writes `text` as UTF-8 into `target` from `offset` on, as many whole characters as fit, and returns the bytes written. A lone
   * surrogate becomes U+FFFD. Default: `TextEncoder`.
   */
  readonly encodeUtf8Into?: ((text: string, target: Uint8Array, offset: number) => number) | undefined
  /** Whether bytes are UTF-8, with whole characters at both ends. Default: a loop. */
  readonly isUtf8?: ((bytes: Uint8Array) => boolean) | undefined
  /** SHA-1 of an ASCII text, as Base64. Default: `@noble/hashes`. */
  readonly sha1?: ((text: string) => string) | undefined
}

/** The members of {@link Native}, to check an option `native`. */
export const nativeKinds: Kinds = {
  allocate: 'function',
  decodeUtf8: 'function',
  encodeUtf8Into: 'function',
  isUtf8: 'function',
  sha1: 'function',
} satisfies Record<keyof Native, Kind>
