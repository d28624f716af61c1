/**
 * Compresses message payloads with pako: decides when a stream can continue, and when a fresh one is cheaper.
 *
 * @module
 */

import {
  Z_BUF_ERROR,
  Z_DEFAULT_STRATEGY,
  Z_OK,
  Z_SYNC_FLUSH,
  ZStream,
  zlibDeflate,
  zlibDeflateInit2,
  zlibDeflateReset,
  zlibDeflateSetDictionary,
} from 'pako'
import type { Compressor, CompressorSettings } from '../deflate/codec.ts'
import type { Bytes } from '../types.ts'
import { Drain, type Source } from './output.ts'
import { emptyBlock, lastOf, MAX_SHORT, MIN_COMPRESSOR_BITS, SHORT_MEM_LEVEL, SHORT_WINDOW_BITS } from './window.ts'

/** The only compression method. */
const DEFLATED = 8

/** One pako deflate stream. */
class Engine implements Source {
  private readonly stream = new ZStream()
  private readonly nothing = new Uint8Array(0)

  /**
   * @param classicHash Use zlib's own hash of three bytes. pako's default reads four: for the last three bytes of an input, the
   *   fourth is left over from before, even before a reset, so whether a match is found reveals that byte. The default is faster,
   *   and safe if a stream is never reset.
   */
  constructor({ level, windowBits, memLevel }: CompressorSettings, classicHash: boolean) {
    const bits = Math.max(windowBits, MIN_COMPRESSOR_BITS)
    check(zlibDeflateInit2(this.stream, level, DEFLATED, -bits, memLevel, Z_DEFAULT_STRATEGY, classicHash))
  }

  /** The cost is proportional to the hash table, which is large with pako's default hash. */
  reset(): void {
    check(zlibDeflateReset(this.stream))
  }

  /** The cost is proportional to the window. */
  prime(window: Uint8Array): void {
    check(zlibDeflateSetDictionary(this.stream, window))
  }

  /** Compresses `input` and flushes. */
  run(drain: Drain, input: Uint8Array): Bytes {
    const { stream } = this
    stream.input = input
    stream.next_in = 0
    stream.avail_in = input.length
    const output = drain.take(this, Infinity, Infinity, input.length)
    stream.input = this.nothing
    stream.output = this.nothing
    return output ?? emptyBlock()
  }

  fill(output: Bytes, size: number): number {
    const { stream } = this
    stream.output = output
    stream.next_out = 0
    stream.avail_out = size
    const status = zlibDeflate(stream, Z_SYNC_FLUSH)
    // A "buffer error" only means that there was nothing to do.
    if (status !== Z_OK && status !== Z_BUF_ERROR) throw new Error(`pako cannot compress: ${stream.msg || status}`)
    return size - stream.avail_out
  }
}

function check(status: number): void {
  if (status !== Z_OK) throw new RangeError(`pako refuses these settings: status ${status}`)
}

/** A {@link Compressor} by pako. */
export class PakoCompressor implements Compressor {
  private readonly settings: CompressorSettings
  private readonly drain: Drain = new Drain()
  /** Continues from message to message: only ever one stream of bytes, from its start. */
  private kept: Engine | undefined = undefined
  /** For short messages that do not continue the last one: reset for each. */
  private short: Engine | undefined = undefined

  constructor(settings: CompressorSettings) {
    this.settings = settings
  }

  compress(input: Uint8Array, window: Uint8Array, continues: boolean): Bytes {
    if (!continues) this.kept = undefined
    if (input.length === 0) return emptyBlock()
    if (!continues && input.length <= MAX_SHORT) return this.compressShort(input, window)
    this.kept ??= this.open(window)
    return this.kept.run(this.drain, input)
  }

  close(): void {
    this.kept = undefined
    this.short = undefined
    this.drain.release()
  }

  /** A message that continues this one opens {@link kept}, which gets the whole window. */
  private compressShort(input: Uint8Array, window: Uint8Array): Bytes {
    if (this.short === undefined) this.short = new Engine(shortSettings(this.settings), true)
    else this.short.reset()
    if (window.length > 0) this.short.prime(lastOf(window, 2 ** Math.min(this.settings.windowBits, SHORT_WINDOW_BITS)))
    return this.short.run(this.drain, input)
  }

  /** Opens a new stream. Resetting an old one costs as much, and would need the slower hash. */
  private open(window: Uint8Array): Engine {
    const engine = new Engine(this.settings, false)
    if (window.length > 0) engine.prime(lastOf(window, 2 ** this.settings.windowBits))
    return engine
  }
}

function shortSettings({ windowBits, level, memLevel }: CompressorSettings): CompressorSettings {
  return { windowBits: Math.min(windowBits, SHORT_WINDOW_BITS), level, memLevel: Math.min(memLevel, SHORT_MEM_LEVEL) }
}
