/**
 * Reads and writes the parameters of permessage-deflate (RFC 7692 §7.1) in offers and responses: from the handshake's lists to
 * plain data and back.
 *
 * @module
 */

import { describeValue, requireRecord } from '../arguments.ts'
import { ProtocolError, quote } from '../errors.ts'
import type { ExtensionParams } from '../extensions/extension.ts'

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
 */
export interface DeflateParams {
  /** The server compresses each message independently of earlier ones (RFC 7692 §7.1.1.1). */
  serverNoContextTakeover: boolean
  /** The client does so (RFC 7692 §7.1.1.2). */
  clientNoContextTakeover: boolean
  /** The server's window: no reference reaches further back, 8 to 15 (RFC 7692 §7.1.2.1). */
  serverMaxWindowBits: number
  /** The client's window, 8 to 15 (RFC 7692 §7.1.2.2). */
  clientMaxWindowBits: number
}

/** One of the four parameters, by its name in {@link DeflateParams}. */
export type DeflateParam = keyof DeflateParams

/** The name of each in the handshake, and the section that defines it. */
export const deflateParams: Readonly<Record<DeflateParam, { readonly onWire: string; readonly section: string }>> = {
  serverNoContextTakeover: { onWire: 'server_no_context_takeover', section: '§7.1.1.1' },
  clientNoContextTakeover: { onWire: 'client_no_context_takeover', section: '§7.1.1.2' },
  serverMaxWindowBits: { onWire: 'server_max_window_bits', section: '§7.1.2.1' },
  clientMaxWindowBits: { onWire: 'client_max_window_bits', section: '§7.1.2.2' },
}

/**
 * What this side prefers: less memory or better compression. The members mean the same on both sides, but each side controls only
 * its own compressor; {@link DeflateParams} hold the outcome.
 */
export interface DeflateWishes {
  /**
   * The server compresses each message independently. Saves the server's window on both sides between messages, at the cost of much
   * of the ratio if messages are short and similar. Default: false. A server's wish always holds; most servers grant a client's.
   */
  readonly serverNoContextTakeover?: boolean | undefined
  /** The same for the client and its window. Default: false. Always holds, on either side. */
  readonly clientNoContextTakeover?: boolean | undefined
  /**
   * The window of the server's compressor, 8 to 15, as a power of two: that many bytes on both sides, and four times as many in an
   * active compressor. Smaller windows compress less. Default: 15. A server's wish holds down to what its compressor supports; a
   * client's is declined by servers that cannot limit their window, and 8 by those that start at 9.
   */
  readonly serverMaxWindowBits?: number | undefined
  /**
   * The same for the client's compressor. Default: 15. A client's wish holds down to what its compressor supports; a server's holds
   * if the client allows a limit, as browsers do. A server that asks for 8 loses clients that start at 9: they have to fail the
   * handshake.
   */
  readonly clientMaxWindowBits?: number | undefined
  /**
   * Parameters that the answer must have. A demanded window needs a wish, which is its maximum. A server declines every offer that
   * does not allow a demand, which is possible only for `clientMaxWindowBits`; a client fails the handshake over an answer without
   * it. A demanded flag is also wished for. Default: none.
   */
  readonly demand?: readonly DeflateParam[] | undefined
  /**
   * Parameters that must not be used. A server declines every offer that has them (except `client_max_window_bits` without a value,
   * which only permits an answer), and a client fails the handshake over an answer that has them; neither sends them. Default:
   * none.
   */
  readonly forbid?: readonly DeflateParam[] | undefined
  /**
   * Parameters that a client omits from its offers, for servers that mishandle them. A client's wishes for its own side still
   * apply. Ignored by a server, which makes no offers. Default: none.
   */
  readonly omit?: readonly DeflateParam[] | undefined
}

/** An offer. The server's members are demands, the client's say what the client will do or can do (RFC 7692 §5.1). */
export interface DeflateOffer {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  /** `undefined`: the server may use any window. */
  readonly serverMaxWindowBits: number | undefined
  /**
   * A number: the client's largest window, which the server may limit further; `true`: the server may limit it; `undefined`: it may
   * not.
   */
  readonly clientMaxWindowBits: number | true | undefined
}

