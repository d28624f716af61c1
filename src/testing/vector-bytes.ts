/**
 * How a vector keeps its bytes: as text or as frames to be written, and writes them anew whenever they are asked for, so that
 * nobody who masks, cuts or overwrites them can spoil them for the next one. Knows no vector.
 *
 * @module
 */

import { writeLatin1 } from '../bytes/latin1.ts'
import { encodeFrameInto, type FrameInit, frameSize } from '../frame/encode.ts'
import type { Bytes } from '../types.ts'

/** The key of RFC 6455 §5.7: on the wire a masked payload looks different from a bare one. */
const MASK_KEY = 0x37fa213d

/** Bytes in hexadecimal, blanks between them as one likes. */
export function hexBytes(digits: string): Bytes {
  const packed = digits.replaceAll(' ', '')
  const bytes = new Uint8Array(packed.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(packed.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** The frames as a client writes them: masked, unless one says otherwise. */
export function clientFrames(frames: readonly FrameInit[]): Bytes {
  return joinFrames(frames.map((frame) => ({ maskKey: maskKey(), ...frame })))
}

/** The frames one behind the other, as they are. */
export function joinFrames(frames: readonly FrameInit[]): Bytes {
  const bytes = new Uint8Array(frames.reduce((size, frame) => size + frameSize(frame), 0))
  let at = 0
  for (const frame of frames) at = encodeFrameInto(frame, bytes, at)
  return bytes
}

function maskKey(): Bytes {
  return Uint8Array.of(MASK_KEY >>> 24, (MASK_KEY >>> 16) & 255, (MASK_KEY >>> 8) & 255, MASK_KEY & 255)
}

/** Text of code units below 256, a byte for each. */
export function latin1Bytes(text: string): Bytes {
  const bytes = new Uint8Array(text.length)
  writeLatin1(text, bytes, 0)
  return bytes
}
