/**
 * A larger array with the same beginning: the one step of every buffer that grows. Knows no policy.
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** A fresh array of `size` bytes that begins with the first `used` of `buffer`, if there is one. */
export function grow(buffer: Uint8Array | undefined, used: number, size: number): Bytes {
  const grown = new Uint8Array(size)
  if (buffer !== undefined) grown.set(buffer.subarray(0, used))
  return grown
}
