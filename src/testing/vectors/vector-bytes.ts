/**
 * Keeps the bytes of a test vector as text or frames and encodes them again on each access, so that masking, cutting or overwriting
 * them does not affect later uses.
 *
 * @module
 */

import { writeLatin1 } from '../../bytes/latin1.ts'
import { encodeFrameInto, type FrameInit, frameSize } from '../../frame/encode.ts'
import type { Bytes } from '../../types.ts'

/** The key of RFC 6455 §5.7: it makes masked payloads differ from unmasked ones. */
const MASK_KEY = 0x37fa213d

/** Bytes in hexadecimal, with optional blanks. */
export function hexBytes(digits: string): Bytes {
  const packed = digits.replaceAll(' ', '')
  const bytes = new Uint8Array(packed.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(packed.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** The frames as from a client: masked, unless stated otherwise. */
export function clientFrames(frames: readonly FrameInit[]): Bytes {
  return joinFrames(frames.map((frame) => ({ maskKey: maskKey(), ...frame })))
}

/** The frames in sequence, unchanged. */
export function joinFrames(frames: readonly FrameInit[]): Bytes {
  const bytes = new Uint8Array(frames.reduce((size, frame) => size + frameSize(frame), 0))
  let at = 0
  for (const frame of frames) at = encodeFrameInto(frame, bytes, at)
  return bytes
}

function maskKey(): Bytes {
  return Uint8Array.of(MASK_KEY >>> 24, (MASK_KEY >>> 16) & 255, (MASK_KEY >>> 8) & 255, MASK_KEY & 255)
}

/** Text with code units below 256, one byte each. */
export function latin1Bytes(text: string): Bytes {
  const bytes = new Uint8Array(text.length)
  writeLatin1(text, bytes, 0)
  return bytes
}
