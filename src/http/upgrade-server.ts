/**
 * The server side of an upgrade to any protocol: selects one from a request's `Upgrade` (RFC 9110 §7.8) or `:protocol` (RFC 8441 §4), and
 * creates the response as data for the formatters: switch, require or refuse. A server may always ignore `Upgrade`, so an invalid offer
 * counts as no offer.
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

/**
 * Options of {@link selectUpgrade}.
 *
 * @category Upgrade and refusals
 */
export interface SelectUpgradeOptions {
  /** Whose order of preference decides. Default: `'client'`, since the field is in the client's order of preference. */
  readonly prefer?: 'client' | 'server' | undefined
  /** `maxHeadFields`: a request with more fields offers nothing. */
  readonly limits?: Limits | undefined
}

/**
 * The protocols that a server supports, each version listed separately (`'foo/1'`, `'foo/2'`, `'websocket'`), or a function.
 *
 * @category Upgrade and refusals
 */
export type SupportedUpgrades<Supported extends string> =
  | readonly Supported[]
  | ((offered: readonly UpgradeProtocol[]) => Supported | undefined)

/**
 * Selects the entry of `supported` that a request asks for. Returns `undefined` if the request offers no supported protocol: handle it
 * as plain HTTP, since a server may always ignore the field (RFC 9110 §7.8). Also returns `undefined` if `Upgrade` has no effect: in
 * HTTP/1.0, HTTP/2 and HTTP/3, without `Connection: upgrade`, and if either field is invalid.
 *
 * In HTTP/2 and HTTP/3, the `:protocol` of an extended CONNECT is the offer. Answer an unsupported one with 501 (RFC 9220 §3).
 * `acceptHandshake` and `getExtendedConnect` check the rest of the request.
 *
 * `h2c` is not special: the function selects it only if you list it (RFC 9113 §3.1 has retired it).
 *
 * @param request From any source, or a parser's result. An unreadable head offers nothing.
 * @throws TypeError for an invalid entry, and for a function that returns anything but one of the offered protocols or
 *   `undefined`.
 *
 * @example
 * const request = { method: 'GET', target: '/', headers: upgradeHeaders(['example/1', 'foo/2']) }
 * selectUpgrade(request, ['websocket', 'foo/2']) // 'foo/2'
 *
 * @example
 * switch (selectUpgrade(request, ['websocket', 'foo/2'])) {
 *   case 'websocket': // acceptHandshake …
 *   case 'foo/2': // switchingProtocols …
 *   case undefined: // plain HTTP
 * }
 *
 * @category Upgrade and refusals
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

/** Returns the protocols of a valid offer, best first. */
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
  const offered = method === 'CONNECT' && protocol !== undefined ? parseProtocol(protocol) : undefined
  return offered === undefined ? [] : [offered]
}

/**
 * Whether `Connection` lists `upgrade`. Without this option, the field was meant for another hop, and a proxy forwarded it by mistake.
 * `selectUpgrade` ignores such an offer; the WebSocket handshake (handshake/upgrade-carrier.ts) refuses the request, because RFC 6455
 * requires the option.
 */
function isMeantForUs(head: RequestHead): boolean {
  // A Fetch runtime may hide hop-by-hop fields.
  return head.httpVersion === 'unknown' || hasConnectionOption(head.headers, 'upgrade')
}

/**
 * Whether a request waits for a 100 (RFC 9110 §10.1.1). If it also asks for an upgrade, send the 100 before the 101 (RFC 9110 §7.8):
 * pass the result to `switchingProtocols`.
 *
 * @param request From any source, or a parser's result. The result is `false` for an unreadable head.
 *
 * @example
 * expectsContinue({ method: 'GET', target: '/', headers: { expect: '100-continue' } }) // true
 *
 * @category Upgrade and refusals
 */
export function expectsContinue(request: RequestSource | ParsedRequest): boolean {
  const read = readRequest(request, anyFieldCount)
  return read.ok && waitsForContinue(read.head.httpVersion, getHeaders(read.head.headers, 'expect'))
}

/** Whether a request with these values of `Expect` waits for a 100. */
export function waitsForContinue(httpVersion: HttpVersion, values: FieldValues): boolean {
  // "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation."
  if (httpVersion === '1.0' || values.length === 0) return false
  const expectations = attempt(() => toElements(values, 'Expect'))
  return (
    !(expectations instanceof ProtocolError) && expectations.some((text) => equalsIgnoringCase(text, '100-continue'))
  )
}

