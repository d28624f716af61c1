/**
 * What a connection can be told, and what it cannot. Knows nothing of how it is done.
 *
 * @module
 */

import { checkOptionNames, describeValue, requireRecord } from '../arguments.ts'
import type { LoneSurrogates } from '../frame/surrogates.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { Extension } from '../handshake/extension.ts'
import { type Limits, limitNames } from '../limits.ts'
import type { Role } from '../types.ts'
import { type Keepalive, keepaliveNames } from './clock.ts'
import type { TextForm } from './events.ts'

/**
 * How a connection behaves. The type parameters are those of {@link Connection}; without them any `text` and `pieces` will do.
 *
 * @example
 * const options: ConnectionOptions = { role: 'server', text: 'bytes' }
 */
export interface ConnectionOptions<Text extends TextForm = TextForm, Pieces extends boolean = boolean> {
  /** The side that this object plays. */
  readonly role: Role
  /** What the handshake agreed on. */
  readonly agreement?: Agreement | undefined
  /**
   * The objects behind the extensions that were agreed on, those of the handshake; others among them are not used. They need an
   * `agreement`.
   */
  readonly extensions?: readonly Extension[] | undefined
  /** Bounds on what the peer may ask for. The defaults are finite. */
  readonly limits?: Limits | undefined
  /** The chunks are given away: they are unmasked in place, and binary data are views into them. Default: false. */
  readonly ownsChunks?: boolean | undefined
  /** Texts as `'string'`, which is the default, or as judged `'bytes'`, for those who only pass them on. */
  readonly text?: Text | undefined
  /** Data are handed out as they come, at most 64 KiB a piece, and no message is kept; events tell where it begins and ends. Default: false. */
  readonly pieces?: Pieces | undefined
  /** Pings are answered at once. Default: true; with false, `pong(event.data)` is yours to call. */
  readonly autoPong?: boolean | undefined
  /** The peer's Close is answered. Default: true; with false, `close(…)` is yours to call. */
  readonly autoClose?: boolean | undefined
  /**
   * The Close frame that answers a fault of the peer's says what was wrong, in at most 123 bytes of ASCII: the message of the close
   * event's `error`. Default: false, for it tells an attacker about limits; say true where you debug a peer.
   */
  readonly explainFaults?: boolean | undefined
  /** A ping after silence, and an end after more of it. Times are in the unit of the `now` that you tell. */
  readonly keepalive?: Keepalive | undefined
  /** How long the end may take once it has begun, in the same unit. Default: `failAfter` of keepalive; without that, any. */
  readonly closeAfter?: number | undefined
  /** Outgoing messages are cut into frames of at most this many bytes of payload. Default: not cut. */
  readonly fragmentSize?: number | undefined
  /** Gives four bytes for each frame of a client, for tests. Default: secure randomness (RFC 6455 §5.3). */
  readonly maskKeys?: (() => Uint8Array) | undefined
  /**
   * Makes the arrays that output is written into, `size` bytes each; what is in them does not matter. Default: fresh ones. On
   * Node say `Buffer.allocUnsafe`: it takes small ones from a pool, and sockets write a `Buffer` as it is, where they wrap any
   * other array.
   */
  readonly allocate?: ((size: number) => Uint8Array) | undefined
  /**
   * What becomes of a lone surrogate in a string that is sent, be it a text, what a ping or pong carries, or a close reason.
   * Default: `'replace'`, by U+FFFD; with `'error'` it is a TypeError, and nothing is sent.
   */
  readonly loneSurrogates?: LoneSurrogates | undefined
}

/** How one message is sent. */
export interface SendOptions {
  /**
   * `true`: compressed, however short, unless that makes it longer; `false`: as it is, for what must not be compressed together
   * with other data (RFC 7692 §8). Default: as the extension was told. Without one that compresses: nothing.
   */
  readonly compress?: boolean | undefined
}

