/**
 * Frames that are encoded once and sent to many receivers. Each masked copy has its own key.
 *
 * @module
 */

import { requireRecord, requireWhole } from '../arguments.ts'
import { requireBytes } from '../bytes/view.ts'
import type { Bytes } from '../types.ts'
import { encodeFrame, type FrameInit, requireFrame } from './encode.ts'
import { lengthSizeOf, MASK_BIT, writeInt32 } from './header.ts'
import { type MaskKey, maskOut, takeMaskKey } from './mask.ts'

/**
 * A frame encoded by {@link prepareFrame}. All receivers share it: do not write to its bytes or transfer them.
 *
 * @category Frames and messages
 */
export interface PreparedFrame {
  /** The whole unmasked frame. */
  readonly unmasked: Bytes
  /** The size of its header in bytes. */
  readonly headerSize: number
}

/**
 * Encodes a frame once, for any number of receivers. Send the result of {@link frameBytes} to each.
 *
 * @param frame As for {@link encodeFrame}, without a key, because each receiver gets its own key. The payload is copied.
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
 * Copies a prepared frame for one receiver, without encoding the text or the header again.
 *
 * @param maskKey For frames that a client sends: four bytes, different for each frame, or `'random'` (RFC 6455 §5.1, §5.3). Omit it for
 *   the unmasked frames that a server sends.
 * @returns A new array for the receiver. If the transport does not write to the array, send `prepared.unmasked` to save the copy.
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
