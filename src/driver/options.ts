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

/** Which clients an endpoint accepts, and how. The other options of {@link AcceptOptions} are options of the endpoint, or fixed. */
export type EndpointHandshake = Omit<AcceptOptions, 'extensions' | 'versions' | 'keepAlive' | 'offWire' | 'limits'>

/** Options for one request. They replace the same options of the endpoint's `handshake`. */
export interface AcceptRequestOptions<Data> extends Pick<AcceptOptions, 'subprotocols' | 'headers' | 'origins'> {
  /** The peer's `data`. Default: what the endpoint's `data` function returns. */
  readonly data?: Data
}

/**
 * A request for a WebSocket that waits for an answer. After `headTimeout` the endpoint answers 503. Until the answer at most a few
 * kilobytes are read after the request.
 */
export interface Pending<Data = undefined, Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** The request's head. */
  readonly request: RequestHead
  /** The stream of the request, for addresses and certificates: the same object that was passed in. Do not read from it. */
  readonly stream: DuplexLike
  /** Aborted when an answer is no longer of use: the client has gone, or the request has timed out. */
  readonly signal: Signal
  /**
   * Accepts the request if it fits the handshake's options; otherwise refuses it.
   *
   * @param options Each option replaces the one that was passed to `acceptUpgrade`, `acceptSocket` or `acceptHttp2Stream`.
   * @returns `undefined` if the request was refused or the client has gone.
   * @throws TypeError for wrong options, and if the request was already answered.
   */
  accept(options?: AcceptRequestOptions<Data>): Peer<Data, Text, Pieces> | undefined
  /**
   * Refuses the request.
   *
   * @throws TypeError for an answer that cannot be sent, and if the request was already answered.
   */
  refuse(answer: Answer<string | Uint8Array>): void
}

/** A request that the endpoint itself has refused. */
export interface RefusedRequest {
  /** The request's head; `undefined` if it could not be read, or was not read because the endpoint is full or closing. */
  readonly request: RequestHead | undefined
  /** The stream of the request, for addresses: the same object that was passed in. Do not read from it or write to it. */
  readonly stream: DuplexLike
  /** The answer. */
  readonly response: Answer
  /** What was wrong with the request, most serious first. Empty if the status says enough (408, 500 and 503): use `errors.at(0)?.code`. */
  readonly errors: ProtocolErrors | readonly []
}

