/**
 * Reads and writes frame headers (RFC 6455 §5.2) without checking them: any two bytes are a header, and anything that the format can
 * express can be written, so that tests can send invalid frames. The decoder and the encoder use it; the rules are in `rules.ts`.
 *
 * ```
 *   octet 0            octet 1           then
 *   FIN RSV1-3 opcode  MASK length 0–125                                         mask key, 4 octets if MASK
 *                           length 126   length in 2 octets, network order       mask key
 *                           length 127   length in 8 octets, network order       mask key
 * ```
 *
 * @module
 */

import { type Kinds, requireOptions, requireRecord, requireType, requireWhole } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'

/**
 * A decoded frame header.
 *
 * @category Frames and messages
 */
export interface FrameHeader {
  /** Whether the message ends with this frame. */
  fin: boolean
  /** 0–7; RSV1 is 4, RSV3 is 1. */
  rsv: number
  /** 0–15. */
  opcode: number
  /** Bytes. Exact up to 2^53−1; a larger length is rounded down to the next number, so that 2^63−1 stays below 2^63. */
  payloadLength: number
  /** A copy of the 4 bytes; `undefined` if the frame is not masked. */
  maskKey: Uint8Array | undefined
  /** Bytes of the extended length: 0, 2 or 8. */
  lengthSize: 0 | 2 | 8
}

/**
 * A header to write.
 *
 * @category Frames and messages
 */
export interface FrameHeaderInit {
  /** 0–15; see {@link Opcode}. */
  readonly opcode: number
  /** Bytes. */
  readonly payloadLength: number
  /** Whether the message ends with this frame. Default: true. */
  readonly fin?: boolean | undefined
  /** 0–7; RSV1 is 4, RSV3 is 1. Default: 0. */
  readonly rsv?: number | undefined
  /** 4 bytes; `undefined` for no mask. */
  readonly maskKey?: Uint8Array | undefined
  /** Bytes of the extended length. Default: the fewest. Tests may use more than needed. */
  readonly lengthSize?: 0 | 2 | 8 | undefined
}

/** The types of the members of a header to write. Numbers are checked when they are written. */
export const headerKinds: Kinds = {
  opcode: 'any',
  payloadLength: 'any',
  fin: 'boolean',
  rsv: 'any',
  maskKey: 'any',
  lengthSize: 'any',
}

/** The highest bit of the first byte and of the second. */
export const FIN_BIT = 0x80
export const MASK_BIT = 0x80
/** The length bits of the second byte, and their values for a length that follows in 2 or in 8 bytes. */
export const LENGTH_BITS = 0x7f
export const LENGTH_IN_2 = 126
const LENGTH_IN_8 = 127

/** Returns the bytes of the extended length that the second byte of a frame announces. */
export function lengthSizeOf(secondByte: number): 0 | 2 | 8 {
  const length = secondByte & LENGTH_BITS
  return length < LENGTH_IN_2 ? 0 : length === LENGTH_IN_2 ? 2 : 8
}

/** Returns the bytes of the shortest extended length for a payload; RFC 6455 §5.2 requires the shortest. */
export function minimalLengthSize(payloadLength: number): 0 | 2 | 8 {
  return payloadLength < LENGTH_IN_2 ? 0 : payloadLength <= 0xffff ? 2 : 8
}

/**
 * Reads the extended length of `size` bytes (2 or 8) at `at`. Above 2^53 the lowest bits are dropped, not rounded: 2^63−1 must not
 * become 2^63, whose top bit is set.
 */
export function readLength(bytes: Uint8Array, at: number, size: number): number {
  if (size === 2) return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  const high = readInt32(bytes, at) >>> 0
  const low = readInt32(bytes, at + 4) >>> 0
  const excess = 11 - Math.clz32(high)
  return high * 2 ** 32 + (excess > 0 ? low - (low % 2 ** excess) : low)
}

/** Returns the length from the first `size` bytes of a header at `at`, with each missing byte set to `missing`. */
export function boundLength(bytes: Uint8Array, at: number, size: number, missing: number): number {
  if (size < 2) return missing
  const second = bytes[at + 1] as number
  const lengthSize = lengthSizeOf(second)
  if (lengthSize === 0) return second & LENGTH_BITS
  const length = new Uint8Array(8).fill(missing)
  length.set(bytes.subarray(at + 2, at + Math.min(size, 2 + lengthSize)))
  return readLength(length, 0, lengthSize)
}

