/**
 * What a compression library has to do for permessage-deflate, as types: raw DEFLATE (RFC 1951), synchronously, one side each.
 * Knows no library, and nothing of messages or frames: windows, tails and limits are the caller's.
 *
 * @module
 */

import type { Bytes } from '../types.ts'

/** How a compressor is set up. */
export interface CompressorSettings {
  /** The window that the receiver has, as a power of two: 8 to 15. No reference reaches further back. */
  readonly windowBits: number
  /** 0 (none) to 9 (small output); -1: the library's own choice. */
  readonly level: number
  /** 1 (little memory) to 9 (fast). */
  readonly memLevel: number
}

/** One compressor: a stream of its own. */
export interface Compressor {
  /**
   * Compresses `input` whole and flushes, so that its last byte can be read from what comes out: whole bytes that end with an
   * empty stored block, `00 00 ff ff` (RFC 7692 §7.2.1).
   *
   * @param input Read during the call only.
   * @param window What the receiver has of the bytes before, at most 2^windowBits of them.
   * @param continues They are just the ones that this compressor was given last, or it is new and there are none: its own state
   *   will do. Otherwise that state is somebody else's, or stale, and must not show in any way: a reset is often too little, for
   *   zlib's hash looks at a byte that lay there before.
   * @returns The caller's own array.
   */
  compress(input: Uint8Array, window: Uint8Array, continues: boolean): Bytes
  /** Lets go of memory outside of the JavaScript heap. Not used again. */
  close(): void
}

/** What a decompressor made of its input. Bad data are a status: nothing is thrown for them. */
export interface Decompressed {
  /**
   * `'more'`: all input is consumed, more may follow; `'paused'`: there is more output than `wanted`, and the next input begins with
   * what was not consumed, even where that is nothing; `'ended'`: the final block is over, what was not consumed lies behind it;
   * `'limit'`: there is more output than allowed, and as much is wanted at once; `'corrupt'`: no DEFLATE. An end that falls together
   * with that of the input may also be told as `'more'`, and then as `'ended'` with nothing consumed by the next call.
   */
  readonly status: 'more' | 'paused' | 'ended' | 'limit' | 'corrupt'
  /** Bytes of the input. Of use after `'ended'` and `'paused'` only. */
  readonly consumed: number
  /** The caller's own array; empty after `'limit'` and `'corrupt'`. */
  readonly output: Bytes
  /** After `'ended'`, from a decompressor that keeps input back: bytes of inputs before this one, which lie behind the end. */
  readonly unread?: Bytes | undefined
  /** After `'corrupt'`: the library's own error. After `'limit'`: an error that says which limit, where it is the codec's own. */
  readonly cause?: unknown
}

/** One decompressor: a stream of its own, which can be started over. */
export interface Decompressor {
  /** Forgets all, and begins a stream behind `window`, at most 2^windowBits bytes, which references may reach into. */
  start(window: Uint8Array): void
  /**
   * Decompresses as much as there is, or as is wanted. Memory in use stays below `room` and `wanted`, whichever is less, and a few
   * buffers, whatever the input claims.
   *
   * @param input Read during the call only; it may end anywhere.
   * @param room Bytes of output that are allowed.
   * @param wanted Bytes of output to return at most; what is left comes with the next call. A codec that cannot pause may return
   *   more. Left out: all.
   * @param last Whether the message ends with this input. Before it a codec may keep input back.
   * @throws What is wrong with the library or the machine, such as a lack of memory; never for bad data.
   */
  decompress(input: Uint8Array, room: number, wanted?: number, last?: boolean): Decompressed
  /** Lets go of memory outside of the JavaScript heap. `start` may follow. */
  close(): void
}

/** A compression library, as permessage-deflate sees it. Stateless: state lives in what it creates. */
export interface DeflateCodec {
  /** For messages to people. */
  readonly name: string
  /** The smallest window that its compressor keeps within: 8, or 9 for one that cannot (RFC 7692 §7.1.2). */
  readonly minWindowBits: number
  /** A new stream. Connections share a few. */
  createCompressor(settings: CompressorSettings): Compressor
  /**
   * A new stream.
   *
   * @param windowBits The window of the other side's compressor, 8 to 15.
   */
  createDecompressor(windowBits: number): Decompressor
}
