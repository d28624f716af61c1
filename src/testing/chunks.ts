/**
 * Ways to cut bytes into pieces, because a peer's bytes can arrive in any pieces.
 *
 * @module
 */

import { describeValue, requireWhole, wrongArgument } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import type { Chunks } from './case.ts'
import { xorshift32 } from './random.ts'

/**
 * Cuts bytes into chunks: one chunk (`'whole'`), single bytes (`'bytes'`), the given sizes, the last of which repeats, or sizes of 1 to
 * 8 bytes drawn from a seed.
 *
 * @returns Views of `bytes`, none of them empty. An empty array gives no chunks.
 * @throws TypeError for wrong arguments; RangeError for a size below 1.
 * @example
 * chunk(Uint8Array.of(1, 2, 3, 4, 5), { sizes: [1, 2] }).map(({ length }) => length) // [1, 2, 2]
 */
export function chunk(bytes: Uint8Array, chunks: Chunks): Uint8Array[] {
  requireBytes(bytes, '`bytes`')
  return cut(bytes, chunkSizes(chunks))
}

/**
 * Cuts bytes in two in every possible way: yields one pair for each position, without empty parts. A single byte gives no pairs.
 *
 * @returns Views of `bytes`, created one pair at a time.
 * @throws TypeError for anything but a `Uint8Array`.
 * @example
 * for (const [head, tail] of everySplit(Uint8Array.of(0x89, 0x00))) {
 *   const decoder = new FrameDecoder({ role: 'client' })
 *   decoder.push(head)
 *   decoder.push(tail)
 * }
 */
export function everySplit(bytes: Uint8Array): Iterable<[Uint8Array, Uint8Array]> {
  requireBytes(bytes, '`bytes`')
  return splits(bytes)
}

function* splits(bytes: Uint8Array): Generator<[Uint8Array, Uint8Array]> {
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
}

/**
 * Cuts bytes into pieces of these sizes.
 *
 * @internal
 */
export function cut(bytes: Uint8Array, nextSize: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const end = Math.min(at + nextSize(), bytes.length)
    pieces.push(bytes.subarray(at, end))
    at = end
  }
  return pieces
}

/**
 * Returns a function that returns the size of each next chunk.
 *
 * @param name The name of `chunks` in messages.
 * @internal
 */
export function chunkSizes(chunks: Chunks, name = 'chunks'): () => number {
  if (chunks === 'whole') return () => Infinity
  if (chunks === 'bytes') return () => 1
  if (typeof chunks === 'object' && chunks !== null) {
    if ('seed' in chunks) {
      const next = xorshift32(requireWhole(chunks.seed, `\`${name}.seed\``))
      return () => 1 + (next() % 8)
    }
    if ('sizes' in chunks && Array.isArray(chunks.sizes) && chunks.sizes.length > 0) {
      const sizes: readonly number[] = chunks.sizes.map((size) => requireWhole(size, `each of \`${name}.sizes\``, 1))
      let next = 0
      return () => sizes[Math.min(next++, sizes.length - 1)] as number
    }
  }
  throw wrongArgument(`\`${name}\``, "'whole', 'bytes', { sizes: [1, …] } or { seed }", describeValue(chunks))
}
