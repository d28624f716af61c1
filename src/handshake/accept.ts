/**
 * The server's act: reads a request, judges all of it, and answers (RFC 6455 §4.2). Knows the fields and in which order
 * their faults count; each rule stands in the room of its field.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, ProtocolError, quote } from '../errors.ts'
import { checkHost } from '../http/authority.ts'
import { checkNoRequestBody } from '../http/framing.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import { type RequestHead, type RequestSource, requestHeadFrom } from '../http/request.ts'
import type { ParsedRequest } from '../http/request-parser.ts'
import type { Refused, ResponseHead } from '../http/response.ts'
import { hasConnectionOption, parseUpgrade } from '../http/upgrade.ts'
import { switchingProtocols } from '../http/upgrade-answer.ts'
import { expectsContinue } from '../http/upgrade-select.ts'
import type { Agreement } from './agreement.ts'
import type { Extension, ExtensionEntry } from './extension.ts'
import { formatExtensions, readExtensions } from './extensions.ts'
import { field, toExtraHeaders } from './fields.ts'
import { computeAccept, readKey } from './key.ts'
import { acceptExtensions } from './negotiation.ts'
import { checkOrigin, type OriginPolicy } from './origin.ts'
import { refuse } from './refuse.ts'
import { readOfferedSubprotocols, selectSubprotocol } from './subprotocol.ts'
import { checkVersion } from './version.ts'

/** What a server wishes. */
export interface AcceptOptions<Subprotocol extends string = string> {
  /** What is spoken: the first of the client's list that is in it; or a function, which answers with one of the offered. */
  readonly subprotocols?: readonly Subprotocol[] | ((offered: readonly string[]) => Subprotocol | undefined) | undefined
  /** What may be done to messages: of those that the client offers too, in its order. */
  readonly extensions?: readonly Extension[] | undefined
  /** Who may connect. Default `'same'`. */
  readonly origins?: OriginPolicy | undefined
  /** More fields for the 101. */
  readonly headers?: HeaderSource | undefined
  /** Refuse a key whose base64 has a non-canonical tail. Default: false (RFC 6455 §4.2.2 asks for no decoding). */
  readonly strictKey?: boolean | undefined
  /**
   * Leave `Connection: close` out of a refusal where the head and its framing are sound, nothing followed the head, and
   * the client does not close itself. What followed is known of a parser's result only; of Node's `upgrade` event say
   * `head.length === 0`. Default: false, for most hosts hand the socket over for good.
   */
  readonly keepAlive?: boolean | undefined
}

/** A request that is granted: an agreement, and the 101 that says so. */
export interface Accepted<Subprotocol extends string = string> extends Agreement<Subprotocol> {
  ok: true
  /** The whole 101. */
  response: ResponseHead
  /** Only what negotiation and `options.headers` put in: for runtimes that write the rest of the 101 themselves. */
  agreedHeaders: HeaderList
  /** What the client offered, checked. */
  offeredSubprotocols: string[]
}

/**
 * Judges an opening request, whole: every fault is found, and one response answers the gravest. Never throws for what a
 * peer sent; what the parser could not read comes back as it is.
 *
 * @param request A parser's result, good or bad, a head of one's own, Node's `IncomingMessage` or a Fetch `Request`.
 * @throws {TypeError} for `headers` that the handshake writes itself, and for a subprotocol that was not offered.
 *
 * @example
 * createServer().on('upgrade', (request, socket) => {
 *   const accepted = acceptHandshake(request, { subprotocols: ['chat'] })
 *   socket.write(formatResponse(accepted.response))
 *   if (!accepted.ok) return socket.end()
 *   const connection = new Connection({ role: 'server', agreement: accepted })
 * })
 */
export function acceptHandshake<const Subprotocol extends string = never>(
  request: RequestSource | ParsedRequest,
  options: AcceptOptions<Subprotocol> = {},
): Accepted<Subprotocol> | Refused {
  const parsed = isParsed(request) ? request : undefined
  if (parsed?.ok === false) return parsed
  const head = parsed === undefined ? requestHeadFrom(request as RequestSource) : parsed.head
  const key = readKey(head.headers, options.strictKey ?? false)
  const offered = attempt(() => readOfferedSubprotocols(head.headers))
  const offers = attempt(() => readExtensions(head.headers))
  const upgradeFault = attempt(() => checkUpgrade(head))
  // In the order in which they count for the answer.
  const [gravest, ...more] = [
    checkHttpVersion(head),
    checkHost(head),
    checkNoRequestBody(head),
    checkMethod(head),
    upgradeFault,
    attempt(() => checkConnection(head)),
    checkVersion(head.headers),
    key,
    checkOrigin(head, options.origins ?? 'same'),
    offered,
    offers,
  ].filter((result) => result instanceof ProtocolError)
  if (gravest === undefined)
    return accept(head, key as string, offered as string[], offers as ExtensionEntry[], options)
  const followed = parsed !== undefined && parsed.rest.length > 0
  return refuse(head, [gravest, ...more], upgradeFault === undefined, options.keepAlive === true && !followed)
}

