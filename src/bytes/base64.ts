/**
 * Base64 (RFC 4648 §4), with padding. Neither `btoa` nor `Buffer`: they are not in every runtime, and this one needs
 * bytes, not binary strings. Knows no protocol.
 *
 * @module
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The base64 of `bytes`, padded with `=` to a multiple of four characters. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  const whole = bytes.length - (bytes.length % 3)
  for (let i = 0; i < whole; i += 3) {
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number)
    text +=
      (ALPHABET[bits >> 18] as string) + ALPHABET[(bits >> 12) & 63] + ALPHABET[(bits >> 6) & 63] + ALPHABET[bits & 63]
  }
  if (whole === bytes.length) return text
  const last = bytes[whole] as number
  if (bytes.length - whole === 1) return `${text}${ALPHABET[last >> 2]}${ALPHABET[(last & 3) << 4]}==`
  const bits = (last << 8) | (bytes[whole + 1] as number)
  return `${text}${ALPHABET[bits >> 10]}${ALPHABET[(bits >> 4) & 63]}${ALPHABET[(bits & 15) << 2]}=`
}

/** The six bits that a base64 character stands for; -1 for any other code unit. */
export function base64Value(unit: number): number {
  if (unit >= 0x41 && unit <= 0x5a) return unit - 0x41
  if (unit >= 0x61 && unit <= 0x7a) return unit - 0x61 + 26
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 52
  if (unit === 0x2b) return 62
  return unit === 0x2f ? 63 : -1
}
