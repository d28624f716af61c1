/**
 * Validates what a codec returns: an invalid result is the codec author's bug, and must not be blamed on the peer.
 *
 * @module
 */

import { wrongAnswer } from '../arguments.ts'
import type { Bytes } from '../types.ts'
import type { Compressor, Decompressed, Decompressor, DeflateCodec } from './codec.ts'

const statuses: readonly unknown[] = ['more', 'paused', 'ended', 'limit', 'corrupt']

/** Throws `TypeError` unless it is an object with a `compress` method. */
export function checkCompressor(compressor: Compressor, { name }: DeflateCodec): Compressor {
  if (typeof compressor?.compress === 'function') return compressor
  throw wrongAnswer(`createCompressor of ${name}`, 'a compressor', compressor)
}

/** The same for `decompress`. */
export function checkDecompressor(decompressor: Decompressor, { name }: DeflateCodec): Decompressor {
  if (typeof decompressor?.decompress === 'function') return decompressor
  throw wrongAnswer(`createDecompressor of ${name}`, 'a decompressor', decompressor)
}

/** Throws `TypeError` unless it is at least as many bytes as a flush ends with. */
export function checkCompressed(output: Bytes, { name }: DeflateCodec): Bytes {
  if (isBytes(output) && output.length >= 4) return output
  throw wrongAnswer(`compress of ${name}`, 'a Uint8Array that ends with 00 00 ff ff', output)
}

/** Throws `TypeError` for members of the wrong type, or more bytes consumed than given. @param size Of the input. */
export function checkDecompressed(step: Decompressed, size: number, { name }: DeflateCodec): Decompressed {
  const { status, consumed, output, unread } = step ?? {}
  const stops = status === 'ended' || status === 'paused'
  if (
    statuses.includes(status) &&
    isBytes(output) &&
    (unread === undefined || isBytes(unread)) &&
    (!stops || (consumed >= 0 && consumed <= size))
  )
    return step
  throw wrongAnswer(`decompress of ${name}`, 'a status, the bytes consumed and the output', step)
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]'
}
