/**
 * A pool of compressors, which are large, shared by many connections: each stays with the connection that used it last, and is
 * reassigned when another one needs it.
 *
 * A connection that loses its compressor keeps its own window. Priming another compressor costs as much as compressing a few KiB;
 * an idle connection costs its windows only.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { checkCompressed, checkCompressor } from './answers.ts'
import type { Compressor, DeflateCodec } from './codec.ts'

/** Default number of compressors shared by all connections of one extension object: 268 KiB each in zlib. */
export const DEFAULT_COMPRESSORS = 32

interface Employed {
  readonly compressor: Compressor
  readonly windowBits: number
  /** Whether its state is that of its current user. */
  current: boolean
}

/** A bounded set of compressors of one codec. */
export class Compressors {
  /** By user, least recently used first. */
  private readonly employed = new Map<unknown, Employed>()
  private readonly codec: DeflateCodec
  private readonly level: number
  private readonly memLevel: number
  private readonly most: number

  constructor(codec: DeflateCodec, level: number, memLevel: number, most: number) {
    this.codec = codec
    this.level = level
    this.memLevel = memLevel
    this.most = most
  }

  /**
   * Compresses `input` and flushes, as {@link Compressor.compress} does.
   *
   * @param user The owner of the stream.
   * @param window The preceding bytes of the stream.
   */
  compress(user: unknown, windowBits: number, input: Uint8Array, window: Uint8Array): Bytes {
    const employed = this.employ(user, windowBits, window.length === 0)
    const continues = employed.current
    // If the codec throws, its state belongs to no user.
    employed.current = false
    const output = checkCompressed(employed.compressor.compress(input, window, continues), this.codec)
    employed.current = true
    return output
  }

  /** The last output of `user` was not sent, or ended its stream: its compressor's state is no longer valid. */
  disown(user: unknown): void {
    const employed = this.employed.get(user)
    if (employed !== undefined) employed.current = false
  }

  /** Frees the compressor of `user`. */
  release(user: unknown): void {
    this.employed.get(user)?.compressor.close()
    this.employed.delete(user)
  }

  private employ(user: unknown, windowBits: number, begins: boolean): Employed {
    const own = this.employed.get(user)
    const employed = own ?? this.vacancy(windowBits) ?? this.create(windowBits, begins)
    if (own !== undefined) this.employed.delete(user)
    this.employed.set(user, employed)
    return employed
  }

  /** If the pool is full: takes over the compressor of the least recently active user. */
  private vacancy(windowBits: number): Employed | undefined {
    if (this.employed.size < this.most) return undefined
    for (const [user, employed] of this.employed) {
      this.employed.delete(user)
      if (employed.windowBits === windowBits) return { ...employed, current: false }
      employed.compressor.close()
      break
    }
    return undefined
  }

  /** @param begins Whether its user has no window: then a new compressor is in the right state. */
  private create(windowBits: number, begins: boolean): Employed {
    const { codec, level, memLevel } = this
    const compressor = checkCompressor(codec.createCompressor({ windowBits, level, memLevel }), codec)
    return { compressor, windowBits, current: begins }
  }
}
