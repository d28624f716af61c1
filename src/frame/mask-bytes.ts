/**
 * XOR byte by byte: for short payloads, and for the bytes around whole words in long ones. Keys are numbers.
 *
 * @module
 */

/** The key rotated for a payload after `phase` of its bytes. A shift by 32 is one by 0, so phase 0 leaves the key unchanged. */
export function turn(key: number, phase: number): number {
  const bits = (phase & 3) << 3
  return (key << bits) | (key >>> (32 - bits))
}

/** XORs `length` bytes of `source` into `target`; both may be the same array, at the same offset. */
export function xorBytes(
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  to: number,
  length: number,
  key: number,
): void {
  const a = key >> 24
  const b = key >> 16
  const c = key >> 8
  const end = start + (length & ~3)
  let from = start
  let at = to
  for (; from < end; from += 4, at += 4) {
    target[at] = (source[from] as number) ^ a
    target[at + 1] = (source[from + 1] as number) ^ b
    target[at + 2] = (source[from + 2] as number) ^ c
    target[at + 3] = (source[from + 3] as number) ^ key
  }
  const left = length & 3
  if (left > 0) target[at] = (source[from] as number) ^ a
  if (left > 1) target[at + 1] = (source[from + 1] as number) ^ b
  if (left > 2) target[at + 2] = (source[from + 2] as number) ^ c
}
