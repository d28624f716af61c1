/**
 * Computes the bytes of a case from `Data`, `CaseFrame` and `Piece`.
 *
 * @module
 */

import { join } from '../bytes/join.ts'
import { nothing } from '../bytes/view.ts'
import { describeFrame } from '../frame/describe.ts'
import { encodeFrame } from '../frame/encode.ts'
import { decodeFrameHeader, type FrameHeader } from '../frame/header.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { Bytes, Role } from '../types.ts'
import type { Data, Piece } from './case.ts'
import { xorshift32 } from './random.ts'
import { hexBytes } from './vectors/vector-bytes.ts'

/** The masking key of a client's frames, unless the case sets another: the key of RFC 6455 §5.7. */
const MASK_KEY = '37fa213d'

/** Returns the bytes of `data`. The array may be shared: do not write to it. */
export function dataBytes(data: Data): Uint8Array {
  if (typeof data === 'string') return encodeUtf8(data)
  if (isList(data)) return join(data.map(dataBytes))
  if ('random' in data) return randomBytes(data.random, data.seed)
  const once = 'hex' in data ? hexBytes(data.hex) : encodeUtf8(data.text)
  return repeatBytes(once, data.repeat ?? 1)
}

/** Returns the size of `data` in bytes, without creating them. */
export function dataSize(data: Data): number {
  if (typeof data === 'string') return encodeUtf8(data).length
  if (isList(data)) return data.reduce((sum, part) => sum + dataSize(part), 0)
  if ('random' in data) return data.random
  return ('hex' in data ? hexBytes(data.hex) : encodeUtf8(data.text)).length * (data.repeat ?? 1)
}

function isList(data: Data): data is readonly Data[] {
  return Array.isArray(data)
}

/** Formats bytes in hexadecimal, without blanks. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Returns random bytes: the low eight bits of each number of the generator. */
function randomBytes(size: number, seed: number): Bytes {
  const next = xorshift32(seed)
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i++) bytes[i] = next()
  return bytes
}

function repeatBytes(once: Bytes, count: number): Bytes {
  if (count === 1) return once
  const all = new Uint8Array(once.length * count)
  all.set(once.subarray(0, all.length))
  // Doubles the filled part: a million repetitions of a byte take twenty steps.
  for (let size = once.length; size > 0 && size < all.length; size *= 2) all.copyWithin(size, 0, size)
  return all
}

/** The bytes of a piece, and their description. */
export interface EncodedPiece {
  readonly bytes: Uint8Array
  /** For example `text, fin, masked 37fa213d, 5 bytes: "Hello"`. */
  readonly note: string
}

/** Encodes a piece, valid or not. */
export function encodePiece(piece: Piece, role: Role): EncodedPiece {
  if ('bytes' in piece) {
    const bytes = dataBytes(piece.bytes)
    return { bytes, note: bytes.length === 1 ? '1 byte' : `${bytes.length} bytes` }
  }
  const { repeat = 1, frame } = piece
  const { mask = role === 'client' ? MASK_KEY : false, payload, ...rest } = frame
  const data = payload === undefined ? nothing : dataBytes(payload)
  const once = encodeFrame({ ...rest, payload: data, ...(mask !== false && { maskKey: hexBytes(mask) }) })
  const note = describeFrame(decodeFrameHeader(once) as FrameHeader, data)
  return { bytes: repeatBytes(once, repeat), note: repeat === 1 ? note : `${note}, ${repeat} times` }
}
