/**
 * The options of a connection and of its messages, and their checks. `connectionOptions` checks options for many connections once; its
 * result contains the memory that these connections share.
 *
 * @module
 */

import { type Kinds, requireOneOf, requireOptions, requireRecord } from '../arguments.ts'
import type { DefinedExtension } from '../extensions/extension.ts'
import type { Pipeline } from '../extensions/pipeline.ts'
import { requireExtensions } from '../extensions/support.ts'
import type { LoneSurrogates } from '../frame/encode.ts'
import type { Agreement } from '../handshake/agreement.ts'
import { type Limits, limitKinds, type ResolvedLimits, resolveLimits } from '../limits.ts'
import { type Native, nativeKinds } from '../native.ts'
import type { Role } from '../types.ts'
import type { TextForm } from './events.ts'
import { Incoming } from './incoming.ts'
import { Outgoing } from './outgoing.ts'
import { type SlabHolder, slabHolderOf } from './slab.ts'
import { type Keepalive, requireSpan } from './time.ts'

/**
 * Options of a connection. The type parameters are those of {@link Connection}; the defaults accept any `text` and `pieces`.
 *
 * @example
 * const options: ConnectionOptions = { role: 'server', text: 'bytes' }
 *
 * @category Connections
 */
export interface ConnectionOptions<Text extends TextForm = TextForm, Pieces extends boolean = boolean> {
  /** The side that this object plays. */
  readonly role: Role
  /** The result of the handshake. */
  readonly agreement?: Agreement | undefined
  /** The extensions passed to the handshake, from `defineExtension`. They require an `agreement`; extensions not agreed on are ignored. */
  readonly extensions?: readonly DefinedExtension[] | undefined
  /** Limits on the peer's frames and messages. The limits on their size are finite by default. */
  readonly limits?: Limits | undefined
  /** Whether chunks are given away: they are then unmasked in place, and binary data is a view of them. Default: false. */
  readonly ownsChunks?: boolean | undefined
  /** The form of received text: `'string'`, or validated `'bytes'` for relays. Default: `'string'`. */
  readonly text?: Text | undefined
  /**
   * Whether to return data as it arrives, at most 64 KiB at a time, without buffering messages; events show where a message begins and
   * ends. Default: false.
   */
  readonly pieces?: Pieces | undefined
  /** Whether to answer pings at once. With false, call `pong(event.data)` yourself. Default: true. */
  readonly autoPong?: boolean | undefined
  /** Whether to answer the peer's Close. With false, call `close(…)` yourself. Default: true. */
  readonly autoClose?: boolean | undefined
  /**
   * Whether the Close frame after a protocol error has the message of the close event's `error` as its reason, in at most 123 bytes of
   * ASCII. Default: false, because the message reveals limits to attackers; use true to debug a peer.
   */
  readonly explainErrors?: boolean | undefined
  /** Sends a ping after silence, and closes the connection after more silence. Default: off. */
  readonly keepalive?: Keepalive | undefined
  /**
   * How long closing may take, in milliseconds: from the first Close, an error of the peer or the end of the transport until the transport is
   * to be destroyed. Once our side of the transport has ended, the peer has the same time again to end its side. Default: 10 000.
   */
  readonly closeTimeout?: number | undefined
  /** The most bytes that one `takeOutput` returns; they may end inside a frame. Default: no limit. */
  readonly maxOutput?: number | undefined
  /** The most payload bytes in a frame; longer outgoing messages are split. Default: no limit. */
  readonly fragmentSize?: number | undefined
  /** Returns four bytes for each frame of a client, for tests. Default: secure random bytes (RFC 6455 §5.3). */
  readonly maskKeys?: (() => Uint8Array) | undefined
  /**
   * Native functions that replace slower JavaScript. On Node and Bun use `native` of `websocket-primitives/node`: its `allocate` takes
   * small arrays for output from a pool, and sockets write such a `Buffer` directly but wrap any other array. Default: none.
   */
  readonly native?: Native | undefined
  /**
   * What to do with a lone surrogate in a string to be sent: text, ping or pong data, or a close reason. `'replace'` sends U+FFFD instead;
   * `'error'` throws a TypeError and sends nothing. Default: `'replace'`.
   */
  readonly loneSurrogates?: LoneSurrogates | undefined
}

