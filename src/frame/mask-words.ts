/**
 * XOR by whole words, in two widths, because engines differ in which is faster. Words and keys are in the machine's byte order.
 *
 * @module
 */

/** From this many bytes on, 64-bit words are faster, except in engines with slow BigInt arrays. */
export const WIDE_FROM = 256

/** XORs the words from `from` to `to`. Unrolled by 16, which is faster than by 8 or fewer. */
export function xorBy32(words: Int32Array, from: number, to: number, key: number): void {
  let i = from
  for (; i + 16 <= to; i += 16) {
    words[i] = (words[i] as number) ^ key
    words[i + 1] = (words[i + 1] as number) ^ key
    words[i + 2] = (words[i + 2] as number) ^ key
    words[i + 3] = (words[i + 3] as number) ^ key
    words[i + 4] = (words[i + 4] as number) ^ key
    words[i + 5] = (words[i + 5] as number) ^ key
    words[i + 6] = (words[i + 6] as number) ^ key
    words[i + 7] = (words[i + 7] as number) ^ key
    words[i + 8] = (words[i + 8] as number) ^ key
    words[i + 9] = (words[i + 9] as number) ^ key
    words[i + 10] = (words[i + 10] as number) ^ key
    words[i + 11] = (words[i + 11] as number) ^ key
    words[i + 12] = (words[i + 12] as number) ^ key
    words[i + 13] = (words[i + 13] as number) ^ key
    words[i + 14] = (words[i + 14] as number) ^ key
    words[i + 15] = (words[i + 15] as number) ^ key
  }
  for (; i + 4 <= to; i += 4) {
    words[i] = (words[i] as number) ^ key
    words[i + 1] = (words[i + 1] as number) ^ key
    words[i + 2] = (words[i + 2] as number) ^ key
    words[i + 3] = (words[i + 3] as number) ^ key
  }
  for (; i < to; i++) words[i] = (words[i] as number) ^ key
}

/** The same with 64-bit words. Unrolled by 32, where the gain levels off; a helper function per word would be slower. */
export function xorBy64(words: BigUint64Array, from: number, to: number, key: bigint): void {
  let i = from
  for (; i + 32 <= to; i += 32) {
    words[i] = (words[i] as bigint) ^ key
    words[i + 1] = (words[i + 1] as bigint) ^ key
    words[i + 2] = (words[i + 2] as bigint) ^ key
    words[i + 3] = (words[i + 3] as bigint) ^ key
    words[i + 4] = (words[i + 4] as bigint) ^ key
    words[i + 5] = (words[i + 5] as bigint) ^ key
    words[i + 6] = (words[i + 6] as bigint) ^ key
    words[i + 7] = (words[i + 7] as bigint) ^ key
    words[i + 8] = (words[i + 8] as bigint) ^ key
    words[i + 9] = (words[i + 9] as bigint) ^ key
    words[i + 10] = (words[i + 10] as bigint) ^ key
    words[i + 11] = (words[i + 11] as bigint) ^ key
    words[i + 12] = (words[i + 12] as bigint) ^ key
    words[i + 13] = (words[i + 13] as bigint) ^ key
    words[i + 14] = (words[i + 14] as bigint) ^ key
    words[i + 15] = (words[i + 15] as bigint) ^ key
    words[i + 16] = (words[i + 16] as bigint) ^ key
    words[i + 17] = (words[i + 17] as bigint) ^ key
    words[i + 18] = (words[i + 18] as bigint) ^ key
    words[i + 19] = (words[i + 19] as bigint) ^ key
    words[i + 20] = (words[i + 20] as bigint) ^ key
    words[i + 21] = (words[i + 21] as bigint) ^ key
    words[i + 22] = (words[i + 22] as bigint) ^ key
    words[i + 23] = (words[i + 23] as bigint) ^ key
    words[i + 24] = (words[i + 24] as bigint) ^ key
    words[i + 25] = (words[i + 25] as bigint) ^ key
    words[i + 26] = (words[i + 26] as bigint) ^ key
    words[i + 27] = (words[i + 27] as bigint) ^ key
    words[i + 28] = (words[i + 28] as bigint) ^ key
    words[i + 29] = (words[i + 29] as bigint) ^ key
    words[i + 30] = (words[i + 30] as bigint) ^ key
    words[i + 31] = (words[i + 31] as bigint) ^ key
  }
  for (; i + 4 <= to; i += 4) {
    words[i] = (words[i] as bigint) ^ key
    words[i + 1] = (words[i + 1] as bigint) ^ key
    words[i + 2] = (words[i + 2] as bigint) ^ key
    words[i + 3] = (words[i + 3] as bigint) ^ key
  }
  for (; i < to; i++) words[i] = (words[i] as bigint) ^ key
}
