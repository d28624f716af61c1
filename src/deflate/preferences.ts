/**
 * This side's preferences, demands and prohibitions for permessage-deflate: checks them, and checks the peer's offers and responses against
 * them.
 *
 * @module
 */

import { type Kinds, requireOneOf, requireOptions, requireRecord } from '../arguments.ts'
import type { ProtocolError } from '../errors.ts'
import {
  type DeflateParam,
  type DeflateParams,
  type DeflateTerms,
  deflateParams,
  isRestricting,
  MAX_WINDOW_BITS,
  MIN_WINDOW_BITS,
  type Place,
  paramError,
  paramNames,
  requireDeflateParams,
  requireWindowBits,
} from './params.ts'

/**
 * This side's preferences: less memory or better compression. The members mean the same on both sides, but each side controls only its own
 * compressor. {@link DeflateParams} contains the outcome.
 *
 * @category Compression and extensions
 */
export interface DeflatePreferences {
  /**
   * The server compresses each message independently. This saves the server's window on both sides between messages, but costs much of the
   * ratio if messages are short and similar. Default: false. A server's preference always takes effect; most servers grant a client's.
   */
  readonly serverNoContextTakeover?: boolean | undefined
  /** The same for the client and its window. Default: false. Always takes effect, on either side. */
  readonly clientNoContextTakeover?: boolean | undefined
  /**
   * The window of the server's compressor, 8 to 15, as a power of two: that many bytes on both sides, and four times as many in an active
   * compressor. Smaller windows compress less. Default: 15. A server's preference takes effect down to what its compressor supports. A
   * client's is declined by servers that cannot limit their window, and 8 by servers that start at 9.
   */
  readonly serverMaxWindowBits?: number | undefined
  /**
   * The same for the client's compressor. Default: 15. A client's preference takes effect down to what its compressor supports. A server's
   * takes effect if the client allows a limit, as browsers do. A server that asks for 8 loses clients that start at 9: they have to fail
   * the handshake.
   */
  readonly clientMaxWindowBits?: number | undefined
  /**
   * Parameters that the response must have. A demanded window needs a value, which is its maximum. A server declines every offer that does
   * not allow a demand, which is possible only for `clientMaxWindowBits`. A client fails the handshake if the response lacks a demanded
   * parameter. A demanded flag is also set. Default: none.
   */
  readonly demand?: readonly DeflateParam[] | undefined
  /**
   * Parameters that must not be used. A server declines every offer that has them (except `client_max_window_bits` without a value, which
   * only permits an answer), and a client fails the handshake if the response has them. Neither side sends them. Default: none.
   */
  readonly forbid?: readonly DeflateParam[] | undefined
  /**
   * Parameters that a client omits from its offers, for servers that mishandle them. A client's preferences for its own side still apply. A
   * server ignores `omit`, because it makes no offers. Default: none.
   */
  readonly omit?: readonly DeflateParam[] | undefined
}

/**
 * The capabilities of this side's compressor. A `DeflateCodec` fits.
 *
 * @category Compression and extensions
 */
export interface DeflateCapabilities {
  /** The smallest window that it supports, 8 to 15. Default: 8. Some support only 9 and above; 15 means only the largest. */
  readonly minWindowBits?: number | undefined
}

/** Everything that negotiation needs to know about this side, checked. */
export interface DeflateStance extends DeflateParams {
  readonly demand: readonly DeflateParam[]
  readonly forbid: readonly DeflateParam[]
  readonly omit: readonly DeflateParam[]
  /** The smallest window that our compressor supports. */
  readonly least: number
}

/** The members of {@link DeflatePreferences}. */
export const preferenceKinds: Kinds = {
  serverNoContextTakeover: 'boolean',
  clientNoContextTakeover: 'boolean',
  serverMaxWindowBits: 'number',
  clientMaxWindowBits: 'number',
  demand: 'array',
  forbid: 'array',
  omit: 'array',
}

/**
 * Checks preferences and capabilities.
 *
 * @throws TypeError for unknown members, members of the wrong type and contradictions, `RangeError` for invalid windows.
 */
export function requireStance(preferences: DeflatePreferences, capabilities: DeflateCapabilities): DeflateStance {
  requireOptions(preferences, preferenceKinds, 'the preferences')
  requireRecord(capabilities, 'the capabilities')
  // A codec has other members too.
  if (!('createCompressor' in capabilities))
    requireOptions(capabilities, { minWindowBits: 'number', name: 'any' }, 'the capabilities')
  return resolveStance(preferences, requireWindowBits(capabilities.minWindowBits ?? MIN_WINDOW_BITS, 'minWindowBits'))
}

/** Does the same if the names and types of all members are right, and `least` is a window. */
export function resolveStance(preferences: DeflatePreferences, least: number): DeflateStance {
  const { demand = [], forbid = [], omit = [] } = preferences
  for (const name of [...demand, ...forbid, ...omit]) requireOneOf(name, paramNames, '`demand`, `forbid` or `omit`')
  const isFlag = (name: DeflateParam): boolean => deflateParams[name].kind === 'boolean'
  const choices = paramNames.map((name) => [
    name,
    preferences[name] ?? (isFlag(name) ? demand.includes(name) : MAX_WINDOW_BITS),
  ])
  const params = requireDeflateParams(Object.fromEntries(choices))
  for (const name of demand) {
    if (forbid.includes(name)) throw contradiction('demand', name, '`forbid` lists too')
    if (omit.includes(name)) throw contradiction('demand', name, '`omit` lists too')
    if (!(preferences[name] ?? isFlag(name))) throw contradiction('demand', name, `is ${preferences[name]}`)
  }
  for (const name of forbid) if (isRestricting(params[name])) throw contradiction('forbid', name, `is ${params[name]}`)
  return { ...params, demand: [...demand], forbid: [...forbid], omit: [...omit], least }
}

function contradiction(list: string, name: DeflateParam, what: string): TypeError {
  return new TypeError(`\`${list}\` lists \`${name}\`, which ${what}`)
}

/** Throws a `RangeError` if this side demands a window of itself that its compressor does not support. */
export function requireSupported(name: 'serverMaxWindowBits' | 'clientMaxWindowBits', stance: DeflateStance): void {
  if (stance.demand.includes(name) && stance[name] < stance.least)
    throw new RangeError(`\`${name}\` must be ${stance.least} or more for this codec, not ${stance[name]}`)
}

/** Returns the error in an offer or a response that has something forbidden, or lacks or does not allow something demanded. */
export function findPreferenceError(
  terms: DeflateTerms,
  place: Place,
  stance: DeflateStance,
): ProtocolError | undefined {
  for (const name of stance.forbid) {
    // Without a value it permits an answer but does not ask for one                                  RFC 7692 §7.1.2.2
    const onlyAllows = name === 'clientMaxWindowBits' && terms[name] === true
    if (terms[name] !== undefined && !onlyAllows) return paramError(place, name, true, 'which `forbid` lists')
  }
  for (const name of stance.demand) {
    const value = terms[name]
    // A response may include all others even if they were not offered. This one "MUST NOT" be        RFC 7692 §7.1.2.2
    if (value === undefined && (place === 'response' || name === 'clientMaxWindowBits'))
      return paramError(place, name, value, 'which `demand` lists')
    if (place === 'response' && (value as number) > (stance[name] as number))
      return paramError(place, name, value, `\`demand\` allows ${stance[name]}`)
  }
  return undefined
}
