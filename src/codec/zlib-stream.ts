/**
 * A codec that keeps `node:zlib` streams from message to message and uses them synchronously. The only file that relies on an undocumented
 * feature: the handle inside a stream, which Node, Bun, Deno and workerd all have. {@link streamsWork} tests whether it behaves as
 * described here.
 *
 * @module
 */

import zlib from 'node:zlib'
import { nothing } from '../bytes/view.ts'
import type { Compressor, CompressorSettings, Decompressed, Decompressor, DeflateCodec } from '../deflate/codec.ts'
import type { Bytes } from '../types.ts'
import { Drain, type Source } from './drain.ts'
import { EXPANSION, emptyBlock, lastOf, MAX_SHORT, MIN_COMPRESSOR_BITS, shortSettings, storedHeader } from './shared.ts'

/** zlib's value. `node:zlib` also exports it, among constants that some runtimes lack. */
export const Z_SYNC_FLUSH = 2

/** An error of `node:zlib`, as its documented calls throw it. */
export interface ZlibError extends Error {
  readonly code?: unknown
  readonly errno?: unknown
}

/** The codes of errors that concern the library, the machine or the caller, not the data. */
const libraryErrors = /^(ERR_|Z_(MEM|STREAM|VERSION)_ERROR|Z_ERRNO)/

/**
 * Returns an error if it is about the data.
 *
 * @throws The same error if it is about anything else, such as a lack of memory.
 */
export function requireDataError(error: ZlibError): ZlibError {
  if (error instanceof RangeError || libraryErrors.test(String(error.code))) throw error
  return error
}

/** The native half of a stream. */
interface Handle {
  /** Consumes input and produces output as far as possible. {@link NativeStream._writeState} reports how much. */
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputSize: number,
    output: Uint8Array,
    outputOffset: number,
    outputSize: number,
  ): void
  /** Starts a new stream with the same settings. */
  reset(): void
  close(): void
  /** Called during `writeSync` with the message, status and name of zlib's error. */
  onerror: (message: string, status: number, code: string) => void
}

/** A value that zlib never writes to {@link NativeStream._writeState}. */
const UNTOUCHED = 0xffff_ffff

/** The result of `createDeflateRaw` and `createInflateRaw`. Never written to as a stream. */
interface NativeStream {
  readonly _handle: Handle
  /** Bytes left in the output and in the input; unchanged after an error. */
  readonly _writeState: Uint32Array
  /** Without a listener an error would be thrown later, uncaught. */
  on(event: 'error', listener: () => void): void
}

/** Native code counts in 32 bits, and would truncate the length of a longer input. */
const MAX_INPUT = 2 ** 31 - 1

/** One native stream. */
class Engine implements Source {
  readonly #handle: Handle
  readonly #state: Uint32Array
  #input: Uint8Array = nothing
  #at = 0
  /** Unread bytes of the last input. */
  left = 0
  /** The error of the last write. The stream is unusable afterwards. */
  error: ZlibError | undefined = undefined

  /** @param stream A result of `createDeflateRaw` or `createInflateRaw`; owned by the engine. */
  constructor(stream: object) {
    const native = stream as NativeStream
    this.#handle = native._handle
    this.#state = native._writeState
    this.#handle.onerror = (message, errno, code) => {
      this.error = Object.assign(new Error(message), { errno, code })
    }
    native.on('error', () => {})
  }

  /** Returns the output for `input`, as {@link Drain.take} does. Check {@link error} after the call. */
  run(drain: Drain, input: Uint8Array, remaining: number, wanted: number, expected: number): Bytes | undefined {
    this.#feed(input)
    const output = drain.take(this, remaining, wanted, expected)
    this.#input = nothing
    return output
  }

  /** Does the same as {@link run}, but only updates the window: the output is dropped. */
  swallow(drain: Drain, input: Uint8Array): void {
    this.#feed(input)
    drain.discard(this)
    this.#input = nothing
  }

  fill(output: Bytes, size: number): number {
    this.error = undefined
    const state = this.#state
    state[0] = UNTOUCHED
    this.#handle.writeSync(Z_SYNC_FLUSH, this.#input, this.#at, this.left, output, 0, size)
    const [remaining = UNTOUCHED, left = 0] = state
    // workerd calls its own handler, and only leaves the state unchanged. Invalid data are the likely cause: a lack of
    // memory shows when a stream is created.
    if (remaining === UNTOUCHED) this.error ??= Object.assign(new Error('invalid data'), { code: 'Z_DATA_ERROR' })
    if (this.error !== undefined) return 0
    this.#at += this.left - left
    this.left = left
    return size - remaining
  }

  /**
   * Starts a new stream with an empty window. Not for compressors: Node hashes four bytes, and the fourth byte past the end of an input is
   * left over from before the reset, so the output would reveal it.
   */
  reset(): void {
    this.#handle.reset()
  }

  /** Frees native memory at once. The stream's own `close` does the same, emits an event later, and is slower. */
  close(): void {
    try {
      this.#handle.close()
    } catch {
      // workerd closes the handle itself after an error.
    }
  }

  #feed(input: Uint8Array): void {
    if (input.length > MAX_INPUT) throw new RangeError(`at most ${MAX_INPUT} bytes at once, not ${input.length}`)
    this.#input = input
    this.#at = 0
    this.left = input.length
  }
}

