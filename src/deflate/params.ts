/**
 * The four parameters of permessage-deflate (RFC 7692 §7.1): their names, and how they are read from and written to offers and responses.
 * Negotiation uses the parsed form.
 *
 * @module
 */

import { describeValue, requireOneOf, requireRecord, requireType, requireWhole, wrongArgument } from '../arguments.ts'
import { ProtocolError, quote } from '../errors.ts'
import { type ExtensionParams, isParam } from '../extensions/extension.ts'
import type { Role } from '../types.ts'

/** The registered name (RFC 7692 §7, §11.1). */
export const DEFLATE_NAME = 'permessage-deflate'

/** The smallest window that can be negotiated, as a power of two (RFC 7692 §7.1.2). */
export const MIN_WINDOW_BITS = 8
/** The largest window of DEFLATE, 32 KiB, and the default (RFC 7692 §7.1.2). */
export const MAX_WINDOW_BITS = 15

/**
 * The agreed parameters, as plain data that survives JSON. A window is given as a power of two: 15 means 2^15 bytes.
 *
 * @example
 * const params: DeflateParams = {
 *   serverNoContextTakeover: false,
 *   clientNoContextTakeover: true,
 *   serverMaxWindowBits: 15,
 *   clientMaxWindowBits: 10,
 * }
 *
 * @category Compression and extensions
 */
export interface DeflateParams {
  /** The server compresses each message independently of earlier ones (RFC 7692 §7.1.1.1). */
  serverNoContextTakeover: boolean
  /** The client compresses each message independently of earlier ones (RFC 7692 §7.1.1.2). */
  clientNoContextTakeover: boolean
  /** The server's window: no reference reaches further back, 8 to 15 (RFC 7692 §7.1.2.1). */
  serverMaxWindowBits: number
  /** The client's window, 8 to 15 (RFC 7692 §7.1.2.2). */
  clientMaxWindowBits: number
}

/**
 * One of the four parameters, by its name in {@link DeflateParams}.
 *
 * @category Compression and extensions
 */
export type DeflateParam = keyof DeflateParams

/** Each parameter: its name in the handshake, the section that defines it, and the type of its value. */
export const deflateParams = {
  serverNoContextTakeover: { onWire: 'server_no_context_takeover', section: '§7.1.1.1', kind: 'boolean' },
  clientNoContextTakeover: { onWire: 'client_no_context_takeover', section: '§7.1.1.2', kind: 'boolean' },
  serverMaxWindowBits: { onWire: 'server_max_window_bits', section: '§7.1.2.1', kind: 'number' },
  clientMaxWindowBits: { onWire: 'client_max_window_bits', section: '§7.1.2.2', kind: 'number' },
} as const

/** The parameters in the order in which they are written. */
export const paramNames: readonly DeflateParam[] = /* @__PURE__ */ Object.keys(deflateParams) as DeflateParam[]

/** The parameters of an offer or a response. Those that it does not contain are absent. */
export interface DeflateTerms {
  serverNoContextTakeover?: boolean | undefined
  clientNoContextTakeover?: boolean | undefined
  serverMaxWindowBits?: number | undefined
  /** `true`, in offers only: the parameter without a value, which allows the server to answer with one (RFC 7692 §7.1.2.2). */
  clientMaxWindowBits?: number | true | undefined
}

export type Place = 'offer' | 'response'

/** The valid values of windows: `08`, `+8`, `8.0` and `0x8` are invalid. */
const windows: readonly string[] = ['8', '9', '10', '11', '12', '13', '14', '15']

/**
 * Reads the parameters of an offer or a response.
 *
 * @throws ProtocolError `extension` if a server has to decline the offer, or a client has to fail the handshake (RFC 7692 §7): unknown
 *   parameters, duplicates and invalid values.
 *
 * @example
 * readDeflateTerms([['client_max_window_bits', true]], 'offer') // { clientMaxWindowBits: true }
 */
export function readDeflateTerms(params: ExtensionParams, place: Place): DeflateTerms {
  const terms: Partial<Record<DeflateParam, number | true>> = {}
  if (!Array.isArray(params)) throw noPairs(place, params)
  for (const param of params) {
    if (!isParam(param)) throw noPairs(place, param)
    const [onWire, value] = param
    // Names are case-sensitive. "The … offer contains an extension parameter not defined for use"        RFC 7692 §7
    const name = paramNames.find((name) => deflateParams[name].onWire === onWire)
    if (name === undefined) throw deflateError(place, `unknown parameter ${quote(onWire)}`, '§7')
    // "The … offer contains multiple extension parameters with the same name."                           RFC 7692 §7
    if (terms[name] !== undefined) throw deflateError(place, `duplicate ${onWire}`, '§7')
    terms[name] = readValue(name, value, place)
  }
  return terms as DeflateTerms
}

