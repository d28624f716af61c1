/**
 * Validates the arguments of permessage-deflate other than its parameters: codecs, roles, and compression options.
 *
 * @module
 */

import { describeType, describeValue, requireRecord } from '../arguments.ts'
import type { Role } from '../types.ts'
import type { DeflateCodec } from './codec.ts'
import { checkWindowBits } from './params.ts'

/** Throws `TypeError` for anything but a codec, and `RangeError` for an invalid `minWindowBits`. */
export function checkCodec(codec: DeflateCodec): DeflateCodec {
  if (typeof codec !== 'object' || codec === null)
    throw new TypeError(
      `\`codec\` must be a codec, such as \`zlib\` of websocket-primitives/codec/zlib, not ${describeType(codec)}`,
    )
  for (const member of ['createCompressor', 'createDecompressor'] as const)
    if (typeof codec[member] !== 'function')
      throw new TypeError(
        `\`codec\` must be a codec; its \`${member}\` is ${describeType(codec[member])}, not a function`,
      )
  if (typeof codec.name !== 'string')
    throw new TypeError(`\`codec\` must be a codec; its \`name\` is ${describeType(codec.name)}, not a string`)
  checkWindowBits('codec.minWindowBits', codec.minWindowBits)
  return codec
}

/** Throws `TypeError` for anything but a role. */
export function checkRole(role: Role): Role {
  if (role !== 'client' && role !== 'server')
    throw new TypeError(`the role must be 'client' or 'server', not ${describeValue(role)}`)
  return role
}

/** Throws `TypeError` for anything but a number, `RangeError` for one that is not an integer (or Infinity) or is out of range. */
export function checkNumber(name: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number') throw new TypeError(`\`${name}\` must be a number, not ${describeValue(value)}`)
  if ((Number.isInteger(value) || value === Infinity) && value >= least && value <= most) return value
  throw new RangeError(`\`${name}\` must be a whole number from ${least} to ${most}; it is ${value}`)
}

/** Throws `TypeError` for a codec passed in place of the options, with a hint. */
export function requireOptions(options: unknown, name: string): void {
  requireRecord(options, name)
  if (typeof (options as Partial<DeflateCodec>).createCompressor === 'function')
    throw new TypeError(
      `${name} must be an object with the codec in it, such as \`{ codec: zlib }\`, not the codec itself`,
    )
}
