/**
 * UTF-8 for text messages: validates text as it arrives, and decodes, measures and writes it. Follows Table 3-7 of the Unicode Standard
 * and RFC 3629 §4: overlong forms, surrogates and everything past U+10FFFF are invalid.
 *
 * Between chunks the state of a validator is a single number, so an idle connection needs no object for it. The number is 0 between
 * characters; inside one it has the bounds of the next byte: `highest << 16 | lowest << 8 | bytes still missing`.
 *
 * @module
 */

import { type Kinds, requireOptions } from '../arguments.ts'
import { type Native, nativeKinds } from '../native.ts'
import { decodeUtf8, decodeUtf8Strictly, encodeUtf8, encodeUtf8Into } from '../platform/text.ts'
import type { Bytes } from '../types.ts'
import { errorIndex, skipAscii, skipAsciiWords } from './ascii.ts'
import { unmask13To24 } from './short-ascii.ts'
import { BLOCK, skipBlocks } from './utf8-blocks.ts'
import { requireBytes } from './view.ts'

/** Between characters: the initial state, and the only valid final one. */
export const UTF8_START = 0

/** Returns the state after the first byte of a character (Unicode Table 3-7); -1 if it is invalid. */
function afterLead(byte: number): number {
  if (byte < 0xc2) return -1 // 80..BF continue; C0 and C1 would be overlong
  if (byte < 0xe0) return 0xbf8001
  if (byte < 0xf0) return byte === 0xe0 ? 0xbfa002 : byte === 0xed ? 0x9f8002 : 0xbf8002
  if (byte < 0xf5) return byte === 0xf0 ? 0xbf9003 : byte === 0xf4 ? 0x8f8003 : 0xbf8003
  return -1
}

/** Returns the state after a further byte of a character; -1 if it is invalid. */
function afterNext(state: number, byte: number): number {
  if (byte < ((state >> 8) & 0xff) || byte > state >> 16) return -1
  const missing = (state & 0xff) - 1
  return missing === 0 ? UTF8_START : 0xbf8000 | missing
}

/**
 * The length of an ASCII run, in bytes, after which to scan by words, and how many bytes must remain for that to pay off. In languages
 * with a few letters beyond ASCII, each run would otherwise create an array.
 */
const NEAR = 256
const WORDS_FROM = 256

/**
 * Validates `bytes` from `start` to `end`.
 *
 * @param state The result of the previous call; {@link UTF8_START} at the start of a text.
 * @returns The next state (≥ 0), or `-1 - index` of the first invalid byte: see {@link errorIndex}.
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
      const skipped = end - at < BLOCK ? at : skipBlocks(bytes, at, end)
      if (skipped > at) {
        at = skipped
        continue
      }
      // Near the end or an error: validate byte by byte, which finds the position of the error.
      now = afterLead(byte)
    }
    if (now < 0) return -1 - at
    at++
  }
  return now
}

/** For fewer bytes, a native validator takes longer than {@link scanUtf8}. */
const NATIVE_FROM = 64

/** As {@link scanUtf8}, for all of `bytes`. Uses the native validator if there is one; it can validate whole characters only. */
export function checkUtf8(bytes: Uint8Array, state: number, native: Native | undefined): number {
  const { length } = bytes
  if (native?.isUtf8 === undefined || length < NATIVE_FROM) return scanUtf8(bytes, 0, length, state)
  // The rest of a character is at most three bytes.
  let at = 0
  let now = state
  for (; now !== UTF8_START; at++) {
    now = afterNext(now, bytes[at] as number)
    if (now < 0) return -1 - at
  }
  const end = lastCharacter(bytes)
  // After a failure the scan finds the first invalid byte.
  return scanUtf8(bytes, isValid(native.isUtf8, viewPart(bytes, at, end)) ? end : at, length, UTF8_START)
}

/** Returns where the last character begins if it looks incomplete; otherwise where it ends. */
function lastCharacter(bytes: Uint8Array): number {
  const { length } = bytes
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[length - back] as number
    if (byte >= 0xc0) return back < (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4) ? length - back : length
    if (byte < 0x80) break
  }
  return length
}

function isValid(isUtf8: (bytes: Uint8Array) => boolean, bytes: Uint8Array): boolean {
  try {
    return isUtf8(bytes) === true
  } catch {
    return false
  }
}

/** Up to this many bytes, {@link unmaskShortAscii} is faster than unmasking, validating and decoding one after the other. */
export const SHORT_TEXT = 24

/**
 * Unmasks and decodes the bytes from `start` to `end` in one step; returns `undefined` if the text is not ASCII. Does not write to
 * `bytes`.
 *
 * @param key XORed with each group of four bytes, its highest octet with the first byte. 0: no mask.
 */
