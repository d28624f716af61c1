/**
 * `Sec-WebSocket-Version`, for both sides (RFC 6455 §4.1, §4.4).
 *
 * @module
 */

import { ProtocolError, quote } from '../errors.ts'
import { DIGIT, skipClass } from '../http/grammar.ts'
import { getHeaderElements, getHeaders, type HeaderPairs } from '../http/headers.ts'
import { field } from './fields.ts'

/** The version of RFC 6455, the only one that is spoken. */
export const PROTOCOL_VERSION = 13

// version = DIGIT | ( NZDIGIT DIGIT ) | ( "1" DIGIT DIGIT ) | ( "2" DIGIT DIGIT ), limited to 0-255, no leading zeros
//                                                                                                   RFC 6455 §4.3
/** The number that a version's text spells; `undefined` for any other text (`013`, `0xd`, `13.0`, `+13`). */
export function parseVersion(text: string): number | undefined {
  if (text === '' || text.length > 3 || skipClass(text, 0, DIGIT) < text.length) return undefined
  if (text[0] === '0' && text.length > 1) return undefined
  let value = 0
  for (let i = 0; i < text.length; i++) value = value * 10 + text.charCodeAt(i) - 0x30
  return value <= 255 ? value : undefined
}

/** What is wrong with the version that a request asks for; `undefined`: it is ours. */
export function checkVersion(headers: HeaderPairs): ProtocolError | undefined {
  const values = getHeaders(headers, field.version)
  const [value] = values
  // "MUST NOT appear more than once in an HTTP request"                                             RFC 6455 §11.3.5
  if (values.length > 1)
    return versionFault(`has ${values.length} ${field.version} lines, where one is expected`, '§11.3.5')
  // "The request MUST include a header field with the name |Sec-WebSocket-Version|"               RFC 6455 §4.1 item 9
  if (value === undefined) return versionFault(`has no ${field.version}`, '§4.2.1')
  const version = parseVersion(value)
  if (version === undefined)
    return versionFault(`asks for ${quote(value)}, where a number from 0 to 255 is expected`, '§4.3')
  if (version === PROTOCOL_VERSION) return undefined
  return versionFault(`asks for version ${version}, and ${PROTOCOL_VERSION} is spoken here`, '§4.4', 426)
}

function versionFault(found: string, section: string, status = 400): ProtocolError {
  return new ProtocolError('version', `the request ${found}`, { reference: `RFC 6455 ${section}`, status })
}

/** The versions that a server says it speaks, in its order, whatever is no version left out (RFC 6455 §4.4). */
export function readVersions(headers: HeaderPairs): number[] {
  const versions: number[] = []
  for (const element of getHeaderElements(headers, field.version)) {
    const version = parseVersion(element)
    if (version !== undefined) versions.push(version)
  }
  return versions
}