/**
 * Options for sending one message.
 *
 * @category Connections
 */
export interface SendOptions {
  /**
   * `true` compresses the message, however short, unless that makes it longer. `false` does not compress it, for data that must not be
   * compressed together with other data (RFC 7692 §8). Default: the configuration of the extension. No effect without an extension that
   * compresses.
   */
  readonly compress?: boolean | undefined
}

/**
 * A message, or a piece of one, for `send`: an event as received, or your own object. `first` and `last` default to true.
 *
 * @category Connections
 */
export interface Message {
  /** The type of the message on the wire. */
  readonly type: 'text' | 'binary'
  /** A string for text, or bytes. Bytes of text must be valid UTF-8, which is not checked. */
  readonly data: string | Uint8Array
  /** Whether the message begins with this piece. */
  readonly first?: boolean | undefined
  /** Whether the message ends with this piece. */
  readonly last?: boolean | undefined
}

const CLOSE_TIMEOUT = 10_000

/** The number of sending parts kept for later connections: this many connections may send in one turn of the event loop. */
const MAX_SPARE = 128

const roles: readonly Role[] = ['client', 'server']

/** The members of `ConnectionOptions`. */
const kinds: Kinds = {
  role: roles,
  agreement: 'any',
  extensions: 'array',
  limits: limitKinds,
  ownsChunks: 'boolean',
  text: ['string', 'bytes'],
  pieces: 'boolean',
  autoPong: 'boolean',
  autoClose: 'boolean',
  explainErrors: 'boolean',
  keepalive: { interval: 'number', timeout: 'number' },
  closeTimeout: 'number',
  maxOutput: 'number',
  fragmentSize: 'number',
  maskKeys: 'function',
  native: nativeKinds,
  loneSurrogates: ['replace', 'error'],
}

/**
 * The options of many connections, checked once: the result of {@link connectionOptions}, for `new Connection`. While a connection is
 * idle, other connections use the memory that it reads and writes with.
 *
 * @example
 * const options: SharedConnectionOptions = connectionOptions({ role: 'server' })
 * options.role // 'server'
 *
 * @category Connections
 */
