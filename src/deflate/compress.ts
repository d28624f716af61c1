/**
 * Compresses outgoing messages (RFC 7692 §7.2.1) before they are framed: decides which to compress, keeps the window, and cuts the
 * tail off.
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
 * How much of our own messages to keep, as a power of two, for a compressor that has to restart after them. More is allowed, but
 * every byte must be hashed again, and distant ones rarely help: beyond this size the time grows far more than the ratio improves.
 */
export const KEPT_BITS = 13

/** The outgoing half of one connection. */
export class MessageCompressor {
  private readonly compressors: Compressors
  private readonly windowBits: number
  private readonly threshold: number
  /** The last bytes that the peer has received; `undefined`: never kept. */
  private readonly window: SlidingWindow | undefined

  /** @param takesOver Whether a message continues from the window of the last one (RFC 7692 §7.1.1). */
  constructor(compressors: Compressors, windowBits: number, takesOver: boolean, threshold: number) {
    this.compressors = compressors
    this.windowBits = windowBits
    this.threshold = threshold
    this.window = takesOver ? new SlidingWindow(Math.min(windowBits, KEPT_BITS)) : undefined
  }

  /** Compresses a piece of a message; `undefined` for the first: the message is sent uncompressed. */
  encode(piece: Uint8Array, { first, last, compress }: PieceInfo): Uint8Array | undefined {
    if (first && !(compress ?? (!last || piece.length >= this.threshold))) return undefined
    return first && last ? this.whole(piece) : this.piece(piece, last)
  }

  /** The window of our messages, as base64. */
  snapshot(): string {
    return encodeBase64(this.window?.view() ?? nothing)
  }

  resume(window: string): void {
    this.window?.append(decodeBase64(window))
  }

  close(): void {
    this.compressors.release(this)
  }

  /**
   * Compresses a whole message. One that does not shrink is sent uncompressed, and stays out of the window: the peer's lacks it,
   * too.
   */
  private whole(message: Uint8Array): Uint8Array | undefined {
    const { compressors, window, windowBits } = this
    // Without a window every message starts fresh, so one compressor serves all such connections.
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

  /** Compresses a piece of a fragmented message: each piece is flushed, and only the last loses its tail. */
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
