/**
 * Encodes whole frames for the wire, into a new array, into the caller's, or as separate header and payload. Anything that the
 * format can express is written; `rules.ts` checks headers.
 *
 * @module
 */

import { requireBytes } from '../bytes/view.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { Bytes } from '../types.ts'
import { requireFrame } from './checks.ts'
import { type FrameHeaderInit, requireOffset, toFirstByte, toLengthSize, writeLength } from './header.ts'
import { maskInPlace } from './mask.ts'
import { type MaskKey, takeMaskKey, writeMaskKey } from './mask-key.ts'
import { type LoneSurrogates, refusesLoneSurrogates, requireWellFormed } from './surrogates.ts'
import { sourceSize, textSource, writePayload, writeText } from './write.ts'

/** A frame to write. */
export interface FrameInit extends Omit<FrameHeaderInit, 'payloadLength' | 'maskKey'> {
  /** Bytes are read only; a string is sent as UTF-8. Default: empty. */
  readonly payload?: Uint8Array | string | undefined
  /** Four bytes; `'random'`: new ones from the secure source (RFC 6455 §5.3); `undefined`: not masked. */
  readonly maskKey?: MaskKey | undefined
  /** What to do with a lone surrogate in a string. Default: `'replace'`, with U+FFFD. */
  readonly loneSurrogates?: LoneSurrogates | undefined
  /** For tests: a false length for the header, in bytes. */
  readonly payloadLength?: number | undefined
}

/**
 * Writes one frame: header, then the payload, masked if a key is given. Anything that the format can express is written;
 * {@link checkFrameHeader} checks headers.
 *
 * @returns A new array; the payload is copied into it and never written to.
 * @throws RangeError as {@link encodeFrameHeader} does; TypeError for members of the wrong type and unknown ones (checked only
 *   without a `payload`, or with a `mask`, `masked` or `final`), and with `loneSurrogates: 'error'` for a string with a lone
 *   surrogate.
 * @see RFC 6455 §5.2, §5.3
 * @example
 * encodeFrame({ opcode: Opcode.Text, payload: 'Hello' }) // 81 05 48 65 6c 6c 6f
 */
export function encodeFrame(frame: FrameInit): Bytes {
  const source = sourceOf(frame)
  const size = sourceSize(source)
  const lengthSize = writtenLengthSize(frame, size)
  const bytes = new Uint8Array(headerSize(frame, lengthSize) + size)
  write(frame, source, size, lengthSize, bytes, 0)
  return bytes
}

/**
 * Writes one frame into the caller's array, as {@link encodeFrame} would.
 *
 * @param target Its bytes from `offset` on are overwritten, {@link frameSize} of them. The payload must not overlap them.
 * @param offset In bytes.
 * @returns The offset after the frame, where the next one goes.
 * @throws RangeError if `target` is too short for the frame; that and any error of {@link encodeFrame} are thrown before anything
 *   is written.
 * @see RFC 6455 §5.2, §5.3
 * @example
 * const target = new Uint8Array(64)
 * const at = encodeFrameInto({ opcode: Opcode.Text, payload: 'Hello' }, target, 0) // 7
 * encodeFrameInto({ opcode: Opcode.Ping }, target, at) // 9
 */
export function encodeFrameInto(frame: FrameInit, target: Uint8Array, offset: number): number {
  requireBytes(target, 'the target of a frame')
  requireOffset(offset)
  const source = sourceOf(frame)
  const size = sourceSize(source)
  const lengthSize = writtenLengthSize(frame, size)
  const end = offset + headerSize(frame, lengthSize) + size
  if (end > target.length)
    throw new RangeError(`the frame ends at ${end}, past the ${target.length} bytes of the target`)
  return write(frame, source, size, lengthSize, target, offset)
}

/**
 * Bytes in a frame: the space that {@link encodeFrameInto} needs. A string is scanned to count its bytes.
 *
 * @throws RangeError, TypeError as {@link encodeFrame} does, except for an invalid opcode, `rsv` or key.
 * @example
 * frameSize({ opcode: Opcode.Text, payload: 'Hello', maskKey: 'random' }) // 11
 */
