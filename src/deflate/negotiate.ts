/**
 * Negotiates permessage-deflate (RFC 7692 §5, §7.1) during the handshake: a client makes offers, a server answers one of them, and
 * the client verifies the response. Plain data in, plain data out.
 *
 * @module
 */

import { requireRecord, requireType } from '../arguments.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { type ExtensionEntry, type ExtensionParams, MAX_DECLINED } from '../extensions/extension.ts'
import {
  DEFLATE_NAME,
  type DeflateParam,
  type DeflateParams,
  type DeflateTerms,
  deflateError,
  formatDeflateTerms,
  isRestricting,
  MAX_WINDOW_BITS,
  paramError,
  paramNames,
  readDeflateTerms,
} from './params.ts'
import {
  type DeflateCapabilities,
  type DeflatePreferences,
  type DeflateStance,
  findPreferenceError,
  requireStance,
  requireSupported,
} from './preferences.ts'

/**
 * The answer to an accepted offer.
 *
 * @category Compression and extensions
 */
export interface DeflateAnswer {
  /** The agreed parameters. */
  params: DeflateParams
  /** The parameters of the answer. */
  response: ExtensionParams
}

/**
 * The result for all offers: the first acceptable one, or none, and why the offers before it were declined.
 *
 * @category Compression and extensions
 */
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
      /** No offer was accepted. */
      params: undefined
      /** The answer omits the extension. */
      response: undefined
      /** Why, in the order of the offers. */
      declined: ProtocolError[]
    }

/**
 * Returns a client's offers, best first. The first offer asks the server for everything preferred. The following ones drop preferences,
 * beginning with the window, which fewer servers can limit, so that compression is not lost because of it (RFC 7692 §7.1.3). All offers
 * contain the parameters in `demand`.
 *
 * `client_max_window_bits` is always included, unless it is in `omit` or `forbid`, or the compressor supports only the largest window and
 * it is not in `demand`. As in browsers, the server may then limit the client.
 *
 * @throws TypeError for preferences and capabilities of the wrong type, unknown members and contradictions, `RangeError` for
 *   invalid windows and for a demand below what the compressor supports.
 *
 * @example
 * offerDeflate({ serverMaxWindowBits: 10 })
 * // [[['server_max_window_bits', '10'], ['client_max_window_bits', true]], [['client_max_window_bits', true]]]
 * offerDeflate({ serverMaxWindowBits: 10, demand: ['serverMaxWindowBits'], omit: ['clientMaxWindowBits'] })
 * // [[['server_max_window_bits', '10']]]
 */
export function offerDeflate(
  preferences: DeflatePreferences = {},
  capabilities: DeflateCapabilities = {},
): ExtensionParams[] {
  return makeOffers(requireStance(preferences, capabilities))
}

/** Does the same with checked arguments. */
export function makeOffers(stance: DeflateStance): ExtensionParams[] {
  requireSupported('clientMaxWindowBits', stance)
  const { demand, forbid, omit } = stance
  const mayOffer = (name: DeflateParam): boolean => !omit.includes(name) && !forbid.includes(name)
  let offer: DeflateTerms = {
    serverNoContextTakeover: demand.includes('serverNoContextTakeover'),
    clientNoContextTakeover: stance.clientNoContextTakeover && mayOffer('clientNoContextTakeover'),
    serverMaxWindowBits: demand.includes('serverMaxWindowBits') ? stance.serverMaxWindowBits : undefined,
    clientMaxWindowBits: mayOffer('clientMaxWindowBits') ? clientHint(stance) : undefined,
  }
  const offers = [offer]
  const prefers = (name: DeflateParam): boolean =>
    isRestricting(stance[name]) && mayOffer(name) && !demand.includes(name)
  if (prefers('serverNoContextTakeover')) {
    offer = { ...offer, serverNoContextTakeover: true }
    offers.unshift(offer)
  }
  if (prefers('serverMaxWindowBits')) offers.unshift({ ...offer, serverMaxWindowBits: stance.serverMaxWindowBits })
  return offers.map((terms) => formatDeflateTerms(terms))
}

// An offered value is a promise: do not offer what the compressor does not support. Without the parameter the server must
// not answer with it.                                                                              RFC 7692 §7.1.2.2
function clientHint({ least, clientMaxWindowBits, demand }: DeflateStance): number | true | undefined {
  if (least === MAX_WINDOW_BITS && !demand.includes('clientMaxWindowBits')) return undefined
  const hint = Math.max(least, clientMaxWindowBits)
  return hint < MAX_WINDOW_BITS ? hint : true
}

/**
 * Returns the server's answer to one offer.
 *
 * @param offer The offer's parameters.
 * @throws ProtocolError `extension` for an offer that has to be declined: malformed, with a demand that the compressor cannot meet (RFC
 *   7692 §7), or contrary to `demand` and `forbid`. `TypeError` and `RangeError` for invalid arguments.
 *
 * @example
 * const answer = answerDeflateOffer([['client_max_window_bits', true]], { clientMaxWindowBits: 10 })
 * answer.params.clientMaxWindowBits // 10
 * answer.response // [['client_max_window_bits', '10']]
 */
