/**
 * The interface that a compression library implements for permessage-deflate: raw DEFLATE (RFC 1951), synchronously; and the checks
 * that a codec keeps to it. Windows, tails and limits are the caller's.
 *
 * @module
 */

import { requireRecord, requireType, wrongAnswer } from '../arguments.ts'
import { isBytes } from '../bytes/view.ts'
import type { Bytes } from '../types.ts'
import { requireWindowBits } from './params.ts'

/** The settings of a compressor. */
export interface CompressorSettings {
  /** The receiver's window, as a power of two: 8 to 15. No reference reaches further back. */
  readonly windowBits: number
  /** 0 (none) to 9 (small output); -1: the library's own choice. */
  readonly level: number
  /** 1 (little memory) to 9 (fast). */
  readonly memLevel: number
}

/** One compression stream. */
export interface Compressor {
  /**
   * Compresses all of `input` and flushes, so that its last byte can be decoded from the output: whole bytes that end with an empty
   * stored block, `00 00 ff ff` (RFC 7692 §7.2.1).
   *
   * @param input Read during the call only.
   * @param window The preceding bytes, as the receiver has them: at most 2^windowBits.
   * @param continues Whether `window` is what this compressor was given last, or it is new and `window` is empty: its state can be
   *   used. Otherwise that state is stale or another connection's, and must not influence the output: a reset is often not enough,
   *   because zlib's hash reads a byte left over from before.
   * @returns The caller's own array.
   */
  compress(input: Uint8Array, window: Uint8Array, continues: boolean): Bytes
  /** Frees memory outside the JavaScript heap. The compressor is not used again. */
  close(): void
}

/** The result of one call. Invalid data are reported as a status, never thrown. */
export interface Decompressed {
  /**
   * `'more'`: all input is consumed, more may follow; `'paused'`: there is more output than `wanted`, and the next input begins
   * with the unconsumed bytes, even if there are none; `'ended'`: the final block is complete, the unconsumed bytes follow it;
   * `'limit'`: there is more output than `room`, and `wanted` is not less; `'corrupt'`: invalid DEFLATE. If the stream ends exactly
   * with the input, `'more'` is allowed, and then `'ended'` with nothing consumed from the next call.
   */
  readonly status: 'more' | 'paused' | 'ended' | 'limit' | 'corrupt'
  /** Bytes of the input consumed. Meaningful after `'ended'` and `'paused'` only. */
  readonly consumed: number
  /** The caller's own array; empty after `'limit'` and `'corrupt'`. */
  readonly output: Bytes
  /** After `'ended'`, from a decompressor that holds input back: bytes of earlier inputs that follow the end. */
  readonly unread?: Bytes | undefined
  /** After `'corrupt'`: the library's error. After `'limit'`: an error that names the limit, if it is the codec's own. */
  readonly cause?: unknown
}

/** One decompression stream, which can be restarted. */
export interface Decompressor {
  /** Resets, and begins a stream after `window`: at most 2^windowBits bytes that references may reach into. */
  start(window: Uint8Array): void
  /**
   * Decompresses all of the input, or as much as is wanted. Memory use stays below the lesser of `room` and `wanted` plus a few
   * buffers, whatever the input claims.
   *
   * @param input Read during the call only; it may end anywhere.
   * @param room Maximum bytes of output.
   * @param wanted Bytes of output to return at most; the rest comes with the next call. A codec that cannot pause may return more.
   *   Omitted: all.
   * @param last Whether the message ends with this input. Before that a codec may hold input back.
   * @throws Errors of the library or the machine, such as a lack of memory; never for invalid data.
   */
  decompress(input: Uint8Array, room: number, wanted?: number, last?: boolean): Decompressed
  /** Frees memory outside the JavaScript heap. `start` may follow. */
  close(): void
}

/** A compression library, as permessage-deflate uses it. Stateless: state lives in what it creates. */
export interface DeflateCodec {
  /** Used in error messages. */
  readonly name: string
  /** The smallest window that its compressor supports: 8, or 9 if it cannot do 8 (RFC 7692 §7.1.2). */
  readonly minWindowBits: number
  /** A new compressor. Connections share a few. */
  createCompressor(settings: CompressorSettings): Compressor
  /**
   * A new decompressor.
   *
   * @param windowBits The window of the other side's compressor, 8 to 15.
   */
  createDecompressor(windowBits: number): Decompressor
}

/** Throws `TypeError` for anything but a codec, and `RangeError` for an invalid `minWindowBits`. */
export function requireCodec(codec: DeflateCodec): DeflateCodec {
  requireRecord(codec, '`codec`')
  requireType(codec.createCompressor, 'function', '`codec.createCompressor`')
  requireType(codec.createDecompressor, 'function', '`codec.createDecompressor`')
  requireType(codec.name, 'string', '`codec.name`')
  requireWindowBits(codec.minWindowBits, 'codec.minWindowBits')
  return codec
}

// What a codec returns is checked, too: a wrong answer is its author's bug, and must not be blamed on the peer.

/** Throws `TypeError` unless `createCompressor` or `createDecompressor` returned an object with that method. */
export function requireStream<Stream extends Compressor | Decompressor>(
  stream: Stream,
  verb: 'Compress' | 'Decompress',
  codec: DeflateCodec,
): Stream {
  const method = stream?.[verb.toLowerCase() as keyof Stream]
  return requireAnswer(stream, typeof method === 'function', codec, `create${verb}or`, `a ${verb}or`)
}

/** Throws `TypeError` unless it is bytes that end as a flush does: with an empty stored block (RFC 7692 §7.2.1). */
export function requireCompressed(output: Bytes, codec: DeflateCodec): Bytes {
  const isSound = isBytes(output) && endsFlushed(output)
  return requireAnswer(output, isSound, codec, 'compress', 'bytes that end with 00 00 ff ff')
}

function endsFlushed(output: Bytes): boolean {
  const { length } = output
  return (
    output[length - 4] === 0 && output[length - 3] === 0 && output[length - 2] === 0xff && output[length - 1] === 0xff
  )
}

const statuses: readonly unknown[] = ['more', 'paused', 'ended', 'limit', 'corrupt']

/** Throws `TypeError` for members of the wrong type, or more bytes consumed than given. @param size Of the input. */
export function requireDecompressed(step: Decompressed, size: number, codec: DeflateCodec): Decompressed {
  const { status, consumed, output, unread } = step ?? {}
  const isSound =
    statuses.includes(status) &&
    isBytes(output) &&
    (unread === undefined || isBytes(unread)) &&
    ((status !== 'ended' && status !== 'paused') || (consumed >= 0 && consumed <= size))
  return requireAnswer(step, isSound, codec, 'decompress', '{ status, consumed, output }')
}

function requireAnswer<Answer>(
  answer: Answer,
  isSound: boolean,
  { name }: DeflateCodec,
  method: string,
  expected: string,
): Answer {
  if (isSound) return answer
  throw wrongAnswer(`${method} of ${name}`, expected, answer)
}
