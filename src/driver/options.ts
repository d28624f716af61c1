/**
 * The options of an endpoint, and their checks.
 *
 * @module
 */

import {
  describeValue,
  type Kind,
  type Kinds,
  numberError,
  requireOptions,
  requireRecord,
  requireType,
  requireWhole,
  wrongArgument,
} from '../arguments.ts'
import type { TextForm } from '../connection/events.ts'
import { type ConnectionOptions, connectionOptions, type SharedConnectionOptions } from '../connection/options.ts'
import { type Keepalive, requireSpan } from '../connection/time.ts'
import type { ProtocolErrors } from '../errors.ts'
import type { DefinedExtension } from '../extensions/extension.ts'
import { type AcceptOptions, HandshakeOptions, handshakeKinds, handshakeOptions } from '../handshake/accept-options.ts'
import type { RequestHead } from '../http/request.ts'
import type { Answer, ResponseLike } from '../http/response.ts'
import { type Limits, limitKinds } from '../limits.ts'
import { type Native, nativeKinds } from '../native.ts'
import type { Signal } from '../platform/abort.ts'
import { native as runtimeNative } from '../platform/native.ts'
import { systemTimers, type Timers } from '../platform/timers.ts'
import type { Role } from '../types.ts'
import { MAX_WRITE, type Peer, type PeerHandlers } from './peer.ts'
import type { DuplexLike } from './shapes.ts'

/** Which clients an endpoint accepts, and how. The rest of {@link AcceptOptions} is an option of the endpoint, or fixed. */
export type EndpointHandshake = Omit<AcceptOptions, 'extensions' | 'versions' | 'keepAlive' | 'offWire' | 'limits'>

/** What one request is accepted with, in place of the endpoint's `handshake`. */
export interface AcceptRequestOptions<Data> extends Pick<AcceptOptions, 'subprotocols' | 'headers' | 'origins'> {
  /** `data` of the peer. Default: what `data` of the endpoint returns. */
  readonly data?: Data
}

/**
 * A request for a WebSocket that waits for an answer, for `headTimeout` at most: then the endpoint answers 503. Its bytes are not
 * read meanwhile, but for a few.
 */
export interface Pending<Data = undefined, Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** Its head. */
  readonly request: RequestHead
  /** What it came on, for addresses and certificates: the very object that was passed in. Do not read from it. */
  readonly stream: DuplexLike
  /** Aborted when an answer is of no use any more: the client has gone, or the time is over. */
  readonly signal: Signal
  /**
   * Accepts it, if it fits the handshake's options; otherwise it is refused.
   *
   * @param options Each replaces the one of this name that `acceptUpgrade`, `acceptSocket` or `acceptHttp2Stream` was given.
   * @returns `undefined`: it was refused, or the client has gone.
   * @throws TypeError for wrong options, and if it has been answered already.
   */
  accept(options?: AcceptRequestOptions<Data>): Peer<Data, Text, Pieces> | undefined
  /**
   * Refuses it.
   *
   * @throws TypeError for an answer that cannot be sent, and if it has been answered already.
   */
  refuse(answer: Answer<string | Uint8Array>): void
}

/** A request that an endpoint has refused by itself. */
export interface RefusedRequest {
  /** Its head; `undefined`: it could not be read, or was not, because the endpoint is full or closing. */
  readonly request: RequestHead | undefined
  /** What it came on, for addresses: the very object that was passed in. Do not read from it, or write to it. */
  readonly stream: DuplexLike
  /** The answer. */
  readonly response: Answer
  /** What was wrong with it, most serious first. Empty if the status says it all, as 408, 500 and 503 do: `errors.at(0)?.code`. */
  readonly errors: ProtocolErrors | readonly []
}

