/**
 * Server side of the handshake: from a request to an agreement and a response, or a refusal (RFC 6455 §4.2). This file sets the
 * order of the checks; each field's rules are in its own file, and what depends on the HTTP version is in the carriers.
 *
 * @module
 */

import { checkOptionNames, requireOptional, requireRecord } from '../arguments.ts'
import { attempt, ProtocolError } from '../errors.ts'
import type { DefinedExtension, ExtensionEntry } from '../extensions/extension.ts'
import { readExtensions } from '../extensions/header.ts'
import type { Negotiated } from '../extensions/negotiate.ts'
import { requireExtensions, supportOf } from '../extensions/support.ts'
import type { FieldValues } from '../http/field-picker.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import type { RequestHead, RequestSource } from '../http/request.ts'
import { type ParsedRequest, readRequest } from '../http/request-parser.ts'
import type { Refused, ResponseHead } from '../http/response.ts'
import { type Limits, limitNames } from '../limits.ts'
import type { Agreement } from './agreement.ts'
import type { Asking, ServerCarrier } from './carrier.ts'
import { serverCarrier } from './carriers.ts'
import { field, toExtraHeaders } from './fields.ts'
import { checkHosts, checkServed } from './hosts.ts'
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

/** What a server supports, and which clients it accepts. */
export interface AcceptOptions<Subprotocol extends string = string, Required extends boolean = boolean>
  extends SubprotocolPolicy<Subprotocol, Required>,
    OriginPolicy {
  /**
   * The hosts served, as clients write them: `'chat.example'` on any port, `'localhost:8080'`, `'[::1]:8080'`. A request
   * for another host is refused with 421 (RFC 9110 §15.5.20). Default: any host. A server on a loopback address should list its
   * hosts: with DNS rebinding, a page's own name can resolve to that address, and `origins: 'same'` then accepts it.
   */
  readonly hosts?: readonly string[] | undefined
  /**
   * Supported extensions, each name once, as `defineExtension` returns them. Those the client also offers are used, in the client's
   * order.
   */
  readonly extensions?: readonly DefinedExtension[] | undefined
  /**
   * The WebSocket versions accepted, best first; a refusal that concerns the version lists them. Default: 13 only, the one
   * version this package implements. For drafts (`[13, 8]`), bring your own codec and see {@link Accepted.version}.
   */
  readonly versions?: readonly number[] | undefined
  /** Extra fields for the 101 or 200. */
  readonly headers?: HeaderSource | undefined
  /**
   * Refuse a key whose base64 has a non-canonical tail. Default: false (RFC 6455 §4.2.2 requires no decoding). Over HTTP/2 and
   * 3, keys are ignored.
   */
  readonly strictKey?: boolean | undefined
  /**
   * Leave `Connection: close` out of a refusal if the head and its framing are sound, nothing followed the head, and the client
   * did not ask to close. Only a parser's result shows what followed; for Node's `upgrade` event, pass `head.length === 0`.
   * Default: false, because most hosts hand over the socket for good.
   */
  readonly keepAlive?: boolean | undefined
  /**
   * Accept a Fetch `Request` that was built in code and never sent over HTTP, such as one that a Worker passes to a Durable Object
   * with `stub.fetch(url, { headers: { Upgrade: 'websocket' } })`. Key and version may be missing, but must be valid if present.
   * `{ host }` sets the public host for `origins` and `hosts`; by default it is the host of the request's URL.
   * Ignored for requests with a known HTTP version. Default: false.
   */
  readonly offWire?: OffWire | undefined
  /** `maxHeadFields`, for heads read by another parser: more get 431. Our own parser has its own limits. */
  readonly limits?: Limits | undefined
}

/** The members of {@link AcceptOptions}, to detect unknown options. */
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
 * An accepted request: the agreement, and the 101 or 200 to send. With `requireSubprotocol: true`, `subprotocol` is never
 * `undefined`.
 */
export interface Accepted<
  Subprotocol extends string = string,
  Chosen extends Subprotocol | undefined = Subprotocol | undefined,
> extends Agreement<Subprotocol> {
  /** Distinguishes it from a refusal. */
  ok: true
  /** The chosen subprotocol; `undefined`: none. */
  subprotocol: Chosen
  /** The client's version: one of `options.versions`, 13 by default. */
  version: number
  /** The complete 101; over HTTP/2 and 3, the complete 200, for `toHttp2Headers`. */
  response: ResponseHead
  /** Only the fields from negotiation and `options.headers`, for runtimes that write the rest of the 101 themselves. */
  agreedHeaders: HeaderList
  /** The subprotocols the client offered, validated. Do not log them if clients pass tokens this way. */
  offeredSubprotocols: string[]
  /** Why extensions declined offers, in order of the offers; for logs. At most 32: later offers are then not examined. */
  declined: readonly ProtocolError[]
}

