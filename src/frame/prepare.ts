/**
 * A frame that is encoded once and sent to many. Knows where in it the mask goes; nothing of receivers.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { encodeFrame, type FrameInit } from './encode.ts'
import { lengthSizeOf, MASK_BIT } from './header.ts'
import { maskOut } from './mask.ts'
import { type MaskKey, takeMaskKey, writeMaskKey } from './mask-key.ts'

/** A frame as {@link prepareFrame} encoded it. Shared by everyone it is sent to: nobody writes into its bytes. */
export interface PreparedFrame {
  /** The whole frame without a mask. */
  readonly unmasked: Bytes
  /** Bytes of its header. */
  readonly headerSize: number
}

/**
 * Encodes a frame once, for any number of receivers, who are each sent its {@link frameBytes}.
 *
 * @param frame As for {@link encodeFrame}, without a key: each receiver gets one of its own. The payload is copied.
 * @throws RangeError, TypeError as {@link encodeFrame} does; TypeError for a frame with a key.
 * @see RFC 6455 §5.2
 * @example
 * const prepared = prepareFrame({ opcode: Opcode.Text, payload: JSON.stringify(update) })
 * for (const socket of sockets) socket.write(frameBytes(prepared))
 */
export function prepareFrame(frame: Omit<FrameInit, 'maskKey'> & { readonly maskKey?: undefined }): PreparedFrame {
  if (frame.maskKey !== undefined) throw new TypeError('a prepared frame has no mask key: each receiver gets its own')
  const unmasked = encodeFrame(frame)
  return Object.freeze({ unmasked, headerSize: 2 + lengthSizeOf(unmasked[1] as number) })
}

/**
 * A prepared frame for one receiver. Neither the text nor the header is encoded again.
 *
 * @param maskKey For a client, whose every frame has a key of its own: four bytes, or `'random'` (RFC 6455 §5.1, §5.3). None:
 *   without a mask, as servers send.
 * @returns Without a key the shared bytes themselves, not to be written into; with one, a fresh array.
 * @throws RangeError for a key that is not 4 bytes long.
 * @see RFC 6455 §5.3
 * @example
 * socket.write(frameBytes(prepared, 'random')) // masked, with a key that no other receiver gets
 */
export function frameBytes(prepared: PreparedFrame, maskKey?: MaskKey): Bytes {
  const { unmasked, headerSize } = prepared
  if (maskKey === undefined) return unmasked
  const key = takeMaskKey(maskKey)
  const bytes = new Uint8Array(unmasked.length + 4)
  for (let i = 0; i < headerSize; i++) bytes[i] = unmasked[i] as number
  bytes[1] = (unmasked[1] as number) | MASK_BIT
  writeMaskKey(bytes, headerSize, key)
  maskOut(unmasked.subarray(headerSize), bytes, headerSize + 4, key)
  return bytes
}
