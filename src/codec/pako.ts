/**
 * pako as a codec: DEFLATE in JavaScript, for every runtime. permessage-deflate uses it to compress and decompress messages.
 *
 * @module
 */

import type { DeflateCodec } from '../deflate/codec.ts'
import { PakoCompressor } from './pako-compressor.ts'
import { PakoDecompressor } from './pako-decompressor.ts'
import { checkSettings, checkWindow } from './settings.ts'

/**
 * DEFLATE by pako 3, an optional peer dependency that you install yourself. Runs everywhere. About 260 KiB for each compressor that
 * keeps its window (50 KiB for one that never does), 40 KiB for each decompressor.
 *
 * @example const compressor = pako.createCompressor({ windowBits: 15, level: -1, memLevel: 8 })
 */
export const pako: DeflateCodec = {
  name: 'pako',
  minWindowBits: 8,
  createCompressor: (settings) => new PakoCompressor(checkSettings(settings)),
  createDecompressor: (windowBits) => new PakoDecompressor(checkWindow(windowBits)),
}