export function answerDeflateOffer(
  offer: ExtensionParams,
  preferences: DeflatePreferences = {},
  capabilities: DeflateCapabilities = {},
): DeflateAnswer {
  return answerOffer(offer, requireStance(preferences, capabilities))
}

/** Does the same with checked arguments. */
export function answerOffer(offered: ExtensionParams, stance: DeflateStance): DeflateAnswer {
  requireSupported('serverMaxWindowBits', stance)
  const offer = readDeflateTerms(offered, 'offer')
  const error = findPreferenceError(offer, 'offer', stance)
  if (error !== undefined) throw error
  const params: DeflateParams = {
    // "A server accepts an extension negotiation offer that includes [it] … by including [it] in … the response"; it "MAY
    // include [it] … even if the … offer … didn't"                                                RFC 7692 §7.1.1.1
    serverNoContextTakeover: offer.serverNoContextTakeover ?? stance.serverNoContextTakeover,
    // An offer's hint may be ignored. Once answered, both sides know that it applies               RFC 7692 §7.1.1.2
    clientNoContextTakeover: offer.clientNoContextTakeover ?? stance.clientNoContextTakeover,
    serverMaxWindowBits: serverWindow(offer, stance),
    clientMaxWindowBits: clientWindow(offer, stance),
  }
  const { demand } = stance
  // Parameters that differ from the default or are demanded; and an offered server_max_window_bits, even 15   §7.1.2.1
  const response = paramNames.filter(
    (name) =>
      isRestricting(params[name]) ||
      demand.includes(name) ||
      (name === 'serverMaxWindowBits' && offer[name] !== undefined),
  )
  return { params, response: formatDeflateTerms(params, response) }
}

// "with the same or smaller value as the offer"; "declines an … offer with this parameter if the server doesn't support it"
//                                                                                                  RFC 7692 §7.1.2.1
function serverWindow({ serverMaxWindowBits: most = MAX_WINDOW_BITS }: DeflateTerms, stance: DeflateStance): number {
  const { least, serverMaxWindowBits } = stance
  if (most < least) throw unsupported('offer', 'serverMaxWindowBits', most, least)
  return Math.max(least, Math.min(most, serverMaxWindowBits))
}

// "If a received … offer doesn't have the "client_max_window_bits" extension parameter, the … response … MUST NOT include"
// it: a preference for less is then ignored. A value is respected, "equal to or smaller".            RFC 7692 §7.1.2.2
function clientWindow({ clientMaxWindowBits: hint }: DeflateTerms, stance: DeflateStance): number {
  if (hint === undefined) return MAX_WINDOW_BITS
  return hint === true ? stance.clientMaxWindowBits : Math.min(hint, stance.clientMaxWindowBits)
}

function unsupported(
  place: 'offer' | 'response',
  name: 'serverMaxWindowBits' | 'clientMaxWindowBits',
  bits: number,
  least: number,
): ProtocolError {
  return paramError(place, name, bits, `the compressor supports ${least} or more`)
}

/**
 * Selects among a client's offers, in the client's order (RFC 7692 §5). Entries with other names are skipped, and an invalid offer
 * does not prevent a later one.
 *
 * @returns `params` and `response` are `undefined` if no offer was acceptable. `declined` contains the reason for each declined offer;
 *   after 32 declined offers the rest are ignored.
 * @throws TypeError for arguments of the wrong type, unknown members and contradictory preferences, `RangeError` for invalid
 *   windows and for a demand below what the compressor supports.
 *
 * @example
 * const offers = parseExtensions('permessage-deflate; server_max_window_bits=08, permessage-deflate')
 * const { response, declined } = negotiateDeflate(offers)
 * response // { name: 'permessage-deflate', params: [] }
 * declined.length // 1
 */
export function negotiateDeflate(
  offers: readonly ExtensionEntry[],
  preferences: DeflatePreferences = {},
  capabilities: DeflateCapabilities = {},
): DeflateNegotiated {
  const stance = requireStance(preferences, capabilities)
  requireSupported('serverMaxWindowBits', stance)
  requireType(offers, 'array', 'the offers')
  const declined: ProtocolError[] = []
  for (const offer of offers) {
    requireRecord(offer, 'an offer')
    if (declined.length === MAX_DECLINED) break
    if (offer.name !== DEFLATE_NAME) continue
    const answer = attempt(() => answerOffer(offer.params, stance))
    if (!(answer instanceof ProtocolError))
      return { params: answer.params, response: { name: DEFLATE_NAME, params: answer.response }, declined }
    declined.push(answer)
  }
  return { params: undefined, response: undefined, declined }
}

