/**
 * Converts bytes to and from the code units 0–255, as HTTP heads carry text (RFC 9110 §5.5). `TextDecoder` cannot do this: its label
 * `latin1` means windows-1252, which maps 0x80–0x9F differently.
 *
 * @module
 */

import { decodeUtf8 } from '../platform/text.ts'
import { decodeUnits } from './ascii.ts'

/**
 * From this many bytes on, the platform's UTF-8 decoder decodes ASCII, with the same result. Below, a byte loop is faster.
 */
const FROM_PLATFORM = 40

/** Decodes `bytes` from `start` to `end`, one code unit per byte. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  if (end - start < FROM_PLATFORM) return decodeUnits(bytes, start, end)
  // Avoid `subarray` if possible: it is slow on Node's Buffer.
  const whole = start === 0 && end === bytes.length
  const text = decodeUtf8(whole ? bytes : bytes.subarray(start, end))
  // With one unit per byte and no replacement character, the bytes were ASCII. A check beforehand would cost another pass.
  return text.length === end - start && !text.includes('\ufffd') ? text : decodeUnits(bytes, start, end)
}

/** Writes `text`, whose code units must be below 256, to `target` at `offset`; returns the end offset. */
export function writeLatin1(text: string, target: Uint8Array, offset: number): number {
  const length = text.length
  for (let i = 0; i < length; i++) target[offset + i] = text.charCodeAt(i)
  return offset + length
}
