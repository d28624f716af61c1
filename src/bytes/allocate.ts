/**
 * Arrays from a caller's own allocator, held against what it promises. Knows no policy and no pool.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { requireBytes } from './view.ts'

/** Makes an array of `size` bytes; what is in it does not matter, for all of it is written over before anybody sees it. */
export type Allocate = (size: number) => Uint8Array

/** What an allocator has made, if it is bytes and as many as were asked for. Throws `TypeError` for anything else. */
export function requireSize(made: Uint8Array, size: number): Bytes {
  requireBytes(made, 'what `allocate` makes')
  if (made.length !== size) throw new TypeError(`\`allocate\` has made ${made.length} bytes, where ${size} are wanted`)
  return made as Bytes
}
