/**
 * Several arrays as one. Knows nothing of what they hold.
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** All of them in order, in a fresh array; a single one as it is. */
export function join(parts: readonly Uint8Array[]): Bytes {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only as Bytes
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
