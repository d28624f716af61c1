/**
 * The server's responses to an upgrade, as data for the formatters: switch, require, refuse (RFC 9110 §7.8, §15.2.2, §15.5.22).
 * To ignore an upgrade, respond as if it were absent.
 *
 * @module
 */

import { checkOptionNames, describeValue, requireOptional, requireType } from '../arguments.ts'
import { encodeUtf8 } from '../platform/text.ts'
import { pickFraming } from './framing.ts'
import { trimWhitespace } from './grammar.ts'
import { getHeaders, type HeaderList, type HeaderSource } from './headers.ts'
import { type Answer, createAnswer, type ResponseHead, reasonPhrase } from './response.ts'
import { readOwnFraming, requireOwnFraming, toSendableFields } from './sendable-fields.ts'
import { upgradeHeaders } from './upgrade.ts'

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
  const all = upgradeHeaders(protocols)
  const extra = toExtraHeaders(headers)
  readOwnFraming(extra, 101)
  for (const pair of extra) all.push(pair)
  const head: ResponseHead = { status: 101, reason: reasonPhrase(101), headers: all }
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

const answerOptionNames = ['headers', 'body', 'method', 'keepAlive'] as const satisfies (keyof AnswerOptions)[]

/** Throws `TypeError` for invalid options. */
function checkAnswerOptions(options: AnswerOptions, name: string): void {
  checkOptionNames(options, answerOptionNames, `the options of ${name}`)
  const { body, method, keepAlive } = options
  requireOptional(body, 'string', '`body`')
  requireOptional(method, 'string', '`method`')
  requireOptional(keepAlive, 'boolean', '`keepAlive`')
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
  checkAnswerOptions(options, 'upgradeRequired')
  const fields = upgradeHeaders(protocols, ...(options.keepAlive ? [] : ['close']))
  const extra = toExtraHeaders(options.headers)
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
  if (typeof status !== 'number') throw new TypeError(`\`status\` must be a number, not ${describeValue(status)}`)
  if (!(Number.isInteger(status) && status >= 300 && status <= 599) || status === 304)
    throw new RangeError(`a refusal is a 3xx, 4xx or 5xx with a body, not ${status} (RFC 9110 §15)`)
  if (status === 426) throw new RangeError('a 426 names what it wants: see upgradeRequired (RFC 9110 §15.5.22)')
  checkAnswerOptions(options, 'refuseUpgrade')
  const extra = toExtraHeaders(options.headers)
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
  throw new TypeError(`a ${status} needs ${name}: give it in \`headers\` (RFC 9110 ${section})`)
}

/** Fields that these responses write themselves. */
const reserved: ReadonlySet<string> = /* @__PURE__ */ new Set(['connection', 'upgrade'])

/** The caller's own fields. Throws `TypeError` for reserved or invalid ones. */
function toExtraHeaders(source: HeaderSource | undefined): HeaderList {
  return toSendableFields(
    source,
    reserved,
    'is written by the answer itself; `keepAlive` says whether the connection goes on',
  )
}

/** Combines our fields with the caller's. Throws `TypeError` if the caller's contradict the body. */
function answerWith(status: number, own: HeaderList, extra: HeaderList, body: string, method?: string): Answer {
  const framing = pickFraming(extra)
  requireOwnFraming(framing, framing.lengths.length === 0 ? 0 : encodeUtf8(body).length)
  return createAnswer(status, [...own, ...extra], body, method)
}