/**
 * Checks a whole opening request: reports every fault, and answers the most serious one. A request that does not ask for a
 * WebSocket (`asked: false`) gets a single fault, and nothing else is checked. Never throws for what a peer sent; a parser's
 * failure is returned unchanged. HTTP/1.1 `Upgrade` and extended CONNECT over HTTP/2 and 3 (RFC 8441, RFC 9220) carry the
 * same handshake, with the same options.
 *
 * Functions in the options are called only for requests without any other fault; what they throw passes through.
 *
 * @param request A parser's result, success or failure, your own head, Node's `IncomingMessage`, a Fetch `Request`, the header
 *   object of `node:http2`'s `stream` event, or the pairs of another stack.
 * @throws TypeError for an unknown option, for `headers` that the handshake writes itself, for a chosen subprotocol that was not
 * offered, for origins that no browser would write, for invalid hosts, and for other options of the wrong type; `RangeError` for
 * invalid versions and limits.
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

/** Checks every option, so that mistakes show on the first request. Returns the versions and extra fields to use. */
function checkOptions(options: AcceptOptions): { readonly versions: readonly number[]; readonly extra: HeaderList } {
  checkOptionNames(options, acceptOptionNames, 'the options of acceptHandshake', nestedNames)
  requireOptional(options.strictKey, 'boolean', '`strictKey`')
  requireOptional(options.keepAlive, 'boolean', '`keepAlive`')
  checkSubprotocolPolicy(options)
  checkOriginPolicy(options)
  if (options.hosts !== undefined) checkHosts(options.hosts)
  if (options.offWire !== undefined) checkOffWire(options.offWire)
  if (options.extensions !== undefined) requireExtensions(options.extensions)
  return { versions: checkVersions(options.versions), extra: toExtraHeaders(options.headers) }
}

const nestedNames = { limits: limitNames }

/** The inputs of {@link judgeOpening}. */
interface Judged {
  readonly head: RequestHead
  readonly fields: OpeningFields
  readonly carrier: ServerCarrier
  /** Further faults are appended to its `faults`. */
  readonly asking: Asking & { readonly asked: true }
  readonly versions: readonly number[]
}

/** The handshake fields, each as its value or its fault. */
interface Opening {
  readonly version: number | ProtocolError
  readonly offered: string[] | ProtocolError
  readonly offers: ExtensionEntry[] | ProtocolError
  readonly subprotocol: string | undefined | ProtocolError
}
/** The same without faults. */
type Sound = { readonly [Name in keyof Opening]: Exclude<Opening[Name], ProtocolError> }

/** Adds the faults of a request that asks for a WebSocket, in order of precedence. */
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

/** A draft's request may have both fields, and either could be forged. */
function originLines({ origins, draftOrigins }: OpeningFields, version: number | ProtocolError): FieldValues {
  const drafted = typeof version === 'number' && originField(version) !== 'Origin'
  return drafted ? [...origins, ...draftOrigins] : origins
}

/** A list is always compared with the offer; a caller's function is called only for requests without faults. */
function choose<Subprotocol extends string>(
  offered: string[] | ProtocolError,
  faults: readonly ProtocolError[],
  options: SubprotocolPolicy<Subprotocol>,
): Subprotocol | undefined | ProtocolError {
  if (offered instanceof ProtocolError) return undefined
  if (faults.length > 0 && typeof options.subprotocols === 'function') return undefined
  return chooseSubprotocol(offered, options)
}

/** The agreement, independent of the carrier. */
function agree<Subprotocol extends string>(
  { version, subprotocol, offered, offers }: Sound,
  extra: HeaderList,
  extensions: readonly DefinedExtension[] = [],
): Omit<Accepted<Subprotocol>, 'ok' | 'response'> {
  const negotiated: Partial<Negotiated> | undefined = supportOf(extensions)?.accept(offers, extensions)
  const { agreed = [], field: used, declined = [] } = negotiated ?? {}
  const agreedHeaders: HeaderList = subprotocol === undefined ? [] : [[field.protocol, subprotocol]]
  if (used) agreedHeaders.push([field.extensions, used])
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
