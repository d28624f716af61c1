/**
 * The server's act: reads a request, judges all of it, and answers (RFC 6455 §4.2). Knows the fields and in which order
 * their faults count; each rule stands in the file of its field, and what differs by the version of HTTP in that of its
 * carrier.
 *
 * @module
 */

import { checkOptionNames, requireOptional, requireRecord } from '../arguments.ts'
import { attempt, ProtocolError } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import type { RequestHead, RequestSource } from '../http/request.ts'
import { type ParsedRequest, readRequest } from '../http/request-parser.ts'
import type { Refused, ResponseHead } from '../http/response.ts'
import { type Limits, limitNames } from '../limits.ts'
import type { Agreement } from './agreement.ts'
import type { Asking, ServerCarrier } from './carrier.ts'
import { serverCarrier } from './carriers.ts'
import type { Extension, ExtensionEntry } from './extension.ts'
import { formatExtensions, readExtensions } from './extensions.ts'
import { field, toExtraHeaders } from './fields.ts'
import { checkHosts, checkServed } from './hosts.ts'
import { acceptExtensions, checkExtensions } from './negotiation.ts'
import { checkOffWire, type OffWire, offWireHead } from './off-wire.ts'
import { type OpeningFields, pickOpeningFields } from './opening-fields.ts'
import { askOrigin, checkOrigin, checkOriginPolicy, type OriginPolicy, originField } from './origin.ts'
import { refuse, refusePlain } from './refuse.ts'
import {
  type ChosenSubprotocol,
  checkSubprotocolPolicy,
  chooseSubprotocol,
  readOfferedSubprotocols,
  type SubprotocolPolicy,
} from './subprotocol.ts'
import { checkVersions, readVersion } from './version.ts'

/** What a server speaks, and whom it serves. */
export interface AcceptOptions<Subprotocol extends string = string, Required extends boolean = boolean>
  extends SubprotocolPolicy<Subprotocol, Required>,
    OriginPolicy {
  /**
   * The hosts that are served, as clients write them: `'chat.example'` on any port, `'localhost:8080'`, `'[::1]:8080'`. A request
   * for another host is refused with 421 (RFC 9110 §15.5.20). Default: any host. A server on a loopback address should list its
   * hosts: a page can give its own name such an address (DNS rebinding), and then `origins: 'same'` lets it through.
   */
  readonly hosts?: readonly string[] | undefined
  /** What may be done to messages: of those that the client offers too, in its order. Each name once. */
  readonly extensions?: readonly Extension[] | undefined
  /**
   * The versions that are spoken, best first: each is granted, and each refusal that concerns the version lists them. Default:
   * 13 alone, which is all that this package speaks; for drafts (`[13, 8]`) bring a codec of your own, and see
   * {@link Accepted.version}.
   */
  readonly versions?: readonly number[] | undefined
  /** More fields for the 101, or the 200. */
  readonly headers?: HeaderSource | undefined
  /**
   * Refuse a key whose base64 has a non-canonical tail. Default: false (RFC 6455 §4.2.2 asks for no decoding). Over HTTP/2 and
   * 3 keys count for nothing.
   */
  readonly strictKey?: boolean | undefined
  /**
   * Leave `Connection: close` out of a refusal where the head and its framing are sound, nothing followed the head, and
   * the client does not close itself. What followed is known of a parser's result only; of Node's `upgrade` event say
   * `head.length === 0`. Default: false, for most hosts hand the socket over for good.
   */
  readonly keepAlive?: boolean | undefined
  /**
   * Take a Fetch `Request` that was built by a program and never came by HTTP, such as one that a Worker hands to a Durable Object
   * by `stub.fetch(url, { headers: { Upgrade: 'websocket' } })`: it may lack key and version, but one that is there must be right.
   * `{ host }` says under which host clients know the server, for `origins` and `hosts`; else it is that of the request's URL.
   * Ignored for requests of a known version of HTTP. Default: false.
   */
  readonly offWire?: OffWire | undefined
  /** `maxHeadFields`, for heads that another parser has read: 431 for more. Our parser has limits of its own. */
  readonly limits?: Limits | undefined
}

/** The members of {@link AcceptOptions}, for checks of options. */
const acceptOptionNames: readonly (keyof AcceptOptions)[] = [
  'subprotocols',
  'prefer',
  'requireSubprotocol',
  'origins',
  'scheme',
  'hosts',
  'extensions',
  'versions',
  'headers',
  'strictKey',
  'keepAlive',
  'offWire',
  'limits',
]