/** A response. Windows are `undefined` if absent. */
export interface DeflateResponse extends DeflateOffer {
  readonly clientMaxWindowBits: number | undefined
}

export type Place = 'offer' | 'response'
type Terms = { -readonly [Name in keyof DeflateResponse]: DeflateResponse[Name] }

/**
 * Reads an offer's parameters.
 *
 * @throws ProtocolError `extension` for what a server has to decline: parameters unknown to RFC 7692, duplicates, and invalid
 *   values (§7).
 *
 * @example
 * readDeflateOffer([['client_max_window_bits', true]]).clientMaxWindowBits // true
 */
export function readDeflateOffer(params: ExtensionParams): DeflateOffer {
  const terms = noTerms()
  let limitable = false
  for (const [name, value] of distinct(params, 'offer')) {
    // "This parameter has no value or a decimal integer value"                                    RFC 7692 §7.1.2.2
    if (name === 'client_max_window_bits' && value === true) limitable = true
    else readParam(terms, name, value, 'offer')
  }
  return limitable ? { ...terms, clientMaxWindowBits: true } : terms
}

/**
 * Reads a response's parameters, without regard to an offer.
 *
 * @throws ProtocolError `extension` if a client has to fail the handshake: as {@link readDeflateOffer}, and
 *   `client_max_window_bits` without a value (RFC 7692 §7, §7.1.2.2).
 *
 * @example
 * readDeflateResponse([['server_max_window_bits', '10']]).serverMaxWindowBits // 10
 */
export function readDeflateResponse(params: ExtensionParams): DeflateResponse {
  const terms = noTerms()
  for (const [name, value] of distinct(params, 'response')) readParam(terms, name, value, 'response')
  return terms
}

/**
 * Writes parameters, always in the same order: the inverse of {@link readDeflateOffer} and {@link readDeflateResponse}.
 *
 * @example
 * formatDeflateTerms(readDeflateOffer([['server_no_context_takeover', true]])) // [['server_no_context_takeover', true]]
 */
export function formatDeflateTerms(terms: DeflateOffer): ExtensionParams {
  const params: ExtensionParams = []
  if (terms.serverNoContextTakeover) params.push(['server_no_context_takeover', true])
  if (terms.clientNoContextTakeover) params.push(['client_no_context_takeover', true])
  const { serverMaxWindowBits: server, clientMaxWindowBits: client } = terms
  if (server !== undefined) params.push(['server_max_window_bits', String(server)])
  if (client !== undefined) params.push(['client_max_window_bits', client === true ? true : String(client)])
  return params
}

/**
 * Validates the caller's parameters, which may come from a store or another process, and returns a fresh object.
 *
 * @throws TypeError for members of the wrong type, `RangeError` for windows outside 8 to 15.
 *
 * @example
 * checkDeflateParams(JSON.parse(stored))
 */
export function checkDeflateParams(params: DeflateParams): DeflateParams {
  requireRecord(params, 'the parameters of permessage-deflate')
  return {
    serverNoContextTakeover: checkFlag('serverNoContextTakeover', params.serverNoContextTakeover),
    clientNoContextTakeover: checkFlag('clientNoContextTakeover', params.clientNoContextTakeover),
    serverMaxWindowBits: checkWindowBits('serverMaxWindowBits', params.serverMaxWindowBits),
    clientMaxWindowBits: checkWindowBits('clientMaxWindowBits', params.clientMaxWindowBits),
  }
}

function checkFlag(name: string, flag: boolean): boolean {
  if (typeof flag !== 'boolean') throw new TypeError(`\`${name}\` must be true or false, not ${describeValue(flag)}`)
  return flag
}

