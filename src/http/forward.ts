/**
 * What a proxy may carry from one hop to the next (RFC 9110 §7.6.1). Knows which fields belong to one connection; opens
 * none.
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

/** Fields of one hop, whether `Connection` names them or not: "Keep-Alive, Proxy-Connection, TE, Transfer-Encoding, Upgrade". */
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
  // Named by the next hop itself.
  'host',
])

/** The handshake of one hop says nothing to the next: it negotiates its own (RFC 6455 §11.3). */
const ownHandshake = 'sec-websocket-'

/**
 * The fields of an upgrade that a proxy may carry on: none that belongs to one hop, none that `Connection` names, no `Host`,
 * no `Sec-WebSocket-*`, nothing about a body, and none that no head can carry, as lenient parsers let through. Order, spelling and
 * repeats are kept.
 *
 * @param source A request or a response from any source, or a parser's result. How many fields it has is not counted.
 * @throws ProtocolError `head-syntax` (400) for a `Connection` of more than 100 empty elements, as `requestHeadFrom` does, and the
 *   fault of a head that a parser could not read.
 * @throws TypeError for what is neither a request nor a response.
 *
 * @example
 * const offer = offerHandshake(upstream, { target: request.url, headers: forwardableHeaders(request) })
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
  // Asked first: a peer may name a field `status`.
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
