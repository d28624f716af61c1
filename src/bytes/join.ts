/**
 * Joins byte arrays, and copies an array into a larger one.
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** Joins all parts, in order, in a new array. A single part is returned without a copy. */
export function join(parts: readonly Uint8Array[]): Bytes {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only as Bytes
  return joinInto(new Uint8Array(parts.reduce((size, part) => size + part.length, 0)), parts)
}

/** Writes all parts in order into `target`, from its start on, and returns it. */
export function joinInto(target: Bytes, parts: readonly Uint8Array[]): Bytes {
  let at = 0
  for (const part of parts) {
    target.set(part, at)
    at += part.length
  }
  return target
}

/** Returns a new array of `size` bytes that starts with the first `used` bytes of `buffer`, if given. */
export function grow(buffer: Uint8Array | undefined, used: number, size: number): Bytes {
  const grown = new Uint8Array(size)
  if (buffer !== undefined) grown.set(buffer.subarray(0, used))
  return grown
}