/** By its type, for HTTP/2's header objects hold texts, and a peer may name a field `ok`. */
function isParsed(request: RequestSource | ParsedRequest): request is ParsedRequest {
  return 'ok' in request && typeof request.ok === 'boolean'
}

// "Upgrade" and "Connection" make a request of HTTP/2 or 3 malformed; there it is extended CONNECT     RFC 8441 §5
function checkHttpVersion({ version }: RequestHead): ProtocolError | undefined {
  if (version !== '2' && version !== '3') return undefined
  return new ProtocolError('http-version', `HTTP/${version} has no Upgrade`, {
    reference: 'RFC 9113 §8.2.2',
    status: 505,
  })
}

// "The method of the request MUST be GET"                                                          RFC 6455 §4.1 item 2
function checkMethod({ method }: RequestHead): ProtocolError | undefined {
  if (method === 'GET') return undefined
  return new ProtocolError('method', `the method is ${quote(method)}, where GET is expected`, {
    reference: 'RFC 6455 §4.1',
    status: 405,
  })
}

function checkUpgrade(head: RequestHead): ProtocolError | undefined {
  // "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request"               RFC 9110 §7.8
  if (head.version === '1.0')
    return new ProtocolError('http-version', 'Upgrade counts for nothing in HTTP/1.0', {
      reference: 'RFC 9110 §7.8',
      status: 426,
    })
  // "An |Upgrade| header field containing the value "websocket", treated as an ASCII case-insensitive value"
  //                                                                                                RFC 6455 §4.2.1 item 3
  const asked = parseUpgrade(head.headers).some(
    ({ name, version }) => version === undefined && equalsIgnoringCase(name, 'websocket'),
  )
  if (asked) return undefined
  return new ProtocolError('upgrade-missing', 'Upgrade does not name websocket', {
    reference: 'RFC 6455 §4.2.1',
    status: 426,
  })
}

// "A |Connection| header field that includes the token "Upgrade""                                 RFC 6455 §4.2.1 item 4
function checkConnection(head: RequestHead): ProtocolError | undefined {
  // A Fetch runtime need show no hop-by-hop fields; those that it shows can be read.
  if (hasConnectionOption(head.headers, 'upgrade') || head.version === undefined) return undefined
  return new ProtocolError('connection-missing', 'Connection does not hold the option upgrade', {
    reference: 'RFC 6455 §4.2.1',
    status: 400,
  })
}

function accept<Subprotocol extends string>(
  head: RequestHead,
  key: string,
  offered: string[],
  offers: ExtensionEntry[],
  options: AcceptOptions<Subprotocol>,
): Accepted<Subprotocol> {
  const subprotocol = chooseSubprotocol(offered, options.subprotocols)
  const { agreed, response: used } = acceptExtensions(offers, options.extensions ?? [])
  const agreedHeaders: HeaderList = subprotocol === undefined ? [] : [[field.protocol, subprotocol]]
  if (used.length > 0) agreedHeaders.push([field.extensions, formatExtensions(used)])
  agreedHeaders.push(...toExtraHeaders(options.headers))
  const headers: HeaderList = [[field.accept, computeAccept(key)], ...agreedHeaders]
  const response = switchingProtocols('websocket', headers, expectsContinue(head))
  return { ok: true, subprotocol, extensions: agreed, response, agreedHeaders, offeredSubprotocols: offered }
}

function chooseSubprotocol<Subprotocol extends string>(
  offered: readonly string[],
  subprotocols: AcceptOptions<Subprotocol>['subprotocols'] = [],
): Subprotocol | undefined {
  if (typeof subprotocols !== 'function') return selectSubprotocol<Subprotocol>(offered, subprotocols)
  const chosen = subprotocols(offered)
  if (chosen !== undefined && !offered.includes(chosen))
    throw new TypeError(`the subprotocol ${JSON.stringify(chosen)} was not offered (RFC 6455 §4.2.2)`)
  return chosen
}
