/**
 * `Sec-WebSocket-Protocol`, for both sides: reads the client's offer, makes the server's choice, and checks it in the response
 * (RFC 6455 §1.9, §4.1, §4.2.2).
 *
 * @module
 */

import {
  checkOptionNames,
  describeType,
  describeValue,
  requireOptional,
  requireType,
  wrongAnswer,
} from '../arguments.ts'
import { attempt, ProtocolError } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { isToken, skipClass, TCHAR } from '../http/grammar.ts'
import { toElements } from '../http/headers.ts'
import { field } from './fields.ts'

/** Options of {@link selectSubprotocol}. */
export interface SelectSubprotocolOptions {
  /** Whose order decides. Default: `'client'`. */
  readonly prefer?: 'client' | 'server' | undefined
}

/**
 * Selects the subprotocol that both sides support; `undefined`: none. Names are case-sensitive (RFC 6455 §4.2.2 item 5.5).
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
  requireList('offered', offered)
  requireList('supported', supported)
  checkOptionNames(options, ['prefer'], '`options` of selectSubprotocol')
  checkPrefer(options.prefer)
  return select(offered, supported, options)
}

function select<Subprotocol extends string>(
  offered: readonly string[],
  supported: readonly Subprotocol[],
  options: SelectSubprotocolOptions,
): Subprotocol | undefined {
  if (options.prefer === 'server') return supported.find((entry) => offered.includes(entry))
  for (const name of offered) {
    const entry = supported.find((candidate) => candidate === name)
    if (entry !== undefined) return entry
  }
  return undefined
}

/** The subprotocols that a request offers, best first and without duplicates; or the list's fault. */
export function readOfferedSubprotocols(values: FieldValues): string[] | ProtocolError {
  if (values.length === 0) return []
  const elements = attempt(() => toElements(values, field.protocol))
  if (elements instanceof ProtocolError) return elements
  // Sec-WebSocket-Protocol-Client = 1#token: an empty list is invalid                                RFC 6455 §4.3
  if (elements.length === 0) return listFault('names no subprotocol')
  const offered = new Set<string>()
  for (const [index, element] of elements.entries()) {
    if (!isToken(element))
      return listFault(
        `element ${index + 1} of ${elements.length} is no token, at its character ${skipClass(element, 0, TCHAR)}`,
      )
    // "The elements that comprise this value MUST be … unique strings" binds the client; duplicates do not harm a server.
    offered.add(element)
  }
  return [...offered]
}

/** The type of a choice: with `requireSubprotocol: true` never `undefined`; without names always `undefined`. */
export type ChosenSubprotocol<Subprotocol extends string, Required extends boolean> = [Subprotocol] extends [never]
  ? undefined
  : Required extends true
    ? Subprotocol
    : Subprotocol | undefined

/** The subprotocols a server supports, and whether one is required. */
export interface SubprotocolPolicy<Subprotocol extends string = string, Required extends boolean = boolean>
  extends SelectSubprotocolOptions {
  /** The supported names, best first; or a synchronous function that returns one of those offered, or `undefined`. */
  readonly subprotocols?: readonly Subprotocol[] | ((offered: readonly string[]) => Subprotocol | undefined) | undefined
  /** Refuse with 400 if none is agreed. Default: false, because RFC 6455 lets a server continue without one. */
  readonly requireSubprotocol?: Required | undefined
}

/**
 * The server's choice for an offer: a subprotocol, `undefined` for none, or a fault if one is required.
 *
 * @throws TypeError if a function returns one that was not offered: no client could accept it (RFC 6455 §4.1 item 6).
 */
export function chooseSubprotocol<Subprotocol extends string>(
  offered: readonly string[],
  policy: SubprotocolPolicy<Subprotocol>,
): Subprotocol | undefined | ProtocolError {
  const { subprotocols = [], requireSubprotocol = false } = policy
  const asks = typeof subprotocols === 'function'
  // A copy, so that the function cannot change the offer.
  const chosen = asks ? subprotocols([...offered]) : select<Subprotocol>(offered, subprotocols, policy)
  if (asks && chosen !== undefined) requireOffered(chosen, offered)
  if (chosen !== undefined || !requireSubprotocol) return chosen
  const expected = asks ? 'where one is required' : `where one of ${subprotocols.join(', ')} is required`
  return new ProtocolError(
    'subprotocol',
    offered.length === 0
      ? `the request offers no subprotocol, ${expected}`
      : `none of the ${offered.length} subprotocols offered is taken, ${expected}`,
    { reference: 'RFC 6455 §4.2.2', status: 400 },
  )
}

