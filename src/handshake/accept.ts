/**
 * The server's act: reads a request, judges all of it, and answers (RFC 6455 §4.2). Knows the fields and in which order
 * their faults count; each rule stands in the room of its field.
 *
 * @module
 */

import { attempt, ProtocolError } from '../errors.ts'
import { judgeHost } from '../http/authority.ts'
import type { FieldValues } from '../http/field-picker.ts'
import { checkNoRequestBody } from '../http/framing.ts'
import type { HeaderList, HeaderSource } from '../http/headers.ts'
import { type RequestHead, type RequestSource, requestHeadFrom } from '../http/request.ts'
import type { ParsedRequest } from '../http/request-parser.ts'
import type { Refused, ResponseHead } from '../http/response.ts'
import { switchingProtocols } from '../http/upgrade-answer.ts'
import { waitsForContinue } from '../http/upgrade-select.ts'
import type { Agreement } from './agreement.ts'
import type { Extension, ExtensionEntry } from './extension.ts'
import { formatExtensions, readExtensions } from './extensions.ts'
import { field, toExtraHeaders } from './fields.ts'
import { computeAccept, readKey } from './key.ts'
import { acceptExtensions, checkExtensions } from './negotiation.ts'
import { type OpeningFields, pickOpeningFields } from './opening-fields.ts'
import { checkConnection, checkHttpVersion, checkMethod, checkUpgrade } from './opening-rules.ts'
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
  /** Tells it from a refusal. */
  ok: true
  /** What the client speaks: one of `options.versions`, 13 where nobody said otherwise. */
  version: number
  /** The whole 101. */
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
 * peer sent; what the parser could not read comes back as it is.
 *
 * Functions among the options are asked about requests without any other fault only; what they throw passes through.
 *
 * @param request A parser's result, good or bad, a head of one's own, Node's `IncomingMessage` or a Fetch `Request`.
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
 */
export function acceptHandshake<const Subprotocol extends string = never>(
  request: RequestSource | ParsedRequest,
  options: AcceptOptions<Subprotocol> = {},
): Accepted<Subprotocol> | Refused {
  const parsed = isParsed(request) ? request : undefined
  if (parsed?.ok === false) return parsed
  const head = parsed === undefined ? requestHeadFrom(request as RequestSource) : parsed.head
  const { versions, extra } = checkOptions(options)
  const fields = pickOpeningFields(head.headers)
  const opening = readOpening(head, fields, versions, options.strictKey ?? false)
  const origins = originLines(fields, opening.version)
  const faults = judge(head, fields, opening, origins, options)
  if (faults.length === 0) note(faults, askOrigin(head, origins[0], options))
  const subprotocol = choose(opening.offered, faults, options)
  if (subprotocol instanceof ProtocolError) faults.push(subprotocol)
  else if (faults.length === 0) {
    const continueFirst = waitsForContinue(head.version, fields.expectations)
    return accept(opening as Sound, subprotocol, continueFirst, extra, options.extensions)
  }
  const asked = !(opening.upgrade instanceof ProtocolError)
  const keepAlive = options.keepAlive === true && !(parsed !== undefined && parsed.rest.length > 0)
  return refuse(head, faults as [ProtocolError, ...ProtocolError[]], { asked, keepAlive, versions })
}

/** The caller's mistakes show with the first request, whatever it asks for. Returns versions and fields as they are used. */
function checkOptions(options: AcceptOptions): { readonly versions: readonly number[]; readonly extra: HeaderList } {
  checkSubprotocolPolicy(options)
  checkOriginPolicy(options)
  if (options.extensions !== undefined) checkExtensions(options.extensions)
  return { versions: checkVersions(options.versions), extra: toExtraHeaders(options.headers) }
}

/** By its type, for HTTP/2's header objects hold texts, and a peer may name a field `ok`. */
function isParsed(request: RequestSource | ParsedRequest): request is ParsedRequest {
  return 'ok' in request && typeof request.ok === 'boolean'
}

/** The fields that open a WebSocket, each as what it says or as what is wrong with it. */
interface Opening {
  readonly upgrade: undefined | ProtocolError
  readonly version: number | ProtocolError
  readonly key: string | ProtocolError
  readonly offered: string[] | ProtocolError
  readonly offers: ExtensionEntry[] | ProtocolError
}
/** The same where nothing is wrong. */
type Sound = { readonly [Name in keyof Opening]: Exclude<Opening[Name], ProtocolError> }

function readOpening(
  head: RequestHead,
  fields: OpeningFields,
  versions: readonly number[],
  strictKey: boolean,
): Opening {
  return {
    upgrade: attempt(() => checkUpgrade(head.version, fields.upgrades)),
    version: readVersion(fields.versions, versions),
    key: readKey(fields.keys, strictKey),
    offered: attempt(() => readOfferedSubprotocols(fields.subprotocols)),
    offers: attempt(() => readExtensions(fields.extensions)),
  }
}

/** Every fault, in the order in which they count for the answer. */
function judge(
  head: RequestHead,
  fields: OpeningFields,
  opening: Opening,
  origins: FieldValues,
  policy: OriginPolicy,
): ProtocolError[] {
  const { upgrade, version, key, offered, offers } = opening
  const faults: ProtocolError[] = []
  note(faults, checkHttpVersion(head.version))
  note(faults, judgeHost(head, fields.hosts))
  note(faults, checkNoRequestBody(head.version, fields))
  note(faults, checkMethod(head.method))
  note(faults, upgrade)
  note(
    faults,
    attempt(() => checkConnection(head.version, fields.options)),
  )
  note(faults, version)
  note(faults, key)
  note(faults, checkOrigin(head, { hosts: fields.hosts, lines: origins }, policy))
  note(faults, offered)
  note(faults, offers)
  return faults
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

function accept<Subprotocol extends string>(
  { version, key, offered, offers }: Sound,
  subprotocol: Subprotocol | undefined,
  continueFirst: boolean,
  extra: HeaderList,
  extensions: readonly Extension[] = [],
): Accepted<Subprotocol> {
  const { agreed, response: used, declined } = acceptExtensions(offers, extensions)
  const agreedHeaders: HeaderList = subprotocol === undefined ? [] : [[field.protocol, subprotocol]]
  if (used.length > 0) agreedHeaders.push([field.extensions, formatExtensions(used)])
  agreedHeaders.push(...extra)
  const headers: HeaderList = [[field.accept, computeAccept(key)], ...agreedHeaders]
  const response = switchingProtocols('websocket', headers, continueFirst)
  const agreement = { version, subprotocol, extensions: agreed }
  return { ok: true, ...agreement, response, agreedHeaders, offeredSubprotocols: offered, declined }
}
