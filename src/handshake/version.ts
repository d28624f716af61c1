/**
 * `Sec-WebSocket-Version`, for both sides: reads the version from requests and refusals, and negotiates it (RFC 6455 §4.1, §4.4). The
 * carriers set the status of a refusal, 426 or 400. accept.ts adds the list of supported versions.
 *
 * @module
 */

import { describeValue, requireType } from '../arguments.ts'
import { quote, requestError } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { readDecimal } from '../http/grammar.ts'
import { toElements } from '../http/headers.ts'
import { field, readSingle } from './fields.ts'

/** The version of RFC 6455, and the only one supported by default. */
export const PROTOCOL_VERSION = 13

const defaultVersions: readonly [number] = [PROTOCOL_VERSION]

// version = DIGIT | ( NZDIGIT DIGIT ) | ( "1" DIGIT DIGIT ) | ( "2" DIGIT DIGIT ), limited to 0-255, no leading zeros
//                                                                                                   RFC 6455 §4.3
/** Parses a version number. Returns `undefined` for any other text, such as `013`, `0xd`, `13.0` or `+13`. */
export function parseVersion(text: string): number | undefined {
  return text[0] === '0' && text.length > 1 ? undefined : readDecimal(text, 255)
}

/**
 * Returns the version that both sides support: the first of `supported` that is in `offered`, or `undefined` if there is none.
 *
 * @param offered The version of a request, in a server; the versions from a refusal, in a client (RFC 6455 §4.4).
 * @param supported Your versions, best first. Default: only 13.
 * @throws TypeError for a list that is not an array.
 *
 * @example
 * negotiateVersion([8, 7], [13, 8]) // 8
 *
 * @example
 * const answer = verifyHandshake(parsed, offer) // of offerHandshake(url, options), with options.versions = [13, 8]
 * if (!answer.ok && answer.kind === 'version') {
 *   const [, ...others] = options.versions // no version is tried twice, whatever the server lists
 *   const next = negotiateVersion(answer.versions, others)
 *   if (next !== undefined) open(url, { ...options, versions: others.slice(others.indexOf(next)) })
 * }
 */
export function negotiateVersion(
  offered: readonly number[],
  supported: readonly number[] = defaultVersions,
): number | undefined {
  requireType(offered, 'array', '`offered`')
  requireType(supported, 'array', '`supported`')
  return supported.find((version) => offered.includes(version))
}

/** Checks the option: at least one version, each from 0 to 255. Throws `RangeError` otherwise. */
export function requireVersions(versions: readonly number[] = defaultVersions): readonly [number, ...number[]] {
  const [first, ...more] = versions
  if (first === undefined) throw new RangeError('`versions` must not be empty')
  for (const version of versions)
    if (!Number.isInteger(version) || version < 0 || version > 255)
      throw new RangeError(`\`versions\` must contain whole numbers from 0 to 255, not ${describeValue(version)}`)
  return [first, ...more]
}

/**
 * Returns the version that a request asks for, one of `versions`. Throws `ProtocolError` for any other.
 *
 * @param unsupportedStatus The status for a version that is not in `versions`.
 */
export function readVersion(values: FieldValues, versions: readonly number[], unsupportedStatus: number): number {
  // "The request MUST include a header field with the name |Sec-WebSocket-Version|"               RFC 6455 §4.1 item 9
  // "MUST NOT appear more than once in an HTTP request"                                             RFC 6455 §11.3.5
  const value = readSingle('version', field.version, values, 'RFC 6455 §11.3.5')
  const version = parseVersion(value)
  if (version === undefined) throw requestError('version', `version ${quote(value)} is not 0 to 255`, 'RFC 6455 §4.3')
  if (versions.includes(version)) return version
  const message = `version ${version} is unsupported, expected ${versions.join(' or ')}`
  throw requestError('version', message, 'RFC 6455 §4.4', unsupportedStatus)
}

/** Returns the versions that a server lists, in its order, without invalid elements (RFC 6455 §4.4). */
export function readVersions(values: FieldValues): number[] {
  return toElements(values, field.version)
    .map(parseVersion)
    .filter((version) => version !== undefined)
}
