/**
 * Decompressors, lent for one message: between messages a connection needs its window only. Knows who has none to spare;
 * not what is decompressed.
 *
 * @module
 */

import { checkDecompressor } from './answers.ts'
import type { Decompressor, DeflateCodec } from './codec.ts'

/** Decompressors of one codec. One of each window size waits, for messages that are there whole; more are made when wanted. */
export class Decompressors {
  private readonly waiting = new Map<number, Decompressor>()
  readonly codec: DeflateCodec

  constructor(codec: DeflateCodec) {
    this.codec = codec
  }

  /** One that nobody else uses until it is given back. Its state is anybody's: `start` comes first. */
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
