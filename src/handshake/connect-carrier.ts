/**
 * The carrier extended CONNECT, on one HTTP/2 or HTTP/3 stream (RFC 8441 §5, RFC 9220 §3), for both sides: `:protocol` replaces
 * `Upgrade`, `Connection`, key and accept, and 200 replaces 101.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { type ProtocolError, quote, requestError } from '../errors.ts'
import { findExtendedConnectErrors } from '../http/extended-connect.ts'
import { findBodyError, findFramingError } from '../http/framing.ts'
import { getHeader, toHeaderList } from '../http/headers.ts'
import { findConnectionFieldError } from '../http/hop-by-hop.ts'
import type { RequestHead } from '../http/request.ts'
import { splitTarget } from '../http/target.ts'
import type { ClientCarrier, ErrorData, ServerCarrier } from './upgrade-carrier.ts'

const PROTOCOL = 'websocket'

export const connectServer: ServerCarrier = {
  // "The server MUST send an Upgrade header field in a 426 response", and HTTP/2 has none              RFC 9110 §15.5.22
  versionStatus: 400,
  method: 'CONNECT',
  judge(head, fields) {
    const { headers, protocol, scheme, httpVersion } = head
    // Any Transfer-Encoding is malformed here, and `findConnectionFieldError` reports it.
    const framing = fields.codings.length > 0 ? undefined : findFramingError(httpVersion, fields)
    // Without `:protocol`, the HTTP server checks the pseudo-headers.
    const errors =
      protocol === undefined ? [findConnectionFieldError(headers)] : findExtendedConnectErrors(head, fields.hosts)
    if (protocol === undefined || !equalsIgnoringCase(protocol, PROTOCOL))
      return { isWebSocketRequest: false, error: errors[0] ?? framing ?? explainNotAsked(head) }
    const body =
      framing === undefined ? findBodyError(httpVersion, { lengths: fields.lengths, codings: [] }) : undefined
    return { isWebSocketRequest: true, errors: [...errors, framing, findSchemeError(scheme), body] }
  },
  // "Implementations … do not do the processing of the Sec-WebSocket-Key and Sec-WebSocket-Accept"        RFC 8441 §5
  findKeyError: () => undefined,
  grant: (_head, _fields, agreed) => ({ status: 200, reason: 'OK', headers: toHeaderList(agreed) }),
  refusalFields: () => [],
}

function explainNotAsked({ method, protocol }: RequestHead): ErrorData {
  if (method !== 'CONNECT')
    return {
      code: 'method',
      message: `expected CONNECT, found ${quote(method)}`,
      reference: 'RFC 8441 §4',
      status: 405,
    }
  // "If a server … receives an Extended CONNECT request with a ":protocol" value that is unknown or is not supported, the
  // server SHOULD respond to the request with a 501"                                                    RFC 9220 §3
  const found = protocol === undefined ? 'missing' : quote(protocol)
  const message = `:protocol is ${found}, expected ${PROTOCOL}`
  return { code: 'upgrade-missing', message, reference: 'RFC 9220 §3', status: 501 }
}

// "The scheme of the target URI … MUST be "https" for "wss"-schemed WebSockets and "http" for "ws"-schemed"   RFC 8441 §5
function findSchemeError(scheme: string | undefined): ProtocolError | undefined {
  if (scheme === undefined || scheme === 'http' || scheme === 'https') return undefined
  const message = `:scheme is ${quote(scheme)}, expected http or https`
  return requestError('pseudo-header', message, 'RFC 8441 §5')
}

export const connectClient: ClientCarrier = {
  hasKey: false,
  opening: 'a 2xx',
  // "Any 2xx (Successful) response indicates that the sender … will switch to tunnel mode"             RFC 9110 §9.3.6
  opens: (status) => status >= 200 && status <= 299,
  request({ httpVersion, secure, host, target, fields, extra }) {
    const { path = '', query = '' } = splitTarget(target) ?? {}
    return {
      method: 'CONNECT',
      target,
      path,
      query,
      httpVersion,
      headers: [...fields, ...extra.filter(([name]) => !equalsIgnoringCase(name, 'host'))],
      protocol: PROTOCOL,
      // "The Host information is conveyed as part of the :authority pseudo-header field"                    RFC 8441 §5
      authority: getHeader(extra, 'host') ?? host,
      scheme: secure ? 'https' : 'http',
    }
  },
  verify: (headers) => [findConnectionFieldError(headers)],
}
