/**
 * The codecs that all tests here run on, and their inputs.
 *
 * @module
 */

import { readFileSync } from 'node:fs'
import zlib from 'node:zlib'
import { pako } from '../../src/codec/pako.ts'
import { zlibOneShot } from '../../src/codec/zlib-one-shot.ts'
import { zlibStream } from '../../src/codec/zlib-stream.ts'
import type { Decompressed, Decompressor, DeflateCodec } from '../../src/deflate/codec.ts'

export const codecs: [name: string, codec: DeflateCodec][] = [
  ['pako', pako],
  ['zlib, kept streams', zlibStream],
  ['zlib, one-shot calls', zlibOneShot],
]

export const none: Uint8Array = new Uint8Array(0)
export const usual = { windowBits: 15, level: 6, memLevel: 8 } as const
/**
 * Shows whether a message is complete: the bytes that its sender cut off, an empty final block, and one more byte, because some
 * codecs notice an end only when something is left over.
 */
const tail: Uint8Array = Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff, 0)

/** How much of the {@link tail} a complete message consumes. */
export const END = 9

/** Real text: the TypeScript compiler, 9 MB. */
const source = readFileSync(new URL('../../node_modules/typescript/lib/typescript.js', import.meta.url))

export function textAt(at: number, size: number): Uint8Array {
  return new Uint8Array(source.subarray(at, at + size))
}

/** Bytes that hardly repeat. */
export function noise(size: number, seed = 1): Uint8Array {
  let state = seed
  return Uint8Array.from({ length: size }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return (state >>> 16) & 0xff
  })
}

export function concat(...pieces: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

/** Whether they are equal: much faster than `toEqual` on large arrays. */
export function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

/** Compressed by `node:zlib`, and flushed; `final`: ended. */
export function deflate(input: Uint8Array, final = false, dictionary?: Uint8Array): Uint8Array {
  const finishFlush = final ? zlib.constants.Z_FINISH : zlib.constants.Z_SYNC_FLUSH
  return new Uint8Array(zlib.deflateRawSync(input, { finishFlush, ...(dictionary && { dictionary }) }))
}

/** Decompressed by `node:zlib`. */
export function inflate(input: Uint8Array, dictionary?: Uint8Array): Uint8Array {
  const finishFlush = zlib.constants.Z_SYNC_FLUSH
  return new Uint8Array(zlib.inflateRawSync(input, { finishFlush, ...(dictionary?.length && { dictionary }) }))
}

/** The result of a message and its tail, which must end where a complete message does. */
export function readMessage(
  decompressor: Decompressor,
  pieces: readonly Uint8Array[],
  remaining: number,
): Decompressed {
  const outputs: Uint8Array[] = []
  for (const piece of [...pieces, tail]) {
    const step = decompressor.decompress(piece, remaining)
    if (step.status !== 'more' && piece !== tail) return step
    outputs.push(step.output)
    if (piece === tail) return { ...step, output: new Uint8Array(concat(...outputs)) }
  }
  throw new Error('there is always a tail')
}

/** A compressed message as it is sent. */
export function cutTail(compressed: Uint8Array): Uint8Array {
  return compressed.subarray(0, compressed.length - 4)
}
