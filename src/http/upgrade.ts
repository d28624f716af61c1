/**
 * The `Upgrade` field, for any protocol and both sides: parses, compares and writes it, and reads the `Connection` options that belong
 * to it (RFC 9110 §7.8).
 *
 * @module
 */

import { describeType, describeValue } from '../arguments.ts'
import { equalsIgnoringCase, lowerCase } from '../bytes/ascii.ts'
import { type ProtocolError, quote, requestError } from '../errors.ts'
import type { FieldValues } from './field-picker.ts'
import { isToken, splitList } from './grammar.ts'
import { getHeaders, type HeaderList, type HeaderSource, toElements } from './headers.ts'

/**
 * `protocol = protocol-name [ "/" protocol-version ]`, both tokens.
 *
 * @category Upgrade and refusals
 */
export interface UpgradeProtocol {
  /** A token, case-insensitive. */
  name: string
  /** A token, case-sensitive; `undefined` if there is none. */
  version: string | undefined
}

/**
 * Parses the protocols on all lines of `Upgrade`, best first (RFC 9110 §7.8). Returns an empty list without the field.
 *
 * @throws ProtocolError `head-syntax` (400) for an element that is not `name` or `name/version`.
 *
 * @example
 * parseUpgrade({ upgrade: 'example/1, foo/2' }) // [{ name: 'example', version: '1' }, { name: 'foo', version: '2' }]
 */
export function parseUpgrade(source: HeaderSource): UpgradeProtocol[] {
  return readUpgrade(getHeaders(source, 'upgrade'))
}

/** Parses the values of `Upgrade`, as {@link parseUpgrade} does. */
export function readUpgrade(values: FieldValues): UpgradeProtocol[] {
  return toElements(values, 'Upgrade').map((element) => {
    const protocol = parseProtocol(element)
    if (protocol === undefined) throw createError('Upgrade', element, '§7.8')
    return protocol
  })
}

function createError(name: string, element: string, section: string): ProtocolError {
  return requestError('head-syntax', `${name} has the invalid element ${quote(element)}`, `RFC 9110 ${section}`)
}

/** Whether the values of `Upgrade` list a protocol without a version. Takes its name in lower case. */
export function mentionsProtocol(values: FieldValues, name: string): boolean {
  const elements: string[] = []
  for (const value of values) splitList(value, elements)
  return elements.some((element) => equalsIgnoringCase(element, name))
}

/** Parses an element of `Upgrade`, or `:protocol`. Returns `undefined` for an invalid one. */
export function parseProtocol(text: string): UpgradeProtocol | undefined {
  const slash = text.indexOf('/')
  const name = slash === -1 ? text : text.slice(0, slash)
  const version = slash === -1 ? undefined : text.slice(slash + 1)
  return isToken(name) && (version === undefined || isToken(version)) ? { name, version } : undefined
}

/** Formats a protocol as an element of `Upgrade`. */
export function formatProtocol({ name, version }: UpgradeProtocol): string {
  return version === undefined ? name : `${name}/${version}`
}

/** Parses a protocol from a caller: `'foo'` or `'foo/2'`. Throws `TypeError` for anything else. */
export function requireProtocol(text: string): UpgradeProtocol {
  const protocol = typeof text === 'string' ? parseProtocol(text) : undefined
  if (protocol === undefined)
    throw new TypeError(`a protocol must be \`name\` or \`name/version\`, both tokens, not ${describeValue(text)}`)
  return protocol
}

/**
 * Whether a protocol matches `entry`: the name case-insensitively, and the version exactly or absent in both. A 101 repeats an offered
 * protocol, so that both sides agree on the version.
 */
export function isProtocol(protocol: UpgradeProtocol, entry: string): boolean {
  const { name, version } = requireProtocol(entry)
  return equalsIgnoringCase(protocol.name, lowerCase(name)) && version === protocol.version
}

/**
 * Creates the two fields with which a request offers protocols or a response advertises them: `Upgrade`, best first, and `Connection`,
 * since `Upgrade` applies to one hop only (RFC 9110 §7.8).
 *
 * @param connection Other options for `Connection`, such as `'close'`.
 * @throws TypeError without a protocol, or for an invalid one.
 *
 * @example
 * upgradeHeaders(['example/1', 'foo/2']) // [['Upgrade', 'example/1, foo/2'], ['Connection', 'Upgrade']]
 *
 * @category Upgrade and refusals
 */
export function upgradeHeaders(protocols: string | readonly string[], ...connection: readonly string[]): HeaderList {
  for (const option of connection)
    if (typeof option !== 'string' || !isToken(option))
      throw new TypeError(`a connection option must be a token, not ${describeValue(option)}`)
  const list = typeof protocols === 'string' ? [protocols] : protocols
  if (!Array.isArray(list))
    throw new TypeError(`\`protocols\` must be a string or an array of strings, not ${describeType(protocols)}`)
  if (list.length === 0) throw new TypeError('`protocols` must not be empty')
  for (const entry of list) requireProtocol(entry)
  return formatUpgrade(list.join(', '), ...connection)
}

/** Creates the two fields from a valid list of protocols, as text. */
export function formatUpgrade(protocols: string, ...connection: readonly string[]): HeaderList {
  return [
    ['Upgrade', protocols],
    // "A sender of Upgrade MUST also send an "Upgrade" connection option in the Connection header field"
    ['Connection', connection.length === 0 ? 'Upgrade' : ['Upgrade', ...connection].join(', ')],
  ]
}

/**
 * Whether a request's `Connection` lists an option, such as `upgrade` (RFC 9110 §7.6.1). Takes it in lower case.
 *
 * @throws ProtocolError `head-syntax` (400) for a field that is not a list of tokens, as for `Upgrade`.
 */
export function hasConnectionOption(headers: HeaderSource, option: string): boolean {
  return listsOption(getHeaders(headers, 'connection'), option)
}

/** Whether the values of a request's `Connection` list an option, as {@link hasConnectionOption} does. */
export function listsOption(values: FieldValues, option: string): boolean {
  // The common case.
  if (values.length === 1 && equalsIgnoringCase(values[0] as string, option)) return true
  let found = false
  // Connection = #connection-option, connection-option = token                                        RFC 9110 §7.6.1
  for (const element of toElements(values, 'Connection')) {
    if (!isToken(element)) throw createError('Connection', element, '§7.6.1')
    found ||= equalsIgnoringCase(element, option)
  }
  return found
}

/** Whether the values of a response's `Connection` list an option. Does not check the other options. */
export function mentionsOption(values: FieldValues, option: string): boolean {
  return toElements(values, 'Connection').some((element) => equalsIgnoringCase(element, option))
}
