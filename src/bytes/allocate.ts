/**
 * Checks arrays from a caller's allocator, before they become the target of bytes to send.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { requireBytes } from './view.ts'

/** Returns an array of `size` bytes; its contents do not matter, because all of it is overwritten. */
export type Allocate = (size: number) => Uint8Array

/** Returns the allocator's array. Throws `TypeError` unless it is bytes of the requested size. */
export function requireSize(made: Uint8Array, size: number): Bytes {
  requireBytes(made, 'what `allocate` makes')
  if (made.length !== size) throw new TypeError(`\`allocate\` has made ${made.length} bytes, where ${size} are wanted`)
  return made as Bytes
}
