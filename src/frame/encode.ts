/**
 * Encodes frames for the wire: into a new array, into the caller's array, or as separate header and payload. `fragment.ts`,
 * `prepare.ts` and a connection's output use it; it is the last step before the transport. It writes anything that the format can
 * express; `rules.ts` checks headers.
 *
 * @module
 */

import { type Kinds, requireOneOf, requireOptions, requireWhole } from '../arguments.ts'
import { utf8Length, writeUtf8 } from '../bytes/utf8.ts'
import { requireBytes } from '../bytes/view.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { Bytes } from '../types.ts'
import {
  type FrameHeaderInit,
  headerKinds,
  headerSize,
  minimalLengthSize,
  requireFit,
  toFirstByte,
  toLengthSize,
  writeHeader,
} from './header.ts'
import { type MaskKey, maskInPlace, maskOut, takeMaskKey } from './mask.ts'
import type { Words } from './mask-words.ts'
import { copyTextFrame, maxTextFrameSize, writeTextFrame } from './text-frame.ts'

// Sizes at which the fastest way changes (measured: bench/encode.mjs).

/**
 * Up to this many code units, a text is counted unit by unit. Longer texts are written before they are counted, or encoded into their
 * own array.
 */
const COUNTED = 32
/** From this many bytes on, a copy masked through existing word views is faster than a loop. */
const WORDS_FROM = 64
/** Up to this many bytes, a loop copies faster than `set`. */
const COPY_BY_HAND = 8

/**
 * What to do with a lone surrogate in a string to be sent: `'replace'` sends U+FFFD instead, as `TextEncoder` does; `'error'` throws a
 * TypeError that names its index.
 *
 * @category Frames and messages
 */
export type LoneSurrogates = 'replace' | 'error'

/**
 * A frame to encode.
 *
 * @category Frames and messages
 */
export interface FrameInit extends Omit<FrameHeaderInit, 'payloadLength' | 'maskKey'> {
  /** Bytes, which are not written to, or a string, which is sent as UTF-8. Default: empty. */
  readonly payload?: Uint8Array | string | undefined
  /** Four bytes; `'random'` for four new bytes from the secure generator (RFC 6455 §5.3); `undefined` for no mask. */
  readonly maskKey?: MaskKey | undefined
  /** What to do with a lone surrogate in a string. Default: `'replace'`, with U+FFFD. */
  readonly loneSurrogates?: LoneSurrogates | undefined
  /** A false length for the header, in bytes, for tests. Default: the length of the payload. */
  readonly payloadLength?: number | undefined
}

/**
 * Encodes one frame: the header, then the payload, which is masked if a key is given. It writes anything that the format can express;
 * {@link findFrameHeaderError} checks headers.
 *
 * @returns A new array with a copy of the payload. Engines take half a microsecond to create an array of more than 64 bytes:
 *   {@link encodeFrameInto} needs none, and a connection with `native` takes its output from a pool.
 * @throws RangeError as {@link encodeFrameHeader} does. TypeError for members of the wrong type; for unknown members, which are checked
 *   only without a `payload`, or with a `mask`, `masked` or `final`; and with `loneSurrogates: 'error'` for a string with a lone
 *   surrogate.
 * @see RFC 6455 §5.2, §5.3
 * @example
 * encodeFrame({ opcode: Opcode.Text, payload: 'Hello' }) // 81 05 48 65 6c 6c 6f
 *
 * @category Frames and messages
 */
export function encodeFrame(frame: FrameInit): Bytes {
  const text = longTextOf(frame)
  if (text !== undefined) {
    const { maskKey } = frame
    const made = copyTextFrame(firstByteOf(frame), text, maskKey !== undefined, keyOf(maskKey), firstOf)
    if (made !== undefined) return made
  }
  const source = sourceOf(frame)
  const size = sourceSize(source)
  const lengthSize = writtenLengthSize(frame, size)
  const bytes = new Uint8Array(2 + lengthSize + keySize(frame) + size)
  write(frame, source, size, lengthSize, bytes, 0)
  return bytes
}

/**
 * Encodes one frame into your array, as {@link encodeFrame} does into a new one.
 *
 * @param target Overwritten from `offset` on, by {@link frameSize} bytes. The payload must not overlap these bytes.
 * @param offset In bytes.
 * @returns The offset after the frame, where the next one goes.
 * @throws RangeError if `target` is too short for the frame, and any error of {@link encodeFrame}. If it throws, it has written
 *   nothing.
 * @see RFC 6455 §5.2, §5.3
 * @example
 * const target = new Uint8Array(64)
 * const at = encodeFrameInto({ opcode: Opcode.Text, payload: 'Hello' }, target, 0) // 7
 * encodeFrameInto({ opcode: Opcode.Ping }, target, at) // 9
 */
