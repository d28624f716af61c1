/**
 * The carrier for HTTP/1.1 `Upgrade` (RFC 6455 §4, RFC 9110 §7.8), for both sides: the rules on method, `Upgrade`, `Connection`,
 * key, accept and 101. Everything that does not depend on the HTTP version is checked elsewhere.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError, type ProtocolErrorCode, quote } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { findBodyError, findFramingError, pickFraming } from '../http/framing.ts'
import { getHeaderElements, getHeaders, type HeaderList, type HeaderPairs, toHeaderList } from '../http/headers.ts'
import type { RequestHead } from '../http/request.ts'
import { findHostFieldError, findTargetHostError } from '../http/request-host.ts'
import { splitTarget } from '../http/target.ts'
import {
  formatProtocol,
  formatUpgrade,
  hasConnectionOption,
  holdsOption,
  mentionsOption,
  mentionsProtocol,
  readUpgrade,
} from '../http/upgrade.ts'
import { createSwitch, waitsForContinue } from '../http/upgrade-server.ts'
import type { Asking, ClientCarrier, Finding, ServerCarrier, Wish } from './carrier.ts'
import { field } from './fields.ts'
import { computeAccept, readKey } from './key.ts'
import type { OpeningFields } from './opening-fields.ts'

export const upgradeServer: ServerCarrier = {
  versionStatus: 426,
  method: 'GET',
  judge,
  checkKey({ keys }, strict, offWire) {
    if (offWire && keys.length === 0) return undefined
    const key = readKey(keys, strict)
    return key instanceof ProtocolError ? key : undefined
  },
  grant(head, { keys, expectations }, agreed) {
    const [key] = keys
    const headers = formatUpgrade(PROTOCOL)
    if (key !== undefined) headers.push([field.accept, computeAccept(key)])
    headers.push(...toHeaderList(agreed))
    return createSwitch(headers, waitsForContinue(head.version, expectations))
  },
  refusalFields(head, faults, keepAlive) {
    // A refusal need not close, but WebSocket bytes sent too early would be read as the next request.
    //                                                                                          RFC 9931 §3.1, §4
    const closes =
      !keepAlive ||
      faults.some(isUnsound) ||
      wantsClose(head) ||
      findBodyError(head.version, pickFraming(head.headers)) !== undefined
    if (faults[0].status === 426) return formatUpgrade(PROTOCOL, ...(closes ? ['close'] : []))
    return closes ? [['Connection', 'close']] : []
  },
}

/** Faults after which it is unclear where the next request begins, or whose it is. */
const unsound: ReadonlySet<ProtocolErrorCode> = /* @__PURE__ */ new Set([
  'head-syntax',
  'http-version',
  'target',
  'host',
  'request-body',
])

/** A request for a host not served here (421) is sound. */
function isUnsound({ code, status }: Finding): boolean {
  return status !== 421 && unsound.has(code)
}

/** Whether the connection closes after this request. */
function wantsClose({ method, headers }: RequestHead): boolean {
  // After a rejected CONNECT, a client may already have sent bytes meant for the target                      RFC 9931
  if (method === 'CONNECT') return true
  // "A server that receives a "close" connection option MUST initiate closure of the connection"       RFC 9112 §9.6
  return attempt(() => hasConnectionOption(headers, 'close')) !== false
}

function judge(head: RequestHead, fields: OpeningFields): Asking {
  const { version } = head
  const asked = version !== '1.0' && namesWebSocket(fields.upgrades)
  const framing = findFramingError(version, fields)
  if (!asked) {
    // Plain HTTP allows any target, and a Fetch runtime has already checked Host.
    const host = version === 'unknown' ? undefined : findHostFieldError(version, fields.hosts)
    return { asked, faults: [host ?? framing ?? explainNotAsked(version, fields.upgrades)] }
  }
  const faults: ProtocolError[] = []
  const host = findTargetHostError(head, fields.hosts)
  if (host !== undefined) faults.push(host)
  if (framing !== undefined) faults.push(framing)
  const method = checkMethod(head.method)
  if (method !== undefined) faults.push(method)
  const body = framing === undefined ? findBodyError(version, fields) : undefined
  if (body !== undefined) faults.push(body)
  const connection = checkConnection(version, fields.options)
  if (connection !== undefined) faults.push(connection)
  return { asked, faults, listFault: findUpgradeFault(fields.upgrades) }
}

type Version = RequestHead['version']

// "The method of the request MUST be GET"                                                          RFC 6455 §4.1 item 2
function checkMethod(method: string): ProtocolError | undefined {
  if (method === 'GET') return undefined
  return new ProtocolError('method', `the method is ${quote(method)}, where GET is expected`, {
    reference: 'RFC 6455 §4.1',
    status: 405,
  })
}

const PROTOCOL = 'websocket'

// "An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive value"
//                                                                                                RFC 6455 §4.2.1 item 3
/** Whether one of the elements is `websocket`. */
function namesWebSocket(values: FieldValues): boolean {
  return isPlain(values) || mentionsProtocol(values, PROTOCOL)
}

