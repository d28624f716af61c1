/**
 * Mask keys for frames: four bytes from the caller, or from the secure generator (RFC 6455 §5.3).
 *
 * @module
 */

import { describeValue } from '../arguments.ts'
import { type RandomSource, randomInt32 } from '../platform/random.ts'
import type { Bytes } from '../types.ts'
import { toMaskKey } from './mask.ts'

/** A mask key: four bytes, or `'random'`, which takes a new one from the platform's secure generator. */
export type MaskKey = Uint8Array | 'random'

/**
 * A mask key for one frame: every frame needs a new, unpredictable key (RFC 6455 §5.3, §10.3). A frame with `maskKey: 'random'`
 * gets such a key without allocating an array.
 *
 * @param random Fills an array of 4 bytes; by default a pool filled by the platform's secure generator.
 * @returns A new array of 4 bytes.
 * @throws TypeError for a `random` that is not a function.
 * @example
 * encodeFrame({ opcode: Opcode.Ping, maskKey: generateMaskKey() })
 */
export function generateMaskKey(random?: RandomSource): Bytes {
  const bytes = new Uint8Array(4)
  if (random === undefined) writeMaskKey(bytes, 0, randomInt32())
  else if (typeof random === 'function') random(bytes)
  else throw new TypeError(`random must be a function, not ${describeValue(random)}`)
  return bytes
}

/** The key as a number. Throws RangeError for a key that is not four bytes long, TypeError for another string. */
export function takeMaskKey(maskKey: MaskKey): number {
  if (typeof maskKey !== 'string') return toMaskKey(maskKey)
  if (maskKey === 'random') return randomInt32()
  throw new TypeError(`maskKey must be 4 bytes or 'random', not ${describeValue(maskKey)}`)
}

/** Writes a key that is a number, highest octet first. */
export function writeMaskKey(target: Uint8Array, at: number, key: number): void {
  target[at] = key >>> 24
  target[at + 1] = key >>> 16
  target[at + 2] = key >>> 8
  target[at + 3] = key
}
