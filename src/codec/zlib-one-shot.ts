/**
 * `node:zlib` by its documented one-shot calls: what is left where its streams cannot be used synchronously. Knows how to read a
 * stream that comes in pieces with calls that always begin at its beginning. Knows nothing of messages.
 *
 * @module
 */

import zlib from 'node:zlib'
import { join } from '../bytes/join.ts'
import type { Compressor, CompressorSettings, Decompressed, Decompressor, DeflateCodec } from '../deflate/codec.ts'
import type { Bytes } from '../types.ts'
import { emptyBlock, lastOf, MIN_COMPRESSOR_BITS, storedHeader } from './window.ts'
import { Z_SYNC_FLUSH } from './zlib-engine.ts'

/**
 * By one-shot calls, 10 to 100 µs each, and a decompressor that begins at the beginning with each piece of a stream: good for
 * streams that come in one or a few pieces.
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
      // A runtime that does not look at it makes more of the input, not something else.
      ...(primer.length > 0 && { dictionary: primer }),
    }
    // A copy: what comes is a part of something larger.
    return new Uint8Array(zlib.deflateRawSync(input, options))
  }

  close(): void {}
}

/**
 * Bytes read and written by one decompressor for one stream, over and over again, after which it gives up, as for too much output:
 * about a second. A message of 16 MiB may come in some 50 pieces, one of 1 MiB in 500.
 */
const MAX_WORK = 2 ** 29

/** The most that every runtime takes as a limit. */
const MAX_LIMIT = 2 ** 31 - 1

/** How much of an input is looked at first; then twice as much each time. */
const FIRST_LOOK = 4096

/** What all of the input comes to. */
interface Look {
  readonly status: 'more' | 'ended'
  /** How much of the input was read. */
  readonly read: number
  readonly output: Uint8Array
}

/** Keeps all input of a stream, and reads it again whenever more comes. */
class OneShotDecompressor implements Decompressor {
  private readonly windowBits: number
  /** All input, behind a stored block that holds the window: Deno does not look at the dictionary of a raw stream. */
  private input: Bytes = new Uint8Array(0)
  /** How much output has been handed out, or is the window. */
  private given = 0
  private work = 0
  /** Nothing comes after it. */
  private outcome: 'ended' | 'limit' | 'corrupt' | undefined = undefined

  constructor(windowBits: number) {
    this.windowBits = windowBits
  }

  start(window: Uint8Array): void {
    const before = lastOf(window, 2 ** this.windowBits)
    this.input = before.length > 0 ? join([storedHeader(before.length), before]) : new Uint8Array(0)
    this.given = before.length
    this.work = 0
    this.outcome = undefined
  }

  decompress(input: Uint8Array, room: number): Decompressed {
    if (this.outcome !== undefined) return nothing(this.outcome)
    const before = this.input.length
    const found = this.look(input, this.given + room)
    if (found === 'limit' || found === 'corrupt') {
      this.outcome = found
      return nothing(found)
    }
    if (found.status === 'ended') this.outcome = 'ended'
    // Not `slice`: it is a Buffer, the slices of which are views.
    const output = new Uint8Array(found.output.subarray(this.given))
    this.given = found.output.length
    return { status: found.status, consumed: found.read - before, output }
  }

  close(): void {
    this.start(new Uint8Array(0))
  }

  /**
   * From the beginning: first as a stream that ends, then as one that goes on. At first not as far as the input goes: short streams
   * may follow each other, and what is behind the first one would be copied for each of them.
   */
  private look(input: Uint8Array, limit: number): Look | 'limit' | 'corrupt' {
    const before = this.input
    let ended: Omit<Look, 'status'> | string = 'Z_BUF_ERROR'
    for (let size = FIRST_LOOK; ended === 'Z_BUF_ERROR'; size *= 2) {
      this.input = join([before, input.subarray(0, size)])
      ended = this.inflate(limit, {})
      if (size >= input.length) break
    }
    if (ended !== 'Z_BUF_ERROR') return this.judge('ended', ended, limit)
    return this.judge('more', this.inflate(limit, { finishFlush: Z_SYNC_FLUSH }), limit)
  }

  private judge(
    status: Look['status'],
    found: Omit<Look, 'status'> | string,
    limit: number,
  ): Look | 'limit' | 'corrupt' {
    if (typeof found === 'string') return found === 'ERR_BUFFER_TOO_LARGE' ? 'limit' : 'corrupt'
    this.work += found.read + found.output.length
    // Beyond the limit by one byte at most, where it is 0.
    return found.output.length > limit || this.work > MAX_WORK ? 'limit' : { status, ...found }
  }

  /** What comes out and how much was read, or the code of the error. */
  private inflate(limit: number, flush: { finishFlush?: number }): Omit<Look, 'status'> | string {
    const maxOutputLength = Math.min(MAX_LIMIT, Math.max(1, limit))
    try {
      // With `info` an object comes, which its types do not tell.
      const found: unknown = zlib.inflateRawSync(this.input, {
        windowBits: this.windowBits,
        maxOutputLength,
        info: true,
        ...flush,
      })
      const { buffer, engine } = found as Inflated
      return { output: buffer, read: engine.bytesWritten }
    } catch (error) {
      return String((error as { code?: unknown }).code)
    }
  }
}

function nothing(status: Decompressed['status']): Decompressed {
  return { status, consumed: 0, output: new Uint8Array(0) }
}

interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}
