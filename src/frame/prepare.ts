/**
 * Frames that are encoded once and sent to many receivers, with `encode.ts`; each masked copy has its own key.
 *
 * @module
 */

import { requireRecord, requireWhole } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import type { Bytes } from '../types.ts'
import { encodeFrame, type FrameInit, requireFrame } from './encode.ts'
import { lengthSizeOf, MASK_BIT, writeInt32 } from './header.ts'
import { type MaskKey, maskOut, takeMaskKey } from './mask.ts'

/** A frame encoded by {@link prepareFrame}. All receivers share it: its bytes must not be written, or transferred. */
export interface PreparedFrame {
  /** The whole unmasked frame. */
  readonly unmasked: Bytes
  /** Bytes of its header. */
  readonly headerSize: number
}

/**
 * Encodes a frame once, for any number of receivers: each is sent its own {@link frameBytes}.
 *
 * @param frame As for {@link encodeFrame}, without a key: each receiver gets its own. The payload is copied.
 * @throws RangeError, TypeError as {@link encodeFrame} does; TypeError for a frame with a key.
 * @see RFC 6455 §5.2
 * @example
 * const prepared = prepareFrame({ opcode: Opcode.Text, payload: JSON.stringify(update) })
 * for (const socket of sockets) socket.write(frameBytes(prepared))
 */
export function prepareFrame(frame: Omit<FrameInit, 'maskKey'> & { readonly maskKey?: undefined }): PreparedFrame {
  requireFrame(frame)
  if (frame.maskKey !== undefined)
    throw new TypeError('`maskKey` of a prepared frame must be absent: each receiver gets its own')
  const unmasked = encodeFrame(frame)
  return Object.freeze({ unmasked, headerSize: 2 + lengthSizeOf(unmasked[1] as number) })
}

/**
 * Copies a prepared frame for one receiver. Neither the text nor the header is encoded again.
 *
 * @param maskKey For frames from a client, each with its own key: four bytes, or `'random'` (RFC 6455 §5.1, §5.3). Omit it for
 *   unmasked frames, as servers send.
 * @returns A new array for the receiver. For a transport that only reads, `prepared.unmasked` saves the copy.
 * @throws RangeError for a key that is not 4 bytes long; TypeError for an invalid prepared frame or key.
 * @see RFC 6455 §5.3
 * @example
 * socket.write(frameBytes(prepared, 'random')) // masked, with a key that no other receiver gets
 */
export function frameBytes(prepared: PreparedFrame, maskKey?: MaskKey): Bytes {
  requireRecord(prepared, 'a prepared frame')
  const { unmasked, headerSize } = prepared
  requireBytes(unmasked, '`unmasked` of a prepared frame')
  requireWhole(headerSize, '`headerSize` of a prepared frame', 0, unmasked.length)
  if (maskKey === undefined) return new Uint8Array(unmasked)
  const key = takeMaskKey(maskKey)
  const bytes = new Uint8Array(unmasked.length + 4)
  bytes.set(unmasked.subarray(0, headerSize))
  bytes[1] = (unmasked[1] as number) | MASK_BIT
  writeInt32(bytes, headerSize, key)
  maskOut(unmasked.subarray(headerSize), bytes, headerSize + 4, key)
  return bytes
}
