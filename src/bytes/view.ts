/**
 * Checks that what a caller passes in, or its allocator returns, is bytes: used by every entry point that takes them. Those that take
 * other views, and buffers, see them as bytes first.
 *
 * @module
 */

import { describeType, wrongAnswer, wrongArgument } from '../arguments.ts'
import type { Bytes } from '../types.ts'

/** An empty array, which can be shared. */
export const nothing: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

/**
 * Throws `TypeError` unless `value` is a `Uint8Array` (a Node `Buffer` is one, and so is one from another realm). Anything else
 * with an index or a length would be read as the wrong bytes.
 */
export function requireBytes(value: Uint8Array, what: string): void {
  if (!isBytes(value)) throw wrongArgument(what, 'a Uint8Array', describeType(value))
}

/** Whether `value` is a `Uint8Array`, perhaps of another realm. */
export function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || describeType(value) === 'a Uint8Array'
}

/** The bytes of a buffer or of any view of one, not copied; `undefined`: it is neither. Other realms have their own classes. */
export function viewOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return isBuffer(value) ? new Uint8Array(value) : undefined
}

function isBuffer(value: unknown): value is ArrayBufferLike {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value))
}

/** Returns the allocator's array. Throws `TypeError` unless it is bytes of the requested size. */
export function requireSize(made: Uint8Array, size: number): Bytes {
  if (!isBytes(made)) throw wrongAnswer('native.allocate', `a Uint8Array of ${size} bytes`, made)
  if (made.length !== size)
    throw new TypeError(`\`native.allocate\` must return exactly ${size} bytes, not ${made.length}`)
  return made as Bytes
}