/**
 * Checks the server's response for the client. The response must grant everything that one of the offers asks for, contain only what that
 * offer allows, stay within what the compressor supports, and agree with `demand` and `forbid`.
 *
 * @param response The response's parameters.
 * @param offers The parameters of all offers that were sent.
 * @param preferences The preferences that the offers were made from.
 * @returns The parameters in effect: the response and, if it leaves our side open, what this client prefers or has promised.
 * @throws ProtocolError `extension` for a response that fails the handshake (RFC 7692 §7). `TypeError` and `RangeError` for invalid
 *   arguments.
 *
 * @example
 * verifyDeflateResponse([['client_max_window_bits', '10']], [[['client_max_window_bits', true]]]).clientMaxWindowBits // 10
 */
export function verifyDeflateResponse(
  response: ExtensionParams,
  offers: readonly ExtensionParams[],
  capabilities: DeflateCapabilities = {},
  preferences: DeflatePreferences = {},
): DeflateParams {
  return verifyResponse(response, offers, requireStance(preferences, capabilities))
}

/** Does the same with checked arguments. */
export function verifyResponse(
  received: ExtensionParams,
  offers: readonly ExtensionParams[],
  stance: DeflateStance,
): DeflateParams {
  requireType(offers, 'array', 'the offers')
  const response = readDeflateTerms(received, 'response')
  const taken = readTakenOffers(response, offers)
  const error = findPreferenceError(response, 'response', stance)
  if (error !== undefined) throw error
  const { serverMaxWindowBits = MAX_WINDOW_BITS, clientMaxWindowBits = MAX_WINDOW_BITS } = response
  // The response does not reveal which matching offer was accepted, so the client keeps the promises of all. "The client
  // is not going to use" context takeover, or a larger window, whatever the response contains. RFC 7692 §7.1.1.2, §7.1.2.2
  // Each of these can promise `clientNoContextTakeover`: the server's demand, this client's preference, its offers.
  const promises = [response, stance, ...taken]
  const windows = taken.map(({ clientMaxWindowBits: hint }) => (typeof hint === 'number' ? hint : MAX_WINDOW_BITS))
  const ownWindow = Math.min(
    clientMaxWindowBits as number,
    Math.max(stance.least, stance.clientMaxWindowBits),
    ...windows,
  )
  // "The client does not support the configuration that the response represents."                           RFC 7692 §7
  if (ownWindow < stance.least) throw unsupported('response', 'clientMaxWindowBits', ownWindow, stance.least)
  return {
    serverNoContextTakeover: response.serverNoContextTakeover === true,
    clientNoContextTakeover: promises.some((promise) => promise.clientNoContextTakeover),
    serverMaxWindowBits,
    clientMaxWindowBits: ownWindow,
  }
}

/** Returns the offers that the server may have accepted. If there are none, throws the mismatch with the last, which asks for the least. */
function readTakenOffers(response: DeflateTerms, offers: readonly ExtensionParams[]): DeflateTerms[] {
  const taken: DeflateTerms[] = []
  let mismatch: ProtocolError | undefined
  for (const params of offers) {
    const offer = attempt(() => readDeflateTerms(params, 'offer'))
    // The server must have declined this offer (RFC 7692 §7).
    if (offer instanceof ProtocolError) continue
    const error = findMismatch(response, offer)
    if (error === undefined) taken.push(offer)
    else mismatch = error
  }
  if (taken.length === 0) throw mismatch ?? deflateError('response', 'matches no offer', '§5')
  return taken
}

/** Returns why a response does not answer this offer. */
function findMismatch(response: DeflateTerms, offer: DeflateTerms): ProtocolError | undefined {
  const fail = (name: DeflateParam, expected: string): ProtocolError =>
    paramError('response', name, response[name], expected)
  // "A server accepts an … offer that includes [it] by including [it]"                                RFC 7692 §7.1.1.1
  if (offer.serverNoContextTakeover && !response.serverNoContextTakeover)
    return fail('serverNoContextTakeover', 'which was offered')
  const { serverMaxWindowBits: most, clientMaxWindowBits: hint } = offer
  // "with the same or smaller value as the offer"                                                    RFC 7692 §7.1.2.1
  if (most !== undefined && !((response.serverMaxWindowBits ?? Infinity) <= most))
    return fail('serverMaxWindowBits', `${most} or less was offered`)
  const client = response.clientMaxWindowBits
  if (client === undefined) return undefined
  // "the … response … MUST NOT include the "client_max_window_bits" extension parameter"              RFC 7692 §7.1.2.2
  if (hint === undefined) return fail('clientMaxWindowBits', 'which was not offered')
  // "with a value equal to or smaller than the received value"                                       RFC 7692 §7.1.2.2
  return hint !== true && (client as number) > hint
    ? fail('clientMaxWindowBits', `${hint} or less was offered`)
    : undefined
}