/**
 * Creates the 101 for one protocol, or for several in layer order, lowest first (RFC 9110 §15.2.2). After the 101, the connection uses
 * the new protocol, beginning with the bytes after the request's head.
 *
 * @param continueFirst The result of {@link expectsContinue}: whether to write a 100 before the 101.
 * @throws TypeError without a protocol, for `Connection` or `Upgrade` in `headers`, and for a field that is invalid or describes a
 *   body.
 *
 * @example
 * switchingProtocols('foo/2').headers // [['Upgrade', 'foo/2'], ['Connection', 'Upgrade']]
 *
 * @category Upgrade and refusals
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

/** Creates a 101 from headers that are complete and valid. */
export function createSwitch(headers: HeaderList, continueFirst: boolean): ResponseHead {
  const head: ResponseHead = { status: 101, reason: 'Switching Protocols', headers }
  // "the server MUST send a 100 (Continue) response before sending a 101"                            RFC 9110 §7.8
  if (continueFirst) head.continueFirst = true
  return head
}

/**
 * Options of {@link upgradeRequired} and {@link refuseUpgrade}.
 *
 * @category Upgrade and refusals
 */
export interface AnswerOptions {
  /** Extra fields, except `Connection` and `Upgrade`. */
  readonly headers?: HeaderSource | undefined
  /** Default: the reason phrase. */
  readonly body?: string | undefined
  /** The method of the request: a response to HEAD has no body, only the fields that describe it. Default: `'GET'`. */
  readonly method?: string | undefined
  /**
   * Leaves out `Connection: close`, for a request with valid framing and no bytes after its head. More bytes may still arrive, so
   * use it only for clients that you trust to wait for the response (RFC 9931). Default: false.
   */
  readonly keepAlive?: boolean | undefined
}

/** Throws `TypeError` for invalid options. */
function requireAnswerOptions(options: AnswerOptions, name: string): void {
  const kinds = { headers: 'any', body: 'string', method: 'string', keepAlive: 'boolean' } as const
  requireOptions(options, kinds, `the options of ${name}`)
}

/**
 * Creates the 426 that requires an upgrade and lists the accepted protocols, best first (RFC 9110 §15.5.22). Has `Connection: close`
 * unless `keepAlive` is set.
 *
 * @throws TypeError without a protocol, for `Connection` or `Upgrade` in `headers`, and for a field that is invalid or contradicts the
 *   body.
 *
 * @example
 * upgradeRequired('foo/2').headers[0] // ['Upgrade', 'foo/2']
 *
 * @example
 * const answer = upgradeRequired('foo/2')
 * response.writeHead(answer.status, answer.headers).end(answer.body)
 *
 * @category Upgrade and refusals
 */
export function upgradeRequired(protocols: string | readonly string[], options: AnswerOptions = {}): Answer {
  requireAnswerOptions(options, 'upgradeRequired')
  const fields = upgradeHeaders(protocols, ...(options.keepAlive ? [] : ['close']))
  const extra = toExtraHeaders(options.headers, reserved)
  return answerWith(426, fields, extra, options.body ?? `${reasonPhrase(426)}\n`, options.method)
}

/**
 * Creates your own refusal (401, 403, 404, 503 …): a short text and `Connection: close`. If the connection stayed open, the server would
 * read bytes of the new protocol that the client sent too early as the next request (RFC 9931). To forward a backend's refusal, use
 * {@link relayRefusal}.
 *
 * @throws RangeError for a status that is not a refusal; `TypeError` for `Connection` or `Upgrade` in `headers`, for a field that is
 *   invalid or contradicts the body, and for a 401, 405 or 407 without the field that RFC 9110 requires: `WWW-Authenticate`, `Allow`,
 *   `Proxy-Authenticate`.
 *
 * @example
 * refuseUpgrade(403).body // 'Forbidden\n'
 *
 * @example
 * socket.end(formatResponse(refuseUpgrade(401, { headers: { 'www-authenticate': 'Basic realm="chat"' } })))
 *
 * @category Upgrade and refusals
 */
export function refuseUpgrade(status: number, options: AnswerOptions = {}): Answer {
  requireType(status, 'number', '`status`')
  if (!(Number.isInteger(status) && status >= 300 && status <= 599) || status === 304)
    throw new RangeError(`\`status\` must be from 300 to 599, except 304 and 426, not ${status}`)
  if (status === 426) throw new RangeError('`status` must not be 426; use upgradeRequired')
  requireAnswerOptions(options, 'refuseUpgrade')
  const extra = toExtraHeaders(options.headers, reserved)
  requireFieldsOf(status, extra)
  const close: HeaderList = options.keepAlive ? [] : [['Connection', 'close']]
  const body = options.body ?? `${reasonPhrase(status) || status}\n`
  return answerWith(status, close, extra, body, options.method)
}

/** The fields that statuses require. `Allow` may be empty, a challenge may not (RFC 9110 §10.2.1, §11.6.1). */
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

/** The fields that this package writes into these responses. */
const reserved: readonly string[] = ['connection', 'upgrade']

/** Combines our fields with the caller's. Throws `TypeError` if the caller's contradict the body. */
function answerWith(status: number, own: HeaderList, extra: HeaderList, body: string, method?: string): Answer {
  const framing = pickFraming(extra)
  requireFittingFraming(framing, framing.lengths.length === 0 ? 0 : encodeUtf8(body).length)
  return createAnswer(status, [...own, ...extra], body, method, reasonPhrase(status))
}
