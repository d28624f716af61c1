/**
 * Tests once whether this runtime's `node:zlib` supports the undocumented synchronous use of its streams.
 *
 * @module
 */

import type { Decompressed, DeflateCodec } from '../deflate/codec.ts'
import type { Bytes } from '../types.ts'
import { zlibStream } from './zlib-stream.ts'

let verdict: boolean | undefined

/** Whether {@link zlibStream} can be used here. The first call runs the test. */
export function streamsWork(): boolean {
  verdict ??= passes(zlibStream)
  return verdict
}

/** Whether a codec works correctly on known data. False if anything throws. */
export function passes(codec: DeflateCodec): boolean {
  try {
    return roundTrips(codec)
  } catch {
    return false
  }
}

function roundTrips(codec: DeflateCodec): boolean {
  const compressor = codec.createCompressor({ windowBits: 15, level: 6, memLevel: 8 })
  const decompressor = codec.createDecompressor(15)
  try {
    const [short, long, none] = [sample(200), sample(50_000), new Uint8Array(0)]
    const first = compressor.compress(short, none, true)
    const second = compressor.compress(long, short, true)
    const third = compressor.compress(short, short, false)
    const read = (input: Uint8Array, room: number): Decompressed => decompressor.decompress(input, room)
    decompressor.start(none)
    if (!is(read(first, 200), 'more', short) || !is(read(second, 50_000), 'more', long)) return false
    const end = read(Uint8Array.of(1, 0, 0, 0xff, 0xff, 0), 0)
    if (!is(end, 'ended', none) || end.consumed !== 5 || read(first, 200).consumed !== 0) return false
    decompressor.start(short)
    if (!is(read(third.subarray(0, 3), 200), 'more') || !is(read(third.subarray(3), 200), 'more')) return false
    decompressor.start(short)
    if (!is(read(third, 200), 'more', short)) return false
    decompressor.start(none)
    if (!is(read(Uint8Array.of(7), 200), 'corrupt', none)) return false
    decompressor.start(none)
    // A codec that cannot pause returns everything.
    const paused = decompressor.decompress(first, 200, 150)
    const goesOn = (): boolean => is(read(first.subarray(paused.consumed), 50), 'more', short.subarray(150))
    const pauses = is(paused, 'paused', short.subarray(0, 150)) && goesOn()
    if (!pauses && !is(paused, 'more', short)) return false
    decompressor.start(none)
    return is(read(compressor.compress(long, none, false), 40_000), 'limit', none)
  } finally {
    compressor.close()
    decompressor.close()
  }
}

/** Partly repetitive bytes. */
function sample(size: number): Bytes {
  return Uint8Array.from({ length: size }, (_, index) => (index % 37) ^ ((index * index) >>> 11))
}

function is({ status, output }: Decompressed, wanted: Decompressed['status'], bytes?: Uint8Array): boolean {
  if (status !== wanted) return false
  return bytes === undefined || (output.length === bytes.length && output.every((byte, at) => byte === bytes[at]))
}
