/**
 * A pool of decompressors, each borrowed for one incoming message: between messages a connection needs only its window.
 *
 * @module
 */

import { checkDecompressor } from './answers.ts'
import type { Decompressor, DeflateCodec } from './codec.ts'

/** Decompressors of one codec. One per window size is kept for reuse; more are created on demand. */
export class Decompressors {
  private readonly waiting = new Map<number, Decompressor>()
  readonly codec: DeflateCodec

  constructor(codec: DeflateCodec) {
    this.codec = codec
  }

  /** Yours alone until it is given back. Its state is undefined: call `start` first. */
  borrow(windowBits: number): Decompressor {
    const waiting = this.waiting.get(windowBits)
    if (waiting === undefined) return checkDecompressor(this.codec.createDecompressor(windowBits), this.codec)
    this.waiting.delete(windowBits)
    return waiting
  }

  giveBack(windowBits: number, decompressor: Decompressor): void {
    if (this.waiting.has(windowBits)) decompressor.close()
    else this.waiting.set(windowBits, decompressor)
  }
}
