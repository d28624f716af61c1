/**
 * The delimiter bytes of heads, for parsers and formatters, and how error messages name a byte.
 *
 * @module
 */

export const CR = 0x0d
export const LF = 0x0a
export const SP = 0x20
const HTAB = 0x09
export const COLON = 0x3a

export function isWhitespace(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB
}

/** A byte in readable form. */
export function describeByte(byte: number | undefined): string {
  if (byte === CR) return 'a CR'
  if (byte === LF) return 'an LF'
  if (byte === SP) return 'a space'
  if (byte === undefined) return 'nothing'
  if (byte > 0x20 && byte < 0x7f) return `'${String.fromCharCode(byte)}'`
  return `the byte 0x${byte.toString(16).padStart(2, '0')}`
}
