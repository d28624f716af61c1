/**
 * Joins byte arrays into one, and copies one into a larger one.
 *
 * @module
 */

import type { Native } from '../native.ts'
import type { Bytes } from '../types.ts'

/** Returns a fresh array of all parts in order; a single part as it is. */
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

/** Up to this size a native allocator is no faster. */
const NATIVE_FROM = 4096

/** Returns an array of `size` bytes with memory of its own. Its contents do not matter: all of it is overwritten. */
export function newArray(size: number, native: Native | undefined): Bytes {
  if (native?.allocateOwn === undefined || size < NATIVE_FROM) return new Uint8Array(size)
  try {
    const made = native.allocateOwn(size)
    if (made.length === size && made.buffer.byteLength === size) return new Uint8Array(made.buffer as ArrayBuffer)
  } catch {
    // As if there were none.
  }
  return new Uint8Array(size)
}

/** Returns a fresh array of `size` bytes that starts with the first `used` of `buffer`, if given. */
export function grow(buffer: Uint8Array | undefined, used: number, size: number): Bytes {
  const grown = new Uint8Array(size)
  if (buffer !== undefined) grown.set(buffer.subarray(0, used))
  return grown
}
