/**
 * UTF-8: judged as it arrives, decoded, measured, written. Knows Table 3-7 of the Unicode Standard (overlong forms,
 * surrogates and everything past U+10FFFF are no UTF-8; RFC 3629 §4 says the same) and nothing of frames.
 *
 * Between chunks a validator's whole memory is one number, so that an idle connection holds no object for it: 0 between
 * characters, else what the next byte must be: `highest << 16 | lowest << 8 | bytes still missing`.
 *
 * @module
 */

import { decodeUtf8, decodeUtf8Strictly, encodeUtf8, encodeUtf8Into } from '../platform/text.ts'
import type { Bytes } from '../types.ts'
import { skipAscii, skipAsciiWords } from './ascii.ts'
import { decodeShortAscii, SHORT_TEXT } from './short-ascii.ts'
import { requireBytes } from './view.ts'

/** Between characters: the state to start with, and the only one to end in. */
export const UTF8_START = 0

/** The state after the first byte of a character (Unicode Table 3-7); -1 for a byte that cannot be one. */
function afterLead(byte: number): number {
  if (byte < 0xc2) return -1 // 80..BF continue; C0 and C1 would be overlong
  if (byte < 0xe0) return 0xbf8001
  if (byte < 0xf0) return byte === 0xe0 ? 0xbfa002 : byte === 0xed ? 0x9f8002 : 0xbf8002
  if (byte < 0xf5) return byte === 0xf0 ? 0xbf9003 : byte === 0xf4 ? 0x8f8003 : 0xbf8003
  return -1
}

/** The state after one more byte of a character that has begun; -1 for a byte that cannot follow. */
function afterNext(state: number, byte: number): number {
  if (byte < ((state >> 8) & 0xff) || byte > state >> 16) return -1
  const missing = (state & 0xff) - 1
  return missing === 0 ? UTF8_START : 0xbf8000 | missing
}

/**
 * Bytes of the character that begins with `lead`, if all of it is there and it is one (Unicode Table 3-7); else 0. Looked at as a
 * whole a character takes a third of the time that its bytes take one by one.
 */
function wholeCharacter(bytes: Uint8Array, at: number, end: number, lead: number): number {
  if (at + 1 >= end || lead < 0xc2 || lead > 0xf4) return 0
  const second = bytes[at + 1] as number
  if ((second & 0xc0) !== 0x80) return 0
  if (lead < 0xe0) return 2
  if (at + 2 >= end || ((bytes[at + 2] as number) & 0xc0) !== 0x80) return 0
  if (lead < 0xf0) return (lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f) ? 0 : 3
  if (at + 3 >= end || ((bytes[at + 3] as number) & 0xc0) !== 0x80) return 0
  return (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f) ? 0 : 4
}

/**
 * Bytes of ASCII after which whole words are thought of, and how many must be left then for them to pay: languages with a letter
 * here and there beyond ASCII would make an array for each run.
 */
const NEAR = 256
const WORDS_FROM = 256

/**
 * Goes on through `bytes` from `start` to `end`.
 *
 * @param state What the last call returned; {@link UTF8_START} at the start of a text.
 * @returns The next state (≥ 0), or `-1 - index` of the first bad byte.
 */
export function scanUtf8(bytes: Uint8Array, start: number, end: number, state: number): number {
  let at = start
  let now = state
  while (at < end) {
    const byte = bytes[at] as number
    if (now !== UTF8_START) now = afterNext(now, byte)
    else if (byte < 0x80) {
      const near = at + NEAR
      at = skipAscii(bytes, at + 1, Math.min(near, end))
      if (at > near - 8 && end - at >= WORDS_FROM) at = skipAsciiWords(bytes, at, end)
      continue
    } else {
      const size = wholeCharacter(bytes, at, end, byte)
      if (size > 0) {
        at += size
        continue
      }
      // It is cut off, or none: byte by byte it shows which, and where.
      now = afterLead(byte)
    }
    if (now < 0) return -1 - at
    at++
  }
  return now
}

