/**
 * What this side wants of permessage-deflate (wishes, demands and prohibitions): validates it, and checks the peer's offer or
 * response against it.
 *
 * @module
 */

import { checkOptionNames, describeValue } from '../arguments.ts'
import type { ProtocolError } from '../errors.ts'
import {
  checkDeflateParams,
  type DeflateOffer,
  type DeflateParam,
  type DeflateParams,
  type DeflateResponse,
  type DeflateWishes,
  deflateFault,
  deflateParams,
  MAX_WINDOW_BITS,
  type Place,
} from './params.ts'

/** Validated wishes. */
export interface CheckedWishes extends DeflateParams {
  readonly demand: readonly DeflateParam[]
  readonly forbid: readonly DeflateParam[]
  readonly omit: readonly DeflateParam[]
}

const paramNames = Object.keys(deflateParams) as DeflateParam[]
const lists = ['demand', 'forbid', 'omit'] as const

/** The members of `DeflateWishes`. */
export const wishNames: readonly string[] = [...paramNames, ...lists]

/** Validates wishes. Throws `TypeError` for unknown members as well. */
export function checkWishes(wishes: DeflateWishes): CheckedWishes {
  checkOptionNames(wishes, wishNames, 'the wishes for permessage-deflate')
  return resolveWishes(wishes)
}

/**
 * Fills in the defaults of wishes; ignores other options.
 *
 * @throws TypeError for members of the wrong type and for contradictions, `RangeError` for invalid windows.
 */
export function resolveWishes(wishes: DeflateWishes): CheckedWishes {
  const [demand, forbid, omit] = lists.map((list) => checkList(list, wishes[list])) as [
    DeflateParam[],
    DeflateParam[],
    DeflateParam[],
  ]
  const {
    serverNoContextTakeover = demand.includes('serverNoContextTakeover'),
    clientNoContextTakeover = demand.includes('clientNoContextTakeover'),
    serverMaxWindowBits = MAX_WINDOW_BITS,
    clientMaxWindowBits = MAX_WINDOW_BITS,
  } = wishes
  const params = checkDeflateParams({
    serverNoContextTakeover,
    clientNoContextTakeover,
    serverMaxWindowBits,
    clientMaxWindowBits,
  })
  for (const name of demand) {
    if (forbid.includes(name)) throw contradiction(name, 'demanded and forbidden')
    if (omit.includes(name)) throw contradiction(name, 'demanded and left out of the offer')
    if (params[name] === false) throw contradiction(name, 'demanded and false')
    if (wishes[name] === undefined && typeof params[name] === 'number')
      throw new TypeError(`\`demand\` names ${name}: give \`${name}\`, the largest window to agree on, as well`)
  }
  for (const name of forbid) {
    const wished = params[name] === true || (typeof params[name] === 'number' && params[name] < MAX_WINDOW_BITS)
    if (wished) throw contradiction(name, 'wished for and forbidden')
  }
  return { ...params, demand, forbid, omit }
}

function checkList(list: (typeof lists)[number], value: unknown): DeflateParam[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new TypeError(`\`${list}\` must be an array, not ${describeValue(value)}`)
  for (const name of value)
    if (!paramNames.includes(name))
      throw new TypeError(`\`${list}\` must name parameters, of ${paramNames.join(', ')}, not ${describeValue(name)}`)
  return [...value]
}

function contradiction(name: DeflateParam, what: string): TypeError {
  return new TypeError(`${name} cannot be ${what} at the same time`)
}

/** Throws the `ProtocolError` that declines an offer with something forbidden, or one that does not allow what is demanded. */
export function requireWelcomeOffer(offer: DeflateOffer, { demand, forbid }: CheckedWishes): void {
  for (const name of forbid) {
    // Without a value it permits an answer but asks for none                                         RFC 7692 §7.1.2.2
    const onlyAllows = name === 'clientMaxWindowBits' && offer.clientMaxWindowBits === true
    if (has(offer, name) && !onlyAllows) throw forbidden('offer', name)
  }
  // An answer may include all others even if they were not offered. This one "MUST NOT" be            RFC 7692 §7.1.2.2
  if (demand.includes('clientMaxWindowBits') && offer.clientMaxWindowBits === undefined)
    throw lacking('offer', 'clientMaxWindowBits')
}

/** Throws the `ProtocolError` for a response that has something forbidden, or lacks something demanded. */
export function requireWelcomeResponse(response: DeflateResponse, wished: CheckedWishes): void {
  for (const name of wished.forbid) if (has(response, name)) throw forbidden('response', name)
  for (const name of wished.demand) {
    if (!has(response, name)) throw lacking('response', name)
    const [bits, most] = [response[name], wished[name]]
    if (typeof bits !== 'number' || typeof most !== 'number' || bits <= most) continue
    const { onWire, section } = deflateParams[name]
    throw deflateFault('response', `has ${onWire}=${bits}, where \`demand\` asks for ${most} or less`, section)
  }
}

function has(terms: DeflateOffer, name: DeflateParam): boolean {
  return terms[name] !== undefined && terms[name] !== false
}

function forbidden(place: Place, name: DeflateParam): ProtocolError {
  const { onWire, section } = deflateParams[name]
  return deflateFault(place, `has ${onWire}, which the option \`forbid\` names here`, section)
}

function lacking(place: Place, name: DeflateParam): ProtocolError {
  const { onWire, section } = deflateParams[name]
  return deflateFault(place, `lacks ${onWire}, which the option \`demand\` names here`, section)
}
