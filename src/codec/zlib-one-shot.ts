/**
 * A codec that uses the documented one-shot calls of `node:zlib`, for runtimes whose streams cannot be used synchronously. Each call starts
 * at the beginning of a stream, so a message that arrives in pieces is read again.
 *
 * @module
 */

import zlib from 'node:zlib'
import { Collector, KEEP_FROM } from '../bytes/collector.ts'
import { join } from '../bytes/join.ts'
import type { Compressor, CompressorSettings, Decompressed, Decompressor, DeflateCodec } from '../deflate/codec.ts'
import type { Bytes } from '../types.ts'
import { emptyBlock, lastOf, MIN_COMPRESSOR_BITS, storedHeader } from './shared.ts'
import { requireDataError, stopped, Z_SYNC_FLUSH, type ZlibError } from './zlib-stream.ts'

/**
 * Compresses and decompresses with one-shot calls. The decompressor restarts from the beginning with each piece of a stream, so it suits
 * streams of one or a few pieces. It cannot pause: it returns all output of a piece at once, however little is wanted.
 */
export const zlibOneShot: DeflateCodec = {
  name: 'zlib',
  minWindowBits: 8,
  createCompressor: (settings) => new OneShotCompressor(settings),
  createDecompressor: (windowBits) => new OneShotDecompressor(windowBits),
}

class OneShotCompressor implements Compressor {
  readonly #settings: CompressorSettings

  constructor(settings: CompressorSettings) {
    this.#settings = settings
  }

  compress(input: Uint8Array, window: Uint8Array): Bytes {
    if (input.length === 0) return emptyBlock()
    const { windowBits, level, memLevel } = this.#settings
    const primer = lastOf(window, 2 ** windowBits)
    const options = {
      windowBits: Math.max(windowBits, MIN_COMPRESSOR_BITS),
      level,
      memLevel,
      finishFlush: Z_SYNC_FLUSH,
      // A runtime that ignores the dictionary still compresses correctly, but less.
      ...(primer.length > 0 && { dictionary: primer }),
    }
    // Copied, because the result is part of a larger buffer.
    return new Uint8Array(zlib.deflateRawSync(input, options))
  }

  close(): void {}
}

/** The maximum input kept per stream, in bytes. */
const MAX_KEPT = 2 ** 27

/** The largest limit that every runtime accepts. */
const MAX_LIMIT = 2 ** 31 - 1

/**
 * How many bytes to read and write for one stream while each piece is decompressed as it arrives. After that, pieces wait until they double
 * the input, or the message ends, so the time stays proportional to the size of the stream for any number of pieces.
 */
const MAX_EAGER_WORK = 2 ** 25

/** How much of an input is tried first, in bytes. Doubled each time. */
const FIRST_LOOK = 4096

/** All output of a stream, and how much of the input was read. */
interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

/** Keeps all input of a stream, and reads it again whenever more arrives. */
class OneShotDecompressor implements Decompressor {
  readonly #windowBits: number
  /** All input, after a stored block that contains the window, because Deno ignores the dictionary of a raw stream. */
  #input: Bytes = new Uint8Array(0)
  /** Input received since the last read. */
  #late = new Collector()
  /** Bytes of output already returned, including the window. */
  #given = 0
  #work = 0
  /** The result after the stream has ended or failed. */
  #stop: Decompressed | undefined = undefined

  constructor(windowBits: number) {
    this.#windowBits = windowBits
  }

  start(window: Uint8Array): void {
    const before = lastOf(window, 2 ** this.#windowBits)
    this.#input = before.length > 0 ? join([storedHeader(before.length), before]) : new Uint8Array(0)
    this.#late = new Collector()
    this.#given = before.length
    this.#work = 0
    this.#stop = undefined
  }

  decompress(input: Uint8Array, remaining: number, _wanted = Infinity, last = false): Decompressed {
    if (this.#stop !== undefined) return this.#stop
    const late = this.#late
    if (!last && this.#work > MAX_EAGER_WORK && late.size + input.length < this.#input.length) {
      if (input.length < KEEP_FROM) late.copy(input)
      else late.keep(new Uint8Array(input))
      return { status: 'more', consumed: input.length, output: new Uint8Array(0) }
    }
    if (late.size === 0) return this.#read(input, remaining)
    const held = late.join()
    this.#late = new Collector()
    const step = this.#read(join([held, input]), remaining)
    const consumed = step.consumed - held.length
    if (consumed >= 0 || step.status !== 'ended') return { ...step, consumed: Math.max(0, consumed) }
    return { ...step, consumed: 0, unread: held.slice(step.consumed) }
  }

  close(): void {
    this.start(new Uint8Array(0))
  }

  #read(input: Uint8Array, remaining: number): Decompressed {
    const before = this.#input
    if (before.length + input.length > MAX_KEPT)
      return this.#fail('limit', new RangeError(`at most ${MAX_KEPT} bytes of a stream are kept`))
    const limit = this.#given + remaining
    let found: Inflated | ZlibError
    let ended: boolean
    // Reads from the beginning: first as a stream that ends, then as one that continues. Starts with part of the input: short
    // streams may follow each other, and the bytes after the first would be copied for each of them.
    let size = FIRST_LOOK
    do {
      this.#input = join([before, input.subarray(0, size)])
      found = this.#inflate(limit, {})
      ended = 'buffer' in found || found.code !== 'Z_BUF_ERROR'
      size *= 2
    } while (!ended && size < 2 * input.length)
    if (!ended) found = this.#inflate(limit, { finishFlush: Z_SYNC_FLUSH })
    if (!('buffer' in found)) {
      if (found.code !== 'ERR_BUFFER_TOO_LARGE') return this.#fail('corrupt', requireDataError(found))
      return this.#fail('limit', limit > MAX_LIMIT ? found : undefined)
    }
    const { buffer, engine } = found
    // If the limit is 0, the output may exceed it by one byte.
    if (buffer.length > limit) return this.#fail('limit')
    // Not `slice`: this is a Buffer, whose slices are views.
    const output = new Uint8Array(buffer.subarray(this.#given))
    this.#given = buffer.length
    if (ended) this.#stop = stopped('ended')
    return { status: ended ? 'ended' : 'more', consumed: engine.bytesWritten - before.length, output }
  }

  #fail(status: 'limit' | 'corrupt', cause?: Error): Decompressed {
    this.#stop = stopped(status, cause)
    return this.#stop
  }

  /** Returns the result for the whole input, or the error. */
  #inflate(limit: number, flush: { finishFlush?: number }): Inflated | ZlibError {
    const maxOutputLength = Math.min(MAX_LIMIT, Math.max(1, limit))
    this.#work += this.#input.length + this.#given
    try {
      const options = { windowBits: this.#windowBits, maxOutputLength, info: true, ...flush }
      // With `info` the result is an object, which the types lack.
      return zlib.inflateRawSync(this.#input, options) as unknown as Inflated
    } catch (error) {
      return error as ZlibError
    }
  }
}