export function unmaskShortAscii(bytes: Uint8Array, start: number, end: number, key: number): string | undefined {
  const size = end - start
  if (size > 12 && size <= SHORT_TEXT) return unmask13To24(bytes, start, size, key)
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

/** Decodes the validated UTF-8 in `bytes` from `start` to `end`. Keeps a leading BOM. */
export function decodeText(bytes: Uint8Array, start: number, end: number, native?: Native): string {
  return decodeFast(bytes, start, end, native) ?? decodeUtf8(viewPart(bytes, start, end))
}

/**
 * Decodes and validates `bytes` from `start` to `end`, faster than validating first. Returns `undefined` for invalid UTF-8 ({@link
 * scanUtf8} finds the position), or for text longer than a string can be.
 */
export function decodeStrictly(bytes: Uint8Array, start: number, end: number, native?: Native): string | undefined {
  return decodeFast(bytes, start, end, native) ?? decodeUtf8Strictly(viewPart(bytes, start, end))
}

/**
 * Decodes short ASCII, and text that a native decoder decodes without a U+FFFD and which was therefore valid; returns `undefined` for
 * other text.
 */
function decodeFast(bytes: Uint8Array, start: number, end: number, native: Native | undefined): string | undefined {
  if (end - start <= SHORT_TEXT) {
    const text = unmaskShortAscii(bytes, start, end, 0)
    if (text !== undefined) return text
  }
  if (native?.decodeUtf8 === undefined) return undefined
  try {
    const text = native.decodeUtf8(bytes, start, end)
    return text.includes('\ufffd') ? undefined : text
  } catch {
    return undefined
  }
}

/** Returns a view of a part of `bytes`. Avoids `subarray`, which is slow on Node's Buffer. */
function viewPart(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (start === 0 && end === bytes.length) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
}

/** Returns the length of `text` in UTF-8 bytes. A lone surrogate counts as 3, because it is written as U+FFFD. */
export function utf8Length(text: string): number {
  let size = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    if (unit < 0x800) size += 1
    else {
      size += 2
      // A pair is two units and four bytes, so the second unit adds nothing.
      if (isPair(unit, text.charCodeAt(index + 1))) index++
    }
  }
  return size
}

/** Whether two UTF-16 units form one character. False for `NaN`, which is past the end of a text. */
function isPair(high: number, low: number): boolean {
  return (high & 0xfc00) === 0xd800 && (low & 0xfc00) === 0xdc00
}

/** Up to this many code units, a loop writes ASCII faster than `encodeInto`. */
const WRITE_BY_HAND = 24

/** Writes `text` as UTF-8 into `target` at `offset`, where it must fit; returns the end offset. */
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

/** Encodes a text as UTF-8 in a new array. Faster than `encode` for short texts that are nearly always ASCII. */
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
 * Options of a {@link Utf8Validator}.
 *
 * @category Frames and messages
 */
export interface Utf8ValidatorOptions {
  /** Its `isUtf8` validates large chunks. Default: none, JavaScript validates them. */
  readonly native?: Native | undefined
}

const validatorKinds: Kinds = { native: nativeKinds }

/** Accepts the usual options without a full check, because there may be a validator for every message. */
function requireValidatorOptions(options: Utf8ValidatorOptions): void {
  let usual = typeof options?.native?.isUtf8 === 'function'
  for (const key in options) usual &&= key === 'native'
  if (!usual) requireOptions(options, validatorKinds, 'the options of Utf8Validator')
}

/**
 * Validates UTF-8 chunk by chunk and fails at the first invalid byte (RFC 6455 §8.1).
 *
 * @example
 * const validator = new Utf8Validator()
 * // `h`, and the first half of a character.
 * validator.push(Uint8Array.of(0x68, 0xc3)) // true
 * validator.push(Uint8Array.of(0x28)) // false
 * validator.badOffset // 2
 */
export class Utf8Validator {
  #state: number = UTF8_START
  #size = 0
  #bad: number | undefined
  readonly #native: Native | undefined

  /** @throws TypeError for invalid or unknown options. */
  constructor(options?: Utf8ValidatorOptions) {
    if (options !== undefined) requireValidatorOptions(options)
    this.#native = options?.native
  }

  /**
   * The offset, from the start of the text, of the first byte that cannot follow the bytes before it. If the text ended inside a
   * character, it is the length of the text. `undefined` while the text is valid.
   */
  get badOffset(): number | undefined {
    return this.#bad
  }

  /** Validates the next bytes, without keeping them. Returns `true` while the text is valid, `false` from the first invalid byte on. */
  push(bytes: Uint8Array): boolean {
    requireBytes(bytes, '`bytes`')
    if (this.#bad !== undefined) return false
    const next = checkUtf8(bytes, this.#state, this.#native)
    if (next < 0) this.#bad = this.#size + errorIndex(next)
    else {
      this.#state = next
      this.#size += bytes.length
    }
    return next >= 0
  }

  /** Ends the text; returns whether it was valid and ended between characters. */
  end(): boolean {
    if (this.#bad === undefined && this.#state !== UTF8_START) this.#bad = this.#size
    return this.#bad === undefined
  }
}