/** Options of an {@link Endpoint}. All times are in milliseconds. */
export interface EndpointOptions<Data = undefined, Text extends TextForm = 'string', Pieces extends boolean = false>
  extends PeerHandlers<Data, Text, Pieces> {
  /**
   * Called when a request for a WebSocket waits for an answer, which you may give later. If this function throws, or its promise rejects,
   * the endpoint answers 500 and passes the error to `error`. Default: `pending.accept()`.
   */
  request?(pending: Pending<Data, Text, Pieces>): unknown
  /**
   * Called for a request over HTTP/1.1 for anything but a WebSocket. Returns the answer, after which the connection closes. Default: the
   * refusal of `acceptHandshake`, such as 426.
   */
  plain?(request: RequestHead): ResponseLike
  /**
   * Called when the endpoint itself has refused a request, not `request` or `plain`: because of the handshake's options, a timeout, or too
   * many requests or peers. Shows you the answers that clients get, which browsers do not display. If this function throws, `error` gets
   * the error.
   */
  refused?(refused: RefusedRequest): unknown
  /**
   * Called with what another function here threw, or what its promise rejected with. If there is a peer, it is then closed with 1011
   * (internal error), unless this function has closed it, for example with another code. Default: the error is thrown as an uncaught
   * exception.
   */
  error?(error: unknown, peer: Peer<Data, Text, Pieces> | undefined): void
  /** Creates `data` of each peer. A client's peer has no request. */
  data?(request: RequestHead | undefined): Data
  /** Which clients are accepted: `subprotocols`, `origins`, `hosts` and others; a literal, or the result of `handshakeOptions`. */
  readonly handshake?: EndpointHandshake | HandshakeOptions | undefined
  /**
   * The extensions that a server accepts. A client's extensions are those of its offer: `offerHandshake(url, { extensions })`; if they are
   * in this list, its peers share memory.
   */
  readonly extensions?: readonly DefinedExtension[] | undefined
  /** Limits on what peers may send. */
  readonly limits?: Limits | undefined
  /** Text as `'string'` (the default), or as validated `'bytes'`. */
  readonly text?: Text | undefined
  /** Deliver messages in pieces, as they arrive: `event` gets them. Default: false. */
  readonly pieces?: Pieces | undefined
  /** Answer pings. Default: true. */
  readonly autoPong?: boolean | undefined
  /** Answer a Close. Default: true. If false, call `close` yourself, within `closeTimeout`. */
  readonly autoClose?: boolean | undefined
  /** The maximum payload of a frame that is sent, in bytes. Default: messages are not split. */
  readonly fragmentSize?: number | undefined
  /** Explain to peers what they did wrong, in the Close. Default: false. */
  readonly explainErrors?: boolean | undefined
  /**
   * Sends a ping after `interval` without a byte, then waits `timeout` for the answer. Default: 30 000 ms each. `timeout` must be longer
   * than a socket's full send buffer takes to drain at the slowest rate you serve. `false`: no keepalive.
   */
  readonly keepalive?: Keepalive | false | undefined
  /** The time for a request's head, for `request` to answer it, and for a server's response. Default: 10 000 ms. */
  readonly headTimeout?: number | undefined
  /**
   * The time for the end of a WebSocket, from its beginning: for the remaining writes and reads, including the peer's Close. What a slow
   * peer has not read by then is lost. The stream is destroyed at most twice this time after the beginning. Also applies to a refusal.
   * Default: 10 000 ms.
   */
  readonly closeTimeout?: number | undefined
  /** A peer is `full` when at least this many bytes wait to be written. Default: 65 536. */
  readonly highWaterMark?: number | undefined
  /** The maximum number of peers that requests may open. Further requests get 503 with `Retry-After`. Default: Infinity. */
  readonly maxPeers?: number | undefined
  /**
   * The maximum number of requests that wait for their head or for an answer. Further requests get 503. The endpoint reads as many refused
   * requests to their end after the answer, and releases further ones at once. Default: 4096.
   */
  readonly maxHandshakes?: number | undefined
  /**
   * Give away the bytes that you send, as for Node's `socket.write`: do not change them until `written` is called. A server then writes
   * large ones (at least 4 KiB, uncompressed) to a Node socket without a copy. This also applies to `peer.connection`. Default: false,
   * bytes are copied.
   */
  readonly ownsMessages?: boolean | undefined
  /** What the runtime does natively. Default: `native`. With `{}` everything runs in JavaScript. */
  readonly native?: Native | undefined
  /** A clock and timers, for tests. Default: the platform's. */
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
  // Last, because if two options have the same name, the endpoint's own is meant.
  handshake: handshakeKinds,
} satisfies Record<keyof EndpointOptions, Kind>

/** Throws for wrong options of an endpoint. */
export function requireEndpointOptions(options: object): void {
  requireRecord(options, 'the options of an Endpoint')
  if ('server' in options || 'port' in options)
    throw new TypeError('an Endpoint does not listen: pass requests to acceptUpgrade')
  const { handshake, keepalive, pieces, message } = options as EndpointOptions<unknown, TextForm, boolean>
  const isShared = handshake instanceof HandshakeOptions
  requireOptions(options, isShared ? { ...kinds, handshake: 'any' } : kinds, 'the options of an Endpoint')
  requireKeepalive(keepalive)
  if (pieces === true && message !== undefined)
    throw new TypeError('`message` gets whole messages, but `pieces` delivers pieces: use `event`')
}

/** Throws unless the value can be the option `keepalive`. `connectionOptions` checks the object's members. */
export function requireKeepalive(keepalive: unknown): void {
  if (keepalive !== undefined && keepalive !== false && typeof keepalive !== 'object')
    throw wrongArgument('`keepalive`', '`{ interval, timeout }` or false', describeValue(keepalive))
}

/** The options that are numbers, with defaults applied. */
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
 * Resolves the options of the connections of one role. The options that an endpoint does not have are for other callers.
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

/** Resolves the options of the handshake: those of `handshake`, with the endpoint's extensions and limits. */
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

/** Resolves the clock and timers of an endpoint: an object of any class. */
export function resolveTimers(timers: Timers = systemTimers): Timers {
  for (const name of ['now', 'set', 'clear', 'soon'] as const)
    requireType(timers[name], 'function', `\`timers.${name}\``)
  return timers
}

/** Throws unless the value is a time over which Closes can be spread. */
export function requireSpread(spread: number): void {
  if (!(Number.isFinite(spread) && spread >= 0)) throw numberError(spread, '`spread`', 'a finite number, 0 or more')
}
