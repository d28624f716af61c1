/**
 * A codec on the documented one-shot calls of `node:zlib`, for runtimes whose streams cannot be used synchronously. Each call
 * starts at the beginning of a stream, so a message that comes in pieces is read again.
 *
 * @module
 */

import zlib from 'node:zlib'
import { Collector, KEEP_FROM } from '../bytes/collector.ts'
import { join } from '../bytes/join.ts'
import type { Compressor, CompressorSettings, Decompressed, Decompressor, DeflateCodec } from '../deflate/codec.ts'
import type { Bytes } from '../types.ts'
import { emptyBlock, lastOf, MIN_COMPRESSOR_BITS, storedHeader } from './window.ts'
import { requireDataError, Z_SYNC_FLUSH, type ZlibError } from './zlib-engine.ts'

/**
 * A decompressor restarts from the beginning with each piece of a stream, so it suits streams of one or a few pieces. It cannot
 * pause: all output of a piece comes at once, whatever is wanted.
 */
export const zlibOneShot: DeflateCodec = {
  name: 'zlib',
  minWindowBits: 8,
  createCompressor: (settings) => new OneShotCompressor(settings),
  createDecompressor: (windowBits) => new OneShotDecompressor(windowBits),
}

class OneShotCompressor implements Compressor {
  private readonly settings: CompressorSettings

  constructor(settings: CompressorSettings) {
    this.settings = settings
  }

  compress(input: Uint8Array, window: Uint8Array): Bytes {
    if (input.length === 0) return emptyBlock()
    const { windowBits, level, memLevel } = this.settings
    const primer = lastOf(window, 2 ** windowBits)
    const options = {
      windowBits: Math.max(windowBits, MIN_COMPRESSOR_BITS),
      level,
      memLevel,
      finishFlush: Z_SYNC_FLUSH,
      // A runtime that ignores the dictionary still compresses correctly, but less.
      ...(primer.length > 0 && { dictionary: primer }),
    }
    // Copied: the result is part of a larger buffer.
    return new Uint8Array(zlib.deflateRawSync(input, options))
  }

  close(): void {}
}

/**
 * Bytes to read and write for one stream while each piece is decompressed as it arrives. Beyond that, pieces wait until there are
 * as many bytes as were decompressed last, or the message ends, so that the time stays proportional to the size of the stream, in
 * any number of pieces.
 */
const MAX_EAGER_WORK = 2 ** 25

/** Maximum input kept per stream. */
const MAX_KEPT = 2 ** 27

/** The largest limit that every runtime accepts. */
const MAX_LIMIT = 2 ** 31 - 1

/** How much of an input is tried first; doubled each time. */
const FIRST_LOOK = 4096

/** The result for all of the input. */
interface Look {
  readonly status: 'more' | 'ended'
  /** Bytes of the input read. */
  readonly read: number
  readonly output: Uint8Array
}

/** Why the stream yields no more. */
interface Stop {
  readonly status: 'ended' | 'limit' | 'corrupt'
  readonly cause?: unknown
}

/** Keeps all input of a stream, and reads it again whenever more arrives. */
class OneShotDecompressor implements Decompressor {
  private readonly windowBits: number
  /** All input, after a stored block that holds the window: Deno ignores the dictionary of a raw stream. */
  private input: Bytes = new Uint8Array(0)
  /** Input received since the last read. */
  private late = new Collector()
  /** Bytes of output already returned, including the window. */
  private given = 0
  private work = 0
  /** Set once the stream has ended or failed. */
  private stop: Stop | undefined = undefined

  constructor(windowBits: number) {
    this.windowBits = windowBits
  }

  start(window: Uint8Array): void {
    const before = lastOf(window, 2 ** this.windowBits)
    this.input = before.length > 0 ? join([storedHeader(before.length), before]) : new Uint8Array(0)
    this.late = new Collector()
    this.given = before.length
    this.work = 0
    this.stop = undefined
  }

  decompress(input: Uint8Array, room: number, _wanted = Infinity, last = false): Decompressed {
    if (this.stop !== undefined) return stopped(this.stop)
    const { late } = this
    if (!last && this.work > MAX_EAGER_WORK && late.size + input.length < this.input.length) {
      if (input.length < KEEP_FROM) late.copy(input)
      else late.keep(new Uint8Array(input))
      return { status: 'more', consumed: input.length, output: new Uint8Array(0) }
    }
    if (late.size === 0) return this.read(input, room)
    const held = late.join()
    this.late = new Collector()
    const found = this.read(join([held, input]), room)
    if (found.status !== 'ended') return { ...found, consumed: Math.max(0, found.consumed - held.length) }
    return found.consumed < held.length
      ? { ...found, consumed: 0, unread: held.slice(found.consumed) }
      : { ...found, consumed: found.consumed - held.length }
  }

  close(): void {
    this.start(new Uint8Array(0))
  }

  private read(input: Uint8Array, room: number): Decompressed {
    const before = this.input.length
    const found = before + input.length > MAX_KEPT ? tooMuch(input.length) : this.look(input, this.given + room)
    if (!('output' in found)) {
      this.stop = found
      return stopped(found)
    }
    const { status, output, read } = found
    if (status === 'ended') this.stop = { status }
    // Not `slice`: this is a Buffer, whose slices are views.
    const fresh = new Uint8Array(output.subarray(this.given))
    this.given = output.length
    return { status, consumed: read - before, output: fresh }
  }

  /**
   * Reads from the beginning: first as a stream that ends, then as one that continues. Starts with part of the input: short streams
   * may follow each other, and the bytes after the first would be copied for each of them.
   */
  private look(input: Uint8Array, limit: number): Look | Stop {
    const before = this.input
    for (let size = FIRST_LOOK; ; size *= 2) {
      this.input = join([before, input.subarray(0, size)])
      const ended = this.inflate(limit, {})
      const endsLater = !('output' in ended) && ended.code === 'Z_BUF_ERROR'
      if (!endsLater) return judge('ended', ended, limit)
      if (size >= input.length) return judge('more', this.inflate(limit, { finishFlush: Z_SYNC_FLUSH }), limit)
    }
  }

  /** The output and how much was read, or the error. */
  private inflate(limit: number, flush: { finishFlush?: number }): Omit<Look, 'status'> | ZlibError {
    const maxOutputLength = Math.min(MAX_LIMIT, Math.max(1, limit))
    this.work += this.input.length + this.given
    try {
      // With `info` the result is an object, which the types lack.
      const found: unknown = zlib.inflateRawSync(this.input, {
        windowBits: this.windowBits,
        maxOutputLength,
        info: true,
        ...flush,
      })
      const { buffer, engine } = found as Inflated
      return { output: buffer, read: engine.bytesWritten }
    } catch (error) {
      return error as ZlibError
    }
  }
}

function judge(status: Look['status'], found: Omit<Look, 'status'> | ZlibError, limit: number): Look | Stop {
  // Over the limit by one byte at most, if it is 0.
  if ('output' in found) return found.output.length > limit ? { status: 'limit' } : { status, ...found }
  if (found.code !== 'ERR_BUFFER_TOO_LARGE') return { status: 'corrupt', cause: requireDataError(found) }
  return limit > MAX_LIMIT ? { status: 'limit', cause: found } : { status: 'limit' }
}

function tooMuch(size: number): Stop {
  const message = `node:zlib by one-shot calls keeps ${MAX_KEPT} bytes of a compressed stream; ${size} more came`
  return { status: 'limit', cause: new RangeError(message) }
}

function stopped({ status, cause }: Stop): Decompressed {
  return { status, consumed: 0, output: new Uint8Array(0), cause }
}

interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}