/** The text that `bytes` from `start` to `end` spell: validated UTF-8, whose leading BOM stays. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  const short = end - start <= SHORT_TEXT ? decodeShortAscii(bytes, start, end, 0) : undefined
  if (short !== undefined) return short
  return decodeUtf8(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
}

/**
 * The text that `bytes` from `start` to `end` spell, judged on the way, which takes half the time of judging first; `undefined`
 * for what is no UTF-8 ({@link scanUtf8} tells where), or longer than a string may be.
 */
export function decodeStrictly(bytes: Uint8Array, start: number, end: number): string | undefined {
  const short = end - start <= SHORT_TEXT ? decodeShortAscii(bytes, start, end, 0) : undefined
  if (short !== undefined) return short
  // Not `subarray`: on Node's Buffer that takes twice as long.
  const whole = start === 0 && end === bytes.length
  return decodeUtf8Strictly(whole ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start))
}

/** Bytes of `text` as UTF-8. A lone surrogate counts 3: it is written as U+FFFD. */
export function utf8Length(text: string): number {
  let size = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) size += 1
    else {
      size += 2
      // A pair is two units and four bytes: the second unit adds nothing.
      if (isPair(unit, text.charCodeAt(index + 1))) index++
    }
  }
  return size
}

/** Whether two UTF-16 units are one character. `NaN`, past the end of a text, is none. */
function isPair(high: number, low: number): boolean {
  return (high & 0xfc00) === 0xd800 && (low & 0xfc00) === 0xdc00
}

/** Units up to which ASCII is written by hand. Node 20: 16 take 90 ns by hand, 32 take 171; `encodeInto` 142 for either. */
const WRITE_BY_HAND = 24

/** Writes the UTF-8 of `text` into `target` from `offset` on, where room for it must be. Returns the offset after it. */
export function writeUtf8(text: string, target: Uint8Array, offset: number): number {
  const length = text.length
  let index = 0
  if (length <= WRITE_BY_HAND) {
    for (; index < length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f) break
      target[offset + index] = unit
    }
    if (index === length) return offset + length
  }
  return offset + encodeUtf8Into(text, target.subarray(offset))
}

/** UTF-8 of a text that is short and nearly always ASCII, a fresh array. Node 20: 60 characters take 120 ns, `encode` 290. */
export function encodeShortText(text: string): Bytes {
  const bytes = new Uint8Array(text.length)
  let units = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    units |= unit
    bytes[i] = unit
  }
  return units < 0x80 ? bytes : encodeUtf8(text)
}

/**
 * Tells UTF-8 from what is none, chunk by chunk, at the first bad byte (RFC 6455 §8.1).
 *
 * @example
 * const validator = new Utf8Validator()
 * // `h`, and the first half of a character.
 * validator.push(Uint8Array.of(0x68, 0xc3)) // true
 * validator.push(Uint8Array.of(0x28)) // false
 * validator.badOffset // 2
 */
export class Utf8Validator {
  private state: number = UTF8_START
  private size = 0
  private bad: number | undefined

  /**
   * Where the text stopped being UTF-8: bytes from its start to the byte that cannot follow those before it. For a text that
   * ended inside a character it is the text's length. `undefined`: nothing wrong so far.
   */
  get badOffset(): number | undefined {
    return this.bad
  }

  /** Takes the next bytes, reading them only. `true` so far; `false` from the first bad byte on. */
  push(bytes: Uint8Array): boolean {
    requireBytes(bytes, 'what is judged')
    if (this.bad !== undefined) return false
    const next = scanUtf8(bytes, 0, bytes.length, this.state)
    if (next < 0) this.bad = this.size + (-1 - next)
    else {
      this.state = next
      this.size += bytes.length
    }
    return next >= 0
  }

  /** The text is over: whether it was UTF-8 and ended between characters. */
  end(): boolean {
    if (this.bad === undefined && this.state !== UTF8_START) this.bad = this.size
    return this.bad === undefined
  }
}
