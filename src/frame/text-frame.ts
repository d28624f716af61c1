/**
 * Writes frames of text in one pass: it encodes the text at its most likely position, which also counts the bytes, and moves the text if
 * the header turns out longer. Counting the bytes first would take as long as encoding them.
 *
 * @module
 */

import { wrongAnswer } from '../arguments.ts'
import { writeUtf8 } from '../bytes/utf8.ts'
import type { Native } from '../native.ts'
import type { Bytes } from '../types.ts'
import { minimalLengthSize, writeHeader } from './header.ts'
import { maskInPlace } from './mask.ts'
import { Words } from './mask-words.ts'

/** The most code units of a text that is written into the scratch buffer. */
const MAX_UNITS = 1365
/** UTF-8 needs at most three bytes per code unit: a surrogate pair, two units, needs four. */
const MAX_UNIT_SIZE = 3
/** Up to this many code units, a loop writes ASCII faster than native code. */
const BY_HAND = 24

/** Returns the most bytes that a frame of this text can have. */
export function maxTextFrameSize(text: string, masked: boolean): number {
  const most = text.length * MAX_UNIT_SIZE
  return 2 + minimalLengthSize(most) + (masked ? 4 : 0) + most
}

/**
 * Writes a text as a frame with the shortest header. A lone surrogate becomes U+FFFD.
 *
 * @param target Must have {@link maxTextFrameSize} bytes from `offset` on.
 * @param firstByte FIN, RSV and opcode as on the wire.
 * @param key The mask key as a number, if `masked`.
 * @param words The word views of `target`, if they exist already.
 * @returns The offset after the frame.
 */
export function writeTextFrame(
  target: Uint8Array,
  offset: number,
  firstByte: number,
  text: string,
  masked: boolean,
  key: number,
  native?: Native,
  words?: Words,
): number {
  const before = offset + (masked ? 6 : 2)
  const guess = minimalLengthSize(text.length)
  const size = put(text, target, before + guess, native)
  const lengthSize = minimalLengthSize(size)
  const at = before + lengthSize
  if (lengthSize !== guess) target.copyWithin(at, before + guess, before + guess + size)
  writeHeader(target, offset, firstByte, size, lengthSize, masked, key)
  if (masked && words !== undefined) words.xor(at, size, key)
  else if (masked) maskInPlace(target, at, size, key, 0)
  return at + size
}

function put(text: string, target: Uint8Array, at: number, native: Native | undefined): number {
  const into = native?.encodeUtf8Into
  if (into === undefined || text.length <= BY_HAND) return writeUtf8(text, target, at) - at
  const size = into(text, target, at)
  const { length } = text
  if (typeof size !== 'number') throw wrongAnswer('native.encodeUtf8Into', 'the number of bytes written', size)
  if (!(size >= length && size <= length * MAX_UNIT_SIZE))
    throw new TypeError(
      `\`native.encodeUtf8Into\` must write all of a text: ${length} to ${length * MAX_UNIT_SIZE} bytes for ${length} code units, not ${size}`,
    )
  return size
}

/** A buffer for a frame whose size is not yet known. Created on first use, and cleared after each frame. */
let scratch: Scratch | undefined

interface Scratch {
  readonly bytes: Bytes
  readonly words: Words
}

/**
 * As {@link writeTextFrame}, through a scratch buffer, for targets without space for the longest possible UTF-8.
 *
 * @param copy Copies the frame. Its exceptions pass through.
 * @returns The result of `copy`; `undefined` if the text is too long for the scratch buffer.
 */
export function copyTextFrame<Result>(
  firstByte: number,
  text: string,
  masked: boolean,
  key: number,
  copy: (scratch: Bytes, end: number) => Result,
): Result | undefined {
  if (text.length > MAX_UNITS) return undefined
  scratch ??= createScratch()
  const { bytes, words } = scratch
  const end = writeTextFrame(bytes, 0, firstByte, text, masked, key, undefined, words)
  try {
    return copy(bytes, end)
  } finally {
    bytes.fill(0, 0, end)
  }
}

function createScratch(): Scratch {
  const bytes = new Uint8Array(10 + MAX_UNITS * MAX_UNIT_SIZE)
  return { bytes, words: new Words(bytes) }
}