/** Options of an {@link Endpoint}. All times are in milliseconds. */
export interface EndpointOptions<Data = undefined, Text extends TextForm = 'string', Pieces extends boolean = false>
  extends PeerHandlers<Data, Text, Pieces> {
  /**
   * A request for a WebSocket waits. It may be answered later; what this throws, or rejects with, is answered by 500 and goes to
   * `error`. Default: `pending.accept()`.
   */
  request?(pending: Pending<Data, Text, Pieces>): unknown
  /**
   * A request for anything but a WebSocket, over HTTP/1.1. The connection closes behind the answer. Default: the refusal of
   * `acceptHandshake`, such as 426.
   */
  plain?(request: RequestHead): ResponseLike
  /**
   * A request was refused, and neither `request` nor `plain` did it: by the handshake's options, for its time, or because there was no
   * room. Says what clients are told, which browsers do not show. What it throws goes to `error`.
   */
  refused?(refused: RefusedRequest): unknown
  /**
   * What another function here threw, or what it rejected with. Then the peer, if there is one, is closed with 1011, unless this has
   * closed it: by a code of your own, say. Default: it is thrown as an uncaught exception.
   */
  error?(error: unknown, peer: Peer<Data, Text, Pieces> | undefined): void
  /** Makes `data` of each peer; of a client's there is no request. */
  data?(request: RequestHead | undefined): Data
  /** Which clients are accepted: `subprotocols`, `origins`, `hosts` and others; a literal, or what `handshakeOptions` returned. */
  readonly handshake?: EndpointHandshake | HandshakeOptions | undefined
  /**
   * Extensions that a server accepts. A client's are those of its offer: `offerHandshake(url, { extensions })`; if they are of this
   * list, its peers share memory.
   */
  readonly extensions?: readonly DefinedExtension[] | undefined
  /** Limits on what peers may send. */
  readonly limits?: Limits | undefined
  /** Text as `'string'`, the default, or as validated `'bytes'`. */
  readonly text?: Text | undefined
  /** Messages in pieces, as they come: `event` gets them. Default: false. */
  readonly pieces?: Pieces | undefined
  /** Answer pings. Default: true. */
  readonly autoPong?: boolean | undefined
  /** Answer a Close. Default: true; with false, call `close` yourself, within `closeTimeout`. */
  readonly autoClose?: boolean | undefined
  /** The most bytes of payload in a frame. Default: messages are not split. */
  readonly fragmentSize?: number | undefined
  /** Tell peers what they did wrong, in the Close. Default: false. */
  readonly explainErrors?: boolean | undefined
  /**
   * After `interval` without a byte a ping, then `timeout` for the answer. Default: 30 000 both, longer than a socket's buffer takes to
   * drain at the slowest rate you serve. `false`: none.
   */
  readonly keepalive?: Keepalive | false | undefined
  /** For the head of a request, for `request` to answer it, and for a server's response. Default: 10 000. */
  readonly headTimeout?: number | undefined
  /**
   * For the end of a WebSocket, from its begin: for what is still to be written and read, the peer's Close among it. What a slow peer has
   * not read then is lost. The stream is destroyed twice as long after the begin at most. Also for a refusal. Default: 10 000.
   */
  readonly closeTimeout?: number | undefined
  /** Bytes that wait to be written, from which on a peer is `full`. Default: 65 536. */
  readonly highWaterMark?: number | undefined
  /** The most peers that requests may open: more get 503 with `Retry-After`. Default: Infinity. */
  readonly maxPeers?: number | undefined
  /**
   * The most requests that wait for their head or for an answer: more get 503 likewise. As many refused ones are read on behind their
   * answer; more are let go of at once. Default: 4096.
   */
  readonly maxHandshakes?: number | undefined
  /**
   * The bytes that you send are given away, as for `socket.write` of Node's: they stay as they are until `written` is called. A server then
   * writes large ones (from 4 KiB on, uncompressed) to a socket of Node's without a copy. It holds for `peer.connection` too. Default:
   * false, they are copied.
   */
  readonly ownsMessages?: boolean | undefined
  /** What the runtime does natively. Default: `native`; `{}`: everything in JavaScript. */
  readonly native?: Native | undefined
  /** A clock and timers, for tests. Default: those of the platform. */
  readonly timers?: Timers | undefined
}

const kinds: Kinds = {
  open: 'function',
  message: 'function',
  event: 'function',
  drain: 'function',
  close: 'function',
  gone: 'function',
  request: 'function',
  plain: 'function',
  refused: 'function',
  error: 'function',
  data: 'function',
  extensions: 'array',
  limits: limitKinds,
  text: ['string', 'bytes'],
  pieces: 'boolean',
  autoPong: 'boolean',
  autoClose: 'boolean',
  fragmentSize: 'number',
  explainErrors: 'boolean',
  keepalive: 'any',
  headTimeout: 'number',
  closeTimeout: 'number',
  highWaterMark: 'number',
  maxPeers: 'number',
  maxHandshakes: 'number',
  ownsMessages: 'boolean',
  native: nativeKinds,
  timers: 'object',
  // Last: of two options of one name that of the endpoint is meant.
  handshake: handshakeKinds,
} satisfies Record<keyof EndpointOptions, Kind>

