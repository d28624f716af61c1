/**
 * `Sec-WebSocket-Protocol`, for both sides: reads the client's offer, selects the server's choice, and checks the choice in the response
 * (RFC 6455 §1.9, §4.1, §4.2.2). Also access tokens, which browsers can send only in this list.
 *
 * @module
 */

import { requireOptions, requireType, wrongAnswer } from '../arguments.ts'
import { ProtocolError, requestError } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { isToken, skipClass, TCHAR } from '../http/grammar.ts'
import { toElements } from '../http/headers.ts'
import { field } from './fields.ts'

/**
 * Options of {@link selectSubprotocol}.
 *
 * @category Opening handshake
 */
export interface SelectSubprotocolOptions {
  /** Whose order of preference decides. Default: `'client'`. */
  readonly prefer?: 'client' | 'server' | undefined
}

/** The values of `prefer`. */
export const preferKind: readonly string[] = ['client', 'server']

/**
 * Selects the subprotocol that both sides support. Returns `undefined` if there is none. Names are case-sensitive (RFC 6455 §4.2.2
 * item 5.5).
 *
 * @throws TypeError for a list that is not an array, and for an unknown option.
 *
 * @example
 * selectSubprotocol(['v2', 'v1'], ['v1', 'v2']) // 'v2'
 * selectSubprotocol(['v2', 'v1'], ['v1', 'v2'], { prefer: 'server' }) // 'v1'
 */
export function selectSubprotocol<const Subprotocol extends string>(
  offered: readonly string[],
  supported: readonly Subprotocol[],
  options: SelectSubprotocolOptions = {},
): Subprotocol | undefined {
  requireType(offered, 'array', '`offered`')
  requireType(supported, 'array', '`supported`')
  requireOptions(options, { prefer: preferKind }, '`options` of selectSubprotocol')
  const ranks = new Map<string, number>()
  for (const name of supported) if (!ranks.has(name)) ranks.set(name, ranks.size)
  return selectRanked(offered, ranks, options.prefer) as Subprotocol | undefined
}

/** The names that a server supports, each with its place in the order of preference. */
export type SubprotocolRanks = ReadonlyMap<string, number>

/** Selects a name in a time that depends on the offer alone, not on the number of supported names. */
function selectRanked(offered: readonly string[], ranks: SubprotocolRanks, prefer = 'client'): string | undefined {
  let selected: string | undefined
  let best = Infinity
  for (const name of offered) {
    const rank = ranks.get(name) ?? best
    if (rank >= best) continue
    if (prefer === 'client') return name
    selected = name
    best = rank
  }
  return selected
}

/**
 * The type of the chosen subprotocol: never `undefined` with `requireSubprotocol: true`, always `undefined` without names.
 *
 * @category Opening handshake
 */
export type ChosenSubprotocol<Subprotocol extends string, Required extends boolean> = [Subprotocol] extends [never]
  ? undefined
  : Required extends true
    ? Subprotocol
    : Subprotocol | undefined

/**
 * The subprotocols that a server supports, and whether it requires one.
 *
 * @category Opening handshake
 */
export interface SubprotocolPolicy<Subprotocol extends string = string, Required extends boolean = boolean>
  extends SelectSubprotocolOptions {
  /** The supported names, best first, or a synchronous function that returns one of the offered names or `undefined`. */
  readonly subprotocols?: readonly Subprotocol[] | ((offered: readonly string[]) => Subprotocol | undefined) | undefined
  /** Refuses a request with 400 if it offers no supported name. Default: false, because RFC 6455 lets a server continue without one. */
  readonly requireSubprotocol?: Required | undefined
}

/** The subprotocols of a server, for {@link selectSupported}. */
export type SupportedSubprotocols = SubprotocolRanks | ((offered: readonly string[]) => unknown)

/** Checks and resolves a server's options. Throws `TypeError` for invalid ones. */
export function requireSubprotocolPolicy(policy: SubprotocolPolicy): SupportedSubprotocols {
  const { subprotocols = [], requireSubprotocol } = policy
  if (typeof subprotocols === 'function') return subprotocols
  const ranks = requireSubprotocols(subprotocols)
  if (requireSubprotocol && ranks.size === 0) throw new TypeError('`requireSubprotocol` requires `subprotocols`')
  return ranks
}

/** Checks the caller's list. Throws `TypeError` for anything but distinct tokens (RFC 6455 §4.1 item 10). */
export function requireSubprotocols(subprotocols: readonly string[]): SubprotocolRanks {
  requireType(subprotocols, 'array', '`subprotocols`')
  const ranks = new Map<string, number>()
  for (let index = 0; index < subprotocols.length; index++) {
    const name = subprotocols[index] as string
    // Messages contain the index, not the name: some names are access tokens, which must not reach a log.
    const place = `\`subprotocols[${index}]\``
    requireType(name, 'string', place)
    if (!isToken(name)) throw new TypeError(`${place} must be a token: invalid at ${skipClass(name, 0, TCHAR)}`)
    if (ranks.has(name)) throw new TypeError(`${place} is a duplicate`)
    ranks.set(name, index)
  }
  return ranks
}

