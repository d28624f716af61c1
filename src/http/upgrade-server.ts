/**
 * Server side of an upgrade to any protocol: selects one from a request's `Upgrade` (RFC 9110 §7.8) or `:protocol` (RFC 8441 §4), and
 * creates the responses as data for the formatters: switch, require, refuse. A server may always ignore `Upgrade`, so an invalid
 * offer is treated as no offer.
 *
 * @module
 */

import { describeType, requireOptions, requireType, wrongAnswer } from '../arguments.ts'
import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError } from '../errors.ts'
import { type Limits, limitKinds } from '../limits.ts'
import { encodeUtf8 } from '../platform/text.ts'
import type { FieldValues } from './field-picker.ts'
import { pickFraming, requireAllowedFraming, requireFittingFraming } from './framing.ts'
import { trimWhitespace } from './grammar.ts'
import { anyFieldCount, getHeaders, type HeaderList, type HeaderSource, toElements, toExtraHeaders } from './headers.ts'
import { type HttpVersion, isMultiplexed, type RequestHead, type RequestSource } from './request.ts'
import { type ParsedRequest, readRequest } from './request-parser.ts'
import { type Answer, createAnswer, type ResponseHead, reasonPhrase } from './response.ts'
import {
  hasConnectionOption,
  isProtocol,
  parseProtocol,
  parseUpgrade,
  requireProtocol,
  type UpgradeProtocol,
  upgradeHeaders,
} from './upgrade.ts'

/** Options of {@link selectUpgrade}. */
export interface SelectUpgradeOptions {
  /** Whose order decides. Default: `'client'`, since the field is in the client's order of preference. */
  readonly prefer?: 'client' | 'server' | undefined
  /** `maxHeadFields`: a request with more fields offers nothing. */
  readonly limits?: Limits | undefined
}

/** The protocols a server supports, each version listed separately (`'foo/1'`, `'foo/2'`, `'websocket'`), or a function. */
export type SupportedUpgrades<Supported extends string> =
  | readonly Supported[]
  | ((offered: readonly UpgradeProtocol[]) => Supported | undefined)

/**
 * The entry of `supported` that a request asks for. `undefined`: it offers nothing supported; handle it as plain HTTP, since a
 * server may always ignore the field (RFC 9110 §7.8). The same holds where `Upgrade` has no effect: in HTTP/1.0, 2 and 3,
 * without `Connection: upgrade`, and if either field is invalid.
 *
 * In HTTP/2 and 3, the `:protocol` of an extended CONNECT makes the offer; answer an unsupported one with 501 (RFC 9220 §3).
 * `acceptHandshake` and `getExtendedConnect` check the rest of the request.
 *
 * `h2c` is not special: it must be listed to be selected (RFC 9113 §3.1 has retired it).
 *
 * @param request From any source, or a parser's result; an unreadable one offers nothing.
 * @throws TypeError for an invalid entry, and for a function that returns anything but one of the offered protocols or
 *   `undefined`.
 *
 * @example
 * switch (selectUpgrade(request, ['websocket', 'foo/2'])) {
 *   case 'websocket': // acceptHandshake …
 *   case 'foo/2': // switchingProtocols …
 *   case undefined: // plain HTTP
 * }
 */
export function selectUpgrade<const Supported extends string>(
  request: RequestSource | ParsedRequest,
  supported: SupportedUpgrades<Supported>,
  options: SelectUpgradeOptions = {},
): Supported | undefined {
  if (typeof supported !== 'function' && !Array.isArray(supported))
    throw new TypeError(`\`supported\` must be an array of protocols or a function, not ${describeType(supported)}`)
  requireOptions(options, { prefer: ['client', 'server'], limits: limitKinds }, 'the options of selectUpgrade')
  const offered = readOfferedUpgrades(request, options.limits)
  if (typeof supported === 'function') return choose(offered, supported)
  // Checked even if the request offers nothing.
  for (const entry of supported) requireProtocol(entry)
  if (options.prefer === 'server')
    return supported.find((entry) => offered.some((protocol) => isProtocol(protocol, entry)))
  for (const protocol of offered) {
    const entry = supported.find((candidate) => isProtocol(protocol, candidate))
    if (entry !== undefined) return entry
  }
  return undefined
}

function choose<Supported extends string>(
  offered: readonly UpgradeProtocol[],
  select: (offered: readonly UpgradeProtocol[]) => Supported | undefined,
): Supported | undefined {
  const chosen: unknown = offered.length === 0 ? undefined : select(offered)
  if (chosen === undefined) return undefined
  if (typeof chosen !== 'string') throw wrongAnswer('supported', 'one of the offered protocols or undefined', chosen)
  // "A server MUST NOT switch to a protocol that was not indicated by the client in the corresponding request's Upgrade"
  if (!offered.some((protocol) => isProtocol(protocol, chosen)))
    throw new TypeError(`${JSON.stringify(chosen)} was not offered (RFC 9110 §7.8)`)
  return chosen as Supported
}

