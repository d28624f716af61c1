/**
 * Random numbers from a seed, the same in every language: xorshift32 with shifts by 13, 17 and 5 (Marsaglia, 2003).
 *
 * @module
 */

/** Returns a generator of whole numbers from 1 to 2³²−1. Only the low 32 bits of the seed count. 0, which would stay 0, counts as 1. */
export function xorshift32(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}