export function frameSize(frame: FrameInit): number {
  const size = sourceSize(sourceOf(frame))
  return headerSize(frame, writtenLengthSize(frame, size)) + size
}

/**
 * One frame as separate header and payload, for transports that write several arrays in one call: an unmasked payload need not be
 * copied.
 *
 * @returns `[header, payload]`. The header is a new array. The payload is the same array that was passed in if it was bytes and
 *   there is no key: do not change it until it has been sent. Otherwise it is a new array.
 * @throws RangeError, TypeError as {@link encodeFrame} does.
 * @see RFC 6455 §5.2, §5.3
 * @example
 * const [header, payload] = encodeFrameParts({ opcode: Opcode.Binary, payload: file })
 * socket.cork(); socket.write(header); socket.write(payload); socket.uncork()
 */
export function encodeFrameParts(frame: FrameInit): readonly [header: Bytes, payload: Uint8Array] {
  const source = checkedPayload(frame)
  const payload = typeof source === 'string' ? encodeUtf8(source) : source
  const lengthSize = writtenLengthSize(frame, payload.length)
  const header = new Uint8Array(headerSize(frame, lengthSize))
  const key = takeKey(frame)
  writeHeader(frame, payload.length, lengthSize, key, header, 0)
  if (frame.maskKey === undefined) return [header, payload]
  // A string was encoded here, so it is masked in place.
  const masked = payload === source ? new Uint8Array(payload) : payload
  maskInPlace(masked, 0, masked.length, key, 0)
  return [header, masked]
}

/** The payload. Throws TypeError for an invalid frame or payload. */
function checkedPayload(frame: FrameInit): string | Uint8Array {
  requireFrame(frame)
  const { payload = '', loneSurrogates } = frame
  if (typeof payload !== 'string') requireBytes(payload, 'a payload that is no string')
  else if (refusesLoneSurrogates(loneSurrogates)) requireWellFormed(payload)
  return payload
}

/** The payload in the form that is fastest to write. */
function sourceOf(frame: FrameInit): string | Uint8Array {
  const payload = checkedPayload(frame)
  return typeof payload === 'string' ? textSource(payload) : payload
}

function writtenLengthSize({ payloadLength, lengthSize }: FrameInit, size: number): 0 | 2 | 8 {
  return toLengthSize(payloadLength ?? size, lengthSize)
}

function headerSize({ maskKey }: FrameInit, lengthSize: number): number {
  return 2 + lengthSize + (maskKey === undefined ? 0 : 4)
}

/** The key as a number; 0 without one. */
function takeKey({ maskKey }: FrameInit): number {
  return maskKey === undefined ? 0 : takeMaskKey(maskKey)
}

/** Writes the header into reserved space; returns the offset after it. Writes nothing if it throws. */
function writeHeader(
  frame: FrameInit,
  size: number,
  lengthSize: number,
  key: number,
  target: Uint8Array,
  offset: number,
): number {
  const { opcode, fin, rsv, payloadLength = size, maskKey } = frame
  target[offset] = toFirstByte(opcode, fin, rsv)
  const at = writeLength(target, offset + 1, maskKey !== undefined, payloadLength, lengthSize)
  if (maskKey === undefined) return at
  writeMaskKey(target, at, key)
  return at + 4
}

/** Writes header and payload into reserved space; returns the offset after them. */
function write(
  frame: FrameInit,
  source: string | Uint8Array,
  size: number,
  lengthSize: number,
  target: Uint8Array,
  offset: number,
): number {
  const key = takeKey(frame)
  const at = writeHeader(frame, size, lengthSize, key, target, offset)
  const masked = frame.maskKey !== undefined
  if (typeof source === 'string') return writeText(target, at, source, size, masked, key)
  return writePayload(target, at, source, masked, key)
}
