/**
 * Compressors, which are large, shared by connections, which are many: each keeps to the connection that used it last, and moves
 * on when another one needs it more. Knows who may go on where; not what is compressed.
 *
 * What a connection would lose with its compressor is its window, which it keeps itself. Coming back costs as much as
 * compressing a few KiB; an idle connection then costs its windows only.
 *
 * @module
 */

import type { Bytes } from '../types.ts'
import { checkCompressed, checkCompressor } from './answers.ts'
import type { Compressor, DeflateCodec } from './codec.ts'

/** How many compressors work for all connections of one extension object, where nobody says otherwise: 268 KiB each in zlib. */
export const DEFAULT_COMPRESSORS = 32

interface Employed {
  readonly compressor: Compressor
  readonly windowBits: number
  /** Whether its state is that of the one it works for. */
  current: boolean
}

/** A bounded set of compressors of one codec. */
export class Compressors {
  /** By whom they work for, the one that has waited longest first. */
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
   * @param user Whose stream it is.
   * @param window What went before in it.
   */
  compress(user: unknown, windowBits: number, input: Uint8Array, window: Uint8Array): Bytes {
    const employed = this.employ(user, windowBits, window.length === 0)
    const continues = employed.current
    // Should the codec fail, its state is nobody's.
    employed.current = false
    const output = checkCompressed(employed.compressor.compress(input, window, continues), this.codec)
    employed.current = true
    return output
  }

  /** What `user` has compressed last was not sent, or ended its stream: the state of its compressor is no longer its own. */
  disown(user: unknown): void {
    const employed = this.employed.get(user)
    if (employed !== undefined) employed.current = false
  }

  /** `user` needs none any more. */
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

  /** Where no more may be made: that of the user who has not compressed for the longest time. */
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

  /** @param begins Whether its user has nothing before: then a new one is in the right state. */
  private create(windowBits: number, begins: boolean): Employed {
    const { codec, level, memLevel } = this
    const compressor = checkCompressor(codec.createCompressor({ windowBits, level, memLevel }), codec)
    return { compressor, windowBits, current: begins }
  }
}
