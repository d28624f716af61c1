/**
 * Ways to cut bytes into pieces, because a peer's bytes may arrive in any.
 *
 * @module
 */

import { describeValue, requireWhole, wrongArgument } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import type { Chunks } from './case.ts'
import { xorshift32 } from './random.ts'

/**
 * Cuts bytes into chunks: all in one (`'whole'`), one by one (`'bytes'`), in sizes of which the last one repeats, or in sizes of 1 to 8
 * drawn from a seed.
 *
 * @returns Views of `bytes`, none of them empty. No bytes are no chunks.
 * @throws TypeError for wrong arguments; RangeError for a size below 1.
 * @example
 * chunk(Uint8Array.of(1, 2, 3, 4, 5), { sizes: [1, 2] }).map(({ length }) => length) // [1, 2, 2]
 */
export function chunk(bytes: Uint8Array, chunks: Chunks): Uint8Array[] {
  requireBytes(bytes, '`bytes`')
  return cut(bytes, chunkSizes(chunks))
}

/**
 * All ways to cut bytes in two: one pair a position, none of them with an empty part. So there are none of a single byte.
 *
 * @returns Views of `bytes`, made one pair at a time.
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
 * Returns a function that says the size of each next chunk.
 *
 * @param name What to call `chunks` in a message.
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