export function encodeFrameInto(frame: FrameInit, target: Uint8Array, offset: number): number {
  requireBytes(target, '`target`')
  requireWhole(offset, '`offset`')
  const text = longTextOf(frame)
  if (text !== undefined) {
    const { maskKey } = frame
    const masked = maskKey !== undefined
    if (offset + maxTextFrameSize(text, masked) <= target.length)
      return writeTextFrame(target, offset, firstByteOf(frame), text, masked, keyOf(maskKey))
    const end = copyTextFrame(firstByteOf(frame), text, masked, keyOf(maskKey), (scratch, size) => {
      requireFit(target, offset + size)
      target.set(scratch.subarray(0, size), offset)
      return offset + size
    })
    if (end !== undefined) return end
  }
  const source = sourceOf(frame)
  const size = sourceSize(source)
  const lengthSize = writtenLengthSize(frame, size)
  requireFit(target, offset + 2 + lengthSize + keySize(frame) + size)
  return write(frame, source, size, lengthSize, target, offset)
}

/**
 * Returns the size of a frame in bytes: the space that {@link encodeFrameInto} needs. Scans a string to count its bytes.
 *
 * @throws RangeError, TypeError as {@link encodeFrame} does, except for an invalid opcode, `rsv` or key.
 * @example
 * frameSize({ opcode: Opcode.Text, payload: 'Hello', maskKey: 'random' }) // 11
 */
export function frameSize(frame: FrameInit): number {
  requireFrame(frame)
  const size = sourceSize(sourceOf(frame))
  return 2 + writtenLengthSize(frame, size) + keySize(frame) + size
}

/**
 * Encodes one frame as separate header and payload, for transports that write several arrays in one call. It does not copy an unmasked
 * payload.
 *
 * @returns `[header, payload]`. The header is a new array. The payload is the array that you passed in, if you passed bytes without a
 *   key: do not change it until it has been sent. Otherwise it is a new array.
 * @throws RangeError, TypeError as {@link encodeFrame} does.
 * @see RFC 6455 §5.2, §5.3
 * @example
 * const [header, payload] = encodeFrameParts({ opcode: Opcode.Binary, payload: file })
 * socket.cork(); socket.write(header); socket.write(payload); socket.uncork()
 */
export function encodeFrameParts(frame: FrameInit): readonly [header: Bytes, payload: Uint8Array] {
  requireFrame(frame)
  const source = requirePayload(frame.payload, frame.loneSurrogates)
  const payload = typeof source === 'string' ? encodeUtf8(source) : source
  const lengthSize = writtenLengthSize(frame, payload.length)
  const header = new Uint8Array(2 + lengthSize + keySize(frame))
  const { opcode, fin, rsv, maskKey, payloadLength = payload.length } = frame
  const firstByte = toFirstByte(opcode, fin, rsv)
  const key = maskKey === undefined ? 0 : takeMaskKey(maskKey)
  writeHeader(header, 0, firstByte, payloadLength, lengthSize, maskKey !== undefined, key)
  if (maskKey === undefined) return [header, payload]
  // A string was encoded here, so it is masked in place.
  const masked = payload === source ? new Uint8Array(payload) : payload
  maskInPlace(masked, 0, masked.length, key, 0)
  return [header, masked]
}

const frameKinds: Kinds = { ...headerKinds, payload: 'any', loneSurrogates: 'any' }

/** Names that other packages use for frame members. Without a check they would be ignored silently. */
interface MisnamedFrame {
  readonly payload?: unknown
  readonly mask?: unknown
  readonly masked?: unknown
  readonly final?: unknown
}

/**
 * Throws unless `frame` is an object. Checks for unknown members only if something looks wrong, because checking every name would slow
 * down small frames.
 */
export function requireFrame(frame: unknown): void {
  if (typeof frame !== 'object' || frame === null || looksWrong(frame)) requireOptions(frame, frameKinds, 'a frame')
}

function looksWrong({ payload, mask, masked, final }: MisnamedFrame): boolean {
  return payload === undefined || mask !== undefined || masked !== undefined || final !== undefined
}

/** Returns the text of a frame if it is to be written before it is counted; otherwise `undefined`. */
function longTextOf(frame: FrameInit): string | undefined {
  requireFrame(frame)
  const { payload, payloadLength, lengthSize, loneSurrogates } = frame
  if (typeof payload !== 'string' || payload.length <= COUNTED) return undefined
  if (payloadLength !== undefined || lengthSize !== undefined || loneSurrogates !== undefined) return undefined
  return payload
}

function firstByteOf({ opcode, fin, rsv }: FrameInit): number {
  return toFirstByte(opcode, fin, rsv)
}

/** Copies the first `size` bytes to a new array. */
function firstOf(bytes: Bytes, size: number): Bytes {
  return bytes.slice(0, size)
}

function keyOf(maskKey: MaskKey | undefined): number {
  return maskKey === undefined ? 0 : takeMaskKey(maskKey)
}

