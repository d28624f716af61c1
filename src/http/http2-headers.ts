/**
 * Heads as HTTP/2 and HTTP/3 write them: pseudo-headers, then fields in lower case, none of one connection (RFC 9113 §8.2,
 * §8.3). Refuses what no field can carry, as the formatters of HTTP/1.1 do.
 *
 * @module
 */

import { describeValue, requireRecord } from '../arguments.ts'
import { lowerCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { findConnectionFields } from './connection-fields.ts'
import { isToken, skipClass, trimWhitespace, VCHAR } from './grammar.ts'
import { getHeader, getHeaderElements, type HeaderList, type HeaderPairs, toHeaderRecord, toPairs } from './headers.ts'
import { isMultiplexed, type RequestLike } from './request.ts'
import { isStatus, type ResponseLike } from './response.ts'
import { requireField } from './sendable-fields.ts'

/**
 * A head as `node:http2`'s `request()` and `respond()` take it: `:status` of a response, the pseudo-headers of a request, then
 * the fields, names in lower case, repeats as arrays. No prototype.
 *
 * What belongs to one connection of HTTP/1.1 (`Connection` and what it names, `Upgrade`, `Keep-Alive` …) is left out, as
 * RFC 9113 §8.2.2 demands of whoever translates, so that `refuseUpgrade(403)` serves both; `Host` gives way to `authority`, or becomes `:authority` if there is none.
 *
 * @throws TypeError for a head of HTTP/1.1, for a 101 and a 426, which HTTP/2 does not have, for pseudo-headers that are missing
 *   or none, and for fields whose name or value no head can carry. What a backend answered passes through
 *   {@link relayRefusal} first, which knows what to make of these.
 *
 * @example
 * const accepted = acceptHandshake(headers)
 * stream.respond(toHttp2Headers(accepted.response))
 */
export function toHttp2Headers(head: RequestLike | ResponseLike): { [name: string]: string | string[] } {
  requireRecord(head, 'a head')
  const pseudo = 'method' in head ? requestPseudoHeaders(head) : { ':status': statusOf(head) }
  return Object.assign(Object.create(null), pseudo, toHeaderRecord(fieldsOf(toPairs(head.headers ?? []))))
}

function requestPseudoHeaders(head: RequestLike): { [name: string]: string } {
  const { method, target, version = '1.1', protocol, scheme } = head
  // "An intermediary that forwards a request over HTTP/2 MUST construct an ":authority" pseudo-header field using the authority
  // information from the control data of the original request", which Host is without one              RFC 9113 §8.3.1
  const authority = head.authority ?? getHeader(head.headers, 'host')
  if (!isMultiplexed(version))
    throw new TypeError(`a head of HTTP/${version} has no pseudo-headers: see formatRequestHead (RFC 9113 §8.3)`)
  if (!isToken(method)) throw new TypeError(`${JSON.stringify(method)} is no method (RFC 9110 §9.1)`)
  // A CONNECT without `:protocol` asks a proxy for a tunnel, and names nothing but where it leads to        RFC 9113 §8.5
  if (method === 'CONNECT' && protocol === undefined)
    return { ':method': method, ':authority': requireVisible(':authority', authority) }
  return {
    ':method': method,
    ...(protocol !== undefined && { ':protocol': requireVisible(':protocol', protocol) }),
    ':scheme': requireVisible(':scheme', scheme),
    ':path': requireVisible(':path', target),
    ':authority': requireVisible(':authority', authority),
  }
}

/** Not repeated: queries hold tokens. */
function requireVisible(name: string, value: string | undefined): string {
  if (value === undefined || value === '' || skipClass(value, 0, VCHAR) < value.length)
    throw new TypeError(`${name} is visible ASCII, one character at least (RFC 9113 §8.3.1)`)
  return value
}

function statusOf({ status }: ResponseLike): string {
  if (!isStatus(status))
    throw new TypeError(`${describeValue(status)} is no status: three digits from 100 on (RFC 9110 §15)`)
  if (status === 101)
    throw new TypeError('HTTP/2 has no 101; a WebSocket is granted by 200 (RFC 9113 §8.6, RFC 8441 §5)')
  // "The server MUST send an Upgrade header field in a 426 response", and HTTP/2 has no such field      RFC 9110 §15.5.22
  if (status === 426) throw new TypeError('a 426 needs Upgrade, which HTTP/2 does not have (RFC 9110 §15.5.22)')
  return String(status)
}

function fieldsOf(pairs: HeaderPairs): HeaderList {
  const left = new Set(['host', ...findConnectionFields(pairs), ...namedByConnection(pairs)])
  const fields: HeaderList = []
  for (const [name, value] of pairs) {
    requireField(name, value)
    if (!left.has(lowerCase(name))) fields.push([name, trimWhitespace(value)])
  }
  return fields
}

/** The fields that `Connection` names, in lower case. A list that cannot be read names nothing. */
export function namedByConnection(pairs: HeaderPairs): string[] {
  const named = attempt(() => getHeaderElements(pairs, 'connection'))
  return named instanceof ProtocolError ? [] : named.map(lowerCase)
}
