/**
 * The interface that a compression library implements for permessage-deflate: raw DEFLATE (RFC 1951), synchronously. Also the checks that a
 * codec implements it. The caller handles windows, tails and limits.
 *
 * @module
 */

import { requireRecord, requireType, wrongAnswer } from '../arguments.ts'
import { isBytes } from '../bytes/view.ts'
import type { Bytes } from '../types.ts'
import { requireWindowBits } from './params.ts'

/**
 * The settings of a compressor.
 *
 * @category Compression and extensions
 */
export interface CompressorSettings {
  /** The receiver's window, as a power of two: 8 to 15. No reference reaches further back. */
  readonly windowBits: number
  /** 0 (no compression) to 9 (smallest output); -1 for the library's default. */
  readonly level: number
  /** 1 (little memory) to 9 (fast). */
  readonly memLevel: number
}

/**
 * One compression stream.
 *
 * @category Compression and extensions
 */
export interface Compressor {
  /**
   * Compresses all of `input` and flushes, so that its last byte can be decoded from the output. The output is whole bytes that end with an
   * empty stored block, `00 00 ff ff` (RFC 7692 §7.2.1).
   *
   * @param input Read only, during the call only.
   * @param window The preceding bytes, as the receiver has them: at most 2^windowBits.
   * @param continues Whether the compressor's state can be used: `window` ends with the last input of this compressor, or the compressor is
   *   new and `window` is empty. Otherwise the state is stale or another connection's, and must not influence the output. A reset is often
   *   not enough, because zlib's hash reads a byte left over from earlier input.
   * @returns An array that the caller owns.
   */
  compress(input: Uint8Array, window: Uint8Array, continues: boolean): Bytes
  /** Frees memory outside the JavaScript heap. The compressor is not used after it. */
  close(): void
}

/**
 * The result of one call of a {@link Decompressor}. Invalid data are reported as a status, never thrown.
 *
 * @category Compression and extensions
 */
export interface Decompressed {
  /**
   * `'more'`: all input is consumed, more may follow. `'paused'`: there is more output than `wanted`, and the next input begins with the
   * unconsumed bytes, even if there are none. `'ended'`: the final block is complete, the unconsumed bytes follow it. `'limit'`: there is
   * more output than `remaining`, and `wanted` is not less. `'corrupt'`: invalid DEFLATE. If the stream ends exactly with the input, `'more'` is
   * allowed; then the next call must return `'ended'` with nothing consumed.
   */
  readonly status: 'more' | 'paused' | 'ended' | 'limit' | 'corrupt'
  /** The number of input bytes consumed. Meaningful only after `'ended'` and `'paused'`. */
  readonly consumed: number
  /** An array that the caller owns; empty after `'limit'` and `'corrupt'`. */
  readonly output: Bytes
  /** After `'ended'`, from a decompressor that retains input: bytes of earlier inputs that follow the end. */
  readonly unread?: Bytes | undefined
  /** After `'corrupt'`: the library's error. After `'limit'`: an error that names the limit, if it is the codec's own. */
  readonly cause?: unknown
}

/**
 * One decompression stream, which can be restarted.
 *
 * @category Compression and extensions
 */
export interface Decompressor {
  /** Resets, and begins a stream after `window`: at most 2^windowBits bytes that references may point into. */
  start(window: Uint8Array): void
  /**
   * Decompresses all of the input, or as much as is wanted. Memory use stays below the lesser of `remaining` and `wanted` plus a few buffers,
   * whatever the input contains.
   *
   * @param input Read only, during the call only. It may end anywhere.
   * @param remaining The maximum output, in bytes.
   * @param wanted The maximum number of bytes to return now; the next call returns the rest. A codec that cannot pause may return more.
   *   Default: everything.
   * @param last Whether the message ends with this input. Before that a codec may retain input.
   * @throws Errors of the library or the machine, such as a lack of memory; never for invalid data.
   */
  decompress(input: Uint8Array, remaining: number, wanted?: number, last?: boolean): Decompressed
  /** Frees memory outside the JavaScript heap. `start` may follow. */
  close(): void
}

/**
 * A compression library, as permessage-deflate uses it. Stateless: only the objects that it creates have state.
 *
 * @category Compression and extensions
 */
export interface DeflateCodec {
  /** A name for error messages. */
  readonly name: string
  /** The smallest window that the compressor supports: 8, or 9 if it does not support 8 (RFC 7692 §7.1.2). */
  readonly minWindowBits: number
  /** Creates a compressor. Connections share a few. */
  createCompressor(settings: CompressorSettings): Compressor
  /**
   * Creates a decompressor.
   *
   * @param windowBits The window of the other side's compressor, 8 to 15.
   */
  createDecompressor(windowBits: number): Decompressor
}

/** Throws a `TypeError` for anything but a codec, and a `RangeError` for an invalid `minWindowBits`. */
export function requireCodec(codec: DeflateCodec): DeflateCodec {
  requireRecord(codec, '`codec`')
  requireType(codec.createCompressor, 'function', '`codec.createCompressor`')
  requireType(codec.createDecompressor, 'function', '`codec.createDecompressor`')
  requireType(codec.name, 'string', '`codec.name`')
  requireWindowBits(codec.minWindowBits, 'codec.minWindowBits')
  return codec
}

// A codec's results are checked too: a wrong result is a bug in the codec, and must not be blamed on the peer.

/** Throws a `TypeError` unless `createCompressor` or `createDecompressor` returned an object with that method. */
export function requireStream<Stream extends Compressor | Decompressor>(
  stream: Stream,
  verb: 'Compress' | 'Decompress',
  codec: DeflateCodec,
): Stream {
  const method = stream?.[verb.toLowerCase() as keyof Stream]
  return requireAnswer(stream, typeof method === 'function', codec, `create${verb}or`, `a ${verb}or`)
}

/** Throws a `TypeError` unless the output is bytes that end as a flush does: with an empty stored block (RFC 7692 §7.2.1). */
export function requireCompressed(output: Bytes, codec: DeflateCodec): Bytes {
  const isValid = isBytes(output) && endsFlushed(output)
  return requireAnswer(output, isValid, codec, 'compress', 'bytes that end with 00 00 ff ff')
}

function endsFlushed(output: Bytes): boolean {
  const { length } = output
  return (
    output[length - 4] === 0 && output[length - 3] === 0 && output[length - 2] === 0xff && output[length - 1] === 0xff
  )
}

const statuses: readonly unknown[] = ['more', 'paused', 'ended', 'limit', 'corrupt']

/** Throws a `TypeError` for members of the wrong type, or if more bytes are consumed than given. @param size The size of the input. */
export function requireDecompressed(step: Decompressed, size: number, codec: DeflateCodec): Decompressed {
  const { status, consumed, output, unread } = step ?? {}
  const isValid =
    statuses.includes(status) &&
    isBytes(output) &&
    (unread === undefined || isBytes(unread)) &&
    ((status !== 'ended' && status !== 'paused') || (consumed >= 0 && consumed <= size))
  return requireAnswer(step, isValid, codec, 'decompress', '{ status, consumed, output }')
}

function requireAnswer<Answer>(
  answer: Answer,
  isValid: boolean,
  { name }: DeflateCodec,
  method: string,
  expected: string,
): Answer {
  if (isValid) return answer
  throw wrongAnswer(`${method} of ${name}`, expected, answer)
}
