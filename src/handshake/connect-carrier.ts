/**
 * The carrier for extended CONNECT on one stream of HTTP/2 or HTTP/3 (RFC 8441 §5, RFC 9220 §3), for both sides: `:protocol`
 * replaces `Upgrade`, `Connection`, key and accept, and 200 replaces 101.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { ProtocolError, quote } from '../errors.ts'
import { findExtendedConnectErrors } from '../http/extended-connect.ts'
import { findBodyError, findFramingError } from '../http/framing.ts'
import { getHeader, toHeaderList } from '../http/headers.ts'
import { findConnectionFieldError } from '../http/hop-by-hop.ts'
import type { RequestHead } from '../http/request.ts'
import { splitTarget } from '../http/target.ts'
import type { Asking, ClientCarrier, Finding, ServerCarrier, Wish } from './carrier.ts'
import type { OpeningFields } from './opening-fields.ts'

const PROTOCOL = 'websocket'

export const connectServer: ServerCarrier = {
  // "The server MUST send an Upgrade header field in a 426 response", and HTTP/2 has none              RFC 9110 §15.5.22
  versionStatus: 400,
  method: 'CONNECT',
  judge,
  // "Implementations … do not do the processing of the Sec-WebSocket-Key and Sec-WebSocket-Accept"        RFC 8441 §5
  checkKey: () => undefined,
  grant: (_head, _fields, agreed) => ({ status: 200, reason: 'OK', headers: toHeaderList(agreed) }),
  refusalFields: () => [],
}

function judge(head: RequestHead, fields: OpeningFields): Asking {
  const asked = equalsIgnoringCase(head.protocol ?? '', PROTOCOL)
  // Any Transfer-Encoding is malformed here, and reported as such.
  const framing = fields.codings.length > 0 ? undefined : findFramingError(head.version, fields)
  // Without `:protocol`, the pseudo-headers are for the plain HTTP server to check.
  if (head.protocol === undefined)
    return { asked: false, faults: [findConnectionFieldError(head.headers) ?? framing ?? explainNotAsked(head)] }
  const faults = findExtendedConnectErrors(head)
  if (framing !== undefined) faults.push(framing)
  if (!asked) return { asked, faults: [faults[0] ?? explainNotAsked(head)] }
  const scheme = checkScheme(head.scheme)
  if (scheme !== undefined) faults.push(scheme)
  const body = findBodyError(head.version, { lengths: fields.lengths, codings: [] })
  if (framing === undefined && body !== undefined) faults.push(body)
  return { asked, faults }
}

function explainNotAsked({ method, protocol }: RequestHead): Finding {
  if (method !== 'CONNECT') {
    const message = `the method is ${quote(method)}, where CONNECT is expected`
    return { code: 'method', message, reference: 'RFC 8441 §4', status: 405 }
  }
  // "If a server … receives an Extended CONNECT request with a ":protocol" value that is unknown or is not supported, the
  // server SHOULD respond to the request with a 501"                                                    RFC 9220 §3
  const found = protocol === undefined ? 'the request has no :protocol' : `:protocol is ${quote(protocol)}`
  const message = `${found}, where ${PROTOCOL} is expected`
  return { code: 'upgrade-missing', message, reference: 'RFC 9220 §3', status: 501 }
}

// "The scheme of the target URI … MUST be "https" for "wss"-schemed WebSockets and "http" for "ws"-schemed"   RFC 8441 §5
function checkScheme(scheme: string | undefined): ProtocolError | undefined {
  if (scheme === undefined || scheme === 'http' || scheme === 'https') return undefined
  const message = `:scheme is ${quote(scheme)}, where http or https is expected`
  return new ProtocolError('pseudo-header', message, { reference: 'RFC 8441 §5', status: 400 })
}

export const connectClient: ClientCarrier = {
  hasKey: false,
  opening: 'a 2xx',
  // "Any 2xx (Successful) response indicates that the sender … will switch to tunnel mode"             RFC 9110 §9.3.6
  opens: (status) => status >= 200 && status <= 299,
  request,
  verify: (headers) => [findConnectionFieldError(headers)],
}

function request({ version, secure, host, target, fields, extra }: Wish): RequestHead {
  const { path = '', query = '' } = splitTarget(target) ?? {}
  return {
    method: 'CONNECT',
    target,
    path,
    query,
    version,
    headers: [...fields, ...extra.filter(([name]) => !equalsIgnoringCase(name, 'host'))],
    protocol: PROTOCOL,
    // "The Host information is conveyed as part of the :authority pseudo-header field"                    RFC 8441 §5
    authority: getHeader(extra, 'host') ?? host,
    scheme: secure ? 'https' : 'http',
  }
}
