/**
 * Base64 (RFC 4648 §4), with padding, for handshake keys, credentials and snapshots. Not every runtime has `btoa` or `Buffer`, and
 * `btoa` needs binary strings.
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** Code units of the characters, indexed by their six bits. */
const alphabet: Uint8Array = /* @__PURE__ */ Uint8Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  (character) => character.charCodeAt(0),
)
const PADDING = 0x3d

/** Encodes `bytes` in base64, padded with `=` to a multiple of four characters. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const second = left > 1 ? (bytes[i + 1] as number) : 0
    const third = left > 2 ? (bytes[i + 2] as number) : 0
    const bits = ((bytes[i] as number) << 16) | (second << 8) | third
    // Four characters per call are much faster than one.
    text += String.fromCharCode(
      alphabet[bits >> 18] as number,
      alphabet[(bits >> 12) & 63] as number,
      left > 1 ? (alphabet[(bits >> 6) & 63] as number) : PADDING,
      left > 2 ? (alphabet[bits & 63] as number) : PADDING,
    )
  }
  return text
}

/** Decodes padded base64. Throws `TypeError` for anything else. */
export function decodeBase64(text: string): Bytes {
  if (typeof text !== 'string') throw new TypeError('base64 must be a string')
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const size = (text.length / 4) * 3 - padding
  if (!Number.isInteger(size)) throw new TypeError('not base64: its length is not a multiple of four')
  const bytes = new Uint8Array(size)
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let bits = 0
    for (let j = i; j < i + 4; j++) {
      const value = j >= text.length - padding ? 0 : base64Value(text.charCodeAt(j))
      if (value < 0) throw new TypeError(`not base64: ${JSON.stringify(text[j])} at ${j}`)
      bits = (bits << 6) | value
    }
    for (let shift = 16; shift >= 0 && at < size; shift -= 8) bytes[at++] = (bits >> shift) & 0xff
  }
  return bytes
}

/** Whether `text` is padded base64 that {@link decodeBase64} can read; bits past the last byte are ignored. */
export function isBase64(text: string): boolean {
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length
  if (text.length % 4 !== 0) return false
  for (let i = 0; i < end; i++) if (base64Value(text.charCodeAt(i)) < 0) return false
  return true
}

/** Returns the six bits of a base64 character; -1 for any other code unit. */
export function base64Value(unit: number): number {
  if (unit >= 0x41 && unit <= 0x5a) return unit - 0x41
  if (unit >= 0x61 && unit <= 0x7a) return unit - 0x61 + 26
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 52
  if (unit === 0x2b) return 62
  return unit === 0x2f ? 63 : -1
}