/** The message does not echo the name: it may be a secret token. */
function requireOffered(answer: unknown, offered: readonly string[]): void {
  if (typeof answer !== 'string') throw wrongAnswer('subprotocols', 'a string that was offered, or undefined', answer)
  if (!offered.includes(answer))
    throw new TypeError('`subprotocols` answered with what was not offered (RFC 6455 §4.2.2)')
}

/** Checks a server's options. Throws `TypeError`. */
export function checkSubprotocolPolicy({ subprotocols, prefer, requireSubprotocol = false }: SubprotocolPolicy): void {
  checkPrefer(prefer)
  requireOptional(requireSubprotocol, 'boolean', '`requireSubprotocol`')
  if (typeof subprotocols === 'function') return
  if (subprotocols !== undefined && !Array.isArray(subprotocols))
    throw new TypeError(`\`subprotocols\` must be an array or a function, not ${describeType(subprotocols)}`)
  if (requireSubprotocol && (subprotocols === undefined || subprotocols.length === 0))
    throw new TypeError('`requireSubprotocol` wants `subprotocols` that can be agreed on')
  if (subprotocols !== undefined) checkSubprotocols(subprotocols)
}

/** Checks the caller's list: tokens, no duplicates (RFC 6455 §4.1 item 10). Throws `TypeError`. */
export function checkSubprotocols(subprotocols: readonly string[]): void {
  if (!Array.isArray(subprotocols))
    throw new TypeError(`\`subprotocols\` must be an array of strings, not ${describeType(subprotocols)}`)
  const seen = new Set<string>()
  // Messages name the index: some names are access tokens, which must not reach a log.
  for (let index = 0; index < subprotocols.length; index++) {
    const name = subprotocols[index] as string
    requireType(name, 'string', `\`subprotocols[${index}]\``)
    if (!isToken(name))
      throw new TypeError(`\`subprotocols[${index}]\` is no token, at ${skipClass(name, 0, TCHAR)} (RFC 6455 §4.1)`)
    if (seen.has(name)) throw new TypeError(`\`subprotocols[${index}]\` comes a second time (RFC 6455 §4.1)`)
    seen.add(name)
  }
}

/** The server's choice in a response, `undefined` for none; or its fault (RFC 6455 §4.1). */
export function readChosenSubprotocol<Subprotocol extends string>(
  values: FieldValues,
  offered: readonly Subprotocol[],
  required: boolean,
): Subprotocol | undefined | ProtocolError {
  const [value] = values
  // "MUST NOT appear more than once in an HTTP response"                                            RFC 6455 §11.3.4
  if (values.length > 1) return choiceFault(`${values.length} ${field.protocol} lines, where one may stand`)
  if (value === undefined)
    return required && offered.length > 0
      ? choiceFault(`no ${field.protocol}, and one of the ${offered.length} that were offered is required`)
      : undefined
  const chosen = offered.find((name) => name === value)
  if (chosen !== undefined) return chosen
  // Not echoed: some servers return the whole list, tokens included.
  const count = toElements(values, field.protocol).length
  return choiceFault(
    count > 1
      ? `a ${field.protocol} of ${count} names, where one may stand`
      : `a ${field.protocol} of ${value.length} characters, where one of the ${offered.length} that were offered is expected`,
  )
}

function checkPrefer(prefer: unknown): void {
  if (prefer !== undefined && prefer !== 'client' && prefer !== 'server')
    throw new TypeError(`\`prefer\` must be 'client' or 'server', not ${describeValue(prefer)}`)
}

function requireList(name: string, list: unknown): void {
  if (!Array.isArray(list)) throw new TypeError(`\`${name}\` must be an array of strings, not ${describeType(list)}`)
}

function listFault(found: string): ProtocolError {
  return new ProtocolError('subprotocol', `${field.protocol} ${found}`, { reference: 'RFC 6455 §4.3', status: 400 })
}

function choiceFault(found: string): ProtocolError {
  return new ProtocolError('subprotocol', `the response has ${found}`, { reference: 'RFC 6455 §4.1' })
}
