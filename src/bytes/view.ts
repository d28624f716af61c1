/**
 * Checks that a caller's argument is bytes: used by every entry point that takes them.
 *
 * @module
 */

import { describeType } from '../arguments.ts'

/** An empty array, which can be shared. */
export const nothing: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

/**
 * Throws `TypeError` unless `value` is a `Uint8Array` (a Node `Buffer` is one, and so is one from another realm). Anything else
 * with an index or a length would be read as the wrong bytes.
 */
export function requireBytes(value: Uint8Array, what: string): void {
  if (value instanceof Uint8Array) return
  const tag = Object.prototype.toString.call(value)
  if (tag !== '[object Uint8Array]') throw new TypeError(`${what} must be a Uint8Array, not ${describeType(value)}`)
}
