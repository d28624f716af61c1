/**
 * The server's act: reads a request, judges all of it, and answers (RFC 6455 §4.2). Knows the fields and in which order
 * their faults count; each rule stands in the file of its field, and what differs by the version of HTTP in that of its
 * carrier.
 *
 * @module
 */

import { attempt, ProtocolError } from '../errors.ts'
import type { FieldValues } from '../http/field-picker.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import type { RequestSource } from '../http/request.ts'
import { type ParsedRequest, readRequest } from '../http/request-parser.ts'
import type { Refused, ResponseHead } from '../http/response.ts'
import type { Agreement } from './agreement.ts'
import { serverCarrier } from './carriers.ts'
import type { Extension, ExtensionEntry } from './extension.ts'
import { formatExtensions, readExtensions } from './extensions.ts'
import { field, toExtraHeaders } from './fields.ts'
import { acceptExtensions, checkExtensions } from './negotiation.ts'
import { type OpeningFields, pickOpeningFields } from './opening-fields.ts'
import { askOrigin, checkOrigin, checkOriginPolicy, type OriginPolicy, originField } from './origin.ts'
import { refuse } from './refuse.ts'
import {
  checkSubprotocolPolicy,
  chooseSubprotocol,
  readOfferedSubprotocols,
  type SubprotocolPolicy,
} from './subprotocol.ts'
import { checkVersions, readVersion } from './version.ts'

/** What a server wishes. */
export interface AcceptOptions<Subprotocol extends string = string>
  extends SubprotocolPolicy<Subprotocol>,
    OriginPolicy {
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
}

/** A request that is granted: an agreement, and the 101 or 200 that says so. */
export interface Accepted<Subprotocol extends string = string> extends Agreement<Subprotocol> {
  /** Tells it from a refusal. */
  ok: true
  /** What the client speaks: one of `options.versions`, 13 where nobody said otherwise. */
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
 * Judges an opening request, whole: every fault is found, and one response answers the gravest. Never throws for what a
 * peer sent; what the parser could not read comes back as it is. `Upgrade` of HTTP/1.1 and extended CONNECT of HTTP/2 and 3
 * (RFC 8441, RFC 9220) carry the same handshake, under the same options.
 *
 * Functions among the options are asked about requests without any other fault only; what they throw passes through.
 *
 * @param request A parser's result, good or bad, a head of one's own, Node's `IncomingMessage`, a Fetch `Request`, the header
 *   object of `node:http2`'s `stream` event, or the pairs of another stack.
 * @throws TypeError for `headers` that the handshake writes itself, for a subprotocol that was not offered, for origins that
 * no browser would write, and for other options that are none; `RangeError` for versions that are none.
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
export function acceptHandshake<const Subprotocol extends string = never>(
  request: RequestSource | ParsedRequest,
  options: AcceptOptions<Subprotocol> = {},
): Accepted<Subprotocol> | Refused {
  const { versions, extra } = checkOptions(options)
  const read = readRequest(request)
  if (!read.ok) return read
  const { head } = read
  const carrier = serverCarrier(head.version)
  const fields = pickOpeningFields(head.headers)
  const opening = readOpening(fields, versions, carrier.versionStatus)
  const origins = originLines(fields, opening.version)
  const { asked, faults } = carrier.judge(head, fields)
  note(faults, opening.version)
  note(faults, carrier.checkKey(fields, options.strictKey ?? false))
  note(faults, checkOrigin(head, { hosts: fields.hosts, lines: origins }, options))
  note(faults, opening.offered)
  note(faults, opening.offers)
  if (faults.length === 0) note(faults, askOrigin(head, origins[0], options))
  const subprotocol = choose(opening.offered, faults, options)
  note(faults, subprotocol)
  const [first, ...more] = faults
  if (first === undefined) {
    const agreed = agree(opening as Sound, subprotocol as Subprotocol | undefined, extra, options.extensions)
    return { ok: true, ...agreed, response: carrier.grant(head, fields, agreed.agreedHeaders) }
  }
  const keepAlive = options.keepAlive === true && (read.rest === undefined || read.rest.length === 0)
  return refuse(head, [first, ...more], { asked, keepAlive, versions, carrier })
}

/** The caller's mistakes show with the first request, whatever it asks for. Returns versions and fields as they are used. */
function checkOptions(options: AcceptOptions): { readonly versions: readonly number[]; readonly extra: HeaderList } {
  checkSubprotocolPolicy(options)
  checkOriginPolicy(options)
  if (options.extensions !== undefined) checkExtensions(options.extensions)
  return { versions: checkVersions(options.versions), extra: toExtraHeaders(options.headers) }
}

/** The fields that open a WebSocket, each as what it says or as what is wrong with it. */
interface Opening {
  readonly version: number | ProtocolError
  readonly offered: string[] | ProtocolError
  readonly offers: ExtensionEntry[] | ProtocolError
}
/** The same where nothing is wrong. */
type Sound = { readonly [Name in keyof Opening]: Exclude<Opening[Name], ProtocolError> }

function readOpening(fields: OpeningFields, versions: readonly number[], versionStatus: number): Opening {
  return {
    version: readVersion(fields.versions, versions, versionStatus),
    offered: attempt(() => readOfferedSubprotocols(fields.subprotocols)),
    offers: attempt(() => readExtensions(fields.extensions)),
  }
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
  { version, offered, offers }: Sound,
  subprotocol: Subprotocol | undefined,
  extra: HeaderList,
  extensions: readonly Extension[] = [],
): Omit<Accepted<Subprotocol>, 'ok' | 'response'> {
  const { agreed, response: used, declined } = acceptExtensions(offers, extensions)
  const agreedHeaders: HeaderList = subprotocol === undefined ? [] : [[field.protocol, subprotocol]]
  if (used.length > 0) agreedHeaders.push([field.extensions, formatExtensions(used)])
  agreedHeaders.push(...extra)
  return { version, subprotocol, extensions: agreed, agreedHeaders, offeredSubprotocols: offered, declined }
}
