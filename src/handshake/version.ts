/**
 * `Sec-WebSocket-Version`, for both sides: reads it from requests and refusals, and negotiates it (RFC 6455 §4.1, §4.4).
 *
 * @module
 */

import { describeType, describeValue } from '../arguments.ts'
import { ProtocolError, quote } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { readDecimal } from '../http/grammar.ts'
import { toElements } from '../http/headers.ts'
import { field } from './fields.ts'

/** The version of RFC 6455, and the only one supported by default. */
export const PROTOCOL_VERSION = 13

const defaultVersions: readonly number[] = [PROTOCOL_VERSION]

// version = DIGIT | ( NZDIGIT DIGIT ) | ( "1" DIGIT DIGIT ) | ( "2" DIGIT DIGIT ), limited to 0-255, no leading zeros
//                                                                                                   RFC 6455 §4.3
/** Parses a version number; `undefined` for any other text (`013`, `0xd`, `13.0`, `+13`). */
export function parseVersion(text: string): number | undefined {
  return text[0] === '0' && text.length > 1 ? undefined : readDecimal(text, 255)
}

/**
 * The version that both sides support: the first of `supported` that is in `offered`; `undefined`: none. A server offers it the
 * version of a request, a client the list from a refusal (RFC 6455 §4.4).
 *
 * @param supported Your own versions, best first. Default: 13 only.
 *
 * @example
 * const answer = verifyHandshake(parsed, offer) // of offerHandshake(url, options), with options.versions = [13, 8]
 * if (!answer.ok && answer.kind === 'version') {
 *   const [, ...others] = options.versions // none is asked for twice, whatever the server says
 *   const next = negotiateVersion(answer.versions, others)
 *   if (next !== undefined) open(url, { ...options, versions: others.slice(others.indexOf(next)) })
 * }
 */
export function negotiateVersion(
  offered: readonly number[],
  supported: readonly number[] = defaultVersions,
): number | undefined {
  requireArray('offered', offered)
  requireArray('supported', supported)
  return supported.find((version) => offered.includes(version))
}

/**
 * Checks the option: at least one version, each from 0 to 255. Throws `RangeError`, and `TypeError` if it is not an array.
 */
export function checkVersions(versions: readonly number[] = defaultVersions): readonly [number, ...number[]] {
  requireArray('versions', versions)
  const [first, ...more] = versions
  if (first === undefined) throw new RangeError('`versions` is empty; 13 is the standard one (RFC 6455 §4.3)')
  for (const version of versions)
    if (!Number.isInteger(version) || version < 0 || version > 255)
      throw new RangeError(
        `\`versions\` holds ${describeValue(version)}; a whole number from 0 to 255 is expected (RFC 6455 §4.3)`,
      )
  return [first, ...more]
}

function requireArray(name: string, versions: unknown): void {
  if (!Array.isArray(versions))
    throw new TypeError(`\`${name}\` must be an array of numbers, not ${describeType(versions)}`)
}

/**
 * The version that a request asks for, one of `versions`; or its fault.
 *
 * @param unspokenStatus The status for a version that is not in `versions`.
 * @param offWire Whether it may be missing; it then defaults to the first of `versions`.
 */
export function readVersion(
  values: FieldValues,
  versions: readonly number[],
  unspokenStatus: number,
  offWire = false,
): number | ProtocolError {
  const [value] = values
  if (value === undefined && offWire) return versions[0] as number
  // "MUST NOT appear more than once in an HTTP request"                                             RFC 6455 §11.3.5
  if (values.length > 1)
    return versionFault(`has ${values.length} ${field.version} lines, where one is expected`, '§11.3.5')
  // "The request MUST include a header field with the name |Sec-WebSocket-Version|"               RFC 6455 §4.1 item 9
  if (value === undefined)
    return versionFault(`has no ${field.version}, where ${versions.join(' or ')} is expected`, '§4.2.1')
  const version = parseVersion(value)
  if (version === undefined)
    return versionFault(`asks for version ${quote(value)}, where a number from 0 to 255 is expected`, '§4.3')
  return (
    negotiateVersion([version], versions) ??
    versionFault(`asks for version ${version}; spoken here: ${versions.join(', ')}`, '§4.4', unspokenStatus)
  )
}

function versionFault(found: string, section: string, status = 400): ProtocolError {
  return new ProtocolError('version', `the request ${found}`, { reference: `RFC 6455 ${section}`, status })
}

/** The versions that a server lists, in its order; invalid elements are left out (RFC 6455 §4.4). */
export function readVersions(values: FieldValues): number[] {
  const versions: number[] = []
  for (const element of toElements(values, field.version)) {
    const version = parseVersion(element)
    if (version !== undefined) versions.push(version)
  }
  return versions
}