/**
 * A request that is granted: an agreement, and the 101 or 200 that says so. With `requireSubprotocol: true`, `subprotocol` is never
 * `undefined`.
 */
export interface Accepted<
  Subprotocol extends string = string,
  Chosen extends Subprotocol | undefined = Subprotocol | undefined,
> extends Agreement<Subprotocol> {
  /** Tells it from a refusal. */
  ok: true
  /** The one that was chosen; `undefined`: none. */
  subprotocol: Chosen
  /** What the client speaks: one of `options.versions`, 13 by default. */
  version: number
  /** The whole 101; over HTTP/2 and 3 the whole 200, which `toHttp2Headers` writes. */
  response: ResponseHead
  /** Only what negotiation and `options.headers` put in: for runtimes that write the rest of the 101 themselves. */
  agreedHeaders: HeaderList
  /** What the client offered, checked. Where tokens are handed over in it, it is not for logs. */
  offeredSubprotocols: string[]
  /** Why extensions declined offers, in their order: for logs. At most 32, and then no offer behind them was looked at. */
  declined: readonly ProtocolError[]
}

/**
 * Judges an opening request, whole: every fault is found, and one response answers the gravest. Of a request that asks for no
 * WebSocket (`asked: false`) one fault is told, and nothing else is looked at. Never throws for what a peer sent; what the parser
 * could not read comes back as it is. `Upgrade` of HTTP/1.1 and extended CONNECT of HTTP/2 and 3 (RFC 8441, RFC 9220) carry the
 * same handshake, under the same options.
 *
 * Functions among the options are called for requests without any other fault only; what they throw passes through.
 *
 * @param request A parser's result, good or bad, a head of one's own, Node's `IncomingMessage`, a Fetch `Request`, the header
 *   object of `node:http2`'s `stream` event, or the pairs of another stack.
 * @throws TypeError for an unknown option, for `headers` that the handshake writes itself, for a subprotocol that was not offered,
 * for origins that no browser would write, for hosts that are none, and for other options of a wrong type; `RangeError` for
 * versions and limits that are none.
 *
 * @example
 * createServer().on('upgrade', (request, socket) => {
 *   const accepted = acceptHandshake(request, { subprotocols: ['chat'] })
 *   socket.write(formatResponse(accepted.response))
 *   if (!accepted.ok) return socket.end()
 *   const connection = new Connection({ role: 'server', agreement: accepted })
 * })
 *
 * @example
 * http2Server.on('stream', (stream, headers) => {
 *   const accepted = acceptHandshake(headers, { subprotocols: ['chat'] })
 *   stream.respond(toHttp2Headers(accepted.response))
 *   if (!accepted.ok) return stream.end(accepted.response.body)
 *   const connection = new Connection({ role: 'server', agreement: accepted })
 * })
 */
export function acceptHandshake<const Subprotocol extends string = never, Required extends boolean = boolean>(
  request: RequestSource | ParsedRequest,
  options: AcceptOptions<Subprotocol, Required> = {},
): Accepted<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> | Refused {
  requireRecord(request, '`request`')
  const { versions, extra } = checkOptions(options)
  const read = readRequest(request, options.limits)
  if (!read.ok) return read
  const { head, rest } = read
  const carrier = serverCarrier(head.version)
  const fields = pickOpeningFields(head.headers)
  const asking = carrier.judge(head, fields)
  const { asked } = asking
  const keepAlive = options.keepAlive === true && (rest === undefined || rest.length === 0)
  if (!asked) return refusePlain(head, asking.faults[0], { asked, keepAlive, versions, carrier })
  const opening = judgeOpening({ head, fields, carrier, asking, versions }, options)
  const [first, ...more] = asking.faults
  if (first !== undefined) return refuse(head, [first, ...more], { asked, keepAlive, versions, carrier })
  const agreed = agree<Subprotocol>(opening as Sound, extra, options.extensions)
  const response = carrier.grant(head, fields, agreed.agreedHeaders)
  type Granted = Accepted<Subprotocol, ChosenSubprotocol<Subprotocol, Required>>
  return { ok: true, ...agreed, response } as Granted
}

