/**
 * The server side of the handshake: turns a request into an agreement and a response, or into a refusal (RFC 6455 §4.2). This file sets
 * the order of the checks. The rules of each field are in a separate file, and the rules of each HTTP version are in the carriers.
 *
 * @module
 */

import { requireRecord } from '../arguments.ts'
import { attempt, ProtocolError, type ProtocolErrors } from '../errors.ts'
import type { ExtensionEntry } from '../extensions/extension.ts'
import { readExtensions } from '../extensions/header.ts'
import type { Negotiated } from '../extensions/negotiate.ts'
import { supportOf } from '../extensions/support.ts'
import type { HeaderList } from '../http/headers.ts'
import { isMultiplexed, type RequestHead, type RequestSource } from '../http/request.ts'
import { type ParsedRequest, readRequest } from '../http/request-parser.ts'
import { type Answer, createAnswer, explainErrors, type Refused, type ResponseHead } from '../http/response.ts'
import { type AcceptOptions, HandshakeOptions } from './accept-options.ts'
import type { Agreement } from './agreement.ts'
import { connectServer } from './connect-carrier.ts'
import { field, type OpeningFields, pickOpeningFields } from './fields.ts'
import { findServedHostError, offWireHeadOf } from './hosts.ts'
import { askOrigin, findOriginError, originField } from './origin.ts'
import { type ChosenSubprotocol, missingSubprotocol, readOfferedSubprotocols, selectSupported } from './subprotocol.ts'
import { type Judgement, type Reason, type ServerCarrier, upgradeServer } from './upgrade-carrier.ts'
import { readVersion } from './version.ts'

/**
 * An accepted request: the agreement, and the 101 or 200 to send. With `requireSubprotocol: true`, `subprotocol` is never `undefined`.
 *
 * @category Opening handshake
 */
export interface Accepted<
  Subprotocol extends string = string,
  Chosen extends Subprotocol | undefined = Subprotocol | undefined,
> extends Agreement<Subprotocol> {
  /** Distinguishes it from a refusal. */
  ok: true
  /** The chosen subprotocol; `undefined` if there is none. */
  subprotocol: Chosen
  /** The WebSocket version of the client: one of `options.versions`, 13 by default. */
  version: number
  /** The complete 101. Over HTTP/2 and HTTP/3, the complete 200, for `toHttp2Headers`. */
  response: ResponseHead
  /** Only the negotiated fields and `options.headers`, for runtimes that write the rest of the 101 themselves. */
  agreedHeaders: HeaderList
  /** The subprotocols that the client offered, all valid. Do not log them if clients pass tokens this way. */
  offeredSubprotocols: string[]
  /** Why extensions declined offers, in the order of the offers; for logs. After 32 declined offers, the others are ignored. */
  declined: readonly ProtocolError[]
}

/**
 * Checks a whole opening request: reports every error, and answers the most serious one. A request that does not ask for a WebSocket
 * (`isWebSocketRequest: false`) gets a single error and no further checks. Never throws for what a peer sent, and returns a parser's
 * failure unchanged. HTTP/1.1 `Upgrade` and extended CONNECT over HTTP/2 and HTTP/3 (RFC 8441, RFC 9220) carry the same handshake, with
 * the same options.
 *
 * Calls the functions in the options only for requests without any other error, and throws what they throw.
 *
 * @param request A parser's result, success or failure, your own head, Node's `IncomingMessage`, a Fetch `Request`, the header
 *   object of `node:http2`'s `stream` event, or the pairs of another stack.
 * @param options A literal, which each call checks, or the result of `handshakeOptions`.
 * @throws TypeError for an unknown option, for `headers` that the handshake writes itself, for a chosen subprotocol that the client did
 *   not offer, for origins that no browser writes, for invalid hosts, and for other options of the wrong type; `RangeError` for invalid
 *   versions and limits.
 *
 * @example
 * const { request } = offerHandshake('ws://a.example/', { subprotocols: ['chat'] })
 * const accepted = acceptHandshake(request, { subprotocols: ['chat'] })
 * accepted.ok && accepted.subprotocol // 'chat'
 *
 * @example
 * const options = handshakeOptions({ subprotocols: ['chat'] })
 * createServer().on('upgrade', (request, socket) => {
 *   const accepted = acceptHandshake(request, options)
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
 *
 * @category Opening handshake
 */
