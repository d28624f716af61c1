/**
 * Writes valid frames straight into an output buffer of the right size, with the shortest header and a key as a number. Callers
 * check the arguments and choose the key.
 *
 * @module
 */

import { isAsciiText } from '../bytes/ascii.ts'
import { utf8Length, writeUtf8 } from '../bytes/utf8.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { minimalLengthSize, writeLength } from './header.ts'
import { maskInPlace, maskOut } from './mask.ts'
import { writeMaskKey } from './mask-key.ts'
import { encodeThrough, SCRATCH_SIZE } from './mask-scratch.ts'

/** Up to this many code units, any text is counted unit by unit. */
const COUNTED = 32
/**
 * Up to this many code units, ASCII is written in place. Longer or other texts are encoded into their own array and copied, which
 * is faster for them.
 */
const STRAIGHT = 4096
/** From this many bytes on, masking a text in the scratch buffer is faster. */
const THROUGH_FROM = 40

/** A text in the form that is fastest to write: itself, or its UTF-8. A lone surrogate in it becomes U+FFFD. */
export function textSource(text: string): string | Uint8Array {
  if (text.length <= COUNTED || (text.length <= STRAIGHT && isAsciiText(text))) return text
  return encodeUtf8(text)
}

/** Payload bytes of a source: a long text that is still a string is ASCII. */
export function sourceSize(source: string | Uint8Array): number {
  return typeof source === 'string' && source.length <= COUNTED ? utf8Length(source) : source.length
}

/** Bytes of a frame on the wire with the shortest header for its payload. */
export function wireSize(payloadLength: number, masked: boolean): number {
  return 2 + minimalLengthSize(payloadLength) + (masked ? 4 : 0) + payloadLength
}

/**
 * Writes a frame with the shortest header into `target`, which must have {@link wireSize} bytes free. Reads `payload` only.
 *
 * @param firstByte FIN, RSV and opcode as on the wire.
 * @param maskKey The key as a number, if `masked`.
 * @returns The offset after the frame.
 */
export function writeFrame(
  target: Uint8Array,
  offset: number,
  firstByte: number,
  payload: Uint8Array,
  masked: boolean,
  maskKey: number,
): number {
  const at = writeHead(target, offset, firstByte, payload.length, masked, maskKey)
  return writePayload(target, at, payload, masked, maskKey)
}

/**
 * Writes a text frame like {@link writeFrame}, encoding the UTF-8 of `text` in place.
 *
 * @param size Bytes of `text` as UTF-8, from {@link sourceSize}.
 */
export function writeTextFrame(
  target: Uint8Array,
  offset: number,
  firstByte: number,
  text: string,
  size: number,
  masked: boolean,
  maskKey: number,
): number {
  const at = writeHead(target, offset, firstByte, size, masked, maskKey)
  return writeText(target, at, text, size, masked, maskKey)
}

/** Writes bytes as a payload, optionally masked; returns the offset after them. */
export function writePayload(
  target: Uint8Array,
  at: number,
  payload: Uint8Array,
  masked: boolean,
  maskKey: number,
): number {
  if (masked) maskOut(payload, target, at, maskKey)
  else copyInto(payload, target, at)
  return at + payload.length
}

/** Writes a text of `size` bytes as a payload, optionally masked; returns the offset after it. */
export function writeText(
  target: Uint8Array,
  at: number,
  text: string,
  size: number,
  masked: boolean,
  maskKey: number,
): number {
  if (masked && size >= THROUGH_FROM && size <= SCRATCH_SIZE) encodeThrough(text, target, at, size, maskKey)
  else {
    writeUtf8(text, target, at)
    if (masked) maskInPlace(target, at, size, maskKey, 0)
  }
  return at + size
}

/** Writes the shortest header; returns the offset after it. */
function writeHead(
  target: Uint8Array,
  offset: number,
  firstByte: number,
  length: number,
  masked: boolean,
  maskKey: number,
): number {
  target[offset] = firstByte
  const at = writeLength(target, offset + 1, masked, length, minimalLengthSize(length))
  if (!masked) return at
  writeMaskKey(target, at, maskKey)
  return at + 4
}

/** Up to this many bytes, a loop is faster than `set`. */
const COPY_BY_HAND = 8

function copyInto(source: Uint8Array, target: Uint8Array, at: number): void {
  if (source.length > COPY_BY_HAND) target.set(source, at)
  else for (let i = 0; i < source.length; i++) target[at + i] = source[i] as number
}