/** The caller's mistakes show with the first request, whatever it asks for. Returns versions and fields as they are used. */
function checkOptions(options: AcceptOptions): { readonly versions: readonly number[]; readonly extra: HeaderList } {
  checkOptionNames(options, acceptOptionNames, 'the options of acceptHandshake', nestedNames)
  requireOptional(options.strictKey, 'boolean', '`strictKey`')
  requireOptional(options.keepAlive, 'boolean', '`keepAlive`')
  checkSubprotocolPolicy(options)
  checkOriginPolicy(options)
  if (options.hosts !== undefined) checkHosts(options.hosts)
  if (options.offWire !== undefined) checkOffWire(options.offWire)
  if (options.extensions !== undefined) checkExtensions(options.extensions)
  return { versions: checkVersions(options.versions), extra: toExtraHeaders(options.headers) }
}

const nestedNames = { limits: limitNames }

/** All that an opening request is judged by. */
interface Judged {
  readonly head: RequestHead
  readonly fields: OpeningFields
  readonly carrier: ServerCarrier
  /** Further faults are added to its own. */
  readonly asking: Asking & { readonly asked: true }
  readonly versions: readonly number[]
}

/** The fields that open a WebSocket, each as what it says or as what is wrong with it. */
interface Opening {
  readonly version: number | ProtocolError
  readonly offered: string[] | ProtocolError
  readonly offers: ExtensionEntry[] | ProtocolError
  readonly subprotocol: string | undefined | ProtocolError
}
/** The same where nothing is wrong. */
type Sound = { readonly [Name in keyof Opening]: Exclude<Opening[Name], ProtocolError> }

/** Adds what is wrong with a request that asks for a WebSocket, in the order in which it counts. */
function judgeOpening(
  { head, fields, carrier, asking: { faults, listFault }, versions }: Judged,
  options: AcceptOptions,
): Opening {
  const seen = offWireHead(head, options.offWire)
  const version = readVersion(fields.versions, versions, carrier.versionStatus, seen !== undefined)
  const origins = originLines(fields, version)
  const offered = readOfferedSubprotocols(fields.subprotocols)
  const offers = attempt(() => readExtensions(fields.extensions))
  note(faults, version)
  note(faults, carrier.checkKey(fields, options.strictKey ?? false, seen !== undefined))
  note(faults, checkServed(seen ?? head, fields.hosts, options))
  note(faults, checkOrigin(seen ?? head, { hosts: fields.hosts, lines: origins }, options))
  note(faults, listFault)
  note(faults, offered)
  note(faults, offers)
  if (faults.length === 0) note(faults, askOrigin(head, origins[0], options))
  const subprotocol = choose(offered, faults, options)
  note(faults, subprotocol)
  return { version, offered, offers, subprotocol }
}

function note(faults: ProtocolError[], result: unknown): void {
  if (result instanceof ProtocolError) faults.push(result)
}

/** A draft's request may hold both fields, and then either might be a trick. */
function originLines({ origins, draftOrigins }: OpeningFields, version: number | ProtocolError): FieldValues {
  const drafted = typeof version === 'number' && originField(version) !== 'Origin'
  return drafted ? [...origins, ...draftOrigins] : origins
}

/** A list is held against the offer whatever else is wrong; a caller's function is asked for sound requests only. */
function choose<Subprotocol extends string>(
  offered: string[] | ProtocolError,
  faults: readonly ProtocolError[],
  options: SubprotocolPolicy<Subprotocol>,
): Subprotocol | undefined | ProtocolError {
  if (offered instanceof ProtocolError) return undefined
  if (faults.length > 0 && typeof options.subprotocols === 'function') return undefined
  return chooseSubprotocol(offered, options)
}

/** What is agreed on, whatever carries the answer. */
function agree<Subprotocol extends string>(
  { version, subprotocol, offered, offers }: Sound,
  extra: HeaderList,
  extensions: readonly Extension[] = [],
): Omit<Accepted<Subprotocol>, 'ok' | 'response'> {
  const { agreed, response: used, declined } = acceptExtensions(offers, extensions)
  const agreedHeaders: HeaderList = subprotocol === undefined ? [] : [[field.protocol, subprotocol]]
  if (used.length > 0) agreedHeaders.push([field.extensions, formatExtensions(used)])
  agreedHeaders.push(...extra)
  return {
    version,
    subprotocol: subprotocol as Subprotocol | undefined,
    extensions: agreed,
    agreedHeaders,
    offeredSubprotocols: offered,
    declined,
  }
}
