/**
 * The server's side of an upgrade: which of the protocols that a request asks for is ours, by `Upgrade` (RFC 9110 §7.8) or by
 * `:protocol` (RFC 8441 §4). Knows that a client cannot insist: whatever is not asked for properly is not asked for.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError } from '../errors.ts'
import type { FieldValues } from './field-picker.ts'
import { getHeaders, toElements } from './headers.ts'
import { type HttpVersion, isMultiplexed, type RequestHead, type RequestSource, requestHeadFrom } from './request.ts'
import {
  hasConnectionOption,
  isProtocol,
  parseProtocol,
  parseUpgrade,
  toProtocol,
  type UpgradeProtocol,
} from './upgrade.ts'

/** Whose order decides. */
export interface SelectUpgradeOptions {
  /** Default `'client'`: the field is in the client's order of preference. */
  readonly prefer?: 'client' | 'server' | undefined
}

/** Protocols that a server speaks, each version by itself (`'foo/1'`, `'foo/2'`, `'websocket'`), or a function that chooses. */
export type SupportedUpgrades<Supported extends string> =
  | readonly Supported[]
  | ((offered: readonly UpgradeProtocol[]) => Supported | undefined)

/**
 * The entry of `supported` that a request asks for; `undefined`: it asks for nothing that we speak, and may go on as plain
 * HTTP, for a server may always ignore the field (RFC 9110 §7.8). So it does where `Upgrade` counts for nothing: in
 * HTTP/1.0, 2 and 3, without `Connection: upgrade`, and where the field cannot be read.
 *
 * In HTTP/2 and 3 it is the `:protocol` of an extended CONNECT that asks; one that nobody here speaks is owed a 501
 * (RFC 9220 §3). What else the request has to say is judged by `acceptHandshake` and by `getExtendedConnect`.
 *
 * `h2c` is a protocol like any other here: nobody gets it who does not list it (RFC 9113 §3.1 has retired it).
 *
 * @throws TypeError for an entry that is no protocol, and for a function that chooses what was not offered.
 *
 * @example
 * switch (selectUpgrade(request, ['websocket', 'foo/2'])) {
 *   case 'websocket': // acceptHandshake …
 *   case 'foo/2': // switchingProtocols …
 *   case undefined: // plain HTTP
 * }
 */
export function selectUpgrade<const Supported extends string>(
  request: RequestSource,
  supported: SupportedUpgrades<Supported>,
  options: SelectUpgradeOptions = {},
): Supported | undefined {
  const offered = readOfferedUpgrades(request)
  if (typeof supported === 'function') return choose(offered, supported)
  // Now, and not only when the first client asks for something.
  for (const entry of supported) toProtocol(entry)
  if (options.prefer === 'server')
    return supported.find((entry) => offered.some((protocol) => isProtocol(protocol, entry)))
  for (const protocol of offered) {
    const entry = supported.find((candidate) => isProtocol(protocol, candidate))
    if (entry !== undefined) return entry
  }
  return undefined
}

function choose<Supported extends string>(
  offered: readonly UpgradeProtocol[],
  select: (offered: readonly UpgradeProtocol[]) => Supported | undefined,
): Supported | undefined {
  const chosen = offered.length === 0 ? undefined : select(offered)
  // "A server MUST NOT switch to a protocol that was not indicated by the client in the corresponding request's Upgrade"
  if (chosen !== undefined && !offered.some((protocol) => isProtocol(protocol, chosen)))
    throw new TypeError(`${JSON.stringify(chosen)} was not offered (RFC 9110 §7.8)`)
  return chosen
}

/** The protocols that a request asks for in such a way that it counts, best first. */
function readOfferedUpgrades(request: RequestSource): UpgradeProtocol[] {
  const head = attempt(() => requestHeadFrom(request))
  if (head instanceof ProtocolError) return []
  if (isMultiplexed(head.version)) return readConnectProtocol(head)
  // Behind a CONNECT a tunnel begins, and no other protocol                                     RFC 9110 §9.3.6
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

/** Without the option in `Connection` the field was meant for another hop, and some proxy has let it pass. */
function isMeantForUs(head: RequestHead): boolean {
  // A Fetch runtime shows no hop-by-hop fields.
  return head.version === undefined || hasConnectionOption(head.headers, 'upgrade')
}

/**
 * Whether a request waits for a 100 (RFC 9110 §10.1.1). If it asks for an upgrade as well, the 100 goes before the 101
 * (RFC 9110 §7.8): `switchingProtocols` takes the answer of this function.
 *
 * @example
 * expectsContinue({ method: 'GET', target: '/', headers: { expect: '100-continue' } }) // true
 */
export function expectsContinue(request: RequestSource): boolean {
  const head = attempt(() => requestHeadFrom(request))
  return !(head instanceof ProtocolError) && waitsForContinue(head.version, getHeaders(head.headers, 'expect'))
}

/** The same of the values of `Expect`. */
export function waitsForContinue(version: HttpVersion | undefined, values: FieldValues): boolean {
  // "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation."
  if (version === '1.0') return false
  const expectations = attempt(() => toElements(values, 'Expect'))
  return (
    !(expectations instanceof ProtocolError) && expectations.some((text) => equalsIgnoringCase(text, '100-continue'))
  )
}
