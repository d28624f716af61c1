/** Bytes and pseudo-random numbers that are the same everywhere. Needs only the language. */

/** Bytes that repeat with a prime period, so that no shift of them looks the same. */
export function pattern(size) {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) % 251)
}

/** Pseudo-random numbers below 2^32, the same in every run (xorshift32). */
export function chance(seed) {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