/** Keeps streams, which is much faster than one-shot calls for short messages. */
export const zlibStream: DeflateCodec = {
  name: 'zlib',
  minWindowBits: 8,
  createCompressor: (settings) => new StreamCompressor(settings),
  createDecompressor: (windowBits) => new StreamDecompressor(windowBits),
}

class StreamCompressor implements Compressor {
  readonly #settings: CompressorSettings
  readonly #drain: Drain = new Drain()
  /** The stream that continues from message to message. Only ever one stream of bytes, from its start. */
  #kept: Engine | undefined = undefined

  constructor(settings: CompressorSettings) {
    this.#settings = settings
  }

  compress(input: Uint8Array, window: Uint8Array, continues: boolean): Bytes {
    if (!continues) this.#forget()
    if (input.length === 0) return emptyBlock()
    if (!continues && window.length === 0 && input.length <= MAX_SHORT) {
      // A temporary stream, because nothing is kept between messages without a window.
      const engine = openCompressor(shortSettings(this.#settings))
      try {
        return this.#run(engine, input)
      } finally {
        engine.close()
      }
    }
    this.#kept ??= this.#open(window)
    return this.#run(this.#kept, input)
  }

  close(): void {
    this.#forget()
    this.#drain.release()
  }

  #forget(): void {
    this.#kept?.close()
    this.#kept = undefined
  }

  #run(engine: Engine, input: Uint8Array): Bytes {
    const output = engine.run(this.#drain, input, Infinity, Infinity, input.length)
    if (output === undefined || engine.error !== undefined)
      throw new Error('node:zlib cannot compress', { cause: engine.error })
    return output
  }

  /** Opens a new stream. A used one would leak its earlier input. */
  #open(window: Uint8Array): Engine {
    const primer = lastOf(window, 2 ** this.#settings.windowBits)
    if (primer.length === 0) return openCompressor(this.#settings)
    dictionariesWork ??= tryDictionary()
    if (dictionariesWork) return openCompressor(this.#settings, primer)
    const engine = openCompressor(this.#settings)
    engine.swallow(this.#drain, primer)
    return engine
  }
}

function openCompressor({ windowBits, level, memLevel }: CompressorSettings, dictionary?: Uint8Array): Engine {
  const settings = { windowBits: Math.max(windowBits, MIN_COMPRESSOR_BITS), level, memLevel }
  return new Engine(zlib.createDeflateRaw(dictionary === undefined ? settings : { ...settings, dictionary }))
}

/** Whether dictionaries work. Deno ignores the dictionary of a raw stream. */
let dictionariesWork: boolean | undefined

function tryDictionary(): boolean {
  const text = Uint8Array.from({ length: 64 }, (_, index) => (index * 37) & 0xff)
  const engine = openCompressor({ windowBits: 9, level: 6, memLevel: 1 }, text)
  const output = engine.run(new Drain(), text, Infinity, Infinity, text.length)
  engine.close()
  return output !== undefined && output.length < text.length / 2
}

class StreamDecompressor implements Decompressor {
  readonly #windowBits: number
  readonly #drain: Drain = new Drain()
  #engine: Engine | undefined = undefined
  /** Why the stream has failed. */
  #error: ZlibError | undefined = undefined

  constructor(windowBits: number) {
    this.#windowBits = windowBits
  }

  /**
   * Feeds the window in as a stored block. Faster than a new stream with a dictionary; without a window, a reset is much faster
   * than a new stream.
   */
  start(window: Uint8Array): void {
    this.#error = undefined
    this.#drain.paused = false
    this.#engine?.reset()
    const before = lastOf(window, 2 ** this.#windowBits)
    if (before.length === 0) return
    const engine = this.#open()
    engine.swallow(this.#drain, storedHeader(before.length))
    engine.swallow(this.#drain, before)
  }

  /** Notices an end only if unread input follows. Without any, the status is `'more'` now and `'ended'` next time. */
  decompress(input: Uint8Array, remaining: number, wanted = Infinity): Decompressed {
    if (this.#error !== undefined) return stopped('corrupt', this.#error)
    const engine = this.#open()
    const drain = this.#drain
    const output = engine.run(drain, input, remaining, wanted, EXPANSION * input.length)
    if (output === undefined) return stopped('limit')
    if (engine.error !== undefined) {
      engine.close()
      this.#engine = undefined
      this.#error = requireDataError(engine.error)
      return stopped('corrupt', this.#error)
    }
    const status = drain.paused ? 'paused' : engine.left > 0 ? 'ended' : 'more'
    return { status, consumed: input.length - engine.left, output }
  }

  close(): void {
    this.#engine?.close()
    this.#engine = undefined
    this.#drain.release()
  }

  #open(): Engine {
    this.#engine ??= new Engine(zlib.createInflateRaw({ windowBits: this.#windowBits }))
    return this.#engine
  }
}

/** Returns the result of a stream that cannot continue. */
export function stopped(status: Decompressed['status'], cause?: Error): Decompressed {
  return { status, consumed: 0, output: new Uint8Array(0), cause }
}

let works: boolean | undefined

/** Whether {@link zlibStream} can be used in this runtime. The first call runs the test. */
export function streamsWork(): boolean {
  works ??= passes(zlibStream)
  return works
}

/** Whether a codec works correctly on known data. Returns false if anything throws. */
export function passes(codec: DeflateCodec): boolean {
  try {
    return testCodec(codec)
  } catch {
    return false
  }
}

/** Tests everything that depends on the runtime: flushes, partial output, pauses, windows, ends, invalid data and resets. */
function testCodec(codec: DeflateCodec): boolean {
  const compressor = codec.createCompressor({ windowBits: 15, level: 6, memLevel: 8 })
  const decompressor = codec.createDecompressor(15)
  let left = 0
  const gives = (
    input: Uint8Array,
    status: Decompressed['status'],
    expected: Uint8Array,
    window?: Uint8Array,
  ): boolean => {
    if (window !== undefined) decompressor.start(window)
    const { consumed, output, status: found } = decompressor.decompress(input, expected.length)
    left = input.length - consumed
    return found === status && isSame(output, expected)
  }
  try {
    const [short, long] = [sample(200), sample(50_000)]
    const first = compressor.compress(short, nothing, true)
    const second = compressor.compress(long, short, true)
    return (
      gives(first, 'more', short, nothing) &&
      gives(second, 'more', long) &&
      gives(Uint8Array.of(1, 0, 0, 0xff, 0xff, 0), 'ended', nothing) &&
      left === 1 &&
      gives(first, 'ended', nothing) &&
      left === first.length &&
      gives(second, 'limit', nothing, short) &&
      gives(Uint8Array.of(7), 'corrupt', nothing, nothing) &&
      gives(compressor.compress(short, short, false), 'more', short, short) &&
      pauses(decompressor, first, short)
    )
  } finally {
    compressor.close()
    decompressor.close()
  }
}

/** Whether nothing is lost when the output pauses. A codec that cannot pause returns everything. */
function pauses(decompressor: Decompressor, input: Uint8Array, expected: Uint8Array): boolean {
  decompressor.start(nothing)
  const { status, consumed, output } = decompressor.decompress(input, expected.length, 150)
  if (status !== 'paused') return isSame(output, expected)
  const rest = decompressor.decompress(input.subarray(consumed), expected.length - output.length).output
  return isSame(output, expected.subarray(0, 150)) && isSame(rest, expected.subarray(150))
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** Partly repetitive bytes. */
function sample(size: number): Bytes {
  return Uint8Array.from({ length: size }, (_, index) => (index % 37) ^ ((index * index) >>> 11))
}
