/**
 * Checks that the values a caller passes, or an allocator returns, are bytes. Every entry point that takes bytes uses these functions;
 * entry points that also take buffers and other views convert them first.
 *
 * @module
 */

import { describeType, wrongAnswer, wrongArgument } from '../arguments.ts'
import type { Bytes } from '../types.ts'

/** An empty array. Sharing it is safe. */
export const nothing: Uint8Array = /* @__PURE__ */ new Uint8Array(0)

/**
 * Throws `TypeError` unless `value` is a `Uint8Array`. A Node `Buffer` is one, and so is a `Uint8Array` from another realm. Anything
 * else with an index or a length would be read as the wrong bytes.
 */
export function requireBytes(value: Uint8Array, what: string): void {
  if (!isBytes(value)) throw wrongArgument(what, 'a Uint8Array', describeType(value))
}

/** Whether `value` is a `Uint8Array`, perhaps from another realm. */
export function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || describeType(value) === 'a Uint8Array'
}

/** Returns the bytes of a buffer or of any view, without a copy; `undefined` for anything else. Accepts values from other realms. */
export function viewOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return isBuffer(value) ? new Uint8Array(value) : undefined
}

function isBuffer(value: unknown): value is ArrayBufferLike {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value))
}

/** Returns the allocator's array. Throws `TypeError` unless it is a `Uint8Array` of the requested size. */
export function requireSize(made: Uint8Array, size: number): Bytes {
  if (!isBytes(made)) throw wrongAnswer('native.allocate', `a Uint8Array of ${size} bytes`, made)
  if (made.length !== size)
    throw new TypeError(`\`native.allocate\` must return exactly ${size} bytes, not ${made.length}`)
  return made as Bytes
}
