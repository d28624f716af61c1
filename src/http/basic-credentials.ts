/**
 * Basic authentication (RFC 7617): formats and parses the credentials, and formats the challenge, as field values. The caller chooses
 * the field and checks the password.
 *
 * @module
 */

import { requireRecord, requireType } from '../arguments.ts'
import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { decodeBase64, encodeBase64, isBase64 } from '../bytes/base64.ts'
import { decodeUtf8Strictly, encodeUtf8 } from '../platform/text.ts'
import { isFieldText } from './grammar.ts'

/**
 * A user name and password. Secret: do not log them.
 *
 * @category Proxies
 */
export interface BasicCredentials {
  /** Without a colon. */
  readonly username: string
  /** Any text without control characters. */
  readonly password: string
}

/**
 * Formats the value of `Authorization` or `Proxy-Authorization`.
 *
 * @throws TypeError for values that are not strings, for a user name with a colon, and for control characters in either (RFC 7617 §2).
 *   The message contains neither.
 *
 * @example
 * formatBasicCredentials({ username: 'Aladdin', password: 'open sesame' }) // Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
 */
export function formatBasicCredentials(credentials: BasicCredentials): string {
  requireCredentials(credentials)
  const { username, password } = credentials
  // "a user-id containing a colon character is invalid"                                                 RFC 7617 §2
  if (username.includes(':')) throw new TypeError('`credentials.username` must not have a colon (RFC 7617 §2)')
  // "The user-id and password MUST NOT contain any control characters"                                  RFC 7617 §2
  if (hasControl(username) || hasControl(password))
    throw new TypeError('`credentials` must not have control characters (RFC 7617 §2)')
  return `Basic ${encodeBase64(encodeUtf8(`${username}:${password}`))}`
}

/** Throws `TypeError` unless both are strings. Messages do not contain values: one may be a misplaced password. */
function requireCredentials(credentials: BasicCredentials): void {
  requireType(credentials, 'object', '`credentials`')
  requireRecord(credentials, '`credentials`')
  requireType(credentials.username, 'string', '`credentials.username`')
  requireType(credentials.password, 'string', '`credentials.password`')
}

/**
 * Parses the value of `Authorization` or `Proxy-Authorization`. Returns `undefined` for another scheme, and for anything but the
 * base64 of UTF-8 text that has a colon and no control characters.
 *
 * @throws TypeError if `value` is not a string.
 *
 * @example
 * parseBasicCredentials('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')?.username // Aladdin
 */
export function parseBasicCredentials(value: string): BasicCredentials | undefined {
  requireType(value, 'string', 'the value of the field')
  // credentials = auth-scheme 1*SP token68                                                             RFC 9110 §11.4
  if (!equalsIgnoringCase(value.slice(0, 5), 'basic') || value[5] !== ' ') return undefined
  let start = 6
  while (value[start] === ' ') start++
  const encoded = value.slice(start)
  if (!isBase64(encoded)) return undefined
  const text = decodeUtf8Strictly(decodeBase64(encoded))
  // "the first colon in a user-pass string separates user-id and password"                              RFC 7617 §2
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon === -1 || hasControl(text)) return undefined
  return { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/**
 * Formats the value of `WWW-Authenticate` or `Proxy-Authenticate` that requests Basic credentials in UTF-8.
 *
 * @param realm What the credentials are for. Clients show it to users.
 * @throws TypeError for a realm with characters that no field value can contain.
 *
 * @example
 * formatBasicChallenge('proxy') // Basic realm="proxy", charset="UTF-8"
 */
export function formatBasicChallenge(realm: string): string {
  requireType(realm, 'string', '`realm`')
  if (!isFieldText(realm)) throw new TypeError('`realm` has an invalid character (RFC 9110 §5.5)')
  return `Basic realm="${realm.replace(/["\\]/g, '\\$&')}", charset="UTF-8"`
}

// CTL = %x00-1F / %x7F                                                                                  RFC 5234 §B.1
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x7f) return true
  }
  return false
}
