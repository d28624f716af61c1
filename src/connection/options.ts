/**
 * The options of a connection and of its messages, and their checks. `connectionOptions` checks those of many connections once, and
 * holds what the connections share.
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
 */
export interface ConnectionOptions<Text extends TextForm = TextForm, Pieces extends boolean = boolean> {
  /** The side that this object plays. */
  readonly role: Role
  /** What the handshake agreed on. */
  readonly agreement?: Agreement | undefined
  /** The extensions passed to the handshake, as `defineExtension` returns them; those not agreed on are ignored. They require an `agreement`. */
  readonly extensions?: readonly DefinedExtension[] | undefined
  /** Limits on what the peer may send. The defaults are finite. */
  readonly limits?: Limits | undefined
  /** Chunks are given away: they are unmasked in place, and binary data is a view of them. Default: false. */
  readonly ownsChunks?: boolean | undefined
  /** Text as `'string'`, the default, or as validated `'bytes'`, for relays. */
  readonly text?: Text | undefined
  /**
   * Data is returned as it arrives, at most 64 KiB at a time, unbuffered; events say where a message begins and ends. Default:
   * false.
   */
  readonly pieces?: Pieces | undefined
  /** Answer pings at once. Default: true; with false, call `pong(event.data)` yourself. */
  readonly autoPong?: boolean | undefined
  /** Answer the peer's Close. Default: true; with false, call `close(…)` yourself. */
  readonly autoClose?: boolean | undefined
  /**
   * After a protocol error, the Close frame includes the message of the close event's `error`, in at most 123 bytes of ASCII.
   * Default: false, because it reveals limits to attackers; use true to debug a peer.
   */
  readonly explainErrors?: boolean | undefined
  /** Ping after silence, and give up after more of it. Default: off. */
  readonly keepalive?: Keepalive | undefined
  /**
   * Milliseconds from when the end begins until the transport is to be destroyed; once our side of it is ended, the peer has as long
   * again to end its own. Default: 10 000.
   */
  readonly closeTimeout?: number | undefined
  /** The most bytes that one `takeOutput` returns; they may end inside a frame. Default: all that wait. */
  readonly maxOutput?: number | undefined
  /** Outgoing messages are split into frames with at most this many bytes of payload. Default: not split. */
  readonly fragmentSize?: number | undefined
  /** Returns four bytes for each frame of a client, for tests. Default: secure randomness (RFC 6455 §5.3). */
  readonly maskKeys?: (() => Uint8Array) | undefined
  /**
   * Native functions that replace slower JavaScript: on Node and Bun use `native` of `websocket-primitives/node`. Its `allocate` takes
   * small arrays for output from a pool, and sockets write such a `Buffer` directly but wrap any other array. Default: none.
   */
  readonly native?: Native | undefined
  /**
   * What to do with a lone surrogate in a string to be sent: text, ping or pong data, or a close reason. Default: `'replace'`, with
   * U+FFFD; with `'error'` it is a TypeError, and nothing is sent.
   */
  readonly loneSurrogates?: LoneSurrogates | undefined
}

/** Options for sending one message. */
export interface SendOptions {
  /**
   * `true`: compress, however short, unless that makes it longer; `false`: do not, for data that must not be compressed together
   * with other data (RFC 7692 §8). Default: as the extension is configured. No effect without one that compresses.
   */
  readonly compress?: boolean | undefined
}

/** What `send` takes: an event as received, or your own object. `first` and `last` default to true. */
export interface Message {
  /** The type of the message on the wire. */
  readonly type: 'text' | 'binary'
  /** Text as a string, or bytes. Bytes of text must be valid UTF-8: they are not checked. */
  readonly data: string | Uint8Array
  /** Whether the message begins with this piece. */
  readonly first?: boolean | undefined
  /** Whether the message ends with this piece. */
  readonly last?: boolean | undefined
}

const CLOSE_TIMEOUT = 10_000

/** How many sending parts are kept for the next connections: so many may send in one turn of the event loop. */
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
 * The options of many connections, checked once: made by {@link connectionOptions}, passed to `new Connection`. An idle connection
 * lends the memory that it reads and writes with to the others.
 */
export class SharedConnectionOptions<Text extends TextForm = 'string', Pieces extends boolean = false> {
  /** The side that the connections play. */
  declare readonly role: Role
  /** How they return text. */
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
  // Most connections are idle, and an idle one needs neither. They are empty: returned between messages, with all output taken.
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
   * Tells these options from a literal, for error messages. On the prototype, so that it is not read as an option.
   *
   * @internal
   */
  get isShared(): true {
    return true
  }

  /**
   * Takes the reading part of a connection, in its initial state.
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
   * The same for the sending part.
   *
   * @internal
   */
  takeOutgoing(pipeline: Pipeline | undefined): Outgoing {
    if (pipeline !== undefined) return new Outgoing(this, pipeline)
    return this.#spareOutgoing.pop() ?? new Outgoing(this, pipeline)
  }

  /**
   * Takes back a reading part if it is empty; otherwise returns `false`.
   *
   * @internal
   */
  takeBackIncoming(incoming: Incoming): boolean {
    if (!incoming.atRest) return false
    this.#spareIncoming = incoming
    return true
  }

  /**
   * The same for the sending part, all of whose output has been taken.
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
 * Checks the options of many connections once. With the result, a connection is made several times as fast as from a literal, and
 * idle connections share memory: use it wherever a program has many connections of a kind.
 *
 * @param options All but the `agreement`, which each connection has for itself.
 * @throws TypeError, RangeError for invalid options, as the constructor of {@link Connection} does.
 * @example
 * const options = connectionOptions({ role: 'server', limits: publicServerLimits })
 * const connection = new Connection(options, accepted)
 */
export function connectionOptions<Text extends TextForm = 'string', Pieces extends boolean = false>(
  options: Omit<ConnectionOptions<Text, Pieces>, 'agreement'>,
): SharedConnectionOptions<Text, Pieces> {
  requireRecord(options, 'the options of a Connection')
  if ('agreement' in options)
    throw new TypeError('`agreement` is for each connection: `new Connection(options, agreement)`')
  return new SharedConnectionOptions(options)
}

const sendKinds: Kinds = { compress: 'boolean' }

/** Reads the `compress` option of a message. Throws `TypeError` for invalid options. */
export function readCompress(options: SendOptions | undefined): boolean | undefined {
  if (options === undefined) return undefined
  requireOptions(options, sendKinds, 'the options of a message')
  return options.compress
}
