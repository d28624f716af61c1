/**
 * A codec on `node:zlib` streams that are kept from message to message: decides when a stream can continue, and when a fresh one is
 * needed.
 *
 * @module
 */

import zlib from 'node:zlib'
import type { Compressor, CompressorSettings, Decompressed, Decompressor, DeflateCodec } from '../deflate/codec.ts'
import type { Bytes } from '../types.ts'
import { Drain } from './output.ts'
import {
  EXPANSION,
  emptyBlock,
  lastOf,
  MAX_SHORT,
  MIN_COMPRESSOR_BITS,
  SHORT_MEM_LEVEL,
  SHORT_WINDOW_BITS,
  storedHeader,
} from './window.ts'
import { Engine, requireDataError, type ZlibError } from './zlib-engine.ts'

/** Keeps streams, which is much faster than one-shot calls on short messages. */
export const zlibStream: DeflateCodec = {
  name: 'zlib',
  minWindowBits: 8,
  createCompressor: (settings) => new StreamCompressor(settings),
  createDecompressor: (windowBits) => new StreamDecompressor(windowBits),
}

class StreamCompressor implements Compressor {
  private readonly settings: CompressorSettings
  private readonly drain: Drain = new Drain()
  /** Continues from message to message: only ever one stream of bytes, from its start. */
  private kept: Engine | undefined = undefined

  constructor(settings: CompressorSettings) {
    this.settings = settings
  }

  compress(input: Uint8Array, window: Uint8Array, continues: boolean): Bytes {
    if (!continues) this.forget()
    if (input.length === 0) return emptyBlock()
    if (!continues && window.length === 0 && input.length <= MAX_SHORT) return this.compressShort(input)
    this.kept ??= this.open(window)
    return this.run(this.kept, input)
  }

  close(): void {
    this.forget()
    this.drain.release()
  }

  private forget(): void {
    this.kept?.close()
    this.kept = undefined
  }

  private run(engine: Engine, input: Uint8Array): Bytes {
    const output = engine.run(this.drain, input, Infinity, Infinity, input.length)
    if (output === undefined || engine.error !== undefined)
      throw new Error('node:zlib cannot compress', { cause: engine.error })
    return output
  }

  /** Uses a temporary stream: nothing is kept between messages without a window. */
  private compressShort(input: Uint8Array): Bytes {
    const { windowBits, level, memLevel } = this.settings
    const bits = Math.min(windowBits, SHORT_WINDOW_BITS)
    const engine = openCompressor({ windowBits: bits, level, memLevel: Math.min(memLevel, SHORT_MEM_LEVEL) })
    try {
      return this.run(engine, input)
    } finally {
      engine.close()
    }
  }

  /** Opens a new stream: a used one would leak its earlier input. */
  private open(window: Uint8Array): Engine {
    const primer = lastOf(window, 2 ** this.settings.windowBits)
    if (primer.length === 0) return openCompressor(this.settings)
    if (dictionariesWork()) return openCompressor(this.settings, primer)
    const engine = openCompressor(this.settings)
    engine.swallow(this.drain, primer)
    return engine
  }
}

function openCompressor({ windowBits, level, memLevel }: CompressorSettings, dictionary?: Uint8Array): Engine {
  const settings = { windowBits: Math.max(windowBits, MIN_COMPRESSOR_BITS), level, memLevel }
  return new Engine(zlib.createDeflateRaw(dictionary === undefined ? settings : { ...settings, dictionary }))
}

let dictionaries: boolean | undefined

/** Deno ignores the dictionary of a raw stream. */
function dictionariesWork(): boolean {
  dictionaries ??= triesDictionary()
  return dictionaries
}

function triesDictionary(): boolean {
  const text = Uint8Array.from({ length: 64 }, (_, index) => (index * 37) & 0xff)
  const engine = openCompressor({ windowBits: 9, level: 6, memLevel: 1 }, text)
  const output = engine.run(new Drain(), text, Infinity, Infinity, text.length)
  engine.close()
  return output !== undefined && output.length < text.length / 2
}

class StreamDecompressor implements Decompressor {
  private readonly windowBits: number
  private readonly drain: Drain = new Drain()
  private engine: Engine | undefined = undefined
  /** Why the stream has failed. */
  private fault: ZlibError | undefined = undefined

  constructor(windowBits: number) {
    this.windowBits = windowBits
  }

  /**
   * Feeds the window in as a stored block. Faster than a new stream with a dictionary; without a window, a reset is much faster
   * than a new stream.
   */
  start(window: Uint8Array): void {
    this.fault = undefined
    this.drain.paused = false
    if (this.engine === undefined) this.engine = this.open()
    else this.engine.reset()
    const before = lastOf(window, 2 ** this.windowBits)
    if (before.length === 0) return
    this.engine.swallow(this.drain, storedHeader(before.length))
    this.engine.swallow(this.drain, before)
  }

  /** An end is noticed only by unread input: if there is none, the status is `'more'` now and `'ended'` next time. */
  decompress(input: Uint8Array, room: number, wanted = Infinity): Decompressed {
    if (this.fault !== undefined) return stopped('corrupt', this.fault)
    this.engine ??= this.open()
    const { engine, drain } = this
    const output = engine.run(drain, input, room, wanted, EXPANSION * input.length)
    if (output === undefined) return stopped('limit')
    if (engine.error !== undefined) {
      engine.close()
      this.engine = undefined
      this.fault = requireDataError(engine.error)
      return stopped('corrupt', this.fault)
    }
    const status = drain.paused ? 'paused' : engine.left > 0 ? 'ended' : 'more'
    return { status, consumed: input.length - engine.left, output }
  }

  close(): void {
    this.engine?.close()
    this.engine = undefined
    this.drain.release()
  }

  private open(): Engine {
    return new Engine(zlib.createInflateRaw({ windowBits: this.windowBits }))
  }
}

function stopped(status: 'limit' | 'corrupt', cause?: Error): Decompressed {
  return { status, consumed: 0, output: new Uint8Array(0), cause }
}