/** The protocols that a request validly offers, best first. */
function readOfferedUpgrades(request: RequestSource | ParsedRequest, limits: Limits | undefined): UpgradeProtocol[] {
  const read = readRequest(request, limits)
  if (!read.ok) return []
  const { head } = read
  if (isMultiplexed(head.httpVersion)) return readConnectProtocol(head)
  // A CONNECT starts a tunnel, never another protocol                                           RFC 9110 §9.3.6
  if (head.method === 'CONNECT') return []
  // "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request"               RFC 9110 §7.8
  if (head.httpVersion === '1.0') return []
  const protocols = attempt(() => (isMeantForUs(head) ? parseUpgrade(head.headers) : []))
  return protocols instanceof ProtocolError ? [] : protocols
}

// "The pseudo-header field is single valued"                                                              RFC 8441 §4
function readConnectProtocol({ method, protocol }: RequestHead): UpgradeProtocol[] {
  const asked = method === 'CONNECT' && protocol !== undefined ? parseProtocol(protocol) : undefined
  return asked === undefined ? [] : [asked]
}

/**
 * Without the option in `Connection`, the field was meant for another hop and a proxy passed it on by mistake. Such an offer is
 * ignored here; the WebSocket handshake (handshake/upgrade-carrier.ts) refuses the request, because RFC 6455 requires the option.
 */
function isMeantForUs(head: RequestHead): boolean {
  // A Fetch runtime may hide hop-by-hop fields.
  return head.httpVersion === 'unknown' || hasConnectionOption(head.headers, 'upgrade')
}

/**
 * Whether a request waits for a 100 (RFC 9110 §10.1.1). If it also asks for an upgrade, the 100 goes before the 101
 * (RFC 9110 §7.8): pass the result to `switchingProtocols`.
 *
 * @param request From any source, or a parser's result; `false` for an unreadable one.
 *
 * @example
 * expectsContinue({ method: 'GET', target: '/', headers: { expect: '100-continue' } }) // true
 */
export function expectsContinue(request: RequestSource | ParsedRequest): boolean {
  const read = readRequest(request, anyFieldCount)
  return read.ok && waitsForContinue(read.head.httpVersion, getHeaders(read.head.headers, 'expect'))
}

/** The same for the values of `Expect`. */
export function waitsForContinue(httpVersion: HttpVersion, values: FieldValues): boolean {
  // "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation."
  if (httpVersion === '1.0' || values.length === 0) return false
  const expectations = attempt(() => toElements(values, 'Expect'))
  return (
    !(expectations instanceof ProtocolError) && expectations.some((text) => equalsIgnoringCase(text, '100-continue'))
  )
}

/**
 * Creates the 101 for one protocol, or for several in layer order, lowest first (RFC 9110 §15.2.2).
 * After it, the connection uses the new protocol, starting with the bytes that followed the request's head.
 *
 * @param continueFirst The result of {@link expectsContinue}: whether to write a 100 before the 101.
 * @throws TypeError without a protocol, for `Connection` or `Upgrade` in `headers`, for an invalid field, and for one that
 *   describes a body.
 *
 * @example
 * socket.write(formatResponse(switchingProtocols('foo/2')))
 */
export function switchingProtocols(
  protocols: string | readonly string[],
  headers: HeaderSource = [],
  continueFirst = false,
): ResponseHead {
  requireType(continueFirst, 'boolean', '`continueFirst`')
  const extra = toExtraHeaders(headers, reserved)
  requireAllowedFraming(extra, 101)
  return createSwitch([...upgradeHeaders(protocols), ...extra], continueFirst)
}

/** The same for headers that are complete and valid. */
export function createSwitch(headers: HeaderList, continueFirst: boolean): ResponseHead {
  const head: ResponseHead = { status: 101, reason: 'Switching Protocols', headers }
  // "the server MUST send a 100 (Continue) response before sending a 101"                            RFC 9110 §7.8
  if (continueFirst) head.continueFirst = true
  return head
}

/** Options of {@link upgradeRequired} and {@link refuseUpgrade}. */
export interface AnswerOptions {
  /** Extra fields, except `Connection` and `Upgrade`. */
  readonly headers?: HeaderSource | undefined
  /** Default: the reason phrase. */
  readonly body?: string | undefined
  /** The request's method: a response to HEAD has no body, only the fields that describe it. Default: `'GET'`. */
  readonly method?: string | undefined
  /**
   * Leave out `Connection: close`, for a request with sound framing and nothing after its head. More bytes may still arrive, so
   * use it only for clients trusted to wait for the response (RFC 9931). Default: false.
   */
  readonly keepAlive?: boolean | undefined
}

