/**
 * Splits the field section of an HTTP/2 or HTTP/3 message into pseudo-headers and fields, and checks its form (RFC 9113 §8.2,
 * §8.3, RFC 9114 §4.2, §4.3): pseudo-headers first, each once, then fields in lower case. Other code checks what pseudo-headers mean.
 *
 * @module
 */

import { ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import { FIELD_TEXT, isToken, isWhitespace, skipClass } from './grammar.ts'
import { type HeaderList, type HeaderPairs, requirePairs } from './headers.ts'

/**
 * Input from an HTTP/2 or HTTP/3 stack that provides only pairs: the whole field section of a request or a response, including
 * pseudo-headers, decompressed but otherwise unchanged.
 *
 * @example
 * const fields: HeaderPairs = [
 *   ...([[':method', 'CONNECT'], [':protocol', 'websocket'], [':scheme', 'https']] as const),
 *   ...([[':authority', 'a.example'], [':path', '/chat'], ['sec-websocket-version', '13']] as const),
 * ]
 * acceptHandshake({ httpVersion: '3', fields }).response.status // 200
 *
 * @category HTTP/2 and HTTP/3
 */
export interface FieldSectionLike {
  /** The HTTP version of the message. */
  readonly httpVersion: '2' | '3'
  /** In order, with names in lower case and pseudo-headers first. */
  readonly fields: HeaderPairs
}

/** The two parts of a field section, and its first error. */
export interface FieldSection {
  readonly pseudo: { readonly [name: string]: string | undefined }
  readonly headers: HeaderList
  readonly error: ProtocolError | undefined
}

/**
 * Splits a field section. Its error is a `ProtocolError` `pseudo-header` (400) for a pseudo-header that is unknown, repeated, after a
 * field, or has an invalid value, or `head-syntax` (400) for a field with an invalid name or value. Either makes a message malformed.
 *
 * @param known The pseudo-headers that the message may have.
 */
export function splitFieldSection({ fields }: FieldSectionLike, known: readonly string[]): FieldSection {
  requirePairs(fields, '`fields`')
  const pseudo: { [name: string]: string } = {}
  const headers: HeaderList = []
  const cookies: string[] = []
  let error: ProtocolError | undefined
  for (const [name, value] of fields) {
    if (name[0] === ':') {
      error ??= findPseudoHeaderError(name, value, known, pseudo[name] !== undefined, headers.length > 0)
      pseudo[name] ??= value
      continue
    }
    error ??= findFieldError(name, value)
    if (name === 'cookie') cookies.push(value)
    if (name !== 'cookie' || cookies.length === 1) headers.push([name, value])
  }
  // "these MUST be concatenated into a single octet string using the two-octet delimiter of 0x3b, 0x20"  RFC 9113 §8.2.3
  for (const field of headers) if (field[0] === 'cookie') field[1] = cookies.join('; ')
  return { pseudo, headers, error }
}

function findPseudoHeaderError(
  name: string,
  value: string,
  known: readonly string[],
  repeated: boolean,
  afterField: boolean,
): ProtocolError | undefined {
  // "Endpoints MUST treat a request or response that contains undefined or invalid pseudo-header fields as malformed."
  if (!known.includes(name)) return createError('pseudo-header', `unknown pseudo-header ${quote(name)}`)
  // "The same pseudo-header field name MUST NOT appear more than once in a field block."
  if (repeated) return repeatedPseudoHeader(name)
  // "All pseudo-header fields MUST appear in a field block before all regular field lines."
  if (afterField) return createError('pseudo-header', `${name} appears after a field`)
  return findValueError('pseudo-header', name, value)
}

export function repeatedPseudoHeader(name: string): ProtocolError {
  return createError('pseudo-header', `${name} appears twice`)
}

function findFieldError(name: string, value: string): ProtocolError | undefined {
  // "A field name MUST NOT contain characters in the ranges 0x00-0x20, 0x41-0x5a, or 0x7f-0xff"        RFC 9113 §8.2.1
  if (!isToken(name) || /[A-Z]/.test(name))
    return createError('head-syntax', `${quote(name)} is not a lower-case name`, '§8.2.1')
  return findValueError('head-syntax', name, value)
}

function findValueError(code: ProtocolErrorCode, name: string, value: string): ProtocolError | undefined {
  const last = value.length - 1
  let at = skipClass(value, 0, FIELD_TEXT)
  if (at > last) {
    // "A field value MUST NOT start or end with an ASCII whitespace character"                         RFC 9113 §8.2.1
    const starts = isWhitespace(value.charCodeAt(0))
    if (!starts && !isWhitespace(value.charCodeAt(last))) return undefined
    at = starts ? 0 : last
  }
  return createError(code, `${name} has an invalid character at ${at}`, '§8.2.1', at)
}

function createError(code: ProtocolErrorCode, message: string, section = '§8.3', offset?: number): ProtocolError {
  const details = { reference: `RFC 9113 ${section}`, status: 400 }
  return new ProtocolError(code, message, offset === undefined ? details : { ...details, offset })
}
