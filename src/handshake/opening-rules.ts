/**
 * What HTTP/1.1 asks of a request that opens a WebSocket, before any field of the handshake is looked at (RFC 6455 §4.2.1
 * items 1 to 4): method, version, `Upgrade`, `Connection`. Judges, and answers nothing.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { ProtocolError, quote } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import type { RequestHead } from '../http/request.ts'
import { holdsOption, readUpgrade, type UpgradeProtocol } from '../http/upgrade.ts'

type Version = RequestHead['version']

// "Upgrade" and "Connection" make a request of HTTP/2 or 3 malformed; there it is extended CONNECT     RFC 8441 §5
export function checkHttpVersion(version: Version): ProtocolError | undefined {
  if (version !== '2' && version !== '3') return undefined
  return new ProtocolError('http-version', `HTTP/${version} has no Upgrade; HTTP/1.1 is expected`, {
    reference: 'RFC 9113 §8.2.2',
    status: 505,
  })
}

// "The method of the request MUST be GET"                                                          RFC 6455 §4.1 item 2
export function checkMethod(method: string): ProtocolError | undefined {
  if (method === 'GET') return undefined
  return new ProtocolError('method', `the method is ${quote(method)}, where GET is expected`, {
    reference: 'RFC 6455 §4.1',
    status: 405,
  })
}

/** Throws `ProtocolError` for an `Upgrade` that cannot be read. */
export function checkUpgrade(version: Version, values: FieldValues): ProtocolError | undefined {
  // "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request"               RFC 9110 §7.8
  if (version === '1.0')
    return new ProtocolError('http-version', 'Upgrade counts for nothing in HTTP/1.0; HTTP/1.1 is expected', {
      reference: 'RFC 9110 §7.8',
      status: 426,
    })
  // "An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive value"
  //                                                                                                RFC 6455 §4.2.1 item 3
  const named = readUpgrade(values)
  if (named.some((protocol) => protocol.version === undefined && equalsIgnoringCase(protocol.name, 'websocket')))
    return undefined
  const found = named.length === 0 ? 'the request has no Upgrade' : `Upgrade names ${quote(list(named))}`
  return new ProtocolError('upgrade-missing', `${found}, where websocket is expected`, {
    reference: 'RFC 6455 §4.2.1',
    status: 426,
  })
}

function list(named: readonly UpgradeProtocol[]): string {
  return named.map(({ name, version }) => (version === undefined ? name : `${name}/${version}`)).join(', ')
}

/** Throws `ProtocolError` for a `Connection` that cannot be read. */
// "A |Connection| header field that includes the token "Upgrade""                                 RFC 6455 §4.2.1 item 4
export function checkConnection(version: Version, values: FieldValues): ProtocolError | undefined {
  // A Fetch runtime need show no hop-by-hop fields; those that it shows can be read.
  if (holdsOption(values, 'upgrade') || version === undefined) return undefined
  const found = values.length === 0 ? 'the request has no Connection' : `Connection is ${quote(values.join(', '))}`
  return new ProtocolError('connection-missing', `${found}, where the option upgrade is expected`, {
    reference: 'RFC 6455 §4.2.1',
    status: 400,
  })
}
