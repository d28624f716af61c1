/** Bytes for tests: from hexadecimal, joined, and split in every way in which a transport may split them. */

/** `'81 05 48'` or `'810548'` as bytes. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replaceAll(' ', '')
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Returns bytes with a prime period, so that no shift of them looks the same. */
export function pattern(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) % 251)
}

/** Returns all ways to split the same bytes into chunks. Every chunk is a new copy, because `ownsChunks` gives it away. */
export function* splits(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [Uint8Array.from(bytes)]
  yield Array.from(bytes, (byte) => Uint8Array.of(byte))
  const places =
    bytes.length > 600 ? [1, 2, 3, 4, 5, 9, 10, 13, 14, 15, bytes.length >> 1, bytes.length - 1] : undefined
  for (const place of places ?? Array.from(bytes, (_, i) => i)) yield [bytes.slice(0, place), bytes.slice(place)]
  const larger = concat(pattern(3), bytes, pattern(5))
  yield [larger.subarray(3, 3 + bytes.length)]
  yield [Buffer.from(bytes)]
  yield [Buffer.from(concat(pattern(3), bytes, pattern(5))).subarray(3, 3 + bytes.length)]
}