/** Returns the second byte of a header. */
export function toSecondByte(masked: boolean, length: number, lengthSize: number): number {
  return (masked ? MASK_BIT : 0) | (lengthSize === 0 ? length : lengthSize === 2 ? LENGTH_IN_2 : LENGTH_IN_8)
}

/** Returns the bytes of the shortest header. */
export function headerSize(payloadLength: number, masked: boolean): number {
  return 2 + minimalLengthSize(payloadLength) + (masked ? 4 : 0)
}

/** Reads four bytes in network order as a signed number, such as a mask key. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

/** Writes a number as four bytes in network order. */
export function writeInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24
  target[at + 1] = value >>> 16
  target[at + 2] = value >>> 8
  target[at + 3] = value
}

/** Rotates a mask key for a payload after `phase` of its bytes. A shift by 32 is a shift by 0, so phase 0 leaves the key unchanged. */
export function turnKey(key: number, phase: number): number {
  const bits = (phase & 3) << 3
  return (key << bits) | (key >>> (32 - bits))
}

/**
 * Decodes the header that begins at `offset`, without checking it.
 *
 * @param bytes Not written to; the result does not refer to them.
 * @param offset Where the frame begins, in bytes. Default: 0.
 * @returns The header; `undefined` if it is incomplete. {@link frameHeaderSize} returns its size.
 * @throws RangeError if `offset` is not a whole number from 0 on.
 * @see RFC 6455 §5.2
 * @example
 * decodeFrameHeader(Uint8Array.of(0x89, 0x00))
 * // { fin: true, rsv: 0, opcode: 9, payloadLength: 0, maskKey: undefined, lengthSize: 0 }
 */
export function decodeFrameHeader(bytes: Uint8Array, offset = 0): FrameHeader | undefined {
  requireBytes(bytes, '`bytes`')
  requireWhole(offset, '`offset`')
  if (bytes.length - offset < 2) return undefined
  const first = bytes[offset] as number
  const second = bytes[offset + 1] as number
  const lengthSize = lengthSizeOf(second)
  const keyAt = offset + 2 + lengthSize
  const end = second & MASK_BIT ? keyAt + 4 : keyAt
  if (bytes.length < end) return undefined
  return {
    fin: first >= FIN_BIT,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    payloadLength: lengthSize === 0 ? second & LENGTH_BITS : readLength(bytes, offset + 2, lengthSize),
    // Not `bytes.slice`, which is a view for Node's Buffer.
    maskKey: end === keyAt ? undefined : new Uint8Array(bytes.subarray(keyAt, end)),
    lengthSize,
  }
}

/**
 * Returns the size of a header in bytes: 2 to 14.
 *
 * @throws RangeError, TypeError as {@link encodeFrameHeader} does.
 * @example
 * frameHeaderSize({ opcode: Opcode.Binary, payloadLength: 126 }) // 4
 */
export function frameHeaderSize(header: FrameHeaderInit): number {
  requireOptions(header, headerKinds, 'a header')
  return 2 + toLengthSize(header.payloadLength, header.lengthSize) + (header.maskKey === undefined ? 0 : 4)
}

/**
 * Encodes any header, even an invalid one: reserved opcodes, lengths longer than needed, a length with the top bit set.
 *
 * @param target Overwritten from `offset` on.
 * @param offset In bytes.
 * @returns The offset after the header, where the payload begins.
 * @throws RangeError for a header that the format cannot express (an opcode above 15, an `rsv` above 7, a key that is not 4 bytes long,
 *   a length that is not a whole number below 2^64 or does not fit `lengthSize`), and if `target` is too short; TypeError for arguments
 *   of the wrong type and unknown members.
 * @see RFC 6455 §5.2
 * @example
 * const target = new Uint8Array(7)
 * const at = encodeFrameHeader({ opcode: Opcode.Text, payloadLength: 5 }, target, 0) // 2
 * target.subarray(0, at) // 81 05
 */