export class SharedConnectionOptions<Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** The side that the connections play. */
  declare readonly role: Role
  /** The form in which they return text. */
  declare readonly text: Text
  /** Whether they return data in pieces. */
  declare readonly pieces: Pieces
  /** @internal */
  declare readonly limits: ResolvedLimits
  /** @internal */
  declare readonly extensions: readonly DefinedExtension[]
  /** @internal */
  declare readonly keepalive: Keepalive | undefined
  /** @internal */
  declare readonly closeTimeout: number
  /** @internal */
  declare readonly maxOutput: number
  /** @internal */
  declare readonly autoPong: boolean
  /** @internal */
  declare readonly autoClose: boolean
  /** @internal */
  declare readonly explainErrors: boolean
  /** @internal */
  declare readonly ownsChunks: boolean
  /** @internal */
  declare readonly refusesLone: boolean
  /** @internal */
  declare readonly fragmentSize: number
  /** @internal */
  declare readonly maskKeys: (() => Uint8Array) | undefined
  /** @internal */
  declare readonly native: Native | undefined
  /** @internal */
  declare readonly slabs: SlabHolder
  /**
   * See `OutputOptions`. Adapters set both.
   *
   * @internal
   */
  sharesOutput = false
  /** @internal */
  ownsMessages = false
  /**
   * Whether the connections need times.
   *
   * @internal
   */
  declare readonly timed: boolean
  // Most connections are idle and need neither. These are empty: connections return them between messages, with all output taken.
  #spareIncoming: Incoming | undefined = undefined
  readonly #spareOutgoing: Outgoing[] = []

  /** @internal */
  constructor(options: Omit<ConnectionOptions<Text, Pieces>, 'agreement'>) {
    requireOptions(options, kinds, 'the options of a Connection')
    const { role, limits, extensions, keepalive } = options
    const { closeTimeout = CLOSE_TIMEOUT, fragmentSize = Infinity, maxOutput = Infinity } = options
    if (role === undefined) requireOneOf(role, roles, '`role`')
    if (!(fragmentSize >= 1)) throw new RangeError(`\`fragmentSize\` must be at least 1, not ${fragmentSize}`)
    if (!(maxOutput >= 1)) throw new RangeError(`\`maxOutput\` must be at least 1, not ${maxOutput}`)
    requireSpan(closeTimeout, 'closeTimeout', Number.MAX_VALUE)
    if (keepalive !== undefined) {
      requireSpan(keepalive.interval, 'keepalive.interval')
      requireSpan(keepalive.timeout, 'keepalive.timeout')
    }
    this.role = role
    this.text = options.text ?? ('string' as Text)
    this.pieces = options.pieces ?? (false as Pieces)
    this.limits = resolveLimits(limits)
    this.extensions = extensions ? [...extensions] : []
    requireExtensions(this.extensions)
    this.keepalive = keepalive && { ...keepalive }
    this.closeTimeout = closeTimeout
    this.autoPong = options.autoPong ?? true
    this.autoClose = options.autoClose ?? true
    this.explainErrors = options.explainErrors ?? false
    this.ownsChunks = options.ownsChunks ?? false
    this.refusesLone = options.loneSurrogates === 'error'
    this.maxOutput = Math.floor(maxOutput)
    this.fragmentSize = Math.floor(fragmentSize)
    this.maskKeys = options.maskKeys
    this.native = options.native
    this.slabs = slabHolderOf(options.native)
    this.timed = keepalive !== undefined || this.limits.maxControlFrames !== Infinity
  }

  /**
   * Distinguishes these options from a literal, for error messages. On the prototype, so that it is not read as an option.
   *
   * @internal
   */
  get isShared(): true {
    return true
  }

  /**
   * Returns a reading part for a connection, in its initial state.
   *
   * @internal
   */
  takeIncoming(pipeline: Pipeline | undefined): Incoming {
    const spare = this.#spareIncoming
    if (spare === undefined || pipeline !== undefined) return new Incoming(this, pipeline)
    this.#spareIncoming = undefined
    return spare
  }

  /**
   * Returns a sending part for a connection, in its initial state.
   *
   * @internal
   */
  takeOutgoing(pipeline: Pipeline | undefined): Outgoing {
    if (pipeline !== undefined) return new Outgoing(this, pipeline)
    return this.#spareOutgoing.pop() ?? new Outgoing(this, pipeline)
  }

  /**
   * Takes back a reading part if it is empty; returns whether it is.
   *
   * @internal
   */
  takeBackIncoming(incoming: Incoming): boolean {
    if (!incoming.atRest) return false
    this.#spareIncoming = incoming
    return true
  }

  /**
   * Takes back a sending part, all of whose output has been taken, if it has no state; returns whether it has none.
   *
   * @internal
   */
  takeBackOutgoing(outgoing: Outgoing): boolean {
    if (!outgoing.atRest) return false
    if (this.#spareOutgoing.length < MAX_SPARE) this.#spareOutgoing.push(outgoing)
    return true
  }
}

/**
 * Checks the options of many connections once. With the result, creating a connection is several times as fast as with a literal, and
 * idle connections share memory. Use it if your program has many connections with the same options.
 *
 * @param options All options except `agreement`, which is different for each connection.
 * @throws TypeError, RangeError for invalid options, as the constructor of {@link Connection} does.
 * @example
 * const options = connectionOptions({ role: 'server', limits: publicServerLimits })
 * const connection = new Connection(options, accepted)
 *
 * @category Connections
 */
export function connectionOptions<Text extends TextForm = 'string', Pieces extends boolean = false>(
  options: Omit<ConnectionOptions<Text, Pieces>, 'agreement'>,
): SharedConnectionOptions<Text, Pieces> {
  requireRecord(options, 'the options of a Connection')
  if ('agreement' in options)
    throw new TypeError('`agreement` must be passed to each connection: `new Connection(options, agreement)`')
  return new SharedConnectionOptions(options)
}

const sendKinds: Kinds = { compress: 'boolean' }

/** Reads the `compress` option of a message. Throws `TypeError` for invalid options. */
export function readCompress(options: SendOptions | undefined): boolean | undefined {
  if (options === undefined) return undefined
  requireOptions(options, sendKinds, 'the options of a message')
  return options.compress
}
