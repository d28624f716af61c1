/**
 * Negotiates permessage-deflate (RFC 7692 §5, §7.1) during the handshake: a server answers offers; a client makes them, and checks
 * the response against them. Plain data in, plain data out.
 *
 * @module
 */

import { checkOptionNames, describeValue, requireRecord } from '../arguments.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { type ExtensionEntry, type ExtensionParams, MAX_DECLINED } from '../extensions/extension.ts'
import { findTaken } from './fit.ts'
import {
  checkWindowBits,
  DEFLATE_NAME,
  type DeflateOffer,
  type DeflateParam,
  type DeflateParams,
  type DeflateResponse,
  type DeflateWishes,
  deflateFault,
  deflateParams,
  formatDeflateTerms,
  MAX_WINDOW_BITS,
  MIN_WINDOW_BITS,
  readDeflateOffer,
  readDeflateResponse,
} from './params.ts'
import { type CheckedWishes, checkWishes, requireWelcomeOffer, requireWelcomeResponse } from './wishes.ts'

/** What this side's compressor can do. A `DeflateCodec` fits. */
export interface DeflateAbilities {
  /** The smallest window that it supports, 8 to 15. Default: 8. Some support only 9 and above; 15 means the largest only. */
  readonly minWindowBits?: number | undefined
}

/** The answer to an accepted offer. */
export interface DeflateAnswer {
  /** The agreed parameters. */
  params: DeflateParams
  /** The parameters of the answer. */
  response: ExtensionParams
}

/** The result for all offers: the first acceptable one, or none; and why those before it were declined. */
export type DeflateNegotiated =
  | {
      /** The agreed parameters. */
      params: DeflateParams
      /** The element of the answer. */
      response: ExtensionEntry
      /** Why earlier offers were declined, in order. */
      declined: ProtocolError[]
    }
  | {
      /** None was accepted. */
      params: undefined
      /** The answer omits the extension. */
      response: undefined
      /** Why, in order of the offers. */
      declined: ProtocolError[]
    }

/**
 * The server's answer to one offer.
 *
 * @param offer The offer's parameters.
 * @throws ProtocolError `extension` for an offer that has to be declined: malformed, with a demand that the compressor cannot meet
 *   (RFC 7692 §7), or against `demand` and `forbid`. `TypeError` and `RangeError` for invalid arguments.
 *
 * @example
 * const answer = answerDeflateOffer([['client_max_window_bits', true]], { clientMaxWindowBits: 10 })
 * answer.params.clientMaxWindowBits // 10
 * answer.response // [['client_max_window_bits', '10']]
 */
export function answerDeflateOffer(
  offer: ExtensionParams,
  wishes: DeflateWishes = {},
  abilities: DeflateAbilities = {},
): DeflateAnswer {
  return answer(offer, checkWishes(wishes), checkAbilities(abilities))
}

/** The same, with validated arguments. */
export function answer(offered: ExtensionParams, wished: CheckedWishes, least: number): DeflateAnswer {
  requirePossible('serverMaxWindowBits', wished, least)
  const offer = readDeflateOffer(offered)
  requireWelcomeOffer(offer, wished)
  const params: DeflateParams = {
    // "A server accepts an extension negotiation offer that includes [it] … by including [it] in … the response"; it "MAY
    // include [it] … even if the … offer … didn't"                                                RFC 7692 §7.1.1.1
    serverNoContextTakeover: offer.serverNoContextTakeover || wished.serverNoContextTakeover,
    // An offer's hint may be ignored; once answered, both sides know that it holds                 RFC 7692 §7.1.1.2
    clientNoContextTakeover: offer.clientNoContextTakeover || wished.clientNoContextTakeover,
    serverMaxWindowBits: ownWindow(offer, wished, least),
    clientMaxWindowBits: clientWindow(offer, wished),
  }
  // An offered server_max_window_bits is accepted by an answer, 15 included                        RFC 7692 §7.1.2.1
  const { demand } = wished
  const answersServers =
    offer.serverMaxWindowBits !== undefined ||
    params.serverMaxWindowBits < MAX_WINDOW_BITS ||
    demand.includes('serverMaxWindowBits')
  // "Absence … indicates that the server can receive messages compressed using [a] window of up to 32,768 bytes"
  //                                                                                              RFC 7692 §7.1.2.2
  const answersClients = params.clientMaxWindowBits < MAX_WINDOW_BITS || demand.includes('clientMaxWindowBits')
  const response: DeflateResponse = {
    ...params,
    serverMaxWindowBits: answersServers ? params.serverMaxWindowBits : undefined,
    clientMaxWindowBits: answersClients ? params.clientMaxWindowBits : undefined,
  }
  return { params, response: formatDeflateTerms(response) }
}

