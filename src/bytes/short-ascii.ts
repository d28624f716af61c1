/**
 * Decodes short ASCII payloads of text messages straight to a string: unmasks and checks them in the same pass, without writing or
 * creating a view.
 *
 * @module
 */

/** Up to this size this is faster than unmasking, checking and decoding in turn. */
export const SHORT_TEXT = 24

/**
 * The text of the bytes from `start` to `end` if it is ASCII; otherwise `undefined`.
 *
 * @param key XORed with each four bytes first, its highest octet with the first byte. 0: no mask.
 */
export function decodeShortAscii(bytes: Uint8Array, start: number, end: number, key: number): string | undefined {
  const a = key >>> 24
  const b = (key >>> 16) & 0xff
  const c = (key >>> 8) & 0xff
  const d = key & 0xff
  let text = ''
  let bits = 0
  let at = start
  for (; at + 8 <= end; at += 8) {
    const unit0 = (bytes[at] as number) ^ a
    const unit1 = (bytes[at + 1] as number) ^ b
    const unit2 = (bytes[at + 2] as number) ^ c
    const unit3 = (bytes[at + 3] as number) ^ d
    const unit4 = (bytes[at + 4] as number) ^ a
    const unit5 = (bytes[at + 5] as number) ^ b
    const unit6 = (bytes[at + 6] as number) ^ c
    const unit7 = (bytes[at + 7] as number) ^ d
    bits = unit0 | unit1 | unit2 | unit3 | unit4 | unit5 | unit6 | unit7
    if (bits > 0x7f) return undefined
    text += String.fromCharCode(unit0, unit1, unit2, unit3, unit4, unit5, unit6, unit7)
  }
  if (at + 4 <= end) {
    const unit0 = (bytes[at] as number) ^ a
    const unit1 = (bytes[at + 1] as number) ^ b
    const unit2 = (bytes[at + 2] as number) ^ c
    const unit3 = (bytes[at + 3] as number) ^ d
    bits |= unit0 | unit1 | unit2 | unit3
    text += String.fromCharCode(unit0, unit1, unit2, unit3)
    at += 4
  }
  for (let shift = 24; at < end; at++, shift -= 8) {
    const unit = (bytes[at] as number) ^ ((key >>> shift) & 0xff)
    bits |= unit
    text += String.fromCharCode(unit)
  }
  return bits < 0x80 ? text : undefined
}
