/**
 * Validates UTF-8 in blocks of 16 bytes: a state machine without branches, for text that is not mostly ASCII. `utf8.ts` validates the
 * remaining bytes and finds the position of an error.
 *
 * Each byte value has a word. A state is a bit offset into that word, where five bits contain the next state, so a step is one shift.
 * Nine states fit into 32 bits because they overlap where their bits are equal (found by exhaustive search). The idea is Per Vognsen's;
 * the 32-bit version is Dougall Johnson's.
 *
 * @module
 */

/** The state after an error, which no byte leaves, and the state between characters. */
const ERROR = 0
const BETWEEN = 6
const STATE = 31

/** The word of each byte value from `from` to the next row (Unicode Table 3-7). */
const ranges: readonly (readonly [from: number, word: number])[] = [
  [0x00, 0x180],
  [0x80, 0x21060020],
  [0x90, 0x20060820],
  [0xa0, 0x860820],
  [0xc0, 0],
  [0xc2, 0x400],
  [0xe0, 0x4c0],
  [0xe1, 0x40],
  [0xed, 0x640],
  [0xee, 0x40],
  [0xf0, 0x2c0],
  [0xf1, 0x480],
  [0xf4, 0x600],
  [0xf5, 0],
]

let words: Int32Array | undefined

function makeWords(): Int32Array {
  const made = new Int32Array(256)
  for (const [from, word] of ranges) made.fill(word, from)
  return made
}

/** The bytes that {@link skipBlocks} reads in one step. */
export const BLOCK = 16

/**
 * Skips whole valid characters from `start` on, where a character must begin. Returns the start of the character at which it stopped:
 * near `end`, near an error, or after a block of ASCII.
 */
export function skipBlocks(bytes: Uint8Array, start: number, end: number): number {
  words ??= makeWords()
  const next = words
  let at = start
  let state = BETWEEN
  let plain = false
  for (; at + BLOCK <= end; at += BLOCK) {
    const b0 = bytes[at] as number
    const b1 = bytes[at + 1] as number
    const b2 = bytes[at + 2] as number
    const b3 = bytes[at + 3] as number
    const b4 = bytes[at + 4] as number
    const b5 = bytes[at + 5] as number
    const b6 = bytes[at + 6] as number
    const b7 = bytes[at + 7] as number
    let after = (next[b0] as number) >> state
    after = (next[b1] as number) >> after
    after = (next[b2] as number) >> after
    after = (next[b3] as number) >> after
    after = (next[b4] as number) >> after
    after = (next[b5] as number) >> after
    after = (next[b6] as number) >> after
    after = (next[b7] as number) >> after
    const b8 = bytes[at + 8] as number
    const b9 = bytes[at + 9] as number
    const b10 = bytes[at + 10] as number
    const b11 = bytes[at + 11] as number
    const b12 = bytes[at + 12] as number
    const b13 = bytes[at + 13] as number
    const b14 = bytes[at + 14] as number
    const b15 = bytes[at + 15] as number
    after = (next[b8] as number) >> after
    after = (next[b9] as number) >> after
    after = (next[b10] as number) >> after
    after = (next[b11] as number) >> after
    after = (next[b12] as number) >> after
    after = (next[b13] as number) >> after
    after = (next[b14] as number) >> after
    after = ((next[b15] as number) >> after) & STATE
    if (after === ERROR) break
    state = after
    const bits = b0 | b1 | b2 | b3 | b4 | b5 | b6 | b7 | b8 | b9 | b10 | b11 | b12 | b13 | b14 | b15
    if (bits >= 0x80) plain = false
    else if (plain) return at + BLOCK
    else plain = true
  }
  // Inside a character: back to where it began.
  if (state !== BETWEEN) while (((bytes[--at] as number) & 0xc0) === 0x80);
  return at
}
