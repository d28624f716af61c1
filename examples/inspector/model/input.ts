/**
 * Pasted input as bytes: hexadecimal in any notation, or the text of an HTTP head. Independent of any protocol.
 *
 * @module
 */

export type Input =
  | { readonly kind: 'empty' }
  | { readonly kind: 'frames' | 'head'; readonly bytes: Uint8Array }
  /** `at`: an index into the text, in code units. */
  | { readonly kind: 'unreadable'; readonly at: number; readonly message: string }

/** More would only make the page slow: input viewed byte by byte is short. */
const MAX_BYTES = 65_536

export function parseInput(text: string): Input {
  if (text.trim() === '') return { kind: 'empty' }
  if (looksLikeHead(text)) return { kind: 'head', bytes: headBytes(text) }
  const bytes = parseHex(text)
  if (!(bytes instanceof Uint8Array)) return { kind: 'unreadable', ...bytes }
  if (bytes.length === 0) return { kind: 'empty' }
  return { kind: looksLikeHead(String.fromCharCode(...bytes.subarray(0, 4096))) ? 'head' : 'frames', bytes }
}

/** A method and a target, or a status line. */
function looksLikeHead(text: string): boolean {
  const line = text.trimStart()
  return line.startsWith('HTTP/') || /^[A-Z]{3,10} [^\r\n]/.test(line)
}

/** Text areas use bare LF where HTTP has CRLF, and often lack the empty line at the end. */
function headBytes(text: string): Uint8Array {
  const lines = text.trim().replace(/\r?\n/g, '\r\n')
  return new TextEncoder().encode(`${lines}\r\n\r\n`)
}

/** Pairs of digits with any separators; `0x5` is a byte of its own. */
export function parseHex(text: string): Uint8Array | { readonly at: number; readonly message: string } {
  const bytes: number[] = []
  let half = -1
  let halfAt = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (/[\s,:;|_-]/.test(character)) continue
    const prefixed = /^(?:0x|\\x)([0-9a-f])(?![0-9a-f])/i.exec(text.slice(at, at + 4))
    if (half < 0 && prefixed?.[1] !== undefined) {
      bytes.push(Number.parseInt(prefixed[1], 16))
      at += 2
      continue
    }
    if (half < 0 && /^(?:0x|\\x)/i.test(text.slice(at, at + 2))) {
      at++
      continue
    }
    const digit = Number.parseInt(character, 16)
    if (Number.isNaN(digit))
      return { at, message: `${JSON.stringify(character)} is neither a hexadecimal digit nor a separator` }
    if (half >= 0) bytes.push(half * 16 + digit)
    else halfAt = at
    half = half < 0 ? digit : -1
    if (bytes.length > MAX_BYTES) return { at, message: `more than ${MAX_BYTES} bytes: paste a smaller part` }
  }
  if (half >= 0) return { at: halfAt, message: 'the last digit has no partner: a byte is two hexadecimal digits' }
  return Uint8Array.from(bytes)
}

export function formatHex(bytes: Uint8Array, separator = ' '): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(separator)
}
