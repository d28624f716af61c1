/**
 * The server's act: reads a request, judges all of it, and answers (RFC 6455 §4.2). Knows the fields and in which order
 * their faults count; each rule stands in the room of its field.
 *
 * @module
 */

import { equalsIgnoringCase } from '../bytes/ascii.ts'
import { attempt, type Faults, ProtocolError, quote } from '../errors.ts'
import { checkHost } from '../http/authority.ts'
import { checkNoRequestBody } from '../http/framing.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import { type RequestHead, type RequestSource, requestHeadFrom } from '../http/request.ts'
import type { ParsedRequest } from '../http/request-parser.ts'
import { createAnswer, type Refused, type ResponseHead } from '../http/response.ts'
import { hasConnectionOption, parseUpgrade, switchingProtocols } from '../http/upgrade.ts'
import type { Agreement } from './agreement.ts'
import { field, toExtraHeaders } from './fields.ts'
import { computeAccept, readKey } from './key.ts'
import { checkOrigin, type OriginPolicy } from './origin.ts'
import { readOfferedSubprotocols, selectSubprotocol } from './subprotocol.ts'
import { checkVersion, PROTOCOL_VERSION } from './version.ts'

/** What a server wishes. */
export interface AcceptOptions<Subprotocol extends string = string> {
  /** What is spoken: the first of the client's list that is in it; or a function, which answers with one of the offered. */
  readonly subprotocols?: readonly Subprotocol[] | ((offered: readonly string[]) => Subprotocol | undefined) | undefined
  /** Who may connect. Default `'same'`. */
  readonly origins?: OriginPolicy | undefined
  /** More fields for the 101. */
  readonly headers?: HeaderSource | undefined
  /** Refuse a key whose base64 has a non-canonical tail. Default: false (RFC 6455 §4.2.2 asks for no decoding). */
  readonly strictKey?: boolean | undefined
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
  if ('ok' in request && !request.ok) return request
  const head = 'ok' in request ? request.head : requestHeadFrom(request)
  const key = readKey(head.headers, options.strictKey ?? false)
  const offered = attempt(() => readOfferedSubprotocols(head.headers))
  const upgradeFault = attempt(() => checkUpgrade(head))
  // In the order in which they count for the answer.
  const [gravest, ...more] = [
    checkHttpVersion(head),
    checkHost(head),
    checkNoRequestBody(head.headers),
    checkMethod(head),
    upgradeFault,
    attempt(() => checkConnection(head)),
    checkVersion(head.headers),
    key,
    checkOrigin(head, options.origins ?? 'same'),
    offered,
  ].filter((result) => result instanceof ProtocolError)
  if (gravest !== undefined) return refuse(head, [gravest, ...more], upgradeFault === undefined)
  return accept(key as string, offered as string[], options)
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
  // A Fetch runtime shows no hop-by-hop fields.
  if (head.version === undefined || hasConnectionOption(head.headers, 'upgrade')) return undefined
  return new ProtocolError('connection-missing', 'Connection does not hold the option upgrade', {
    reference: 'RFC 6455 §4.2.1',
    status: 400,
  })
}

function refuse({ method }: RequestHead, faults: Faults, asked: boolean): Refused {
  const { status = 400 } = faults[0]
  const headers: HeaderList =
    status === 426
      ? [
          ['Upgrade', 'websocket'],
          ['Connection', 'Upgrade, close'],
        ]
      : [['Connection', 'close']]
  // "the server MUST … send … a |Sec-WebSocket-Version| header field indicating the version(s) it is willing to use"
  //                                                                                    RFC 6455 §4.2.2 item 4, §4.4
  if (status === 426 || faults[0].code === 'version') headers.push([field.version, String(PROTOCOL_VERSION)])
  // "The origin server MUST generate an Allow header field in a 405 response"                      RFC 9110 §15.5.6
  if (status === 405) headers.push(['Allow', 'GET'])
  // What follows the head of an answer to HEAD would be read as the next answer                          RFC 9110 §9.3.2
  const told = method === 'HEAD' ? [] : faults
  const body = told.map(({ message, reference }) => `${message} (${reference})\n`).join('')
  return { ok: false, asked, faults, response: createAnswer(status, headers, body) }
}

function accept<Subprotocol extends string>(
  key: string,
  offered: string[],
  options: AcceptOptions<Subprotocol>,
): Accepted<Subprotocol> {
  const subprotocol = chooseSubprotocol(offered, options.subprotocols)
  const agreedHeaders: HeaderList = subprotocol === undefined ? [] : [[field.protocol, subprotocol]]
  agreedHeaders.push(...toExtraHeaders(options.headers))
  const response = switchingProtocols('websocket', [[field.accept, computeAccept(key)], ...agreedHeaders])
  return { ok: true, subprotocol, extensions: [], response, agreedHeaders, offeredSubprotocols: offered }
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