export function encodeFrameHeader(header: FrameHeaderInit, target: Uint8Array, offset: number): number {
  requireOptions(header, headerKinds, 'a header')
  requireBytes(target, '`target`')
  requireWhole(offset, '`offset`')
  const { payloadLength, maskKey } = header
  const first = toFirstByte(header.opcode, header.fin, header.rsv)
  if (maskKey !== undefined) requireMaskKey(maskKey)
  const lengthSize = toLengthSize(payloadLength, header.lengthSize)
  const end = offset + 2 + lengthSize + (maskKey === undefined ? 0 : 4)
  requireFit(target, end)
  const key = maskKey === undefined ? 0 : readInt32(maskKey, 0)
  return writeHeader(target, offset, first, payloadLength, lengthSize, maskKey !== undefined, key)
}

/** Throws unless `maskKey` is an array of four bytes. */
export function requireMaskKey(maskKey: Uint8Array): void {
  requireBytes(maskKey, '`maskKey`')
  if (maskKey.length !== 4) throw new RangeError(`\`maskKey\` must be 4 bytes long, not ${maskKey.length}`)
}

/** Throws `RangeError` unless bytes up to `end` fit into `target`. */
export function requireFit(target: Uint8Array, end: number): void {
  if (end > target.length) throw new RangeError(`\`target\` must be at least ${end} bytes long, not ${target.length}`)
}

/** Returns FIN, RSV and opcode as on the wire. Throws RangeError for values that do not fit. */
export function toFirstByte(opcode: number, fin = true, rsv = 0): number {
  // Valid values are accepted inline, because this runs for every frame.
  if (opcode !== (opcode & 15)) requireNumber(opcode, '`opcode`', 15)
  if (rsv !== (rsv & 7)) requireWhole(rsv, '`rsv`', 0, 7)
  if (fin !== true && fin !== false) requireType(fin, 'boolean', '`fin`')
  return (fin ? FIN_BIT : 0) | (rsv << 4) | opcode
}

/** As {@link requireWhole}, but throws a RangeError for a missing number, as for a wrong one. */
function requireNumber(value: unknown, name: string, most: number): void {
  if (value === undefined) throw new RangeError(`${name} is missing`)
  requireWhole(value, name, 0, most)
}

/** Writes a header, with the key as a number if `masked`; returns the offset after it. Checks nothing. */
export function writeHeader(
  target: Uint8Array,
  offset: number,
  firstByte: number,
  length: number,
  lengthSize: number,
  masked: boolean,
  key: number,
): number {
  target[offset] = firstByte
  target[offset + 1] = toSecondByte(masked, length, lengthSize)
  let at = offset + 2
  if (lengthSize === 2) {
    target[at++] = length >>> 8
    target[at++] = length
  } else if (lengthSize === 8) {
    const high = Math.floor(length / 2 ** 32)
    writeInt32(target, at, high)
    writeInt32(target, at + 4, length - high * 2 ** 32)
    at += 8
  }
  if (!masked) return at
  writeInt32(target, at, key)
  return at + 4
}

/** Returns the bytes of the extended length: the fewest, or as requested. Throws RangeError for a length that does not fit. */
export function toLengthSize(payloadLength: number, lengthSize?: number): 0 | 2 | 8 {
  // Most values are accepted inline, because this runs for every frame. The limit is the largest number below 2^64.
  if (payloadLength !== payloadLength >>> 0) requireNumber(payloadLength, '`payloadLength`', 2 ** 64 - 2 ** 11)
  const least = minimalLengthSize(payloadLength)
  if (lengthSize === undefined) return least
  if (lengthSize !== 0 && lengthSize !== 2 && lengthSize !== 8) {
    requireType(lengthSize, 'number', '`lengthSize`')
    throw new RangeError(`\`lengthSize\` must be 0, 2 or 8, not ${lengthSize}`)
  }
  if (lengthSize < least) throw new RangeError(`a length of ${payloadLength} does not fit lengthSize ${lengthSize}`)
  return lengthSize
}

/** Throws unless `header` is one that {@link decodeFrameHeader} could return. */
export function requireHeader(header: FrameHeader): void {
  requireRecord(header, 'a header')
  const { fin, rsv, opcode, payloadLength, maskKey, lengthSize } = header
  requireType(fin, 'boolean', '`fin`')
  toFirstByte(opcode, fin, rsv)
  if (maskKey !== undefined) requireBytes(maskKey, '`maskKey`')
  toLengthSize(payloadLength, lengthSize)
}
