/**
 * `Sec-WebSocket-Protocol`, for both sides (RFC 6455 §1.9, §4.1, §4.2.2).
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

/** Whose order decides. */
export interface SelectSubprotocolOptions {
  /** Default `'client'`: the first that the client offers. */
  readonly prefer?: 'client' | 'server' | undefined
}

/**
 * The subprotocol that both sides speak; `undefined`: none. Names compare with letter case (RFC 6455 §4.2.2 item 5.5).
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

/** The subprotocols that a request offers, best first; a name that comes twice counts once. Or what is wrong with the list. */
export function readOfferedSubprotocols(values: FieldValues): string[] | ProtocolError {
  if (values.length === 0) return []
  const elements = attempt(() => toElements(values, field.protocol))
  if (elements instanceof ProtocolError) return elements
  // Sec-WebSocket-Protocol-Client = 1#token: a list of nothing is none                               RFC 6455 §4.3
  if (elements.length === 0) return listFault('names no subprotocol')
  const offered = new Set<string>()
  for (const [index, element] of elements.entries()) {
    if (!isToken(element))
      return listFault(
        `element ${index + 1} of ${elements.length} is no token, at its character ${skipClass(element, 0, TCHAR)}`,
      )
    // "The elements that comprise this value MUST be … unique strings" binds the client; a server loses nothing by a repeat.
    offered.add(element)
  }
  return [...offered]
}

/** What comes of a choice: with `requireSubprotocol: true` it is never `undefined`. Nothing can be chosen of no names. */
export type ChosenSubprotocol<Subprotocol extends string, Required extends boolean> = [Subprotocol] extends [never]
  ? undefined
  : Required extends true
    ? Subprotocol
    : Subprotocol | undefined

/** What a server speaks, and whether it insists. */
export interface SubprotocolPolicy<Subprotocol extends string = string, Required extends boolean = boolean>
  extends SelectSubprotocolOptions {
  /** What is spoken, best first; or a function, which answers with one of the offered, or `undefined`, at once. */
  readonly subprotocols?: readonly Subprotocol[] | ((offered: readonly string[]) => Subprotocol | undefined) | undefined
  /** Refuse with 400 when none is agreed. Default: false, for RFC 6455 lets a server go on without one. */
  readonly requireSubprotocol?: Required | undefined
}

/**
 * What a server answers to an offer: a subprotocol, `undefined` for none, or the fault that there is none.
 *
 * @throws TypeError for a function's answer that was not offered: no client could take it (RFC 6455 §4.1 item 6).
 */
export function chooseSubprotocol<Subprotocol extends string>(
  offered: readonly string[],
  policy: SubprotocolPolicy<Subprotocol>,
): Subprotocol | undefined | ProtocolError {
  const { subprotocols = [], requireSubprotocol = false } = policy
  const asks = typeof subprotocols === 'function'
  // A copy: what was offered stays what it was.
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

/** Not repeated in the message: it may be a token. */
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

/** A list of one's own, checked: tokens, none twice (RFC 6455 §4.1 item 10). Throws `TypeError`. */
export function checkSubprotocols(subprotocols: readonly string[]): void {
  if (!Array.isArray(subprotocols))
    throw new TypeError(`\`subprotocols\` must be an array of strings, not ${describeType(subprotocols)}`)
  const seen = new Set<string>()
  // Named by their index: some are tokens that give access, which no log should hold.
  for (let index = 0; index < subprotocols.length; index++) {
    const name = subprotocols[index] as string
    requireType(name, 'string', `\`subprotocols[${index}]\``)
    if (!isToken(name))
      throw new TypeError(`\`subprotocols[${index}]\` is no token, at ${skipClass(name, 0, TCHAR)} (RFC 6455 §4.1)`)
    if (seen.has(name)) throw new TypeError(`\`subprotocols[${index}]\` comes a second time (RFC 6455 §4.1)`)
    seen.add(name)
  }
}

/** What a server chose of an offer, `undefined` for none; or what is wrong with its choice (RFC 6455 §4.1). */
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
  // Not repeated: servers echo whole lists, tokens included.
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
