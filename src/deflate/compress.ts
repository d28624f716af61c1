/**
 * Messages on their way out (RFC 7692 §7.2.1): which are compressed, from which window, and what is cut off. Knows the codec by
 * its interface; nothing of frames and of negotiation.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { nothing } from '../bytes/view.ts'
import type { PieceInfo } from '../frame/transform.ts'
import type { Compressors } from './compressors.ts'
import { SlidingWindow } from './window.ts'

/** "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."                                 RFC 7692 §7.2.1 */
const TAIL_SIZE = 4

/**
 * How much is kept of our own messages, as a power of two, for a compressor that has to begin anew behind them. More would be as
 * legal: each byte has to be hashed, and those far back are seldom of use. JSON of 1 KiB by zlib takes 344 bytes and 39 µs behind
 * nothing, 214 and 40 behind 4 KiB, 211 and 54 behind 8 KiB, 202 and 96 behind 32 KiB.
 */
export const KEPT_BITS = 13

/** The outgoing half of one connection. */
export class MessageCompressor {
  private readonly compressors: Compressors
  private readonly windowBits: number
  private readonly threshold: number
  /** The end of what the peer has of the messages before; `undefined`: nothing, ever. */
  private readonly window: SlidingWindow | undefined

  /** @param takesOver Whether a message goes on from the window of the last one (RFC 7692 §7.1.1). */
  constructor(compressors: Compressors, windowBits: number, takesOver: boolean, threshold: number) {
    this.compressors = compressors
    this.windowBits = windowBits
    this.threshold = threshold
    this.window = takesOver ? new SlidingWindow(Math.min(windowBits, KEPT_BITS)) : undefined
  }

  /** A piece of a message, compressed; `undefined` for the first: the message goes as it is. */
  encode(piece: Uint8Array, { first, last, compress }: PieceInfo): Uint8Array | undefined {
    if (first && !(compress ?? (!last || piece.length >= this.threshold))) return undefined
    return first && last ? this.whole(piece) : this.piece(piece, last)
  }

  /** What the peer has of our messages, base64. */
  snapshot(): string {
    return encodeBase64(this.window?.view() ?? nothing)
  }

  resume(window: string): void {
    this.window?.append(decodeBase64(window))
  }

  close(): void {
    this.compressors.release(this)
  }

  /** A message at once. What does not get smaller goes as it is, and then its bytes never were: the peer has not seen them. */
  private whole(message: Uint8Array): Uint8Array | undefined {
    const { compressors, window, windowBits } = this
    // Without a window every message begins anew, and any compressor will do: one serves all such connections.
    const user = window === undefined ? windowBits : this
    if (message.length === 0) return undefined
    const output = compressors.compress(user, windowBits, message, window?.view() ?? nothing)
    const size = output.length - TAIL_SIZE
    const smaller = size < message.length
    if (window === undefined || !smaller) compressors.disown(user)
    if (!smaller) return undefined
    window?.append(message)
    return output.subarray(0, size)
  }

  /** A message whose end is not there yet: each piece is flushed by itself, and only the last loses its tail. */
  private piece(piece: Uint8Array, last: boolean): Uint8Array {
    const { compressors, window, windowBits } = this
    if (piece.length === 0) {
      if (last && window === undefined) compressors.release(this)
      // The header of an empty stored block, the rest of which is the tail (RFC 7692 §7.2.3.6).
      return last ? Uint8Array.of(0) : new Uint8Array(0)
    }
    const output = compressors.compress(this, windowBits, piece, window?.view() ?? nothing)
    window?.append(piece)
    if (!last) return output
    if (window === undefined) compressors.release(this)
    return output.subarray(0, output.length - TAIL_SIZE)
  }
}
