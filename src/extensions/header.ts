/**
 * `Sec-WebSocket-Extensions`, for both sides: parses it into entries and formats entries into a field value (RFC 6455 §9.1).
 *
 * @module
 */

import { describeType, requireType, wrongArgument } from '../arguments.ts'
import { errorIndex } from '../bytes/ascii.ts'
import { ProtocolError, quote } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import {
  COMMA,
  isToken,
  MAX_EMPTY_ELEMENTS,
  readParameter,
  SEMICOLON,
  skipClass,
  skipWhitespace,
  TCHAR,
} from '../http/grammar.ts'
import type { ExtensionEntry, ExtensionParams, ExtensionParamsSource } from './extension.ts'
import { isExtensionParamsSource, toExtensionParams } from './extension.ts'

/**
 * Parses a field value into extensions, in order and with repeats. Unquotes values and skips empty list elements.
 *
 * @throws ProtocolError `extension-syntax` (status 400); its `offset` is the position of the invalid byte in `text`.
 *
 * @example
 * parseExtensions('a; x=1, b; y="2"') // [{ name: 'a', params: [['x', '1']] }, { name: 'b', params: [['y', '2']] }]
 */
export function parseExtensions(text: string): ExtensionEntry[] {
  requireType(text, 'string', '`text`')
  return readExtensions([text])
}

/** Reads the extensions on all lines of a head; returns an empty list without the field. Throws as {@link parseExtensions} does. */
export function readExtensions(lines: FieldValues): ExtensionEntry[] {
  const entries: ExtensionEntry[] = []
  let empty = 0
  for (const line of lines) empty += readList(line, entries)
  if (empty > MAX_EMPTY_ELEMENTS)
    throw syntaxError(`has ${empty} empty elements; at most ${MAX_EMPTY_ELEMENTS} are allowed`, 0)
  if (lines.length > 0 && entries.length === 0) throw syntaxError('names no extension', 0)
  return entries
}

// extension-list = 1#extension                                                                      RFC 6455 §9.1
function readList(text: string, entries: ExtensionEntry[]): number {
  let empty = 0
  for (let position = 0; position <= text.length; position++) {
    position = skipWhitespace(text, position)
    if (position < text.length && text.charCodeAt(position) !== COMMA) position = readExtension(text, position, entries)
    else empty++
  }
  return empty
}

// extension = extension-token *( ";" extension-param ), with implied white space                RFC 6455 §9.1, §2.1
function readExtension(text: string, start: number, entries: ExtensionEntry[]): number {
  const nameEnd = skipClass(text, start, TCHAR)
  if (nameEnd === start) throw unexpected(text, start, "an extension's name")
  const params: ExtensionParams = []
  let position = skipWhitespace(text, nameEnd)
  while (text.charCodeAt(position) === SEMICOLON) position = skipWhitespace(text, readParam(text, position + 1, params))
  if (position < text.length && text.charCodeAt(position) !== COMMA)
    throw unexpected(text, position, 'a semicolon or a comma')
  entries.push({ name: text.slice(start, nameEnd), params })
  return position
}

// extension-param = token [ "=" ( token | quoted-string ) ]                                         RFC 6455 §9.1
function readParam(text: string, position: number, params: ExtensionParams): number {
  const start = skipWhitespace(text, position)
  const count = params.length
  const end = readParameter(text, start, params)
  const last = params[params.length - 1]
  // If the error is after the start, it is in the value.
  if (end < 0 && errorIndex(end) > start) throw unexpected(text, errorIndex(end), 'a token or a whole quoted string')
  if (end < 0 || last === undefined || params.length === count) throw unexpected(text, start, "a parameter's name")
  // "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to the 'token' ABNF."
  if (last[1] !== true && !isToken(last[1])) throw unexpected(text, text.indexOf('"', start), 'a token in quotes')
  return end
}

/** The most code units of the text that a message shows, from the invalid character on. */
const MAX_SHOWN = 20

function unexpected(text: string, offset: number, expected: string): ProtocolError {
  const found = offset >= text.length ? 'the end' : quote(text.slice(offset, offset + MAX_SHOWN))
  return syntaxError(`has ${found} at ${offset}, not ${expected}`, offset)
}

function syntaxError(found: string, offset: number): ProtocolError {
  const details = { reference: 'RFC 6455 §9.1', status: 400, offset }
  return new ProtocolError('extension-syntax', `Sec-WebSocket-Extensions ${found}`, details)
}

/**
 * Formats extensions as a field value. Every value must be a token, even in quotes (RFC 6455 §9.1), so it never writes quotes.
 *
 * @throws TypeError for a name or value that is not a token.
 *
 * @example
 * formatExtensions([{ name: 'a', params: { x: 1, y: true } }]) // 'a; x=1; y'
 */
export function formatExtensions(
  list: readonly { readonly name: string; readonly params: ExtensionParamsSource }[],
): string {
  requireType(list, 'array', '`list`')
  for (const [index, entry] of list.entries())
    if (typeof entry?.name !== 'string' || !isExtensionParamsSource(entry.params))
      throw wrongArgument(`\`list[${index}]\``, '{ name, params }', describeType(entry))
  return formatEntries(list)
}

/** As {@link formatExtensions}, for entries of the right types. */
export function formatEntries(
  list: readonly { readonly name: string; readonly params: ExtensionParamsSource }[],
): string {
  return list
    .map(({ name, params }) => [requireToken(name), ...toExtensionParams(params).map(formatParam)].join('; '))
    .join(', ')
}

function formatParam([name, value]: readonly [string, string | true]): string {
  return value === true ? requireToken(name) : `${requireToken(name)}=${requireToken(value)}`
}

function requireToken(text: string): string {
  if (!isToken(text)) throw new TypeError(`${JSON.stringify(text)} is not a token (RFC 6455 §9.1)`)
  return text
}

/** Creates the client's error for an extension that it did not offer. */
export function notOffered(name: string): ProtocolError {
  return unfitAnswer(`${quote(name)}, which was not offered`, '§4.1')
}

/** Creates the client's error for an answer that does not fit its offers. */
export function unfitAnswer(found: string, section = '§9.1'): ProtocolError {
  return new ProtocolError('extension', `the 101 names ${found}`, { reference: `RFC 6455 ${section}` })
}
