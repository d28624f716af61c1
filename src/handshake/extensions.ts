/**
 * `Sec-WebSocket-Extensions`, for both sides: parsed and formatted (RFC 6455 §9.1). Knows the grammar, no extension.
 *
 * @module
 */

import { ProtocolError, quote } from '../errors.ts'
import { isToken, MAX_EMPTY_ELEMENTS, readParameter, skipClass, skipWhitespace, TCHAR } from '../http/grammar.ts'
import { getHeaders, type HeaderPairs } from '../http/headers.ts'
import {
  type ExtensionEntry,
  type ExtensionParams,
  type ExtensionParamsSource,
  toExtensionParams,
} from './extension.ts'
import { field } from './fields.ts'

const reference = 'RFC 6455 §9.1'

/**
 * The extensions that a field value lists, in order, repeats kept; values unquoted. Empty list elements are passed over.
 *
 * @throws {ProtocolError} `extension-syntax` (400), its `offset` the place in the text that does not fit the grammar.
 *
 * @example
 * parseExtensions('a; x=1, b; y="2"') // [{ name: 'a', params: [['x', '1']] }, { name: 'b', params: [['y', '2']] }]
 */
export function parseExtensions(text: string): ExtensionEntry[] {
  const entries: ExtensionEntry[] = []
  readList(text, entries)
  if (entries.length === 0) throw syntaxFault('no extension', text, 0)
  return entries
}

// extension-list = 1#extension                                                                      RFC 6455 §9.1
function readList(text: string, entries: ExtensionEntry[]): number {
  let empty = 0
  for (let position = 0; position <= text.length; position++) {
    position = skipWhitespace(text, position)
    if (position < text.length && text[position] !== ',') position = readExtension(text, position, entries)
    else empty++
  }
  if (empty > MAX_EMPTY_ELEMENTS) throw syntaxFault(`${empty} empty elements`, text, 0)
  return empty
}

// extension = extension-token *( ";" extension-param ), with implied white space                RFC 6455 §9.1, §2.1
function readExtension(text: string, start: number, entries: ExtensionEntry[]): number {
  const nameEnd = skipClass(text, start, TCHAR)
  if (nameEnd === start)
    throw syntaxFault(`${quote(text[start] ?? '')} where an extension's name is expected`, text, start)
  const params: ExtensionParams = []
  let position = skipWhitespace(text, nameEnd)
  while (text[position] === ';') position = skipWhitespace(text, readParam(text, position + 1, params))
  if (position < text.length && text[position] !== ',')
    throw syntaxFault(`${quote(text[position] ?? '')} where a semicolon or a comma is expected`, text, position)
  entries.push({ name: text.slice(start, nameEnd), params })
  return position
}

// extension-param = token [ "=" ( token | quoted-string ) ]                                         RFC 6455 §9.1
function readParam(text: string, position: number, params: ExtensionParams): number {
  const start = skipWhitespace(text, position)
  const count = params.length
  const end = readParameter(text, start, params)
  const last = params[params.length - 1]
  if (end < 0 || last === undefined || params.length === count)
    throw syntaxFault('no parameter where one is expected', text, end < 0 ? -1 - end : start)
  // "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to the 'token' ABNF."
  if (last[1] !== true && !isToken(last[1]))
    throw syntaxFault(`the value of ${quote(last[0])} is no token`, text, start)
  return end
}

function syntaxFault(found: string, text: string, offset: number): ProtocolError {
  const message = `${field.extensions} has ${found} at ${offset} of ${text.length}`
  return new ProtocolError('extension-syntax', message, { reference, status: 400, offset })
}

/** The extensions of a head, over all its lines; no field: none. Throws as {@link parseExtensions} does. */
export function readExtensions(headers: HeaderPairs): ExtensionEntry[] {
  const lines = getHeaders(headers, field.extensions)
  const entries: ExtensionEntry[] = []
  let empty = 0
  for (const line of lines) empty += readList(line, entries)
  if (empty > MAX_EMPTY_ELEMENTS || (lines.length > 0 && entries.length === 0)) throw syntaxFault('no extension', '', 0)
  return entries
}

/**
 * The field value that lists extensions.
 *
 * @throws {TypeError} for a name or value that is no token.
 *
 * @example
 * formatExtensions([{ name: 'a', params: { x: 1, y: true } }]) // 'a; x=1; y'
 */
export function formatExtensions(
  list: readonly { readonly name: string; readonly params: ExtensionParamsSource }[],
): string {
  return list
    .map(({ name, params }) => [checkToken(name), ...toExtensionParams(params).map(formatParam)].join('; '))
    .join(', ')
}

function formatParam([name, value]: readonly [string, string | true]): string {
  return value === true ? checkToken(name) : `${checkToken(name)}=${checkToken(value)}`
}

function checkToken(text: string): string {
  if (!isToken(text)) throw new TypeError(`${JSON.stringify(text)} is no token (RFC 6455 §9.1)`)
  return text
}
