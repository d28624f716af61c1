/**
 * What a connection can be told, and what it cannot. Knows nothing of how it is done.
 *
 * @module
 */

import type { LoneSurrogates } from '../frame/surrogates.ts'
import type { Agreement } from '../handshake/agreement.ts'
import type { Extension } from '../handshake/extension.ts'
import type { Limits } from '../limits.ts'
import type { Role } from '../types.ts'

/** How a connection behaves. */
export interface ConnectionOptions {
  /** The side that this object plays. */
  readonly role: Role
  /** What the handshake agreed on. */
  readonly agreement?: Agreement | undefined
  /** The objects behind the extensions that were agreed on, those of the handshake; others among them are not used. */
  readonly extensions?: readonly Extension[] | undefined
  readonly limits?: Limits | undefined
  /** The chunks are given away: they are unmasked in place, and binary data are views into them. Default: false. */
  readonly ownsChunks?: boolean | undefined
  /** Outgoing messages are cut into frames of at most this many bytes of payload. Default: not cut. */
  readonly fragmentSize?: number | undefined
  /** Gives four bytes for each frame of a client, for tests. Default: secure randomness (RFC 6455 §5.3). */
  readonly maskKeys?: (() => Uint8Array) | undefined
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

/** Throws what the constructor of a connection documents, but for what others check. */
export function checkOptions({ fragmentSize = Infinity }: ConnectionOptions): void {
  if (!(fragmentSize >= 1)) throw new RangeError(`fragmentSize is at least 1 byte, not ${fragmentSize}`)
}