function readValue(name: DeflateParam, value: string | true, place: Place): number | true {
  const isFlag = deflateParams[name].kind === 'boolean'
  // "has no value" (§7.1.1.1, §7.1.1.2); "has no value or a decimal integer value", in an offer            §7.1.2.2
  if (value === true && (isFlag || (name === 'clientMaxWindowBits' && place === 'offer'))) return true
  // "a decimal integer value without leading zeroes between 8 to 15, inclusive"                     §7.1.2.1, §7.1.2.2
  const index = isFlag || value === true ? -1 : windows.indexOf(value)
  if (index >= 0) return MIN_WINDOW_BITS + index
  throw paramError(place, name, value, `expected ${isFlag ? 'no value' : '8 to 15'}`)
}

function noPairs(place: Place, found: unknown): TypeError {
  return wrongArgument(`the ${place}`, 'an array of [name, value]', describeValue(found))
}

/** Writes parameters, all or those in `names`: the inverse of {@link readDeflateTerms}. */
export function formatDeflateTerms(terms: DeflateTerms, names: readonly DeflateParam[] = paramNames): ExtensionParams {
  const params: ExtensionParams = []
  for (const name of names) {
    const value = terms[name]
    if (value !== undefined && value !== false)
      params.push([deflateParams[name].onWire, value === true || String(value)])
  }
  return params
}

/** Whether a value restricts more than the default: a flag that is set, or a smaller window. */
export function isRestricting(value: boolean | number): boolean {
  return value !== false && value !== MAX_WINDOW_BITS
}

/** Creates an error for a peer's offer or response. */
export function deflateError(place: Place, message: string, section: string): ProtocolError {
  return new ProtocolError('extension', `${DEFLATE_NAME} ${place}: ${message}`, { reference: `RFC 7692 ${section}` })
}

/** Creates an error for one parameter. @param value Its value; `true` if it has none; `undefined` if the parameter is missing. */
export function paramError(
  place: Place,
  name: DeflateParam,
  value: string | number | boolean | undefined,
  expected: string,
): ProtocolError {
  const { onWire, section } = deflateParams[name]
  const found =
    value === undefined
      ? `no ${onWire}`
      : value === true
        ? onWire
        : `${onWire}=${typeof value === 'string' ? quote(value) : value}`
  return deflateError(place, `${found}, ${expected}`, section)
}

/**
 * Checks the caller's parameters, which may come from a store or another process, and returns a fresh object.
 *
 * @throws TypeError for members of the wrong type, `RangeError` for windows outside 8 to 15.
 */
export function requireDeflateParams(params: DeflateParams): DeflateParams {
  requireRecord(params, `the parameters of ${DEFLATE_NAME}`)
  const { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = params
  for (const name of paramNames) {
    const { kind } = deflateParams[name]
    const value = params[name]
    if (typeof value !== kind) requireType(value, kind, `\`${name}\``)
    if (typeof value === 'number') requireWindowBits(value, name)
  }
  return { serverNoContextTakeover, clientNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits }
}

/** Throws a `TypeError` for anything but a number, a `RangeError` for an invalid window. */
export function requireWindowBits(bits: number, name: string): number {
  return requireWhole(bits, `\`${name}\``, MIN_WINDOW_BITS, MAX_WINDOW_BITS)
}

/** How one side compresses. */
export interface DeflateSide {
  readonly windowBits: number
  /** Whether a message continues from the window of the last one (RFC 7692 §7.1.1). */
  readonly takesOver: boolean
}

/** Checks the caller's parameters and role. Returns how this side compresses, then how the peer does. */
export function requireSides(params: DeflateParams, role: Role): [own: DeflateSide, peer: DeflateSide] {
  const { serverMaxWindowBits, serverNoContextTakeover, clientMaxWindowBits, clientNoContextTakeover } =
    requireDeflateParams(params)
  requireOneOf(role, ['client', 'server'], 'the role')
  const server = { windowBits: serverMaxWindowBits, takesOver: !serverNoContextTakeover }
  const client = { windowBits: clientMaxWindowBits, takesOver: !clientNoContextTakeover }
  return role === 'server' ? [server, client] : [client, server]
}