/** What `send` takes: an event as it came, or one's own. `first` and `last` are true where nothing is said. */
export interface Message {
  /** How the peer will read it. */
  readonly type: 'text' | 'binary'
  /** A string of a text, or bytes: of a text they are taken as UTF-8 that somebody has judged. */
  readonly data: string | Uint8Array
  /** Whether the message begins with this piece. */
  readonly first?: boolean | undefined
  /** Whether the message ends with this piece. */
  readonly last?: boolean | undefined
}

/** What `sendEncoded` takes: an `encoded` event as it came, or one's own. */
export interface EncodedMessage {
  /** What it is once it is decoded. */
  readonly of: 'text' | 'binary'
  /** RSV bits, 0–7. */
  readonly rsv: number
  /** As it goes over the wire. Borrowed during the call. */
  readonly data: Uint8Array
  /** Encoded messages go whole. */
  readonly first?: true | undefined
  /** Encoded messages go whole. */
  readonly last?: true | undefined
}

/** The members of {@link ConnectionOptions}, for checks of options. */
const connectionOptionNames: readonly (keyof ConnectionOptions)[] = [
  // Those first that most connections are given: each name is looked for from the start.
  'role',
  'agreement',
  'extensions',
  'limits',
  'keepalive',
  'allocate',
  'ownsChunks',
  'closeAfter',
  'text',
  'pieces',
  'autoPong',
  'autoClose',
  'explainFaults',
  'fragmentSize',
  'maskKeys',
  'loneSurrogates',
]

const memberNames = { limits: limitNames, keepalive: keepaliveNames }

/** Throws what the constructor of a connection documents, but for what others check. */
export function checkOptions(options: ConnectionOptions): void {
  checkOptionNames(options, connectionOptionNames, 'the options of a Connection', memberNames)
  const { role, text, maskKeys, allocate, fragmentSize } = options
  if (role !== 'client' && role !== 'server') throw wrong('role', "'client' or 'server'", role)
  if (text !== undefined && text !== 'string' && text !== 'bytes') throw wrong('text', "'string' or 'bytes'", text)
  checkFlag('ownsChunks', options.ownsChunks)
  checkFlag('pieces', options.pieces)
  checkFlag('autoPong', options.autoPong)
  checkFlag('autoClose', options.autoClose)
  checkFlag('explainFaults', options.explainFaults)
  if (fragmentSize !== undefined && !(typeof fragmentSize === 'number' && fragmentSize >= 1))
    throw wrongFragmentSize(fragmentSize)
  if (maskKeys !== undefined && typeof maskKeys !== 'function') throw wrong('maskKeys', 'a function', maskKeys)
  if (allocate !== undefined && typeof allocate !== 'function') throw wrong('allocate', 'a function', allocate)
}

function checkFlag(name: keyof ConnectionOptions, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw wrong(name, 'true or false', value)
}

function wrongFragmentSize(value: unknown): TypeError | RangeError {
  if (typeof value !== 'number') return wrong('fragmentSize', 'a number', value)
  return new RangeError(`\`fragmentSize\` must be at least 1 byte, not ${value}`)
}

function wrong(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`\`${name}\` must be ${expected}, not ${describeValue(value)}`)
}

const sendOptionNames: readonly (keyof SendOptions)[] = ['compress']

/** What other packages say in the options of a message, and how it is said here. */
const saidElsewhere: Readonly<Record<string, string>> = {
  binary: '`sendBinary` sends bytes, `sendText` a text',
  fin: '`startMessage`, or `send` with `last: false`, sends a message in pieces',
  mask: 'a client masks every frame, and a server none',
}

/** What the sender wishes for a message. Throws `TypeError` for options that are none. */
export function readCompress(options: SendOptions | undefined): boolean | undefined {
  if (options === undefined) return undefined
  requireRecord(options, 'the options of a message')
  for (const key in options)
    if (Object.hasOwn(saidElsewhere, key))
      throw new TypeError(`the options of a message: unknown option "${key}"; ${saidElsewhere[key]}`)
  checkOptionNames(options, sendOptionNames, 'the options of a message')
  const { compress } = options
  if (compress !== undefined && typeof compress !== 'boolean') throw wrong('compress', 'true or false', compress)
  return compress
}
