/**
 * The list of fields that concern a single hop. HTTP/2 and HTTP/3 forbid some of them (RFC 9113 §8.2.2, RFC 9114 §4.2), and proxies
 * forward none (RFC 9110 §7.6.1).
 *
 * @module
 */

import { equalsIgnoringCase, lowerCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError, requestError } from '../errors.ts'
import { createFieldPicker, type PickedFields } from './field-picker.ts'
import { getHeaderElements, type HeaderPairs } from './headers.ts'

/** Forbidden in HTTP/2 and HTTP/3. `TE` is allowed only with the value `trailers`. */
const connectionSpecific = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
] as const

/** All fields that a proxy does not forward, whether or not `Connection` names them; in lower case. */
export const hopByHop: ReadonlySet<string> = /* @__PURE__ */ listHopByHop()

function listHopByHop(): ReadonlySet<string> {
  return new Set([
    ...connectionSpecific,
    'proxy-authenticate', // RFC 9110 §11.7.1: "applies only to the next outbound client"
    'proxy-authorization', // RFC 9110 §11.7.2: "consumed by the first inbound proxy"
    'proxy-authentication-info',
    'trailer', // RFC 9110 §6.6.2: describes a body, and an upgrade has none
    'content-length',
    // The proxy writes its own for the next hop.
    'host',
  ])
}

const pickConnectionSpecific: (headers: HeaderPairs) => PickedFields<typeof connectionSpecific> =
  /* @__PURE__ */ createFieldPicker(connectionSpecific)

/** Returns the connection-specific fields of a head, each once and in lower case. */
export function findConnectionFields(headers: HeaderPairs): string[] {
  const picked = pickConnectionSpecific(headers)
  return connectionSpecific.filter((name, place) => picked[place]?.some((value) => isForbidden(name, value)))
}

// "when it is, it MUST NOT contain any value other than "trailers""                                     RFC 9113 §8.2.2
function isForbidden(name: string, value: string): boolean {
  return name !== 'te' || !equalsIgnoringCase(value, 'trailers')
}

/** Returns the error of an HTTP/2 or HTTP/3 head with connection-specific fields. */
export function findConnectionFieldError(headers: HeaderPairs): ProtocolError | undefined {
  const found = findConnectionFields(headers)
  if (found.length === 0) return undefined
  // "any message containing connection-specific header fields MUST be treated as malformed"          RFC 9113 §8.2.2
  return requestError('head-syntax', `HTTP/2 and HTTP/3 forbid ${found.join(', ')}`, 'RFC 9113 §8.2.2')
}

/** Returns the fields that `Connection` names, in lower case; none if the list is invalid. */
export function namedByConnection(headers: HeaderPairs): string[] {
  const named = attempt(() => getHeaderElements(headers, 'connection'))
  return named instanceof ProtocolError ? [] : named.map(lowerCase)
}
