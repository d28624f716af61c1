/**
 * ASCII helpers for parsers and text messages: find runs of ASCII, decode it, and compare it case-insensitively.
 *
 * @module
 */

/**
 * Returns the index of an error from the result of a scanner, which is a position or state (0 or more) on success and `-1 - index` on
 * an error. An error at index 0 is therefore different from a success.
 */
export function errorIndex(result: number): number {
  return -1 - result
}

/** Returns where a run of ASCII ends. Checks blocks of eight bytes, so the result may be up to seven bytes early. */
export function skipAscii(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (; at + 8 <= end; at += 8) {
    const bits =
      (bytes[at] as number) |
      (bytes[at + 1] as number) |
      (bytes[at + 2] as number) |
      (bytes[at + 3] as number) |
      (bytes[at + 4] as number) |
      (bytes[at + 5] as number) |
      (bytes[at + 6] as number) |
      (bytes[at + 7] as number)
    if (bits > 0x7f) break
  }
  return at
}

/** The highest bit of each of the four bytes of a word, in any byte order. */
const HIGH_BITS = 0x80808080 | 0

/** As {@link skipAscii}, by words, in blocks of 64 bytes. It creates an array, which pays off only for long runs. */
export function skipAsciiWords(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  for (; (bytes.byteOffset + at) & 3; at++) if ((bytes[at] as number) > 0x7f) return at
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >>> 2)
  const { length } = words
  let i = 0
  for (; i + 16 <= length; i += 16) {
    const bits =
      (words[i] as number) |
      (words[i + 1] as number) |
      (words[i + 2] as number) |
      (words[i + 3] as number) |
      (words[i + 4] as number) |
      (words[i + 5] as number) |
      (words[i + 6] as number) |
      (words[i + 7] as number) |
      (words[i + 8] as number) |
      (words[i + 9] as number) |
      (words[i + 10] as number) |
      (words[i + 11] as number) |
      (words[i + 12] as number) |
      (words[i + 13] as number) |
      (words[i + 14] as number) |
      (words[i + 15] as number)
    if ((bits & HIGH_BITS) !== 0) break
  }
  return at + 4 * i
}

/** Linear time, and faster than a loop over code units. */
const asciiOnly = /^[\0-\x7f]*$/

/** Whether a text is ASCII. */
export function isAsciiText(text: string): boolean {
  return asciiOnly.test(text)
}

/** Decodes each byte to one code unit, eight per call, which is faster than one per call except for a few bytes. */
export function decodeUnits(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  let at = start
  for (; at + 8 <= end; at += 8)
    text += String.fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
      bytes[at + 4] as number,
      bytes[at + 5] as number,
      bytes[at + 6] as number,
      bytes[at + 7] as number,
    )
  for (; at < end; at++) text += String.fromCharCode(bytes[at] as number)
  return text
}

/** Returns `text` with A–Z as a–z and nothing else changed. `toLowerCase` also maps U+212A to `k`, so it is used for ASCII only. */
export function lowerCase(text: string): string {
  let capitals = false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) return lowerCaseByUnit(text)
    if (unit >= 0x41 && unit <= 0x5a) capitals = true
  }
  return capitals ? text.toLowerCase() : text
}

function lowerCaseByUnit(text: string): string {
  let lower = ''
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    lower += unit >= 0x41 && unit <= 0x5a ? String.fromCharCode(unit | 0x20) : text[i]
  }
  return lower
}

/** Whether `text` equals `lower` (which has no A–Z), ignoring ASCII case. */
export function equalsIgnoringCase(text: string, lower: string): boolean {
  const length = text.length
  if (length !== lower.length) return false
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    const folded = unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit
    if (folded !== lower.charCodeAt(i)) return false
  }
  return true
}
