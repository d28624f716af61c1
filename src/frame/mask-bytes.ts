/**
 * XOR byte by byte: for short payloads, and for what lies beside whole words in long ones. Knows keys as numbers.
 *
 * @module
 */

/** The key that a payload meets after `phase` of its bytes. A shift by 32 is one by 0, so phase 0 leaves the key as it is. */
export function turn(key: number, phase: number): number {
  const bits = (phase & 3) << 3
  return (key << bits) | (key >>> (32 - bits))
}

/** XORs `length` bytes of `source` into `target`; both may be one array, at one place. */
export function xorBytes(
  source: Uint8Array,
  start: number,
  target: Uint8Array,
  to: number,
  length: number,
  key: number,
): void {
  const a = key >>> 24
  const b = (key >>> 16) & 0xff
  const c = (key >>> 8) & 0xff
  const d = key & 0xff
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) {
    target[to + i] = (source[start + i] as number) ^ a
    target[to + i + 1] = (source[start + i + 1] as number) ^ b
    target[to + i + 2] = (source[start + i + 2] as number) ^ c
    target[to + i + 3] = (source[start + i + 3] as number) ^ d
  }
  if (length > whole) target[to + whole] = (source[start + whole] as number) ^ a
  if (length > whole + 1) target[to + whole + 1] = (source[start + whole + 1] as number) ^ b
  if (length > whole + 2) target[to + whole + 2] = (source[start + whole + 2] as number) ^ c
}