export function acceptHandshake<const Subprotocol extends string = never, Required extends boolean = boolean>(
  request: RequestSource | ParsedRequest,
  options: AcceptOptions<Subprotocol, Required> | HandshakeOptions<Subprotocol, Required> = {},
): Accepted<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> | Refused {
  requireRecord(request, '`request`')
  const shared = options instanceof HandshakeOptions ? options : new HandshakeOptions(options)
  const read = readRequest(request, shared.limits)
  if (!read.ok) return read
  const { head, rest } = read
  const carrier = isMultiplexed(head.httpVersion) ? connectServer : upgradeServer
  const accepted = acceptHead(carrier, head, rest === undefined || rest.length === 0, shared)
  return accepted as Accepted<Subprotocol, ChosenSubprotocol<Subprotocol, Required>> | Refused
}

/**
 * Checks a head over a known carrier, as {@link acceptHandshake} does. Programs with one source do not bundle the code of the others.
 *
 * @param quiet Whether no bytes came after the head, so that HTTP may continue after a refusal.
 */
export function acceptHead(
  carrier: ServerCarrier,
  head: RequestHead,
  quiet: boolean,
  shared: HandshakeOptions,
): Accepted | Refused {
  const fields = pickOpeningFields(head.headers)
  const opening: Opening = { head, fields, carrier, shared, keepAlive: quiet && shared.options.keepAlive === true }
  const judgement = carrier.judge(head, fields)
  if (!judgement.isWebSocketRequest) return refusePlain(opening, judgement.error)
  const errors: ProtocolError[] = []
  const values = readOpening(opening, judgement, errors)
  const [first, ...more] = errors
  if (first === undefined) return grant(opening, values as ValidOpening)
  const protocolErrors: ProtocolErrors = [first, ...more]
  return { ok: false, isWebSocketRequest: true, errors: protocolErrors, response: answer(opening, protocolErrors) }
}

/** Whether a head asks for a WebSocket. Checks nothing else. */
export function asksForWebSocket(carrier: ServerCarrier, head: RequestHead): boolean {
  return carrier.judge(head, pickOpeningFields(head.headers)).isWebSocketRequest
}

type WebSocketJudgement = Judgement & { readonly isWebSocketRequest: true }

/** A request, and the data for its checks. */
interface Opening {
  readonly head: RequestHead
  readonly fields: OpeningFields
  readonly carrier: ServerCarrier
  readonly shared: HandshakeOptions
  /** Whether the connection may stay open after a refusal. */
  readonly keepAlive: boolean
}

/** The values of the handshake's fields, or their errors. */
interface OpeningValues {
  readonly version: number | ProtocolError
  readonly offered: string[] | ProtocolError
  readonly offers: ExtensionEntry[] | ProtocolError
  readonly subprotocol: string | undefined
}

/** The values of a request without errors. */
type ValidOpening = { readonly [Name in keyof OpeningValues]: Exclude<OpeningValues[Name], ProtocolError> }

