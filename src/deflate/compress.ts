/**
 * Compresses outgoing messages (RFC 7692 §7.2.1) before they are framed: decides which to compress, keeps the window, and cuts off the
 * tail. Compressors are large, so connections share a few.
 *
 * @module
 */

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { nothing } from '../bytes/view.ts'
import type { PieceInfo } from '../frame/transform.ts'
import type { Bytes } from '../types.ts'
import { type Compressor, type DeflateCodec, requireCompressed, requireStream } from './codec.ts'
import type { DeflateSide } from './params.ts'
import { SlidingWindow } from './window.ts'

/** "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."                                 RFC 7692 §7.2.1 */
const TAIL_SIZE = 4

/**
 * How much of our own messages to keep, as a power of two, for a compressor that has to restart after them. A larger window is allowed, but
 * every byte must be hashed again, and distant bytes rarely help: beyond this size the time grows far more than the ratio improves.
 */
export const KEPT_BITS = 13

interface PooledCompressor {
  readonly compressor: Compressor
  readonly windowBits: number
  /** Whether its state belongs to its current user. */
  current: boolean
}

/**
 * A bounded set of compressors of one codec. Each stays with the connection that used it last, and is reassigned when another one
 * needs it. A connection that loses its compressor keeps its own window; priming another compressor with it costs as much as
 * compressing a few KiB.
 */
export class Compressors {
  /** The compressors by user, least recently used first. */
  readonly #pool: Map<unknown, PooledCompressor> = new Map()
  readonly #codec: DeflateCodec
  readonly #settings: { readonly level: number; readonly memLevel: number }
  readonly #max: number

  constructor(codec: DeflateCodec, settings: { readonly level: number; readonly memLevel: number }, max: number) {
    this.#codec = codec
    this.#settings = settings
    this.#max = max
  }

  /**
   * Compresses `input` and flushes, as {@link Compressor.compress} does.
   *
   * @param user The owner of the stream.
   * @param window The preceding bytes of the stream.
   */
  compress(user: unknown, windowBits: number, input: Uint8Array, window: Uint8Array): Bytes {
    const own = this.#pool.get(user)
    const pooled = own ?? this.#takeOldest(windowBits) ?? this.#create(windowBits, window.length === 0)
    if (own !== undefined) this.#pool.delete(user)
    this.#pool.set(user, pooled)
    const continues = pooled.current
    // If the codec throws, the state belongs to no user.
    pooled.current = false
    const output = requireCompressed(pooled.compressor.compress(input, window, continues), this.#codec)
    pooled.current = true
    return output
  }

  /** Invalidates the compressor's state of `user`, because its last output was not sent, or ended its stream. */
  disown(user: unknown): void {
    const pooled = this.#pool.get(user)
    if (pooled !== undefined) pooled.current = false
  }

  /** Frees the compressor of `user`. */
  release(user: unknown): void {
    this.#pool.get(user)?.compressor.close()
    this.#pool.delete(user)
  }

  /** Takes the compressor of the least recently active user if the pool is full. Closes it if its window has another size. */
  #takeOldest(windowBits: number): PooledCompressor | undefined {
    const [oldest] = this.#pool
    if (oldest === undefined || this.#pool.size < this.#max) return undefined
    const [user, pooled] = oldest
    this.#pool.delete(user)
    pooled.current = false
    if (pooled.windowBits === windowBits) return pooled
    pooled.compressor.close()
    return undefined
  }

  /** @param current Whether its user has no window: a new compressor is in the right state then. */
  #create(windowBits: number, current: boolean): PooledCompressor {
    const compressor = this.#codec.createCompressor({ ...this.#settings, windowBits })
    return { compressor: requireStream(compressor, 'Compress', this.#codec), windowBits, current }
  }
}

/** The outgoing half of one connection. */
export class MessageCompressor {
  readonly #compressors: Compressors
  readonly #windowBits: number
  readonly #threshold: number
  /** The last bytes that the peer has received; `undefined` if no window is kept. */
  readonly #window: SlidingWindow | undefined

  constructor(compressors: Compressors, { windowBits, takesOver }: DeflateSide, threshold: number) {
    this.#compressors = compressors
    this.#windowBits = windowBits
    this.#threshold = threshold
    this.#window = takesOver ? new SlidingWindow(Math.min(windowBits, KEPT_BITS)) : undefined
  }

  /** Compresses a piece of a message. Returns `undefined` for the first piece if the message is to be sent uncompressed. */
  encode(piece: Uint8Array, { first, last, compress }: PieceInfo): Uint8Array | undefined {
    if (first && !(compress ?? (!last || piece.length >= this.#threshold))) return undefined
    if (first && last) return piece.length === 0 ? undefined : this.#encodeWhole(piece)
    return this.#encodePiece(piece, last)
  }

  /** A message that does not shrink is sent uncompressed. It is not added to the window, because the peer does not add it either. */
  #encodeWhole(message: Uint8Array): Uint8Array | undefined {
    const window = this.#window
    // Without a window every message starts fresh, so all such connections use one compressor.
    const user = window === undefined ? this.#windowBits : this
    const output = this.#compress(user, message)
    const size = output.length - TAIL_SIZE
    const smaller = size < message.length
    if (window === undefined || !smaller) this.#compressors.disown(user)
    if (!smaller) return undefined
    window?.append(message)
    return output.subarray(0, size)
  }

  /** Compresses and flushes each piece. Only the last piece loses its tail. */
  #encodePiece(piece: Uint8Array, last: boolean): Uint8Array {
    // For an empty piece: the header of an empty stored block, the rest of which is the tail (RFC 7692 §7.2.3.6).
    let output = new Uint8Array(last ? 1 : 0)
    if (piece.length > 0) {
      output = this.#compress(this, piece)
      this.#window?.append(piece)
      if (last) output = output.subarray(0, -TAIL_SIZE)
    }
    if (last && this.#window === undefined) this.#compressors.release(this)
    return output
  }

  #compress(user: unknown, input: Uint8Array): Bytes {
    return this.#compressors.compress(user, this.#windowBits, input, this.#window?.view() ?? nothing)
  }

  /** Returns the window of our messages, as base64. */
  snapshot(): string {
    return encodeBase64(this.#window?.view() ?? nothing)
  }

  resume(window: string): void {
    this.#window?.append(decodeBase64(window))
  }

  close(): void {
    this.#compressors.release(this)
  }
}