/** Throws for wrong options of an endpoint. */
export function requireEndpointOptions(options: object): void {
  requireRecord(options, 'the options of an Endpoint')
  if ('server' in options || 'port' in options)
    throw new TypeError('an Endpoint does not listen: give it requests by acceptUpgrade')
  const { handshake, keepalive, pieces, message } = options as EndpointOptions<unknown, TextForm, boolean>
  const isShared = handshake instanceof HandshakeOptions
  requireOptions(options, isShared ? { ...kinds, handshake: 'any' } : kinds, 'the options of an Endpoint')
  requireKeepalive(keepalive)
  if (pieces === true && message !== undefined)
    throw new TypeError('`message` gets whole messages, and there are none with `pieces`: use `event`')
}

/** Throws unless it may be an option `keepalive`: `connectionOptions` checks the object. */
export function requireKeepalive(keepalive: unknown): void {
  if (keepalive !== undefined && keepalive !== false && typeof keepalive !== 'object')
    throw wrongArgument('`keepalive`', '`{ interval, timeout }` or false', describeValue(keepalive))
}

/** The options that are numbers, with their defaults. */
export interface EndpointNumbers {
  readonly headTimeout: number
  readonly closeTimeout: number
  readonly highWaterMark: number
  readonly maxPeers: number
  readonly maxHandshakes: number
}

/** Resolves the options that are numbers. */
export function resolveNumbers(
  options: Partial<{ [Name in keyof EndpointNumbers]: number | undefined }>,
): EndpointNumbers {
  const { headTimeout = 10_000, closeTimeout = 10_000 } = options
  requireSpan(headTimeout, 'headTimeout', Number.MAX_VALUE)
  requireSpan(closeTimeout, 'closeTimeout', Number.MAX_VALUE)
  return {
    headTimeout,
    closeTimeout,
    highWaterMark: requireWhole(options.highWaterMark ?? 65_536, '`highWaterMark`', 1),
    maxPeers: requireWhole(options.maxPeers ?? Infinity, '`maxPeers`', 1, Infinity),
    maxHandshakes: requireWhole(options.maxHandshakes ?? 4096, '`maxHandshakes`', 1, Infinity),
  }
}

/**
 * The options of the connections of one role. Those that an endpoint does not have are for other callers.
 *
 * @param sharesOutput Whether output is only read: see `OutputOptions`.
 */
export function resolveConnection<Data, Text extends TextForm, Pieces extends boolean>(
  options: EndpointOptions<Data, Text, Pieces> & Pick<ConnectionOptions, 'maskKeys' | 'loneSurrogates'>,
  role: Role,
  ownsChunks: boolean,
  sharesOutput: boolean,
): SharedConnectionOptions<Text, Pieces> {
  const { extensions, limits, text, pieces, autoPong, autoClose, fragmentSize, explainErrors, closeTimeout } = options
  const { keepalive = { interval: 30_000, timeout: 30_000 }, native = runtimeNative } = options
  const { maskKeys, loneSurrogates, ownsMessages = false } = options
  const resolved: Omit<ConnectionOptions<Text, Pieces>, 'agreement'> = {
    role,
    ownsChunks,
    extensions,
    limits,
    text,
    pieces,
    autoPong,
    autoClose,
    fragmentSize,
    explainErrors,
    closeTimeout,
    keepalive: keepalive === false ? undefined : keepalive,
    maxOutput: MAX_WRITE,
    native,
    maskKeys,
    loneSurrogates,
  }
  const shared = connectionOptions(resolved)
  shared.sharesOutput = sharesOutput
  shared.ownsMessages = ownsMessages
  return shared
}

/** The options of the handshake: those of `handshake`, with the extensions and limits of the endpoint. */
export function resolveHandshake({
  handshake = {},
  extensions,
  limits,
  native = runtimeNative,
}: Pick<EndpointOptions, 'handshake' | 'extensions' | 'limits' | 'native'>): HandshakeOptions {
  const given: AcceptOptions = handshake instanceof HandshakeOptions ? handshake.options : handshake
  for (const name of ['extensions', 'limits'] as const)
    if (given[name] !== undefined)
      throw new TypeError(`\`handshake.${name}\` must not be set: it is an option of the endpoint`)
  return handshakeOptions({ native, ...given, extensions, limits })
}

/** The clock and timers of an endpoint: an object of any class. */
export function resolveTimers(timers: Timers = systemTimers): Timers {
  for (const name of ['now', 'set', 'clear', 'soon'] as const)
    requireType(timers[name], 'function', `\`timers.${name}\``)
  return timers
}

/** Throws unless it is a span that a Close may be delayed by. */
export function requireSpread(spread: number): void {
  if (!(Number.isFinite(spread) && spread >= 0)) throw numberError(spread, '`spread`', 'a finite number from 0 on')
}