/** Runs all checks on a request that asks for a WebSocket, and appends the errors in order of precedence. */
function readOpening(
  { head, fields, carrier, shared }: Opening,
  judgement: WebSocketJudgement,
  errors: ProtocolError[],
): OpeningValues {
  const { versions, origins } = shared
  const { strictKey = false, offWire = false, scheme } = shared.options
  const offWireHead = offWireHeadOf(head, offWire)
  const checkedHead = offWireHead ?? head
  const version =
    offWireHead !== undefined && fields.versions.length === 0
      ? versions[0]
      : attempt(() => readVersion(fields.versions, versions, carrier.versionStatus))
  // A draft's request may have both fields, and either could be forged.
  const isDraft = typeof version === 'number' && originField(version) !== 'Origin'
  const lines = isDraft ? [...fields.origins, ...fields.draftOrigins] : fields.origins
  const offered = attempt(() => readOfferedSubprotocols(fields.subprotocols))
  const offers = attempt(() => readExtensions(fields.extensions))
  for (const found of [
    ...judgement.errors,
    version,
    offWireHead !== undefined && fields.keys.length === 0 ? undefined : carrier.findKeyError(fields, strictKey),
    findServedHostError(checkedHead, fields.hosts, shared.hosts, scheme),
    findOriginError(checkedHead, { lines, hosts: fields.hosts }, origins, scheme),
    judgement.listError,
    offered,
    offers,
  ])
    if (found instanceof ProtocolError) errors.push(found)
  // The caller's functions are called only for requests without errors.
  const error = errors.length === 0 ? askOrigin(head, lines[0], origins) : undefined
  if (error !== undefined) errors.push(error)
  return { version, offered, offers, subprotocol: choose(offered, shared, errors) }
}

/** Chooses the subprotocol. Always compares a list with the offer, to report a missing subprotocol together with all other errors. */
function choose(
  offered: string[] | ProtocolError,
  { subprotocols, options }: HandshakeOptions,
  errors: ProtocolError[],
): string | undefined {
  if (offered instanceof ProtocolError || (typeof subprotocols === 'function' && errors.length > 0)) return undefined
  const selected = selectSupported(offered, subprotocols, options.prefer)
  if (selected === undefined && options.requireSubprotocol) errors.push(missingSubprotocol(offered, subprotocols))
  return selected
}

/** Returns the agreement and the response for a valid request. */
function grant(
  { head, fields, carrier, shared }: Opening,
  { version, subprotocol, offered, offers }: ValidOpening,
): Accepted {
  const { extensions } = shared
  const negotiated: Partial<Negotiated> | undefined = supportOf(extensions)?.accept(offers, extensions)
  const { agreed = [], field: used, declined = [] } = negotiated ?? {}
  const agreedHeaders: HeaderList = subprotocol === undefined ? [] : [[field.protocol, subprotocol]]
  if (used) agreedHeaders.push([field.extensions, used])
  for (const [name, value] of shared.headers) agreedHeaders.push([name, value])
  return {
    ok: true,
    version,
    subprotocol,
    extensions: agreed,
    agreedHeaders,
    offeredSubprotocols: offered,
    declined,
    response: carrier.grant(head, fields, agreedHeaders, shared.sha1),
  }
}

/**
 * Refuses plain HTTP. Creates the error, which is slow, only when it is read: most servers only use `isWebSocketRequest`.
 */
function refusePlain(opening: Opening, error: Reason): Refused {
  let errors: ProtocolErrors | undefined
  return {
    ok: false,
    isWebSocketRequest: false,
    get errors() {
      errors ??= [error instanceof ProtocolError ? error : new ProtocolError(error.code, error.message, error)]
      return errors
    },
    set errors(changed) {
      errors = changed
    },
    response: answer(opening, [error]),
  }
}

/**
 * Creates the response to a refused request: one status, the fields that it requires, and every error in the body.
 *
 * @param errors In order of precedence: the first sets the status.
 */
function answer({ head, fields, carrier, shared, keepAlive }: Opening, errors: readonly [Reason, ...Reason[]]): Answer {
  const { status = 400 } = errors[0]
  const headers = carrier.refusalFields(head, fields, errors, keepAlive)
  // Every refusal that concerns the version lists the supported versions                   RFC 6455 §4.2.2 item 4, §4.4
  if (status === 426 || errors.some(({ code }) => code === 'version'))
    headers.push([field.version, shared.versions.join(', ')])
  // "The origin server MUST generate an Allow header field in a 405 response"                      RFC 9110 §15.5.6
  if (status === 405) headers.push(['Allow', carrier.method])
  return createAnswer(status, headers, explainErrors(errors), head.method)
}