/** The common case: a single line with only `websocket`. */
function isPlain(values: FieldValues): boolean {
  return values.length === 1 && equalsIgnoringCase(values[0] as string, PROTOCOL)
}

/** The fault of an element that is not a protocol; `undefined`: none. */
function findUpgradeFault(values: FieldValues): ProtocolError | undefined {
  if (isPlain(values)) return undefined
  const named = attempt(() => readUpgrade(values))
  return named instanceof ProtocolError ? named : undefined
}

/** Why a request is not an opening request. */
function explainNotAsked(version: Version, values: FieldValues): Finding {
  // "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request"               RFC 9110 §7.8
  if (version === '1.0')
    return {
      code: 'http-version',
      message: 'Upgrade counts for nothing in HTTP/1.0; HTTP/1.1 is expected',
      reference: 'RFC 9110 §7.8',
      status: 426,
    }
  const named = attempt(() => readUpgrade(values))
  if (named instanceof ProtocolError) return named
  const found =
    named.length === 0 ? 'the request has no Upgrade' : `Upgrade names ${quote(named.map(formatProtocol).join(', '))}`
  const message = `${found}, where ${PROTOCOL} is expected`
  return { code: 'upgrade-missing', message, reference: 'RFC 6455 §4.2.1', status: 426 }
}

// "A |Connection| header field that includes the token "Upgrade""                                 RFC 6455 §4.2.1 item 4
function checkConnection(version: Version, values: FieldValues): ProtocolError | undefined {
  const asked = attempt(() => holdsOption(values, 'upgrade'))
  if (asked instanceof ProtocolError) return asked
  // A Fetch runtime need not show hop-by-hop fields.
  if (asked || version === 'unknown') return undefined
  const found = values.length === 0 ? 'the request has no Connection' : `Connection is ${quote(values.join(', '))}`
  return new ProtocolError('connection-missing', `${found}, where the option upgrade is expected`, {
    reference: 'RFC 6455 §4.2.1',
    status: 400,
  })
}

export const upgradeClient: ClientCarrier = {
  hasKey: true,
  opening: '101',
  opens: (status) => status === 101,
  request,
  // In the order of the client's checks in RFC 6455 §4.1, items 2 to 4.
  verify: (headers, key) => [
    attempt(() => checkAnsweredUpgrade(headers)),
    attempt(() => checkAnsweredConnection(headers)),
    checkAccept(headers, key),
  ],
}

function request({ version, host, target, key, fields, extra }: Wish): RequestHead {
  const headers: HeaderList = getHeaders(extra, 'host').length > 0 ? [] : [['Host', host]]
  headers.push(['Upgrade', 'websocket'], ['Connection', 'Upgrade'], [field.key, key], ...fields, ...extra)
  const { path = '', query = '' } = splitTarget(target) ?? {}
  return {
    method: 'GET',
    target,
    path,
    query,
    version,
    headers,
    protocol: undefined,
    authority: undefined,
    scheme: undefined,
  }
}

// "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that is not an ASCII
// case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket Connection_."   RFC 6455 §4.1 item 2
function checkAnsweredUpgrade(headers: HeaderPairs): ProtocolError | undefined {
  const elements = getHeaderElements(headers, 'upgrade')
  const [element = ''] = elements
  if (elements.length === 1 && equalsIgnoringCase(element, 'websocket')) return undefined
  const code = elements.length === 0 ? 'upgrade-missing' : 'upgrade-not-offered'
  return fault(
    code,
    `the 101 names ${elements.length === 0 ? 'no protocol' : quote(elements.join(', '))} in Upgrade, where websocket alone is expected`,
  )
}

// "If the response lacks a |Connection| header field or … doesn't contain a token that is an ASCII case-insensitive match
// for the value "Upgrade""                                                                       RFC 6455 §4.1 item 3
function checkAnsweredConnection(headers: HeaderPairs): ProtocolError | undefined {
  const values = getHeaders(headers, 'connection')
  if (mentionsOption(values, 'upgrade')) return undefined
  const found = values.length === 0 ? 'has no Connection' : `says ${quote(values.join(', '))} in Connection`
  return fault('connection-missing', `the 101 ${found}, where the option upgrade is expected`)
}

// RFC 6455 §4.1 item 4; "MUST NOT appear more than once in an HTTP response" (§11.3.3)
function checkAccept(headers: HeaderPairs, key: string): ProtocolError | undefined {
  const values = getHeaders(headers, field.accept)
  const [value] = values
  if (value === undefined || values.length > 1)
    return fault('accept', `the 101 has ${values.length || 'no'} ${field.accept} lines, where one is expected`)
  const expected = computeAccept(key)
  return value === expected
    ? undefined
    : fault('accept', `${field.accept} is ${quote(value)}, where the key asks for ${expected}`)
}

function fault(code: ProtocolErrorCode, message: string): ProtocolError {
  return new ProtocolError(code, message, { reference: 'RFC 6455 §4.1' })
}
