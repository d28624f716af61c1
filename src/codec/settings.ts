/**
 * Validates the settings of a codec before its library sees them.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import type { CompressorSettings } from '../deflate/codec.ts'
import { checkNumber } from '../deflate/options.ts'

/** Throws `TypeError` for settings of the wrong type, `RangeError` for those out of range. */
export function checkSettings(settings: CompressorSettings): CompressorSettings {
  requireRecord(settings, 'the settings of a compressor')
  checkWindow(settings.windowBits)
  checkNumber('level', settings.level, -1, 9)
  checkNumber('memLevel', settings.memLevel, 1, 9)
  return settings
}

/** The same for a window. */
export function checkWindow(windowBits: number): number {
  return checkNumber('windowBits', windowBits, 8, 15)
}
