/**
 * pako as a codec: DEFLATE in JavaScript, for every runtime. permessage-deflate uses it to compress and decompress messages.
 *
 * @module
 */

import {
  Z_BUF_ERROR,
  Z_DATA_ERROR,
  Z_DEFAULT_STRATEGY,
  Z_NEED_DICT,
  Z_OK,
  Z_STREAM_END,
  Z_SYNC_FLUSH,
  ZStream,
  zlibDeflate,
  zlibDeflateInit2,
  zlibDeflateReset,
  zlibDeflateSetDictionary,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
  zlibInflateSetDictionary,
} from 'pako'
import type { Compressor, CompressorSettings, Decompressed, Decompressor, DeflateCodec } from '../deflate/codec.ts'
import { requireWindowBits } from '../deflate/params.ts'
import type { Bytes } from '../types.ts'
import { Drain, type Source } from './drain.ts'
import {
  EXPANSION,
  emptyBlock,
  lastOf,
  MAX_SHORT,
  MIN_COMPRESSOR_BITS,
  requireSettings,
  SHORT_WINDOW_BITS,
  shortSettings,
} from './shared.ts'

/**
 * DEFLATE by pako 3, an optional peer dependency that you install yourself. Runs in every runtime. Memory: about 260 KiB for each
 * compressor that keeps its window (50 KiB for one that never does), and 40 KiB for each decompressor.
 *
 * @example const compressor = pako.createCompressor({ windowBits: 15, level: -1, memLevel: 8 })
 */
export const pako: DeflateCodec = {
  name: 'pako',
  minWindowBits: 8,
  createCompressor: (settings) => new PakoCompressor(requireSettings(settings)),
  createDecompressor: (windowBits) => new PakoDecompressor(requireWindowBits(windowBits, 'windowBits')),
}

/** The only compression method. */
const DEFLATED = 8

/** One pako deflate stream. */
class DeflateStream implements Source {
  readonly #stream = new ZStream()