// "with the same or smaller value as the offer"; "declines an … offer with this parameter if the server doesn't support it"
//                                                                                                  RFC 7692 §7.1.2.1
function ownWindow(offer: DeflateOffer, wished: DeflateParams, least: number): number {
  const most = offer.serverMaxWindowBits ?? MAX_WINDOW_BITS
  if (most < least)
    throw deflateFault('offer', `asks for server_max_window_bits=${most}, ${tooSmall(least)}`, '§7.1.2.1')
  return Math.max(least, Math.min(most, wished.serverMaxWindowBits))
}

// "If a received … offer doesn't have the "client_max_window_bits" extension parameter, the … response … MUST NOT include"
// it: a wish for less is then ignored. A value is respected, "equal to or smaller".                  RFC 7692 §7.1.2.2
function clientWindow({ clientMaxWindowBits: hint }: DeflateOffer, wished: DeflateParams): number {
  if (hint === undefined) return MAX_WINDOW_BITS
  return hint === true ? wished.clientMaxWindowBits : Math.min(hint, wished.clientMaxWindowBits)
}

/**
 * Selects among a client's offers, in the client's order (RFC 7692 §5). Entries with other names are skipped, and an invalid offer
 * does not prevent a later one.
 *
 * @returns `params` and `response` are `undefined` if no offer was acceptable; `declined` says why, offer by offer; after 32
 *   declined offers the rest are ignored.
 * @throws TypeError for arguments of the wrong type, unknown members and contradictory wishes, `RangeError` for invalid windows and
 *   for a demand below what the compressor supports.
 *
 * @example
 * const offers = parseExtensions('permessage-deflate; server_max_window_bits=08, permessage-deflate')
 * const { response, declined } = negotiateDeflate(offers)
 * response // { name: 'permessage-deflate', params: [] }
 * declined.length // 1
 */
export function negotiateDeflate(
  offers: readonly ExtensionEntry[],
  wishes: DeflateWishes = {},
  abilities: DeflateAbilities = {},
): DeflateNegotiated {
  const wished = checkWishes(wishes)
  const least = checkAbilities(abilities)
  requirePossible('serverMaxWindowBits', wished, least)
  if (!Array.isArray(offers))
    throw new TypeError(`the offers must be an array, as \`parseExtensions\` gives, not ${describeValue(offers)}`)
  const declined: ProtocolError[] = []
  for (const offer of offers) {
    requireRecord(offer, 'an offer')
    if (declined.length === MAX_DECLINED) break
    if (offer.name !== DEFLATE_NAME) continue
    const answered = attempt(() => answer(offer.params, wished, least))
    if (!(answered instanceof ProtocolError))
      return { params: answered.params, response: { name: DEFLATE_NAME, params: answered.response }, declined }
    declined.push(answered)
  }
  return { params: undefined, response: undefined, declined }
}

/**
 * A client's offers, best first. The first asks the server for everything wished; the next ones drop wishes, the window first,
 * which fewer servers can limit, so that compression is not lost over it (RFC 7692 §7.1.3). Parameters in `demand` are in all of
 * them.
 *
 * `client_max_window_bits` is always included, unless it is in `omit` or `forbid`, or the compressor supports only the largest
 * window and it is not in `demand`: as in browsers, the server may limit the client.
 *
 * @throws TypeError for wishes and abilities of the wrong type, unknown members and contradictions, `RangeError` for invalid
 *   windows and for a demand below what the compressor supports.
 *
 * @example
 * offerDeflate({ serverMaxWindowBits: 10 })
 * // [[['server_max_window_bits', '10'], ['client_max_window_bits', true]], [['client_max_window_bits', true]]]
 * offerDeflate({ serverMaxWindowBits: 10, demand: ['serverMaxWindowBits'], omit: ['clientMaxWindowBits'] })
 * // [[['server_max_window_bits', '10']]]
 */
export function offerDeflate(wishes: DeflateWishes = {}, abilities: DeflateAbilities = {}): ExtensionParams[] {
  return makeOffers(checkWishes(wishes), checkAbilities(abilities))
}

/** The same, with validated arguments. */
export function makeOffers(wished: CheckedWishes, least: number): ExtensionParams[] {
  requirePossible('clientMaxWindowBits', wished, least)
  const { demand, forbid, omit } = wished
  const silent = (name: DeflateParam): boolean => omit.includes(name) || forbid.includes(name)
  const asksWindow = wished.serverMaxWindowBits < MAX_WINDOW_BITS && !silent('serverMaxWindowBits')
  let best: DeflateOffer = {
    serverNoContextTakeover: demand.includes('serverNoContextTakeover'),
    clientNoContextTakeover: wished.clientNoContextTakeover && !silent('clientNoContextTakeover'),
    serverMaxWindowBits: demand.includes('serverMaxWindowBits') ? wished.serverMaxWindowBits : undefined,
    clientMaxWindowBits: silent('clientMaxWindowBits') ? undefined : clientHint(wished, least),
  }
  const offers = [best]
  if (wished.serverNoContextTakeover && !best.serverNoContextTakeover && !silent('serverNoContextTakeover')) {
    best = { ...best, serverNoContextTakeover: true }
    offers.unshift(best)
  }
  if (asksWindow && best.serverMaxWindowBits === undefined)
    offers.unshift({ ...best, serverMaxWindowBits: wished.serverMaxWindowBits })
  return offers.map(formatDeflateTerms)
}

