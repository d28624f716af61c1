/**
 * The parameters of permessage-deflate (RFC 7692 §7.1), as data and as the handshake lists them: read and written, for offers
 * and for responses. Knows what each may say; not what is made of it, and no compressor.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { ProtocolError, quote } from '../errors.ts'
import type { ExtensionParams } from '../handshake/extension.ts'

/** The registered name (RFC 7692 §7, §11.1). */
export const DEFLATE_NAME = 'permessage-deflate'

/** The smallest window that can be asked for, as a power of two (RFC 7692 §7.1.2). */
export const MIN_WINDOW_BITS = 8
/** The largest window of DEFLATE, 32 KiB: what holds where nothing is said (RFC 7692 §7.1.2). */
export const MAX_WINDOW_BITS = 15

/**
 * What both sides keep to once they agree: plain data, for JSON as well. A window is given as a power of two: 15 stands for
 * 2^15 bytes.
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
  /** The server compresses each message without a look at those before (RFC 7692 §7.1.1.1). */
  serverNoContextTakeover: boolean
  /** The client does (RFC 7692 §7.1.1.2). */
  clientNoContextTakeover: boolean
  /** No reference of the server reaches further back: 8 to 15 (RFC 7692 §7.1.2.1). */
  serverMaxWindowBits: number
  /** No reference of the client does: 8 to 15 (RFC 7692 §7.1.2.2). */
  clientMaxWindowBits: number
}

/**
 * What this side would like: memory against ratio. Each is the same wish on either side, but only the server's own compressor
 * is in a server's hands, and only the client's in a client's; {@link DeflateParams} say what came of it.
 */
export interface DeflateWishes {
  /**
   * The server begins each message anew. It saves the server's window on both sides while nothing is sent, and costs much of the
   * ratio where messages are short and like each other. Default: false. A server's wish always holds; a client's is granted by
   * most servers.
   */
  readonly serverNoContextTakeover?: boolean | undefined
  /** The client begins each message anew: the same for the client's window. Default: false. Always holds, whoever wishes it. */
  readonly clientNoContextTakeover?: boolean | undefined
  /**
   * The window of the server's compressor, 8 to 15: 2 to the power of it in bytes on both sides, and four times that in a
   * compressor at work. Smaller windows find less to refer to. Default: 15. A server's wish holds down to what its compressor
   * can; a client's is declined by servers that cannot limit their windows, and 8 by those that only begin at 9.
   */
  readonly serverMaxWindowBits?: number | undefined
  /**
   * The window of the client's compressor, the same. Default: 15. A client's wish holds down to what its compressor can; a
   * server's where the client lets itself be limited, as browsers do. A server that says 8 loses clients that only begin at 9:
   * they have to fail the handshake.
   */
  readonly clientMaxWindowBits?: number | undefined
}

/** What an offer says. The server's members are demands, the client's tell what the client will do or can do (RFC 7692 §5.1). */
export interface DeflateOffer {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  /** `undefined`: the server may use any window. */
  readonly serverMaxWindowBits: number | undefined
  /** A number: the client uses no larger window, and the server may limit it further; `true`: it may; `undefined`: it may not. */
  readonly clientMaxWindowBits: number | true | undefined
}

/** What a response says. Windows are `undefined` where it says nothing of them. */
export interface DeflateResponse extends DeflateOffer {
  readonly clientMaxWindowBits: number | undefined
}

type Place = 'offer' | 'response'
type Terms = { -readonly [Name in keyof DeflateResponse]: DeflateResponse[Name] }

/**
 * What an offer's parameters say.
 *
 * @throws ProtocolError `extension` for what a server has to decline: parameters that RFC 7692 does not know, that come
 * twice, or whose value is none of theirs (§7).
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
 * What a response's parameters say, by themselves.
 *
 * @throws ProtocolError `extension` for what a client has to fail at: as {@link readDeflateOffer}, and
 * `client_max_window_bits` without a value (RFC 7692 §7, §7.1.2.2).
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
 * The parameters that say it, always in the same order: what {@link readDeflateOffer} and {@link readDeflateResponse} read.
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
 * Parameters of the caller's, as a fresh object, checked: they may come from a store or from another process.
 *
 * @throws TypeError for members of other types, `RangeError` for windows that are not from 8 to 15.
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
  if (typeof flag !== 'boolean') throw new TypeError(`\`${name}\` must be true or false; it is ${String(flag)}`)
  return flag
}

/** A window of the caller's, checked. Throws `TypeError` for what is no number, `RangeError` for one that is no window. */
export function checkWindowBits(name: string, bits: number): number {
  if (typeof bits !== 'number') throw new TypeError(`\`${name}\` must be a number; it is ${String(bits)}`)
  if (Number.isInteger(bits) && bits >= MIN_WINDOW_BITS && bits <= MAX_WINDOW_BITS) return bits
  throw new RangeError(
    `\`${name}\` must be a whole number from ${MIN_WINDOW_BITS} to ${MAX_WINDOW_BITS}; it is ${bits}`,
  )
}

/** A fault in what a peer has listed. @param found Goes on after "the offer of permessage-deflate". */
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
// are four names, so that no list is read further than its fifth element.                                  RFC 7692 §7
function* distinct(params: ExtensionParams, place: Place): Generator<ExtensionParams[number]> {
  const names: string[] = []
  for (const param of params) {
    const [name] = param
    if (names.includes(name)) throw deflateFault(place, `has ${name} more than once, where once is enough`, '§7')
    names.push(name)
    yield param
  }
}

/** Names compare with letter case, as those of all parameters do. */
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

/** Every text that is a window: `08`, `+8`, `8.0` and `0x8` are none. */
const windows: readonly string[] = ['8', '9', '10', '11', '12', '13', '14', '15']

// "a decimal integer value without leading zeroes between 8 to 15, inclusive"          RFC 7692 §7.1.2.1, §7.1.2.2
function readWindowBits(name: string, value: string | true, place: Place, section: string): number {
  const index = value === true ? -1 : windows.indexOf(value)
  if (index >= 0) return MIN_WINDOW_BITS + index
  const found = value === true ? `${name} without a value` : `${name}=${quote(value)}`
  const expected = `a whole number from ${MIN_WINDOW_BITS} to ${MAX_WINDOW_BITS}, in decimal digits without leading zeros,`
  throw deflateFault(place, `has ${found}, where ${expected} is expected`, section)
}
