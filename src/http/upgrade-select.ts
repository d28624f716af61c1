/**
 * Server side of an upgrade: selects a supported protocol from a request's `Upgrade` (RFC 9110 §7.8) or `:protocol`
 * (RFC 8441 §4). A server may always ignore `Upgrade`, so an invalid offer is treated as no offer.
 *
 * @module
 */

import { checkOptionNames, describeValue, wrongAnswer } from '../arguments.ts'
import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { type Limits, limitNames } from '../limits.ts'
import type { FieldValues } from './field-picker.ts'
import { anyFieldCount, getHeaders, toElements } from './headers.ts'
import { type HttpVersion, isMultiplexed, type RequestHead, type RequestSource } from './request.ts'
import { type ParsedRequest, readRequest } from './request-parser.ts'
import {
  hasConnectionOption,
  isProtocol,
  parseProtocol,
  parseUpgrade,
  toProtocol,
  type UpgradeProtocol,
} from './upgrade.ts'

/** Options of {@link selectUpgrade}. */
export interface SelectUpgradeOptions {
  /** Whose order decides. Default: `'client'`, since the field is in the client's order of preference. */
  readonly prefer?: 'client' | 'server' | undefined
  /** `maxHeadFields`: a request with more fields offers nothing. */
  readonly limits?: Limits | undefined
}

/** The protocols a server supports, each version listed separately (`'foo/1'`, `'foo/2'`, `'websocket'`), or a function. */
export type SupportedUpgrades<Supported extends string> =
  | readonly Supported[]
  | ((offered: readonly UpgradeProtocol[]) => Supported | undefined)

/**
 * The entry of `supported` that a request asks for. `undefined`: it offers nothing supported; handle it as plain HTTP, since a
 * server may always ignore the field (RFC 9110 §7.8). The same holds where `Upgrade` has no effect: in HTTP/1.0, 2 and 3,
 * without `Connection: upgrade`, and if either field is invalid.
 *
 * In HTTP/2 and 3, the `:protocol` of an extended CONNECT makes the offer; answer an unsupported one with 501 (RFC 9220 §3).
 * `acceptHandshake` and `getExtendedConnect` check the rest of the request.
 *
 * `h2c` is not special: it must be listed to be selected (RFC 9113 §3.1 has retired it).
 *
 * @param request From any source, or a parser's result; an unreadable one offers nothing.
 * @throws TypeError for an invalid entry, and for a function that returns anything but one of the offered protocols or
 *   `undefined`.
 *
 * @example
 * switch (selectUpgrade(request, ['websocket', 'foo/2'])) {
 *   case 'websocket': // acceptHandshake …
 *   case 'foo/2': // switchingProtocols …
 *   case undefined: // plain HTTP
 * }
 */
export function selectUpgrade<const Supported extends string>(
  request: RequestSource | ParsedRequest,
  supported: SupportedUpgrades<Supported>,
  options: SelectUpgradeOptions = {},
): Supported | undefined {
  checkArguments(supported, options)
  const offered = readOfferedUpgrades(request, options.limits)
  if (typeof supported === 'function') return choose(offered, supported)
  // Checked even if the request offers nothing.
  for (const entry of supported) toProtocol(entry)
  if (options.prefer === 'server')
    return supported.find((entry) => offered.some((protocol) => isProtocol(protocol, entry)))
  for (const protocol of offered) {
    const entry = supported.find((candidate) => isProtocol(protocol, candidate))
    if (entry !== undefined) return entry
  }
  return undefined
}

function checkArguments(supported: unknown, options: SelectUpgradeOptions): void {
  if (typeof supported !== 'function' && !Array.isArray(supported))
    throw new TypeError(`\`supported\` must be an array of protocols or a function, not ${describeValue(supported)}`)
  checkOptionNames(options, optionNames, 'the options of selectUpgrade', { limits: limitNames })
  const { prefer } = options
  if (prefer !== undefined && prefer !== 'client' && prefer !== 'server')
    throw new TypeError(`\`prefer\` must be 'client' or 'server', not ${describeValue(prefer)}`)
}

const optionNames: readonly (keyof SelectUpgradeOptions)[] = ['prefer', 'limits']

function choose<Supported extends string>(
  offered: readonly UpgradeProtocol[],
  select: (offered: readonly UpgradeProtocol[]) => Supported | undefined,
): Supported | undefined {
  const chosen: unknown = offered.length === 0 ? undefined : select(offered)
  if (chosen === undefined) return undefined
  if (typeof chosen !== 'string') throw wrongAnswer('supported', 'one of the offered protocols or undefined', chosen)
  // "A server MUST NOT switch to a protocol that was not indicated by the client in the corresponding request's Upgrade"
  if (!offered.some((protocol) => isProtocol(protocol, chosen)))
    throw new TypeError(`${JSON.stringify(chosen)} was not offered (RFC 9110 §7.8)`)
  return chosen as Supported
}

/** The protocols that a request validly offers, best first. */
function readOfferedUpgrades(request: RequestSource | ParsedRequest, limits: Limits | undefined): UpgradeProtocol[] {
  const read = readRequest(request, limits)
  if (!read.ok) return []
  const { head } = read
  if (isMultiplexed(head.version)) return readConnectProtocol(head)
  // A CONNECT starts a tunnel, never another protocol                                           RFC 9110 §9.3.6
  if (head.method === 'CONNECT') return []
  // "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request"               RFC 9110 §7.8
  if (head.version === '1.0') return []
  const protocols = attempt(() => (isMeantForUs(head) ? parseUpgrade(head.headers) : []))
  return protocols instanceof ProtocolError ? [] : protocols
}

// "The pseudo-header field is single valued"                                                              RFC 8441 §4
function readConnectProtocol({ method, protocol }: RequestHead): UpgradeProtocol[] {
  const asked = method === 'CONNECT' && protocol !== undefined ? parseProtocol(protocol) : undefined
  return asked === undefined ? [] : [asked]
}

/** Without the option in `Connection`, the field was meant for another hop and a proxy passed it on by mistake. */
function isMeantForUs(head: RequestHead): boolean {
  // A Fetch runtime may hide hop-by-hop fields.
  return head.version === 'unknown' || hasConnectionOption(head.headers, 'upgrade')
}

/**
 * Whether a request waits for a 100 (RFC 9110 §10.1.1). If it also asks for an upgrade, the 100 goes before the 101
 * (RFC 9110 §7.8): pass the result to `switchingProtocols`.
 *
 * @param request From any source, or a parser's result; `false` for an unreadable one.
 *
 * @example
 * expectsContinue({ method: 'GET', target: '/', headers: { expect: '100-continue' } }) // true
 */
export function expectsContinue(request: RequestSource | ParsedRequest): boolean {
  const read = readRequest(request, anyFieldCount)
  return read.ok && waitsForContinue(read.head.version, getHeaders(read.head.headers, 'expect'))
}

/** The same for the values of `Expect`. */
export function waitsForContinue(version: HttpVersion, values: FieldValues): boolean {
  // "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation."
  if (version === '1.0') return false
  const expectations = attempt(() => toElements(values, 'Expect'))
  return (
    !(expectations instanceof ProtocolError) && expectations.some((text) => equalsIgnoringCase(text, '100-continue'))
  )
}