// An offered value is a promise: do not offer what the compressor cannot do. Without the parameter the server must not
// answer it.                                                                                       RFC 7692 §7.1.2.2
function clientHint(wished: CheckedWishes, least: number): number | true | undefined {
  if (least === MAX_WINDOW_BITS && !wished.demand.includes('clientMaxWindowBits')) return undefined
  const hint = Math.max(least, wished.clientMaxWindowBits)
  return hint < MAX_WINDOW_BITS ? hint : true
}

/**
 * Checks the server's response for the client: it must grant everything that one of the offers asks for, contain only what that
 * offer allows, stay within what the compressor supports, and agree with `demand` and `forbid`.
 *
 * @param response The response's parameters.
 * @param offers The parameters of all offers that were sent.
 * @param wishes The wishes that the offers were made from.
 * @returns What is in effect: the response, and where it leaves our side open, what this client wishes or has promised.
 * @throws ProtocolError `extension` for a response that fails the handshake (RFC 7692 §7). `TypeError` and `RangeError` for invalid
 *   arguments.
 *
 * @example
 * verifyDeflateResponse([['client_max_window_bits', '10']], [[['client_max_window_bits', true]]]).clientMaxWindowBits // 10
 */
export function verifyDeflateResponse(
  response: ExtensionParams,
  offers: readonly ExtensionParams[],
  abilities: DeflateAbilities = {},
  wishes: DeflateWishes = {},
): DeflateParams {
  return verify(response, offers, checkWishes(wishes), checkAbilities(abilities))
}

/** The same, with validated arguments. */
export function verify(
  response: ExtensionParams,
  offers: readonly ExtensionParams[],
  wished: CheckedWishes,
  least: number,
): DeflateParams {
  if (!Array.isArray(offers))
    throw new TypeError(`the offers must be an array of parameters, not ${describeValue(offers)}`)
  const terms = readDeflateResponse(response)
  const taken = findTaken(terms, offers)
  requireWelcomeResponse(terms, wished)
  // The response does not say which matching offer was accepted, so the client keeps the promises of all. "The client
  // is not going to use" context takeover, or a larger window, whatever the response says.    RFC 7692 §7.1.1.2, §7.1.2.2
  const hints = taken.map(({ clientMaxWindowBits: hint }) => (typeof hint === 'number' ? hint : MAX_WINDOW_BITS))
  const own = Math.max(least, wished.clientMaxWindowBits)
  const params: DeflateParams = {
    serverNoContextTakeover: terms.serverNoContextTakeover,
    clientNoContextTakeover:
      terms.clientNoContextTakeover ||
      wished.clientNoContextTakeover ||
      taken.some((offer) => offer.clientNoContextTakeover),
    serverMaxWindowBits: terms.serverMaxWindowBits ?? MAX_WINDOW_BITS,
    clientMaxWindowBits: Math.min(terms.clientMaxWindowBits ?? MAX_WINDOW_BITS, own, ...hints),
  }
  // "The client does not support the configuration that the response represents."                           RFC 7692 §7
  if (params.clientMaxWindowBits < least)
    throw deflateFault(
      'response',
      `asks for client_max_window_bits=${params.clientMaxWindowBits}, ${tooSmall(least)}`,
      '§7.1.2.2',
    )
  return params
}

/** The end of messages about a window below `least`. */
function tooSmall(least: number): string {
  return `where the compressor here can do ${least} at the least`
}

/** Throws `RangeError` for a demand that our own compressor cannot meet. */
function requirePossible(
  name: 'serverMaxWindowBits' | 'clientMaxWindowBits',
  wished: CheckedWishes,
  least: number,
): void {
  if (wished.demand.includes(name) && wished[name] < least)
    throw new RangeError(`\`demand\` asks for ${deflateParams[name].onWire}=${wished[name]}, ${tooSmall(least)}`)
}

/** Returns the smallest window. A codec is accepted too, whatever other members it has. */
function checkAbilities(abilities: DeflateAbilities): number {
  requireRecord(abilities, 'the abilities')
  if (!('createCompressor' in abilities)) checkOptionNames(abilities, ['minWindowBits', 'name'], 'the abilities')
  const { minWindowBits = MIN_WINDOW_BITS } = abilities
  return checkWindowBits('minWindowBits', minWindowBits)
}
