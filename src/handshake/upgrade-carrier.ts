/**
 * The interfaces of carriers, and the carrier HTTP/1.1 `Upgrade` (RFC 6455 §4, RFC 9110 §7.8), for both sides: the rules on method,
 * `Upgrade`, `Connection`, key, accept and 101. Other files contain the checks that do not depend on the HTTP version.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, errorOf, ProtocolError, type ProtocolErrorCode, quote, requestError } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { findBodyError, findFramingError } from '../http/framing.ts'
import { getHeaderElements, getHeaders, type HeaderList, type HeaderPairs } from '../http/headers.ts'
import type { HttpVersion, RequestHead } from '../http/request.ts'
import { findHostFieldError, findTargetHostError } from '../http/request-host.ts'
import type { ResponseHead } from '../http/response.ts'
import { splitTarget } from '../http/target.ts'
import { formatUpgrade, listsOption, mentionsOption, mentionsProtocol, readUpgrade } from '../http/upgrade.ts'
import { createSwitch, waitsForContinue } from '../http/upgrade-server.ts'
import type { Native } from '../native.ts'
import { field, type OpeningFields } from './fields.ts'
import { answerKey, readKey } from './key.ts'

/** The server side of a carrier: what differs between HTTP/1.1 `Upgrade` and extended CONNECT. */
export interface ServerCarrier {
  /** The status for an unsupported WebSocket version. */
  readonly versionStatus: number
  /** The method of an opening request. */
  readonly method: string
  /** Determines whether the request asks for a WebSocket, and returns the errors of its head. */
  judge(head: RequestHead, fields: OpeningFields): Judgement
  /** Returns the error of `Sec-WebSocket-Key`. */
  findKeyError(fields: OpeningFields, strict: boolean): ProtocolError | undefined
  /** Creates the response to a request without errors. */
  grant(head: RequestHead, fields: OpeningFields, agreed: HeaderList, sha1: Native['sha1']): ResponseHead
  /**
   * Returns the connection-specific fields of a refusal.
   *
   * @param errors The first sets the status.
   * @param keepAlive Whether the connection may stay open if the head and its framing are valid.
   */
  refusalFields(head: RequestHead, fields: OpeningFields, errors: readonly Reason[], keepAlive: boolean): HeaderList
}

/** The data of an error. Creating the error itself, with its stack, takes longer than a whole handshake. */
export interface ErrorData {
  readonly code: ProtocolErrorCode
  readonly message: string
  readonly reference: string
  readonly status: number
}

/** The reason for a refusal. */
export type Reason = ProtocolError | ErrorData

/** The result of {@link ServerCarrier.judge}. */
export type Judgement =
  | {
      readonly isWebSocketRequest: true
      /** In order of precedence. */
      readonly errors: readonly (ProtocolError | undefined)[]
      /** The error of an `Upgrade` that lists `websocket` but has an invalid element. Ranks after the origin. */
      readonly listError?: ProtocolError | undefined
    }
  | {
      /** The request is plain HTTP. Nothing else was checked. */
      readonly isWebSocketRequest: false
      readonly error: Reason
    }

/** The inputs of a client's request. */
export interface OpeningRequest {
  readonly httpVersion: HttpVersion
  readonly secure: boolean
  /** Host and port, as in the URL. */
  readonly host: string
  readonly target: string
  readonly key: string
  /** The fields that all carriers share. */
  readonly fields: HeaderList
  /** The caller's extra fields. */
  readonly extra: HeaderList
}

/** The client side of a carrier. */
export interface ClientCarrier {
  /** Whether the request has a key, for which the server must send an accept. */
  readonly hasKey: boolean
  /** The status that opens the connection, for messages. */
  readonly opening: string
  opens(status: number): boolean
  request(opening: OpeningRequest): RequestHead
  /** Returns the errors of a response with an opening status, in the order of the rules. */
  verify(headers: HeaderPairs, key: string, sha1: Native['sha1']): readonly (ProtocolError | undefined)[]
}

const PROTOCOL = 'websocket'

export const upgradeServer: ServerCarrier = {
  versionStatus: 426,
  method: 'GET',
  judge(head, fields) {
    const { httpVersion, method } = head
    const { hosts, upgrades } = fields
    const framing = findFramingError(httpVersion, fields)
    // "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request"             RFC 9110 §7.8
    // "An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive value"
    //                                                                                            RFC 6455 §4.2.1 item 3
    if (httpVersion === '1.0' || !(isPlain(upgrades) || mentionsProtocol(upgrades, PROTOCOL))) {
      // Plain HTTP allows any target, and a Fetch runtime has already checked Host.
      const host = httpVersion === 'unknown' ? undefined : findHostFieldError(httpVersion, hosts)
      return { isWebSocketRequest: false, error: host ?? framing ?? explainNotAsked(httpVersion, upgrades) }
    }
    return {
      isWebSocketRequest: true,
      errors: [
        findTargetHostError(head, hosts),
        framing,
        // "The method of the request MUST be GET"                                                  RFC 6455 §4.1 item 2
        method === 'GET'
          ? undefined
          : requestError('method', `expected GET, found ${quote(method)}`, 'RFC 6455 §4.1', 405),
        framing === undefined ? findBodyError(httpVersion, fields) : undefined,
        findConnectionError(httpVersion, fields.connections),
      ],
      listError: isPlain(upgrades) ? undefined : errorOf(() => readUpgrade(upgrades)),
    }
  },
  findKeyError: ({ keys }, strict) => errorOf(() => readKey(keys, strict)),
  grant(head, { keys, expectations }, agreed, sha1) {
    const [key] = keys
    const headers = formatUpgrade(PROTOCOL)
    if (key !== undefined) headers.push([field.accept, answerKey(key, sha1)])
    for (const [name, value] of agreed) headers.push([name, value])
    return createSwitch(headers, waitsForContinue(head.httpVersion, expectations))
  },
  refusalFields({ httpVersion, method }, fields, errors, keepAlive) {
    // A refusal need not close, but the server would read WebSocket bytes sent too early as the next request.
    //                                                                                                    RFC 9931
    const closes =
      !keepAlive ||
      errors.some(isUnreliable) ||
      // After a rejected CONNECT, a client may already have sent bytes meant for the target                      RFC 9931
      method === 'CONNECT' ||
      // "A server that receives a "close" connection option MUST initiate closure of the connection"   RFC 9112 §9.6
      attempt(() => listsOption(fields.connections, 'close')) !== false ||
      findBodyError(httpVersion, fields) !== undefined
    if (errors[0]?.status === 426) return formatUpgrade(PROTOCOL, ...(closes ? ['close'] : []))
    return closes ? [['Connection', 'close']] : []
  },
}

