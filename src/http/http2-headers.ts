/**
 * Converts heads to the form of HTTP/2 and HTTP/3: pseudo-headers, then fields in lower case, without connection-specific ones
 * (RFC 9113 §8.2, §8.3). Rejects invalid fields, as the HTTP/1.1 formatters do.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { lowerCase } from '../bytes/ascii.ts'
import { skipClass, trimWhitespace, VCHAR } from './grammar.ts'
import { getHeader, type HeaderList, type HeaderPairs, requireField, toHeaderRecord, toPairs } from './headers.ts'
import { findConnectionFields, namedByConnection } from './hop-by-hop.ts'
import { isMultiplexed, type RequestLike, requireMethod } from './request.ts'
import { type ResponseLike, requireStatus } from './response.ts'

/**
 * Converts a head to the object that `request()` and `respond()` of `node:http2` accept: the pseudo-headers of a request or the
 * `:status` of a response, then the fields, with names in lower case and repeats as arrays. The object has no prototype.
 *
 * Leaves out connection-specific HTTP/1.1 fields (`Connection` and those it names, `Upgrade`, `Keep-Alive` …), as RFC 9113 §8.2.2
 * requires of a translator, so `refuseUpgrade(403)` works for HTTP/1.1 and HTTP/2. `Host` becomes `:authority` unless `authority` is
 * set.
 *
 * @throws TypeError for a request head of HTTP/1.1, for a 101 and a 426, which HTTP/2 does not have, for missing or invalid
 *   pseudo-headers, and for invalid fields. Pass a backend's response to {@link relayRefusal} first, which handles all of these
 *   cases.
 *
 * @example
 * toHttp2Headers({ status: 403, headers: { 'X-A': '1', Connection: 'close' } }) // { ':status': '403', 'x-a': '1' }
 *
 * @example
 * const accepted = acceptHandshake(headers)
 * stream.respond(toHttp2Headers(accepted.response))
 *
 * @category HTTP/2 and HTTP/3
 */
export function toHttp2Headers(head: RequestLike | ResponseLike): { [name: string]: string | string[] } {
  requireRecord(head, 'a head')
  const pseudo = 'method' in head ? requestPseudoHeaders(head) : { ':status': statusOf(head) }
  return Object.assign(Object.create(null), pseudo, toHeaderRecord(fieldsOf(toPairs(head.headers ?? []))))
}

function requestPseudoHeaders(head: RequestLike): { [name: string]: string } {
  const { method, target, httpVersion = '1.1', protocol, scheme } = head
  // "An intermediary that forwards a request over HTTP/2 MUST construct an ":authority" pseudo-header field using the authority
  // information from the control data of the original request"; without `authority`, that is Host      RFC 9113 §8.3.1
  const authority = head.authority ?? getHeader(head.headers, 'host')
  if (!isMultiplexed(httpVersion)) throw new TypeError(`the head is HTTP/${httpVersion}, not HTTP/2 or HTTP/3`)
  requireMethod(method)
  // A CONNECT without `:protocol` asks a proxy for a tunnel, and has only the target's authority            RFC 9113 §8.5
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

/** Throws `TypeError` unless the value is visible ASCII. The message does not contain the value: queries may contain tokens. */
function requireVisible(name: string, value: string | undefined): string {
  if (value === undefined || value === '' || skipClass(value, 0, VCHAR) < value.length)
    throw new TypeError(`${name} must be visible ASCII and not empty (RFC 9113 §8.3.1)`)
  return value
}

function statusOf({ status }: ResponseLike): string {
  requireStatus(status)
  // A 200 accepts a WebSocket                                                                           RFC 8441 §5
  if (status === 101) throw new TypeError('HTTP/2 has no 101 (RFC 9113 §8.6)')
  // "The server MUST send an Upgrade header field in a 426 response", and HTTP/2 has no such field      RFC 9110 §15.5.22
  if (status === 426) throw new TypeError('HTTP/2 has no 426 (RFC 9110 §15.5.22)')
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
