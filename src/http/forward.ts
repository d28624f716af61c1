/**
 * Filters the fields of a request or response for a proxy: returns those it may forward to the next hop (RFC 9110 §7.6.1).
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { lowerCase } from '../bytes/ascii.ts'
import {
  anyFieldCount,
  getHeaderElements,
  type HeaderList,
  type HeaderRecord,
  requirePairs,
  toHeaderList,
} from './headers.ts'
import { isHttp2Request, type RequestSource, requestHeadFrom } from './request.ts'
import { isParsedRequest, type ParsedRequest } from './request-parser.ts'
import { isHttp2Response, type ResponseSource, responseHeadFrom } from './response.ts'
import { isParsedResponse, type ParsedResponse } from './response-parser.ts'
import { isSendableField } from './sendable-fields.ts'

/** Hop-by-hop fields, whether or not `Connection` names them: "Keep-Alive, Proxy-Connection, TE, Transfer-Encoding, Upgrade". */
export const hopByHop: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate', // RFC 9110 §11.7.1: "applies only to the next outbound client"
  'proxy-authorization', // RFC 9110 §11.7.2: "consumed by the first inbound proxy"
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer', // RFC 9110 §6.6.2: of a body, and an upgrade has none
  'transfer-encoding',
  'content-length',
  'upgrade',
  // Written anew for the next hop.
  'host',
])

/** Each hop negotiates its own handshake (RFC 6455 §11.3). */
const ownHandshake = 'sec-websocket-'

/**
 * The fields of an upgrade that a proxy may forward: without hop-by-hop fields, those named in `Connection`, `Host`,
 * `Sec-WebSocket-*`, fields about a body, and invalid fields that a lenient parser let through. Order, spelling and
 * repeats are kept.
 *
 * @param source A request or a response from any source, or a parser's result. The number of fields is not limited.
 * @throws ProtocolError `head-syntax` (400) for a `Connection` with more than 100 empty elements; the faults of
 *   `requestHeadFrom`; and the fault of a head that a parser could not read.
 * @throws TypeError for a value that is neither a request nor a response.
 *
 * @example
 * const target = splitTarget(request.url ?? '')?.originForm
 * const offer = offerHandshake(upstream, { target, headers: forwardableHeaders(request) })
 */
export function forwardableHeaders(
  source: RequestSource | ResponseSource | ParsedRequest | ParsedResponse,
): HeaderList {
  requireRecord(source, 'a request or a response')
  const headers = allHeaders(source)
  // "remove any header or trailer field(s) from the message with the same name as the connection-option"
  const named = new Set(getHeaderElements(headers, 'connection').map(lowerCase))
  return headers.filter(([name, value]) => {
    const key = lowerCase(name)
    if (hopByHop.has(key) || named.has(key) || key.startsWith(ownHandshake)) return false
    return isSendableField(name, value)
  })
}

function allHeaders(source: RequestSource | ResponseSource | ParsedRequest | ParsedResponse): HeaderList {
  // Checked first: a peer may name a field `status`.
  if (isHttp2Request(source) || isHttp2Response(source)) return toHeaderList(source as HeaderRecord)
  if (isParsed(source)) {
    if (source.ok) return toHeaderList(source.head.headers)
    throw source.faults[0]
  }
  if ('rawHeaders' in source) return toHeaderList(source.rawHeaders)
  if ('fields' in source) {
    requirePairs(source.fields, '`fields`')
    const answers = source.fields.some(([name]) => name === ':status')
    return (answers ? responseHeadFrom(source) : requestHeadFrom(source, anyFieldCount)).headers
  }
  return 'status' in source ? toHeaderList(source.headers ?? []) : requestHeadFrom(source, anyFieldCount).headers
}

function isParsed(source: object): source is ParsedRequest | ParsedResponse {
  return isParsedRequest(source as ParsedRequest) || isParsedResponse(source as ParsedResponse)
}