/** Returns the payload in the form that is fastest to write. */
function sourceOf(frame: FrameInit): string | Uint8Array {
  const payload = requirePayload(frame.payload, frame.loneSurrogates)
  return typeof payload === 'string' ? textSource(payload) : payload
}

/** Returns the caller's payload; an absent one is empty. Throws TypeError for an invalid payload. */
export function requirePayload(payload: Uint8Array | string = '', lone?: LoneSurrogates): string | Uint8Array {
  if (typeof payload !== 'string') requireBytes(payload, '`payload` (unless a string)')
  else if (refusesLoneSurrogates(lone)) requireWellFormed(payload)
  return payload
}

/** Whether strings must be scanned. Throws TypeError for an invalid option. */
function refusesLoneSurrogates(option: LoneSurrogates | undefined): boolean {
  if (option !== undefined) requireOneOf(option, ['replace', 'error'], '`loneSurrogates`')
  return option === 'error'
}

/** Throws TypeError for a text with a lone surrogate. */
export function requireWellFormed(text: string): void {
  // With the flag `u`, the two halves of a pair are one character, so only a lone surrogate matches.
  const index = text.search(/\p{Surrogate}/u)
  if (index < 0) return
  const unit = text.charCodeAt(index).toString(16)
  throw new TypeError(`text with a lone surrogate, \\u${unit}, at index ${index}`)
}

function writtenLengthSize({ payloadLength, lengthSize }: FrameInit, size: number): 0 | 2 | 8 {
  return toLengthSize(payloadLength ?? size, lengthSize)
}

function keySize({ maskKey }: FrameInit): number {
  return maskKey === undefined ? 0 : 4
}

/** Writes header and payload into reserved space; returns the offset after them. If it throws, it has written nothing. */
function write(
  frame: FrameInit,
  source: string | Uint8Array,
  size: number,
  lengthSize: number,
  target: Uint8Array,
  offset: number,
): number {
  const { opcode, fin, rsv, maskKey, payloadLength = size } = frame
  const firstByte = toFirstByte(opcode, fin, rsv)
  const masked = maskKey !== undefined
  const key = masked ? takeMaskKey(maskKey) : 0
  const at = writeHeader(target, offset, firstByte, payloadLength, lengthSize, masked, key)
  if (typeof source === 'string') return writeText(target, at, source, size, masked, key)
  return writeBytes(target, at, source, masked, key)
}

/** Returns a text in the form that is fastest to write: the string, or its UTF-8. A lone surrogate becomes U+FFFD. */
export function textSource(text: string): string | Uint8Array {
  return text.length <= COUNTED ? text : encodeUtf8(text)
}

/** Returns the payload bytes of a source. */
export function sourceSize(source: string | Uint8Array): number {
  return typeof source === 'string' ? utf8Length(source) : source.length
}

/** Returns the bytes of a frame on the wire, with the shortest header for its payload. */
export function wireSize(payloadLength: number, masked: boolean): number {
  return headerSize(payloadLength, masked) + payloadLength
}

/**
 * Writes a valid frame with the shortest header into `target`, which must have {@link wireSize} bytes free. For callers that have
 * checked their arguments.
 *
 * @param firstByte FIN, RSV and opcode as on the wire.
 * @param source Bytes, which are not written to, or a text, which is encoded in place.
 * @param size Bytes of the payload, from {@link sourceSize}.
 * @param maskKey The key as a number, if `masked`.
 * @param words The word views of `target`, if they exist already.
 * @returns The offset after the frame.
 */
export function writeFrame(
  target: Uint8Array,
  offset: number,
  firstByte: number,
  source: string | Uint8Array,
  size: number,
  masked: boolean,
  maskKey: number,
  words?: Words,
): number {
  const at = writeHeader(target, offset, firstByte, size, minimalLengthSize(size), masked, maskKey)
  if (words !== undefined && masked && size >= WORDS_FROM && typeof source !== 'string') {
    target.set(source, at)
    words.xor(at, size, maskKey)
    return at + size
  }
  if (typeof source === 'string') return writeText(target, at, source, size, masked, maskKey)
  return writeBytes(target, at, source, masked, maskKey)
}

/** Writes bytes as a payload, masked or not; returns the offset after it. */
function writeBytes(target: Uint8Array, at: number, payload: Uint8Array, masked: boolean, maskKey: number): number {
  const { length } = payload
  if (masked) maskOut(payload, target, at, maskKey)
  else if (length > COPY_BY_HAND) target.set(payload, at)
  else for (let i = 0; i < length; i++) target[at + i] = payload[i] as number
  return at + length
}

/** Writes a short text of `size` bytes as a payload, masked or not; returns the offset after it. */
function writeText(
  target: Uint8Array,
  at: number,
  text: string,
  size: number,
  masked: boolean,
  maskKey: number,
): number {
  writeUtf8(text, target, at)
  if (masked) maskInPlace(target, at, size, maskKey, 0)
  return at + size
}
