/**
 * Argument checks for the functions of this folder. Each throws a `TypeError` for the wrong type and a `RangeError` for a value out
 * of range; the message names the argument, what is expected and what was given.
 *
 * @module
 */

import { checkOptionNames, describeValue } from '../arguments.ts'
import type { Role } from '../types.ts'

/** Throws unless `value` is a whole number from `least` to `most`. */
export function requireWhole(value: unknown, name: string, most: number, least = 0): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return
  const message = `${name} must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? ' on' : ` to ${most}`}, not ${describeValue(value)}`
  throw isOutOfRange(value) ? new RangeError(message) : new TypeError(message)
}

/** Whether an invalid number has the right type, or is absent. */
export function isOutOfRange(value: unknown): boolean {
  return typeof value === 'number' || value === undefined
}

/** Throws unless `value` is a boolean, or `undefined`. */
export function requireBoolean(value: unknown, name: string): void {
  if (typeof value === 'boolean' || value === undefined) return
  throw new TypeError(`${name} must be true or false, not ${describeValue(value)}`)
}

/** Throws unless `value` is a string. */
export function requireString(value: unknown, name: string): void {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string, not ${describeValue(value)}`)
}

/** Throws unless `value` is a role. */
export function requireRole(value: unknown): asserts value is Role {
  if (value === 'client' || value === 'server') return
  throw new TypeError(`role must be 'client' or 'server', not ${describeValue(value)}`)
}

/** The members of a header to write. */
export const headerNames: readonly string[] = ['opcode', 'payloadLength', 'fin', 'rsv', 'maskKey', 'lengthSize']

const frameNames: readonly string[] = [...headerNames, 'payload', 'loneSurrogates']

/** Names that other packages use for frame members: without a check they would be ignored silently. */
interface MisnamedFrame {
  readonly payload?: unknown
  readonly mask?: unknown
  readonly masked?: unknown
  readonly final?: unknown
}

/**
 * Throws unless `frame` is an object; unknown members are looked for only if something looks wrong, because checking every name
 * would slow down small frames.
 */
export function requireFrame(frame: unknown): void {
  if (typeof frame !== 'object' || frame === null || looksWrong(frame)) checkOptionNames(frame, frameNames, 'a frame')
}

function looksWrong({ payload, mask, masked, final }: MisnamedFrame): boolean {
  return payload === undefined || mask !== undefined || masked !== undefined || final !== undefined
}
