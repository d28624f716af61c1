/**
 * The options of a connection and of its messages, and the checks on them.
 *
 * @module
 */

import { checkOptionNames, describeValue, requireRecord } from '../arguments.ts'
import type { DefinedExtension } from '../extensions/extension.ts'
import type { LoneSurrogates } from '../frame/encode.ts'
import type { Agreement } from '../handshake/agreement.ts'
import { type Limits, limitNames } from '../limits.ts'
import type { Role } from '../types.ts'
import { type Keepalive, keepaliveNames } from './clock.ts'
import type { TextForm } from './events.ts'

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
  /** The extension objects passed to the handshake; those not agreed on are ignored. They require an `agreement`. */
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
  readonly explainFaults?: boolean | undefined
  /** Ping after silence, and close after more of it. Times are in the unit of the `now` that you pass. */
  readonly keepalive?: Keepalive | undefined
  /** How long closing may take, in the same unit. Default: `failAfter` of keepalive; without that, unlimited. */
  readonly closeAfter?: number | undefined
  /** Outgoing messages are split into frames with at most this many bytes of payload. Default: not split. */
  readonly fragmentSize?: number | undefined
  /** Returns four bytes for each frame of a client, for tests. Default: secure randomness (RFC 6455 §5.3). */
  readonly maskKeys?: (() => Uint8Array) | undefined
  /**
   * Allocates output buffers of `size` bytes; their contents do not matter. Default: new arrays. On Node use `Buffer.allocUnsafe`:
   * it takes small buffers from a pool, and sockets write a `Buffer` directly but wrap any other array.
   */
  readonly allocate?: ((size: number) => Uint8Array) | undefined
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

/** What `sendEncoded` takes: an `encoded` event as received, or your own object. */
export interface EncodedMessage {
  /** The type of the decoded message. */
  readonly of: 'text' | 'binary'
  /** RSV bits, 0–7. */
  readonly rsv: number
  /** The payload on the wire. Borrowed during the call. */
  readonly data: Uint8Array
  /** Encoded messages must be whole. */
  readonly first?: true | undefined
  /** Encoded messages must be whole. */
  readonly last?: true | undefined
}

/** The members of {@link ConnectionOptions}, for option checks. */
const connectionOptionNames: readonly (keyof ConnectionOptions)[] = [
  // Most common first: each name is searched for from the start.
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

/** Throws as the constructor of a connection documents, except for what other modules check. */
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

/** Message options of other packages, and their equivalents here. */
const saidElsewhere: Readonly<Record<string, string>> = {
  binary: '`sendBinary` sends bytes, `sendText` a text',
  fin: '`startMessage`, or `send` with `last: false`, sends a message in pieces',
  mask: 'a client masks every frame, and a server none',
}

/** Reads the `compress` option of a message. Throws `TypeError` for invalid options. */
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