/** The codes of errors after which it is unclear where the next request begins, or who sent it. */
const unreliable: readonly ProtocolErrorCode[] = ['head-syntax', 'http-version', 'target', 'host', 'request-body']

/** Whether the next request is unclear after this error. After a request for a host that is not served (421), it is clear. */
function isUnreliable({ code, status }: Reason): boolean {
  return status !== 421 && unreliable.includes(code)
}

/** Whether the field is a single line with only `websocket`, the common case. */
function isPlain(values: FieldValues): boolean {
  return values.length === 1 && equalsIgnoringCase(values[0] as string, PROTOCOL)
}

/** Explains why a request is not an opening request. */
function explainNotAsked(httpVersion: RequestHead['httpVersion'], values: FieldValues): Reason {
  if (httpVersion === '1.0')
    return { code: 'http-version', message: 'HTTP/1.0 has no Upgrade', reference: 'RFC 9110 §7.8', status: 426 }
  return (
    errorOf(() => readUpgrade(values)) ?? {
      code: 'upgrade-missing',
      message: `Upgrade is ${listed(values)}, expected ${PROTOCOL}`,
      reference: 'RFC 6455 §4.2.1',
      status: 426,
    }
  )
}

/** Describes all lines of a field for a message. */
function listed(values: FieldValues): string {
  return values.length === 0 ? 'missing' : quote(values.join(', '))
}

// "A |Connection| header field that includes the token "Upgrade""                                 RFC 6455 §4.2.1 item 4
/**
 * Returns the error of `Connection`. A missing option is an error here, because the opening handshake requires it. `selectUpgrade`
 * (http/upgrade-server.ts) ignores such an `Upgrade`, because a server may ignore any offer.
 */
function findConnectionError(httpVersion: RequestHead['httpVersion'], values: FieldValues): ProtocolError | undefined {
  const asked = attempt(() => listsOption(values, 'upgrade'))
  if (asked instanceof ProtocolError) return asked
  // A Fetch runtime may hide hop-by-hop fields.
  if (asked || httpVersion === 'unknown') return undefined
  return requestError('connection-missing', `Connection is ${listed(values)}, expected upgrade`, 'RFC 6455 §4.2.1')
}

export const upgradeClient: ClientCarrier = {
  hasKey: true,
  opening: '101',
  opens: (status) => status === 101,
  request({ httpVersion, host, target, key, fields, extra }) {
    const headers: HeaderList = getHeaders(extra, 'host').length > 0 ? [] : [['Host', host]]
    headers.push(['Upgrade', PROTOCOL], ['Connection', 'Upgrade'], [field.key, key], ...fields, ...extra)
    const { path = '', query = '' } = splitTarget(target) ?? {}
    return {
      method: 'GET',
      target,
      path,
      query,
      httpVersion,
      headers,
      protocol: undefined,
      authority: undefined,
      scheme: undefined,
    }
  },
  // In the order of the client's checks in RFC 6455 §4.1, items 2 to 4.
  verify(headers, key, sha1) {
    return [
      errorOf(() => findUpgradeError(headers)),
      errorOf(() => findOptionError(getHeaders(headers, 'connection'))),
      findAcceptError(getHeaders(headers, field.accept), answerKey(key, sha1)),
    ]
  },
}

// "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a value that is not an ASCII
// case-insensitive match for the value "websocket", the client MUST _Fail the WebSocket Connection_."   RFC 6455 §4.1 item 2
function findUpgradeError(headers: HeaderPairs): ProtocolError | undefined {
  const elements = getHeaderElements(headers, 'upgrade')
  const [element = ''] = elements
  if (elements.length === 1 && equalsIgnoringCase(element, PROTOCOL)) return undefined
  const code = elements.length === 0 ? 'upgrade-missing' : 'upgrade-not-offered'
  return responseError(code, `Upgrade is ${listed(elements)}, expected ${PROTOCOL}`)
}

// "If the response lacks a |Connection| header field or … doesn't contain a token that is an ASCII case-insensitive match
// for the value "Upgrade""                                                                       RFC 6455 §4.1 item 3
function findOptionError(values: FieldValues): ProtocolError | undefined {
  if (mentionsOption(values, 'upgrade')) return undefined
  return responseError('connection-missing', `Connection is ${listed(values)}, expected upgrade`)
}

// RFC 6455 §4.1 item 4; "MUST NOT appear more than once in an HTTP response" (§11.3.3)
function findAcceptError(values: FieldValues, expected: string): ProtocolError | undefined {
  if (values.length === 1 && values[0] === expected) return undefined
  return responseError('accept', `${field.accept} is ${listed(values)}, expected ${expected}`)
}

export function responseError(code: ProtocolErrorCode, message: string): ProtocolError {
  return new ProtocolError(code, message, { reference: 'RFC 6455 §4.1' })
}