/** Returns the subprotocols that a request offers, best first and without duplicates. Throws `ProtocolError` for an invalid list. */
export function readOfferedSubprotocols(values: FieldValues): string[] {
  if (values.length === 0) return []
  const offered = toElements(values, field.protocol)
  // Sec-WebSocket-Protocol-Client = 1#token: an empty list is invalid                                RFC 6455 §4.3
  if (offered.length === 0) throw requestError('subprotocol', `${field.protocol} is empty`, 'RFC 6455 §4.3')
  offered.forEach((name, index) => {
    // Not echoed: it may be part of an access token.
    if (!isToken(name)) {
      const message = `${field.protocol} element ${index + 1} is not a token: invalid at ${skipClass(name, 0, TCHAR)}`
      throw requestError('subprotocol', message, 'RFC 6455 §4.3')
    }
  })
  // "The elements that comprise this value MUST be … unique strings" is a rule for clients. Duplicates do not harm a server.
  return offered.length === 1 ? offered : [...new Set(offered)]
}

/**
 * Selects the server's subprotocol for an offer. Returns `undefined` if there is none.
 *
 * @throws TypeError if a function returns a name that was not offered: no client may accept it (RFC 6455 §4.1 item 6).
 */
export function selectSupported(
  offered: readonly string[],
  supported: SupportedSubprotocols,
  prefer: SelectSubprotocolOptions['prefer'],
): string | undefined {
  if (typeof supported !== 'function') return selectRanked(offered, supported, prefer)
  // A copy, so that the function cannot change the offer.
  const chosen = supported([...offered])
  if (chosen === undefined) return undefined
  if (typeof chosen !== 'string') throw wrongAnswer('subprotocols', 'a string that was offered, or undefined', chosen)
  // Not echoed: it may be an access token.
  if (!offered.includes(chosen)) throw new TypeError('`subprotocols` returned a name that was not offered')
  return chosen
}

/** Creates the error of a request that offers no supported subprotocol although one is required. */
export function missingSubprotocol(offered: readonly string[], supported: SupportedSubprotocols): ProtocolError {
  const names = typeof supported === 'function' ? 'a supported one' : [...supported.keys()].join(' or ')
  return requestError('subprotocol', `subprotocols offered: ${offered.length}, expected ${names}`, 'RFC 6455 §4.2.2')
}

/** Returns the server's choice in a response, or `undefined` without one (RFC 6455 §4.1). Throws `ProtocolError` for an invalid one. */
export function readChosenSubprotocol(
  values: FieldValues,
  offered: readonly string[],
  required: boolean,
): string | undefined {
  const [value] = values
  if (value === undefined && !(required && offered.length > 0)) return undefined
  // "MUST NOT appear more than once in an HTTP response"                                            RFC 6455 §11.3.4
  if (value !== undefined && values.length === 1 && offered.includes(value)) return value
  // Not echoed: some servers return the whole list, including tokens.
  const found = values.length === 1 ? toElements(values, field.protocol).length : values.length
  const message = `expected one of the ${offered.length} subprotocols offered, found ${found === 1 ? 'another' : found}`
  throw new ProtocolError('subprotocol', message, { reference: 'RFC 6455 §4.1' })
}

/**
 * Creates the `subprotocols` entries with which a client sends an access token: `[marker, token]`. A browser's `WebSocket` cannot set
 * `Authorization`; this list is the only field that a page controls. If the marker ends in a dot, both form one name, and you must also
 * offer a real subprotocol for the server to choose.
 *
 * Over `ws:` the token is not encrypted, and subprotocols get into logs more easily than `Authorization`.
 *
 * @param token A token of RFC 9110 §5.6.2, such as a JWT. Encode any other text (base64url, without padding).
 * @throws TypeError for a marker or token with other characters. The message does not contain the token.
 *
 * @example
 * offerSubprotocolToken('access-token', 'eyJh.eyJz.c2ln') // ['access-token', 'eyJh.eyJz.c2ln']
 * offerSubprotocolToken('bearer.', 'eyJh.eyJz.c2ln') // ['bearer.eyJh.eyJz.c2ln']
 *
 * @category Opening handshake
 */
export function offerSubprotocolToken(marker: string, token: string): string[] {
  for (const [name, value] of Object.entries({ marker, token })) {
    requireType(value, 'string', `\`${name}\``)
    // Not echoed: it may be a secret.
    if (!isToken(value)) throw new TypeError(`\`${name}\` must be a token (RFC 9110 §5.6.2)`)
  }
  return marker.endsWith('.') ? [marker + token] : [marker, token]
}

/**
 * Returns the access token in a client's offer, or `undefined` if there is none. List the marker in your `subprotocols`, never the
 * token: the response then contains only the marker. Do not list a marker that ends in a dot. You must validate the token yourself.
 *
 * @throws TypeError if `offered` is not an array, or `marker` is not a string.
 *
 * @example
 * getSubprotocolToken(['access-token', 'eyJh.eyJz.c2ln'], 'access-token') // 'eyJh.eyJz.c2ln'
 *
 * @example
 * const accepted = acceptHandshake(request, { subprotocols: ['access-token'], requireSubprotocol: true })
 * if (!accepted.ok) return reply(accepted.response)
 * const token = getSubprotocolToken(accepted.offeredSubprotocols, 'access-token')
 * if (!isValid(token)) return reply(refuseUpgrade(403))
 *
 * @category Opening handshake
 */
export function getSubprotocolToken(offered: readonly string[], marker: string): string | undefined {
  requireType(offered, 'array', '`offered`')
  requireType(marker, 'string', '`marker`')
  if (!marker.endsWith('.')) return offered.includes(marker) ? offered[offered.indexOf(marker) + 1] : undefined
  return offered.find((name) => name.startsWith(marker) && name.length > marker.length)?.slice(marker.length)
}