/** Validates a caller's window. Throws `TypeError` for anything but a number, `RangeError` for an invalid window. */
export function checkWindowBits(name: string, bits: number): number {
  if (typeof bits !== 'number') throw new TypeError(`\`${name}\` must be a number, not ${describeValue(bits)}`)
  if (Number.isInteger(bits) && bits >= MIN_WINDOW_BITS && bits <= MAX_WINDOW_BITS) return bits
  throw new RangeError(
    `\`${name}\` must be a whole number from ${MIN_WINDOW_BITS} to ${MAX_WINDOW_BITS}; it is ${bits}`,
  )
}

/** A fault in a peer's parameters. @param found Continues "the offer of permessage-deflate". */
export function deflateFault(place: Place, found: string, section: string): ProtocolError {
  const message = `the ${place} ${place === 'offer' ? 'of' : 'for'} ${DEFLATE_NAME} ${found}`
  return new ProtocolError('extension', message, { reference: `RFC 7692 ${section}` })
}

function noTerms(): Terms {
  return {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  }
}

// "The negotiation offer contains multiple extension parameters with the same name": declined; in a response: failed. There
// are four names, so no list is read past its fifth element.                                               RFC 7692 §7
function* distinct(params: ExtensionParams, place: Place): Generator<ExtensionParams[number]> {
  if (!Array.isArray(params)) throw noParams(place, describeValue(params))
  const names: string[] = []
  for (const param of params) {
    if (!isPair(param)) throw noParams(place, `an array with ${describeValue(param)} in it`)
    const [name] = param
    if (names.includes(name)) throw deflateFault(place, `has ${name} more than once, where once is enough`, '§7')
    names.push(name)
    yield param
  }
}

function isPair(param: unknown): boolean {
  if (!Array.isArray(param)) return false
  const [name, value] = param as unknown[]
  return typeof name === 'string' && (typeof value === 'string' || value === true)
}

function noParams(place: Place, given: string): TypeError {
  return new TypeError(
    `the ${place} must be an array of [name, value] pairs, as \`parseExtensions\` gives, not ${given}`,
  )
}

/** Names are case-sensitive, as for all parameters. */
function readParam(terms: Terms, name: string, value: string | true, place: Place): void {
  switch (name) {
    case 'server_no_context_takeover':
      requireNoValue(name, value, place, '§7.1.1.1')
      terms.serverNoContextTakeover = true
      break
    case 'client_no_context_takeover':
      requireNoValue(name, value, place, '§7.1.1.2')
      terms.clientNoContextTakeover = true
      break
    case 'server_max_window_bits':
      terms.serverMaxWindowBits = readWindowBits(name, value, place, '§7.1.2.1')
      break
    case 'client_max_window_bits':
      terms.clientMaxWindowBits = readWindowBits(name, value, place, '§7.1.2.2')
      break
    // "The negotiation offer contains an extension parameter not defined for use in an offer."               RFC 7692 §7
    default:
      throw deflateFault(place, `has the parameter ${quote(name)}, where ${known} are known`, '§7')
  }
}

const known =
  'server_no_context_takeover, client_no_context_takeover, server_max_window_bits and client_max_window_bits'

// "has no value"                                                                       RFC 7692 §7.1.1.1, §7.1.1.2
function requireNoValue(name: string, value: string | true, place: Place, section: string): void {
  if (value !== true) throw deflateFault(place, `has ${name}=${quote(value)}, where no value is expected`, section)
}

/** The valid values: `08`, `+8`, `8.0` and `0x8` are invalid. */
const windows: readonly string[] = ['8', '9', '10', '11', '12', '13', '14', '15']

// "a decimal integer value without leading zeroes between 8 to 15, inclusive"          RFC 7692 §7.1.2.1, §7.1.2.2
function readWindowBits(name: string, value: string | true, place: Place, section: string): number {
  const index = value === true ? -1 : windows.indexOf(value)
  if (index >= 0) return MIN_WINDOW_BITS + index
  const found = value === true ? `${name} without a value` : `${name}=${quote(value)}`
  const expected = `a whole number from ${MIN_WINDOW_BITS} to ${MAX_WINDOW_BITS}, in decimal digits without leading zeros,`
  throw deflateFault(place, `has ${found}, where ${expected} is expected`, section)
}