  /**
   * @param classicHash Use zlib's original hash of three bytes. pako's default hash reads four: for the last three bytes of an input, the
   *   fourth byte is left over from earlier input, even after a reset, so whether a match is found reveals that byte. The default is
   *   faster, and safe if a stream is never reset.
   */
  constructor({ level, windowBits, memLevel }: CompressorSettings, classicHash: boolean) {
    const bits = Math.max(windowBits, MIN_COMPRESSOR_BITS)
    requireOk(zlibDeflateInit2(this.#stream, level, DEFLATED, -bits, memLevel, Z_DEFAULT_STRATEGY, classicHash))
  }

  /** The cost is proportional to the hash table, which is large with pako's default hash. */
  reset(): void {
    requireOk(zlibDeflateReset(this.#stream))
  }

  /** The cost is proportional to the window. */
  prime(window: Uint8Array): void {
    requireOk(zlibDeflateSetDictionary(this.#stream, window))
  }

  /** Compresses `input` and flushes. */
  run(drain: Drain, input: Uint8Array): Bytes {
    const stream = this.#stream
    setInput(stream, input)
    const output = drain.take(this, Infinity, Infinity, input.length)
    forgetArrays(stream)
    return output ?? emptyBlock()
  }

  fill(output: Bytes, size: number): number {
    const stream = this.#stream
    setOutput(stream, output, size)
    const status = zlibDeflate(stream, Z_SYNC_FLUSH)
    // A "buffer error" only means that there was nothing to do.
    if (status !== Z_OK && status !== Z_BUF_ERROR) throw new Error(`pako cannot compress: ${stream.msg || status}`)
    return size - stream.avail_out
  }
}

/** A {@link Compressor} by pako. */
class PakoCompressor implements Compressor {
  readonly #settings: CompressorSettings
  readonly #drain: Drain = new Drain()
  /** The stream that continues from message to message. Only ever one stream of bytes, from its start. */
  #kept: DeflateStream | undefined = undefined
  /** The stream for short messages that do not continue the last one. Reset for each message. */
  #short: DeflateStream | undefined = undefined

  constructor(settings: CompressorSettings) {
    this.#settings = settings
  }

  compress(input: Uint8Array, window: Uint8Array, continues: boolean): Bytes {
    if (!continues) this.#kept = undefined
    if (input.length === 0) return emptyBlock()
    if (!continues && input.length <= MAX_SHORT) return this.#compressShort(input, window)
    this.#kept ??= this.#open(window)
    return this.#kept.run(this.#drain, input)
  }

  close(): void {
    this.#kept = undefined
    this.#short = undefined
    this.#drain.release()
  }

  /** Compresses a short message. A message that continues this one opens {@link kept}, which gets the whole window. */
  #compressShort(input: Uint8Array, window: Uint8Array): Bytes {
    if (this.#short === undefined) this.#short = new DeflateStream(shortSettings(this.#settings), true)
    else this.#short.reset()
    if (window.length > 0)
      this.#short.prime(lastOf(window, 2 ** Math.min(this.#settings.windowBits, SHORT_WINDOW_BITS)))
    return this.#short.run(this.#drain, input)
  }

  /** Opens a new stream. Resetting an old one would cost as much, and would need the slower hash. */
  #open(window: Uint8Array): DeflateStream {
    const engine = new DeflateStream(this.#settings, false)
    if (window.length > 0) engine.prime(lastOf(window, 2 ** this.#settings.windowBits))
    return engine
  }
}

/** A {@link Decompressor} by pako: one inflate stream, created when needed. */
class PakoDecompressor implements Decompressor, Source {
  readonly #windowBits: number
  readonly #drain: Drain = new Drain()
  #stream: ZStream | undefined = undefined
  /** pako's last status. */
  #status: number = Z_OK

  constructor(windowBits: number) {
    this.#windowBits = windowBits
  }

  start(window: Uint8Array): void {
    this.#drain.paused = false
    const stream = this.#open()
    zlibInflateReset(stream)
    if (window.length > 0) zlibInflateSetDictionary(stream, lastOf(window, 2 ** this.#windowBits))
  }

  decompress(input: Uint8Array, remaining: number, wanted: number = Infinity): Decompressed {
    const stream = this.#open()
    const drain = this.#drain
    setInput(stream, input)
    const output = drain.take(this, remaining, wanted, EXPANSION * input.length)
    forgetArrays(stream)
    const consumed = input.length - stream.avail_in
    if (output === undefined) return { status: 'limit', consumed, output: new Uint8Array(0) }
    if (drain.paused) return { status: 'paused', consumed, output }
    const status = this.#status
    if (status === Z_STREAM_END) return { status: 'ended', consumed, output }
    // A "buffer error" only means that there was nothing to do.
    if (status === Z_OK || status === Z_BUF_ERROR) return { status: 'more', consumed, output }
    const cause = Object.assign(new Error(`pako: ${stream.msg || 'invalid DEFLATE'}`), { errno: status })
    // Anything else is a failure of the library, not the sender's doing.
    if (status !== Z_DATA_ERROR && status !== Z_NEED_DICT) throw cause
    return { status: 'corrupt', consumed, output: new Uint8Array(0), cause }
  }

  fill(output: Bytes, size: number): number {
    const stream = this.#open()
    setOutput(stream, output, size)
    this.#status = zlibInflate(stream, Z_SYNC_FLUSH)
    return size - stream.avail_out
  }

  close(): void {
    this.#stream = undefined
    this.#drain.release()
  }

  #open(): ZStream {
    if (this.#stream === undefined) {
      const stream = new ZStream()
      requireOk(zlibInflateInit2(stream, -this.#windowBits))
      this.#stream = stream
    }
    return this.#stream
  }
}

const nothing: Bytes = /* @__PURE__ */ new Uint8Array(0)

function setInput(stream: ZStream, input: Uint8Array): void {
  stream.input = input
  stream.next_in = 0
  stream.avail_in = input.length
}

function setOutput(stream: ZStream, output: Bytes, size: number): void {
  stream.output = output
  stream.next_out = 0
  stream.avail_out = size
}

/** Drops the arrays, so that the stream does not keep them alive. */
function forgetArrays(stream: ZStream): void {
  stream.input = nothing
  stream.output = nothing
}

function requireOk(status: number): void {
  if (status !== Z_OK) throw new RangeError(`pako refuses these settings: status ${status}`)
}
