/**
 * `node:zlib` as a codec, which permessage-deflate uses to compress and decompress messages. Uses the faster of two implementations if this
 * runtime supports it.
 *
 * @module
 */

import type { DeflateCodec } from '../deflate/codec.ts'
import { requireWindowBits } from '../deflate/params.ts'
import { requireSettings } from './shared.ts'
import { zlibOneShot } from './zlib-one-shot.ts'
import { streamsWork, zlibStream } from './zlib-stream.ts'

/**
 * DEFLATE by the runtime's own zlib: Node, Deno, Bun, and Workers with `nodejs_compat`. Uses native memory, about 270 KiB for each
 * compressor that keeps its window and 40 KiB for each decompressor, so `close` matters.
 *
 * @example const compressor = zlib.createCompressor({ windowBits: 15, level: -1, memLevel: 8 })
 */
export const zlib: DeflateCodec = {
  name: 'zlib',
  minWindowBits: 8,
  createCompressor: (settings) => choose().createCompressor(requireSettings(settings)),
  createDecompressor: (windowBits) => choose().createDecompressor(requireWindowBits(windowBits, 'windowBits')),
}

function choose(): DeflateCodec {
  return streamsWork() ? zlibStream : zlibOneShot
}