/** Throws `TypeError` for invalid options. */
function requireAnswerOptions(options: AnswerOptions, name: string): void {
  const kinds = { headers: 'any', body: 'string', method: 'string', keepAlive: 'boolean' } as const
  requireOptions(options, kinds, `the options of ${name}`)
}

/**
 * Creates the 426 that requires an upgrade, listing the accepted protocols, best first (RFC 9110 §15.5.22). Closes the
 * connection unless `keepAlive` is set.
 *
 * @throws TypeError without a protocol, for `Connection` or `Upgrade` in `headers`, for an invalid field, and for one that
 *   contradicts the body.
 *
 * @example
 * const answer = upgradeRequired('foo/2')
 * response.writeHead(answer.status, answer.headers).end(answer.body)
 */
export function upgradeRequired(protocols: string | readonly string[], options: AnswerOptions = {}): Answer {
  requireAnswerOptions(options, 'upgradeRequired')
  const fields = upgradeHeaders(protocols, ...(options.keepAlive ? [] : ['close']))
  const extra = toExtraHeaders(options.headers, reserved)
  return answerWith(426, fields, extra, options.body ?? `${reasonPhrase(426)}\n`, options.method)
}

/**
 * Creates your own refusal (401, 403, 404, 503 …): a short text and `Connection: close`, since bytes of the new protocol that
 * the client sent too early would be read as the next request (RFC 9931). To pass on a backend's refusal, use
 * {@link relayRefusal}.
 *
 * @throws RangeError for a status that is not a refusal; `TypeError` for `Connection` or `Upgrade` in `headers`, for an invalid
 *   field or one that contradicts the body, and for a 401, 405 or 407 without the field that RFC 9110 requires:
 *   `WWW-Authenticate`, `Allow`, `Proxy-Authenticate`.
 *
 * @example
 * socket.end(formatResponse(refuseUpgrade(401, { headers: { 'www-authenticate': 'Basic realm="chat"' } })))
 */
export function refuseUpgrade(status: number, options: AnswerOptions = {}): Answer {
  requireType(status, 'number', '`status`')
  if (!(Number.isInteger(status) && status >= 300 && status <= 599) || status === 304)
    throw new RangeError(`\`status\` must be 300 to 599 and not 304, not ${status}`)
  if (status === 426) throw new RangeError('`status` must not be 426: see upgradeRequired')
  requireAnswerOptions(options, 'refuseUpgrade')
  const extra = toExtraHeaders(options.headers, reserved)
  requireFieldsOf(status, extra)
  const close: HeaderList = options.keepAlive ? [] : [['Connection', 'close']]
  const body = options.body ?? `${reasonPhrase(status) || status}\n`
  return answerWith(status, close, extra, body, options.method)
}

/** The field that a status requires. `Allow` may be empty, a challenge may not (RFC 9110 §10.2.1, §11.6.1). */
const neededFields: { readonly [status: number]: readonly [name: string, mayBeEmpty: boolean, section: string] } = {
  // "The server generating a 401 response MUST send a WWW-Authenticate header field"
  401: ['WWW-Authenticate', false, '§15.5.2'],
  // "The origin server MUST generate an Allow header field in a 405 response"
  405: ['Allow', true, '§15.5.6'],
  // "The proxy MUST send a Proxy-Authenticate header field"
  407: ['Proxy-Authenticate', false, '§15.5.8'],
}

function requireFieldsOf(status: number, headers: HeaderList): void {
  const needed = neededFields[status]
  if (needed === undefined) return
  const [name, mayBeEmpty, section] = needed
  if (getHeaders(headers, name).some((value) => mayBeEmpty || trimWhitespace(value) !== '')) return
  throw new TypeError(`\`headers\` of a ${status} must have ${name} (RFC 9110 ${section})`)
}

/** Fields that these responses write themselves. */
const reserved: readonly string[] = ['connection', 'upgrade']

/** Combines our fields with the caller's. Throws `TypeError` if the caller's contradict the body. */
function answerWith(status: number, own: HeaderList, extra: HeaderList, body: string, method?: string): Answer {
  const framing = pickFraming(extra)
  requireFittingFraming(framing, framing.lengths.length === 0 ? 0 : encodeUtf8(body).length)
  return createAnswer(status, [...own, ...extra], body, method, reasonPhrase(status))
}
