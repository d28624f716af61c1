/**
 * Copies a buffer into a larger one: shared by every buffer that grows.
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** Returns a fresh array of `size` bytes that starts with the first `used` of `buffer`, if given. */
export function grow(buffer: Uint8Array | undefined, used: number, size: number): Bytes {
  const grown = new Uint8Array(size)
  if (buffer !== undefined) grown.set(buffer.subarray(0, used))
  return grown
}
