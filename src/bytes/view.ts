/**
 * What counts as bytes at every door. Knows nothing of what they say.
 *
 * @module
 */

import { describeType } from '../arguments.ts'

/** No bytes at all. Of length 0, so that all may share it. */
export const nothing: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

/**
 * Throws `TypeError` unless `value` is a `Uint8Array` (a Node `Buffer` is one, and so is one of another realm). Anything else
 * with an index or a length would be read as something that nobody sent.
 */
export function requireBytes(value: Uint8Array, what: string): void {
  if (value instanceof Uint8Array) return
  const tag = Object.prototype.toString.call(value)
  if (tag !== '[object Uint8Array]') throw new TypeError(`${what} must be a Uint8Array, not ${describeType(value)}`)
}
