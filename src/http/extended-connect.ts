/**
 * Extended CONNECT, which carries another protocol on one HTTP/2 or HTTP/3 stream (RFC 8441, RFC 9220): the form of its request,
 * the setting that allows it, and how the stream ends. The WebSocket handshake builds on it.
 *
 * @module
 */

import { describeValue, requireOptional, requireOptions, requireRecord, requireType } from '../arguments.ts'
import { ProtocolError, quote, requestError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { resolveLimits } from '../limits.ts'
import { http2ErrorCodes, http3ErrorCodes } from '../registry/http-errors.ts'
import type { FieldValues } from './field-picker.ts'
import { getHeaders } from './headers.ts'
import { findConnectionFieldError } from './hop-by-hop.ts'
import { isMultiplexed, type RequestHead, type RequestSource, requestHeadFrom } from './request.ts'
import { findAuthorityError } from './request-host.ts'
import { isParsedRequest, type ParsedRequest } from './request-parser.ts'
import { parseProtocol, type UpgradeProtocol } from './upgrade.ts'

/**
 * The content of an extended CONNECT.
 *
 * @category HTTP/2 and HTTP/3
 */
export interface ExtendedConnect {
  /** `:protocol`, an upgrade token: `websocket`, `connect-udp` … */
  readonly protocol: UpgradeProtocol
  /** Such as `https`. */
  readonly scheme: string
  /** Host and optional port of this server, not of a tunnel's target. */
  readonly authority: string
  /** Including the query. */
  readonly path: string
}

/**
 * Reads an extended CONNECT for any protocol. Returns `undefined` for other requests. For WebSocket, use `acceptHandshake`, which
 * includes these checks. To select a protocol that you support, use `selectUpgrade`; answer any other with 501 (RFC 9220 §3).
 *
 * @param request From any source. A parser's result is HTTP/1.1, so the function returns `undefined`.
 * @param limits `maxHeadFields`.
 * @throws ProtocolError `too-many` (431) for too many fields. For a malformed request, with status 400: `pseudo-header`; `host` for
 *   a `Host` that names another server; `head-syntax` for fields that belong to HTTP/1.1.
 *
 * @example
 * const opening = { ':method': 'CONNECT', ':protocol': 'connect-udp' }
 * getExtendedConnect({ ...opening, ':scheme': 'https', ':authority': 'a.example', ':path': '/udp/' })
 * // { protocol: { name: 'connect-udp', version: undefined }, scheme: 'https', authority: 'a.example', path: '/udp/' }
 */
export function getExtendedConnect(
  request: RequestSource | ParsedRequest,
  limits?: Limits,
): ExtendedConnect | undefined {
  const resolved = resolveLimits(limits)
  // The parser reads HTTP/1.1, which has no extended CONNECT.
  if (isParsedRequest(request)) return undefined
  const head = requestHeadFrom(request, resolved)
  if (!isMultiplexed(head.httpVersion) || head.protocol === undefined) return undefined
  const [error] = findExtendedConnectErrors(head, getHeaders(head.headers, 'host'))
  if (error !== undefined) throw error
  const { protocol, scheme = '', authority = '', target } = head
  return { protocol: parseProtocol(protocol) as UpgradeProtocol, scheme, authority, path: target }
}

/** Returns all errors that make a request with `:protocol` malformed (RFC 9113 §8.1.1), those of pseudo-headers first. */
export function findExtendedConnectErrors(head: RequestHead, hosts: FieldValues): ProtocolError[] {
  return [
    findProtocolError(head),
    findSchemeError(head.scheme),
    findPathError(head),
    // "conveyed as part of the :authority pseudo-header field, which is required on every HTTP/2 transaction"  RFC 8441 §5
    head.authority === undefined
      ? createError(':authority is missing', 'RFC 8441 §5')
      : findAuthorityError(head, hosts),
    findConnectionFieldError(head.headers),
  ].filter((error) => error !== undefined)
}

function findProtocolError({ method, protocol = '' }: RequestHead): ProtocolError | undefined {
  // "MAY be included on request HEADERS indicating the desired protocol … created by CONNECT"            RFC 8441 §4
  if (method !== 'CONNECT') return createError(`:protocol with the method ${quote(method)}`)
  return parseProtocol(protocol) === undefined ? createError(`:protocol is ${quote(protocol)}`) : undefined
}

// "the :scheme and :path pseudo-header fields of the target URI … MUST also be included"                  RFC 8441 §4
function findSchemeError(scheme: string | undefined): ProtocolError | undefined {
  if (scheme === undefined) return createError(':scheme is missing')
  // scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )                                              RFC 3986 §3.1
  if (/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) return undefined
  return createError(`:scheme is ${quote(scheme)}`, 'RFC 9113 §8.3.1')
}

/** Returns the error of `:path`. The message does not contain the path: queries may contain tokens. */
function findPathError({ scheme, target }: RequestHead): ProtocolError | undefined {
  if (target === '') return createError(':path is missing or empty')
  if (target[0] === '/' || (scheme !== 'http' && scheme !== 'https')) return undefined
  return createError(`:path begins with ${quote(target.slice(0, 1))}`, 'RFC 9113 §8.3.1')
}

function createError(message: string, reference = 'RFC 8441 §4'): ProtocolError {
  return requestError('pseudo-header', message, reference)
}

/**
 * Options of {@link verifyConnectSetting}.
 *
 * @category HTTP/2 and HTTP/3
 */
export interface ConnectSettingOptions {
  /** Default: `'2'`. */
  readonly httpVersion?: '2' | '3' | undefined
  /**
   * Whether extended CONNECT was enabled before. Over HTTP/2, set this if earlier settings on the connection enabled it. HTTP/3 sends
   * settings only once: set this if the settings remembered for 0-RTT data enabled it and the server accepted that data. Default: false.
   */
  readonly previous?: boolean | undefined
}

/**
 * The result of {@link verifyConnectSetting}.
 *
 * @category HTTP/2 and HTTP/3
 */
export type ConnectSetting =
  /** Whether the client may use extended CONNECT from now on. */
  | {
      /** The value is valid. */
      readonly ok: true
      /** Whether a client may use extended CONNECT. */
      readonly enabled: boolean
    }
  /** The server broke a rule: close the connection with this HTTP/2 or HTTP/3 error code. */
  | {
      /** The value is invalid. */
      readonly ok: false
      /** What is wrong with it. */
      readonly error: ProtocolError
      /** For GOAWAY or CONNECTION_CLOSE. */
      readonly errorCode: number
      /** The registered name of that code. */
      readonly name: string
    }

/**
 * Checks the value of SETTINGS_ENABLE_CONNECT_PROTOCOL that a server sent. A client may use extended CONNECT only after the value 1:
 * a server without support treats the request as malformed. Never throws for what a peer sent.
 *
 * @param value The value of setting 0x08; `undefined` if the settings do not contain it.
 * @throws TypeError for a value that is not a number and for invalid options, `RangeError` for another HTTP version.
 *
 * @example
 * verifyConnectSetting(1) // { ok: true, enabled: true }
 * verifyConnectSetting(0, { previous: true }).ok // false
 *
 * @category HTTP/2 and HTTP/3
 */
export function verifyConnectSetting(value: number | undefined, options: ConnectSettingOptions = {}): ConnectSetting {
  requireOptional(value, 'number', '`value`')
  requireOptions(options, { httpVersion: 'any', previous: 'boolean' }, 'the options of verifyConnectSetting')
  const { httpVersion = '2', previous = false } = options
  requireVersion(httpVersion)
  // A missing setting keeps its value over HTTP/2, and is 0 over HTTP/3.
  const effective = value ?? (previous && httpVersion === '2' ? 1 : 0)
  // "The value of the parameter MUST be 0 or 1."                                                        RFC 8441 §3
  if (effective !== 0 && effective !== 1) return fail(httpVersion, `is ${effective}, not 0 or 1`)
  // "A sender MUST NOT send a SETTINGS_ENABLE_CONNECT_PROTOCOL parameter with the value of 0 after previously sending a value
  // of 1."                                                              RFC 8441 §3; of 0-RTT: RFC 9114 §7.2.4.2
  if (previous && effective === 0) return fail(httpVersion, `is ${value ?? 'missing'} after it was 1`)
  return { ok: true, enabled: effective === 1 }
}

function requireVersion(version: unknown): void {
  if (version !== '2' && version !== '3')
    throw new RangeError(`\`httpVersion\` must be '2' or '3', not ${describeValue(version)}`)
}

/** HTTP/2 uses PROTOCOL_ERROR for an invalid value (RFC 9113 §6.5.2), HTTP/3 a code for settings (RFC 9114 §8.1). */
const settingErrors = {
  '2': { errorCode: 0x1, name: 'PROTOCOL_ERROR', reference: 'RFC 8441 §3' },
  '3': { errorCode: 0x109, name: 'H3_SETTINGS_ERROR', reference: 'RFC 9220 §3' },
} as const

function fail(httpVersion: '2' | '3', found: string): ConnectSetting {
  const { errorCode, name, reference } = settingErrors[httpVersion]
  const message = `SETTINGS_ENABLE_CONNECT_PROTOCOL ${found}`
  return { ok: false, error: new ProtocolError('setting', message, { reference }), errorCode, name }
}

/**
 * How a stream ends.
 *
 * @category HTTP/2 and HTTP/3
 */
export interface StreamEnding {
  /**
   * `'end'`: orderly, like a TCP FIN. Only this direction ends; the other may still carry data.
   * `'reset'`: aborted, like a TCP RST. The peer reads no further output.
   */
  readonly kind: 'end' | 'reset'
  /** For RST_STREAM or RESET_STREAM. For an `'end'`, the code that means no error. */
  readonly errorCode: number
  /** `END_STREAM` or `FIN`. For a reset, the registered name of the error code, or its number if it has none. */
  readonly name: string
}

/** The orderly and the abnormal ending, by version. */
const endings = {
  '2': {
    // "Orderly TCP-level closures are represented as END_STREAM flags"                                    RFC 8441 §5
    end: { kind: 'end', errorCode: 0x0, name: 'END_STREAM' },
    // "RST exceptions are represented with the RST_STREAM frame … with the CANCEL error code"             RFC 8441 §5
    reset: { kind: 'reset', errorCode: 0x8, name: 'CANCEL' },
    errorCodes: http2ErrorCodes,
  },
  '3': {
    // "Orderly TCP-level closures are represented as a FIN bit on the stream"                             RFC 9220 §3
    end: { kind: 'end', errorCode: 0x100, name: 'FIN' },
    // "a stream error … of type H3_REQUEST_CANCELLED"                                                     RFC 9220 §3
    reset: { kind: 'reset', errorCode: 0x10c, name: 'H3_REQUEST_CANCELLED' },
    errorCodes: http3ErrorCodes,
  },
} as const

/**
 * Selects how to end the stream of a connection that has closed, after its output has been written.
 *
 * Returns `'end'` if the connection closed cleanly, or if the peer only ended its side: a FIN answers a FIN. Returns `'reset'` if it
 * failed because of a peer's error or a timeout: input is no longer read, and a peer that keeps sending would use up the flow-control
 * window that all streams share. Reset only after the output has ended, or the reset overtakes the Close frame. In either case, a peer
 * that never ends its own side keeps the stream open: limit that with a timeout.
 *
 * @param closed The connection's `close` event.
 * @throws TypeError for any other value, `RangeError` for another HTTP version.
 *
 * @example
 * selectStreamEnding({ error: undefined }) // { kind: 'end', errorCode: 0, name: 'END_STREAM' }
 *
 * @example
 * if (event.type === 'close') {
 *   const { kind, errorCode } = selectStreamEnding(event)
 *   stream.end(kind === 'end' ? undefined : () => stream.close(errorCode))
 * }
 *
 * @category HTTP/2 and HTTP/3
 */
export function selectStreamEnding(
  closed: { readonly error: ProtocolError | undefined },
  httpVersion: '2' | '3' = '2',
): StreamEnding {
  requireRecord(closed, '`closed`')
  // Other events have no `error`, so a failed connection would get an orderly end.
  if (!('error' in closed)) throw new TypeError("`closed` must be a connection's `close` event")
  return { ...endingsOf(httpVersion)[closed.error === undefined ? 'end' : 'reset'] }
}

/**
 * Interprets the end of a stream. Call the connection's `receiveEnd()` after either ending. The Close frames decide whether the
 * connection closed cleanly: after both, a reset is harmless; without them, even an orderly end is a 1006 (RFC 6455 §7.1.5). After an
 * `'end'` you may still send the connection's output; after a `'reset'` nobody reads it.
 *
 * @param errorCode From RST_STREAM or RESET_STREAM; `undefined` without one. Node's `stream.rstCode` is then 0.
 * @throws TypeError for a code that is not a number, `RangeError` for another HTTP version.
 *
 * @example
 * readStreamEnding(8) // { kind: 'reset', errorCode: 8, name: 'CANCEL' }
 *
 * @example
 * stream.on('close', () => {
 *   const { kind, name } = readStreamEnding(stream.rstCode) // 'reset', 'CANCEL'
 *   for (const event of connection.receiveEnd()) console.log(event, kind, name)
 * })
 *
 * @category HTTP/2 and HTTP/3
 */
export function readStreamEnding(errorCode: number | undefined, httpVersion: '2' | '3' = '2'): StreamEnding {
  const { end, errorCodes } = endingsOf(httpVersion)
  if (errorCode === undefined) return { ...end }
  requireType(errorCode, 'number', '`errorCode`')
  if (errorCode === end.errorCode) return { ...end }
  const name = errorCodes.find(({ code }) => code === errorCode)?.name ?? `0x${errorCode.toString(16)}`
  return { kind: 'reset', errorCode, name }
}

function endingsOf(httpVersion: '2' | '3'): (typeof endings)['2' | '3'] {
  requireVersion(httpVersion)
  return endings[httpVersion]
}
